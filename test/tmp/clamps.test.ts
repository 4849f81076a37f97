import { expect, test } from "vitest";
import { verify } from "../../src/verdicts.js";
import { LayerError } from "../../src/language/problem.js";
import { compile } from "../support/layers.js";

function rng(seed: number) { let s = seed >>> 0; return () => { s = (Math.imul(s, 1664525) + 1013904223) >>> 0; return s / 2 ** 32; }; }
function make(seed: number): string {
  const r = rng(seed * 7919 + 13); for (let i = 0; i < 5; i++) r();
  const pick = <T,>(a: readonly T[]): T => a[Math.floor(r() * a.length)]!;
  const aff = (vars: readonly string[]): string => pick([vars[0]!, `${pick(vars)} - 1`, `${pick(vars)} + 1`, `2*${pick(vars)} - 1`, `${vars.join(" + ")} - 1`, `${pick(vars)} - N + 2`, `N - 1 - ${pick(vars)}`, `${pick(vars)}*s - 1`, `M - ${pick(vars)}`]);
  const sub = (vars: readonly string[], E: string): string => {
    const a = aff(vars);
    return pick([
      `min(max(${a}, 0), ${E} - 1)`, `max(min(${a}, ${E} - 1), 0)`, `min(${pick(["abs1", "q"]) === "q" ? `max(${a}, 0)` : `mod(${a}, 3)`}, ${E} - 1)`,
      `mod(${a}, ${E})`, `min(mod(${a}, 4), ${E} - 1)`, `mod(max(${a}, 1), ${E})`, `min(floor(max(${a}, 0)/2), ${E} - 1)`,
      `min(max(${a}, 0), max(min(${aff(vars)}, ${E} - 1), 0))`, `max(${E} - 1 - max(${a}, 0), 0)`, `min(max(max(${a}, ${aff(vars)}), 0), ${E} - 1)`,
      `min(min(${pick(vars)} + 2, ${E} - 1), max(${a}, 0))`,
    ]);
  };
  const two = r() < 0.4, red = r() < 0.5;
  const out = ["i", "j"].slice(0, two ? 2 : 1);
  const vars = red ? [...out, "r"] : out;
  const ext: Record<string,string> = { i: "N", j: "M" };
  const read = () => two ? `x[${sub(vars, "N")}, ${sub(vars, "M")}]` : `x[${sub(vars, "N")}]`;
  let body = pick([() => read(), () => `${read()}*${read()}`, () => `exp(${read()} - ${read()})`, () => `${read()} + 2*${read()}`, () => `where(i > 0, ${read()}, 1)*${read()}`])();
  if (red) body = `${pick(["sum", "max", "mean"])}[r < 3](${body})`;
  const y = out.join(",");
  return `param s = 2\ninput x[${two ? "N, M" : "N"}]\ndata m[M]\noutput y[${out.map((o) => ext[o]).join(", ")}]\n` + `y[${y}] = ${body}\n`.replace(/\n$/, two ? "\n" : " + 0*m[0]\n");
}
const from = Number(process.env.FROM ?? 0), n = Number(process.env.COUNT ?? 40);
test("stress", async () => {
  const bad: string[] = [];
  for (let i = from; i < from + n; i++) {
    const text = make(i);
    const t = Date.now();
    try {
      const c = compile(text);
      const r = await verify(c, { file: "sample.layer", text }, { trials: 4, seed: i, targets: (process.env.T ?? "ts").split(",") as never });
      const f = JSON.stringify(r);
      if (/"failed"|"error"/.test(f)) bad.push(text + f.slice(0, 1500));
    } catch (e) {
      bad.push(text + (e instanceof LayerError ? "REFUSED " + e.message : (e as Error).stack));
    }
    if (Date.now() - t > 8000) console.log("slow", Date.now() - t, text);
  }
  console.log(bad.length + " bad\n" + bad.join("\n----\n"));
  expect(true).toBe(true);
}, 600000);

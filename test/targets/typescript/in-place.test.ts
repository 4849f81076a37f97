/** Gradients that are added to what their arrays hold, and outputs that are the very array of an input. */
import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { inPlacePairs } from "../../../src/kernels/in-place.js";
import { compileText } from "../../../src/pipeline.js";
import { parseLayer } from "../../../src/index.js";
import { randomFrom } from "../../../src/verify/random.js";
import { planOf, samples, type Arrays, type MakePlan } from "./samples.js";

const linear = await planOf(samples.linear);
const sizes = { N: 3, C: 5, D: 4 };
type Options = { dtype: "f32" | "f64" };

/** Values that no two tensors share; 0 in integer tensors, and numbers that logarithms allow. */
function filled(arrays: Arrays): Arrays {
  Object.values(arrays).forEach((a, k) => {
    if (a instanceof Int32Array) a.fill(0);
    else a.forEach((_, i) => (a[i] = 0.1 + ((i * 7 + k * 3) % 11) / 12));
  });
  return arrays;
}

test.each<Options>([{ dtype: "f32" }, { dtype: "f64" }])("add, over %j", (options) => {
  const plan = linear(sizes, options);
  const t = filled(plan.allocate());
  const alone = plan.backward(t);
  const mine = filled(plan.allocate());
  const [before, kept] = [mine["dw"]!.slice(), { dx: mine["dx"], dw: mine["dw"], db: mine["db"] }];
  const results = plan.backward(t, mine, { add: ["dw"] });
  // the very arrays, one added to and the others overwritten
  for (const [name, array] of Object.entries(kept)) expect(results[name]).toBe(array);
  expect(mine["dw"]).toEqual(before.map((v, i) => v + alone["dw"]![i]!));
  expect(mine["dx"]).toEqual(alone["dx"]);
  // again: once more, and the part is computed afresh
  plan.backward(t, mine, { only: ["dw", "db"], add: ["dw"] });
  const once = before.map((v, i) => v + alone["dw"]![i]!);
  expect(mine["dw"]).toEqual(once.map((v, i) => v + alone["dw"]![i]!));
  // and overwritten as before
  plan.backward(t, mine);
  expect(mine["dw"]).toEqual(alone["dw"]);
});

test("a plan that adds makes its array once", () => {
  const plan = linear(sizes);
  const t = filled(plan.allocate());
  let made = 0;
  const counted = <F extends object>(array: F): F =>
    new Proxy(array, {
      construct: (target, args) => (made++, Reflect.construct(target as never, args)),
    });
  const own = [globalThis.Float32Array, globalThis.Float64Array] as const;
  const results = t;
  plan.backward(t, results, { add: ["dw"] });
  try {
    [globalThis.Float32Array, globalThis.Float64Array] = [counted(own[0]), counted(own[1])];
    plan.backward(t, results, { add: ["dw"] });
  } finally {
    [globalThis.Float32Array, globalThis.Float64Array] = own;
  }
  expect(made).toBe(0);
});

test.each<[object, object, string]>([
  [{ add: ["dw"] }, { dx: new Float32Array(15) }, "linear: add needs an array dw among the outputs"],
  [{ add: ["dq"] }, {}, 'linear: there is no gradient "dq"; did you mean dx?'],
  [{ add: "dw" }, {}, "linear: add must be a list of gradients"],
  [{ add: ["dw"], only: ["dx"] }, {}, 'linear: there is no gradient "dw"; did you mean dx?'],
  [{ add: [7] }, {}, 'linear: there is no gradient "number"; known: dx, dw, db'],
  [{ ad: ["dw"] }, {}, 'linear: there is no option "ad"; did you mean add?'],
])("%j is told before anything is written", (options, outputs, message) => {
  const plan = linear(sizes);
  const given = outputs as Arrays;
  expect(() => plan.backward(filled(plan.allocate()), given, options)).toThrow(new TypeError(message));
  for (const array of Object.values(given)) expect(array.every((v: number) => v === 0)).toBe(true);
});

const pairsOf = (text: string): string[] => {
  const [own] = compileText(text, "sample.layer").programs;
  return own ? inPlacePairs(own.program).map((pair) => pair.join()) : [];
};
test.each([
  ["pointwise", "y[n] = x[n]^2 + x[n]", true],
  ["through a local at the same point", "h[n] = sin(x[n])\ny[n] = h[n] + x[n]", true],
  ["a neighbour is read", "y[n] = x[n] + pad(x[n + 1], 0)", false],
  ["the other end", "y[n] = x[N - 1 - n]", false],
  ["a sum over all", "y[n] = x[n] / sum[m](x[m])", false],
  ["a maximum of all", "y[n] = exp(x[n] - max[m](x[m]))", false],
])("%s: %s is in place: %j", (_, body, listed) => {
  expect(pairsOf(`input x[N]\noutput y[N]\n${body}`).includes("x,y")).toBe(listed);
});
test("an input that a later statement reads is not overwritten by an earlier", () => {
  const found = pairsOf("input x[N]\noutput y[N]\noutput s\ny[n] = 2*x[n]\ns = sum[n](x[n]^2)");
  expect(found).not.toContain("x,y");
});
test("a step of Adam takes the place of what it steps from", () => {
  const found = pairsOf(`param lr = 1e-3
data w[N]
data g[N]
data m[N]
data v[N]
output w1[N]
output m1[N]
output v1[N]
m1[n] = 0.9*m[n] + 0.1*g[n]
v1[n] = 0.999*v[n] + 0.001*g[n]^2
w1[n] = w[n] - lr*m1[n]/(sqrt(v1[n]) + 1e-8)`);
  expect(found).toEqual(expect.arrayContaining(["w,w1", "m,m1", "v,v1"]));
});

/** Every pair of the standard layers, beside the same call with arrays of its own: the same bits. */
const folders = readdirSync("generated", { withFileTypes: true }).filter((entry) => entry.isDirectory());
const layers = folders.map(({ name }) => name).filter((name) => !name.startsWith("."));
test.each(layers)("%s in place", async (name) => {
  const module = (await import(`../../../generated/${name}/index.ts`)) as Record<string, MakePlan>;
  const make = module[name]!;
  const given: Record<string, number> = {};
  const plan = (() => {
    for (;;)
      try {
        return make(given);
      } catch (error) {
        const [, size] = /the size (\w+) is missing/.exec(String(error)) ?? [];
        if (size === undefined) return undefined;
        given[size] = 6;
      }
  })();
  if (!plan) return; // other sizes: it has no pairs
  const { inPlace } = plan as unknown as { inPlace: readonly (readonly [string, string])[] };
  for (const [input, output] of inPlace)
    for (const size of [1, 6, 37]) {
      const own = make(Object.fromEntries(Object.keys(given).map((key) => [key, size])));
      const t = filled(own.allocate());
      const pass = output.startsWith("d") && own.shapes[output.slice(1)] ? "backward" : "forward";
      const all = pass === "backward" ? { ...t, ...own.forward(t).saved } : t;
      const apart = own[pass](all);
      const array = all[input]!.slice();
      const together = own[pass]({ ...all, [input]: array }, { [output]: array });
      expect({ input, output, size, values: array }).toEqual({ input, output, size, values: apart[output] });
      expect(together[output]).toBe(array);
      for (const other of Object.keys(apart))
        if (other !== "saved") expect(together[other]).toEqual(apart[other]);
    }
});

test("what is not listed, shifted, or added to is an overlap", async () => {
  const text = "input x[N]\ninput u[N]\noutput y[N]\ny[n] = x[n]*sum[m](u[m])";
  const { scaled } = await parseLayer(text, "scaled.layer").compile();
  const plan = scaled({ N: 4 });
  const memory = new Float32Array(8);
  const [a, b] = [memory.subarray(0, 4), memory.subarray(2, 6)];
  const u = Float32Array.of(1, 1, 1, 1);
  expect(() => plan.forward({ x: a, u }, { y: b })).toThrow("the output y overlaps x in memory");
  expect(() => plan.forward({ x: a, u }, { y: u })).toThrow("the output y overlaps u in memory");
  expect(() => plan.forward({ x: a, u }, { y: memory.subarray(0, 4) })).toThrow("overlaps x");
  expect(plan.forward({ x: a.fill(1), u }, { y: a })["y"]).toEqual(Float32Array.of(4, 4, 4, 4));
  const relu = parseLayer("input x[N]\noutput y[N]\ny[n] = relu(x[n])", "relu.layer");
  const { relu: make } = await relu.compile();
  const [y, dy] = [Float32Array.of(1, 0), Float32Array.of(3, 4)];
  expect(() => make({ N: 2 }).backward({ y, dy }, { dx: dy }, { add: ["dx"] })).toThrow(
    "the output dx overlaps dy",
  );
  expect(make({ N: 2 }).backward({ y, dy }, { dx: dy })["dx"]).toEqual(Float32Array.of(3, 0));
});

/** Statements over [N, C] that read their own point, a neighbour, a row or a column, several in a row. */
function randomText(seed: number): string {
  const random = randomFrom(seed, "in place");
  const pick = <T>(items: readonly T[]): T => items[random.integer(items.length)]!;
  const names = ["a", "b"];
  const read = (): string => {
    const name = pick(names);
    return pick([
      `${name}[n, c]`,
      `${name}[n, c]`,
      `${name}[n, c]`,
      `pad(${name}[n, c + 1], 0)`,
      `pad(${name}[n - 1, c], 0)`,
      `sum[i](${name}[n, i])`,
      `max[i](${name}[i, c])`,
      `${name}[n, C - 1 - c]`,
    ]);
  };
  const lines = ["h", "y", "z"].map((name) => {
    const body = `${pick(["sin(", "relu(", "2*("])}${read()}) + ${read()}*${read()}`;
    names.push(name);
    return `${name}[n, c] = ${body}`;
  });
  return `input a[N, C]\ninput b[N, C]\nlocal h[N, C]\noutput y[N, C]\noutput z[N, C]\n${lines.join("\n")}`;
}
const runs = Number(process.env["RUNS"] ?? 4);
test.each([...Array(runs).keys()])("random statements in place, seed %i", async (seed) => {
  const text = randomText(seed);
  const [own] = compileText(text, "sample.layer").programs;
  const make = await planOf(own!.program);
  const pairs = inPlacePairs(own!.program);
  for (const [input, output] of pairs)
    for (const sizes of [
      { N: 1, C: 1 },
      { N: 3, C: 9 },
    ]) {
      const plan = make(sizes);
      const t = filled(plan.allocate());
      const pass = output.startsWith("d") ? "backward" : "forward";
      const all = { ...t, ...plan.forward(t).saved };
      const apart = plan[pass](all);
      const array = all[input]!.slice();
      const together = plan[pass]({ ...all, [input]: array }, { [output]: array });
      const told = { text, input, output, sizes };
      for (const name of Object.keys(apart).filter((n) => n !== "saved"))
        expect({ ...told, name, values: together[name] }).toEqual({ ...told, name, values: apart[name] });
    }
});

/** What holds after every pass, for every layer of the library and every case. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { faultsOf } from "../src/notation/well-formed.js";
import { compileText, dump, passes, type Made } from "../src/pipeline.js";
import { parseLayer } from "../src/language/parse.js";

const texts = ["specs", "test/cases/results", "test/cases/cost"].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".layer"))
    .map((name) => ({ file: `${folder}/${name}`, text: readFileSync(`${folder}/${name}`, "utf8") })),
);

function faultsIn(made: Made): readonly string[] {
  if ("kernels" in made) {
    const given = [...made.buffers, ...made.panels].map(({ name }) => name);
    return made.kernels.flatMap((k) =>
      [...k.reads, ...k.writes]
        .filter((name) => !given.includes(name))
        .map((name) => `${k.name} has no buffer ${name}`),
    );
  }
  if (!("backward" in made)) return faultsOf(made, made.statements);
  return faultsOf({ ...made.layer, tensors: made.tensors }, [...made.forward, ...made.backward]);
}

it.each(texts)("$file is well formed after every pass", ({ file, text }) => {
  const seen: string[] = [];
  const faults: string[] = [];
  const name = file.split("/").at(-1)!;
  try {
    compileText(text, name, {
      watch: (pass, made) => {
        seen.push(pass);
        faults.push(...faultsIn(made).map((fault) => `after ${pass}: ${fault}`));
        expect(dump(made)).not.toBe("");
      },
    });
  } catch (error) {
    // cases of texts that are refused
    if (!(error instanceof Error) || error.name !== "LayerError") throw error;
    return;
  }
  expect(seen).toEqual(passes.map((p) => p.name));
  expect(faults).toEqual([]);
});

it("is what the page on passes shows", () => {
  const page = readFileSync("docs/passes.md", "utf8");
  const shown = [...page.matchAll(/^```text (\w+)(?: after (\w+))?\n([^]*?)\n```$/gm)];
  const linear = readFileSync("specs/linear.layer", "utf8").replaceAll(/^(#|claim|check).*\n/gm, "");
  const gate = shown.find(([, name, pass]) => name === "gate" && pass === undefined)?.[3] ?? "";
  const made = Object.entries({ linear, gate }).flatMap(([name, text]) => {
    const found: string[] = [];
    compileText(text, `${name}.layer`, {
      watch: (pass, after) => void found.push(`${name} ${pass} ${dump(after).trim()}`),
    });
    return found;
  });
  const dumps = shown.filter(([, , pass]) => pass !== undefined);
  expect(dumps.length).toBeGreaterThan(5);
  for (const [, name, pass, text] of dumps) expect(made).toContain(`${name} ${pass} ${text}`);
});

it("finds what is not", () => {
  const { layer } = parseLayer("input x[N]\noutput y[N]\ny[n] = x[n]\n", "sample.layer");
  const [statement] = layer!.statements;
  const wrong = [
    { ...statement!, tensor: "z" },
    { ...statement!, body: { kind: "parameter", name: "k" } as const },
    statement!,
    statement!,
  ];
  expect(faultsOf(layer!, wrong)).toEqual([
    "z is not declared",
    "y uses k, which is no real value",
    "y is defined twice",
    "y is defined twice",
  ]);
});

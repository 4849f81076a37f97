import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseLayer } from "../../src/language/parse.js";
import { printExpression, printLayer, printStatement } from "../../src/language/print.js";
import { libraryOf, standardShelf } from "../../src/library.js";
import { renderProblems } from "../../src/language/problem.js";
import type { Expression } from "../../src/notation/expression.js";
import { keyOfExpression } from "../../src/notation/key.js";
import type { Layer } from "../../src/notation/layer.js";
import { inferRanges } from "../../src/ranges/infer.js";
import { expressions, surroundings } from "./formulas.js";

function parsed(text: string): Layer {
  const library = libraryOf({ file: "sample.layer", text }, standardShelf);
  const { layer, problems, source } = parseLayer(text, "sample.layer", library);
  if (!layer) throw new Error(`${renderProblems(source, problems)}\n\n${text}`);
  return layer;
}
/** Unknown extents are numbered through a file: renumbered by first appearance they compare. */
function key(e: Expression): string {
  const seen = new Map<string, string>();
  return keyOfExpression(e).replace(/\?[\p{L}\p{M}\d_']+(?:#\d+|\.\d+)/gu, (name) => {
    if (!seen.has(name)) seen.set(name, `?${seen.size}`);
    return seen.get(name) ?? "";
  });
}
const bodies = (layer: Layer): Record<string, string> =>
  Object.fromEntries(
    [...layer.statements, ...layer.claimHelpers, ...layer.claims].map((s) => [s.tensor, key(s.body)]),
  );

describe("a layer printed and parsed again is the same layer", () => {
  // what a call is written out as has its ranges already: such layers are compared with all ranges known, below
  const files = readdirSync("specs").filter(
    (f) => f.endsWith(".layer") && !/^use /mu.test(readFileSync(`specs/${f}`, "utf8")),
  );
  test.each(files)("%s", (file) => {
    const layer = parsed(readFileSync(`specs/${file}`, "utf8"));
    const again = parsed(printLayer(layer));
    expect(bodies(again)).toEqual(bodies(layer));
    expect(again.documentation).toBe(layer.documentation);
    expect(again.params.map(({ at: _, ...p }) => p)).toEqual(layer.params.map(({ at: _, ...p }) => p));
    expect(again.derived.map((d) => [d.name, d.value])).toEqual(layer.derived.map((d) => [d.name, d.value]));
    expect(again.requirements.map((r) => [r.condition, r.message])).toEqual(
      layer.requirements.map((r) => [r.condition, r.message]),
    );
    expect(again.checks.map((c) => c.values)).toEqual(layer.checks.map((c) => c.values));
    expect(printLayer(again)).toBe(printLayer(layer));
  });
});

describe("with its ranges known, a layer is printed, parsed and inferred to the same layer", () => {
  const files = readdirSync("specs").filter((f) => f.endsWith(".layer"));
  test.each(files)("%s", (file) => {
    const closed = inferRanges(parsed(readFileSync(`specs/${file}`, "utf8"))).layer;
    const again = inferRanges(parsed(printLayer(closed)));
    expect(again.problems).toEqual([]);
    expect(bodies(again.layer)).toEqual(bodies(closed));
    const shapes = (layer: Layer) => Object.fromEntries(layer.tensors.map((t) => [t.name, t.shape]));
    expect(shapes(again.layer)).toEqual(shapes(closed));
  });
});

describe("formulas print as a person writes them", () => {
  const head =
    "param eps = 1e-5\nparam stride = 1\nparam pad = 0\ninput x[N, C]\nweight w[C]\nindex t[N] < C\noutput z[N]\n";
  const cases: [string, string?][] = [
    ["sum[c](x[n, c] * w[c])"],
    ["sum[c](-x[n, c])"],
    ["x[n, 0] - w[0] - w[1]"],
    ["x[n, 0] - (w[0] - w[1])", "x[n, 0] - w[0] + w[1]"],
    ["x[n, 0] / (w[0] * w[1])"],
    ["x[n, 0] / w[0] / w[1]", "x[n, 0] / (w[0] * w[1])"],
    ["-x[n, 0]^2"],
    ["(-x[n, 0])^2", "x[n, 0]^2"],
    ["(x[n, 0] + 1)^-2", "1 / (x[n, 0] + 1)^2"],
    ["2^-w[0]", "2^(-w[0])"],
    ["(2^w[0])^w[1]"],
    ["2^w[0]^w[1]"],
    ["x[n, 0] / 2"],
    ["0.044715 * x[n, 0]"],
    ["1 / (1 + exp(-x[n, 0]))", "1 / (1 + exp(-x[n, 0]))"],
    ["where(x[n, 0] > 0, x[n, 0], eps * x[n, 0])"],
    ["where(0 <= n and n < C, 1, 0)", "where(0 <= n and n < C, 1, 0)"],
    ["where(n == 2 or not(w[0] < w[1]), 1, 0)"],
    ["where(n != 2, w[0], w[1])"],
    ["where(t[n] == 1, w[0], w[1])"],
    ["sum[c](where(c < n and c < 3, w[c], 0))", "sum[c](where(c < n and c <= 2, w[c], 0))"],
    ["max[c](where(c <= n, w[c], -inf))"],
    ["sum[j <= n](w[j])"],
    ["sum[1 <= j < C - 1](w[j])"],
    ["argmax[c](x[n, c])"],
    ["count[j <= n](j <= 2)"],
    ["where(any[c](x[n, c] > 0), 1, 0)"],
    ["where(all[j <= n](x[n, j] > 0), 1, 0)"],
    ["sum[c](pad(x[n, c*stride - pad], 0))"],
    ["sum[c](x[n, (c + pad - n)/stride])", "sum[c](x[n, (c - n + pad)/stride])"],
    ["x[n, floor(n/2)] + x[n, mod(n, C)]"],
    ["stop(max(w[0], w[1])) * sqrt(2 * pi)", "stop(max(w[0], w[1])) * sqrt(2 * pi)"],
    ["sum[c](sum[c'](x[n, c] * x[n, c']))"],
    ["(w[0] + w[1]) * (w[0] - w[1])"],
    ["(w[0] + w[1]) * -w[0]", "-w[0] * (w[0] + w[1])"],
    ["-((w[0] + w[1]) * (w[0] - w[1]))"],
    ["-((w[0] + w[1]) / w[1])"],
    ["-2 * (w[0] + w[1])"],
    ["1e30 * w[0]"],
    ["w[0] * (1 / 3)", "w[0] / 3"],
    ["exp(1)^w[0] + e", "exp(1)^w[0] + e"],
  ];
  test.each(cases)("%s", (formula, printed = formula) => {
    const layer = parsed(`${head}z[n] = ${formula}`);
    const statement = layer.statements[0];
    if (!statement) throw new Error("no statement");
    // the unknown range of a plain binder prints plain
    expect(printStatement(statement, layer)).toBe(`z[n] = ${printed}`);
    const again = parsed(`${head}z[n] = ${printed}`).statements[0];
    expect(again && key(again.body)).toBe(key(statement.body));
  });
});

test("guards that the reads imply are not printed, others are", () => {
  const layer = parsed(
    "param stride = 2\ninput x[N]\noutput z[N]\nlocal a[stride]\na[i] = 0\nz[n] = sum[r < 3](where(0 <= n + r - 1 and n + r - 1 < N and r < n, x[n + r - 1], 0))",
  );
  const statement = layer.statements.at(-1);
  expect(statement && printStatement(statement, layer)).toBe(
    "z[n] = sum[r < 3](where(r < n, x[n + r - 1], 0))",
  );
});

test("a binder is printed plainly only where its range follows from the axes it stands on", () => {
  const text =
    "input x[N, C]\nweight w[M]\noutput z[N]\nz[n] = sum[c < C](x[n, c]) + sum[m < 3](w[m]) + sum[i < C, j < N](x[j, i])";
  const layer = parsed(text);
  const statement = layer.statements[0];
  expect(statement && printStatement(statement, layer)).toBe(
    "z[n] = sum[c](x[n, c]) + sum[m < 3](w[m]) + sum[i, j](x[j, i])",
  );
});

test("random formulas come back the same", () => {
  fc.assert(
    fc.property(expressions(["n", "k"], false, 3), (e) => {
      const text = printExpression(e, undefined, ["n", "k"]);
      const layer = parsed(`${surroundings}z[n, k] = ${text}`);
      expect({ text, key: keyOfExpression(layer.statements.at(-1)?.body ?? e) }).toEqual({
        text,
        key: keyOfExpression(e),
      });
    }),
    { numRuns: 500, seed: 7 },
  );
});

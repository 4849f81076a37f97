import { describe, expect, test } from "vitest";
import { printCondition, printExpression } from "../../src/language/print.js";
import type { Reduction } from "../../src/notation/expression.js";
import type { Layer } from "../../src/notation/layer.js";
import { walk } from "../../src/notation/traverse.js";
import { explicitBounds } from "../../src/ranges/bounds.js";
import { sampleSizes } from "../../src/ranges/sample.js";
import { evaluateInt, resolveSizes } from "../../src/ranges/sizes.js";
import { evaluate, evaluateGuarded, type Tensors } from "./evaluate.js";
import { closed, repeatable } from "./layers.js";

/** The reductions of a layer's last statement after the pass. */
function reductions(text: string): readonly Reduction[] {
  const found: Reduction[] = [];
  const body = explicitBounds(closed(text)).statements.at(-1)?.body;
  if (body) walk(body, { expression: (e) => void (e.kind === "reduction" && found.push(e)) });
  return found;
}
const guard = (text: string): string => {
  const [first] = reductions(text);
  return first ? printCondition(first.guard) : "no reduction";
};
const body = (text: string): string => {
  const last = explicitBounds(closed(text)).statements.at(-1);
  return last ? printExpression(last.body) : "nothing";
};

describe("guards", () => {
  test("what is provable is not tested", () => {
    const text = "input x[N]\nweight w[R]\noutput z\nz[p] = sum[r](x[p + r]*w[r])";
    expect(guard(text)).toBe("true");
  });
  test("a derived size proves a strided, dilated window", () => {
    const text = `param s = 1
param d = 1
input x[H]
weight w[R]
output z[P]
P = floor((H - d*(R - 1) - 1)/s) + 1
z[p] = sum[r](x[p*s + r*d]*w[r])`;
    expect(guard(text)).toBe("true");
  });
  test("padding leaves both ends", () => {
    const text = `param s = 1
param pad = 0
input x[H]
weight w[R]
output z[P]
P = floor((H + 2*pad - R)/s) + 1
z[p] = sum[r](x[p*s - pad + r]*w[r])`;
    expect(guard(text)).toMatch(/and/);
    expect(reductions(text)).toHaveLength(1);
  });
  test("exact division: evenness, then bounds without the division", () => {
    const text = `param s = 2
input z[P]
weight w[R]
output x[H]
H = (P - 1)*s + R
x[h] = sum[r](z[(h - r)/s]*w[r])`;
    expect(guard(text)).toMatch(/mod\(.*, s\) == 0/);
    expect(guard(text)).not.toMatch(/\//);
  });
  test("a condition on indices moves into the guard, through products too", () => {
    const text = "input x[N]\ninput y[N]\noutput z[N]\nz[i] = sum[j](where(j <= i, x[j], 0)*y[j])";
    expect(guard(text)).toBe("j <= i");
    expect(reductions(text)[0]?.body.kind).toBe("multiply");
  });
  test("what a branch guards needs no guard of its own", () => {
    const text = "input x[N]\noutput z\nz[i] = x[i] + max[j < 3](where(i + j < N, x[i + j], -inf))";
    expect(guard(text)).toMatch(/^i \+ j < N$/);
  });
  test("index tensors are within their bound", () => {
    expect(guard("input x[V]\nindex t[N] < V\noutput z\nz = sum[n](x[t[n]])")).toBe("true");
  });
});

describe("what replaces mean, pad and count", () => {
  test("a mean over a whole axis divides by its extent", () => {
    expect(body("input x[N, C]\noutput z\nz[n] = mean[c](x[n, c])")).toBe("sum[c < C](x[n, c]) / C");
  });
  test("a guarded mean divides by the count, per axis that is guarded", () => {
    const text = "input x[N, H]\noutput z[H]\nz[h] = mean[n, r < 3](x[n, h + r - 1])";
    expect(reductions(text).map((r) => r.binders.map((b) => b.name).join())).toContain("r");
  });
  test("a pad that is always in bounds is the read", () => {
    expect(body("input x[N]\noutput z[N]\nz[i] = pad(x[i], 1)")).toBe("x[i]");
  });
  test("a count over a box is its size", () => {
    expect(body("input x[N]\noutput z[N]\nz[i] = x[i]*count[j < 4](j >= 0)")).toBe("4 * x[i]");
  });
});

const formulas: readonly (readonly [string, string])[] = [
  ["padded sum", "input x[N]\ninput w[R]\noutput z[N]\nz[i] = sum[r](x[i + r - 1]*w[r])"],
  ["padded max", "input x[N]\noutput z[N]\nz[i] = max[r < 3](x[i + r - 2])"],
  ["min beyond the end", "input x[N]\noutput z[N]\nz[i] = min[r < 3](x[2*i + r])"],
  ["padded mean", "input x[N, M]\noutput z[N, M]\nz[i, j] = mean[r < 3, s < 2](x[i + r - 1, j + s - 1])"],
  ["mean beyond", "input x[N]\noutput z[N]\nz[i] = mean[r < 2](x[i + r + 1])"],
  ["mean with a where", "input x[N]\noutput z[N]\nz[i] = mean[j](where(j <= i, x[j], 0))"],
  ["dependent mean", "input x[N]\noutput z[N]\nz[i] = mean[j <= i](x[j])"],
  ["empty dependent mean", "input x[N]\noutput z[N]\nz[i] = x[i] + mean[j < i](x[j])"],
  ["mean of pad", "input x[N]\noutput z[N]\nz[i] = mean[r < 3](pad(x[i + r - 1], 0))"],
  ["max of pad", "input x[N]\noutput z[N]\nz[i] = max[r < 3](pad(x[i + r - 1], 100))"],
  [
    "sum of pad with another read",
    "input x[N]\noutput z[N]\nz[i] = sum[r < 3](pad(x[i + r - 1], 2)*x[i + r])",
  ],
  ["pad with a read as value", "input x[N]\noutput z[N]\nz[i] = sum[r < 3](pad(x[i + r - 1], x[i + r - 2]))"],
  [
    "exact division",
    "param s = 2\ninput y[P]\ninput w[R]\noutput x[H]\nH = (P - 1)*s + R\nx[h] = sum[r](y[(h - r)/s]*w[r])",
  ],
  ["product", "input x[N]\noutput z[N]\nz[i] = prod[r < 2](x[i + r])"],
  ["product with a where", "input x[N]\noutput z[N]\nz[i] = prod[j](where(j < i, x[j], 1))"],
  ["nested", "input x[N, M]\noutput z[N]\nz[i] = sum[r < 2](x[i + r, 0]*max[s < 3](x[i, s]))"],
  ["nested, both out", "input x[N]\noutput z[N]\nz[i] = sum[r < 2](x[i + r]*sum[s < 2](x[i + r + s]))"],
  [
    "argmax",
    "input x[N]\nlocal a[N]\noutput z[N]\na[i] = argmax[r < 3](x[2*i + r])\nrequire N >= 3\nz[i] = x[a[i]] + x[i]",
  ],
  ["gather", "input x[V]\nindex t[N] < V\noutput z[N]\nz[i] = sum[r < 2](x[t[i] + r])"],
  ["gather outside", "input x[V, D]\nindex t[N] < V\noutput z[N, D]\nz[i, d] = x[t[i], d]"],
  [
    "max of pad through a gather",
    "input x[V]\nindex t[N] < V\noutput z[N]\nz[i] = max[r < 2](pad(x[t[i] + r], 50))",
  ],
  [
    "where on data",
    "input x[N]\nindex t[N] < V\noutput z[N]\nz[i] = sum[j](where(t[j] == t[i], x[j], 0)) + V",
  ],
  [
    "where mixed",
    "input x[N]\nindex t[N] < V\noutput z[N]\nz[i] = sum[j](where(j <= i and t[j] == t[i], x[j], 0)) + V",
  ],
  ["where on the other side", "input x[N]\noutput z[N]\nz[i] = sum[j](where(j > i, 0, x[j]))"],
  ["where squared", "input x[N]\noutput z[N]\nz[i] = sum[j](where(j < i, x[j], 0)^2)"],
  [
    "where with reads in both branches",
    "input x[N]\noutput z[N]\nz[i] = sum[r < 3](where(r < 1, x[i + 1], x[i + r - 2]))",
  ],
  ["count over a guard", "input x[N]\noutput z[N]\nz[i] = x[i]*count[j < 5](j <= i)"],
  ["count of values", "input x[N]\noutput z[N]\nz[i] = count[r < 3](x[i + r - 1] > x[i])"],
  [
    "any and all",
    "input x[N]\noutput z[N]\nz[i] = where(any[j](j < i and x[j] > x[i]), 1, 2) + where(all[r < 3](x[i + r] >= x[i]), 10, 20)",
  ],
  ["floor and mod", "input x[N]\noutput z[N]\nz[i] = sum[r < 3](x[floor(i/2) + r]*x[mod(i + r, N)])"],
  [
    "unused reads in bounds decide",
    "input x[N]\ninput y[M]\noutput z[N]\nz[i] = sum[r < 3](x[i + r] + y[r])",
  ],
];

/** Distinct small integers; index tensors within their bound. */
function givenTensors(layer: Layer, env: ReadonlyMap<string, number>, random: () => number): Tensors {
  const tensors: Tensors = new Map();
  for (const t of layer.tensors) {
    if (t.role !== "input" && t.role !== "index") continue;
    const shape = t.shape.map((e) => evaluateInt(e, env));
    const limit = t.bound ? evaluateInt(t.bound, env) : 7;
    const low = t.bound ? 0 : -6;
    const length = shape.reduce((a, b) => a * b, 1);
    const values = Array.from({ length }, () => low + Math.floor(random() * (limit - low)));
    tensors.set(t.name, { shape, values });
  }
  return tensors;
}

describe("same values before and after", () => {
  test.each(formulas)("%s", (_, text) => {
    const layer = closed(text);
    const result = layer.tensors.filter((t) => t.role === "output").map((t) => t.name)[0] ?? "z";
    const explicit = explicitBounds(layer);
    const random = repeatable(7);
    for (let trial = 0; trial < 12; trial++) {
      const resolved = resolveSizes(layer, sampleSizes(layer, random, { budget: 1500 }));
      if (!resolved.ok) throw new Error(resolved.message);
      const given = givenTensors(layer, resolved.env, random);
      const valuesOf = (run: typeof evaluate, of: Layer): readonly number[] =>
        run(of, resolved.env, new Map(given)).get(result)?.values ?? [];
      const before = valuesOf(evaluate, layer);
      expect(before.length).toBeGreaterThan(0);
      expect(before.some(Number.isNaN)).toBe(false);
      // as a layer of the language, where reads out of bounds drop out, and as kernels, where only guards decide
      for (const run of [evaluate, evaluateGuarded])
        valuesOf(run, explicit).forEach((value, i) => expect(value).toBeCloseTo(before[i] ?? NaN, 9));
    }
  });
  test.each(formulas)("%s: no mean, count or pad is left", (_, text) => {
    const left: string[] = [];
    for (const s of explicitBounds(closed(text)).statements)
      walk(s.body, {
        expression: (e) => {
          const name = e.kind === "reduction" ? e.name : e.kind;
          if (name === "mean" || name === "count" || name === "pad") left.push(name);
        },
      });
    expect(left).toEqual([]);
  });
});

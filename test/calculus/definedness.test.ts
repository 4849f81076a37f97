/**
 * A derived gradient is finite, and right, wherever the chain rule taken term by term is: random layers with gates,
 * scales, means, norms, powers and learned exponents, at values of which many are 0. The chain rule is forward mode's:
 * it carries numbers through the formulas as they are written and rewrites nothing.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { deriveText } from "../../src/pipeline.js";
import { isDifferentiated, isGiven } from "../../src/notation/layer.js";
import { forwardMode } from "../../src/verify/dot-test.js";
import { evaluateLayer } from "../../src/verify/evaluate.js";
import { float64 } from "../../src/verify/numbers.js";
import { expectRight } from "../support/drawn.js";

const declarations = `param k = 2
input x[N, D]
input g[N]
weight s[D]
weight p
data t[N]
output y[N]
output z[N, D]
local a[N]
local b[N, D]`;

/** A formula by the name of its second index. */
type Formula = (d: string) => string;

/** Formulas over n and d, and over n alone. */
const { matrix, row } = fc.letrec<{ matrix: Formula; row: Formula }>((tie) => {
  const [m, r] = [tie("matrix"), tie("row")];
  const leaf = (...formulas: Formula[]): fc.Arbitrary<Formula> => fc.constantFrom(...formulas);
  const of = (parts: readonly fc.Arbitrary<Formula>[], spell: (...parts: string[]) => string) =>
    fc.tuple(...parts).map(
      (formulas): Formula =>
        (d) =>
          spell(...formulas.map((formula) => formula(d))),
    );
  /** A reduction over an index of its own. */
  const over = (spell: (range: string, body: string) => string): fc.Arbitrary<Formula> =>
    m.map((body) => (d) => spell(`${d}' < D`, body(`${d}'`)));
  const pointwise = (e: fc.Arbitrary<Formula>): readonly fc.Arbitrary<Formula>[] => [
    of([e], (a) => `(${a})^2`),
    of([e], (a) => `abs(${a})^p`),
    of([e], (a) => `(${a})^k`),
    of([e], (a) => `relu(${a})`),
    of([e], (a) => `sqrt((${a})^2 + 1)`),
    of([e], (a) => `sqrt(abs(${a}))`),
    of([e], (a) => `tanh(${a})`),
    of([e], (a) => `exp(-(${a})^2)`),
    of([e, e], (a, b) => `(${a})*(${b})`),
    of([e, e], (a, b) => `((${a}) + (${b}))`),
    of([e, e], (a, b) => `(${a})/(1 + (${b})^2)`),
    of([e, e], (a, b) => `where(${a} > 0, ${b}, 0)`),
    of([e, e], (a, b) => `max(${a}, ${b})`),
  ];
  return {
    matrix: fc.oneof(
      { maxDepth: 2, depthSize: "xsmall", withCrossShrink: true },
      leaf(
        (d) => `x[n,${d}]`,
        (d) => `s[${d}]`,
        () => "g[n]",
        (d) => `x[n,${d}]*s[${d}]`,
      ),
      ...pointwise(m),
      m.map(
        (a): Formula =>
          (d) =>
            `s[${d}]*(${a(d)})`,
      ),
      r,
    ),
    row: fc.oneof(
      { maxDepth: 2, depthSize: "xsmall", withCrossShrink: true },
      leaf(
        () => "g[n]",
        () => "g[n]*t[n]",
        () => "p",
      ),
      ...pointwise(r),
      over((range, body) => `g[n]*sum[${range}](${body})`),
      over((range, body) => `mean[${range}](${body})`),
      over((range, body) => `prod[${range}](${body})`),
      over((range, body) => `sqrt(sum[${range}]((${body})^2))`),
      over((range, body) => `mean[${range}](abs(${body})^p)^(1/p)`),
    ),
  };
});
const layers = fc.tuple(row, matrix, row, matrix).map(
  ([a, b, y, z]) => `${declarations}
a[n] = ${a("d")}
b[n,d] = ${b("d")}
y[n] = (${y("d")})*a[n]
z[n,d] = (${z("d")}) + b[n,d]*a[n]
`,
);

const number = fc.constantFrom(0, 0, 0, 1, -1, 2, 0.5, -1.5);
const sizes = { N: 2, D: 2 };
const values = fc.record({
  x: fc.tuple(number, number, number, number),
  g: fc.tuple(number, number),
  s: fc.tuple(number, number),
  p: fc.tuple(fc.constantFrom(0, 1, 2, 3, 0.5, -1)),
  t: fc.tuple(number, number),
});
const cotangents = new Map<string, readonly number[]>([
  ["dy", [1.25, -0.75]],
  ["dz", [0.5, 2, -1.5, 0.875]],
]);

/** Where a gradient is wrong or not finite and the chain rule is. */
function wrongElements(
  { layer, gradientLayer }: ReturnType<typeof deriveText>,
  at: Readonly<Record<string, readonly number[]>>,
  k: number,
): string[] {
  const env = { ...sizes, k };
  const given = new Map(layer.tensors.filter(isGiven).map((t) => [t.name, at[t.name] ?? []]));
  const outputs = evaluateLayer(layer, env, given, float64);
  if (!["y", "z"].every((name) => Array.from(outputs.get(name) ?? []).every(Number.isFinite))) return [];
  const gradients = evaluateLayer(gradientLayer, env, new Map([...given, ...cotangents]), float64);
  const forward = forwardMode(layer, env, float64);
  return layer.tensors.filter(isDifferentiated).flatMap(({ name }) =>
    (given.get(name) ?? []).flatMap((_, i, all) => {
      const terms = forward(
        given,
        cotangents,
        name,
        all.map((__, j) => (i === j ? 1 : 0)),
      );
      const right = terms.reduce((a, b) => a + b, 0);
      if (!Number.isFinite(right)) return [];
      const got = Number(gradients.get(`g_${name}`)?.[i]);
      const scale = 1 + terms.reduce((a, b) => a + Math.abs(b), 0);
      return Math.abs(got - right) <= 1e-7 * scale ? [] : [`d${name} ${i}: ${got}, not ${right}`];
    }),
  );
}

test("finite wherever the chain rule is", { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(
      layers,
      fc.array(values, { minLength: 6, maxLength: 6 }),
      fc.constantFrom(0, 1, 2, 3),
      (text, all, k) => {
        const derived = deriveText(text, "random.layer");
        for (const at of all) expect(wrongElements(derived, at, k), JSON.stringify(at)).toEqual([]);
      },
    ),
    { numRuns: 80, seed: 20 },
  );
});

test.each([
  ["relu", "y[n] = relu(g[n])*sqrt(abs(x[n]))"],
  ["a maximum with 0", "y[n] = max(g[n], 0)*sqrt(abs(x[n]))"],
  ["a square of one", "y[n] = min(-g[n], 0)^2*sqrt(abs(x[n]))"],
  ["a branch", "y[n] = where(g[n] > 0, g[n], 0)*sqrt(abs(x[n]))"],
  ["a gate with a name", "a[n] = relu(g[n])\ny[n] = a[n]*sqrt(abs(x[n]))"],
  ["a root with a name", "r[n] = sqrt(abs(x[n]))\ny[n] = relu(g[n])*r[n]"],
  ["both with names", "a[n] = where(g[n] <= 0, 0, g[n])\nr[n] = sqrt(abs(x[n]))\ny[n] = 3*a[n]*r[n]"],
  ["a pole that a bounded function takes", "y[n] = relu(g[n])*tanh(1/x[n])"],
])("a gate that is shut by a branch makes a slope 0, were it infinite: %s", (_, text) => {
  const { gradientLayer } = deriveText(`input x[N]\ninput g[N]\noutput y[N]\n${text}`, "gate.layer");
  const given = { x: [0, 0, 4], g: [-1, -2, 2], dy: [1, 1, 1] };
  const found = evaluateLayer(gradientLayer, { N: 3 }, new Map(Object.entries(given)), float64);
  expect(Array.from(found.get("g_x") ?? [], (v) => v + 0).slice(0, 2)).toEqual([0, 0]);
  expect(Array.from(found.get("g_x") ?? []).every(Number.isFinite)).toBe(true);
  expect(Math.abs(Number(found.get("g_x")?.[2]))).toBeGreaterThan(0);
});

test.each([1, 2])(
  "reads a derivative that a branch makes 0 only where that branch is taken, at L = %i",
  async (L) => {
    const text = `input g[R, L]
local h[R]
local y[L]
output z[L]
h[i] = i/g[i,0]
y[j] = where(j == 1, h[0], 0.5)
z[k] = relu(y[0])
`;
    await expectRight(text, { R: 2, L });
  },
);

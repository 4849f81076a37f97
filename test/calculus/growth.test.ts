/** What a derivation costs grows with the text: chains of statements that read their predecessor twice, and deep formulas. */
import { describe, expect, it } from "vitest";
import { differentiate } from "../../src/calculus/differentiate.js";
import { countNodes } from "../../src/notation/traverse.js";
import { deriveText } from "../../src/pipeline.js";
import { describe as derivation } from "../../src/targets/document/derivation.js";
import { toDocument } from "../../src/targets/document/json.js";
import { expectRight } from "../support/drawn.js";
import { compile } from "../support/layers.js";

const chain = (length: number, step: (from: string) => string): string =>
  [
    "input x[N]",
    "output y[N]",
    "t0[n] = x[n]",
    ...Array.from({ length }, (_, i) => `t${i + 1}[n] = ${step(`t${i}[n]`)}`),
    `y[n] = t${length}[n]`,
  ].join("\n");
const pointwise: readonly (readonly [string, (from: string) => string])[] = [
  ["residual", (t) => `${t} + tanh(${t})`],
  ["square", (t) => `0.5*${t}*${t} - 0.25*${t}`],
  ["quotient", (t) => `${t}/(1 + ${t}^2)`],
  ["three times", (t) => `${t}*sigmoid(${t}) + cos(${t})`],
];
const softmaxes = (length: number): string =>
  [
    "input x[B, N]",
    "output y[B, N]",
    "t0[b,n] = x[b,n]",
    ...Array.from({ length }, (_, i) => [
      `m${i}[b] = max[n](t${i}[b,n])`,
      `e${i}[b,n] = exp(t${i}[b,n] - m${i}[b])`,
      `t${i + 1}[b,n] = 4*e${i}[b,n]/sum[j](e${i}[b,j])`,
    ]).flat(),
    `y[b,n] = t${length}[b,n]`,
  ].join("\n");
const products = (length: number): string =>
  [
    "input x[B, N]",
    "weight w[N, N]",
    "output y[B, N]",
    "t0[b,n] = x[b,n]",
    ...Array.from({ length }, (_, i) => `t${i + 1}[b,n] = tanh(sum[k](t${i}[b,k]*w[k,n])) + t${i}[b,n]`),
    `y[b,n] = t${length}[b,n]`,
  ].join("\n");

/** Small ones, for each size of the layer. */
const sizesOf = (text: string): Record<string, number> =>
  Object.fromEntries(compile(text).layer.sizes.map((name, i) => [name, 4 - i]));

/** The whole document of a derivation, and the nodes of what is computed. */
function lengthOf(text: string): { readonly document: number; readonly nodes: number } {
  const { layer, derived } = deriveText(text, "sample.layer");
  const document = JSON.stringify(toDocument(derivation(layer, derived))).length;
  const statements = [...derived.forward, ...derived.backward];
  return { document, nodes: statements.reduce((n, s) => n + countNodes(s.body), 0) };
}

describe("chains", () => {
  const kinds: readonly (readonly [string, (length: number) => string])[] = [
    ...pointwise.map(([name, step]) => [name, (length: number) => chain(length, step)] as const),
    ["softmax", softmaxes],
    ["products", products],
  ];
  it.each(kinds)("%s: twice the statements are twice the text", (_, text) => {
    const [short, long] = [lengthOf(text(14)), lengthOf(text(28))];
    expect(long.document / short.document).toBeLessThan(2.3);
    expect(long.nodes / short.nodes).toBeLessThan(2.3);
  });
  it.each(kinds)("%s: right", async (_, text) => {
    await expectRight(text(7), sizesOf(text(7)), 1, ["ts"]);
  });
});

const nested = (depth: number, f: string): string => {
  let e = "x[n]";
  for (let i = 0; i < depth; i++) e = `f(${e})`;
  return `input x[N]\noutput y[N]\nf(u) = ${f}\ny[n] = ${e}`;
};
const factors = (count: number): string =>
  `input x[N, ${count}]\noutput y[N]\ny[n] = ${Array.from({ length: count }, (_, i) => `(1 + 0.1*x[n, ${i}])`).join("*")}`;
function maxima(depth: number): string {
  let leaf = 0;
  const tree = (d: number): string =>
    d === 0 ? `x[n, ${leaf++}]` : `${d % 2 ? "max" : "min"}(${tree(d - 1)}, ${tree(d - 1)})`;
  return `input x[N, ${2 ** depth}]\noutput y[N]\ny[n] = ${tree(depth)}`;
}
const deep: readonly (readonly [string, string])[] = [
  ["a function of itself, eight times", nested(8, "u*sigmoid(u)")],
  ["another, six times", nested(6, "u + tanh(u)")],
  ["a product of forty factors", factors(40)],
  ["a tree of maxima and minima", maxima(5)],
  [
    "in a branch that keeps a read in bounds",
    `input x[N]
     output y[N]
     f(u) = u*sigmoid(u)
     y[n] = where(n > 0, f(f(f(f(f(f(x[n - 1] + x[n])))))), f(f(f(f(x[n])))))`,
  ],
  [
    "under a logarithm in a branch",
    `input x[N]
     output y[N]
     f(u) = u*sigmoid(u)
     y[n] = where(x[n] > 0, log(x[n])*f(f(f(f(f(f(x[n])))))), 0)`,
  ],
  [
    "in a sum",
    `input x[N]
     weight w[R]
     output y[N]
     f(u) = u*sigmoid(u)
     y[n] = sum[r](f(f(f(f(f(f(x[n + r - 1]*w[r])))))))`,
  ],
];

describe("deep formulas", () => {
  it.each(deep)("%s", async (_, text) => {
    await expectRight(text, sizesOf(text), 1, ["ts"]);
  });

  it.each([
    ["functions", nested(6, "u*sigmoid(u)"), nested(8, "u*sigmoid(u)"), 2],
    ["factors", factors(40), factors(80), 2.5],
    ["maxima", maxima(5), maxima(6), 2.3],
  ])("grow with %s", (_, short, long, most) => {
    expect(lengthOf(long).nodes / lengthOf(short).nodes).toBeLessThan(most);
  });

  it("formulas as people write them stay whole", () => {
    const { layer } = compile(
      `input x[N, C]
       output y[N, C]
       y[n,c] = 0.5*x[n,c]*(1 + tanh(sqrt(2/pi)*(x[n,c] + 0.044715*x[n,c]^3)))`,
    );
    expect(differentiate(layer).forward.map((s) => s.tensor)).toEqual(["y"]);
  });
});

describe("sums in sums", () => {
  it("twenty-five of them", () => {
    const open = Array.from({ length: 25 }, (_, i) => `sum[k${i} < M](v[k${i}]*`).join("");
    const { derived } = deriveText(
      `input x[N]\ninput v[M]\noutput y[N]\ny[n] = ${open}x[n]${")".repeat(25)}`,
      "sample.layer",
    );
    expect(derived.gradients.map((g) => g.tensor)).toEqual(["dx", "dv"]);
  });
});

/** Layers by which the cost of compiling is measured: chains whose statements read their predecessor, and formulas that are deep. */

/** A chain of about so many statements. */
export type Chain = (statements: number) => string;

/** Every statement a function of the one before, which it reads at the same point. */
const pointwise =
  (step: (from: string) => string): Chain =>
  (length) =>
    [
      "input x[N]",
      "output y[N]",
      "t0[n] = x[n]",
      ...Array.from({ length }, (_, i) => `t${i + 1}[n] = ${step(`t${i}[n]`)}`),
      `y[n] = t${length}[n]`,
      "",
    ].join("\n");

/** Softmaxes in their three statements, with a factor so that they do not vanish. */
const softmaxes: Chain = (statements) => {
  const length = Math.round(statements / 3);
  return [
    "input x[B, N]",
    "output y[B, N]",
    "t0[b,n] = x[b,n]",
    ...Array.from({ length }, (_, i) => [
      `m${i}[b] = max[n](t${i}[b,n])`,
      `e${i}[b,n] = exp(t${i}[b,n] - m${i}[b])`,
      `t${i + 1}[b,n] = 4*e${i}[b,n]/sum[j](e${i}[b,j])`,
    ]).flat(),
    `y[b,n] = t${length}[b,n]`,
    "",
  ].join("\n");
};

/** Layers of one weight with what goes past them. */
const products: Chain = (length) =>
  [
    "input x[B, N]",
    "weight w[N, N]",
    "output y[B, N]",
    "t0[b,n] = x[b,n]",
    ...Array.from({ length }, (_, i) => `t${i + 1}[b,n] = tanh(sum[k](t${i}[b,k]*w[k,n])) + t${i}[b,n]`),
    `y[b,n] = t${length}[b,n]`,
    "",
  ].join("\n");

/** A network of dense layers, each with a weight and a bias of its own. */
const network: Chain = (length) => {
  const layers = Array.from({ length }, (_, i) => i);
  return [
    "input x[B, N]",
    "output y[B, N]",
    ...layers.flatMap((i) => [`weight w${i}[N, N]`, `weight c${i}[N]`]),
    "t0[b,n] = x[b,n]",
    ...layers.map((i) => `t${i + 1}[b,n] = tanh(sum[k](t${i}[b,k]*w${i}[k,n]) + c${i}[n])`),
    `y[b,n] = t${length}[b,n]`,
    "",
  ].join("\n");
};

/** Pointwise, a product, row means, and what is left after subtracting them. */
const mixed: Chain = (statements) => {
  const lines = ["input x[N, C]", "weight w[C, C]", "output y[N, C]"];
  const names = { rows: "", last: "x" };
  for (let i = 1; i < statements; i++) {
    const name = `h${i}`;
    const { last, rows } = names;
    if (i % 4 === 1) lines.push(`${name}[n,c] = tanh(${last}[n,c])`);
    if (i % 4 === 2) lines.push(`${name}[n,c] = sum[k](${last}[n,k] * w[k,c])`);
    if (i % 4 === 3) lines.push(`${name}[n] = mean[c](${last}[n,c])`);
    if (i % 4 === 0) lines.push(`${name}[n,c] = ${last}[n,c] - ${rows}[n]`);
    if (i % 4 === 3) names.rows = name;
    else names.last = name;
  }
  return [...lines, `y[n,c] = ${names.last}[n,c]${names.rows ? ` + ${names.rows}[n]` : ""}`, ""].join("\n");
};

/** By the names of tests and tables. */
export const chains: readonly (readonly [name: string, chain: Chain])[] = [
  ["residual", pointwise((t) => `${t} + tanh(${t})`)],
  ["square", pointwise((t) => `0.5*${t}*${t} - 0.25*${t}`)],
  ["quotient", pointwise((t) => `${t}/(1 + ${t}^2)`)],
  ["three times", pointwise((t) => `${t}*sigmoid(${t}) + cos(${t})`)],
  ["softmax", softmaxes],
  ["products", products],
  ["tanh layers", network],
  ["mixed", mixed],
];

/** A function of itself, so many times. */
export function nested(depth: number, f: string): string {
  let e = "x[n]";
  for (let i = 0; i < depth; i++) e = `f(${e})`;
  return `input x[N]\noutput y[N]\nf(u) = ${f}\ny[n] = ${e}`;
}
/** A product of so many factors. */
export const factors = (count: number): string =>
  `input x[N, ${count}]\noutput y[N]\ny[n] = ${Array.from({ length: count }, (_, i) => `(1 + 0.1*x[n, ${i}])`).join("*")}`;
/** A tree of maxima and minima. */
export function maxima(depth: number): string {
  let leaf = 0;
  const tree = (d: number): string =>
    d === 0 ? `x[n, ${leaf++}]` : `${d % 2 ? "max" : "min"}(${tree(d - 1)}, ${tree(d - 1)})`;
  return `input x[N, ${2 ** depth}]\noutput y[N]\ny[n] = ${tree(depth)}`;
}
/** A sum in a sum, so many times. */
export function sums(count: number): string {
  const open = Array.from({ length: count }, (_, i) => `sum[k${i} < M](v[k${i}]*`).join("");
  return `input x[N]\ninput v[M]\noutput y[N]\ny[n] = ${open}x[n]${")".repeat(count)}`;
}

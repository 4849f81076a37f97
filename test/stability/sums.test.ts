/** Sums of exponentials whose exponents go up to 1e4: values and gradients on every target. */
import { describe, expect, it } from "vitest";
import { everywhere } from "../support/everywhere.js";

/** By doubles with the maximum subtracted: right to rounding. */
const softmax = (x: readonly number[]): number[] => {
  const most = Math.max(...x);
  const e = x.map((v) => Math.exp(v - most));
  const total = e.reduce((a, b) => a + b, 0);
  return e.map((v) => v / total);
};
const logsumexp = (x: readonly number[]): number => {
  const most = Math.max(...x);
  return most + Math.log(x.reduce((a, v) => a + Math.exp(v - most), 0));
};
const rows = [
  [1000, 0, -1000, 999],
  [-1e4, -1e4 + 1, -1e4 + 3, -9990],
  [0.5, -0.25, 2, 1],
  [1e4, 1e4, 9999, -1e4],
  [88, 89, 90, 100],
];
const [N, C] = [rows.length, 4];
const x = rows.flat();
const head = "input x[N, C]\n";

interface Case {
  readonly title: string;
  readonly text: string;
  readonly values?: Readonly<Record<string, readonly number[]>>;
  readonly right: Readonly<Record<string, readonly number[]>>;
}
const chosen = [0, 3, 2, 1, 3];
const spread = [1, -2, 0.5, 3];
const probabilities = rows.map(softmax);
const weighed = probabilities.map((p) => p.reduce((sum, v, c) => sum + v * spread[c]!, 0));
const softmaxRight = {
  y: probabilities.flat(),
  dx: probabilities.flatMap((p, n) => p.map((v, c) => v * (spread[c]! - weighed[n]!))),
};
const dy = rows.flatMap(() => spread);
const shareRight = {
  l: [rows.reduce((sum, row, n) => sum + logsumexp(row) - row[chosen[n]!]!, 0) / N],
  dx: probabilities.flatMap((p, n) => p.map((v, c) => (v - (c === chosen[n] ? 1 : 0)) / N)),
};
const cases: readonly Case[] = [
  {
    title: "logsumexp",
    text: `${head}output y[N]\ny[n] = logsumexp[c](x[n,c])`,
    values: { dy: rows.map(() => 1) },
    right: { y: rows.map(logsumexp), dx: probabilities.flat() },
  },
  {
    title: "the logarithm of a named sum of named exponentials",
    text: `${head}output y[N]\nu[n,c] = exp(x[n,c])\ns[n] = sum[c](u[n,c])\ny[n] = log(s[n])`,
    values: { dy: rows.map(() => 1) },
    right: { y: rows.map(logsumexp), dx: probabilities.flat() },
  },
  {
    title: "softmax in one line",
    text: `${head}output y[N, C]\ny[n,c] = exp(x[n,c])/sum[d](exp(x[n,d]))`,
    values: { dy },
    right: softmaxRight,
  },
  {
    title: "softmax by names",
    text: `${head}output y[N, C]\nu[n,c] = exp(x[n,c])\ns[n] = sum[c](u[n,c])\ny[n,c] = u[n,c]/s[n]`,
    values: { dy },
    right: softmaxRight,
  },
  {
    title: "softmax by its logarithm",
    text: `${head}output y[N, C]\nl[n] = logsumexp[c](x[n,c])\ny[n,c] = exp(x[n,c] - l[n])`,
    values: { dy },
    right: softmaxRight,
  },
  {
    title: "cross entropy of softmax",
    text: `${head}index t[N] < C\noutput l\np[n,c] = exp(x[n,c])/sum[d](exp(x[n,d]))\nl = -mean[n](log(p[n,t[n]]))`,
    values: { t: chosen, dl: [1] },
    right: shareRight,
  },
  {
    title: "cross entropy of softmax with its maximum",
    text:
      `${head}index t[N] < C\noutput l\nm[n] = max[c](x[n,c])\nu[n,c] = exp(x[n,c] - m[n])\n` +
      "p[n,c] = u[n,c]/sum[d](u[n,d])\nl = -mean[n](log(p[n,t[n]]))",
    values: { t: chosen, dl: [1] },
    right: shareRight,
  },
  {
    title: "log softmax",
    text: `${head}index t[N] < C\noutput l\nz[n,c] = x[n,c] - log(sum[d](exp(x[n,d])))\nl = -mean[n](z[n,t[n]])`,
    values: { t: chosen, dl: [1] },
    right: shareRight,
  },
  {
    title: "attention without a maximum",
    text: `${head}data v[C, D]\noutput y[N, D]\ny[n,d] = sum[c](exp(x[n,c])*v[c,d])/sum[c](exp(x[n,c]))`,
    values: { v: spread, dy: rows.map(() => 1) },
    right: {
      y: weighed,
      dx: probabilities.flatMap((p, n) => p.map((v, c) => v * (spread[c]! - weighed[n]!))),
    },
  },
  {
    title: "masked softmax",
    text: `${head}output y[N, C]\nu[n,c] = where(c < 2, exp(x[n,c]), 0)\ny[n,c] = u[n,c]/sum[d](u[n,d])`,
    values: { dy },
    right: { y: rows.flatMap((row) => [...softmax(row.slice(0, 2)), 0, 0]) },
  },
  {
    title: "where everything is masked by -inf",
    text: `${head}data m[C]\noutput y[N]\ny[n] = logsumexp[c](x[n,c] + m[c])`,
    values: { m: [-Infinity, -Infinity, -Infinity, -Infinity], dy: rows.map(() => 1) },
    right: { y: rows.map(() => -Infinity) },
  },
];

describe.each(cases.map((c) => ({ ...c })))("$title", ({ text, values = {}, right }) => {
  it("is computed to the accuracy of its type", async () => {
    const sizes = { N, C, ...(text.includes("D]") && { D: 1 }) };
    const found = await everywhere(text, { sizes, values: { x, ...values } });
    const wrong: string[] = [];
    for (const { by, values: results } of found.filter((f) => f.by !== "reference"))
      for (const [name, numbers] of Object.entries(right))
        numbers.forEach((number, i) => {
          const got = results[name]?.[i] ?? NaN;
          const accuracy = by.endsWith("f32") ? 1e-6 : 1e-13;
          // exponents go up to 2e4
          const isNear =
            got === number || Math.abs(got - number) <= accuracy * (Math.abs(number) * 2e4 + 1e-30);
          if (!isNear) wrong.push(`${by}: ${name}[${i}] is ${got}, not ${number}`);
        });
    expect(wrong).toEqual([]);
  });
});

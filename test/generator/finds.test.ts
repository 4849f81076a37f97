/** Layers that the generator found to go wrong, made small; each stands for its kind. */
import { describe, expect, it } from "vitest";
import { verify } from "../../src/verdicts.js";
import { evaluateLayer } from "../../src/verify/evaluate.js";
import { float64 } from "../../src/verify/numbers.js";
import { compile } from "../support/layers.js";

const finds: readonly { readonly what: string; readonly text: string }[] = [
  {
    what: "an index n' of a row beside a summed n, which code both calls n",
    text: `
input u[N, R]
weight w[R, N]
output m[P, N, R]
P = R - N + 1
require R >= N
m[n',e,c] = sum[n](w[c,n] * u[e, n' + n])
`,
  },
  {
    what: "the value of a pad counts where it is read, and nowhere else",
    text: `
input y[N]
data u[W, N]
output z
z = sum[s < N](y[s] * pad(u[0,0], u[3,0]))
`,
  },
  {
    what: "a value in pad that is itself out of bounds at some points",
    text: `
input x[N]
data u[W]
output z[N]
output most[N]
z[i] = mean[j < N](pad(x[i - j], u[j]))
most[i] = max(max[j < N](pad(x[j - i - 1], u[i + j])), -9)
`,
  },
  {
    what: "a condition that is true as it stands, and reads all the same",
    text: `
input x[N]
output a[N]
output b[N]
a[i] = sum[j < N](where(i == i or x[i + j] > 0, x[j], 0))
b[i] = sum[j < N](where(not(i < i and x[i + j] > 0), x[j], 0))
`,
  },
];

describe("what the generator found", () => {
  it.each(finds)("$what", async ({ text }) => {
    const { rows } = await verify(compile(text), { file: "sample.layer", text }, { trials: 6, seed: 1 });
    expect(rows.filter((row) => row.verdict === "failed")).toEqual([]);
    expect(rows.length).toBeGreaterThan(1);
  });

  it("which points count, where a condition is true as it stands or never holds", () => {
    const { layer } = compile(finds.at(-1)?.text ?? "");
    const values = evaluateLayer(layer, { N: 4 }, new Map([["x", [1, 2, 3, 4]]]), float64);
    expect([values.get("a"), values.get("b")]).toEqual([
      [10, 6, 3, 1],
      [10, 10, 10, 10],
    ]);
  });
});

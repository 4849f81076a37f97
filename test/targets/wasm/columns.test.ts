/** Columns of what inner loops gather, by vectors: at one below, at and one above each width, the values of the TypeScript kernels. */
import { describe, expect, it } from "vitest";
import { parseLayer } from "../../../src/index.js";

const lengths = [1, 3, 4, 5, 8, 15, 16, 17, 20, 35];
const values = (length: number, seed: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => Math.fround(Math.sin(seed + 1.7 * i)));

describe("columns by vectors", () => {
  it.each([
    ["a row times a matrix", "z[n, k] = sum[c](x[n, c] * w[c, k])", "output z[N, K]"],
    ["sums of columns", "z[k] = sum[c](w[c, k])", "output z[K]"],
    ["greatest of columns", "z[k] = max[c](w[c, k])", "output z[K]"],
    [
      "two sums at once, and a third that reads them",
      "z[k] = sum[c](w[c, k]) * min[c](w[c, k] + x[0, c])",
      "output z[K]",
    ],
    ["sums in two loops", "z[k] = sum[n, c](x[n, c] * w[c, k]) + x[0, 0]", "output z[K]"],
  ])("%s", async (_, formula, output) => {
    const layer = parseLayer(`input x[N, C]\nweight w[C, K]\n${output}\n${formula}\n`, "columns.layer");
    const [wasm, plain] = await Promise.all([layer.compile({ target: "wasm" }), layer.compile()]);
    for (const K of lengths) {
      for (const [N, C] of [
        [1, 7],
        [2, 1],
      ] as const) {
        const given = { x: values(N * C, 1), w: values(C * K, 2) };
        const sizes = { N, C, K };
        const [found, expected] = [wasm.columns(sizes), plain.columns(sizes)].map(
          (p) => p.forward(given)["z"],
        );
        expected!.forEach((value, i) => expect(found![i], JSON.stringify(sizes)).toBeCloseTo(value, 5));
        expect(found!.length).toBe(expected!.length);
      }
    }
  });
});

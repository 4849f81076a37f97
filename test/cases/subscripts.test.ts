/** Computed subscripts: rounded reals say where a tensor is read. */
import { expect, it } from "vitest";
import { LayerError } from "../../src/language/problem.js";
import { printLayer } from "../../src/language/print.js";
import { everywhere } from "../support/everywhere.js";
import { agreeWithPyTorch } from "../support/golden.js";
import { compile } from "../support/layers.js";

agreeWithPyTorch(["bilinear_sample", "nearest_lookup"]);

it("what is no number, infinite or beyond all integers falls outside, or at the end of a clamp", async () => {
  const found = await everywhere(
    `
    input x[W]
    data v[P]
    output y[P]
    output z[P]
    output s[P]
    k[p] = min(max(floor(v[p]), 0), W - 1)
    y[p] = pad(x[round(v[p])], 7)
    z[p] = x[k[p]]
    s[p] = sum[r < 3](x[4*floor(v[p]) + r] + 1)
    `,
    {
      sizes: { W: 3, P: 7 },
      values: {
        x: [1, 2, 4],
        v: [NaN, Infinity, -Infinity, 1e30, -4294967296, 1.5, 0],
        dy: [1, 1, 1, 1, 1, 1, 1],
        dz: [1, 1, 1, 1, 1, 1, 1],
        ds: [0, 0, 0, 0, 0, 0, 0],
      },
    },
  );
  for (const { by, values } of found) {
    expect(values["y"], by).toEqual([7, 7, 7, 7, 7, 4, 1]);
    expect(values["z"]?.slice(1), by).toEqual([4, 1, 4, 1, 2, 1]);
    expect([1, 2, 4], by).toContain(values["z"]?.[0]);
    expect(values["s"]?.slice(0, 5), by).toEqual([0, 0, 0, 0, 0]);
    expect(values["s"]?.[6], by).toBe(10);
  }
});

function problemsOf(text: string): string[] {
  try {
    compile(text, "sample");
    return [];
  } catch (error) {
    if (!(error instanceof LayerError)) throw error;
    return error.problems.map(
      ({ code, span, hint }) => `${code} at ${text.slice(span.start, span.end)}: ${hint ?? ""}`,
    );
  }
}
it("outside a reduction such a read is padded or clamped, and an error with both mends where it is not", () => {
  const of = (read: string, more = ""): string[] =>
    problemsOf(`input x[W]\ninput v[P]\noutput y[P]\n${more}y[p] = ${read}`);
  expect(of("x[round(v[p])]")).toEqual([
    "computed-outside at x[round(v[p])]: pad it: pad(x[round1[p]], 0), or clamp the subscript: min(max(round1[p], 0), W - 1)",
  ]);
  expect(of("x[max(j[p], 0)]", "j[p] = ceil(v[p])\n")).toHaveLength(1);
  expect(of("x[min(max(floor(v[p]), 0), W)]")).toHaveLength(1);
  expect(of("where(v[p] > 0 and v[p] < W, x[floor(v[p])], 0)")).toHaveLength(1);
  expect(of("pad(x[round(v[p])], 0)")).toEqual([]);
  expect(of("x[min(max(floor(v[p]), 0), W - 1)]")).toEqual([]);
  expect(of("x[j[p]]", "j[p] = max(min(ceil(v[p]), W - 1), 0)\n")).toEqual([]);
  expect(of("x[mod(floor(v[p]), W)]")).toEqual([]);
});

it("gradients print as layers that are read again and differentiated again", () => {
  const { gradientLayer } = compile(
    `
    input x[N, W]
    input v[N, P]
    output y[N, P]
    j[n,p] = min(max(floor(v[n,p]), 0), W - 1)
    y[n,p] = x[n, j[n,p]]*(v[n,p] - j[n,p]) + pad(x[n, ceil(v[n,p]*0.5)], 0)^2
    `,
    "sample",
  );
  const text = printLayer(gradientLayer);
  const again = compile(text, "sample_gradient");
  expect(again.gradientLayer.tensors.map((t) => t.name)).toContain("g_dy");
});

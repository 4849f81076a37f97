/** Contractions whose operands are read four elements at a time: values, and when they are chosen. */
import { beforeAll, describe, expect, it } from "vitest";
import { kernelsOfPass } from "../../../src/kernels/gpu/count.js";
import type { GpuProgram } from "../../../src/kernels/gpu/program.js";
import { runOnDeno } from "../../support/deno/index.js";
import { runOnDawn } from "../../support/webgpu/dawn.js";
import { trialOf, type Trial } from "./agrees.js";
import { gpuProgramOf, specText } from "./support.js";

const nothingFits = { N: 35, C: 20, K: 36 };
/** Sizes divisible by four where vectors need it, and by no tile; all of a product's layouts. */
const layers: readonly (readonly [string, string, Readonly<Record<string, number>>])[] = [
  ["a linear layer", specText("linear"), nothingFits],
  ["one of a single vector", specText("linear"), { N: 1, C: 4, K: 4 }],
  ["one with an activation", specText("linear_relu"), { N: 33, C: 68, K: 76 }],
  ["a batch of products", specText("bmm"), { N: 3, L: 20, C: 12, D: 40 }],
  [
    "a product with its columns along the depth, its rows along themselves",
    "input x[C, N]\nweight w[K, C]\noutput z[N, K]\nz[n,k] = sum[c](x[c,n] * w[k,c])\n",
    { N: 36, C: 20, K: 44 },
  ],
  [
    "a sum of two products",
    `input x[N, C]
    input h[N, M]
    weight w[C, K]
    weight u[K, M]
    weight b[K]
    output z[N, K]
    z[n,k] = 2*(sum[c](x[n,c]*w[c,k]) + sum[m](u[k,m]*h[n,m])) + b[k]`,
    { ...nothingFits, M: 44 },
  ],
  [
    "fixed sizes",
    "input x[N, 20]\nweight w[20, 12]\noutput z[N, 12]\nz[n,k] = sum[c](x[n,c] * w[c,k])\n",
    { N: 13 },
  ],
  [
    "a convolution of one tap",
    `input x[N, C, H, W]
    weight w[K, C, 1, 1]
    output z[N, K, H, W]
    z[n,k,h,q] = sum[c,r,s](x[n,c,h+r,q+s] * w[k,c,r,s])`,
    { N: 2, C: 12, H: 5, W: 8, K: 16 },
  ],
  [
    "a convolution with its channels last",
    specText("conv2d_nhwc"),
    { N: 2, H: 7, W: 6, C: 4, K: 8, R: 3, S: 2, stride_h: 2, pad_h: 1, pad_w: 2, dilation_w: 2 },
  ],
];

/** Small tiles of all; large ones and parts, which differ from them in numbers alone, of every second one. */
const cases = layers.flatMap(([layer, text, sizes], i) => {
  const endings = ["Tile8Vectors", ...(i % 2 === 0 ? [] : ["Tile16Vectors", "PartsVectors"])];
  return endings.map((ending) => ({ layer, text, sizes, ending }));
});
let trials: readonly Trial[];
beforeAll(async () => {
  trials = await Promise.all(cases.map(({ text, sizes, ending }) => trialOf(text, sizes, ending)));
}, 120_000);

it.each([
  ["Dawn", runOnDawn],
  ["Deno", runOnDeno],
] as const)(
  "all ways of all products are right on %s",
  async (_, run) => {
    const results = await run(trials.map(({ job }) => job));
    for (const [i, { layer, ending }] of cases.entries()) {
      const where = `${layer} as ${ending}`;
      expect(results[i]?.error, where).toBeUndefined();
      expect(results[i]?.outputs, where).toEqual(trials[i]?.expected);
      expect(
        results[i]?.shaders.flatMap(({ messages }) => messages),
        where,
      ).toEqual([]);
    }
  },
  300_000,
);

describe("vectors are read", () => {
  const chosen = (program: GpuProgram, pass: string, sizes: Readonly<Record<string, number>>) =>
    kernelsOfPass(program, { pass, sizes }).map(({ name }) => name);
  const linear = gpuProgramOf(specText("linear"));

  it.each([64, 65, 66, 67, 68])("where the rows of both operands are divisible by four: %i", (size) => {
    const suffix = size % 4 === 0 ? "Vectors" : "";
    // rows of x and w
    expect(chosen(linear, "forward", { N: 63, C: size, K: 64 })).toEqual([`forwardZTile8${suffix}`]);
    expect(chosen(linear, "forward", { N: 63, C: 64, K: size })).toEqual([`forwardZTile8${suffix}`]);
    // of x and dz, and the batch is no row
    expect(chosen(linear, "dw", { N: 63, C: 64, K: size })).toEqual([`gradientWTile8${suffix}`]);
    expect(chosen(linear, "dw", { N: size, C: 64, K: 64 })).toEqual(["gradientWTile8Vectors"]);
    // dz and w
    expect(chosen(linear, "dx", { N: size, C: 64, K: 64 })).toEqual(["gradientXTile8Vectors"]);
    expect(chosen(linear, "dx", { N: 64, C: size, K: 64 })).toEqual(["gradientXTile8Vectors"]);
    expect(chosen(linear, "dx", { N: 64, C: 64, K: size })).toEqual([`gradientXTile8${suffix}`]);
  });

  it.each([
    [{ N: 256, C: 256, K: 512 }, ["forwardZTile16Vectors"]],
    [{ N: 256, C: 256, K: 513 }, ["forwardZTile8"]],
    [{ N: 64, C: 4096, K: 64 }, ["forwardZPartsVectors", "forwardZWhole"]],
    [{ N: 64, C: 4095, K: 64 }, ["forwardZParts", "forwardZWhole"]],
    [{ N: 8, C: 256, K: 256 }, ["forwardZDirect"]],
  ])("in every tile for workgroups, and in none that a thread has for itself: %o", (sizes, kernels) => {
    expect(chosen(linear, "forward", sizes)).toEqual(kernels);
  });

  const forward = (text: string): readonly string[] =>
    gpuProgramOf(text)
      .kernels.filter(({ name }) => name.startsWith("forward"))
      .map(({ name }) => name.replace(/^forward./u, ""));
  it("alone where fixed sizes are divisible by four", () => {
    const fixed = (K: number) =>
      forward(`input x[N, 20]\nweight w[20, ${K}]\noutput z[N, ${K}]\nz[n,k] = sum[c](x[n,c] * w[c,k])\n`);
    const vectors = ["PartsVectors", "Whole", "Tile16Vectors", "Tile8Vectors"];
    expect(fixed(64)).toEqual(["", "Direct", "Direct8", ...vectors]);
    expect(fixed(65)).toEqual(["", "Direct", "Direct8", "Parts", "Whole", "Tile16", "Tile8"]);
  });
  it.each([
    ["a window moves along the rows", specText("conv2d")],
    [
      "an operand is added once more",
      "input x[N, C]\nweight w[C, C]\noutput z[N, C]\nz[n,k] = sum[c](x[n,c] * w[c,k]) + x[n,k]\n",
    ],
    [
      "the sum runs over a triangle of the rows",
      "input x[N, C]\nweight w[C, K]\noutput z[N, K]\nz[n,k] = sum[c <= n](x[n,c] * w[c,k])\n",
    ],
  ])("nowhere where %s", (_, text) => {
    expect(forward(text).filter((name) => name.endsWith("Vectors"))).toEqual([]);
  });
});

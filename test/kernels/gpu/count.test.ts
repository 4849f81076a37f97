/** How much arithmetic the kernels of a GPU do: what the formula needs, in whole tiles, and no multiplied zeros of a stride. */
import { describe, expect, it } from "vitest";
import { environmentOf, workOfKernel, workOfPass } from "../../../src/kernels/gpu/count.js";
import { gpuProgramOf, specText } from "../../targets/wgsl/support.js";

type Sizes = Readonly<Record<string, number>>;
const conv = gpuProgramOf(specText("conv2d"));
const linear = gpuProgramOf(specText("linear"));

/** Multiply-adds of one kernel, whether a plan of these sizes would choose it or not. */
function workOf(program: typeof conv, name: string, sizes: Sizes): number {
  const kernel = program.kernels.find((k) => k.name === name);
  if (!kernel) throw new Error(`no kernel ${name}`);
  return workOfKernel(kernel, environmentOf(program, sizes)).multiplyAdds;
}
const rounded = (count: number, to: number): number => Math.ceil(count / to) * to;

/** Every small window: strides beyond the kernel, with and without common divisors, pads of its size. */
const windows = [1, 2, 3, 4].flatMap((stride) =>
  [1, 2, 3, 4].flatMap((dilation) =>
    [0, 2].flatMap((pad) =>
      [1, 2, 3].flatMap((R) => {
        const sizes = { N: 2, C: 3, K: 5, H: 9, W: 8, R, S: 2, stride, dilation, pad };
        const along = (size: number, taps: number): number =>
          Math.floor((size + 2 * pad - dilation * (taps - 1) - 1) / stride) + 1;
        const [P, Q] = [along(sizes.H, R), along(sizes.W, sizes.S)];
        return P < 1 || Q < 1 ? [] : [{ ...sizes, P, Q }];
      }),
    ),
  ),
);
type Window = (typeof windows)[number];
const given = ({ P: _p, Q: _q, ...sizes }: Window): Sizes => sizes;

/** Pairs of an output and a tap along one axis that are inside the input. */
function pairs(size: number, outputs: number, taps: number, { stride, dilation, pad }: Window): number {
  let count = 0;
  for (let p = 0; p < outputs; p++)
    for (let r = 0; r < taps; r++) {
      const h = p * stride + r * dilation - pad;
      if (h >= 0 && h < size) count++;
    }
  return count;
}
/** Taps that meet an output at all for inputs ≡ phase modulo the stride. */
const live = (taps: number, phase: number, { stride, dilation, pad }: Window): number =>
  Array.from({ length: taps }, (_, r) => r).filter((r) => (phase + pad - r * dilation) % stride === 0).length;
const phases = ({ stride }: Window): readonly number[] => Array.from({ length: stride }, (_, phi) => phi);

describe("a convolution with a thread for each point", () => {
  it("multiplies each pair of an output and a tap inside the input once, in all three forms", () => {
    for (const w of windows) {
      const needed = w.N * w.C * w.K * pairs(w.H, w.P, w.R, w) * pairs(w.W, w.Q, w.S, w);
      const found = ["forwardZ", "gradientX", "gradientW"].map((name) => workOf(conv, name, given(w)));
      expect(found, JSON.stringify(w)).toEqual([needed, needed, needed]);
    }
  });
});

describe("a convolution in tiles", () => {
  it("multiplies for the data gradient the live taps of each phase, in whole tiles", () => {
    for (const w of windows) {
      const executed = (tile: number, deep: number): number => {
        // all phases have the tiles of the largest
        const rows = rounded(w.N * Math.ceil(w.H / w.stride) * Math.ceil(w.W / w.stride), tile);
        let depth = 0;
        for (const a of phases(w))
          for (const b of phases(w)) depth += rounded(w.K * live(w.R, a, w) * live(w.S, b, w), deep);
        return rows * rounded(w.C, tile) * depth;
      };
      const found = ["Direct", "Direct8", "Tile8", "Tile16"].map((way) =>
        workOf(conv, `gradientX${way}`, given(w)),
      );
      expect(found, JSON.stringify(w)).toEqual([
        executed(4, 1),
        executed(8, 1),
        executed(32, 8),
        executed(64, 16),
      ]);
    }
  });
  it("multiplies forward, and for the weights, every tap of every output, in whole tiles", () => {
    for (const w of windows) {
      const forward = (tile: number, deep: number): number =>
        rounded(w.N * w.P * w.Q, tile) * rounded(w.K, tile) * rounded(w.C * w.R * w.S, deep);
      const weights = (tile: number, deep: number): number =>
        rounded(w.C * w.R * w.S, tile) * rounded(w.K, tile) * rounded(w.N * w.P * w.Q, deep);
      const ways = [
        ["Direct", 4, 1],
        ["Direct8", 8, 1],
        ["Tile8", 32, 8],
        ["Tile16", 64, 16],
      ] as const;
      for (const [way, tile, deep] of ways)
        expect(
          [workOf(conv, `forwardZ${way}`, given(w)), workOf(conv, `gradientW${way}`, given(w))],
          `${way} ${JSON.stringify(w)}`,
        ).toEqual([forward(tile, deep), weights(tile, deep)]);
    }
  });
});

describe("a depthwise convolution with four results a thread", () => {
  const depthwise = gpuProgramOf(specText("depthwise_conv2d"));
  const sizesOf = ({ P: _p, Q: _q, K: _k, ...sizes }: Window): Sizes => sizes;
  it("multiplies the taps of every row that is inside, for whole strips", () => {
    for (const w of windows) {
      const needed = w.N * w.C * pairs(w.H, w.P, w.R, w) * w.S * rounded(w.Q, 4);
      expect(workOf(depthwise, "forwardZStrip", sizesOf(w)), JSON.stringify(w)).toBe(needed);
    }
  });
  it("multiplies for the weights every place whose row is inside, for whole strips of taps", () => {
    for (const w of windows) {
      const needed = w.N * w.C * pairs(w.H, w.P, w.R, w) * w.Q * rounded(w.S, 4);
      const ways = ["Strip", "StripRows"].map((way) => workOf(depthwise, `gradientW${way}`, sizesOf(w)));
      expect(ways, JSON.stringify(w)).toEqual([needed, needed]);
    }
  });
  it("multiplies for the data gradient the live taps of each phase", () => {
    for (const w of windows) {
      let across = 0;
      for (const phase of phases(w)) across += live(w.S, phase, w) * rounded(Math.ceil(w.W / w.stride), 4);
      const needed = w.N * w.C * pairs(w.H, w.P, w.R, w) * across;
      expect(workOf(depthwise, "gradientXStrip", sizesOf(w)), JSON.stringify(w)).toBe(needed);
    }
  });
});

it("a sum of two products is one kernel, and does both in whole tiles", () => {
  const text = `
    input x[N, C]
    input h[N, M]
    weight w[C, K]
    weight u[K, M]
    output z[N, K]
    z[n,k] = sum[c](x[n,c]*w[c,k]) + sum[m](u[k,m]*h[n,m])`;
  const sizes = { N: 100, C: 20, M: 12, K: 70 };
  const program = gpuProgramOf(text);
  const found = ["Direct", "Direct8", "Tile8", "Tile8Vectors", "Tile16Vectors"].map((way) =>
    workOf(program, `forwardZ${way}`, sizes),
  );
  const small = 128 * 96 * (24 + 16);
  expect(found).toEqual([100 * 72 * 32, 104 * 72 * 32, small, small, 128 * 128 * (32 + 16)]);
  expect(workOf(program, "forwardZ", sizes)).toBe(100 * 70 * 32);
});

describe("the kernels that a plan chooses", () => {
  const work = (pass: string, sizes: Sizes, software = false) =>
    workOfPass(linear, { pass, sizes, software }).map((w) => [w.kernel, w.multiplyAdds]);

  it("do exactly what is needed where tiles fit", () => {
    const sizes = { N: 1024, C: 128, K: 2048 };
    expect(work("forward", sizes)).toEqual([["forwardZTile16Vectors", 1024 * 128 * 2048]]);
  });
  it.each([
    ["dx", { N: 1024, C: 1024, K: 64 }],
    ["dw", { N: 64, C: 1024, K: 1024 }],
  ])("do so whatever the vectors of %s are along", (pass, sizes) => {
    expect(work(pass, sizes).map(([, count]) => count)).toEqual([2 ** 26]);
  });
  it("do so where a thread takes some points of the depth at a turn, and what is left one by one", () => {
    expect(work("forward", { N: 4, C: 39, K: 8 })).toEqual([["forwardZDirect", 4 * 39 * 8]]);
    expect(work("forward", { N: 256, C: 39, K: 64 }, true)).toEqual([["forwardZDirect8", 256 * 39 * 64]]);
  });
  it("are others on an adapter in software", () => {
    expect(work("forward", { N: 512, C: 64, K: 512 }, true)).toEqual([["forwardZDirect8", 512 * 64 * 512]]);
  });
  it("are told with each part of a long sum, which cover it once", () => {
    expect(work("dw", { N: 4096, C: 32, K: 32 })).toEqual([
      ["gradientWPartsVectors", 4096 * 32 * 32],
      ["gradientWWhole", 0],
    ]);
  });
  it("count for four points what four threads would do", () => {
    const text = "input x[N, C]\nweight w[C]\noutput z[N, C]\nz[n,c] = exp(x[n,c] * w[c]) * x[n,c]\n";
    const both = [8, 7].map(
      (C) => workOfPass(gpuProgramOf(text), { pass: "forward", sizes: { N: 3, C } })[0],
    );
    expect(both).toEqual([
      { kernel: "forwardZQuads", multiplyAdds: 2 * 24, calls: 24, stores: 24 },
      { kernel: "forwardZ", multiplyAdds: 2 * 21, calls: 21, stores: 21 },
    ]);
  });
  it("are an error for sizes that the layer does not have", () => {
    expect(() => work("forward", { N: 0, C: 1, K: 1 })).toThrow(RangeError);
  });
});

/** How much arithmetic the kernels do: no multiplied zeros, nothing unasked, nothing twice. */
import { describe, expect, it } from "vitest";
import type { Program, Step } from "../../src/kernels/program.js";
import { capacity, lanes } from "../../src/kernels/stencil/tile.js";
import { compile, plansOf } from "../support/layers.js";
import { chosenKernel, workOf } from "../support/work.js";

function programOf(text: string): Program {
  const program = compile(text).programs[0]?.program;
  if (!program) throw new Error("no program");
  return program;
}
const stepsFor = (program: Program, gradient: string): readonly Step[] =>
  program.backward.steps.filter((s) => s.for.includes(gradient));

/** One axis of a convolution. */
interface Axis {
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly pad: number;
}
const outputs = ({ size, kernel, stride, dilation, pad }: Axis): number =>
  Math.floor((size + 2 * pad - dilation * (kernel - 1) - 1) / stride) + 1;
const inLanes = (results: number): number => Math.ceil(results / lanes) * lanes;

/** Pairs of an output and a tap that reads a point in bounds. */
function pairs(axis: Axis): number {
  let count = 0;
  for (let p = 0; p < outputs(axis); p++)
    for (let r = 0; r < axis.kernel; r++) {
      const at = p * axis.stride - axis.pad + r * axis.dilation;
      if (at >= 0 && at < axis.size) count++;
    }
  return count;
}

/** For each phase of the gradient of x how many of its points it has, and how many taps divide there. */
function phases({ size, kernel, stride, dilation, pad }: Axis): { results: number; taps: number }[] {
  return Array.from({ length: stride }, (_, phase) => {
    let taps = 0;
    for (let r = 0; r < kernel; r++) if ((phase + pad - r * dilation) % stride === 0) taps++;
    return { results: Math.max(0, Math.ceil((size - phase) / stride)), taps };
  });
}

describe("a strided convolution", () => {
  const program = programOf(`
    param stride = 1
    param pad = 0
    param dilation = 1
    input x[H]
    weight w[R]
    output z[P]
    P = floor((H + 2*pad - dilation*(R - 1) - 1) / stride) + 1
    z[p] = sum[r](x[p*stride - pad + r*dilation] * w[r])`);

  it("multiplies each result by its live taps alone, in whole lanes, in all three forms", () => {
    for (let H = 1; H <= 7; H++)
      for (let R = 1; R <= 4; R++)
        for (const stride of [1, 2, 3, 4])
          for (const dilation of [1, 2, 3, 4])
            for (const pad of [0, 1, 3]) {
              const axis = { size: H, kernel: R, stride, dilation, pad };
              const P = outputs(axis);
              if (P < 1) continue;
              const sizes = { H, R, stride, dilation, pad };
              const forward = workOf(program, program.forward.steps, sizes).multiplyAdds;
              const dx = workOf(program, stepsFor(program, "dx"), sizes).multiplyAdds;
              const dw = workOf(program, stepsFor(program, "dw"), sizes).multiplyAdds;
              // a short gradient of w is summed point by point
              const dwNeeded = R > lanes / 2 ? inLanes(R) * P : pairs(axis);
              const needed = [
                inLanes(P) * R,
                phases(axis).reduce((n, p) => n + inLanes(p.results) * p.taps, 0),
              ];
              expect([forward, dx, dw], JSON.stringify(sizes)).toEqual([...needed, dwNeeded]);
            }
  });
});

describe("a plane that is too long for its panel", () => {
  const program = programOf(`
    param stride = 1
    param pad = 0
    input x[C, H]
    weight w[C, R]
    output z[C, P]
    P = floor((H + 2*pad - R) / stride) + 1
    z[c,p] = sum[r](x[c, p*stride - pad + r] * w[c,r])`);

  it.each([1, 2])("is swept row by row, each live tap once, with stride %i", (stride) => {
    const axis = { size: capacity, kernel: 3, stride, pad: 2, dilation: 1 };
    const sizes = { C: 1, H: axis.size, R: 3, stride, pad: axis.pad };
    const count = (steps: readonly Step[]) => workOf(program, steps, sizes).multiplyAdds;
    const steps = [program.forward.steps, stepsFor(program, "dx"), stepsFor(program, "dw")];
    const chosen = steps.map(([step]) => chosenKernel(program, step, sizes));
    expect(chosen).toEqual(
      stride === 1
        ? ["forwardZByRow", "gradientXByRow", "gradientWByPoint"]
        : ["forwardZByRow", "gradientX", "gradientWByPoint"],
    );
    const whole =
      stride === 1 ? pairs(axis) : phases(axis).reduce((n, p) => n + inLanes(p.results) * p.taps, 0);
    expect(steps.map(count)).toEqual([pairs(axis), whole, pairs(axis)]);
  });

  it("gives the same results", async () => {
    const plan = await plansOf(`
      param pad = 0
      input x[C, H]
      weight w[C, R]
      output z[C, P]
      P = H + 2*pad - R + 1
      z[c,p] = sum[r](x[c, p - pad + r] * w[c,r])`);
    const [H, R, pad] = [capacity + 5, 3, 1];
    const x = Float64Array.from({ length: H }, (_, i) => ((i * 7) % 11) - 5);
    const dz = Float64Array.from({ length: H }, (_, i) => ((i * 5) % 13) - 6);
    const w = Float64Array.of(2, -1, 3);
    const at = (a: ArrayLike<number> | undefined, i: number): number => a?.[i] ?? 0;
    const { z } = plan({ C: 1, H, R, pad }).forward({ x, w });
    const { dx, dw } = plan({ C: 1, H, R, pad }).backward({ x, w, dz });
    for (const i of [0, 1, 2, 1000, capacity - 1, capacity, H - 2, H - 1]) {
      expect(at(z, i)).toBe(2 * at(x, i - 1) - at(x, i) + 3 * at(x, i + 1));
      expect(at(dx, i)).toBe(2 * at(dz, i + 1) - at(dz, i) + 3 * at(dz, i - 1));
    }
    const sums = [-1, 0, 1].map((d) => dz.reduce((sum, v, i) => sum + v * at(x, i + d), 0));
    expect([0, 1, 2].map((r) => at(dw, r))).toEqual(sums);
  });
});

describe("stencils", () => {
  const window = `
    param stride = 1
    param pad = 0
    param dilation = 1
    P = floor((H + 2*pad - dilation*(R - 1) - 1) / stride) + 1
    Q = floor((W + 2*pad - dilation*(S - 1) - 1) / stride) + 1`;
  const at = "p*stride - pad + r*dilation, q*stride - pad + s*dilation";
  const depthwise = programOf(`${window}
    input x[N, C, H, W]
    weight w[C, R, S]
    output z[N, C, P, Q]
    z[n,c,p,q] = sum[r,s](x[n, c, ${at}] * w[c,r,s])`);
  const dense = programOf(`${window}
    input x[N, C, H, W]
    weight w[K, C, R, S]
    output z[N, K, P, Q]
    z[n,k,p,q] = sum[c,r,s](x[n, c, ${at}] * w[k,c,r,s])`);
  const windows = [1, 2, 3].flatMap((stride) =>
    [1, 2, 4].flatMap((dilation) =>
      [0, 1, 3].map((pad) => ({ H: 6, W: 7, R: 3, S: 2, stride, dilation, pad })),
    ),
  );
  const axes = ({ H, W, R, S, ...rest }: (typeof windows)[number]): readonly [Axis, Axis] => [
    { size: H, kernel: R, ...rest },
    { size: W, kernel: S, ...rest },
  ];
  /** Multiply-adds of a plane in the forward pass and in the gradient of x. */
  function needed(sizes: (typeof windows)[number]): readonly [number, number] | undefined {
    const [down, along] = axes(sizes);
    const [P, Q] = [outputs(down), outputs(along)];
    if (P < 1 || Q < 1) return undefined;
    const back = phases(down).flatMap((h) =>
      phases(along).map((w) => h.results * inLanes(w.results) * h.taps * w.taps),
    );
    return [P * inLanes(Q) * sizes.R * sizes.S, back.reduce((sum, n) => sum + n, 0)];
  }

  it("multiplies each result of each channel by its live taps, in whole lanes", () => {
    for (const sizes of windows) {
      const each = needed(sizes);
      if (each === undefined) continue;
      const count = (steps: readonly Step[]) =>
        workOf(depthwise, steps, { ...sizes, N: 2, C: 3 }).multiplyAdds;
      const [down, along] = axes(sizes);
      const found = [depthwise.forward.steps, stepsFor(depthwise, "dx"), stepsFor(depthwise, "dw")].map(
        count,
      );
      const wanted = [6 * each[0], 6 * each[1], 6 * pairs(down) * pairs(along)];
      expect(found, JSON.stringify(sizes)).toEqual(wanted);
    }
  });

  it("takes the place of tiles for few channels, and multiplies no more", () => {
    for (const sizes of windows) {
      const each = needed(sizes);
      if (each === undefined) continue;
      const count = (steps: readonly Step[]) =>
        workOf(dense, steps, { ...sizes, N: 2, C: 3, K: 5 }).multiplyAdds;
      const found = [dense.forward.steps, stepsFor(dense, "dx")].map(count);
      expect(found, JSON.stringify(sizes)).toEqual(each.map((n) => 30 * n));
    }
  });
});

describe("gradients that share values", () => {
  const program = programOf(`
    input x[N, C]
    weight w[C, K]
    weight b[K]
    output y[N, K]
    y[n,k] = tanh(sum[c](x[n,c]*w[c,k]) + b[k])`);
  it.each([
    // two matrix products of 13·14·15 products, in whole tiles of 2 × 3
    [{ N: 13, C: 14, K: 15 }, 15 * (14 * 15) + 13 * (14 * 15)],
    // too few rows and columns for tiles: no product in vain
    [{ N: 3, C: 4, K: 4 }, 2 * (3 * 4 * 4)],
    [{ N: 20, C: 1, K: 50 }, 2 * (20 * 50)],
  ])("compute the shared cotangent once in backward: %o", (sizes, products) => {
    const all = workOf(program, program.backward.steps, sizes).multiplyAdds;
    const apart = ["dx", "dw", "db"].map((g) => workOf(program, stepsFor(program, g), sizes).multiplyAdds);
    const shared = program.backward.steps.filter((s) => s.for.length === 3);
    expect(shared.length).toBe(1);
    const once = workOf(program, shared, sizes).multiplyAdds;
    expect(all).toBe(apart.reduce((sum, n) => sum + n, 0) - 2 * once);
    expect(once).toBeGreaterThan(0);
    expect(all).toBe(once + products);
  });

  it("compute nothing unasked alone", () => {
    expect(stepsFor(program, "db").map((s) => s.kernel)).toEqual(["backwardSumY", "gradientB"]);
    expect(program.backward.needs["db"]).toEqual(["y", "dy"]);
    expect(program.backward.needs["dx"]).toEqual(["w", "y", "dy"]);
    expect(workOf(program, program.backward.steps, { N: 3, C: 4, K: 5 }).calls).toBe(0);
  });
});

describe("a data-dependent scatter", () => {
  it("touches each row that is read, not each pair of row and index", () => {
    const program = programOf(`
      weight table[V, D]
      index t[N] < V
      output y[N, D]
      y[n,d] = table[t[n], d]`);
    expect(workOf(program, program.backward.steps, { V: 100, D: 3, N: 5 }).stores).toBe(15);
  });
});

/** How much arithmetic the kernels do: no multiplied zeros, nothing unasked, nothing twice. */
import { describe, expect, it } from "vitest";
import * as build from "../../src/notation/construct.js";
import { evaluateCondition } from "../../src/ranges/evaluate.js";
import { countWork, withPlanConstants, type Work } from "../../src/kernels/count.js";
import type { Program, Step } from "../../src/kernels/program.js";
import { resolveSizes } from "../../src/ranges/sizes.js";
import { compile } from "../support/layers.js";

function programOf(text: string): Program {
  const program = compile(text).programs[0]?.program;
  if (!program) throw new Error("no program");
  return program;
}
function work(program: Program, steps: readonly Step[], sizes: Record<string, number>): Work {
  const resolved = resolveSizes(program.layer, sizes);
  if (!resolved.ok) throw new Error(resolved.message);
  const env = withPlanConstants(program.planConstants, resolved.env);
  const counted = steps.map((step) => {
    const { when, kernel: other } = step.instead ?? { when: build.falsehood, kernel: "" };
    const chosen = evaluateCondition(when, resolved.env) ? other : step.kernel;
    const kernel = program.kernels.find((k) => k.name === chosen);
    if (!kernel) throw new Error(step.kernel);
    return countWork(kernel, env);
  });
  return {
    multiplyAdds: counted.reduce((sum, w) => sum + w.multiplyAdds, 0),
    calls: counted.reduce((sum, w) => sum + w.calls, 0),
    stores: counted.reduce((sum, w) => sum + w.stores, 0),
  };
}
const stepsFor = (program: Program, gradient: string): readonly Step[] =>
  program.backward.steps.filter((s) => s.for.includes(gradient));

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

  it("multiplies each pair of an output and a tap that is in bounds exactly once, in all three forms", () => {
    for (let H = 1; H <= 7; H++)
      for (let R = 1; R <= 4; R++)
        for (const stride of [1, 2, 3, 4])
          for (const dilation of [1, 2, 3, 4])
            for (const pad of [0, 1, 3]) {
              const P = Math.floor((H + 2 * pad - dilation * (R - 1) - 1) / stride) + 1;
              if (P < 1) continue;
              let pairs = 0;
              for (let p = 0; p < P; p++)
                for (let r = 0; r < R; r++) {
                  const h = p * stride - pad + r * dilation;
                  if (h >= 0 && h < H) pairs++;
                }
              const sizes = { H, R, stride, dilation, pad };
              const forward = work(program, program.forward.steps, sizes).multiplyAdds;
              const dx = work(program, stepsFor(program, "dx"), sizes).multiplyAdds;
              const dw = work(program, stepsFor(program, "dw"), sizes).multiplyAdds;
              expect([forward, dx, dw], JSON.stringify(sizes)).toEqual([pairs, pairs, pairs]);
            }
  });
});

describe("windows swept row by row", () => {
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
  /** Pairs of an output position and a tap inside the input, along both axes. */
  function pairs({ H, W, R, S, stride, dilation, pad }: (typeof windows)[number]): number | undefined {
    const along = (size: number, kernel: number): number => {
      const outputs = Math.floor((size + 2 * pad - dilation * (kernel - 1) - 1) / stride) + 1;
      let count = outputs < 1 ? NaN : 0;
      for (let p = 0; p < outputs; p++)
        for (let r = 0; r < kernel; r++) {
          const h = p * stride - pad + r * dilation;
          if (h >= 0 && h < size) count++;
        }
      return count;
    };
    const count = along(H, R) * along(W, S);
    return Number.isNaN(count) ? undefined : count;
  }

  it("multiplies each pair once for every channel", () => {
    for (const sizes of windows) {
      const each = pairs(sizes);
      if (each === undefined) continue;
      const count = (steps: readonly Step[]) => work(depthwise, steps, { ...sizes, N: 2, C: 3 }).multiplyAdds;
      const found = [depthwise.forward.steps, stepsFor(depthwise, "dx"), stepsFor(depthwise, "dw")].map(
        count,
      );
      expect(found, JSON.stringify(sizes)).toEqual([6 * each, 6 * each, 6 * each]);
    }
  });

  it("takes the place of tiles for few channels, and multiplies each pair once", () => {
    for (const sizes of windows) {
      const each = pairs(sizes);
      if (each === undefined) continue;
      const count = (steps: readonly Step[]) =>
        work(dense, steps, { ...sizes, N: 2, C: 3, K: 5 }).multiplyAdds;
      const found = [dense.forward.steps, stepsFor(dense, "dx")].map(count);
      expect(found, JSON.stringify(sizes)).toEqual([30 * each, 30 * each]);
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
  const sizes = { N: 3, C: 4, K: 5 };

  it("compute the shared cotangent once in backward", () => {
    const all = work(program, program.backward.steps, sizes).multiplyAdds;
    const apart = ["dx", "dw", "db"].map((g) => work(program, stepsFor(program, g), sizes).multiplyAdds);
    const shared = program.backward.steps.filter((s) => s.for.length === 3);
    expect(shared.length).toBe(1);
    const once = work(program, shared, sizes).multiplyAdds;
    expect(all).toBe(apart.reduce((sum, n) => sum + n, 0) - 2 * once);
    expect(once).toBeGreaterThan(0);
    // two matrix products of 3·4·5 products, in whole tiles of 2 × 3
    expect(all).toBe(once + 5 * (4 * 6) + 3 * (4 * 6));
  });

  it("compute nothing unasked alone", () => {
    expect(stepsFor(program, "db").map((s) => s.kernel)).toEqual(["backwardSumY", "gradientB"]);
    expect(program.backward.needs["db"]).toEqual(["y", "dy"]);
    expect(program.backward.needs["dx"]).toEqual(["w", "y", "dy"]);
    expect(work(program, program.backward.steps, sizes).calls).toBe(0);
  });
});

describe("a data-dependent scatter", () => {
  it("touches each row that is read, not each pair of row and index", () => {
    const program = programOf(`
      weight table[V, D]
      index t[N] < V
      output y[N, D]
      y[n,d] = table[t[n], d]`);
    expect(work(program, program.backward.steps, { V: 100, D: 3, N: 5 }).stores).toBe(15);
  });
});

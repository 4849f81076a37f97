/** Which statements are tiled, how their phases cover a strided gradient, and that nothing is allocated. */
import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { countWork, withPlanConstants } from "../../src/kernels/count.js";
import { scalarTile } from "../../src/kernels/contraction/tile.js";
import type { Program } from "../../src/kernels/program.js";
import { resolveSizes } from "../../src/ranges/sizes.js";
import { compile, integers, plansOf } from "../support/layers.js";

const spec = (name: string): string => readFileSync(`specs/${name}.layer`, "utf8");
function programOf(text: string, name = "sample"): Program {
  const program = compile(text, name).programs[0]?.program;
  if (!program) throw new Error("no program");
  return program;
}
const tiled = (program: Program): string[] =>
  program.kernels.filter((k) => k.reads.includes("tile sums")).map((k) => k.name);

describe("tiled kernels", () => {
  it.each([
    ["linear", ["forwardZ", "gradientX", "gradientW"]],
    ["linear_relu", ["forwardY", "gradientX", "gradientW"]],
    ["bmm", ["forwardY", "gradientX", "gradientT"]],
    ["conv2d", ["forwardZ", "gradientX", "gradientW"]],
    ["conv2d_nhwc", ["forwardZ", "gradientX", "gradientW"]],
    ["conv3d", ["forwardZ", "gradientX", "gradientW"]],
    ["conv2d_relu", ["forwardY", "gradientX", "gradientW"]],
    ["lstm_cell", ["forwardZ", "gradientX", "gradientH", "gradientWx", "gradientWh"]],
    ["conv_transpose2d", ["forwardZ", "gradientX", "gradientW"]],
    ["attention", ["forwardS", "forwardY", "backwardA", "gradientQ", "gradientK", "gradientV"]],
    ["depthwise_conv2d", []],
    ["relu", []],
  ])("%s", (name, kernels) => {
    expect(tiled(programOf(spec(name), name))).toEqual(kernels);
  });
});

describe("sums that begin below 0", () => {
  // Σ_c x[n, c − a]·w[c − a, k] from c = a, and from n + a where the rows bound it
  it.each([
    ["for all rows", "a <= c < L + a", 0],
    ["row by row", "n + a <= c < L + a", 1],
  ])("%s", async (_, range, from) => {
    const plan = await plansOf(`
      param a = 0
      input x[N, L]
      weight w[L, K]
      output z[N, K]
      z[n, k] = sum[${range}](x[n, c - a] * w[c - a, k])`);
    const [N, L, K] = [3, 5, 4];
    const [x, w] = [integers(N * L, 1), integers(L * K, 2)];
    const expected = Array.from({ length: N * K }, (_, at) => {
      const [n, k] = [Math.floor(at / K), at % K];
      let sum = 0;
      for (let c = from * n; c < L; c++) sum += (x[n * L + c] ?? 0) * (w[c * K + k] ?? 0);
      return sum;
    });
    for (const a of [-4, -1, 0, 2]) {
      const { z } = plan({ N, L, K, a }).forward({ x, w });
      expect([...(z ?? [])], `a = ${a}`).toEqual(expected);
    }
  });
});

describe("a strided data gradient by phases", () => {
  const text = `
    param stride = 1
    param pad = 0
    param dilation = 1
    input x[N, C, H]
    weight w[K, C, R]
    output z[N, K, P]
    P = floor((H + 2*pad - dilation*(R - 1) - 1) / stride) + 1
    z[n,k,p] = sum[c,r](x[n, c, p*stride - pad + r*dilation] * w[k,c,r])`;
  const program = programOf(text);

  it("multiplies no inserted zeros: each phase runs over its live taps alone", () => {
    const kernel = program.kernels.find((k) => k.name === "gradientX");
    if (!kernel) throw new Error("no gradientX");
    for (const stride of [1, 2, 3, 4])
      for (const dilation of [1, 2, 3, 4])
        for (const [H, R, pad] of [
          [12, 3, 1],
          [13, 4, 0],
          [16, 1, 2],
        ] as const) {
          const sizes = { N: 1, C: scalarTile.columns, K: 2, H, R, stride, dilation, pad };
          const resolved = resolveSizes(program.layer, sizes);
          if (!resolved.ok) continue;
          const env = withPlanConstants(program.planConstants, resolved.env);
          let needed = 0;
          for (let phase = 0; phase < stride; phase++) {
            const rows = Math.ceil((H - phase) / stride);
            let taps = 0;
            for (let r = 0; r < R; r++)
              if ((((phase + pad - r * dilation) % stride) + stride) % stride === 0) taps++;
            needed +=
              Math.ceil(rows / scalarTile.rows) * scalarTile.rows * scalarTile.columns * taps * sizes.K;
          }
          expect(countWork(kernel, env).multiplyAdds, JSON.stringify(sizes)).toBe(needed);
        }
  });

  it("is exact for all small windows with channels", async () => {
    const plan = await plansOf(text);
    for (const stride of [1, 2, 3])
      for (const dilation of [1, 2, 3])
        for (const pad of [0, 1, 4])
          for (const [N, C, K, H, R] of [
            [2, 3, 2, 7, 3],
            [1, 5, 4, 9, 2],
            [3, 1, 1, 5, 1],
            // enough channels for tiles
            [1, 9, 8, 7, 3],
            [1, 8, 11, 9, 2],
          ] as const) {
            const P = Math.floor((H + 2 * pad - dilation * (R - 1) - 1) / stride) + 1;
            const [x, w, dz] = [integers(N * C * H, 1), integers(K * C * R, 2), integers(N * K * P, 3)];
            const z = new Float64Array(N * K * P);
            const [dx, dw] = [new Float64Array(x.length), new Float64Array(w.length)];
            for (let n = 0; n < N; n++)
              for (let k = 0; k < K; k++)
                for (let p = 0; p < P; p++)
                  for (let c = 0; c < C; c++)
                    for (let r = 0; r < R; r++) {
                      const h = p * stride - pad + r * dilation;
                      if (h < 0 || h >= H) continue;
                      const [o, a, b] = [(n * K + k) * P + p, (n * C + c) * H + h, (k * C + c) * R + r];
                      z[o] = (z[o] ?? 0) + (x[a] ?? 0) * (w[b] ?? 0);
                      dx[a] = (dx[a] ?? 0) + (dz[o] ?? 0) * (w[b] ?? 0);
                      dw[b] = (dw[b] ?? 0) + (dz[o] ?? 0) * (x[a] ?? 0);
                    }
            const made = plan({ N, C, K, H, R, stride, dilation, pad });
            expect(made.forward({ x, w })["z"]).toEqual(z);
            const back = made.backward({ x, w, dz });
            expect([back["dx"], back["dw"]]).toEqual([dx, dw]);
          }
  });
});

describe.each(["", "relu"])("several products in one statement, in %s(…)", (f) => {
  const text = `
    input x[N, D]
    input h[N, M]
    weight wx[K, D]
    weight wh[K, M]
    weight b[K]
    output y[N, K]
    y[n,k] = ${f}(sum[d](wx[k,d]*x[n,d]) + sum[m](wh[k,m]*h[n,m]) + b[k])`;
  const [N, D, M, K] = [3, 600, 4, 5];

  it("add up, and the rest is applied once at the end", async () => {
    const [x, h, b] = [integers(N * D, 1), integers(N * M, 2), integers(K, 3)];
    const [wx, wh] = [integers(K * D, 4).map((v) => v / 4096), integers(K * M, 5).map((v) => v / 64)];
    const y = new Float64Array(N * K);
    for (let n = 0; n < N; n++)
      for (let k = 0; k < K; k++) {
        let sum = b[k] ?? 0;
        for (let d = 0; d < D; d++) sum += (wx[k * D + d] ?? 0) * (x[n * D + d] ?? 0);
        for (let m = 0; m < M; m++) sum += (wh[k * M + m] ?? 0) * (h[n * M + m] ?? 0);
        y[n * K + k] = f === "" ? sum : Math.max(0, sum);
      }
    const plan = await plansOf(text);
    expect(plan({ N, D, M, K }).forward({ x, h, wx, wh, b })["y"]).toEqual(y);
  });

  it("are all tiled", () => {
    const program = programOf(text);
    const env = withPlanConstants(program.planConstants, new Map(Object.entries({ N, D, M, K })));
    const steps = program.forward.steps.map((s) => program.kernels.find((k) => k.name === s.kernel));
    const work = steps.map((k) => (k ? countWork(k, env).multiplyAdds : NaN));
    // 3 × 5 outputs in whole tiles of 2 × 3
    expect(work.reduce((a, b) => a + b, 0)).toBe(4 * 6 * (D + M));
  });
});

describe("blocks of the depth and of the columns", () => {
  it("add up for sums longer and results wider than a block", async () => {
    const plan = await plansOf(`
      input x[M, K]
      weight w[K, N]
      weight b[N]
      output y[M, N]
      y[m,n] = relu(sum[k](x[m,k]*w[k,n]) + b[n])`);
    const [M, K, N] = [5, 600, 401];
    const [x, w, b] = [integers(M * K, 1), integers(K * N, 2), integers(N, 3)];
    const y = new Float64Array(M * N);
    for (let m = 0; m < M; m++)
      for (let n = 0; n < N; n++) {
        let sum = b[n] ?? 0;
        for (let k = 0; k < K; k++) sum += (x[m * K + k] ?? 0) * (w[k * N + n] ?? 0);
        y[m * N + n] = Math.max(0, sum);
      }
    expect(plan({ M, K, N }).forward({ x, w, b })["y"]).toEqual(y);
  });
});

describe("panels", () => {
  it("keep out of the way of tensors and sizes that are called as they are", async () => {
    const plan = await plansOf(`
      input packedRows[M, steps]
      weight rows0[steps, N]
      output tileSums[M, N]
      tileSums[m,n] = sum[k](packedRows[m,k]*rows0[k,n])`);
    const made = plan({ M: 1, steps: 2, N: 1 });
    const [packedRows, rows0] = [Float64Array.of(2, 3), Float64Array.of(5, 7)];
    expect(made.forward({ packedRows, rows0 })["tileSums"]).toEqual(Float64Array.of(31));
  });

  it("are shared by plans, whose calls do not disturb each other", async () => {
    const plan = await plansOf(`
      input x[M, K]
      weight w[K, N]
      output y[M, N]
      y[m,n] = sum[k](x[m,k]*w[k,n])`);
    const [small, large] = [plan({ M: 1, K: 1, N: 1 }), plan({ M: 9, K: 600, N: 400 })];
    expect(small.workspaceBytes).toBe(large.workspaceBytes);
    expect(small.workspaceBytes).toBe(8 * (2 * 512 + 384 * 512 + 2 * 384));
    large.forward({ x: new Float64Array(9 * 600).fill(3), w: new Float64Array(600 * 400).fill(3) });
    const y = small.forward({ x: Float64Array.of(2), w: Float64Array.of(5) })["y"];
    expect(y).toEqual(Float64Array.of(10));
  });
});

describe("memory", () => {
  // the processes of tests optimise late (vitest.config.ts), those of users with this default
  const late = process.execArgv.find((flag) => flag.startsWith("--interrupt-budget"));
  beforeAll(() => late && setFlagsFromString("--interrupt-budget=67584"));
  afterAll(() => late && setFlagsFromString(late));
  it("is not taken by calls whose arrays are given", async () => {
    const plan = await plansOf(spec("conv2d").replace(/^variant.*$/gmu, ""));
    const made = plan({ N: 1, C: 2, H: 6, W: 6, K: 3, R: 3, S: 3, stride: 2, pad: 1 });
    const t = made.allocate();
    const run = (times: number): void => {
      for (let i = 0; i < times; i++) {
        made.forward(t, t);
        made.backward(t, t);
      }
    };
    run(3000);
    // while the engine still compiles, interpreted code boxes its numbers: the best of some rounds is the kernels' own
    const grown = Array.from({ length: 8 }, () => {
      const before = process.memoryUsage();
      run(1000);
      const after = process.memoryUsage();
      expect(after.arrayBuffers).toBe(before.arrayBuffers);
      return after.heapUsed - before.heapUsed;
    }).filter((bytes) => bytes >= 0);
    expect(Math.min(...grown)).toBeLessThan(50_000);
  });
});

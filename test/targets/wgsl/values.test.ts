/** Shaders on a device: values against plain loops, at sizes that divide nothing, are 1, or need many workgroups. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openGpu, type Gpu } from "../../../src/webgpu/adapter.js";
import { loadGpuPlan, runStep, type GpuPlan, type TensorArray } from "../../../src/webgpu/run.js";
import { erf } from "../../specs/oracles/pointwise.js";
import { integers } from "../../support/layers.js";
import { agreesOn, type trialOf } from "./agrees.js";
import { always, gpuProgramOf, specText, urlOf } from "./support.js";

let gpu: Gpu;
beforeAll(async () => {
  gpu = await openGpu();
});
afterAll(() => gpu.close());

type Sizes = Readonly<Record<string, number>>;
type Numbers = Readonly<Record<string, TensorArray>>;

async function planOf(text: string, sizes: Sizes, ending?: string): Promise<GpuPlan> {
  const program = gpuProgramOf(text);
  const forced = ending === undefined ? { program, steps: 1 } : always(ending, program);
  expect(forced.steps).toBeGreaterThan(0);
  return (await loadGpuPlan(await urlOf(forced.program), "sample"))(gpu.device, sizes);
}
async function run(
  plan: GpuPlan,
  pass: string,
  inputs: Numbers,
  results: readonly string[],
): Promise<Numbers> {
  const buffers = plan.allocate();
  const outputs = await runStep(gpu.device, plan, buffers, { pass, inputs, results });
  plan.destroy(buffers);
  plan.destroy();
  return outputs;
}

const agrees = (...trial: Parameters<typeof trialOf>): Promise<void> => agreesOn(gpu.device, ...trial);

const linear = specText("linear");
const conv2d = specText("conv2d");
const ways = ["Direct", "Direct8", "Tile8", "Parts"];

describe.each(ways)("matrix products as %s", (ending) => {
  it.each([
    { N: 1, C: 1, K: 1 },
    { N: 35, C: 17, K: 9 },
    { N: 67, C: 41, K: 66 },
    { N: 8, C: 18, K: 5 },
  ])("are right at $N, $C, $K", (sizes) => agrees(linear, sizes, ending), 120_000);
});

describe.each([...ways, "DirectWindow", "Tile16"])("convolutions as %s", (ending) => {
  it.each([
    { N: 1, C: 1, H: 1, W: 1, K: 1, R: 1, S: 1, stride: 1 },
    { N: 2, C: 5, H: 9, W: 7, K: 6, R: 3, S: 2, stride: 2, pad: 1 },
    { N: 1, C: 2, H: 11, W: 8, K: 3, R: 3, S: 3, stride: 3, pad: 2, dilation: 2 },
    { N: 1, C: 3, H: 6, W: 9, K: 2, R: 2, S: 2, stride: 4, dilation: 2 },
  ])("are right at $H × $W, stride $stride", (sizes) => agrees(conv2d, sizes, ending), 120_000);
});

describe("four results of a window in a thread", () => {
  const sizes = [
    { N: 1, C: 1, H: 1, W: 1, R: 1, S: 1, stride: 1, pad: 0 },
    { N: 2, C: 3, H: 9, W: 10, R: 3, S: 3, stride: 1, pad: 1 },
    { N: 2, C: 3, H: 9, W: 7, R: 3, S: 2, stride: 2, pad: 1 },
    { N: 1, C: 2, H: 9, W: 22, R: 2, S: 2, stride: 2, pad: 0 },
    { N: 1, C: 3, H: 6, W: 9, R: 2, S: 2, stride: 4, pad: 0 },
  ];
  const dilated = [
    { N: 1, C: 2, H: 11, W: 23, R: 3, S: 3, stride: 3, pad: 2, dilation: 2 },
    { N: 1, C: 3, H: 6, W: 9, R: 2, S: 2, stride: 4, pad: 0, dilation: 2 },
  ];
  it.each([...sizes, ...dilated])("are right for a depthwise convolution, %o", (s) =>
    agrees(specText("depthwise_conv2d"), s, "Strip"),
  );
  it.each([...sizes, ...dilated])("are right for a depthwise kernel's gradient in a workgroup, %o", (s) =>
    agrees(specText("depthwise_conv2d"), s, "StripRows"),
  );
  it.each([...sizes, ...dilated])("are right for max pooling, its positions and its gradient, %o", (s) =>
    agrees(specText("max_pool2d"), s, "Strip"),
  );
  it.each([9, 10, 23])(
    "are right for pooling with all params at their defaults, %i cells wide",
    async (W) => {
      for (const name of ["max_pool2d", "avg_pool2d"])
        await agrees(specText(name), { N: 2, C: 3, H: 9, W }, "StripDefault", 36);
    },
  );
  it.each(["min", "max"])(
    "are right where the window's taps are written out, in the padding none, for a %s",
    (of) =>
      agrees(
        `
      input x[N, H, W]
      output y[N, P, Q]
      P = floor((H - 1)/2) + 1
      Q = floor((W - 1)/2) + 1
      y[n,p,q] = ${of}[r < 3, s < 3](x[n, 2*p + r - 1, 2*q + s - 1])`,
        { N: 3, H: 9, W: 12 },
        "Strip",
      ),
  );
  it.each(["max", "mean"])(
    "are right for windows side by side, whose gradients spread a value over each, for a %s",
    async (of) => {
      const text = `
        input x[N, H, W]
        output y[N, P, Q]
        P = floor(H/2)
        Q = floor(W/2)
        y[n,p,q] = ${of}[r < 2, s < 2](x[n, 2*p + r, 2*q + s])`;
      for (const W of [8, 23]) await agrees(text, { N: 3, H: 9, W }, "Strip", 4);
    },
  );
  // a window has 1, 2, 3, 4, 6 or 9 cells
  it.each(sizes)("are right for average pooling and its gradient, %o", (s) =>
    agrees(specText("avg_pool2d"), s, "Strip", 36),
  );
});

describe.each(ways)("a sum of two products as %s", (ending) => {
  const text = `
    input x[N, C]
    input h[N, M]
    weight w[C, K]
    weight u[K, M]
    weight b[K]
    output z[N, K]
    z[n,k] = max(0, sum[c](x[n,c]*w[c,k]) + sum[m](u[k,m]*h[n,m]) + b[k])`;
  it.each([
    { N: 1, C: 1, M: 1, K: 1 },
    { N: 35, C: 17, M: 9, K: 33 },
    { N: 5, C: 700, M: 30, K: 6 },
  ])("is added up over both depths, at $N, $C, $M, $K", async (sizes) => {
    const { N, C, M, K } = sizes;
    const numbers = (length: number, seed: number) => Float32Array.from(integers(length, seed));
    const [x, h, w, u, b] = [
      numbers(N * C, 1),
      numbers(N * M, 2),
      numbers(C * K, 3),
      numbers(K * M, 4),
      numbers(K, 5),
    ];
    const expected = Float32Array.from({ length: N * K }, (_, at) => {
      const [n, k] = [Math.floor(at / K), at % K];
      let sum = b[k]!;
      for (let c = 0; c < C; c++) sum += x[n * C + c]! * w[c * K + k]!;
      for (let m = 0; m < M; m++) sum += u[k * M + m]! * h[n * M + m]!;
      return Math.max(0, sum);
    });
    const { z } = await run(await planOf(text, sizes, ending), "forward", { x, h, w, u, b }, ["z"]);
    expect(z).toEqual(expected);
  });
});

describe("what is chosen", () => {
  it("is right for a long sum", () => agrees(linear, { N: 3000, C: 3, K: 5 }), 120_000);
  it("is right for more than 65,535 workgroups", async () => {
    const text = "input x[N]\noutput z[N]\nz[n] = 2*x[n] + n\n";
    const N = 64 * 65_535 + 130;
    const x = Float32Array.from({ length: N }, (_, n) => n % 7);
    const { z } = await run(await planOf(text, { N }), "forward", { x }, ["z"]);
    const wrong = x.findIndex((value, n) => z?.[n] !== Math.fround(2 * value + n));
    expect(wrong).toBe(-1);
  }, 120_000);
});

it("a statement reads more tensors than one copy can gather", async () => {
  const names = Array.from({ length: 20 }, (_, i) => `x${i}`);
  const lines = [...names.map((name) => `input ${name}[N]`), "output z[N]"];
  const text = `${lines.join("\n")}\nz[n] = ${names.map((name, i) => `${i + 1}*${name}[n]`).join(" + ")}\n`;
  const N = 5;
  const inputs = Object.fromEntries(names.map((name, i) => [name, Float32Array.from(integers(N, i))]));
  const { z } = await run(await planOf(text, { N }), "forward", inputs, ["z"]);
  const expected = Float32Array.from({ length: N }, (_, n) =>
    names.reduce((sum, name, i) => sum + (i + 1) * (inputs[name]?.[n] ?? NaN), 0),
  );
  expect(z).toEqual(expected);
});

describe("rows shared by a workgroup", () => {
  it.each([1, 127, 128, 129, 1000])("give the sum, product, least and greatest of %i", async (C) => {
    const text = `
      input x[N, C]
      output s[N]
      output m[N]
      output l[N]
      output p[N]
      s[n] = sum[c](x[n,c])
      m[n] = max[c](x[n,c])
      l[n] = min[c](x[n,c])
      p[n] = prod[c](where(x[n,c] < 0, -1, 1))`;
    const N = 3;
    const x = Float32Array.from(integers(N * C, 5));
    const plan = await planOf(text, { N, C }, "Rows");
    const got = await run(plan, "forward", { x }, ["s", "m", "l", "p"]);
    const rows = Array.from({ length: N }, (_, n) => [...x.slice(n * C, (n + 1) * C)]);
    const by = (f: (row: number[]) => number): Float32Array => Float32Array.from(rows, f);
    expect(got).toEqual({
      s: by((row) => row.reduce((a, b) => a + b, 0)),
      m: by((row) => Math.max(...row)),
      l: by((row) => Math.min(...row)),
      p: by((row) => (row.filter((v) => v < 0).length % 2 === 0 ? 1 : -1)),
    });
  });

  it("keep a sum of a million numbers within 1e-4", async () => {
    const N = 1_000_000;
    const x = Float32Array.from({ length: N }, (_, n) => 0.1 + (n % 10) / 100);
    const exact = x.reduce((a, b) => a + b, 0);
    const text = "input x[N]\noutput z\nz = sum[n](x[n])\n";
    const { z } = await run(await planOf(text, { N }), "forward", { x }, ["z"]);
    expect(Math.abs((z?.[0] ?? NaN) - exact) / exact).toBeLessThan(1e-4);
  });
});

describe("four points a thread", () => {
  const [N, C] = [3, 8];
  const drawn = (length: number): Float32Array => Float32Array.from(integers(length, length));
  const [x, s, w] = [drawn(N * C), drawn(N), drawn(C)];
  it.each<readonly [string, (x: number, s: number, w: number, n: number) => number]>([
    ["x[n,c] * w[c] + s[n]", (a, b, c) => a * c + b],
    [
      "where(x[n,c] > s[n] and (w[c] < 1 or s[n] > 1), 1, w[c])",
      (a, b, c) => (a > b && (c < 1 || b > 1) ? 1 : c),
    ],
    ["where(n < 1 and not(x[n,c] == 2), s[n], w[c])", (a, b, c, n) => (n < 1 && a !== 2 ? b : c)],
    ["max(x[n,c], s[n]) - min(2, w[c])", (a, b, c) => Math.max(a, b) - Math.min(2, c)],
    [
      "where(s[n] > 0, 1, 2) * x[n,c]^3 + (x[n,c] - w[c])^2",
      (a, b, c) => (b > 0 ? 1 : 2) * a ** 3 + (a - c) ** 2,
    ],
    ["mod(x[n,c], 3) + 2 * s[n]", (a, b) => a - 3 * Math.floor(a / 3) + 2 * b],
    ["where(x[n,c] > 1, inf, 0)", (a) => (a > 1 ? Infinity : 0)],
  ])("compute %s", async (formula, expected) => {
    const text = `input x[N, C]\ninput s[N]\nweight w[C]\noutput z[N, C]\nz[n,c] = ${formula}\n`;
    const { z } = await run(await planOf(text, { N, C }, "Quads"), "forward", { x, s, w }, ["z"]);
    const points = Array.from(x, (v, i) => [v, Math.floor(i / C), i % C] as const);
    expect(z).toEqual(Float32Array.from(points, ([v, n, c]) => expected(v, s[n] ?? NaN, w[c] ?? NaN, n)));
  });

  it("have an index that no size or param is", async () => {
    const text = "param n4 = 3\ninput x[N]\noutput z[N]\nz[n] = x[n] * n4\n";
    const { z } = await run(await planOf(text, { N: C }, "Quads"), "forward", { x: w }, ["z"]);
    expect(z).toEqual(w.map((v) => 3 * v));
  });

  it.each(
    ["Quads", "PartsQuads"].flatMap((ending) =>
      ["sum", "prod", "max", "min"].map((reduction) => ({ ending, reduction })),
    ),
  )("combine columns by $reduction as $ending", async ({ ending, reduction }) => {
    const [rows, columns] = [100, 8];
    const text = `data x[C, N]\noutput z[N]\nz[n] = ${reduction}[c](sign(x[c,n]) - 0.5*x[c,n]^2)\n`.replace(
      reduction === "prod" ? " - 0.5*x[c,n]^2" : "",
      "",
    );
    const x = drawn(rows * columns);
    const { z } = await run(await planOf(text, { C: rows, N: columns }, ending), "forward", { x }, ["z"]);
    const by: Readonly<Record<string, (all: readonly number[]) => number>> = {
      sum: (all) => all.reduce((a, b) => a + b, 0),
      prod: (all) => all.reduce((a, b) => a * b, 1),
      max: (all) => Math.max(...all),
      min: (all) => Math.min(...all),
    };
    const column = (n: number): readonly number[] =>
      Array.from({ length: rows }, (_, c) => {
        const v = x[c * columns + n] ?? NaN;
        return reduction === "prod" ? Math.sign(v) : Math.sign(v) - 0.5 * v ** 2;
      });
    expect(z).toEqual(Float32Array.from({ length: columns }, (_, n) => by[reduction]?.(column(n)) ?? NaN));
  });
});

describe("sums in turns of four", () => {
  it.each([1, 3, 4, 5, 63])("are right along rows of %i", async (C) => {
    const text = `
      input x[N, C]
      input y[N, C]
      output s[N]
      output p[N]
      s[n] = sum[c](x[n,c])
      p[n] = s[n] + sum[c](x[n,c] * (y[n,c] - s[n]))`;
    const N = 3;
    const drawn = (seed: number): Float32Array => Float32Array.from(integers(N * C, seed));
    const [x, y] = [drawn(5), drawn(6)];
    const got = await run(await planOf(text, { N, C }), "forward", { x, y }, ["s", "p"]);
    const rows = Array.from({ length: N }, (_, n) => [x, y].map((t) => [...t.slice(n * C, (n + 1) * C)]));
    const sums = Float32Array.from(rows, ([xs = []]) => xs.reduce((a, b) => a + b, 0));
    const p = Float32Array.from(rows, ([xs = [], ys = []], n) => {
      const s = sums[n] ?? NaN;
      return xs.reduce((total, v, c) => total + v * ((ys[c] ?? NaN) - s), s);
    });
    expect(got).toEqual({ s: sums, p });
  });
});

describe("long reductions in two levels", () => {
  const along = (C: number) => ({
    text: `
      input x[N, C]
      output s[N]
      output m[N]
      output l[N]
      output p[N]
      s[n] = sum[c](x[n,c])
      m[n] = max[c](x[n,c])
      l[n] = min[c](x[n,c])
      p[n] = prod[c](where(x[n,c] < 0, -1, 1))`,
    sizes: { N: 3, C },
    at: (n: number, c: number) => n * C + c,
  });
  const down = (C: number) => ({
    text: along(C).text.replaceAll("[n,c]", "[c,n]").replace("x[N, C]", "x[C, N]"),
    sizes: { N: 3, C },
    at: (n: number, c: number) => c * 3 + n,
  });
  const lengths = [1, 31, 2049, 9000];
  it.each(
    lengths.flatMap((C) => [
      { ...along(C), how: "rows" },
      { ...down(C), how: "columns" },
    ]),
  )("are right along $how of $sizes.C", async ({ text, sizes, at }) => {
    const { N, C } = sizes;
    const x = Float32Array.from(integers(N * C, 5));
    const plan = await planOf(text, sizes, "Whole");
    const got = await run(plan, "forward", { x }, ["s", "m", "l", "p"]);
    const by = (f: (row: number[]) => number): Float32Array =>
      Float32Array.from({ length: N }, (_, n) => f(Array.from({ length: C }, (_, c) => x[at(n, c)] ?? NaN)));
    expect(got).toEqual({
      s: by((row) => row.reduce((a, b) => a + b, 0)),
      m: by((row) => Math.max(...row)),
      l: by((row) => Math.min(...row)),
      p: by((row) => (row.filter((v) => v < 0).length % 2 === 0 ? 1 : -1)),
    });
  });

  it("make a softmax of one row of a million what it is", async () => {
    const C = 1_000_000;
    const x = Float32Array.from({ length: C }, (_, c) => (c % 1000) / 100 - 1);
    const { program } = always("Whole", gpuProgramOf(specText("softmax"), "softmax"));
    const plan = await (await loadGpuPlan(await urlOf(program), "softmax"))(gpu.device, { N: 1, C });
    const { y } = await run(plan, "forward", { x }, ["y"]);
    const total = x.reduce((sum, v) => sum + Math.exp(v - 8.99), 0);
    const off = x.reduce((most, v, c) => {
      const exact = Math.exp(v - 8.99) / total;
      return Math.max(most, Math.abs((y?.[c] ?? NaN) - exact) / exact);
    }, 0);
    expect(off).toBeLessThan(1e-5);
  }, 120_000);
});

describe("index tensors", () => {
  const gather = "index t[N] < V\nweight w[V]\noutput z[N]\nz[n] = w[t[n]]\n";
  it("out of their range read 0 and add to nothing", async () => {
    const plan = await planOf(gather, { N: 4, V: 3 });
    const buffers = plan.allocate();
    // past the check of `write`, as a kernel of the caller's own would
    gpu.device.queue.writeBuffer(buffers["t"]!, 0, Int32Array.of(0, -1, 3, 2147483647));
    const w = Float32Array.of(5, 6, 7);
    const { z } = await runStep(gpu.device, plan, buffers, {
      pass: "forward",
      inputs: { w },
      results: ["z"],
    });
    expect(z).toEqual(Float32Array.of(5, 0, 0, 0));
    const dz = Float32Array.of(1, 2, 4, 8);
    const back = await runStep(gpu.device, plan, buffers, { pass: "dw", inputs: { dz }, results: ["dw"] });
    expect(back["dw"]).toEqual(Float32Array.of(1, 0, 0));
    plan.destroy(buffers);
    plan.destroy();
  });
  it("out of their range place no window", async () => {
    const text = "input x[V]\nindex t[N] < V\noutput y[N]\ny[n] = sum[r < 2](x[t[n] + r])\n";
    const plan = await planOf(text, { N: 5, V: 3 });
    const buffers = plan.allocate();
    gpu.device.queue.writeBuffer(buffers["t"]!, 0, Int32Array.of(1, -1, 2, 3, 2147483647));
    const x = Float32Array.of(5, 6, 7);
    const step = { pass: "forward", inputs: { x }, results: ["y"] };
    expect((await runStep(gpu.device, plan, buffers, step))["y"]).toEqual(Float32Array.of(13, 0, 7, 0, 0));
    plan.destroy(buffers);
    plan.destroy();
  });
  it("are checked by write, which names the element", async () => {
    const plan = await planOf(gather, { N: 2, V: 3 });
    const buffers = plan.allocate();
    expect(() => plan.write(buffers, { t: Int32Array.of(0, 3) })).toThrow(
      "sample: t[1] = 3 is outside 0 <= t < V = 3",
    );
    plan.destroy(buffers);
    plan.destroy();
  });
});

describe("functions", () => {
  const values = [
    -90, -20, -3.5, -1, -0.4, -1e-3, -1e-6, 0, 1e-6, 1e-3, 0.29, 0.31, 0.9, 1, 2.5, 8, 20, 60, 90,
  ];
  const mod = (a: number, b: number): number => a - b * Math.floor(a / b);
  it.each<readonly [string, (u: number) => number]>([
    ["tanh(u)", Math.tanh],
    ["expm1(u)", Math.expm1],
    ["log1p(abs(u))", (u) => Math.log1p(Math.abs(u))],
    ["sin(u)", Math.sin],
    ["cos(u)", Math.cos],
    ["atan(u)", Math.atan],
    ["atan2(u, -0.7)", (u) => Math.atan2(u, -0.7)],
    ["asin(u/90)", (u) => Math.asin(u / 90)],
    ["acos(u/90)", (u) => Math.acos(u / 90)],
    ["sinh(u/3)", (u) => Math.sinh(u / 3)],
    ["cosh(u/3)", (u) => Math.cosh(u / 3)],
    ["sigmoid(u)", (u) => 1 / (1 + Math.exp(-u))],
    ["erf(u/20)", (u) => erf(u / 20)],
    ["softplus(u)", (u) => Math.max(u, 0) + Math.log1p(Math.exp(-Math.abs(u)))],
    ["round(u)", (u) => (Math.abs(u % 1) === 0.5 ? 2 * Math.round(u / 2) : Math.round(u))],
    ["mod(u, 3)", (u) => mod(Math.fround(u), 3)],
    ["u^5", (u) => u ** 5],
    ["u^(-3)", (u) => u ** -3],
    ["abs(u)^1.7", (u) => Math.abs(u) ** 1.7],
    ["max(u, 0)^0.01", (u) => Math.max(u, 0) ** 0.01],
    ["log(max(u, 0))", (u) => Math.log(Math.max(u, 0))],
    ["where(log(u) < 0 or log(u) >= 0, 1, -1)", (u) => (u >= 0 ? 1 : -1)],
    ["max(u, -inf) + min(u, inf)", (u) => 2 * u],
    ["where(u < 0, -inf, u)", (u) => (u < 0 ? -Infinity : u)],
  ])("%s", async (formula, expected) => {
    const text = `input x[N]\noutput z[N]\nf(u) = ${formula}\nz[n] = f(x[n])\n`;
    // one by one, and by fours
    for (const x of [values, [...values, 0.5]].map((all) => Float32Array.from(all))) {
      const { z } = await run(await planOf(text, { N: x.length }), "forward", { x }, ["z"]);
      x.forEach((u, i) => {
        const [got, want] = [z?.[i] ?? NaN, Math.fround(expected(u))];
        const error = got === want ? 0 : Math.abs(got - want) / Math.max(1e-30, Math.abs(want));
        expect(error, `${formula} at ${u}: ${got}, should be ${want}`).toBeLessThan(2e-5);
      });
    }
  });
  it("erf(u) to 2e-7 of its value, as its comment says, and without overflow", async () => {
    const plan = await planOf("input x[N]\noutput z[N]\nz[n] = erf(x[n])\n", { N: 60_001 });
    const x = Float32Array.from({ length: 60_001 }, (_, i) => (i - 30_000) / 4000);
    x[0] = -3e38;
    x[60_000] = 3e38;
    const { z } = await run(plan, "forward", { x }, ["z"]);
    const errors = x.map((u, i) => {
      const want = Math.abs(u) > 8 ? Math.sign(u) : erf(u);
      return want === 0 ? Math.abs(z?.[i] ?? NaN) : Math.abs((z?.[i] ?? NaN) - want) / Math.abs(want);
    });
    const worst = errors.reduce((most, e, i) => (e <= errors[most]! ? most : i), 0);
    expect(errors[worst], `at ${x[worst]}`).toBeLessThan(2e-7);
  });
});

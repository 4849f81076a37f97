/** Sums in lanes, column sums, fixed values before their loops, rows along any axis: same values, better loops. */
import { describe, expect, it } from "vitest";
import type { Program } from "../../src/kernels/program.js";
import { eachCode } from "../../src/kernels/walk-code.js";
import { compile, integers, plansOf } from "../support/layers.js";

const at = (array: ArrayLike<number>, i: number): number => array[i] ?? NaN;

function programOf(text: string): Program {
  const program = compile(text).programs[0]?.program;
  if (!program) throw new Error("no program");
  return program;
}
/** The literal steps of a pass's loops. */
function stepsOf(program: Program, kernel: string): readonly number[] {
  const steps: number[] = [];
  const found = program.kernels.find((k) => k.name === kernel);
  if (!found) throw new Error(`no kernel ${kernel} in ${program.kernels.map((k) => k.name).join()}`);
  eachCode(found.body, (c) => {
    if (c.kind === "loop") steps.push(c.step.monomials[0]?.coefficient ?? 0);
  });
  return steps;
}

describe("reductions of every small length", () => {
  const text = `
    input  x[N, C]
    input  r[N]
    output total[N]
    output most[N]
    output least[N]
    output product[N]
    output column[C]
    output triangle[N]
    total[n] = sum[c](x[n,c])
    most[n] = max[c](x[n,c])
    least[n] = min[c](x[n,c])
    product[n] = prod[c](x[n,c])
    column[c] = sum[n](x[n,c]*r[n])
    triangle[n] = sum[c <= n](x[n,c])
    require C >= N`;

  it("are exact on integers", async () => {
    const plan = await plansOf(text);
    for (let N = 1; N <= 9; N++)
      for (let C = N; C <= 11; C++) {
        const [x, r] = [integers(N * C, N + C), integers(N, C)];
        const rows = Array.from({ length: N }, (_, n) => [...x.subarray(n * C, (n + 1) * C)]);
        const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
        const out = plan({ N, C }).forward({ x, r });
        const sizes = JSON.stringify({ N, C });
        expect([...out["total"]!], sizes).toEqual(rows.map(sum));
        expect([...out["most"]!], sizes).toEqual(rows.map((row) => Math.max(...row)));
        expect([...out["least"]!], sizes).toEqual(rows.map((row) => Math.min(...row)));
        expect(
          [...out["product"]!].map((p) => p + 0),
          sizes,
        ).toEqual(rows.map((row) => row.reduce((a, b) => a * b, 1) + 0));
        expect([...out["column"]!], sizes).toEqual(
          Array.from({ length: C }, (_, c) => sum(rows.map((row, n) => at(row, c) * at(r, n)))),
        );
        expect([...out["triangle"]!], sizes).toEqual(rows.map((row, n) => sum(row.slice(0, n + 1))));
      }
  });

  it("take four terms a turn along rows, four columns a turn across them", () => {
    const program = programOf(text);
    expect(stepsOf(program, "forwardMost")).toContain(4);
    expect(stepsOf(program, "forwardColumn")).toEqual([4, 1, 1, 1]); // columns: 4, its rows; the rest: 1, its rows
  });

  it("leave windows that are not swept alone", () => {
    const pool = programOf(`
      param R = 2
      param stride = 1
      input x[N, H]
      output y[N, P]
      P = floor((H - R) / stride) + 1
      y[n,p] = prod[r < R](x[n, p*stride + r])`);
    expect(stepsOf(pool, "forwardY").every((step) => step === 1)).toBe(true);
  });

  it("of rows without a finite element are infinite", async () => {
    const plan = await plansOf("input x[N, C]\noutput y[N]\ny[n] = max[c](x[n,c])");
    const x = new Float64Array(2 * 9).fill(-Infinity);
    x[17] = 3;
    expect([...plan({ N: 2, C: 9 }).forward({ x })["y"]!]).toEqual([-Infinity, 3]);
  });
});

describe("what is fixed in a loop", () => {
  it("is divided by, not multiplied by its inverse, so that x / x is 1", async () => {
    const plan = await plansOf(`
      input  x[N, C]
      output y[N, C]
      m[n] = max[c](x[n,c])
      y[n,c] = floor(x[n,c] / m[n])`);
    const [N, C] = [200, 5];
    const x = Float64Array.from(
      { length: N * C },
      (_, i) => (Math.floor(i / C) + 1) / 7 / (i % C === 2 ? 1 : 3),
    );
    const { y } = plan({ N, C }).forward({ x });
    expect([...y!]).toEqual(Array.from({ length: N * C }, (_, i) => (i % C === 2 ? 1 : 0)));
  });

  it("is computed once a loop", () => {
    const program = programOf(`
      input  x[N, C]
      input  a[N]
      input  b[N]
      output y[N, C]
      y[n,c] = exp(a[n]) * b[n] * x[n,c]`);
    const body = program.kernels[0]?.body ?? [];
    let callsInside = 0;
    eachCode(body, (c) => {
      if (c.kind === "loop" && c.index.startsWith("c"))
        callsInside += JSON.stringify(c.body).split('"exp"').length - 1;
    });
    expect(JSON.stringify(body)).toContain('"exp"');
    expect(callsInside).toBe(0);
  });

  it("is not read before a condition allows it", async () => {
    const plan = await plansOf(`
      input  x[N]
      input  w[C]
      output y[N, C]
      y[n,c] = where(n >= 1, x[n-1] * w[c], 0)`);
    const { y } = plan({ N: 3, C: 5 }).forward({
      x: Float64Array.of(1, 2, 3),
      w: Float64Array.of(1, 2, 3, 4, 5),
    });
    expect([...y!]).toEqual([0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 2, 4, 6, 8, 10]);
  });

  it("does not include what the kernel writes", async () => {
    const plan = await plansOf(`
      input  x[N, C]
      output y[N, C]
      output s[N]
      s[n] = sum[c](x[n,c])
      y[n,c] = x[n,c] * s[n]`);
    const { y } = plan({ N: 2, C: 3 }).forward({ x: Float64Array.of(1, 2, 3, 4, 5, 6) });
    expect([...y!]).toEqual([6, 12, 18, 60, 75, 90]);
  });
});

describe("rows", () => {
  const batchNorm = `
    input  x[N, C, L]
    output y[N, C, L]
    mu[c] = mean[n,l](x[n,c,l])
    rstd[c] = 1 / sqrt(mean[n,l]((x[n,c,l] - mu[c])^2) + 1e-5)
    xhat[n,k,l] = (x[n,k,l] - mu[k]) * rstd[k]
    y[n,c,l] = 2*xhat[n,c,l] + 1`;

  it("lie along any axis but the fastest, under any names", () => {
    const program = programOf(batchNorm);
    expect(program.forward.steps.map((s) => s.kernel)).toEqual(["forwardY"]);
    expect(program.buffers.map((b) => b.name)).not.toContain("xhat");
    const columns = programOf(batchNorm.replaceAll(", L]", "]").replaceAll(",l", ""));
    expect(columns.forward.steps.length).toBe(2);
  });

  it("hold the same values", async () => {
    const plan = await plansOf(batchNorm);
    const [N, C, L] = [3, 4, 7];
    const x = integers(N * C * L, 5);
    const y = plan({ N, C, L }).forward({ x })["y"]!;
    for (let c = 0; c < C; c++) {
      const points = [...x.keys()].filter((i) => Math.floor(i / L) % C === c);
      const mean = points.reduce((sum, i) => sum + at(x, i), 0) / points.length;
      const variance = points.reduce((sum, i) => sum + (at(x, i) - mean) ** 2, 0) / points.length;
      for (const i of points)
        expect(at(y, i)).toBeCloseTo((2 * (at(x, i) - mean)) / Math.sqrt(variance + 1e-5) + 1, 12);
    }
  });

  it("of a loss over them all stay apart from its sum", () => {
    const program = programOf(`
      input  x[N, C]
      output loss
      m[n] = max[c](x[n,c])
      total[n] = sum[c](exp(x[n,c] - m[n]))
      logsum[n] = m[n] + log(total[n])
      loss = mean[n](logsum[n])`);
    expect(program.forward.steps.map((s) => s.kernel)).toEqual(["forwardLogsum", "forwardLoss"]);
  });
});

it("a long sum in single precision is good to 1e-5", async () => {
  const compiled = await plansOf("input x[N]\noutput y\ny = sum[n](x[n])");
  const x = Float64Array.from({ length: 1_000_003 }, (_, i) => Math.fround(0.1 + (i % 7) * 1e-3));
  const exact = x.reduce((sum, value) => sum + value, 0);
  expect(Math.abs(at(compiled({ N: x.length }).forward({ x })["y"]!, 0) / exact - 1)).toBeLessThan(1e-12);
});

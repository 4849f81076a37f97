import { describe, expect, test } from "vitest";
import { differentiate, gradientLayer } from "../../src/calculus/differentiate.js";
import * as build from "../../src/notation/construct.js";
import type { Expression } from "../../src/notation/expression.js";
import { minus, one, plus, variable } from "../../src/notation/integer.js";
import type { Layer, Statement } from "../../src/notation/layer.js";
import { checkClaims, checkLayer, type CheckSubject } from "../../src/verify/check.js";
import { evaluateLayer } from "../../src/verify/evaluate.js";
import { float64 } from "../../src/verify/numbers.js";
import { toleranceOf, type CheckReport } from "../../src/verify/report.js";
import type { Dtype, Target } from "../../src/verify/targets.js";
import { mutants } from "./mutants.js";
import { closed, gradientsOf } from "./support.js";

const subject = (text: string, name?: string): CheckSubject => {
  const layer = closed(text, name);
  return { layer, gradientLayer: gradientsOf(layer) };
};
const failures = (report: CheckReport): string[] =>
  report.rows.filter((row) => row.verdict === "failed").map((row) => row.tensor);
const options = { trials: 6, seed: 1 };

const conv = `param stride = 1
  param pad = 0
  param dilation = 1
  input x[C, H]
  weight w[K, C, R]
  output z[K, P]
  P = floor((H + 2*pad - dilation*(R - 1) - 1) / stride) + 1
  require H + 2*pad >= dilation*(R - 1) + 1, "kernel larger than the padded input"
  z[k,p] = sum[c,r](x[c, p*stride - pad + r*dilation] * w[k,c,r])`;
const pooling =
  "input x[N, H]\noutput z[N, P]\nP = floor((H - 1)/2) + 1\nz[n,p] = max[r < 3](x[n, 2*p - 1 + r])";

describe("correct gradients agree", () => {
  test.each([
    ["a convolution", conv],
    ["max pooling", pooling],
    ["softmax", "input x[N, C]\noutput y[N, C]\ny[n,c] = exp(x[n,c]) / sum[j](exp(x[n,j]))"],
    ["a product with every other factor", "input x[N, C]\noutput y[N]\ny[n] = prod[c](x[n,c])"],
    [
      "a repeated index",
      "input x[N, N]\nweight w[N]\noutput y[N]\ny[i] = x[i,i]*w[i] + sum[j](x[j,i]*x[i,j])",
    ],
    ["a gather", "weight table[V, D]\nindex t[N] < V\noutput y[N, D]\ny[n,d] = table[t[n], d]^2"],
    [
      "ranges that may be empty",
      "input x[N]\noutput y[N]\ny[i] = sum[j < i](x[j]*x[i]) + mean[1 <= j < i](x[j])",
    ],
    ["stop", "input x[N]\noutput y[N]\ny[n] = x[n] * stop(x[n]^2)"],
    ["logarithms and roots", "input x[N]\noutput y[N]\ny[n] = log(x[n]) * sqrt(x[n])"],
    ["two outputs, one of integers", "input x[N]\noutput y\noutput k\ny = max[n](x[n])\nk = argmax[n](x[n])"],
    ["an input that nothing reads", "input x[N]\ninput u[N]\noutput y[N]\ny[n] = x[n]"],
    ["a gradient that vanishes", "input x[N]\noutput y\ny = sum[n](sin(x[n])^2 + cos(x[n])^2)"],
  ])("%s", async (_, text) => {
    const report = await checkLayer(subject(text), { trials: 12, seed: 3 });
    expect(report.rows.flatMap((row) => row.failure ?? [])).toEqual([]);
    for (const { worst } of report.rows)
      for (const [comparison, error] of Object.entries(worst))
        expect(error).toBeLessThanOrEqual(toleranceOf(comparison as "exact"));
  });

  test("and are compared in every way", async () => {
    const dw = (await checkLayer(subject(conv), options)).rows.find((row) => row.tensor === "dw");
    expect(Object.keys(dw?.worst ?? {})).toEqual(["finite differences", "dot test", "exact"]);
    expect(dw?.shapes).toBeGreaterThan(3);
    const dx = (await checkLayer(subject(pooling), options)).rows.find((row) => row.tensor === "dx");
    expect(Object.keys(dx?.worst ?? {})).toEqual(["finite differences", "dot test", "exact"]);
  });

  test("the same seed gives the same report", async () => {
    const run = (seed: number): Promise<CheckReport> => checkLayer(subject(conv), { trials: 2, seed });
    expect(await run(4)).toEqual(await run(4));
    expect(await run(4)).not.toEqual(await run(5));
  });
});

describe("a planted fault is caught", () => {
  test.each([
    ["a convolution", conv],
    ["max pooling", pooling],
    ["a mean over valid cells", "input x[H]\noutput z[H]\nz[h] = mean[r < 3](x[h + r - 1])"],
    [
      "layer norm",
      "input x[N, C]\noutput y[N, C]\nμ[n] = mean[c](x[n,c])\nv[n] = mean[c]((x[n,c] - μ[n])^2)\ny[n,c] = (x[n,c] - μ[n]) / sqrt(v[n] + 1)",
    ],
  ])("in the gradients of %s", async (_, text) => {
    const { layer, gradientLayer } = subject(text);
    // ranges that are too long are cut by the bounds of what is read, if they change anything
    const all = [...mutants(gradientLayer)].filter(({ fault }) => !/one long|too loose/u.test(fault));
    expect(all.length).toBeGreaterThan(5);
    const survivors: string[] = [];
    for (const { layer: faulty, fault } of all)
      if (failures(await checkLayer({ layer, gradientLayer: faulty }, options)).length === 0)
        survivors.push(fault);
    expect(survivors).toEqual([]);
  });

  test("a missing gradient", async () => {
    const { layer, gradientLayer } = subject(conv);
    const without: Layer = {
      ...gradientLayer,
      tensors: gradientLayer.tensors.filter((t) => t.name !== "g_w"),
      statements: gradientLayer.statements.filter((s) => s.tensor !== "g_w"),
    };
    expect(failures(await checkLayer({ layer, gradientLayer: without }, options))).toEqual(["dw"]);
  });

  test("a gradient that reads out of bounds, and says so; the outputs are still judged", async () => {
    const base = subject("input x[N]\ninput w[N]\noutput z[N]\nz[n] = x[n]^2");
    const wild = gradientsOf(closed("input x[N]\ninput w[N]\noutput z[N]\nz[n] = x[n]^2"));
    const statements = wild.statements.map((s) =>
      s.tensor === "g_x"
        ? { ...s, body: build.read("x", [plus(variable(s.indices[0]?.name ?? ""), one)]) }
        : s,
    );
    const report = await checkLayer({ layer: base.layer, gradientLayer: { ...wild, statements } }, options);
    expect(new Set(failures(report))).toEqual(new Set(["dx", "dw"]));
    expect(report.rows.find((row) => row.failure)?.failure?.reason).toMatch(
      /axis 0 of x, of extent \d+, is read at/,
    );
  });

  test("the failure says where: sizes, element, both values", async () => {
    const { layer } = subject("input x[N]\noutput y[N]\ny[n] = x[n]^2");
    const wrong = gradientsOf(closed("input x[N]\noutput y[N]\ny[n] = x[n]^2 + x[n]"));
    const { rows } = await checkLayer({ layer, gradientLayer: wrong }, options);
    const failure = rows.find((row) => row.failure)?.failure;
    expect(failure).toMatchObject({ comparison: "finite differences", element: [0] });
    expect(failure?.sizes).toHaveProperty("N");
    expect(failure?.got).not.toBeCloseTo(failure?.expected ?? NaN, 3);
  });
});

/** Kernels that are the evaluator, with every result handed to `tamper`. */
function fakeTarget(
  { layer, gradientLayer }: CheckSubject,
  tamper: (name: string, value: number, dtype: Dtype) => number,
): Target {
  const compute = (
    from: Layer,
    sizes: Readonly<Record<string, number>>,
    inputs: object,
  ): Record<string, number[]> =>
    Object.fromEntries(
      [...evaluateLayer(from, sizes, new Map(Object.entries(inputs)), float64)].map(([name, data]) => [
        name,
        Array.from(data),
      ]),
    );
  return {
    name: "ts",
    dtypes: ["f64", "f32"],
    plan: (sizes, dtype) => ({
      forward: (inputs) => {
        const { z = [] } = compute(layer, sizes, inputs);
        return { z: z.map((v) => tamper("z", v, dtype)), saved: {} };
      },
      backward: (inputs) => {
        const { g_x = [], g_w = [] } = compute(gradientLayer, sizes, inputs);
        return { dx: g_x.map((v) => tamper("dx", v, dtype)), dw: g_w.map((v) => tamper("dw", v, dtype)) };
      },
    }),
  };
}

describe("kernels", () => {
  const base = subject(conv);
  const check = (tamper: (name: string, value: number, dtype: Dtype) => number): Promise<CheckReport> =>
    checkLayer({ ...base, targets: [fakeTarget(base, tamper)] }, options);
  test("that agree", async () => {
    const report = await check((_, value, dtype) => (dtype === "f32" ? Math.fround(value) : value));
    expect(failures(report)).toEqual([]);
    const keys = Object.keys(report.rows.find((row) => row.tensor === "dw")?.worst ?? {});
    expect(keys).toEqual(["finite differences", "dot test", "gradient ts f64", "gradient ts f32", "exact"]);
  });
  test("that are a little off in float64", async () => {
    expect(failures(await check((name, value) => (name === "z" ? value * (1 + 1e-8) : value)))).toEqual([
      "z",
    ]);
    expect(failures(await check((name, value) => (name === "dw" ? value + 1e-8 : value)))).toEqual(["dw"]);
  });
  test("that are off in float32 only", async () => {
    const report = await check((name, value, dtype) =>
      name === "dx" && dtype === "f32" ? value * 1.001 : value,
    );
    expect(failures(report)).toEqual(["dx"]);
    expect(report.rows.find((row) => row.failure)?.failure?.comparison).toBe("gradient ts f32");
  });
  test("that throw", async () => {
    const report = await check(() => {
      throw new TypeError("x has the wrong length");
    });
    expect(new Set(failures(report))).toEqual(new Set(["dx", "dw", "z"]));
    expect(report.rows.find((row) => row.failure)?.failure?.reason).toBe("x has the wrong length");
  });
});

describe("sizes", () => {
  const sizesSeen = async (text: string, sizes?: Readonly<Record<string, number>>): Promise<unknown> =>
    (await checkLayer(subject(text), { trials: 0, seed: 1, ...(sizes && { sizes }) })).rows[0]?.examples;
  test("of check lines and of the user are tried", async () => {
    const text = "input x[N, C]\noutput y[N, C]\ny[n,c] = x[n,c]^2\ncheck N = 2, C = 5";
    expect(await sizesSeen(text)).toEqual([[2, 5]]);
    expect(await sizesSeen(text, { N: 4, C: 3, elsewhere: 9 })).toEqual([[4, 3], [2, 5]]); // prettier-ignore
  });
  test("that are illegal are refused", async () => {
    await expect(sizesSeen(conv, { C: 1, H: 2, K: 1, R: 5 })).rejects.toThrow(
      /kernel larger than the padded input/,
    );
  });
});

describe("claims", () => {
  const judge = async (text: string): Promise<CheckReport["claims"]> =>
    (await checkLayer(subject(text), { trials: 10, seed: 2 })).claims;
  const linear = "input x[N, I]\nweight w[I, O]\noutput z[N, O]\nz[n,o] = sum[i](x[n,i]*w[i,o])\n";

  test("that hold are proved, with the largest error seen", async () => {
    const [dx, dw] = await judge(
      `${linear}claim dx[n,i] = sum[o](dz[n,o]*w[i,o])\nclaim dw[i,o] = sum[n](dz[n,o]*x[n,i])`,
    );
    expect(dx).toMatchObject({ tensor: "dx", verdict: "proved", method: "prime field" });
    expect(dw).toMatchObject({ tensor: "dw", verdict: "proved", method: "prime field" });
    expect(dw?.worst).toBeLessThan(1e-13);
    expect(dw?.at).toBeDefined();
  });

  test("that are wrong are refuted at small sizes, with the element and both values", async () => {
    const [dw] = await judge(`${linear}claim dw[i,o] = -sum[n](dz[n,o]*x[n,i])`);
    expect(dw?.verdict).toBe("refuted");
    const { sizes, element, claimed, derived } = dw?.counterexample ?? {};
    expect(Object.values(sizes ?? {}).reduce((a, b) => a + b)).toBeLessThanOrEqual(6);
    expect(element).toHaveLength(2);
    expect(claimed).toBeCloseTo(-(derived ?? NaN), 12);
  });

  test("that hold only for the default params are refuted", async () => {
    const padded = `param pad = 0
      input x[H]
      weight w[R]
      output z[P]
      P = H + 2*pad - R + 1
      require H + 2*pad >= R
      z[p] = sum[r](x[p + r - pad]*w[r])\n`;
    expect((await judge(`${padded}claim dw[r] = sum[p](dz[p]*x[p + r])`))[0]?.verdict).toBe("refuted");
    expect((await judge(`${padded}claim dw[r] = sum[p](dz[p]*x[p + r - pad])`))[0]?.verdict).toBe("proved");
  });

  test("on intermediates count every path from there on; helpers and earlier claims may be read", async () => {
    const text = (factor: string): string => `input x[N, C]
      output y[N]
      h[n,c] = tanh(x[n,c])
      y[n] = sum[c](h[n,c]^2 + h[n,c])
      g[n] = ${factor}*dy[n]
      claim dh[n,c] = g[n]*h[n,c] + dy[n]
      claim dx[n,c] = dh[n,c]*(1 - h[n,c]^2)`;
    expect((await judge(text("2"))).map((c) => c.verdict)).toEqual(["proved", "proved"]);
    expect((await judge(text("3"))).map((c) => c.verdict)).toEqual(["refuted", "refuted"]);
  });

  const square = "input x[N]\noutput y[N]\ny[n] = x[n]^2\n";
  const clipped = "input x[N]\noutput y[N]\ny[n] = min(max(x[n], 0), 6)\n";
  test.each([
    ["off by less than rounding shows", `${square}claim dx[n] = 2.000000000001*dy[n]*x[n]`],
    [
      "wrong at ties only",
      `input x[N, C]\noutput y[N]\ny[n] = max[c](x[n,c])\nclaim dx[n,c] = where(x[n,c] == y[n], dy[n], 0)`,
    ],
    [
      "wrong at 0 only",
      "input x[N]\noutput y[N]\ny[n] = relu(x[n])\nclaim dx[n] = where(x[n] >= 0, dy[n], 0)",
    ],
    ["wrong for large values only", `${clipped}claim dx[n] = where(x[n] > 0, dy[n], 0)`],
    [
      "wrong for one residue of the stride only",
      `param stride = 1
       input x[H]
       output y[P]
       P = floor((H - 1)/stride) + 1
       y[p] = x[p*stride]
       claim dx[h] = where(mod(h, stride) == 0 and mod(H - 1, stride) != 1, dy[floor(h/stride)], 0)`,
    ],
  ])("%s are refuted", async (_, text) => expect((await judge(text))[0]?.verdict).toBe("refuted"));

  test.each([
    [
      "softmax",
      `input x[N, C]
       output y[N, C]
       y[n,c] = exp(x[n,c]) / sum[j](exp(x[n,j]))
       claim dx[n,c] = y[n,c]*(dy[n,c] - sum[j](dy[n,j]*y[n,j]))`,
    ],
    [
      "the logarithm of softmax",
      `input x[N, C]
       output y[N, C]
       m[n] = max[c](x[n,c])
       y[n,c] = x[n,c] - m[n] - log(sum[j](exp(x[n,j] - m[n])))
       claim dx[n,c] = dy[n,c] - exp(y[n,c])*sum[j](dy[n,j])`,
    ],
    ["clipping", `${clipped}claim dx[n] = where(x[n] > 0 and x[n] < 6, dy[n], 0)`],
    [
      "powers",
      `param a = 2.5
       input x[N]
       input b[N]
       output y[N]
       u[n] = 1 + x[n]^2
       y[n] = u[n]^b[n] + u[n]^a
       claim dx[n] = 2*dy[n]*x[n]*(b[n]*u[n]^(b[n] - 1) + a*exp((a - 1)*log(u[n])))`,
    ],
  ])("%s is proved in the field", async (_, text) => {
    const [claim] = await judge(text);
    expect(claim).toMatchObject({ verdict: "proved", method: "prime field" });
    expect(claim?.proof?.doubt).toBeLessThan(1e-12);
    expect(claim?.proof?.sizes).toBeGreaterThan(5);
  });

  test.each([
    ["with a branch that was never taken", `${square}claim dx[n] = where(x[n] > 1000000, 0, 2*dy[n]*x[n])`],
    [
      "with a law that is not known",
      "input x[N]\noutput y[N]\ny[n] = sin(x[n])\nclaim dx[n] = dy[n]*sin(x[n] + pi/2)",
    ],
    [
      "with a rounded constant",
      "input x[N]\noutput y[N]\ny[n] = pi*x[n]\nclaim dx[n] = dy[n]*3.141592653589",
    ],
  ])("%s stay unproved", async (_, text) => expect((await judge(text))[0]?.verdict).toBe("unproved"));

  test("a counterexample says in which term the sums part", async () => {
    const shifted = (claim: string): string => `input x[H]
      weight w[R]
      output z[P]
      P = H - R + 1
      require H >= R
      z[p] = sum[r](x[p + r]*w[r])
      claim ${claim}`;
    const difference = async (claim: string): Promise<string | undefined> =>
      (await judge(shifted(claim)))[0]?.counterexample?.difference;
    expect(await difference("dx[h] = sum[1 <= r < R](dz[h - r]*w[r])")).toBe(
      "the claim misses the term r = 0",
    );
    expect(await difference("dw[r] = sum[p](dz[p]*x[p + r]) + dz[0]")).toMatch(/^the (claim has )?term/);
    const [claim] = await judge(shifted("dx[h] = sum[r < R - 1](dz[h - r]*w[r])"));
    expect(claim?.counterexample?.sizes).toEqual({ H: 1, R: 1 });
    expect(Object.keys(claim?.counterexample?.values ?? {})).toEqual(["x", "w", "dz"]);
  });

  test("a claim that reads out of bounds is refuted with the reason", () => {
    const layer = closed(`${linear}claim dx[n,i] = sum[o](dz[n,o]*w[i,o])`);
    const shifted = closed(`${linear}claim dx[n,i] = x[n + 1, i]`);
    const [claim] = checkClaims(
      { layer: { ...layer, claims: shifted.claims }, gradientLayer: gradientsOf(layer) },
      options,
    );
    expect(claim?.verdict).toBe("refuted");
    expect(claim?.counterexample?.reason).toMatch(/axis 0 of x/);
  });
});

describe("where a layer is singular whatever the tensors hold", () => {
  const told = (text: string): CheckSubject => {
    const layer = closed(text);
    const derived = differentiate(layer);
    return { layer, gradientLayer: gradientLayer(derived), singular: derived.singular };
  };
  const deviation =
    "input x[N, D]\noutput s[N]\nm[n] = mean[d](x[n,d])\ns[n] = sqrt(mean[d]((x[n,d] - m[n])^2))";

  test.each([
    ["the deviation of one element", deviation, { N: 2, D: 1 }],
    ["a root times a param that is 0", "param k = 1\ninput x[N]\noutput y[N]\ny[n] = sqrt(k*x[n])", { k: 0 }],
    ["roots in a sum", "param k = 1\ninput x[N]\noutput y\ny = sum[n](sqrt(k*n*abs(x[n])))", { N: 3, k: 1 }],
  ])("%s does not fail, and is told", async (_, text, sizes) => {
    const report = await checkLayer(told(text), { ...options, sizes });
    expect(failures(report)).toEqual([]);
    const at = report.rows.find(({ tensor }) => tensor === "dx")?.singularAt;
    expect(at).toMatchObject(sizes);
  });

  test.each([
    ["of no draw", deviation],
    ["of other elements", "param k = 1\ninput x[N]\noutput y[N]\ny[n] = sqrt(k*n*abs(x[n]))"],
  ])("a gradient that is infinite elsewhere fails: singularities %s", async (_, text) => {
    const { layer, gradientLayer: gradients, singular } = told(text);
    expect(failures(await checkLayer({ layer, gradientLayer: gradients, singular }, options))).toEqual([]);
    // infinite at the last index of the last axis
    const broken = (s: Statement): Expression => {
      const { name, extent } = s.indices.at(-1)!;
      const isLast = build.equals(variable(name), minus(extent, one));
      return build.select(isLast, build.infinity, s.body);
    };
    const statements = gradients.statements.map((s) => (s.tensor === "g_x" ? { ...s, body: broken(s) } : s));
    const report = await checkLayer(
      { layer, gradientLayer: { ...gradients, statements }, singular },
      options,
    );
    expect(failures(report)).toEqual(["dx"]);
  });
});

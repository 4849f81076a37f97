/** Recurrences: what is one, in which order it is walked, and what its adjoint is. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { countWork, withPlanConstants } from "../../src/kernels/count.js";
import { variablesOf } from "../../src/notation/integer.js";
import { walk } from "../../src/notation/traverse.js";
import { LayerError, type Problem } from "../../src/language/problem.js";
import { printLayer } from "../../src/language/print.js";
import { compileText } from "../../src/pipeline.js";
import { verify } from "../../src/verdicts.js";
import { everywhere } from "../support/everywhere.js";
import { randomFrom } from "../../src/verify/random.js";
import { compile } from "../support/layers.js";
import { randomRecurrence } from "../support/random-recurrences.js";

const text = (body: string): string => `input x[T, D]\ninput w[T]\noutput h[T, D]\n${body}`;

function problemsOf(source: string): readonly Problem[] {
  try {
    compileText(source, "sample.layer");
    return [];
  } catch (error) {
    if (!(error instanceof LayerError)) throw error;
    return error.problems;
  }
}

describe("a recurrence without an order is told with the read", () => {
  it.each([
    ["no-order", "h[t,d] = x[t,d] + where(2*t < T, h[2*t,d], 0)", "h[2*t, d]"],
    ["no-order", "h[t,d] = x[t,d] + pad(h[t-1,d], 0) + pad(h[t+1,d], 0)", "h[t - 1, d]"],
    ["no-order", "h[t,d] = x[t,d] + sum[s](h[s,d]*w[s])", "h[s, d]"],
    ["no-order", "h[t,d] = x[t,d] + sum[s <= t](h[s,d]*w[s])", "h[s, d]"],
    ["reads-itself", "h[t,d] = x[t,d] + h[t,d]", "h is defined by itself"],
    [
      "read-before-definition",
      "local g[T, D]\nh[t,d] = x[t,d] + g[t,d]\ng[t,d] = x[t,d]",
      "g is read before",
    ],
    ["read-before-definition", "h[t,d] = x[t,d] + pad(g[t-1,d], 0)\ng[t,d] = h[t,d]", "g is read before"],
    [
      "call-in-recurrence",
      "use softmax\nlocal g[T, D]\ng[t,d] = x[t,d] + pad(h[t-1,d], 0)\nh = softmax(g)",
      "a call takes no part",
    ],
  ])("%s: %s", (code, body, says) => {
    const problems = problemsOf(text(body));
    expect(problems.map((p) => p.code)).toEqual([code]);
    expect(problems[0]?.message).toContain(says);
  });
});

describe("what would give it an order is told", () => {
  it.each([
    ["h[t,d] = x[t,d] + sum[s <= t](h[s,d]*w[s])", "leave it out, as s < t does"],
    [
      "h[t,d] = x[t,d] + pad(h[t-1,d], 0) + pad(h[t+1,d], 0)",
      "h[t - 1, d] and h[t + 1, d] ask for opposite orders",
    ],
    ["param m = 2\nh[t,d] = x[t,d] + pad(h[t-m,d], 0)", "require m >= 1"],
    [
      "local g[T, D]\nh[t,d] = g[t,d] + x[t,d]\ng[t,d] = pad(h[t-1,d], 0)*x[t,d]",
      "let the line of g stand above that of h",
    ],
  ])("%s", (body, mend) => {
    expect(problemsOf(text(body)).map((p) => p.hint)).toEqual([expect.stringContaining(mend)]);
  });

  it.each([
    ["a length of steps that is required", "param m = 2\nrequire m >= 1\nh[t,d] = x[t,d] + pad(h[t-m,d], 0)"],
    [
      "steps back of which one at least is taken",
      "h[t,d] = x[t,d] + logsumexp[s < 2, q < 2](where(s + q > 0, h[t-s,d-q], -inf))",
    ],
  ])("there is one for %s", (_, body) => {
    expect(problemsOf(text(body))).toEqual([]);
  });
});

/** Along any axis, either way, in two dimensions, of several statements, in sums and branches. */
describe("random recurrences", () => {
  it.each([6, 9, 12, 22, 23, 29])("seed %i", async (seed) => {
    const source = randomRecurrence(seed);
    const compiled = compile(source);
    const { rows } = await verify(compiled, { file: "sample.layer", text: source }, { trials: 2, seed: 1 });
    expect(rows.filter((row) => row.verdict === "failed")).toEqual([]);
    expect(rows.filter((row) => row.verdict !== "failed").length).toBeGreaterThan(1);
    // the adjoint is a recurrence of the language, and has one itself
    expect(problemsOf(printLayer(compiled.gradientLayer))).toEqual([]);
  });
});

/** One tensor holds a step more than another: kernels run what has that step in it, and nothing else. */
describe("recurrences of tensors of different lengths", () => {
  it.each([
    [
      "half steps over rows and columns",
      `input s[B, N, N]\nparam steps = 2\noutput y[B, N, N]\nlocal r[steps, B, N, N]\nlocal c[steps + 1, B, N, N]
c[k,b,i,j] = where(k == 0, exp(s[b,i,j]), r[k-1,b,i,j]/sum[m](r[k-1,b,m,j]))
r[k,b,i,j] = c[k,b,i,j]/sum[m](c[k,b,i,m])
y[b,i,j] = c[steps,b,i,j]`,
    ],
    [
      "in two dimensions",
      `input x[N, M, D]\nweight w[D, D]\noutput y\nlocal v[N, M, D]\nlocal u[N + 1, M + 1, D]
u[i,j,d] = where(i == 0 or j == 0, 1, v[i-1,j-1,d] + pad(u[i-1,j,d], 0) - pad(u[i,j-1,d], 0))
v[i,j,d] = tanh(x[i,j,d] + sum[k](u[i,j,k]*w[k,d]))/sum[k](exp(u[i,j,k]/4))
y = sum[d](u[N,M,d]*u[N,0,d])`,
    ],
  ])("%s", async (_, source) => {
    const compiled = compile(source);
    const { rows } = await verify(compiled, { file: "sample.layer", text: source }, { trials: 3, seed: 1 });
    expect(rows.filter((row) => row.verdict === "failed")).toEqual([]);
    expect(rows.length).toBeGreaterThan(1);
  });
});

const costs = (name: string): string =>
  readFileSync(`${import.meta.dirname}/../cases/cost/${name}.layer`, "utf8");

/** Running reductions in the forms in which people write them. */
describe("scans", () => {
  it.each([
    ["cumprod", costs("cumprod")],
    ["mingru", costs("mingru")],
    ["volume_render", costs("volume_render")],
    [
      "both ways",
      `input x[T, D]\ninput a[D]\noutput y[T, D]\noutput z[T, D]
y[t,d] = sum[s <= t](a[d]^(t - s)*x[s,d]) + sum[t <= s < T](prod[t < r <= s](a[d]*x[r,d])*x[s,d])
z[t,d] = sum[s < t](prod[s <= r < t](x[r,d])*x[s,d]) + prod[t < s < T](x[s,d]) + mean[s <= t](x[s,d])`,
    ],
    [
      "extremes",
      `input x[N, T]\noutput y[N, T]\noutput z[N, T]\noutput l[N, T]
y[n,t] = max[s <= t](x[n,s])\nz[n,t] = min[t <= s < T](x[n,s])\nl[n,t] = logsumexp[s <= t](x[n,s])`,
    ],
    [
      "products of old and new",
      `input q[T, D]\ninput k[T, D]\ninput v[T, E]\ninput a[T]\nweight g[D]\noutput y[T, E]\noutput z[T, E]\noutput u[T, E]
l[t] = sum[s <= t](-softplus(a[s]))
y[t,e] = sum[s <= t](sum[d](q[t,d]*k[s,d])*v[s,e])
z[t,e] = sum[t <= s < T, d](exp(l[s] - l[t])*q[t,d]*k[s,d]*v[s,e])
u[t,e] = sum[s < t, d](g[d]^(t - s)*q[t,d]*v[s,e])`,
    ],
    [
      "in two dimensions, and of products",
      `input x[H, W]\nweight w[W, E]\noutput y[H, W]\noutput z[H, E]
y[i,j] = sum[a <= i, j <= b < W](x[a,b])\nz[i,e] = sum[a <= i, b](x[a,b]*w[b,e])`,
    ],
    [
      "decays that begin a step behind, and by what has passed since",
      `input x[N, T]\ninput a[N, T]\nweight r\noutput y[N, T]\noutput z[N, T]\noutput u[N, T]
local l[N, T]
l[n,t] = sum[t <= s < T](-exp(a[n,s]))
y[n,t] = sum[t < s < T](exp(l[n,t] - l[n,s]))
z[n,t] = sum[s < t](exp((s - t + 1)*r)*x[n,s]) + sum[s <= t](exp(-r*(t - s))*x[n,s])
u[n,t] = sum[s < t](prod[s < q < t](x[n,q])*x[n,s]) + sum[t < s < T](r^(s - t - 1)*x[n,s])`,
    ],
  ])("%s: no kernel has a loop in the loop along the time", async (_, source) => {
    const compiled = compile(source);
    const { rows } = await verify(compiled, { file: "sample.layer", text: source }, { trials: 2, seed: 1 });
    expect(rows.map((row) => row.verdict)).not.toContain("failed");
    // each statement is pointwise, sums over what is no time, or is a recurrence of its own lane
    const { forward, backward } = compiled.programs[0]!.computed;
    for (const s of [...forward, ...backward])
      walk(s.body, {
        expression: (e) => {
          if (e.kind !== "reduction") return;
          const along = e.binders.flatMap((b) => [...variablesOf(b.upper, variablesOf(b.lower))]);
          const steps = [...s.indices, ...e.binders].map(({ name }) => name);
          expect(along.filter((name) => steps.includes(name))).toEqual([]);
        },
      });
  });

  it("computes nothing again for each pair of steps: twice the length is twice the work", () => {
    const { program } = compile(costs("selective_scan_prod"), "selective_scan_prod").programs[0]!;
    const exponentials = (L: number): number => {
      const env = withPlanConstants(program.planConstants, new Map(Object.entries({ B: 1, L, D: 4, N: 2 })));
      return program.kernels.reduce((sum, kernel) => sum + countWork(kernel, env).calls, 0);
    };
    // forward, in the adjoint's recurrence, and for each of the two gradients by exponents
    expect(exponentials(32)).toBeLessThanOrEqual(4 * 32 * 8);
    // the first and the last step have one less
    expect(exponentials(64) - exponentials(32)).toBeLessThanOrEqual(4 * 32 * 8);
  });
});

/** Probabilities by their logarithms: far along they are beyond every type, and the gradients are ordinary numbers. */
describe("recurrences of logarithms", () => {
  it.each([
    ["logsumexp", "logsumexp[j](a[t-1,n,j] + w[j,k])"],
    ["a sum of exponentials", "log(sum[j](exp(a[t-1,n,j] + w[j,k])))"],
  ])("%s: every step passes all of its gradient on", async (_, before) => {
    const source = `input x[T, N, K]\nweight w[K, K]\noutput z[N]\nlocal a[T, N, K]
a[t,n,k] = x[t,n,k] + where(t > 0, ${before}, 0)
z[n] = logsumexp[k](a[T-1,n,k])`;
    const sizes = { T: 120, N: 2, K: 3 };
    const filled = (length: number, value: (i: number) => number): number[] =>
      Array.from({ length }, (_v, i) => value(i));
    const values = {
      x: filled(120 * 2 * 3, (i) => 8 + Math.sin(i)),
      w: filled(3 * 3, Math.cos),
      dz: [1, 1],
    };
    const total = (data: readonly number[]): number => data.reduce((a, b) => a + b, 0);
    // the reference evaluator computes as it is written: infinities
    for (const { by, values: found } of (await everywhere(source, { sizes, values })).slice(1)) {
      expect(found["z"]![0], by).toBeGreaterThan(900);
      expect(found["z"]![0], by).toBeLessThan(1500);
      // Σ_k ∂z/∂x[t,n,k] = 1 for each t, and so is the sum over the ways into it
      expect(total(found["dx"]!) / (120 * 2), by).toBeCloseTo(1, by.endsWith("f64") ? 9 : 3);
      expect(total(found["dw"]!) / (119 * 2), by).toBeCloseTo(1, by.endsWith("f64") ? 9 : 3);
    }
  });

  it("states that nothing reaches have no gradient, and are not in the way of others", async () => {
    const source = `input x[T, S]\noutput z\nlocal a[T, S]
a[t,s] = x[t,s] + where(t > 0, logsumexp[j < 2](a[t-1,s-j]), where(s == 0, 0, -inf))
z = a[T-1, S-1]
check T = 4, S = 3`;
    const { rows } = await verify(
      compile(source),
      { file: "sample.layer", text: source },
      { trials: 8, seed: 1, sizes: { T: 4, S: 3 } },
    );
    expect(rows.map((row) => row.failure ?? row.verdict)).toEqual([
      "agrees",
      expect.stringMatching(/agrees|proved/u),
    ]);
  });
});

/** Tiles of workgroups, their vectors of four, and the parts of a deep product, where the whole of what a step computes is read too. */
describe("a product in each step", () => {
  const source = `input x[T, B, M]\ninput h0[B, M]\nweight u[M, M]\noutput h[T, B, M]
h[t,b,m] = tanh(x[t,b,m] + sum[k](u[m,k]*where(t > 0, h[t-1,b,k], h0[b,k])))`;
  it.each([
    { T: 3, B: 12, M: 12 },
    { T: 3, B: 13, M: 13 },
    { T: 3, B: 12, M: 260 },
  ])("is the reference's on every target: T = $T, B = $B, M = $M", async ({ T, B, M }) => {
    const drawn = (length: number, seed: number): number[] => {
      const random = randomFrom(seed);
      return Array.from({ length }, () => Math.fround(random.normal()));
    };
    const values = {
      x: drawn(T * B * M, 1),
      h0: drawn(B * M, 2),
      u: drawn(M * M, 3).map((v) => Math.fround(v / Math.sqrt(M))),
      dh: drawn(T * B * M, 4),
    };
    const [reference, ...all] = await everywhere(source, { sizes: { T, B, M }, values });
    for (const { by, values: found } of all)
      for (const [name, wanted] of Object.entries(reference!.values)) {
        const worst = Math.max(...wanted.map((v, i) => Math.abs(v - found[name]![i]!)));
        expect(worst, `${by}: ${name}`).toBeLessThan(2e-5 * Math.max(...wanted.map(Math.abs)));
      }
  });
});

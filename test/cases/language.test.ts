/** Corners of the language, by the names of the cases: values on every target, and errors with their places. */
import { describe, expect, it } from "vitest";
import { LayerError } from "../../src/language/problem.js";
import { verify } from "../../src/verdicts.js";
import { evaluateLayer } from "../../src/verify/evaluate.js";
import { float64 } from "../../src/verify/numbers.js";
import { caseText, everywhere } from "../support/everywhere.js";
import { backwardOf, compile, plansOf } from "../support/layers.js";

type At = Parameters<typeof everywhere>[1];
type Values = Readonly<Record<string, readonly number[]>>;
/** The same values by the evaluator and on every target, to float32's accuracy. */
async function expectEverywhere(text: string, at: At, values: Values): Promise<void> {
  const found = await everywhere(text, at);
  expect(found.length).toBeGreaterThan(3);
  for (const { by, values: own } of found)
    for (const [name, numbers] of Object.entries(values)) {
      expect({ by, name, length: own[name]?.length }).toEqual({ by, name, length: numbers.length });
      numbers.forEach((n, i) => expect(own[name]?.[i], `${name}[${i}] by ${by}`).toBeCloseTo(n, 5));
    }
}
/** `line:column code` of each problem. */
function problemsOf(text: string, name = "sample"): string[] {
  try {
    compile(text, name);
    return [];
  } catch (error) {
    if (!(error instanceof LayerError)) throw error;
    return error.problems.map(({ code, span }) => {
      const before = text.slice(0, span.start).split("\n");
      return `${before.length}:${(before.at(-1)?.length ?? 0) + 1} ${code}`;
    });
  }
}
function messageOf(text: string, name = "sample"): string {
  try {
    compile(text, name);
    return "";
  } catch (error) {
    if (!(error instanceof LayerError)) throw error;
    return error.message;
  }
}
/** Gradients by differences and kernels by the evaluator, all of them right. */
async function expectVerified(text: string): Promise<void> {
  const { rows } = await verify(
    compile(text),
    { file: "sample.layer", text },
    { trials: 4, seed: 1, targets: ["ts"] },
  );
  expect(rows.filter((row) => row.verdict === "failed")).toEqual([]);
}

describe("ranges and bounds follow from the text", () => {
  it("no_range: what cancels tells how far its index runs", async () => {
    await expectEverywhere(
      caseText("no_range"),
      { sizes: { N: 3 }, values: { v: [1, -2, 5], do: [1, 1, 1] } },
      { o: [0, 0, 0], dv: [0, 0, 0] },
    );
  });

  it("points take part by what is written, whatever it comes to", async () => {
    const text = `input v[N]
output a
output b
output d[N]
a[n] = 0*v[n] + 2
b[n] = v[2*n - n] + v[n]^0
d[n] = sum[r < 3](v[n + r - 1] - v[n + r - 1] + 1)
`;
    const values = { v: [1, 2, 4], da: [1, 1, 1], db: [1, 2, 3], dd: [1, 1, 1] };
    await expectEverywhere(
      text,
      { sizes: { N: 3 }, values },
      { a: [2, 2, 2], b: [2, 3, 5], d: [2, 3, 2], dv: [1, 2, 3] },
    );
  });

  it("also where a range found in the text, or a variant's param, is put in", async () => {
    const text = `input x[N]
input y[N]
input w[M]
param a = 2
output z
output u
z = sum[i < N](0*x[i + 1]*sum[j](w[j]) + y[i])
u = sum[i < N](a*x[i + 1]*sum[j](w[j]) + y[i])
variant without: a = 0
`;
    const values = { x: [1, 2, 4], y: [1, 2, 4], w: [1, 1], dz: [1], du: [1] };
    await expectEverywhere(text, { sizes: { N: 3, M: 2 }, values }, { z: [3], u: [27], dy: [2, 2, 0] });
    const [, without] = compile(text).programs;
    const given = new Map(Object.entries(values));
    expect(evaluateLayer(without!.derived.layer, { N: 3, M: 2 }, given, float64).get("u")).toEqual([3]);
  });

  it("an index that cancels to one name does not stand alone, and one that vanishes has no range", () => {
    expect(problemsOf("input v[N]\ninput w[M]\noutput p\np = sum[n](v[n]*w[2*n - n])\n")).toEqual([]);
    expect(problemsOf("input v[N]\ninput w[M]\noutput p\np = sum[n](v[n]*w[n])\n")).toEqual([
      "4:9 extents-disagree",
    ]);
    expect(problemsOf("input v[N]\noutput o[N]\no[n] = v[n + 1] - v[n + 1]\n")).toEqual([
      "3:8 out-of-bounds",
    ]);
  });
});

describe("constants and require lines", () => {
  it("constant_reduction", async () => {
    await expectEverywhere(
      caseText("constant_reduction"),
      { sizes: { N: 4 }, values: { x: [1, 2, 3, -1], dz: [1, 1, 2, 1] } },
      { z: [6, 12, 18, -6], dx: [6, 6, 12, 6] },
    );
  });
  it("require_reduction", async () => {
    const at = { sizes: { N: 2 }, values: { x: [1, 2], dz: [1, 3] } };
    await expectEverywhere(caseText("require_reduction"), at, { z: [1, 2], dx: [1, 3] });
    const refused = `input x[N]
output z[N]
require any[i < N](i == 2), "three at least"
z[n] = x[n]
`;
    const plan = await plansOf(refused);
    expect(() => plan({ N: 2 })).toThrow(/three at least.*N = 2/);
    expect(plan({ N: 3 }).shapes).toEqual({ x: [3], z: [3], dz: [3], dx: [3] });
  });
  it("constant_argmax", async () => {
    await expectEverywhere(
      caseText("constant_argmax"),
      { sizes: { N: 3 }, values: { x: [2, 3, 4], dz: [1, 10, 100] } },
      { z: [4, 6, 8], dx: [2 + 2 + 30 + 400, 20, 200] },
    );
  });
  it("every reduction over sizes, nested and guarded", async () => {
    const text = `param value = 3
input x[N]
output z[K]
output k[1]
c = sum[q < N](q)
m = mean[q < N, r <= q](where(mod(q, 2) == 0, q*r, 1))
t = max[q < N](-q) + 10*min[q < N](q + c) + prod[1 <= q <= N](q/2)
n' = 0
z[i] = x[0]
`;
    expect(problemsOf(text)).toContain("8:1 prime");
    const sound = `param value = 3
input x[N]
output z[8]
c = sum[q < N](q)
m = mean[q < N, r <= q](where(mod(q, 2) == 0, q*r, 1))
t = max[q < N](-q) + 10*min[q < N](q + c) + prod[1 <= q <= N](q/2)
a = argmin[q < N, r <= N](abs(q - 1) + abs(r - 2))
n = count[q < N, r < N](q < r)
s = where(any[q < N](q == 2) and all[q < N](q < value), 2, 1)
h(u) = u*c
require c < 100 and sum[i < N](i) == c
z[i] = where(i == 0, c, where(i == 1, m, where(i == 2, t, where(i == 3, a, where(i == 4, n, where(i == 5, s, where(i == 6, h(2), x[0])))))))
`;
    // N = 3: m over (0,0), (1,0), (1,1), (2,0..2) is (0 + 1 + 1 + 0 + 2 + 4)/6; a is 1*(N + 1) + 2
    const expected = [3, 8 / 6, 0 + 30 + 6 / 8, 6, 3, 2, 6, 7];
    const values = { x: [7, 0, 0], dz: [0, 0, 0, 0, 0, 0, 0, 1] };
    await expectEverywhere(sound, { sizes: { N: 3 }, values }, { z: expected, dx: [1, 0, 0] });
  });
});

describe("divisions outside reductions", () => {
  it("half: one that may fail is an error at the read", () => {
    expect(problemsOf(caseText("half"))).toEqual(["3:8 exact-outside"]);
    expect(messageOf(caseText("half"))).toContain(
      "write floor(L/2), or state that it comes out even: require mod(L, 2) == 0",
    );
    expect(problemsOf("input x[N]\noutput z\nz = sum[j < (N + 1)/2](x[j])\n")).toEqual(["3:9 exact-outside"]);
    expect(problemsOf("input x[N]\noutput z[N]\nz[n] = where(n > 0, x[n/2], 0)\n")).toEqual([
      "3:21 exact-outside",
    ]);
  });
  it("one that comes out even at every size and point is none", async () => {
    const text = `input x[L]
output y[L]
output h[L/2]
output u
require mod(L + 1, 3) == 0
y[i] = where(mod(i, 2) == 0, x[i/2], 0)
h[i] = x[i + L/2] - x[(L + 1)/3]
u = sum[j < L/2](x[(2*j + 2)/2 - 1])
`;
    const values = { x: [1, 2], dy: [1, 5], dh: [1], du: [10] };
    await expectEverywhere(text, { sizes: { L: 2 }, values }, { y: [1, 0], h: [0], u: [1], dx: [11, 0] });
  });
});

describe("check and variant lines", () => {
  it("empty_size: sizes for which there is no plan are an error at their line", () => {
    expect(problemsOf(caseText("empty_size"))).toEqual(["5:1 illegal-sizes"]);
    expect(messageOf(caseText("empty_size"))).toContain("T is 0 for N = 2; it must be at least 1");
  });
  it("each line is judged by what it gives", () => {
    const text = `param s = 1
input x[N, M]
output y[T]
output z[N, P]
T = N - 2
P = floor(M/s)
c = 1/M
require M > 1, "too few columns"
require c < 1
y[i] = x[i, 0] + x[i + 2, 0]
z[n, p] = x[n, p*s]
check N = 5
check N = 2
check M = 1
check N = 4, M = 4, s = 8
check s = 0
variant narrow: N = 1
variant wide: N = 9
`;
    expect(problemsOf(text)).toEqual([13, 14, 15, 16, 17].map((line) => `${line}:1 illegal-sizes`));
  });
  it("reads out of bounds at those sizes are told too", () => {
    const text =
      "input x[N]\ninput w[M]\noutput y[M]\ny[i] = x[i]*w[i]\ncheck N = 3, M = 3\ncheck N = 2, M = 3\n";
    expect(messageOf(text)).toContain("x[i] reads x[2] at i = 2 when");
    expect(problemsOf(text)).toEqual(["6:1 out-of-bounds"]);
  });
});

describe("names", () => {
  const layer = "input x[N]\noutput z[N]\nz[n] = x[n]\n";
  it("then: what breaks a module or a folder names no layer and no variant", () => {
    for (const name of ["then", "__proto__", "con", "NUL", "com1", "lpt9", "aux", "await", "a".repeat(201)])
      expect({ name, problems: problemsOf(layer, name) }).toEqual({ name, problems: ["1:1 layer-name"] });
    expect(problemsOf(caseText("then"), "then")).toEqual(["1:1 layer-name"]);
    for (const name of ["index", "runtime", "constructor", "console", "com", "toString"])
      expect({ name, problems: problemsOf(layer, name) }).toEqual({ name, problems: [] });
    for (const name of ["then", "prn", "class"])
      expect(problemsOf(`${layer}variant ${name}: N = 2\n`)).toEqual(["4:9 variant-name"]);
  });
  it("two folders that some systems take for one", () => {
    expect(problemsOf(`${layer}variant Sample: N = 2\n`)).toEqual(["4:9 variant-twice"]);
    expect(problemsOf(`${layer}variant small: N = 2\nvariant Small: N = 3\n`)).toEqual(["5:9 variant-twice"]);
  });
  it("an index may be called e; elsewhere e is Euler's number", async () => {
    const text = `input x[B, E]
output y[B, E]
output s[B]
f(u) = u*e
c = e
y[b,e] = x[b,e]*e + c
s[b] = sum[e](f(x[b,e]))*e
`;
    const values = { x: [1, 2], dy: [1, 1], ds: [1] };
    const square = Math.E * Math.E;
    await expectEverywhere(
      text,
      { sizes: { B: 1, E: 2 }, values },
      { y: [Math.E, 2 + Math.E], s: [3 * square], dx: [square, 1 + square] },
    );
    expect(problemsOf("input x[e]\noutput y\ny = x[0]\n")).toContain("1:9 taken");
    expect(problemsOf("input x[N]\noutput y\ny = sum[n](x[n]*sum[e < N](e))*e\ne = 3\n")).toContain(
      "4:1 taken",
    );
  });
});

describe("conditions joined by and", () => {
  it("guard the reads after them", async () => {
    const text = `input x[N]
output y[N]
output m[N]
output a[N]
output q[N]
y[i] = where(i > 0 and x[i - 1] > 0, x[i], 2*x[i])
m[i] = mean[j < 2](where(i + j > 0 and x[i + j - 1] > 0, 4, 2))
a[i] = where(all[j < 2](i + j > 0 and x[i + j - 1] > 0), 1, 0)
q[i] = sum[j < 2](where(not(i + j > 0 and x[i + j - 1] > 0), x[i], 1))
`;
    const values = { x: [1, -1, 3], dy: [1, 1, 1], dm: [0, 0, 0], da: [0, 0, 0], dq: [1, 10, 100] };
    await expectEverywhere(
      text,
      { sizes: { N: 3 }, values },
      { y: [2, -1, 6], m: [3, 3, 3], a: [0, 0, 0], q: [2, 0, 4], dx: [3, 11, 102] },
    );
  });
  it("conditions on data guard nothing, nor do those that come after", () => {
    const reading = (condition: string): string[] =>
      problemsOf(`input x[N]\noutput y[N]\ny[i] = where(${condition}, 1, 2)\n`);
    expect(reading("x[i] > 0 and x[i - 1] > 0")).toEqual(["3:27 out-of-bounds"]);
    expect(reading("x[i - 1] > 0 and i > 0")).toEqual(["3:14 out-of-bounds"]);
    expect(reading("i > 0 and x[i] > 0 and x[i - 1] > 0")).toEqual([]);
  });
});

describe("clamped subscripts", () => {
  it("edges repeat: values and gradients", async () => {
    const text = "input x[N]\noutput y[N]\ny[i] = x[min(max(i - 1, 0), N - 1)] * x[min(i + 1, N - 1)]\n";
    const values = { x: [2, 3, 5], dy: [1, 10, 100] };
    // y = x0·x1, x0·x2, x1·x2
    await expectEverywhere(
      text,
      { sizes: { N: 3 }, values },
      { y: [6, 10, 15], dx: [3 + 50, 2 + 500, 20 + 300] },
    );
    await expectEverywhere(text, { sizes: { N: 1 }, values: { x: [3], dy: [2] } }, { y: [9], dx: [12] });
  });
  it("the gradient gathers: no sum over what is not read", () => {
    expect(backwardOf("input x[N]\noutput y[N]\ny[i] = x[max(i - 1, 0)]\n")).toEqual([
      "dx[n] = where(n + 1 < N, dy[n + 1], 0) + where(n == 0, sum[i](where(i <= 0, dy[i], 0)), 0)",
    ]);
  });
  const layers: Record<string, string> = {
    "a padded convolution that repeats its edges": `input x[N, C, H, W]
weight w[K, C, R, S]
output z[N, K, H, W]
z[n,k,p,q] = sum[c,r,s](x[n, c, min(max(p + r - 1, 0), H - 1), min(max(q + s - 1, 0), W - 1)]*w[k,c,r,s])`,
    "a maximum over a clamped window": `input x[N]
output y[N]
y[i] = max[r < 3](x[min(max(i + r - 1, 0), N - 1)])`,
    "clamps in clamps, two in one subscript": `input x[N, M]
output y[N, M]
y[i,j] = sin(x[min(max(i, j), N - 1), max(min(j + 1, M - 1), min(i, M - 1))] - x[min(N - 1 - i, i), 0])`,
    "with floor and mod": `input x[N]
output y[2*N]
y[i] = x[min(floor((i + 1)/2), N - 1)] * x[mod(max(i - 1, 0), N)]`,
    "of an index tensor": `input x[N, R]
index t[M] < N
output y[M]
y[m] = sum[r](x[min(t[m] + r, N - 1), max(r - 1, 0)]^2)`,
    "ranges inferred through a clamp": `input x[N]
output y
y[i] = x[max(i - 2, 0)]`,
  };
  it.each(Object.entries(layers))("%s", (_, text) => expectVerified(text), 60_000);
});

describe("lines", () => {
  it("go on where the next begins with an operator", async () => {
    const text =
      "# what it is\r\ninput x[N,\r\n  M]  # why\r\noutput y[N]\r\ny[n] = sum[m](x[n,m])\r\n  + 2   # more\r\n\r\n  - 3\r\n  * x[n,0]\r\n" +
      "require N > 0\r\n  and M > 1\r\n";
    await expectEverywhere(
      text,
      { sizes: { N: 1, M: 2 }, values: { x: [4, 5], dy: [1] } },
      { y: [9 + 2 - 12], dx: [-2, 1] },
    );
  });
});

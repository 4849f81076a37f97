import { describe, expect, test } from "vitest";
import { parseLayer } from "../../src/language/parse.js";
import { printCondition, printExpression, printInt } from "../../src/language/print.js";
import { renderProblems } from "../../src/language/problem.js";
import type { Expression, Reduction } from "../../src/notation/expression.js";
import type { Layer, Statement, Tensor } from "../../src/notation/layer.js";
import { tensorOf } from "../../src/notation/layer.js";

function parsed(text: string, file = "sample.layer"): Layer {
  const { layer, problems, source } = parseLayer(text, file);
  if (!layer) throw new Error(renderProblems(source, problems));
  return layer;
}
const statement = (layer: Layer, tensor: string): Statement => {
  const found = [...layer.statements, ...layer.claimHelpers, ...layer.claims].find(
    (s) => s.tensor === tensor,
  );
  if (!found) throw new Error(`no statement of ${tensor}`);
  return found;
};
const bodyOf = (
  formula: string,
  head = "input x[N, C]\nindex t[N] < C\nparam a = 1\nparam eps = 0.1\noutput z[N]\n",
): Expression => statement(parsed(`${head}z[n] = ${formula}`), "z").body;
function reductionOf(formula: string): Reduction {
  const body = bodyOf(formula);
  if (body.kind !== "reduction") throw new Error(`${formula} is no reduction`);
  return body;
}
const shape = (t: Tensor): string[] => t.shape.map((s) => printInt(s));

const conv2d = `# 2-D convolution (cross-correlation), channels first.
# Second line.

param  stride = 1
param  pad = 0
param  dilation = 1   # at a line's end

input  x[N, C, H, W]
weight w[K, C, R, S]
weight b[K]
output z[N, K, P, Q]

P = floor((H + 2*pad - dilation*(R - 1) - 1) / stride) + 1
Q = floor((W + 2*pad - dilation*(S - 1) - 1) / stride) + 1
require H + 2*pad >= R, "kernel larger than the # padded input"

z[n,k,p,q] = sum[c,r,s](
    x[n, c, p*stride - pad + r*dilation,
      q*stride - pad + s*dilation]   # the window
  * w[k,c,r,s]) +
  b[k]
variant conv3x3: R = 3, S = 3,
  stride = 1, pad = 1
check N = 2, C = 3, H = 7, W = 5
`;

describe("a convolution", () => {
  const layer = parsed(conv2d, "specs/conv2d.layer");
  test("names, sizes and params", () => {
    expect(layer.name).toBe("conv2d");
    expect(layer.documentation).toBe("2-D convolution (cross-correlation), channels first.\nSecond line.");
    expect(layer.sizes).toEqual(["N", "C", "H", "W", "K", "R", "S"]);
    expect(layer.params.map(({ at: _, ...p }) => p)).toEqual([
      { name: "stride", type: "integer", value: 1, positive: true },
      { name: "pad", type: "integer", value: 0 },
      { name: "dilation", type: "integer", value: 1, positive: true },
    ]);
    expect(layer.derived.map((d) => d.name)).toEqual(["P", "Q"]);
  });
  test("tensors", () => {
    expect(layer.tensors.map((t) => [t.name, t.role, t.type, shape(t)])).toEqual([
      ["x", "input", "real", ["N", "C", "H", "W"]],
      ["w", "weight", "real", ["K", "C", "R", "S"]],
      ["b", "weight", "real", ["K"]],
      ["z", "output", "real", ["N", "K", "P", "Q"]],
    ]);
  });
  test("the statement", () => {
    const { indices, body } = statement(layer, "z");
    expect(indices.map((i) => [i.name, printInt(i.extent)])).toEqual([
      ["n", "N"],
      ["k", "K"],
      ["p", "P"],
      ["q", "Q"],
    ]);
    expect(printExpression(body, layer, ["n", "k", "p", "q"])).toBe(
      "sum[c, r, s](x[n, c, p*stride + r*dilation - pad, q*stride + s*dilation - pad] * w[k, c, r, s]) + b[k]",
    );
  });
  test("requirements, variants and checks", () => {
    expect(layer.requirements.map((r) => [printCondition(r.condition), r.message])).toEqual([
      ["R <= H + 2*pad", "kernel larger than the # padded input"],
    ]);
    expect(layer.variants.map((v) => [v.name, { ...v.values }])).toEqual([
      ["conv3x3", { R: 3, S: 3, stride: 1, pad: 1 }],
    ]);
    expect(layer.checks.map((c) => ({ ...c.values }))).toEqual([{ N: 2, C: 3, H: 7, W: 5 }]);
  });
  test("the same with other line ends, a byte-order mark and tabs", () => {
    const other = parsed(`\uFEFF${conv2d.replaceAll("\n", "\r\n").replaceAll("  ", "\t")}`, "conv2d.layer");
    expect(other.documentation).toBe(layer.documentation);
    expect(printExpression(statement(other, "z").body)).toEqual(printExpression(statement(layer, "z").body));
  });
  test("every read knows its place in the text", () => {
    const reads: string[] = [];
    const visit = (e: Expression): void => {
      if (e.kind === "read" && e.at) reads.push(conv2d.slice(e.at.start, e.at.end).replace(/\s+/g, ""));
      if (e.kind === "reduction") visit(e.body);
      if (e.kind === "multiply") e.factors.forEach(visit);
      if (e.kind === "add") e.terms.forEach(visit);
    };
    visit(statement(layer, "z").body);
    expect(reads).toEqual(["x[n,c,p*stride-pad+r*dilation,q*stride-pad+s*dilation]", "w[k,c,r,s]", "b[k]"]);
  });
});

describe("names", () => {
  test("a name without brackets is a size, a constant or a scalar", () => {
    const layer = parsed(
      "input x[N, D]\noutput z[M]\noutput loss\nM = N + k\nparam k = 2\nscale = 1/sqrt(D)\ntotal = sum[n, d](x[n, d])\ntwice = 2 * total\nz[m] = scale\nloss = twice",
    );
    expect(layer.derived.map((d) => d.name)).toEqual(["M"]);
    expect(layer.constants.map((c) => [c.name, printExpression(c.value)])).toEqual([
      ["scale", "1 / sqrt(D)"],
    ]);
    expect(layer.tensors.filter((t) => t.shape.length === 0).map((t) => [t.name, t.role])).toEqual([
      ["loss", "output"],
      ["total", "local"],
      ["twice", "local"],
    ]);
  });
  test("sizes and constants come after what they are computed from", () => {
    const layer = parsed("input x[N]\noutput z[A]\nA = B + 1\nB = 2*N\nu = v + 1\nv = 2 * pi\nz[a] = u");
    expect(layer.derived.map((d) => d.name)).toEqual(["B", "A"]);
    expect(layer.constants.map((c) => c.name)).toEqual(["v", "u"]);
  });
  test("three namespaces: w is a weight, an index and a helper", () => {
    const layer = parsed("input x[W]\nweight w[W]\noutput z[W]\nw(u) = u + 1\nz[w] = x[w] * w[w] + w(x[w])");
    expect(printExpression(statement(layer, "z").body)).toBe("x[w] * w[w] + x[w] + 1");
  });
  test("letters of any script, combining marks, primes", () => {
    const layer = parsed("input x̂[N, C]\nweight γ[C]\noutput 𝑦[N]\n𝑦[n'] = Σ[c''](x̂[n', c''] * γ[c''])");
    expect(printExpression(statement(layer, "𝑦").body, undefined, ["n'"])).toBe(
      "sum[c''](x̂[n', c''] * γ[c''])",
    );
  });
  test("names that objects have by themselves", () => {
    const layer = parsed(
      "input constructor[toString]\noutput valueOf[toString]\nparam hasOwnProperty = 2\nvalueOf[i] = constructor[i] * hasOwnProperty",
    );
    expect(layer.sizes).toEqual(["toString"]);
  });
  test("dT may name a tensor where T is an intermediate, and a size where T is bracketed", () => {
    expect(parsed("input k[N, dk]\noutput z[N]\nh[n] = k[n, 0]\ndh[n] = h[n]\nz[n] = dh[n]").sizes).toEqual([
      "N",
      "dk",
    ]);
  });
  test("two reductions side by side may use one binder", () => {
    expect(printExpression(bodyOf("sum[c](x[n, c]) + max[c](x[n, c])"))).toBe(
      "sum[c](x[n, c]) + max[c](x[n, c])",
    );
  });
  test("lines may define what is spelled like a keyword", () => {
    const layer = parsed(
      "input data[N]\noutput check[N]\nindex index[N] < N\ncheck[n] = data[n] + data[index[n]]",
    );
    expect(layer.tensors.map((t) => t.name)).toEqual(["data", "check", "index"]);
  });
});

describe("integers", () => {
  const derived = (definition: string): string =>
    printInt(
      parsed(`input x[N, H]\nparam s = 2\noutput z[P]\nP = ${definition}\nz[p] = 1`).derived[0]?.value ?? {
        kind: "int",
        monomials: [],
      },
    );
  test.each([
    ["floor((H + 2 - 3)/s) + 1", "floor((H - 1)/s) + 1"],
    ["floor(H/2 + 1/2)", "floor((H + 1)/2)"],
    ["floor(H/s/2)", "floor(H/(2*s))"],
    ["ceil(H/2)", "-floor(-H/2)"],
    ["N*H/H", "N"],
    ["H/2", "H/2"],
    ["(H - 1)/s + 1", "(H - 1)/s + 1"],
    ["mod(H, s)*N^2", "N^2*mod(H, s)"],
    ["max(H - 3, 1)", "max(H - 3, 1)"],
    ["2^N", "2^N"],
    ["-(-N)", "N"],
  ])("P = %s", (text, printed) => {
    expect(derived(text)).toBe(printed);
  });
  test("a param is an integer where it stands in a subscript, a size or a bound, else real", () => {
    const layer = parsed(
      "param a = 1\nparam b = 2\nparam c = 3\nparam d = 4\nparam e1 = 5\nM = N*d\ninput x[N]\noutput z[M]\nz[m] = sum[j < b](x[m - a*j] * c) + e1",
    );
    expect(layer.params.map((p) => [p.name, p.type, p.positive])).toEqual([
      ["a", "integer", true],
      ["b", "integer", undefined],
      ["c", "real", undefined],
      ["d", "integer", undefined],
      ["e1", "real", undefined],
    ]);
  });
  test("an argmax in a subscript becomes a tensor of its own", () => {
    const layer = parsed("input x[N, C]\noutput z[N]\nz[n] = x[n, argmax[c](x[n, c])]");
    expect(layer.statements.map((s) => s.tensor)).toEqual(["argmax1", "z"]);
    expect(tensorOf(layer, "argmax1")).toMatchObject({ type: "integer", role: "local", lowest: 0 });
    expect(printExpression(statement(layer, "z").body)).toBe("x[n, argmax1[n]]");
  });
  test("an argmax statement defines an integer tensor", () => {
    const layer = parsed("input x[N]\noutput m[P]\nP = N - 2\nm[p] = argmax[r < 3, s < 2](x[p + r + s])");
    const m = tensorOf(layer, "m");
    expect([m.type, m.lowest, m.bound && printInt(m.bound)]).toEqual(["integer", -1, "6"]);
  });
});

describe("conditions", () => {
  const guard = (condition: string): string =>
    printCondition(reductionOf(`sum[c](where(${condition}, x[n, c], 0))`).guard, undefined, ["n", "c"]);
  test.each([
    ["c < n", "c < n"],
    ["c > n", "n < c"],
    ["n >= c", "c <= n"],
    ["0 <= c - n < 3", "n <= c and c <= n + 2"],
    ["c == n or not(c < n)", "c == n or n <= c"],
    ["(c + 1)/2 <= n", "c < 2*n"],
    ["c/N < n", "c < n*N"],
    ["c != n", "c != n"],
  ])("%s over the integers", (condition, printed) => {
    expect(guard(condition)).toBe(printed);
  });
  test("reals, integer tensors and params compare as what they are", () => {
    const kind = (condition: string): string => {
      const body = bodyOf(`where(${condition}, 1, 0)`);
      return body.kind === "select" ? body.condition.kind : body.kind;
    };
    expect(kind("x[n, 0] < eps")).toBe("compare");
    expect(kind("t[n] == n")).toBe("zero");
    expect(kind("n < a")).toBe("compare");
    expect(kind("n < inf")).toBe("compare");
  });
  test("count: a condition of indices is the guard, one that reads tensors stays in the body", () => {
    expect(reductionOf("count[c](c < n)")).toMatchObject({
      name: "count",
      body: { kind: "constant" },
      guard: { kind: "nonnegative" },
    });
    expect(reductionOf("count[c](x[n, c] > 0)")).toMatchObject({ name: "sum", body: { kind: "select" } });
  });
  test("a where that leaves the neutral value is the guard of its reduction", () => {
    expect(reductionOf("sum[c](where(c < n, where(c < 3, x[n, c], 0), 0))")).toMatchObject({
      guard: { kind: "and" },
      body: { kind: "read" },
    });
    expect(reductionOf("max[c](where(c < n, -inf, x[n, c]))")).toMatchObject({
      guard: { kind: "nonnegative" },
      body: { kind: "read" },
    });
    expect(reductionOf("mean[c](where(c < n, x[n, c], 0))")).toMatchObject({
      guard: { kind: "truth" },
      body: { kind: "select" },
    });
    expect(reductionOf("sum[c](where(x[n, c] > 0, 1, 0))")).toMatchObject({
      guard: { kind: "truth" },
      body: { kind: "select" },
    });
  });
});

describe("binders", () => {
  const range = (binder: string): string[] => {
    const [b] = reductionOf(`sum[${binder}](1)`).binders;
    return b ? [b.name, printInt(b.lower), printInt(b.upper).replace(/\d+$/, "")] : [];
  };
  test.each([
    ["c", ["c", "0", "?c#"]],
    ["r < C", ["r", "0", "C"]],
    ["j <= n", ["j", "0", "n + "]],
    ["1 <= j <= n", ["j", "1", "n + "]],
    ["a*2 < j < C", ["j", "2*a + 1", "C"]],
    ["1 <= j", ["j", "1", "?j#"]],
    ["n <= j", ["j", "n", "?j#"]],
  ])("%s", (binder, expected) => {
    expect(range(binder)).toEqual(expected);
  });
});

describe("claims", () => {
  const layer = parsed(`input x[N, C]
weight w[C]
output y[N, C]
h[n, c] = x[n, c] * w[c]
y[n, c] = exp(h[n, c])
g[n, c] = dy[n, c] * y[n, c]
g2[n, c] = g[n, c] * 1
claim dh[n, c] = g2[n, c]
claim dx[n, c] = dh[n, c] * w[c]
`);
  test("what reads a cotangent, directly or not, helps the claims", () => {
    expect(layer.statements.map((s) => s.tensor)).toEqual(["h", "y"]);
    expect(layer.claimHelpers.map((s) => s.tensor)).toEqual(["g", "g2"]);
    expect(layer.claims.map((s) => s.tensor)).toEqual(["dh", "dx"]);
  });
  test("a claim's indices have the extents of its tensor", () => {
    expect(statement(layer, "dx").indices.map((i) => printInt(i.extent))).toEqual(["N", "C"]);
  });
  test("cotangents and claimed gradients are no tensors of the layer", () => {
    expect(layer.tensors.map((t) => t.name)).toEqual(["x", "w", "y", "h", "g", "g2"]);
  });
});

test("helpers are inlined, in helpers too, and see params and sizes", () => {
  const layer = parsed(
    "param eps = 2\ninput x[N]\noutput z[N]\nsilu(u) = u * sigmoid(u)\ntwice(u, v) = silu(u) + eps*v/N\nz[n] = twice(x[n] + 1, x[n])",
  );
  expect(printExpression(statement(layer, "z").body)).toBe("(x[n] + 1) * sigmoid(x[n] + 1) + eps * x[n] / N");
});

test("an output without brackets has the rank of its definition and open extents", () => {
  const layer = parsed("input x[N]\noutput z\nz[i, j] = x[i] * x[j]");
  expect(shape(tensorOf(layer, "z"))).toEqual(["?z.0", "?z.1"]);
  expect(statement(layer, "z").indices.map((i) => printInt(i.extent))).toEqual(["?i#1", "?j#2"]);
});
test("compound left-hand sides leave their ranges open", () => {
  const { indices, subscripts } = statement(
    parsed("input x[N, C, H]\noutput z[N, C*H]\nz[n, c*H + h] = x[n, c, h]"),
    "z",
  );
  expect(indices.map((i) => printInt(i.extent))).toEqual(["N", "?c#1", "?h#2"]);
  expect(subscripts.map((s) => printInt(s, ["n", "c", "h"]))).toEqual(["n", "c*H + h"]);
});
test("numbers keep what was written", () => {
  expect(bodyOf("1e-5 + 0")).toEqual({ kind: "constant", numerator: 1, denominator: 100000 });
  expect(bodyOf("0.1 + 0.2")).toEqual({ kind: "constant", numerator: 3, denominator: 10 });
});
test("a line left open does not swallow the next ones", () => {
  const { problems } = parseLayer("input x[N\noutput z[N]\nz[n] = (x[n]\nh[n] = 1", "sample.layer");
  expect(problems.map((p) => p.code)).toEqual(["unclosed", "unclosed"]);
});

/** Layers that call layers, and formulas of whole tensors: what they mean as statements, and what is wrong with them. */
import { describe, expect, it } from "vitest";
import { printLayer } from "../../src/language/print.js";
import { LayerError, positionOf } from "../../src/language/problem.js";
import { shelfOf, standardShelf, textsUsed, type Shelf } from "../../src/library.js";
import { compileText, deriveText } from "../../src/pipeline.js";
import { verify } from "../../src/verdicts.js";

const texts: Readonly<Record<string, string>> = {
  centred:
    "input x[N]\nweight w[N]\noutput y[N]\noutput m\nm = mean[n](x[n])\ny[n] = (x[n] - m)*w[n]\ncheck N = 3\n",
  masked:
    "input x[N, C]\ndata mask[N, C]\noutput y[N, C]\ny[n,c] = sum[r < 3](pad(x[n, c + r - 1], 0)*mask[n,c])\n",
  grouped: "input x[N, G*C]\nweight w[G]\noutput y[N, G, C]\ny[n,g,c] = x[n, g*C + c]*w[g]\n",
  greatest: "input x[N, C]\noutput k[N]\noutput y[N]\nk[n] = argmax[c](x[n,c])\ny[n] = x[n, k[n]]\n",
  strided: `param s = 1
input x[N]
output y[P]
P = floor((N - 1)/s) + 1
require N > 1
require s < 5, "the stride is too large"
scale = 1/sqrt(N)
y[p] = scale*x[p*s]
variant strided2: s = 2
`,
  pick: "index t[N] < V\nweight v[V]\noutput y[N]\ny[n] = v[t[n]]\n",
  scaled: "input x[N]\nweight s\nparam eps = 0.1\noutput y[N]\ny[n] = x[n]*s + eps*n\n",
  both: "input x[N]\nweight N[N]\noutput y[N]\ny[n] = x[n]*N[n]\n",
  nest: "use centred, linear_oi\ninput x[B, N]\nweight w[N]\nweight v[K, N]\nweight b[K]\noutput z[B, K]\nh = centred(x, w)\nz = relu(linear_oi(h, v, b))\n",
  wrong: "input x[N]\noutput y[N]\ny[n] = x[q]\n",
  outside: "input x[N]\noutput y[N]\ny[n] = x[n + 1]\n",
  around: "use round_about\ninput x[N]\noutput y[N]\ny = round_about(x)\n",
  round_about: "use around\ninput x[N]\noutput y[N]\ny = around(x)\n",
  own: "use own\ninput x[N]\noutput y[N]\ny = own(x)\n",
  ...Object.fromEntries(
    Array.from({ length: 12 }, (_, i) => [
      `doubled${i}`,
      i === 0
        ? "input x[N]\noutput y[N]\ny[n] = 2*x[n]\n"
        : `use doubled${i - 1}\ninput x[N]\noutput y\ny = doubled${i - 1}(doubled${i - 1}(x))\n`,
    ]),
  ),
};
const own = shelfOf(() => texts);
const shelf: Shelf = (name, from) => own(name, from) ?? standardShelf(name, from);

/** The statements, and the sizes, constants and requirements, without declarations. */
function statementsOf(text: string): readonly string[] {
  const { layer } = deriveText(text, "sample.layer", { shelf });
  const printed = printLayer(layer);
  // what is printed means the same
  expect(printLayer(deriveText(printed, "sample.layer", { shelf }).layer)).toBe(printed);
  const declaration = /^(?:param|input|weight|data|index|output|local|check|variant|#)\b/u;
  return printed.split("\n").filter((line) => line !== "" && !declaration.test(line));
}
function errorOf(text: string): LayerError {
  try {
    compileText(text, "sample.layer", { shelf });
  } catch (error) {
    if (error instanceof LayerError) return error;
    throw error;
  }
  throw new Error("no problem was found");
}

const meanings: Readonly<Record<string, readonly [text: string, ...statements: string[]]>> = {
  "several outputs, mapped over two axes in front": [
    "use centred\ninput x[B, T, N]\nweight g[N]\noutput a\noutput b\na, b = centred(x, g)\n",
    "b[b, t] = mean[n](x[b, t, n])",
    "a[b, t, n] = (x[b, t, n] - b[b, t]) * g[n]",
  ],
  "calls in a formula are numbered, inner ones first": [
    "use centred\ninput x[N]\nweight w[N]\noutput y\ny = x + centred(centred(x, w), w = exp(w))*2\n",
    "centred_1_m = mean[n](x[n])",
    "centred_1_y[n] = (x[n] - centred_1_m) * w[n]",
    "centred_2_w[n] = exp(w[n])",
    "centred_2_m = mean[n](centred_1_y[n])",
    "centred_2_y[n] = (centred_1_y[n] - centred_2_m) * centred_2_w[n]",
    "y[n] = x[n] + 2 * centred_2_y[n]",
  ],
  "a differentiated tensor as data is stopped, data is not": [
    "use masked\ninput x[A, B, C]\ndata m[B, C]\noutput y\noutput z\ny = masked(x, x)\nz = masked(x, m)\n",
    "y_mask[a, b, c] = stop(x[a, b, c])",
    "y[a, n, c] = sum[r < 3](pad(x[a, n, c + r - 1], 0) * y_mask[a, n, c])",
    "z[a, n, c] = sum[r < 3](pad(x[a, n, c + r - 1], 0) * m[n, c])",
  ],
  "a size is solved from a product": [
    "use grouped\ninput x[N, 4*M]\nweight w[4]\noutput y\ny = grouped(x, w)\n",
    "y[n, g, c] = x[n, g*M + c] * w[g]",
  ],
  "a size is given by name": [
    "use grouped\ninput x[N, D]\nweight w[4]\noutput y\nrequire mod(D, 4) == 0\ny = grouped(x, w, C = D/4)\n",
    'require mod(D, 4) == 0, "mod(D, 4) == 0 does not hold"',
    'require 4 <= D, "C of grouped must be at least 1, and is D/4 here"',
    "y[n, g, c] = x[n, g*(D/4) + c] * w[g]",
  ],
  "an integer output stands in subscripts": [
    "use greatest\ninput x[B, N, C]\noutput y[B, N]\nk, v = greatest(x)\ny[b,n] = v[b,n] + x[b,n,k[b,n]]\n",
    "k[b, n] = argmax[c](x[b, n, c])",
    "v[b, n] = x[b, n, k[b, n]]",
    "y[b, n] = v[b, n] + x[b, n, k[b, n]]",
  ],
  "params in the caller's names; sizes, constants and requirements come along, equal ones once": [
    "use strided, strided2\nparam st = 3\ninput x[B, N]\noutput y\noutput z\noutput u\ny = strided(x, s = st)\nz = strided2(x)\nu = strided(2*x, s = st)\n",
    "y_P = floor((N - 1)/st) + 1",
    "z_P = floor((N - 1)/2) + 1",
    "y_scale = 1 / sqrt(N)",
    'require 1 <= st, "s of strided must be at least 1, and is st here"',
    'require 2 <= N, "strided: 2 <= N does not hold"',
    'require st <= 4, "strided: the stride is too large"',
    'require 2 <= N, "strided2: 2 <= N does not hold"',
    "y[b, p] = y_scale * x[b, p*st]",
    "z[b, p] = y_scale * x[b, 2*p]",
    "u_x[b, n] = 2 * x[b, n]",
    "u[b, p] = y_scale * u_x[b, p*st]",
  ],
  "a layer that calls layers": [
    "use nest\ninput p[B, N]\nweight w[N]\nweight v[K, N]\nweight b[K]\noutput y\ny = nest(p, w, v, b)\n",
    "y_h_m[b] = mean[n](p[b, n])",
    "y_h[b, n] = (p[b, n] - y_h_m[b]) * w[n]",
    "y_linear_oi_1_y[n, k] = sum[c](y_h[n, c] * v[k, c]) + b[k]",
    "y[b, k] = relu(y_linear_oi_1_y[b, k])",
  ],
  "names that are taken": [
    "use softmax\ninput x[N, C]\noutput y\ny_m = 2\ny_u_2[n] = x[n,0]*y_m\ny = softmax(x)\ny_u[n] = y_u_2[n]\n",
    "y_m = 2",
    "y_u_2[n] = x[n, 0] * y_m",
    "y_m_2[n] = max[c](x[n, c])",
    "y_u_3[n, c] = exp(x[n, c] - y_m_2[n])",
    "y_total[n] = sum[c](y_u_3[n, c])",
    "y[n, c] = y_u_3[n, c] / y_total[n]",
    "y_u[n] = y_u_2[n]",
  ],
  "claims read what a call makes, and its cotangents": [
    "use layer_norm\ninput x[N, C]\nweight w[C]\nweight b[C]\noutput y\ny = layer_norm(x, w, b, eps = 0.001)\nclaim dw[c] = sum[n](dy[n,c]*y_xhat[n,c])\nclaim dy_xhat[n,c] = dy[n,c]*w[c]\n",
    "y_mu[n] = mean[d](x[n, d])",
    "y_rstd[n] = 1 / sqrt(mean[d]((x[n, d] - y_mu[n])^2) + 0.001)",
    "y_xhat[n, d] = (x[n, d] - y_mu[n]) * y_rstd[n]",
    "y[n, d] = y_xhat[n, d] * w[d] + b[d]",
    "claim dw[c] = sum[n](dy[n, c] * y_xhat[n, c])",
    "claim dy_xhat[n, c] = dy[n, c] * w[c]",
  ],
  "scalars: numbers for one, an axis in front of one": [
    "use scaled\ninput x[B, N]\nweight s[B]\noutput y\noutput z\ny = scaled(x, s)\nz = scaled(x, 3)\n",
    "y[b, n] = x[b, n] * s[b] + 0.1 * n",
    "z_s = 3",
    "z[b, n] = x[b, n] * z_s + 0.1 * n",
  ],
  "the caller's sizes called like others of the layer": [
    "use linear\ninput x[K, N]\nweight w[N, C]\nweight b[C]\noutput y\ny = linear(x, w, b)\n",
    "y[n, k] = sum[c](x[n, c] * w[c, k]) + b[k]",
  ],
  "the caller's values called like the layer's indices": [
    "use softmax\nparam n = 2\ninput x[N, C]\ninput c\noutput y\ny = softmax(x)*n + c\n",
    "softmax_1_m[n'] = max[c'](x[n', c'])",
    "softmax_1_u[n', c'] = exp(x[n', c'] - softmax_1_m[n'])",
    "softmax_1_total[n'] = sum[c'](softmax_1_u[n', c'])",
    "softmax_1_y[n', c'] = softmax_1_u[n', c'] / softmax_1_total[n']",
    "y[n', c'] = softmax_1_y[n', c'] * n + c",
  ],
  "shapes that no line declares": [
    "use softmax\ninput x[N, C]\noutput y\ns[n,m] = sum[c](x[n,c]*x[m,c])\ny = softmax(\n  s/sqrt(C)\n)\n",
    "s[n, m] = sum[c](x[n, c] * x[m, c])",
    "y_x[n, n'] = s[n, n'] / sqrt(C)",
    "y_m[n] = max[c](y_x[n, c])",
    "y_u[n, c] = exp(y_x[n, c] - y_m[n])",
    "y_total[n] = sum[c](y_u[n, c])",
    "y[n, c] = y_u[n, c] / y_total[n]",
  ],
  "named arguments over several lines": [
    "use scaled\ninput x[N]\nweight w\noutput y\ny = scaled(x,\n  s = w,\n  eps = 2)\n",
    "y[n] = x[n] * w + 2 * n",
  ],
  "whole tensors: functions, branches, helpers, scalars, params": [
    "input x[N, C]\ninput v[N, C]\nweight s\nparam p = 2\noutput y\noutput z\nf(u) = u*s_\ns_ = 3\ny = where(x > v, stop(x), 0)*s/p + e\nq[n] = sum[c](y[n,c])\nz = f(-q)^2 + sum[n](q[n])\n",
    "s_ = 3",
    "y[n, c] = where(v[n, c] < x[n, c], stop(x[n, c]), 0) * s / p + e",
    "q[n] = sum[c](y[n, c])",
    "z[n'] = q[n']^2 * s_^2 + sum[n](q[n])",
  ],
  "a loss, and a number made of it": [
    "use mse_loss\ninput x[B, C]\ndata t[B, C]\noutput total\nr = mse_loss(x, t) + 0.5*mean[b,c](x[b,c])\ntotal = 2*r\n",
    "mse_loss_1_loss = mean[n, c]((x[n, c] - t[n, c])^2)",
    "r = mse_loss_1_loss + mean[b, c](x[b, c]) / 2",
    "total = 2 * r",
  ],
  "extents that the called layer computes": [
    "use max_pool2d, conv2d\nparam p = 1\ninput x[N, C, H, W]\nweight w[K, C, R, S]\nweight b[K]\noutput y\nh = conv2d(x, w, b, pad = p, stride = 2)\ny = max_pool2d(h, R = 2, S = 2)\n",
    "h_P = floor((H - R)/2) + p + 1",
    "h_Q = floor((W - S)/2) + p + 1",
    "y_P = floor(h_P/2)",
    "y_Q = floor(h_Q/2)",
    'require R <= H + 2*p, "conv2d: the kernel is higher than the padded input"',
    'require S <= W + 2*p, "conv2d: the kernel is wider than the padded input"',
    'require 2 <= h_P, "max_pool2d: the window is higher than the padded input"',
    'require 2 <= h_Q, "max_pool2d: the window is wider than the padded input"',
    "h[n, k, p', q] = sum[c, r, s](x[n, c, 2*p' + r - p, 2*q + s - p] * w[k, c, r, s]) + b[k]",
    "y[n, c, p', q] = max[r < 2, s < 2](h[n, c, 2*p' + r, 2*q + s])",
  ],
};
it.each(Object.entries(meanings))("%s", (_, [text, ...statements]) => {
  expect(statementsOf(text)).toEqual(statements);
});

const x = "input x[N, C]\noutput y\n";
/** `line:column code: message`, and `file:line:column` of each called layer in which it arises. */
const errors: readonly (readonly [text: string, ...problems: string[]])[] = [
  [`use nope\n${x}y = nope(x)\n`, "1:5 no-layer: there is no layer nope to use"],
  [
    `use relu\n${x}y = relu(x)\n`,
    "1:5 used-function: relu is a function of the language, and no layer of that name can be used",
  ],
  [
    `use softmax\nsoftmax(u) = u\n${x}y = softmax(x)\n`,
    "1:5 used-helper: softmax is a function of this file, and no layer of that name can be used",
  ],
  [`use softmax, softmax\n${x}y = softmax(x)\n`, "1:14 used-twice: softmax is used already"],
  [`use softmax linear\n${x}y = softmax(x)\n`, "1:5 use-form: this is no list of layers"],
  [
    "use own\ninput x[N]\noutput y\ny = own(x)\n",
    "1:5 layer-unusable: own cannot be used: own uses itself own.layer:1:5",
  ],
  [
    "use around\ninput x[N]\noutput y\ny = around(x)\n",
    "1:5 layer-unusable: around cannot be used: round_about cannot be used: around uses itself: around uses round_about uses around around.layer:1:5 round_about.layer:1:5",
  ],
  [
    "use wrong\ninput x[N]\noutput y\ny = wrong(x)\nz = 2*y\n",
    "1:5 layer-unusable: wrong cannot be used: the index q is neither on the left-hand side nor bound by a reduction wrong.layer:3:10",
  ],
  [
    "use outside\ninput x[N]\noutput y\ny = outside(x)\n",
    "4:5 out-of-bounds: x[n + 1] reads x[9] at n = 8 when N = 9: axis 0 of x has extent N = 9 outside.layer:3:8",
  ],
  [
    `use softmax\n${x}y[n,c] = softmax(x)\n`,
    "4:10 layer-in-formula: the layer softmax takes whole tensors and cannot stand inside a formula over indices",
  ],
  [
    `use softmax\n${x}y = sum[n](softmax(x))\n`,
    "4:12 layer-in-formula: the layer softmax takes whole tensors and cannot stand inside a formula over indices",
  ],
  [
    `use softmax\n${x}y = softmax(x[n,c])\n`,
    "4:13 subscripted-argument: the arguments of a layer are whole tensors",
  ],
  [
    "use softmax\ninput x[N]\noutput y\ny = softmax(x)\n",
    "4:13 fewer-axes: x of softmax is [N, C], and x has fewer axes: it is [N]",
  ],
  [`use softmax\n${x}y = softmax(q)\n`, "4:13 unknown-tensor: there is no tensor q"],
  [
    `use softmax\n${x}y = softmax(x, x)\n`,
    "4:5 too-many-arguments: softmax takes one tensor, x, and 2 are given",
  ],
  [`use linear\n${x}y = linear(x)\n`, "4:5 missing-arguments: linear also takes w and b"],
  [
    `use linear\n${x}weight b[K]\ny = linear(x, b = b, x)\n`,
    "5:22 positional-after-named: an argument without a name cannot follow one that has a name",
  ],
  [
    `use linear\n${x}y = linear(x, x = x, k = 3)\n`,
    "4:15 argument-twice: x of linear is given twice",
    "4:22 unknown-argument: linear has no tensor, param or size k",
  ],
  [
    `use linear\n${x}weight w[D, K]\nweight b[K]\ny = linear(x, w, b)\n`,
    "6:15 argument-shape: w of linear is [C, K] here, and w is [D, K]",
  ],
  [
    "use conv2d\ninput x[N, C, H, W]\nweight w[K, C, R, S]\nweight b[K]\noutput y\ny = conv2d(x, w, b, P = 3)\n",
    "6:21 derived-argument: P is computed by conv2d from other sizes and cannot be given",
  ],
  [
    "use grouped\ninput x[N, D]\nweight w[4]\noutput y\ny = grouped(x, w)\n",
    "5:5 size-unsolved: the shapes of the arguments do not tell C of grouped",
  ],
  [
    "use strided\ninput x[N]\noutput y\ny = strided(x, s = 0)\n",
    "4:20 not-at-least-one: s of strided must be at least 1, and is 0 here",
  ],
  [
    "use strided\ninput x[N]\noutput y\ny = strided(x, s = 7)\n",
    "4:5 never-holds: what is required never holds here: strided: the stride is too large strided.layer:6:1",
  ],
  [
    "use strided\ninput x[N]\nparam a = 0.5\noutput y\ny = strided(x, s = a)\n",
    "3:11 integer-param: a must be an integer because it stands in the argument s of strided",
  ],
  [
    "use centred\ninput x[N]\nweight w[N]\noutput y\na, b, c = centred(x, w)\ny = a\n",
    "5:11 too-many-outputs: centred has 2 outputs, y and m, and 3 names stand on the left",
  ],
  [
    "use centred\ninput x[N]\nweight w[N]\noutput y\na, a = centred(x, w)\ny = a\n",
    "5:4 output-twice: a cannot take two outputs of one call",
  ],
  [
    "input x[N]\noutput y\na, b = x\ny = a\n",
    "3:8 only-a-call: several names on the left take the outputs of a layer: a, m = f(x)",
  ],
  [
    "use centred\ninput x[B, N]\ninput v[C, N]\noutput y\ny = centred(x, v)\n",
    "5:5 fronts-differ: centred is mapped over the axes in front: x has [B] there, and v has [C]",
  ],
  [
    "use pick\ninput t[N]\nweight e1[V]\noutput y\ny = pick(t, e1)\n",
    "5:10 real-as-index: t of pick is an index tensor, and t is real",
  ],
  [
    `use softmax\nparam w = 2\n${x}weight w[N, C]\ny = softmax(w)\n`,
    "6:13 ambiguous-here: w is both a tensor and a value here: it is not clear which is meant",
  ],
  [
    "use both\ninput x[K]\noutput y\ny = both(x, N = x)\n",
    "4:13 ambiguous-there: N is both a tensor and a size of both: it is not clear which is given",
  ],
  [
    "use softmax\ninput x[N, C]\noutput y[N]\ny = softmax(x)\n",
    "4:5 result-shape: y is declared [N], and what it is defined as is [N, C]",
  ],
  [
    `use softmax\n${x}output z\ny = softmax(z)\nz = 2*x\n`,
    "5:13 read-before-definition: z is read before it is defined",
  ],
  [
    `use softmax\n${x}y = softmax(x)\ng = softmax(dy)\nclaim dx[n,c] = g[n,c]\n`,
    "5:13 gradient-argument: dy belongs to the claims: a layer is called on what the layer itself computes",
  ],
  [
    "use conv3x3\ninput x[N, C, H, W]\nweight w[K, C, 3, 3]\nweight b[K]\noutput y\ny = relu(x + conv3x3(x, w, b))\n",
    "6:5 shapes-differ: between whole tensors shapes are equal: x is [N, C, H, W], and conv3x3_1_z is [N, K, H, W]",
  ],
  [
    "use doubled10\ninput x[N]\noutput y\ny = doubled10(x)\n",
    "1:5 layer-unusable: doubled10 cannot be used: with this call of doubled9 the layer comes to over 1000 statements doubled10.layer:4:5",
  ],
];
it.each(errors)("%j", (text, ...expected) => {
  const { problems, message } = errorOf(text);
  const told = problems.map(({ code, message: what, span }) => {
    const { line, column } = positionOf(text, span.start);
    const origins: string[] = [];
    for (let { origin } = span; origin; origin = origin.span.origin) {
      const there = positionOf(origin.source.text, origin.span.start);
      origins.push(`${origin.source.file}:${there.line}:${there.column}`);
    }
    // people are shown every place
    for (const origin of origins) expect(message).toContain(`${origin}, in the layer that is called:`);
    return [`${line}:${column} ${code}: ${what}`, ...origins].join(" ");
  });
  expect(told).toEqual(expected);
});

describe("values and gradients", () => {
  it.each([
    "use centred\ninput x[B, T, N]\nweight g[N]\noutput a\noutput b\na, b = centred(x, g)\n",
    "use masked, softmax\ninput x[A, B, C]\noutput y\ny = softmax(masked(x, x))*x\n",
    "use pick\nindex t[B, N] < 3\nweight e1[3]\noutput y\ny = pick(t, e1)\n",
    "use layer_norm, linear_oi, attention\ninput x[N, H, L, D]\nweight g[D]\nweight b[D]\nweight w[D, D]\noutput y\nh = layer_norm(x, w = g, b = b)\nq = linear_oi(h, w, b)\ny = x + attention(q, h, linear_oi(h, w, b))\n",
    "use strided\nparam st = 2\ninput x[B, N]\noutput y\ny = strided(gelu(x), s = st)\n",
  ])(
    "%j",
    async (text) => {
      const compiled = compileText(text, "sample.layer", { shelf });
      const { rows } = await verify(
        compiled,
        { file: "sample.layer", text },
        { trials: 4, seed: 1, targets: ["ts"] },
      );
      expect(rows.length).toBeGreaterThan(0);
      expect(rows.filter(({ verdict }) => verdict === "failed")).toEqual([]);
    },
    120_000,
  );

  it("stops at what is passed as data: one of two paths is left", () => {
    const text = "use masked\ninput x[N, C]\noutput y\ny = masked(x, x)\n";
    const { gradientLayer } = deriveText(text, "sample.layer", { shelf });
    expect(printLayer(gradientLayer)).toMatch(/g_x\[n, c\] = sum\[.*\]\(dy\[n, .*\] \* y_mask\[n, .*\]\)\n/u);
  });
});

describe("texts that a text rests on", () => {
  it.each([
    ["input x[N]\n", []],
    [
      "# use softmax\nuse nest, softmax # and linear\n",
      ["nest.layer", "leibniz/softmax.layer", "centred.layer", "leibniz/linear_oi.layer"],
    ],
    ["use strided2,\n  conv3x3\n", ["strided.layer", "leibniz/conv2d.layer"]],
    ["use around, nope\n", ["around.layer", "round_about.layer"]],
  ])("%j", (text, files) => {
    expect(textsUsed({ file: "sample.layer", text }, shelf).map(({ file }) => file)).toEqual(files);
  });
});

/**
 * What beginners write: each line is one problem at its place, shows what to write instead, and that, put in, gives a layer that
 * compiles. Rows are data: a habit, the code it is told by, and examples.
 */
import { describe, expect, test } from "vitest";
import { parseLayer } from "../../src/language/parse.js";
import { applyMend, renderProblems, type Problem } from "../../src/language/problem.js";
import { boundsChecks } from "../../src/ranges/checks.js";
import { inferRanges } from "../../src/ranges/infer.js";

/** What the compiler has to say of a text before it differentiates. */
function problemsOf(text: string): readonly Problem[] {
  const { layer, problems } = parseLayer(text, "sample.layer");
  if (!layer) return problems;
  const inferred = inferRanges(layer);
  return inferred.problems.length > 0 ? inferred.problems : boundsChecks(inferred.layer).problems;
}
/** The text once all that is shown is done, one mend after the other, each a problem less. */
function mended(text: string): string {
  let [now, problems] = [text, problemsOf(text)];
  for (let left = problems.length; problems.length > 0; left--) {
    const next = problems.find((p) => p.mend);
    expect({ now, problems, left }).toMatchObject({ left: expect.toSatisfy((n: number) => n > 0) });
    if (!next) throw new Error(`no mend:\n${renderProblems({ file: "sample.layer", text: now }, problems)}`);
    now = applyMend(now, next);
    problems = problemsOf(now);
  }
  return now;
}
function check(text: string, codes: readonly string[], meant?: string): void {
  const problems = problemsOf(text);
  expect({ text, codes: problems.map((p) => p.code) }).toEqual({ text, codes });
  for (const { hint, span } of problems) {
    expect({ text, hint }).toEqual({ text, hint: expect.stringMatching(/\S/) });
    expect(span.end).toBeGreaterThan(span.start);
  }
  // each mend by itself is a problem less
  for (const problem of problems)
    if (problem.mend && problems.length > 1)
      expect({ text, problem, left: problemsOf(applyMend(text, problem)).length }).toEqual({
        text,
        problem,
        left: problems.length - 1,
      });
  const result = mended(text);
  if (meant !== undefined) expect(unspaced(result)).toContain(unspaced(meant));
}

const unspaced = (text: string): string => text.replaceAll(/ +/g, "");

const given = `input x[N, C]
input v[N, C]
weight w[C, K]
weight b[C]
weight s
param p = 2
`;
/** `y[n, c] = …` over the given tensors. */
const layer = (body: string, output = "y[N, C]"): string => `${given}output ${output}\n${body}`;

/** Formulas for an element of `y[n, c]`: [as written, as meant]. */
const formulas: Record<string, readonly (readonly [written: string, meant: string])[]> = {
  "other-name": [
    ["ln(x[n, c])", "log(x[n, c])"],
    ["arctan(x[n, c])", "atan(x[n, c])"],
    ["maximum(x[n, c], 0)", "max(x[n, c], 0)"],
    ["ReLU(x[n, c])", "relu(x[n, c])"],
    ["Exp(x[n, c])", "exp(x[n, c])"],
    ["logistic(2*x[n, c])", "sigmoid(2*x[n, c])"],
    ["Sum[c'](x[n, c'])", "sum[c'](x[n, c'])"],
    ["summ[k](x[n, k])", "sum[k](x[n, k])"],
    ["average[k](x[n, k])", "mean[k](x[n, k])"],
  ],
  "module-prefix": [
    ["np.exp(x[n, c])", "exp(x[n, c])"],
    ["torch.nn.functional.relu(x[n, c])", "relu(x[n, c])"],
    ["Math.sqrt(x[n, c])", "sqrt(x[n, c])"],
    ["np.where(x[n, c] > 0, 1, 0)", "where(x[n, c] > 0, 1, 0)"],
  ],
  "no-function": [
    ["pow(x[n, c], 2)", "x[n, c] ^ 2"],
    ["np.power(x[n, c] + 1, 2)", "(x[n, c] + 1) ^ 2"],
    ["silu(x[n, c])", "x[n, c] * sigmoid(x[n, c])"],
    ["clip(x[n, c], 0, 1)", "min(max(x[n, c], 0), 1)"],
    ["log2(x[n, c])", "log(x[n, c]) / log(2)"],
    ["norm(x[n, :])", "sqrt(sum[c'](x[n, c']^2))"],
    ["np.linalg.norm(x[n], ord=2)", "sqrt(sum[c'](x[n, c']^2))"],
    ["||x[n] - v[n]||", "sqrt(sum[c']((x[n, c'] - v[n, c'])^2))"],
    ["\\|x_n\\|_2", "sqrt(sum[c'](x[n, c']^2))"],
    ["x[n].norm()", "sqrt(sum[c'](x[n, c']^2))"],
    ["np.var(x[n])", "mean[c']((x[n, c'] - mean[c''](x[n, c'']))^2)"],
    ["std(x[n, k])", "sqrt(mean[k]((x[n, k] - mean[k'](x[n, k']))^2))"],
    ["logsumexp(x[n, :])", "logsumexp[c'](x[n, c'])"],
    ["leaky_relu(x[n, c])", "where(x[n, c] > 0, x[n, c], 0.01*x[n, c])"],
    ["leaky_relu(x[n, c], negative_slope=0.2)", "where(x[n, c] > 0, x[n, c], 0.2*x[n, c])"],
    ["torch.clamp(x[n, c], min=0)", "max(x[n, c], 0)"],
    ["clamp(x[n, c], max=6)", "min(x[n, c], 6)"],
    ["np.clip(x[n, c], 0, None)", "max(x[n, c], 0)"],
    ["F.silu(x[n, c], inplace=True)", "x[n, c] * sigmoid(x[n, c])"],
  ],
  softmax: [
    ["softmax(x[n, c])", "exp(x[n, c]) / sum[c'](exp(x[n, c']))"],
    ["softmax(x)", "exp(x[n, c]) / sum[c'](exp(x[n, c']))"],
    ["F.softmax(x, dim=0)", "exp(x[n, c]) / sum[n'](exp(x[n', c]))"],
    ["log_softmax(x)", "x[n, c] - log(sum[c'](exp(x[n, c'])))"],
  ],
  choice: [
    ["(x[n, c] if x[n, c] > 0 else 0)", "where(x[n, c] > 0, x[n, c], 0)"],
    ["(x[n, c] > 0 ? x[n, c] : 0)", "where(x[n, c] > 0, x[n, c], 0)"],
    ["exp(0 if n == c else x[n, c])", "exp(where(n == c, 0, x[n, c]))"],
    ["max(x[n, c] > 0 ? 1 : 2, 1)", "max(where(x[n, c] > 0, 1, 2), 1)"],
    ["(if x[n, c] > 0 then x[n, c] else 0)", "where(x[n, c] > 0, x[n, c], 0)"],
    ["if(x[n, c] > 0, x[n, c], 0)", "where(x[n, c] > 0, x[n, c], 0)"],
  ],
  "strange-character": [
    ["x[n, c]**2", "x[n, c]^2"],
    ["x[n, c] % 2", "mod(x[n, c], 2)"],
    ["|x[n, c]|", "abs(x[n, c])"],
    ["x[n, c]²", "x[n, c]^2"],
    ["√(x[n, c])", "sqrt(x[n, c])"],
    ["where(x[n, c] > 0 && n > 0, 1, 0)", "x[n, c] > 0 and n > 0"],
    ["where(!(n == c), 1, 0)", "not(n == c)"],
    ["where(n ≥ c, 1, 0)", "n>=c"],
    ["3 · x[n, c]", "3*x[n, c]"],
    ["x[n // p, c]", "x[floor(n / p), c]"],
    ["x[n, c] .* v[n, c]", "x[n, c]*v[n, c]"],
  ],
  infix: [["where(n mod p == 0, 1, 2)", "mod(n, p) == 0"]],
  "bare-not": [["where(not n == c, 1, 2)", "not(n == c)"]],
  "bare-dot": [["2.*x[n, c]", "2.0*x[n, c]"]],
  "implicit-product": [
    ["2 x[n, c]", "2 * x[n, c]"],
    ["2x[n, c]", "2 * x[n, c]"],
    ["x[n, c] v[n, c]", "x[n, c] * v[n, c]"],
    ["(1 + x[n, c])(1 - x[n, c])", "(1 + x[n, c]) * (1 - x[n, c])"],
  ],
  "call-brackets": [
    ["exp x[n, c]", "exp(x[n, c])"],
    ["exp[x[n, c]]", "exp(x[n, c])"],
  ],
  "other-sum": [
    ["sum_{c'}(x[n, c'])", "sum[c'](x[n, c'])"],
    ["sum_k x[n, k]*v[n, k]", "sum[k](x[n, k]*v[n, k])"],
    ["\\sum_{k} x[n, k] v[n, k]", "sum[k](x[n, k] * v[n, k])"],
    ["\\sum_{k=1}^{C} x[n, k]", "sum[k < C](x[n, k])"],
    ["∑_k x[n, k]", "sum[k](x[n, k])"],
    ["\\sum_k x[n, k] exp(v[n, k])", "sum[k](x[n, k] * exp(v[n, k]))"],
    ["Σ_{k=0}^{C-1} x[n, k]", "sum[k < C](x[n, k])"],
    ["\\sum_{k=1}^{C} x_{n,k} v_{n,k}", "sum[k < C](x[n, k] * v[n, k])"],
    ["\\sum_k x_{nk} v_{nk}", "sum[k](x[n, k] * v[n, k])"],
    ["\\sum\\limits_{k=1}^{C} x_{n,k} \\cdot v_{n,k}", "sum[k < C](x[n, k] * v[n, k])"],
    ["sum over k of x[n, k]", "sum[k](x[n, k])"],
    ["the sum of x[n, k] over k", "sum[k](x[n, k])"],
    ["sum(x[n, k]) over k", "sum[k](x[n, k])"],
    ["sum k in C of x[n, k]", "sum[k](x[n, k])"],
    ["average over k of x[n, k]", "mean[k](x[n, k])"],
    ["sum x[n, k] over k", "sum[k](x[n, k])"],
    ["sum k of x[n, k]", "sum[k](x[n, k])"],
    ["sum k x[n, k]", "sum[k](x[n, k])"],
    ["\\sum_{k} v_{nk}\\,x_{nk}", "sum[k](v[n, k]*x[n, k])"],
  ],
  "binder-form": [
    ["sum[k in range(C)](x[n, k])", "sum[k < C](x[n, k])"],
    ["sum[k=0:C](x[n, k])", "sum[k < C](x[n, k])"],
    ["sum[k: C](x[n, k])", "sum[k < C](x[n, k])"],
    ["sum[k in 0..C-1](x[n, k])", "sum[k < C](x[n, k])"],
    ["max[k=1..C](x[n, k])", "max[k < C](x[n, k])"],
  ],
  "reduction-brackets": [
    ["sum[k] x[n, k]", "sum[k](x[n, k])"],
    ["sum(k)(x[n, k])", "sum[k](x[n, k])"],
    ["sum{k}(x[n, k])", "sum[k](x[n, k])"],
    ["sum[k]{x[n, k]}", "sum[k](x[n, k])"],
  ],
  "reduction-without-binders": [
    ["sum(x[n, k])", "sum[k](x[n, k])"],
    ["sum(x[n, k], k)", "sum[k](x[n, k])"],
    ["sum(k, x[n, k])", "sum[k](x[n, k])"],
    ["sum(x[n, k] for k in range(C))", "sum[k < C](x[n, k])"],
    ["max(x[n, k])", "max[k](x[n, k])"],
    ["np.mean(x[n, k])", "mean[k](x[n, k])"],
    ["sum(x[n, :])", "sum[c'](x[n, c'])"],
    ["mean(x[n, :]^2 + v[n, :])", "mean[c'](x[n, c']^2 + v[n, c'])"],
    ["np.sum(x[n], axis=0)", "sum[c'](x[n, c'])"],
    ["x[n, :].max()", "max[c'](x[n, c'])"],
    ["x[n, c].sum()", "sum[c'](x[n, c'])"],
    ["sum(x(n, 1:C))", "sum[c'](x[n, c'])"],
    ["sum(k=1..C, x[n, k])", "sum[k < C](x[n, k])"],
    ["sum(x[n, k], k=0..C-1)", "sum[k < C](x[n, k])"],
    ["sum(x[n, k], k, 1, C)", "sum[k < C](x[n, k])"],
    ["sum(k, 1, C, x[n, k])", "sum[k < C](x[n, k])"],
  ],
  method: [
    ["x[n, c].exp()", "exp(x[n, c])"],
    ["x[n, c].clamp(0, 1)", "min(max(x[n, c], 0), 1)"],
    ["x[n, c].clamp(min=0)", "max(x[n, c], 0)"],
    ["x[n, c].clamp(min=0, max=1)", "min(max(x[n, c], 0), 1)"],
  ],
  transposed: [["x[n, c].T", "x[n, c]"]],
  "defined-function": [["(lambda u: u*u)(x[n, c])", "((x[n, c])*(x[n, c]))"]],
  "condition-as-value": [["v[n, c] * (x[n, c] > 0)", "v[n, c] * (where(x[n, c] > 0, 1, 0))"]],
  "chained-subscripts": [["x[n][c]", "x[n, c]"]],
  "called-tensor": [["x(n, c)", "x[n, c]"]],
  latex: [
    ["\\exp(x[n, c])", "exp(x[n, c])"],
    ["\\tanh x_{n,c}", "tanh(x[n, c])"],
    ["\\mathrm{ReLU}(x_{n,c})", "relu(x[n, c])"],
    ["\\operatorname{relu}(x_{nc})", "relu(x[n, c])"],
    ["x_{n,c} \\cdot v_{n,c}", "x[n, c] * v[n, c]"],
    ["$x_{n,c}^2$", "x[n, c]^2"],
    ["\\max\\{0, x_{nc}\\}", "max(0, x[n, c])"],
    ["\\lfloor x_{nc} \\rfloor", "floor(x[n, c])"],
    ["\\frac12 x_{n,c}", "(1 / 2) * x[n, c]"],
    ["\\ln x_{nc}", "log(x[n, c])"],
    ["\\frac{x_{n,c}}{\\sqrt{v_{n,c}^2 + 1}}", "((x[n, c]) / (sqrt(v[n, c]^2 + 1)))"],
    ["\\frac{1}{C}\\sum_{k=1}^{C} x_{n,k}", "((1) / (C)) * sum[k < C](x[n, k])"],
    ["\\log \\sum_k \\exp x_{nk}", "log(sum[k](exp(x[n, k])))"],
    ["\\frac{e^{x_{n,c}}}{\\sum_{j} e^{x_{n,j}}}", "((e^x[n, c]) / (sum[j](e^x[n, j])))"],
    ["\\frac{x[n, c]}{2}", "((x[n, c]) / (2))"],
    ["\\sqrt{x[n, c]}", "sqrt(x[n, c])"],
    ["x[n, c]^{2}", "x[n, c]^2"],
    ["x[n, c]^{n + 1}", "x[n, c]^(n + 1)"],
    ["\\left(x[n, c] + 1\\right)", "(x[n, c] + 1)"],
    ["x_{n,c}", "x[n,c]"],
    ["x_{n c}", "x[n, c]"],
    ["x_{nc}", "x[n, c]"],
    ["b_c", "b[c]"],
  ],
  "unknown-function": [
    ["sigmiod(x[n, c])", "sigmoid(x[n, c])"],
    ["tahn(x[n, c])", "tanh(x[n, c])"],
    ["sofplus(x[n, c])", "softplus(x[n, c])"],
    ["squre(x[n, c])", "square(x[n, c])"],
  ],
  "unknown-tensor": [["X[n, c]", "x[n, c]"]],
  "unknown-name": [
    ["x[n, k]*v[n, k]", "sum[k](x[n, k]*v[n, k])"],
    ["x[n, r]*v[n, r]", "sum[r](x[n, r]*v[n, r])"],
  ],
  "subscripts-missing": [["b", "b[c]"]],
};
describe.each(Object.entries(formulas))("%s", (code, rows) => {
  const whole = code === "unknown-name" || code === "subscripts-missing";
  test.each(rows)("%s", (written, meant) => {
    check(layer(`y[n, c] = ${written}`), [code], meant);
    check(layer(`h[n, c] = v[n, c] + ${written}\ny[n, c] = h[n, c]^2\ncheck N = 2, C = 2, K = 2\n`), [code]);
    if (whole) return;
    check(layer(`y[n, c] = 2*(${written}) + v[n, c]`), [code], meant);
    // LaTeX in a statement is one mistake, and so is a name that is wrong in two places
    const once = code === "latex" || written.includes("\\") || code.startsWith("unknown");
    check(layer(`y[n, c] = exp(${written}) - (${written})`), once ? [code] : [code, code]);
    const renamed = layer(`y[n, c] = ${written}`).replaceAll(/\bx(?![A-Za-z])/g, "input_2");
    if (/[{_]|\dx/.test(written) || code.startsWith("unknown")) return;
    check(renamed, [code]);
  });
});

/** Slips of the pen: [text, as meant]. */
const gate = "input x[N]\nweight gate[N]\nparam stride = 1\nparam scale = 2.0\noutput y[N]\n";
const slips: readonly (readonly [text: string, code: string, meant: string])[] = [
  [`${gate}y[n] = x[n]*gait[n]`, "unknown-tensor", "gate[n]"],
  [`${gate}y[n] = x[n]*gat[n] + gat[n]`, "unknown-tensor", "gate[n] + gate[n]"],
  [`${gate}y[n] = x[n]*sclae`, "unknown-name", "x[n]*scale"],
  [`${gate}hidden[n] = x[n]\ny[n] = hiden[n]`, "unknown-tensor", "= hidden[n]"],
  [`${gate}swish(u) = u*sigmoid(u)\ny[n] = swihs(x[n])`, "unknown-function", "= swish(x[n])"],
  [`${gate}y[n] = x[n]\nM = floor((N - 1)/strid) + 1`, "unknown-name", "(N - 1)/stride"],
  [`${gate}y[n] = x[n]\nrequire strid > 0, "stride"`, "unknown-name", "require stride > 0"],
  [`${gate}y[n] = x[n]\ncheck strid = 2`, "unknown-size", "check stride = 2"],
  [`${gate}y[n] = x[n]\nclaim dgat[n] = 0`, "claims-unknown", "claim dgate[n]"],
  [`${gate}y[n] = x[n]*gate[n]\nclaim dgate[n] = dyy[n]*x[n]`, "unknown-tensor", "= dy[n]*x[n]"],
  ["input x[Batch]\noutput y[Btch]\ny[n] = x[n]", "no-size", "y[Batch]"],
  ["input x[N, C]\noutput y[N, C]\ny[row, chan] = x[rwo, chan]", "unknown-name", "x[row, chan]"],
  ["input x[N, C]\noutput y[N]\ny[row] = sum[chan](x[row, chn])", "unknown-name", "x[row, chan]"],
  ["input x[N]\noutput result[N]\nreslt[n] = x[n]", "never-defined", "output reslt[N]"],
];
test.each(slips)("a slip: %s", (text, code, meant) => {
  check(text, [code], meant);
});

/** Whole statements and lines: [text, as meant]. */
const lines: Record<string, readonly (readonly [text: string, meant: string])[]> = {
  "whole-product": [
    [layer("y[n, k] = x @ w", "y[N, K]"), "y[n, k] = sum[c](x[n, c] * w[c, k])"],
    [layer("y = x @ w", "y[N, K]"), "y[n, k] = sum[c](x[n, c] * w[c, k])"],
    [layer("y[i, j] = np.matmul(x, w)", "y[N, K]"), "y[i, j] = sum[c](x[i, c] * w[c, j])"],
    [layer("y[n, k] = relu(x.dot(w))", "y[N, K]"), "relu(sum[c](x[n, c] * w[c, k]))"],
    [layer("y = x.w", "y[N, K]"), "y[n, k] = sum[c](x[n, c] * w[c, k])"],
    [
      layer("y[n, m] = x @ v^T", "y[N, M]").replace("input v[N, C]", "input v[M, C]"),
      "sum[c](x[n, c] * v[m, c])",
    ],
    [
      layer("y[n, m] = x @ v.T", "y[N, M]").replace("input v[N, C]", "input v[M, C]"),
      "sum[c](x[n, c] * v[m, c])",
    ],
    [layer("y[n] = x @ b", "y[N]"), "y[n] = sum[c](x[n, c] * b[c])"],
    [layer("y[n] = x[n, :] @ v[n, :]", "y[N]"), "y[n] = sum[c](x[n, c] * v[n, c])"],
    [layer("y[n] = np.dot(x[n], b)", "y[N]"), "y[n] = sum[c](x[n, c] * b[c])"],
    [layer("y[n] = x[n, :].dot(b)", "y[N]"), "y[n] = sum[c](x[n, c] * b[c])"],
    ["input x[N, C]\nweight w[K, C]\noutput y[N, K]\ny = x @ w", "y[n, k] = sum[c](x[n, c] * w[k, c])"],
    ["input a[D]\ninput b[D]\noutput y\ny = \\langle a, b\\rangle", "y = sum[d](a[d] * b[d])"],
    ["input a[D]\ninput b[D]\noutput y\ny = ⟨a, b⟩", "y = sum[d](a[d] * b[d])"],
    ["input a[D]\ninput b[D]\noutput y\ny = <a, b>", "y = sum[d](a[d] * b[d])"],
    ["input a[D]\ninput b[D]\noutput y\ny = a \\cdot b", "y = sum[d](a[d] * b[d])"],
    [
      "input a[N, D]\ninput b[N, D]\noutput y[N]\ny[n] = \\langle a_n, b_n \\rangle",
      "y[n] = sum[d](a[n, d] * b[n, d])",
    ],
  ],
  einsum: [
    [layer('y[n, k] = np.einsum("nc,ck->nk", x, w)', "y[N, K]"), "sum[c](x[n, c] * w[c, k])"],
    [layer('y = torch.einsum("ij,ij->ij", x, v)'), "y[i, j] = x[i, j] * v[i, j]"],
  ],
  transposed: [
    [layer("y[c, n] = x^T", "y[C, N]"), "y[c, n] = x[n, c]"],
    [layer("y = x.T", "y[C, N]"), "y[c, n] = x[n, c]"],
    [layer("y[c, n] = np.transpose(x)", "y[C, N]"), "y[c, n] = x[n, c]"],
    [layer("y[c, n] = x.T[c, n]", "y[C, N]"), "y[c, n] = x[n, c]"],
    [layer("y[c, n] = x[n, c]^T", "y[C, N]"), "y[c, n] = x[n, c]"],
    [layer("y = x'", "y[C, N]"), "y[c, n] = x[n, c]"],
  ],
  "reduction-without-binders": [
    [layer("y[n] = sum(x, axis=1)", "y[N]"), "y[n] = sum[c](x[n, c])"],
    [layer("y = np.sum(x, axis=0)", "y[C]"), "y[c] = sum[n](x[n, c])"],
    [layer("y[n] = x.mean(dim=-1)", "y[N]"), "y[n] = mean[c](x[n, c])"],
    [layer("y[n] = x.max(1)", "y[N]"), "y[n] = max[c](x[n, c])"],
    [layer("y = mean(x)", "y"), "y = mean[n, c](x[n, c])"],
    [layer("y = sum(sum(x))", "y"), "y = sum[n, c](x[n, c])"],
    [layer("y = x.sum()", "y"), "y = sum[n, c](x[n, c])"],
    [layer("y = x / x.sum(-1)"), "y[n, c] = x[n, c] / sum[c'](x[n, c'])"],
    [layer("y[n] = sum(c=1..C, x[n,c])", "y[N]"), "y[n] = sum[c < C](x[n,c])"],
    [layer("y[n] = sqrt(sum(x[n,:]^2))", "y[N]"), "y[n] = sqrt(sum[c](x[n, c]^2))"],
  ],
  "no-function": [
    [layer("y[n] = ||x||", "y[N]"), "y[n] = sqrt(sum[c](x[n, c]^2))"],
    [layer("y = ||x||", "y[N]"), "y[n] = sqrt(sum[c](x[n, c]^2))"],
    [layer("y[n] = norm(x[n,:])", "y[N]"), "y[n] = sqrt(sum[c](x[n, c]^2))"],
    [layer("y[n] = torch.norm(x, dim=-1)", "y[N]"), "y[n] = sqrt(sum[c](x[n, c]^2))"],
    [layer("y = norm(b)", "y"), "y = sqrt(sum[c](b[c]^2))"],
  ],
  "whole-axis": [
    [layer("y[n, :] = x[n, :]"), "y[n, c] = x[n, c]"],
    [layer("y[:, c] = 2*x[:, c] + v[:, c]"), "y[n, c] = 2*x[n, c] + v[n, c]"],
    [layer("y[n] = abs(x[n, :]) - 1", "y[N]"), "y[n] = sum[c](abs(x[n, c])) - 1"],
    [layer("y[n] = x[:, 0]", "y[N]"), "y[n] = x[n, 0]"],
  ],
  "subscripts-missing": [
    [layer("y = b - x"), "y[n, c] = b[c] - x[n, c]"],
    [layer("y = x + b"), "y[n, c] = x[n, c] + b[c]"],
  ],
  accumulated: [
    [layer("y[n, c] += x[n, c]"), "y[n, c] = x[n, c]"],
    [layer("y[n, k] += x[n, c]*w[c, k]", "y[N, K]"), "y[n, k] = sum[c](x[n, c]*w[c, k])"],
    [layer("y[n, c] = 0\ny[n, c] += x[n, c]"), "y[n, c] = x[n, c]"],
    [layer("y[n, c] = b[c]\ny[n, c] += x[n, c]"), "y[n, c] = b[c] + x[n, c]"],
    [layer("y[n, c] -= x[n, c] + 1"), "y[n, c] = -(x[n, c] + 1)"],
    [layer("y[n] *= x[n, c]", "y[N]"), "y[n] = prod[c](x[n, c])"],
  ],
  scatters: [
    ["input x[N]\nindex t[N] < V\noutput y[V]\ny[t[n]] = x[n]", "y[v] = sum[n](where(t[n] == v, x[n], 0))"],
    [
      "input x[N]\nindex idx[N] < V\noutput y[V]\ny[idx[n]] += x[n]\n",
      "y[v] = sum[n](where(idx[n] == v, x[n], 0))",
    ],
    ["input x[N]\nindex t[N] < V\noutput y[N, V]\ny[n, t[n]] = x[n]", "y[n, v] = where(t[n] == v, x[n], 0)"],
    [
      "input x[N, D]\nindex t[N] < V\noutput y[V, D]\ny[t[n], d] = 2*x[n, d] + 1",
      "sum[n](where(t[n] == v, 2*x[n, d] + 1, 0))",
    ],
  ],
  "real-as-integer": [
    ["input x[N, C]\ndata t[N]\noutput y[N]\ny[n] = x[n, t[n]]", "index t[N] < C"],
    ["input x[N, C]\ninput t[N]\noutput y[N]\ny[n] = x[n, t[n]] + x[n, t[n]]^2\n", "index t[N] < C"],
    [
      "weight table[V, D]\ndata words[B, T]\noutput y[B, T, D]\ny[b, t, d] = table[words[b, t], d]",
      "index words[B, T] < V",
    ],
  ],
  "no-range": [
    [
      "input x[N, G*C, L]\noutput y[N, G*C, L]\nmu[n, g] = mean[c, l](x[n, g*C + c, l])\ny[n, g*C + c, l] = x[n, g*C + c, l] - mu[n, g]",
      "local mu[N, G]\nmu[n, g] =",
    ],
    [
      "param G = 2\ninput x[N, C, L]\noutput y[N, C, L]\nrequire mod(C, G) == 0\nmu[n, g] = mean[c, l](x[n, g*(C/G) + c, l])\ny[n, c, l] = x[n, c, l] - mu[n, floor(c/(C/G))]",
      "local mu[N, G]",
    ],
  ],
  "value-on-left": [
    ["input x[N]\ninput n\noutput y[N]\ny[n] = x[n]*n", "y[i] = x[i]*n"],
    ["input x[N, C]\noutput y[N, C]\ny[N, C] = 2*x[N, C]", "y[n, c] = 2*x[n, c]"],
  ],
  hides: [["input x[N, C]\nweight s\noutput y[N]\ny[n] = s * sum[s](x[n, s])", "s * sum[i](x[n, i])"]],
  "not-a-statement": [
    ["inputs x[N]\noutput y[N]\ny[n] = x[n]", "input x[N]"],
    ["Input x[N]\noutput y[N]\ny[n] = x[n]", "input x[N]"],
    ["input x[N]\noutptu y[N]\ny[n] = x[n]", "output y[N]"],
    ["in x[N]\nout y[N]\ny[n] = x[n]", "input x[N]\noutput y[N]"],
    ["input x[N]\nparameter s\noutput y[N]\ny[n] = s*x[n]", "weight s"],
    ["float x[N]\noutput y[N]\ny[n] = x[n]", "input x[N]"],
    ['input x[N]\noutput y[N]\nassert N > 1, "short"\ny[n] = x[n]', 'require N > 1, "short"'],
  ],
  "bare-declaration": [
    ["x: float[N]\noutput y[N]\ny[n] = x[n]", "input x[N]"],
    ["x: Tensor[N, C]\noutput y[N]\ny[n] = sum[c](x[n, c])", "input x[N, C]"],
    ["input x[N]\ny: float[N]\ny[n] = x[n]", "output y[N]"],
    ["[N,C] x\noutput y[N]\ny[n] = sum[c](x[n, c])", "input x[N,C]"],
    ["x[N]\noutput y[N]\ny[n] = x[n]", "input x[N]"],
    ["x = input(N)\noutput y[N]\ny[n] = x[n]", "input x[N]"],
  ],
  "no-types": [
    ["input x: float[N]\noutput y[N]\ny[n] = x[n]", "input x[N]"],
    ["input: x[N]\noutput y[N]\ny[n] = x[n]", "input x[N]"],
    ["input float x[N]\noutput y[N]\ny[n] = x[n]", "input x[N]"],
  ],
  "never-defined": [[layer("Y[n, c] = x[n, c]"), "output Y[N, C]"]],
  "called-tensor": [[layer("y(n, c) = x[n, c]"), "y[n, c] = x[n, c]"]],
  "tensor-form": [["input x(N)\noutput y[N]\ny[n] = x[n]", "input x[N]"]],
  "one-per-line": [["input x[N], v[N]\noutput y[N]\ny[n] = x[n] + v[n]", "input x[N]\ninput v[N]"]],
  "param-tensor": [["input x[N, C]\nparam w[C]\noutput y[N]\ny[n] = sum[c](x[n, c]*w[c])", "weight w[C]"]],
  "setting-form": [
    ["param eps 1e-5\ninput x[N]\noutput y[N]\ny[n] = x[n] + eps", "param eps = 1e-5"],
    ["param eps: 1e-5\ninput x[N]\noutput y[N]\ny[n] = x[n] + eps", "param eps = 1e-5"],
    ["param eps := 1e-5\ninput x[N]\noutput y[N]\ny[n] = x[n] + eps", "param eps = 1e-5"],
  ],
  "size-as-param": [
    ["param N\ninput x[N]\noutput y[N]\ny[n] = x[n]", "input x[N]"],
    ["input x[N, C]\nparam N, C\noutput y[N]\ny[n] = sum[c](x[n, c])", "input x[N, C]"],
  ],
  "param-value": [
    ["input x[N]\nparam s\noutput y[N]\ny[n] = s*x[n]", "param s = 1"],
    ["input x[N]\nparam K\noutput y[N, K]\ny[n, k] = x[n]", "param K = 1"],
    ["input x[N]\nparam s: float\noutput y[N]\ny[n] = s*x[n]", "param s = 1"],
  ],
  "no-line": [
    [layer("for n in range(N):\n  y[n, c] = x[n, c]"), "y[n, c] = x[n, c]"],
    [layer("y[n, c] = x[n, c]\nreturn y"), "y[n, c] = x[n, c]"],
    [layer("return relu(x)"), "y[n, c] = relu(x[n, c])"],
    [layer("for n in range(N): y[n, c] = x[n, c]"), "y[n, c] = x[n, c]"],
    [layer("for n in 0..N { y[n, c] = x[n, c] }"), "y[n, c] = x[n, c]"],
    ["input x[N]\noutput y[N]\ny = [relu(x[n]) for n in range(N)]", "y[n] = relu(x[n])"],
    [`import numpy as np\n${layer("y[n, c] = x[n, c]")}`, "y[n, c]"],
    [`size N\n${layer("y[n, c] = x[n, c]")}`, "y[n, c]"],
  ],
  "no-word": [
    [layer("let y[n, c] = x[n, c]"), "\ny[n, c] = x[n, c]"],
    [layer("const two = 2\ny[n, c] = two*x[n, c]"), "\ntwo = 2"],
  ],
  "defined-function": [
    [layer("def f(u):\n  return u*u\ny[n, c] = f(x[n, c])"), "f(u) = u*u"],
    [layer("def f(u): return u*u\ny[n, c] = f(x[n, c])"), "f(u) = u*u"],
    [layer("f = lambda u: u*u\ny[n, c] = f(x[n, c])"), "f(u) = u*u"],
    [layer("y[n, c] = lambda x: x[n, c]"), "y[n, c] = x[n, c]"],
    [layer("def forward(x, v):\n  return relu(x) + v"), "y[n, c] = relu(x[n, c]) + v[n, c]"],
  ],
  // several habits in one formula are one mistake
  "other-name": [
    [layer("y = ln(x)"), "y[n, c] = log(x[n, c])"],
    [layer("y[n, c] = maximum(x, 0)"), "y[n, c] = max(x[n, c], 0)"],
  ],
  "module-prefix": [
    [layer("y = torch.relu(x)"), "y[n, c] = relu(x[n, c])"],
    [layer("y = F.relu(x) + np.exp(v)"), "y[n, c] = relu(x[n, c]) + exp(v[n, c])"],
  ],
  method: [[layer("y = x.clamp(min=0)"), "y[n, c] = max(x[n, c], 0)"]],
  softmax: [[layer("y[n, c] = torch.softmax(x, dim=-1)[n, c]"), "exp(x[n, c]) / sum[c'](exp(x[n, c']))"]],
  latex: [
    [layer("y = \\frac{x}{v}"), "y[n, c] = ((x[n, c]) / (v[n, c]))"],
    [
      layer("y_{n,k} = \\sum_{c=1}^{C} x_{n,c} w_{c,k} + s", "y[N, K]"),
      "y[n, k] = sum[c < C](x[n, c] * w[c, k]) + s",
    ],
    [
      layer("$$y_{nk} = \\sigma(\\sum_c x_{nc} w_{ck})$$", "y[N, K]"),
      "y[n, k] = sigmoid(sum[c](x[n, c] * w[c, k]))",
    ],
    ["input x[N]\nweight alpha\noutput y[N]\ny_n = \\alpha x_n", "y[n] = alpha * x[n]"],
    [
      "input x[N, C]\noutput y[N]\n\\mu_n = \\frac{1}{C} \\sum_c x_{n,c}\ny[n] = mu[n]",
      "mu[n] = ((1) / (C)) * sum[c](x[n, c])",
    ],
  ],
  "other-comment": [
    [`// doc\n${layer("y[n, c] = x[n, c]")}`, "# doc\n"],
    [
      `// the scores, (see\n// section 2), of\n${layer("y[n, c] = x[n, c]")}`.replace(
        "// section 2), of\n",
        "",
      ),
      "# the scores, (see",
    ],
    [layer("y[n, c] = x[n, c] // the same again"), "x[n, c] # the same again"],
    [layer("y[n, c] = x[n, c] // doc\n"), "x[n, c] # doc"],
    [`"""A layer.\n\nOf mine."""\n${layer("y[n, c] = x[n, c]")}`, "# A layer."],
    [`/* a layer */\n${layer("y[n, c] = x[n, c]")}`, "# a layer"],
  ],
  "several-statements": [
    [layer("y[n, c] = x[n, c];"), "y[n, c] = x[n, c]"],
    [layer("h[n, c] = x[n, c]; y[n, c] = h[n, c]"), "h[n, c] = x[n, c]\n"],
  ],
  "strange-character": [
    [layer("y[n, c] := x[n, c]"), "y[n, c] = x[n, c]"],
    [layer("y[n, c] <- x[n, c]"), "y[n, c] = x[n, c]"],
    ["input x[2*N]\noutput y[H]\nH = 2*N // 2\ny[h] = x[h]", "H = floor(2*N / 2)"],
  ],
  unopened: [
    [layer("y n, c] = x[n, c]"), "y[n, c] = x[n, c]"],
    [layer("y[n, c] = exp(x[n, c]))"), "y[n, c] = exp(x[n, c])"],
  ],
  unclosed: [
    [layer("y[n, c = x[n, c]"), "y[n, c] = x[n, c]"],
    [layer("y[n, k] = sum[c](x[n, c]*w[c, k]", "y[N, K]"), "sum[c](x[n, c]*w[c, k])"],
    [layer("y[n, c] = exp(x[n, c]"), "exp(x[n, c])"],
  ],
  mismatched: [
    [layer("y[n, k] = sum[c](x[n, c*w[c, k])", "y[N, K]"), "sum[c](x[n, c]*w[c, k])"],
    [layer("y[n, k] = sum[c](xn, c]*w[c, k])", "y[N, K]"), "sum[c](x[n, c]*w[c, k])"],
  ],
  "unknown-name": [
    [layer("y[n, k] = x[n, c]*w[c, k] + s", "y[N, K]"), "sum[c](x[n, c]*w[c, k]) + s"],
    [layer("y[n] = (x[n, c] - v[n, c])^2", "y[N]"), "sum[c]((x[n, c] - v[n, c])^2)"],
  ],
};
describe.each(Object.entries(lines))("lines: %s", (code, rows) => {
  test.each(rows)("%j", (text, meant) => {
    const count = code === "not-a-statement" && text.startsWith("in x") ? 2 : 1;
    check(
      text,
      Array.from({ length: count }, () => code),
      meant,
    );
  });
});

test("long and strange lines end quickly", () => {
  for (const body of [
    ";".repeat(100_000),
    `${";".repeat(100_000)}x`,
    `1 // ${"a".repeat(200_000)}`,
    `sum[k =${" ".repeat(15_000)}](1)`,
    `\\sum_{k =${" ".repeat(15_000)}}^{3} 1`,
    `${"exp(x[n, c] + ".repeat(30)}1\n`.repeat(20),
    "\\sum_k ".repeat(300),
    "x[:, :] + ".repeat(100),
    "|".repeat(900),
    "x @ ".repeat(400),
  ]) {
    const started = performance.now();
    expect(parseLayer(layer(`y[n, c] = ${body}`), "sample.layer").problems.length).toBeGreaterThan(0);
    expect(performance.now() - started).toBeLessThan(5000);
  }
});
test("what there is no mend for has a hint all the same, and is one problem", () => {
  for (const statement of [
    "y[n, c] = q @ x",
    "y[n, c] = softmax(q, r)",
    "y[n, c] = x[n, 1:3]",
    "y[n, c] = norm(x[n, :], 1)",
    "y[n, c] = np.var(x[n], ddof=1)",
    "if n > 0:",
  ]) {
    const problems = parseLayer(layer(statement), "sample.layer").problems.filter(
      (p) => p.code !== "never-defined",
    );
    expect({ statement, problems }).toMatchObject({
      statement,
      problems: [{ hint: expect.stringMatching(/\S/) }],
    });
  }
});
test("names that a file defines itself are its own", () => {
  for (const text of [
    "input x[N]\noutput y[N]\nln(u) = log(u)\nsoftmax(u) = exp(u)\ny[n] = ln(x[n]) + softmax(x[n])",
    "input sum_x[N]\noutput y[N]\ny[n] = sum_x[n]",
    "input T[N]\noutput y[N]\ny[n] = T[n]^2",
  ])
    expect(problemsOf(text)).toEqual([]);
});
test("the mend is shown below the line", () => {
  const text = "input x[N]\noutput y[N]\ny[n] = np.exp(x[n])";
  const { problems, source } = parseLayer(text, "sample.layer");
  expect(renderProblems(source, problems)).toContain("hint: write exp");
});

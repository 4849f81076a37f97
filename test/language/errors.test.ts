/** Malformed layers. ⟦…⟧ marks where the problem must be reported; it is cut out before parsing. */
import { describe, expect, test } from "vitest";
import { parseLayer } from "../../src/language/parse.js";
import { renderProblems } from "../../src/language/problem.js";

const head = `input x[N, C]
weight w[C, K]
index t[N] < K
param s = 1.5
output z[N, K]
`;
/** The text without marks, and the marked spans. */
function unmark(marked: string): { text: string; spans: { start: number; end: number }[] } {
  const spans: { start: number; end: number }[] = [];
  let text = "";
  for (const piece of marked.split(/([⟦⟧])/)) {
    if (piece === "⟦") spans.push({ start: text.length, end: text.length });
    else if (piece === "⟧") spans.splice(-1, 1, { start: spans.at(-1)?.start ?? 0, end: text.length });
    else text += piece;
  }
  return { text, spans };
}
const problemsOf = (text: string, file = "sample.layer") =>
  parseLayer(text, file).problems.map(({ code, span }) => ({ code, span }));
const z = (body: string): string => `${head}z[n, k] = ${body}`;

const cases: Record<string, [string, string][]> = {
  "forms that mathjs would read otherwise": [
    [z("sum[c](⟦2 x⟧[n, c])"), "implicit-product"],
    [z("(x[n, k]⟦)(⟧x[n, k])"), "implicit-product"],
    [z("⟦2x⟧[n, k]"), "implicit-product"],
    [z("x[n, k] ⟦%⟧ 2"), "strange-character"],
    [z("x[n, k]⟦!⟧"), "strange-character"],
    [z("x[n, k]⟦'⟧"), "strange-character"],
    [z("sum[c](⟦x'⟧[n, c])"), "prime"],
    [z("x[n, 1⟦:⟧2]"), "strange-character"],
    [z('⟦"a"⟧'), "strange-character"],
    [z("n ⟦mod⟧ 2"), "infix"],
    [z("n ⟦in⟧ k"), "infix"],
    [z("n ⟦to⟧ k"), "infix"],
    [z("n ⟦xor⟧ k"), "infix"],
    [z("where(⟦not⟧ n == 1, 1, 0)"), "bare-not"],
    [z("⟦[⟧1, 2]"), "matrix"],
    [z("2*(⟦+⟧x[n, k])"), "unary-plus"],
    [z("x[n, k] + ⟦+⟧2"), "unary-plus"],
    [z("x⟦.⟧y"), "strange-character"],
    [z("x[n, k] ⟦.*⟧ 2"), "strange-character"],
    [z("n ⟦|⟧ 3"), "strange-character"],
    [z("(a ⟦=⟧ 3)"), "assignment-inside"],
    [z("⟦2.⟧*3"), "bare-dot"],
    [z("⟦0⟧x1F"), "decimal-only"],
    [z("(x[n, k])⟦[⟧c]"), "indexed-expression"],
    [z("⟦x[n][k]⟧"), "chained-subscripts"],
    [z("⟦f[n](k)⟧"), "called-access"],
  ],
  brackets: [
    [z("x[n, k⟦)⟧"), "mismatched"],
    [z("x⟦[⟧n, k"), "unclosed"],
    [z("x[n, k]⟦)⟧"), "unopened"],
    [z("x[n, k] ⟦+⟧"), "ends-early"],
    [z("⟦*⟧ x[n, k]"), "misplaced"],
    [z("x[n,⟦,⟧ k]"), "misplaced"],
    [z("(".repeat(200) + "⟦(⟧1" + ")".repeat(201)), "too-deep"],
    [`${head}⟦z⟧[n, k] = 1${"+1".repeat(11_000)}`, "too-long"],
  ],
  names: [
    [z("sum[c](x[n, c] * ⟦ww⟧[c, k])"), "unknown-tensor"],
    [z("sum[c](x[n, c] * w[c, k]) + ⟦sum1⟧"), "unknown-name"],
    [z("x[n, n] * x[n, ⟦c⟧]"), "unknown-name"],
    [z("⟦expp⟧(1)"), "unknown-function"],
    [z("⟦x⟧ + 1"), "subscripts-missing"],
    [z("⟦x⟧(n, k)"), "called-tensor"],
    [z("⟦_a⟧"), "strange-character"],
    [`input ⟦__proto__⟧[N]\noutput z[N]\nz[n] = 1`, "strange-character"],
    [z("sum[⟦n⟧](x[n, n])"), "hides"],
    [z("sum[⟦N⟧](x[N, k])"), "hides"],
    [z("sum[c, ⟦c⟧](x[c, c])"), "hides"],
    [z("sum[⟦pi⟧](x[n, pi])"), "taken"],
    ["input ⟦saved⟧[N]\noutput z[N]\nz[n] = 1", "taken"],
    // its uses are no errors of their own
    ["input ⟦e⟧[N]\noutput z[N]\nz[n] = 2*e[n] + e", "taken"],
    ["input x[N]\noutput z[N]\n⟦e⟧[n] = exp(x[n])\nz[n] = e[n] / sum[m](e[m])", "taken"],
    ["input x[N]\ninput ⟦x⟧[N]\noutput z[N]\nz[n] = x[n]", "declared-twice"],
    ["input x[N]\noutput z[N]\ndata ⟦dx⟧[N]\nz[n] = x[n]", "gradient-name"],
    ["input x[N]\noutput z[N]\nh[n] = x[n]\nz[n] = ⟦dh⟧[n]", "gradient-unread"],
    ["input ⟦\u2E2F⟧[N]\noutput z[N]\nz[n] = 1", "strange-character"],
    ["input x⟦\u20DD⟧[N]\noutput z[N]\nz[n] = 1", "strange-character"],
    ["input ⟦forward⟧[N]\noutput z[N]\nz[n] = forward[n]", "plan-member"],
    ["input x[N]\noutput z[N]\n⟦exp⟧(u) = u\nz[n] = x[n]", "built-in"],
  ],
  "subscripts and integers": [
    [z("sum[c](⟦x[n, c, k]⟧)"), "subscript-count"],
    [`${head}⟦z[n]⟧ = sum[c](x[n, c])`, "subscript-count"],
    [z("x[n, ⟦n*k⟧]"), "not-affine"],
    [z("x[n, ⟦floor(n/k)⟧]"), "varying-divisor"],
    [z("x[n, ⟦0.5⟧]"), "not-an-integer"],
    [z("x[n, ⟦exp(k)⟧]"), "function-as-integer"],
    [z("x[n, ⟦x[n, k]⟧]"), "real-as-integer"],
    [z("x[n, ⟦min(n*k, 3)⟧]"), "not-affine"],
    [z("x[n, ⟦max(floor(n/k), 3)⟧]"), "varying-divisor"],
    [z("x[n, k/⟦(2 - 2)⟧]").replace("⟦(2 - 2)⟧", "(⟦2 - 2⟧)"), "division-by-zero"],
    [`input x[N]\nparam s = ⟦1.5⟧\noutput z[N]\nz[n] = sum[r < 2](x[n*s + r])`, "integer-param"],
    ["input x[N]\noutput z[P]\n⟦P⟧ = P + 1\nz[p] = 1", "cycle"],
    ["input x[N]\noutput z[⟦M⟧]\nz[m] = 1", "no-size"],
  ],
  "reductions and conditions": [
    [z("⟦mean(x[n, k])⟧"), "reduction-without-binders"],
    [z("⟦max(x[n, k])⟧"), "reduction-or-pair"],
    [z("⟦sum[c]⟧ * 2"), "reduction-without-body"],
    [z("⟦sum[c](1, 2)⟧"), "reduction-arguments"],
    [z("sum[⟦2⟧](1)"), "binder-form"],
    [z("sum[⟦c > 2⟧](1)"), "binder-form"],
    [z("⟦n > 1⟧"), "condition-as-value"],
    [z("where(⟦n⟧, 1, 2)"), "value-as-condition"],
    [z("⟦any[c](x[n, c] > 0)⟧"), "condition-as-value"],
    [z("⟦where(1 < 2, 3)⟧"), "arity"],
    [z("pad(⟦1⟧, 2)"), "pad-form"],
    [z("x[n, k] * ⟦1e400⟧"), "number-too-large"],
    [z("⟦0 * inf⟧"), "not-defined"],
    ["input x[N]\noutput z[N]\nf(u) = ⟦f(u)⟧ + 1\nz[n] = f(x[n])", "recursion"],
    ["input x[N]\noutput z[N]\nf(u) = u + ⟦x[0]⟧\nz[n] = f(x[n])".replace("⟦x[0]⟧", "⟦x⟧[0]"), "no-tensors"],
  ],
  "statements and lines": [
    ["⟦⟧", "empty"],
    ["⟦⟧# only a comment\n", "empty"],
    ["⟦inptu x[N]⟧\noutput z[N]\nz[n] = x[n]", "not-a-statement"],
    [`${head}z[n, k] = 1\n⟦z⟧[n, k] = 2`, "defined-twice"],
    [`${head}⟦x⟧[n, c] = 2\nz[n, k] = 1`, "defines-given"],
    ["input x[N]\noutput ⟦z⟧[N]", "never-defined"],
    ["input x[N]\noutput z[N]\nz[n] = ⟦h⟧[n]\nh[n] = x[n]", "read-before-definition"],
    ["input x[N]\noutput z[N]\nz[n] = ⟦z⟧[n]", "reads-itself"],
    ["⟦index t[N]⟧\noutput z[N]\nz[n] = t[n]".replace("⟦index t[N]⟧", "index ⟦t[N]⟧"), "index-bound"],
    [`${head}z[n, k] = 1\nvariant ⟦class⟧: N = 2`, "variant-name"],
    [`${head}z[n, k] = 1\nvariant a: ⟦Q⟧ = 2`, "unknown-size"],
    [`${head}z[n, k] = 1\ncheck N = ⟦0⟧`, "size-value"],
    [`${head}z[n, k] = 1\nrequire ⟦N + 1⟧, "m"`, "value-as-condition"],
    [`${head}z[n, k] = 1\nrequire N >= 1, ⟦"m⟧`, "unclosed-quote"],
    [`${head}z[n, k] = 1\nclaim ⟦dq⟧[n] = 1`, "claims-unknown"],
    [`${head}z[n, k] = 1\nclaim ⟦dz⟧[n, k] = 1`, "claims-given"],
    ["input ⟦\0⟧x[N]", "binary"],
    ["input ⟦\uFFFD⟧x[N]", "binary"],
  ],
};

describe.each(Object.entries(cases))("%s", (_, list) => {
  test.each(
    list.map(([marked, code]) => ({
      marked,
      code,
      title: `${code}: ${marked.split("\n").at(-1)?.slice(0, 60)}`,
    })),
  )("$title", ({ marked, code }) => {
    const { text, spans } = unmark(marked);
    expect(problemsOf(text)).toContainEqual({ code, span: spans[0] });
  });
});

test("one mistake is reported once", () => {
  for (const [marked, code] of Object.values(cases).flat()) {
    const codes = problemsOf(unmark(marked).text).map((p) => p.code);
    expect({ marked, codes: codes.filter((c) => c === code).length }).toEqual({ marked, codes: 1 });
  }
});

test("all problems of a file are reported, in the order of the text", () => {
  const codes = problemsOf(
    `${head}y[n] = x[n]\nz[n, k] = q[n] + 2 x[n, k]\nh[n] = ww[n] + x[n, cc]\ncheck M = 2`,
  ).map((p) => p.code);
  expect(codes).toEqual([
    "subscript-count",
    "unknown-tensor",
    "implicit-product",
    "unknown-tensor",
    "unknown-name",
    "unknown-size",
  ]);
});

test("the second occurrence of a name has its own column", () => {
  const { text, spans } = unmark("input x[N]\noutput z[N]\nz[n] = x[n] + x[n, ⟦⟧n] * ⟦x[n, n]⟧");
  expect(problemsOf(text).at(-1)?.span).toEqual(spans.at(-1));
});

test("columns count through comments, tabs, line ends and continuations", () => {
  const marked = "\uFEFF# x\r\ninput x[N]\r\noutput z[N]\r\nz[n] = x[n] + # 2 x[n]\r\n\t⟦y⟧[n]\r\n";
  const { text, spans } = unmark(marked);
  expect(problemsOf(text)).toEqual([{ code: "unknown-tensor", span: spans[0] }]);
  const { problems, source } = parseLayer(text, "sample.layer");
  expect(renderProblems(source, problems)).toMatch(/^sample\.layer:5:2: there is no tensor y/);
});

test.each(["class.layer", "a b.layer", "1.layer", ".layer", "specs/x-y.layer", "..layer"])(
  "a layer cannot be called %s",
  (file) => {
    expect(problemsOf("input x[N]\noutput z[N]\nz[n] = x[n]", file).map((p) => p.code)).toEqual([
      "layer-name",
    ]);
  },
);
test("the name is the base name, so that paths cannot leave a folder", () => {
  expect(parseLayer("input x[N]\noutput z[N]\nz[n] = x[n]", "../../etc/net.layer").layer?.name).toBe("net");
});

test("helpers that double cannot blow a formula up", () => {
  const chain = "f(".repeat(60) + "x[n]" + ")".repeat(60);
  const started = performance.now();
  const codes = problemsOf(`input x[N]\noutput z[N]\nf(u) = sin(u) * exp(u)\nz[n] = ${chain}`).map(
    (p) => p.code,
  );
  expect(codes).toContain("helper-too-large");
  expect(performance.now() - started).toBeLessThan(2000);
});
test("powers of sums cannot blow a size up", () => {
  expect(problemsOf("input x[(A + B + C)^60]\noutput z\nz = 1").map((p) => p.code)).toEqual(["too-large"]);
});
test("deep nesting of every kind ends in an error and not in a stack overflow", () => {
  for (const body of [
    "(".repeat(10_000) + "1" + ")".repeat(10_000),
    "-".repeat(15_000) + "1",
    `2${"^2".repeat(9000)}`,
    "not(".repeat(4000),
    `exp(-${"(-".repeat(5000)}`,
  ])
    expect(problemsOf(z(body)).length).toBeGreaterThan(0);
});
test("large and chained texts end quickly, without an overflow", () => {
  const chain = (n: number, last: string): string =>
    Array.from({ length: n }, (_, i) => `a${i} = a${i + 1} + 1\n`).join("") + `a${n} = ${last}\n`;
  expect(problemsOf(`input x[N]\noutput z[a0]\n${chain(3000, "N")}z[n] = 1`).map((p) => p.code)).toContain(
    "definitions-too-deep",
  );
  expect(problemsOf(`input x[N]\noutput z[N]\n${chain(150, "N")}z[n] = x[n] * a0`)).toEqual([]);
  const doubling = Array.from({ length: 40 }, (_, i) => `f${i + 1}(u) = f${i}(u) * f${i}(u + 1)\n`).join("");
  expect(
    problemsOf(`input x[N]\noutput z[N]\nf0(u) = u + 1\n${doubling}z[n] = f40(x[n])`).map((p) => p.code),
  ).toContain("helper-too-large");
  expect(problemsOf("x[n] + y\n".repeat(5000)).length).toBe(200);
  expect(problemsOf(`z[n] = (${"+ 1\n".repeat(60_000)}`).map((p) => p.code)).toContain("too-long");
  expect(problemsOf("#".repeat(1_000_001)).map((p) => p.code)).toEqual(["file-too-large"]);
});

test("a wrong number of subscripts is told with the axes as they are declared", () => {
  const hintsOf = (text: string): readonly (string | undefined)[] =>
    parseLayer(text, "sample.layer").problems.map((p) => p.hint);
  expect(hintsOf(z("sum[c](x[n])"))).toEqual(["one for each axis of x[N, C]"]);
  expect(hintsOf("input u\noutput y\ny = u[0]")).toEqual(["u is a scalar: write u"]);
});

/** The LaTeX of every standard layer: typeset without an error, with macros that GitHub's renderer knows. */
import { readdirSync, readFileSync } from "node:fs";
import katex from "katex";
import { describe, expect, it } from "vitest";
import { describe as derivationOf, type Derivation } from "../../../src/targets/document/derivation.js";
import { toLatex } from "../../../src/targets/document/latex/document.js";
import { toMarkdown } from "../../../src/targets/document/markdown.js";
import { compile } from "../../support/layers.js";

const folder = new URL("../../../specs/", import.meta.url);
const specs = readdirSync(folder)
  .filter((file) => file.endsWith(".layer"))
  .map((file) => [file.replace(".layer", ""), readFileSync(new URL(file, folder), "utf8")] as const);

function derivation(text: string, name = "sample"): Derivation {
  const { layer, derived } = compile(text, name);
  return derivationOf(layer, derived, { steps: "all" });
}
/** Every formula of a derivation. */
function latexOf(told: Derivation): string[] {
  const derived = [...told.intermediates, ...told.gradients];
  const named = [...told.forward, ...told.shared, ...derived];
  const steps = derived.flatMap((g) => g.steps);
  return [
    ...[...told.definitions, ...named, ...steps].map((f) => f.latex),
    ...named.flatMap((f) => f.matrices ?? []),
  ];
}

/** In MathJax without extensions that GitHub leaves out (no \operatorname, \require, \def, \newcommand …). */
const known = new Set(
  [
    "frac tfrac partial sum prod max min left right begin end text mathrm mathbf mathbb mathop limits substack quad cdot",
    "le ge ne mid nmid bmod lfloor rfloor lceil rceil ldots top tilde hat bar dot lor lnot exists forall infty pi sqrt exp log",
    "gcd sin cos tan tanh sinh cosh arcsin arccos arctan sigma mu varepsilon varphi psi chi gamma beta alpha Bigl Bigr hline delta",
  ].flatMap((line) => line.split(" ")),
);

describe("every standard layer", () => {
  it.each(specs)("%s is typeset without an error", (name, text) => {
    const formulas = latexOf(derivation(text, name));
    expect(formulas.length).toBeGreaterThan(3);
    for (const latex of formulas) {
      expect(() => katex.renderToString(latex, { displayMode: true, strict: "error" })).not.toThrow();
      const macros = [...latex.matchAll(/\\([A-Za-z]+)/gu)].map(([, macro = ""]) => macro);
      expect(macros.filter((macro) => !known.has(macro))).toEqual([]);
      // a backslash before punctuation is an escape to Markdown, which comes first
      expect(latex.replaceAll("\\\\", "")).not.toMatch(/\\[^A-Za-z ]/u);
    }
  });
});

describe("formulas", () => {
  const one = (text: string, tensor: string): string => {
    const told = derivation(text);
    const found = [...told.forward, ...told.gradients].find((f) => f.tensor === tensor);
    return found?.latex ?? "";
  };
  const pointwise = (body: string): string => one(`input x[N]\noutput y[N]\ny[n] = ${body}\n`, "y");

  it.each([
    ["x[n]^2/2 - 1e-5", String.raw`\frac{x_{n}^{2}}{2} - 10^{-5}`],
    [
      "where(x[n] > 0, x[n], -x[n])",
      String.raw`\begin{cases} x_{n} & \text{if } x_{n} > 0 \\ -x_{n} & \text{otherwise} \end{cases}`,
    ],
    ["sqrt(x[n] + pi)", String.raw`\sqrt{x_{n} + \pi}`],
    ["x[n] / sum[m](x[m])", String.raw`\frac{x_{n}}{\mathrm{sum}_{\mathrm{y}}}`],
    ["sigmoid(x[n]) * abs(x[n])", String.raw`\sigma\left(x_{n}\right) \left|x_{n}\right|`],
    ["x[n] - (x[n] - 1)*(x[n] + 2)", String.raw`x_{n} - \left(x_{n} - 1\right) \left(x_{n} + 2\right)`],
  ])("%s", (body, latex) => {
    expect(pointwise(body)).toBe(`y_{n} = ${latex}`);
  });

  it("names Greek letters, accents and labels", () => {
    const text = "input γ[N]\ninput xhat[N]\ninput w_in[N]\noutput y[N]\ny[n] = γ[n]*xhat[n]*w_in[n]\n";
    expect(one(text, "y")).toBe(String.raw`y_{n} = \gamma_{n} \hat{x}_{n} w_{\mathrm{in};n}`);
  });

  it("brackets what a sign would detach from its indicator", () => {
    const { gradients } = derivation("input x[N]\noutput y\ny = sum[n](-x[n])\n");
    expect(gradients[0]?.steps[0]?.latex).toContain(
      String.raw`\mathbb{I}\left[n = n'\right] \left(-1\right)`,
    );
  });
});

describe("documents", () => {
  const [, text = ""] = specs.find(([name]) => name === "linear") ?? [];
  it("set displayed formulas in Markdown on lines of their own", () => {
    const lines = toMarkdown(derivation(text, "linear")).split("\n");
    const fences = lines.flatMap((line, at) => (line === "$$" ? [at] : []));
    expect(fences.length % 2).toBe(0);
    expect(fences.length).toBeGreaterThan(10);
    fences.forEach((at, i) => i % 2 === 1 && expect(at - (fences[i - 1] ?? 0)).toBe(2));
    expect(lines).toContain(
      String.raw`\frac{\partial L}{\partial \mathbf{w}} = \mathbf{x}^{\top} \cdot \frac{\partial L}{\partial \mathbf{z}}`,
    );
  });
  it("are whole in LaTeX, with text escaped", () => {
    const latex = toLatex(derivation(`# 50% of γ_{x} & 中\n${text.replaceAll(/^#.*\n/gmu, "")}`));
    expect(latex).toContain(String.raw`50\% of $\gamma$\_\{x\} \& [U+4E2D]`);
    expect(latex.match(/\\begin\{/gu)?.length).toBe(latex.match(/\\end\{/gu)?.length);
    expect(latex).toMatch(/^\\documentclass[^]*\\end\{document\}\n$/u);
  });
});

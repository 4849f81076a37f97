import { describe, expect, it } from "vitest";
import { parseLayer } from "../../src/language/parse.js";
import type { DerivationDocument } from "../../src/targets/document/json.js";
import { linear, workspace } from "./workspace.js";

const deviation = `# Distance from the mean.
input  x[N, C]
output z[N, C]
m[c] = mean[n](x[n,c])
z[n,c] = (x[n,c] - m[c])^2
claim dx[n,c] = dz[n,c]
`;

describe("derive", () => {
  it("prints the formulas, the gradients and their steps", () => {
    const { status, stdout, stderr } = workspace({ "linear.layer": linear }).leibniz(
      "derive",
      "linear.layer",
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatchInlineSnapshot(`
      "linear
        A linear layer.

        sizes:  N, C, K

      Forward
        # gemm: x·w
        z[n, k] = sum[c](x[n, c] * w[c, k]) + b[k]

      dx: the gradient of x
        by chain rule:
          dx[n, c] = sum[n', k](dz[n', k] * sum[c'](where(n == n' and c == c', w[c', k], 0)))
        by solve the indicator:
        # gemm: dz·wᵀ
        dx[n, c] = sum[k](dz[n, k] * w[c, k])

      dw: the gradient of w
        by chain rule:
          dw[c, k] = sum[n, k'](dz[n, k'] * sum[c'](where(c == c' and k == k', x[n, c'], 0)))
        by solve the indicator:
        # gemm: xᵀ·dz
        dw[c, k] = sum[n](dz[n, k] * x[n, c])

      db: the gradient of b
        by chain rule:
          db[k] = sum[n, k'](dz[n, k'] * where(k == k', 1, 0))
        by solve the indicator:
        # reduction
        db[k] = sum[n](dz[n, k])
      "
    `);
  });

  it("restricts itself to one gradient with --wrt, without steps with --steps none", () => {
    const w = workspace({ "linear.layer": linear });
    const { stdout } = w.leibniz("derive", "linear.layer", "--wrt", "w", "--steps", "none");
    expect(stdout).toContain("dw[c, k] =");
    expect(stdout).not.toContain("dx");
    expect(stdout).not.toContain("chain rule");
  });

  it("prints Markdown", () => {
    const { stdout } = workspace({ "linear.layer": linear }).leibniz(
      "derive",
      "linear.layer",
      "--format",
      "markdown",
    );
    expect(stdout).toMatchInlineSnapshot(`
      "# linear

      A linear layer.

      - Sizes: \`N\`, \`C\`, \`K\`

      ## Forward

      $$
      z_{n,k} = \\sum_{c=0}^{C - 1} x_{n,c} w_{c,k} + b_{k}
      $$

      that is

      $$
      \\mathbf{z} = \\mathbf{x} \\cdot \\mathbf{w} + \\mathbf{b}
      $$

      \`\`\`layer
      z[n, k] = sum[c](x[n, c] * w[c, k]) + b[k]
      \`\`\`

      - \`z\` — gemm: x·w

      ## Gradients

      ### \`dx\`: the gradient of \`x\`

      1. Chain rule:

      $$
      \\begin{aligned} \\frac{\\partial L}{\\partial x_{n,c}} &= \\sum_{n'=0}^{N - 1} \\sum_{k=0}^{K - 1} \\frac{\\partial L}{\\partial z_{n',k}} \\frac{\\partial z_{n',k}}{\\partial x_{n,c}} \\\\  &= \\sum_{n'=0}^{N - 1} \\sum_{k=0}^{K - 1} \\frac{\\partial L}{\\partial z_{n',k}} \\sum_{c'=0}^{C - 1} \\mathbb{I}\\left[n = n',\\ c = c'\\right] w_{c',k} \\end{aligned}
      $$

      2. Solve the indicator:

      $$
      \\begin{aligned} \\frac{\\partial L}{\\partial x_{n,c}} &= \\sum_{k=0}^{K - 1} \\frac{\\partial L}{\\partial z_{n,k}} w_{c,k} \\\\ &\\quad \\text{with } n' = n,\\ c' = c \\end{aligned}
      $$

      3. Matrix form:

      $$
      \\frac{\\partial L}{\\partial \\mathbf{x}} = \\frac{\\partial L}{\\partial \\mathbf{z}} \\cdot \\mathbf{w}^{\\top}
      $$

      The result:

      \`\`\`layer
      dx[n, c] = sum[k](dz[n, k] * w[c, k])
      \`\`\`

      - \`dx\` — gemm: dz·wᵀ

      ### \`dw\`: the gradient of \`w\`

      1. Chain rule:

      $$
      \\begin{aligned} \\frac{\\partial L}{\\partial w_{c,k}} &= \\sum_{n=0}^{N - 1} \\sum_{k'=0}^{K - 1} \\frac{\\partial L}{\\partial z_{n,k'}} \\frac{\\partial z_{n,k'}}{\\partial w_{c,k}} \\\\  &= \\sum_{n=0}^{N - 1} \\sum_{k'=0}^{K - 1} \\frac{\\partial L}{\\partial z_{n,k'}} \\sum_{c'=0}^{C - 1} \\mathbb{I}\\left[c = c',\\ k = k'\\right] x_{n,c'} \\end{aligned}
      $$

      2. Solve the indicator:

      $$
      \\begin{aligned} \\frac{\\partial L}{\\partial w_{c,k}} &= \\sum_{n=0}^{N - 1} \\frac{\\partial L}{\\partial z_{n,k}} x_{n,c} \\\\ &\\quad \\text{with } c' = c,\\ k' = k \\end{aligned}
      $$

      3. Matrix form:

      $$
      \\frac{\\partial L}{\\partial \\mathbf{w}} = \\mathbf{x}^{\\top} \\cdot \\frac{\\partial L}{\\partial \\mathbf{z}}
      $$

      The result:

      \`\`\`layer
      dw[c, k] = sum[n](dz[n, k] * x[n, c])
      \`\`\`

      - \`dw\` — gemm: xᵀ·dz

      ### \`db\`: the gradient of \`b\`

      1. Chain rule:

      $$
      \\begin{aligned} \\frac{\\partial L}{\\partial b_{k}} &= \\sum_{n=0}^{N - 1} \\sum_{k'=0}^{K - 1} \\frac{\\partial L}{\\partial z_{n,k'}} \\frac{\\partial z_{n,k'}}{\\partial b_{k}} \\\\  &= \\sum_{n=0}^{N - 1} \\sum_{k'=0}^{K - 1} \\frac{\\partial L}{\\partial z_{n,k'}} \\mathbb{I}\\left[k = k'\\right] \\end{aligned}
      $$

      2. Solve the indicator:

      $$
      \\begin{aligned} \\frac{\\partial L}{\\partial b_{k}} &= \\sum_{n=0}^{N - 1} \\frac{\\partial L}{\\partial z_{n,k}} \\\\ &\\quad \\text{with } k' = k \\end{aligned}
      $$

      The result:

      \`\`\`layer
      db[k] = sum[n](dz[n, k])
      \`\`\`

      - \`db\` — reduction

      ## Rules

      - *Chain rule*: ∂L/∂x\\[m\\] = Σ over every y that reads x, and over all its elements: ∂L/∂y\\[α\\] · ∂y\\[α\\]/∂x\\[m\\]
      - *Solve the indicator*: Σ\\_v \\[f(v) = m\\]·F(v) = \\[v₀ in its range\\]·F(v₀) with f(v₀) = m
      - *Matrix form*: Σ\\_c left\\[i,c\\]·right\\[c,j\\] is a product of matrices
      "
    `);
  });

  it("prints the JSON document, whose formulas parse back", () => {
    const w = workspace({ "deviation.layer": deviation });
    const { status, stdout, stderr } = w.leibniz("derive", "deviation.layer", "--format", "json");
    expect({ status, stderr }).toEqual({ status: 1, stderr: "" }); // the claim is wrong
    const document = JSON.parse(stdout) as DerivationDocument;
    expect(document).toMatchObject({
      layer: "deviation",
      sizes: ["N", "C"],
      params: {},
      locals: ["local m[C]", "local sum_dm[C]"],
      forward: [{ tensor: "m" }, { tensor: "z", pattern: { kind: "pointwise" } }],
      claims: [{ tensor: "dx", line: 6, verdict: "refuted" }],
    });
    const formulas = [...document.forward, ...document.shared, ...document.gradients].map(
      ({ formula }) => formula,
    );
    // as a layer of its own: cotangents are inputs, gradients outputs called g_T
    const text = `input x[N, C]\ninput cz[N, C]\noutput z[N, C]\noutput g_x[N, C]\n${formulas
      .join("\n")
      .replaceAll("dz[", "cz[")
      .replaceAll("dx[", "g_x[")
      .replaceAll("dm[", "g_m[")}\n`;
    expect(parseLayer(text, "gradient.layer").problems).toEqual([]);
    const dx = document.gradients.find(({ tensor }) => tensor === "dx");
    expect(dx).toMatchObject({ of: "x" });
    expect(dx?.steps[0]?.rule).toBe("chain rule");
  });

  it("prints a LaTeX document and an HTML page", () => {
    const w = workspace({ "linear.layer": linear });
    const latex = w.leibniz("derive", "linear.layer", "--format", "latex");
    expect(latex).toMatchObject({ status: 0, stderr: "" });
    expect(latex.stdout).toMatch(/^\\documentclass[^]*\\end\{document\}\n$/u);
    const html = w.leibniz("derive", "linear.layer", "--format", "html");
    expect(html).toMatchObject({ status: 0, stderr: "" });
    expect(html.stdout).toMatch(/^<!doctype html>[^]*<\/html>\n$/u);
    expect(html.stdout).toContain("data:font/woff2;base64,");
  });

  it("prints a Jacobian at small sizes", () => {
    const w = workspace({ "linear.layer": linear });
    const of = (...more: string[]) =>
      w.leibniz("derive", "linear.layer", "--steps", "none", "--jacobian", "z,w", ...more);
    const text = of("--sizes", "N=1,C=3,K=2");
    expect(text).toMatchObject({ status: 0, stderr: "" });
    expect(text.stdout.slice(text.stdout.indexOf("the Jacobian"))).toMatchInlineSnapshot(`
      "the Jacobian of z by w
        # at N = 1, C = 3, K = 2
                 w[0, 0]  w[1, 0]  w[2, 0]  | w[0, 1]  w[1, 1]  w[2, 1]
        z[0, 0]  x[0, 0]  x[0, 1]  x[0, 2]  |

        z[0, 1]                             | x[0, 0]  x[0, 1]  x[0, 2]
      "
    `);
    const json = JSON.parse(of("--sizes", "N=1,C=2,K=2", "--format", "json").stdout) as DerivationDocument;
    expect(json.jacobian).toMatchObject({
      output: "z",
      by: "w",
      columns: ["w[0, 0]", "w[1, 0]", "w[0, 1]", "w[1, 1]"],
      entries: [
        { row: 0, column: 0, formula: "x[0, 0]", latex: "x_{0,0}" },
        { row: 0, column: 1, formula: "x[0, 1]" },
        { row: 1, column: 2, formula: "x[0, 0]" },
        { row: 1, column: 3, formula: "x[0, 1]" },
      ],
    });
  });

  it.each([
    [["--jacobian", "z"], "--jacobian takes an output and a tensor, as in --jacobian z,x, not z"],
    [["--jacobian", "y,w", "--sizes", "N=1,C=2,K=2"], "linear has no real output y; there are z"],
    [
      ["--jacobian", "z,q", "--sizes", "N=1,C=2,K=2"],
      "linear has no gradient with respect to q; there are x, w, b",
    ],
    [["--jacobian", "z,w"], "--sizes: missing sizes N, C, K"],
    [["--jacobian", "z,w", "--sizes", "N=1,C=2,K=0"], "--sizes: K must be a positive integer, not 0"],
    [
      ["--jacobian", "z,w", "--sizes", "N=9,C=99,K=99"],
      "the Jacobian of z by w has 891 x 9801 entries at these sizes; at most 4096 are printed: take smaller sizes",
    ],
    [["--sizes", "N=1"], "--sizes goes with --jacobian, as in --jacobian z,x --sizes N=1,C=2"],
  ])("refuses %j in the user's words", (more, message) => {
    const { status, stdout, stderr } = workspace({ "linear.layer": linear }).leibniz(
      "derive",
      "linear.layer",
      ...more,
    );
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain(message);
  });

  it("reports problems, as JSON too", () => {
    const w = workspace({ "bad.layer": "input x[N]\noutput z[N]\nz[i] = y[i]\n" });
    const text = w.leibniz("derive", "bad.layer");
    expect(text.status).toBe(2);
    expect(text.stderr).toContain("bad.layer:3:8");
    const json = w.leibniz("derive", "bad.layer", "--format", "json");
    expect(json.status).toBe(2);
    expect(JSON.parse(json.stdout)).toMatchObject({ problems: [{ file: "bad.layer", line: 3, column: 8 }] });
  });
});

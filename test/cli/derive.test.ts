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
          dx[n, c] = sum[k < K](dz[n, k] * w[c, k])
        by bounds of the reads:
        # gemm: dz·wᵀ
        dx[n, c] = sum[k](dz[n, k] * w[c, k])

      dw: the gradient of w
        by chain rule:
          dw[c, k] = sum[n, k'](dz[n, k'] * sum[c'](where(c == c' and k == k', x[n, c'], 0)))
        by solve the indicator:
          dw[c, k] = sum[n < N](dz[n, k] * x[n, c])
        by bounds of the reads:
        # gemm: xᵀ·dz
        dw[c, k] = sum[n](dz[n, k] * x[n, c])

      db: the gradient of b
        by chain rule:
          db[k] = sum[n, k'](dz[n, k'] * where(k == k', 1, 0))
        by solve the indicator:
          db[k] = sum[n < N](dz[n, k])
        by bounds of the reads:
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

      3. Bounds of the reads:

      $$
      \\frac{\\partial L}{\\partial x_{n,c}} = \\sum_{k=0}^{K - 1} \\frac{\\partial L}{\\partial z_{n,k}} w_{c,k}
      $$

      4. Matrix form:

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

      3. Bounds of the reads:

      $$
      \\frac{\\partial L}{\\partial w_{c,k}} = \\sum_{n=0}^{N - 1} \\frac{\\partial L}{\\partial z_{n,k}} x_{n,c}
      $$

      4. Matrix form:

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

      3. Bounds of the reads:

      $$
      \\frac{\\partial L}{\\partial b_{k}} = \\sum_{n=0}^{N - 1} \\frac{\\partial L}{\\partial z_{n,k}}
      $$

      The result:

      \`\`\`layer
      db[k] = sum[n](dz[n, k])
      \`\`\`

      - \`db\` — reduction

      ## Rules

      - *Chain rule*: ∂L/∂x\\[m\\] = Σ over every y that reads x, and over all its elements: ∂L/∂y\\[α\\] · ∂y\\[α\\]/∂x\\[m\\]
      - *Solve the indicator*: Σ\\_v \\[f(v) = m\\]·F(v) = \\[v₀ in its range\\]·F(v₀) with f(v₀) = m
      - *Bounds of the reads*: a sum takes in those points alone at which every read is in bounds
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

/** What a statement is found to be, kind by kind: each note stands for its kind, with and without the mistake. */
import { expect, it } from "vitest";
import { readDocument } from "../../src/reading/read.js";
import { toHtml } from "../../src/reading/report/html.js";
import { stepsOf } from "./support.js";

const outcomes = (document: string): readonly string[] =>
  stepsOf(document).map(({ verdict, reading }) => verdict ?? (reading === undefined ? "?" : "read"));

it.each([
  ["∂y/∂x counts all paths", String.raw`$x \in \mathbb{R}^{H}$ $$ y_j = x_j / r $$ $$ r = \sum_{h=1}^{H} x_h $$ $$ \frac{\partial L}{\partial x_j} = \sum_{h=1}^{H} \frac{\partial L}{\partial y_h} \frac{\partial y_h}{\partial x_j} $$ $$ \frac{\partial L}{\partial x_j} = \frac{\partial L}{\partial y_j} / r $$`, "read read proved refuted"],
  ["of itself ∂y/∂x may be local", String.raw`$x \in \mathbb{R}^{H}$ $$ r = \sum_{h=1}^{H} x_h $$ $$ y_j = x_j / r $$ $$ \frac{\partial y_i}{\partial x_j} = \delta_{ij} / r $$ $$ \frac{\partial y_i}{\partial x_j} \Big|_{r} = \delta_{ij} / r $$ $$ \frac{\partial y_i}{\partial x_j} = 2 \delta_{ij} / r $$`, "read read depends on the reading proved refuted"],
  ["a param that is forgotten", String.raw`$$ y_i = \alpha x_i^2 $$ $$ \frac{\partial L}{\partial x_i} = 2 x_i \frac{\partial L}{\partial y_i} $$ Now let $\alpha = 1$. $$ \frac{\partial L}{\partial x_i} = 2 x_i \frac{\partial L}{\partial y_i} $$`, "read refuted proved"],
  ["what the words set aside", String.raw`$w \in \mathbb{R}^{D}$ $$ E = \sum_{d=1}^{D} (w_d^2 + \lambda w_d) $$ Without the penalty we have $$ \frac{\partial E}{\partial w_d} = 2 w_d $$ In all, $$ \frac{\partial E}{\partial w_d} = 2 w_d $$ and for $\lambda = 0$ $$ \frac{\partial E}{\partial w_d} = 2 w_d $$`, "read depends on the reading refuted proved"],
  ["definitions hold in their sections", "# A\n$$ y_i = x_i^3 $$\n# B\n$$ y_i = x_i^2 $$\n$$ \\frac{\\partial L}{\\partial x_i} = 3 x_i^2 \\frac{\\partial L}{\\partial y_i} $$\n# C\n$$ \\frac{\\partial L}{\\partial x_i} = 3 x_i^2 \\frac{\\partial L}{\\partial y_i} $$", "read read refuted depends on the reading"],
  ["definitions in running text", String.raw`Define $s = \exp(x)$ for $x \in \mathbb{R}^{D}$; if $s = x$ nothing changes. $$ y_i = s_i w_i $$ $$ \frac{\partial L}{\partial x_i} = s_i w_i \frac{\partial L}{\partial y_i} $$`, "read proved"],
  ["steps in displays of their own", String.raw`$$ y_i = x_i^2 $$ $$ \frac{\partial L}{\partial x_i} = \frac{\partial L}{\partial y_i} \frac{\partial y_i}{\partial x_i} $$ $$ = 2 x_i \frac{\partial L}{\partial y_i} $$ $$ = x_i \frac{\partial L}{\partial y_i} $$`, "read proved proved refuted"],
  ["one step in time", String.raw`$$ h_t = U h_{t-1} + V x_t $$ $$ \frac{\partial L}{\partial h_{t-1}} = U^T \frac{\partial L}{\partial h_t} $$ $$ \frac{\partial L}{\partial h_{t-1}} = U \frac{\partial L}{\partial h_t} $$`, "read proved refuted"],
  ["a prime in a name", String.raw`$$ h' = o \odot c $$ $$ \frac{\partial L}{\partial o} = \frac{\partial L}{\partial h'} \odot c $$`, "read proved"],
  ["the number of rows", String.raw`$$ m_k = \frac{1}{N} \sum_i x_{ik} $$ $$ \frac{\partial m_l}{\partial x_{ik}} = \frac{1}{N} \delta_{kl} $$`, "read proved"],
  ["a slash before a bracket", String.raw`$p \in \mathbb{R}^{d}$ $$ q_k = p_k - 1/d \left( \sum_{i=1}^{d} p_i \right) $$ $$ \frac{\partial L}{\partial p_k} = \frac{\partial L}{\partial q_k} - \frac{1}{d} \sum_{i=1}^{d} \frac{\partial L}{\partial q_i} $$`, "read proved"],
  ["remarks and ranges", String.raw`$W \in \mathbb{R}^{M \times D}$, $x \in \mathbb{R}^{D}$ $$ y = W x \in \mathbb{R}^{M} $$ $$ \frac{\partial L}{\partial x_k} = \underbrace{\sum_{m=1}^{M} \frac{\partial L}{\partial y_m} W_{mk}}_{\text{all rows}}, \quad k = 1, \ldots, D \qquad \text{(chain rule)} $$ $$ \frac{\partial L}{\partial W_{mk}} = \frac{\partial L}{\partial y_m} x_k \text{ for all } k \in \{1, \dots, D\} $$`, "read proved proved"],
  ["repeated indices", String.raw`Repeated indices are summed. $Q, K \in \mathbb{R}^{N \times A}$ $$ S_{ij} = Q_{ia} K_{ja} $$ $$ \frac{\partial L}{\partial Q_{ia}} = \frac{\partial L}{\partial S_{ij}} K_{ja} $$`, "read proved"],
  ["rows of matrices", String.raw`$H \in \mathbb{R}^{N \times D}$, $A \in \mathbb{R}^{N \times N}$ $$ z_i = \sum_{j=1}^{N} A_{ij} H_j $$ $$ \frac{\partial L}{\partial A_{ij}} = H_j^\top \frac{\partial L}{\partial z_i} $$ $$ \frac{\partial L}{\partial H_j} = \sum_{i=1}^{N} A_{ji} \frac{\partial L}{\partial z_i} $$`, "read proved refuted"],
  ["bold names with numbers", String.raw`$\mathbf{x}_1, \mathbf{x}_2 \in \mathbb{R}^{d}$ $$ \mathbf{y} = \mathbf{x}_1 - \mathbf{x}_2 $$ $$ \frac{\mathrm{d} L}{\mathrm{d} \mathbf{x}_2} = \frac{\mathrm{d} L}{\mathrm{d} \mathbf{y}} $$`, "read refuted"],
  ["a function that the document defines", String.raw`$$ f(u) = u^2 + 1 $$ $$ y_i = f(x_i) $$ $$ f'(u) = 2 u $$ $$ \frac{\partial L}{\partial x_i} = f'(x_i) \frac{\partial L}{\partial y_i} $$ $$ \frac{\partial L}{\partial x_i} = x_i \frac{\partial L}{\partial y_i} $$`, "read read proved proved refuted"],
  ["a function that it does not define", String.raw`$$ y_i = f(x_i) $$ $$ \frac{\partial L}{\partial x_i} = f'(x_i) \frac{\partial L}{\partial y_i} $$ $$ \frac{\partial L}{\partial x_i} = (1 - y_i^2) \frac{\partial L}{\partial y_i} $$ $$ \frac{\partial L}{\partial x_i} = y_i \frac{\partial L}{\partial y_i} $$`, "read proved depends on the reading refuted"],
  ["a layout", String.raw`$W \in \mathbb{R}^{M \times D}$, $x \in \mathbb{R}^{D}$ $$ y = W x $$ $$ \frac{\partial L}{\partial W} = x \frac{\partial L}{\partial y}^T $$`, "read depends on the reading"],
  ["a layout that is fixed elsewhere", String.raw`$W \in \mathbb{R}^{M \times D}$, $x \in \mathbb{R}^{D}$ $$ y = W x $$ $$ \frac{\partial L}{\partial x} = W^T \frac{\partial L}{\partial y} $$ $$ \frac{\partial L}{\partial W} = x \frac{\partial L}{\partial y}^T $$`, "read proved does not fit"],
  ["a bias is a column", String.raw`$$ Z = W \cdot A + b $$ $$ \frac{\partial L}{\partial b_i} = \sum_{j} \frac{\partial L}{\partial Z_{ij}} $$`, "read proved"],
])("%s", (_, document, wanted) => {
  expect(outcomes(document).join(" ")).toBe(wanted);
}); // prettier-ignore

const softmax = String.raw`$y, z \in \mathbb{R}^{K}$ $$ p_k = \frac{\exp(z_k)}{\sum_{j=1}^{K} \exp(z_j)} $$ $$ L = -\sum_{k=1}^{K} y_k \log p_k $$ $$ \frac{\partial L}{\partial z_k} = p_k - y_k $$`;

it.each([
  ["The targets y are one-hot.", "proved"],
  ["", "depends on the reading"],
  ["The y are any real numbers.", "refuted"],
])("targets of a cross entropy: %s", (words, wanted) => {
  expect(outcomes(`${words} ${softmax}`).at(-1)).toBe(wanted);
});

it("the report tells what is wrong first, with the gradient as it is, and marks it; brackets nested too deep end one formula only", () => {
  const nested = `$$ y_i = ${"(".repeat(3000)}x_i${")".repeat(3000)} $$`;
  const report = readDocument(
    String.raw`$$ y_i = \lambda x_i $$ ${nested} $$ \frac{\partial L}{\partial x_i} = \frac{\partial L}{\partial y_i} $$`,
    "notes.md",
  );
  expect(report.equations[1]!.statements[0]!.reason).toMatch(/brackets are nested over 200 deep/u);
  const step = report.equations[2]!.statements[0]!.steps[0]!;
  expect(step).toMatchObject({ verdict: "refuted", gradient: "dx[i] = dy[i] * λ" });
  expect(step.notes).toContain("it holds only for λ = 1");
  const page = toHtml(report, () => "against it");
  expect(page.indexOf("What does not hold")).toBeLessThan(page.indexOf('class="equation-part"'));
  expect(page).toContain('<a href="#equation-3">Equation 3, line 1</a> <b class="refuted">refuted</b>');
  expect(page).toContain('class="marked"');
});

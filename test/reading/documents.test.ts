/** Shapes, sections, places and kinds of equations in Markdown, LaTeX and plain text. */
import { expect, it } from "vitest";
import { findPieces } from "../../src/reading/document/pieces.js";
import { layerFiles } from "../../src/reading/report/files.js";
import { readDocument } from "../../src/reading/read.js";
import { parseLayer } from "../../src/language/parse.js";

const table = String.raw`# Layers
## Linear
| NAME       | SHAPE               |
| ---------- | ------------------- |
| input: $x$ | $(N, C_{in})$       |
| weight: $W$ | $(C_{out}, C_{in})$ |

$$
y = x\times W^T
$$

$$
\frac{\partial L}{\partial x} = \frac{\partial L}{\partial y}\times W \\
shape: (N,C_{out})\times(C_{out},C_{in})\rightarrow(N,C_{in})
$$
`;

it("finds formulas with their places and sections, and none in code", () => {
  const text = "# A\n$$ a = b $$\n```\n$$ no $$\n```\n## B\n`$no$` \\[ c = d \\]\n```math\ne = f\n```\n";
  const pieces = findPieces(text);
  expect(pieces.map(({ source }) => source.trim())).toEqual(["a = b", "c = d", "e = f"]);
  expect(pieces.map(({ section }) => section.join("/"))).toEqual(["A", "A/B", "A/B"]);
  for (const { source, at } of pieces) expect(text.slice(at, at + source.length)).toBe(source);
});

it("reads environments and sections of LaTeX", () => {
  const text = String.raw`\section{One} % a comment with $x$
\begin{equation}\label{eq:a} y = x \end{equation}`;
  const pieces = findPieces(text);
  expect(pieces.map(({ section }) => section)).toEqual([["One"]]);
  expect(pieces[0]!.source).not.toContain("label");
});

it("takes shapes from tables, and tells where each layer came from", () => {
  const report = readDocument(table, "layers.md");
  expect(report.counts).toMatchObject({ equations: 2, forward: 1, gradient: 1, understood: 2, refuted: 0 });
  expect(report.equations[0]!.line).toBe(9);
  const files = layerFiles(report);
  expect(files.map(({ name }) => name)).toEqual(["layers_1.layer", "layers_2.layer"]);
  expect(files[1]!.content).toContain("# layers.md, Layers, Linear: equation 2, line 13.");
  expect(files[1]!.content).toContain("weight W[C_out, C_in]");
  for (const { content } of files) expect(parseLayer(content, "read.layer").problems).toEqual([]);
});

it("is refuted as it stands where the document says the shape that it misses", () => {
  const wrong = table.replace(
    String.raw`\frac{\partial L}{\partial y}\times W`,
    String.raw`W^T \times \frac{\partial L}{\partial y}^T`,
  );
  const [, gradient] = readDocument(wrong, "layers.md").equations;
  expect(gradient!.statements[0]!.steps.at(-1)!.verdict).toBe("refuted");
});

it("survives what is no mathematics", () => {
  for (const text of [
    "",
    "$$",
    "$$ \\frac{ $$",
    "$$ }{ $$",
    "$$ = = $$",
    "$$ \\sum_{ $$",
    "$$ a_{b_{c}} = \\begin{matrix} $$",
    "$$x$$ $$\\undefined = 3$$",
  ])
    expect(() => readDocument(text, "x.md")).not.toThrow();
});

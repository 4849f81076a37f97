/** `leibniz read`, as a user runs it. */
import { expect, it } from "vitest";
import { workspace } from "./workspace.js";

const paper = String.raw`# Notes
$x \in \mathbb{R}^{N \times D}$, $W \in \mathbb{R}^{D \times K}$
$$ z = x W $$
$$ \frac{\partial L}{\partial W} = x^T \frac{\partial L}{\partial z} $$
`;

it("prints readings and verdicts, and writes layers that check", () => {
  const folder = workspace({ "paper.md": paper });
  const { status, stdout } = folder.leibniz("read", "paper.md", "--write", "layers");
  expect(status).toBe(0);
  expect(stdout).toContain("proved  claim dW[d, k] = sum[n < N](x[n, d] * dz[n, k])");
  expect(stdout).toContain("Understood: 2 of 2 (100%). Of the steps: 1 proved.");
  expect(Object.keys(folder.tree("layers"))).toEqual([
    ".leibniz/manifest.json",
    "paper_1.layer",
    "paper_2.layer",
  ]);
  expect(folder.leibniz("check", "layers").status).toBe(0);
});

it("fails where a gradient is refuted, with a counterexample; JSON is one document, HTML one page", () => {
  const folder = workspace({ "paper.md": paper.replace("= x^T", "= -x^T") });
  const text = folder.leibniz("read", "paper.md");
  expect(text.status).toBe(1);
  expect(text.stdout).toMatch(/refuted {2}claim dW.*\n.*at N = /u);
  const json = JSON.parse(folder.leibniz("read", "paper.md", "--format", "json").stdout) as {
    counts: unknown;
  };
  expect(json.counts).toMatchObject({ equations: 2, understood: 2, refuted: 1 });
  const { stdout } = folder.leibniz("read", "paper.md", "--format", "html");
  expect(stdout).toMatch(/^<!doctype html>[^]*<math[^]*refuted[^]*<\/html>$/mu);
});

it("says what is wrong with the call", () => {
  const folder = workspace({ "paper.md": paper });
  expect(folder.leibniz("read", "no.md")).toMatchObject({ status: 2 });
  expect(folder.leibniz("read", "no.md").stderr).toContain("no.md: no such file");
  expect(folder.leibniz("read", "paper.md", "--format", "pdf").stderr).toContain("unknown format pdf");
});

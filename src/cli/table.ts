/** The table of `check`: one row a tensor, the layer's name on its first. */
import Table from "cli-table3";
import type { Terminal } from "./terminal.js";
import type { Row } from "../verdicts.js";
import type { Comparison } from "../verify/report.js";

const noBorders = {
  ...{ top: "", "top-mid": "", "top-left": "", "top-right": "" },
  ...{ bottom: "", "bottom-mid": "", "bottom-left": "", "bottom-right": "" },
  ...{ left: "", "left-mid": "", mid: "", "mid-mid": "", right: "", "right-mid": "", middle: "  " },
};

/** The kernels in float32, and what their column is called. */
const inFloat32 = [
  { target: "ts", title: "in float32" },
  { target: "wasm", title: "in WebAssembly" },
  { target: "wgsl", title: "on WebGPU" },
  { target: "torch", title: "in PyTorch" },
];

export function checkTable(rows: readonly Row[], color: Terminal["color"]): string {
  const kernels = inFloat32.filter(({ target }) => rows.some((row) => worstOf(row, target) !== undefined));
  const head = [
    ...["layer", "tensor", "shapes tried", "worst relative error"],
    ...kernels.map(({ title }) => title),
    "verdict",
  ];
  const table = new Table({
    head: head.map((title) => color.dim(title)),
    colAligns: head.map((_, i) => (i < 2 || i === head.length - 1 ? "left" : "right")),
    chars: noBorders,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 1 },
  });
  let last: string | undefined;
  for (const row of rows) {
    const { layer, tensor, shapes, worst, verdict } = row;
    table.push([
      layer === last ? "" : color.bold(layer),
      tensor,
      String(shapes),
      exponential(worst),
      ...kernels.map(({ target }) => exponential(worstOf(row, target) ?? 0)),
      verdict === "failed" ? color.red(verdict) : color.green(verdict),
    ]);
    last = layer;
  }
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

/** The worst error of a target's float32 kernels; undefined where none ran. */
function worstOf({ comparisons }: Row, target: string): number | undefined {
  const of = ["forward", "gradient"].map((what) => comparisons[`${what} ${target} f32` as Comparison]);
  const found = of.filter((error) => error !== undefined);
  return found.length === 0 ? undefined : Math.max(...found);
}

/** An error with one decimal, `2.7e-9`. */
export const exponential = (error: number): string => (error === 0 ? "0" : error.toExponential(1));

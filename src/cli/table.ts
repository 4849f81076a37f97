/** The table of `check`: one row a tensor, the layer's name on its first. */
import Table from "cli-table3";
import type { Terminal } from "./terminal.js";
import type { Row } from "../verdicts.js";

const noBorders = {
  ...{ top: "", "top-mid": "", "top-left": "", "top-right": "" },
  ...{ bottom: "", "bottom-mid": "", "bottom-left": "", "bottom-right": "" },
  ...{ left: "", "left-mid": "", mid: "", "mid-mid": "", right: "", "right-mid": "", middle: "  " },
};

export function checkTable(rows: readonly Row[], color: Terminal["color"]): string {
  const table = new Table({
    head: ["layer", "tensor", "shapes tried", "worst relative error", "in float32", "verdict"].map((title) =>
      color.dim(title),
    ),
    colAligns: ["left", "left", "right", "right", "right", "left"],
    chars: noBorders,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 1 },
  });
  let last: string | undefined;
  for (const { layer, tensor, shapes, worst, worstInFloat32, verdict } of rows) {
    table.push([
      layer === last ? "" : color.bold(layer),
      tensor,
      String(shapes),
      exponential(worst),
      exponential(worstInFloat32),
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

/** An error with one decimal, `2.7e-9`. */
export const exponential = (error: number): string => (error === 0 ? "0" : error.toExponential(1));

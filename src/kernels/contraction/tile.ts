/**
 * The inner loop of every contraction: a tile of rows × columns sums in registers over packed panels,
 * tile[i, j] = Σ_k rows[k, i] · columns[k, j].
 */
import * as build from "../../notation/construct.js";
import type { Expression } from "../../notation/expression.js";
import * as integer from "../../notation/integer.js";
import type { Code, Routine } from "../program.js";

/** Rows and columns of a tile, and how many products are packed at once: measured on V8 (docs/architecture.md). */
export const tileRows = 4;
export const tileColumns = 3;
export const packedDepth = 256;
export const packedColumns = 384;

const { variable } = integer;
const local = (name: string): Expression => ({ kind: "parameter", name });
const panel = (name: string, base: integer.Int, lane: number): Expression =>
  build.read(name, [integer.plus(base, integer.constant(lane))]);

export const multiplyTile: Routine = (() => {
  const rows = Array.from({ length: tileRows }, (_, i) => i);
  const columns = Array.from({ length: tileColumns }, (_, j) => j);
  const pairs = rows.flatMap((i) => columns.map((j) => [i, j] as const));
  const sum = (i: number, j: number): string => `s${i}${j}`;
  const step = (name: string, by: number): Code => ({
    kind: "assign",
    name,
    value: integer.plus(variable(name), integer.constant(by)),
  });
  return {
    name: "multiplyTile",
    comment: `tile[i, j] = sum[k](rows[k, i] * columns[k, j]) for ${tileRows} rows and ${tileColumns} columns`,
    buffers: ["rows", "columns", "tile"],
    integers: ["start", "depth"],
    body: [
      ...pairs.map(([i, j]): Code => ({ kind: "accumulator", name: sum(i, j), value: build.zero })),
      { kind: "counter", name: "row", value: integer.zero },
      { kind: "counter", name: "column", value: variable("start") },
      {
        kind: "loop",
        index: "k",
        from: integer.zero,
        to: variable("depth"),
        step: integer.one,
        body: [
          ...rows.map((i): Code => ({
            kind: "real",
            name: `a${i}`,
            value: panel("rows", variable("row"), i),
          })),
          ...columns.map((j): Code => ({
            kind: "real",
            name: `b${j}`,
            value: panel("columns", variable("column"), j),
          })),
          ...pairs.map(([i, j]): Code => {
            const product = build.multiply(local(`a${i}`), local(`b${j}`));
            return { kind: "assign", name: sum(i, j), value: build.add(local(sum(i, j)), product) };
          }),
          step("row", tileRows),
          step("column", tileColumns),
        ],
      },
      ...pairs.map(([i, j]): Code => ({
        kind: "store",
        buffer: "tile",
        offset: integer.constant(i * tileColumns + j),
        value: local(sum(i, j)),
      })),
    ],
  };
})();

/**
 * The inner loop of every contraction: a tile of rows × columns sums in registers over packed panels,
 * sums[i, j] = Σ_k rows[i][k] · columns[j][k]. A panel holds lane beside lane, each of its rows (columns) along the
 * depth. The lanes are arrays of one length read at one index, so the engine tests their bounds once for all of them.
 */
import * as build from "../../notation/construct.js";
import type { Expression } from "../../notation/expression.js";
import * as integer from "../../notation/integer.js";
import type { Code, Panel, Routine } from "../program.js";

/** Rows and columns of a tile, and how many products are packed at once: measured on V8 (docs/architecture.md). */
export const tileRows = 2;
export const tileColumns = 3;
export const packedDepth = 512;
export const packedColumns = 384;

/** The depth of a lane of the packed columns: all tiles of a block, one after the other. */
export const columnLane = (packedColumns / tileColumns) * packedDepth;

const lanes = (name: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, lane) => `${name} ${lane}`);
const rowLanes = lanes("rows", tileRows);
const columnLanes = lanes("columns", tileColumns);

/** The names under which kernels use the panels. */
export const panels = {
  rows: "packed rows",
  columns: "packed columns",
  sums: "tile sums",
  steps: "steps",
} as const;

export const contractionPanels: readonly Panel[] = [
  {
    name: panels.rows,
    says: `${tileRows} rows of the left operand`,
    type: "real",
    length: tileRows * packedDepth,
    parts: rowLanes,
  },
  {
    name: panels.columns,
    says: `${packedColumns} columns of the right one`,
    type: "real",
    length: tileColumns * columnLane,
    parts: columnLanes,
  },
  {
    name: panels.sums,
    says: "their products, summed",
    type: "real",
    length: tileRows * packedColumns,
    parts: [],
  },
  {
    name: panels.steps,
    says: "how far each depth of an operand is from its first",
    type: "integer",
    length: packedDepth,
    parts: [],
  },
];

const { variable } = integer;
const local = (name: string): Expression => ({ kind: "parameter", name });

export const multiplyTile: Routine = (() => {
  const rows = rowLanes.map((_, i) => i);
  const columns = columnLanes.map((_, j) => j);
  const pairs = rows.flatMap((i) => columns.map((j) => [i, j] as const));
  const sum = (i: number, j: number): string => `s${i}${j}`;
  const load = (name: string, buffer: string, at: string): Code => ({
    kind: "real",
    name,
    value: build.read(buffer, [variable(at)]),
  });
  return {
    name: "multiplyTile",
    comment: `sums[i, at + j] = sum[k](rows[i, k] * columns[j, start + k]) for ${tileRows} rows and ${tileColumns} columns`,
    integers: ["start", "depth", "at"],
    body: [
      ...pairs.map(([i, j]): Code => ({ kind: "accumulator", name: sum(i, j), value: build.zero })),
      {
        kind: "loop",
        index: "k",
        from: integer.zero,
        to: variable("depth"),
        step: integer.one,
        body: [
          { kind: "integer", name: "c", value: integer.plus(variable("start"), variable("k")) },
          ...rowLanes.map((lane, i) => load(`a${i}`, lane, "k")),
          ...columnLanes.map((lane, j) => load(`b${j}`, lane, "c")),
          ...pairs.map(([i, j]): Code => {
            const product = build.multiply(local(`a${i}`), local(`b${j}`));
            return { kind: "assign", name: sum(i, j), value: build.add(local(sum(i, j)), product) };
          }),
        ],
      },
      ...pairs.map(([i, j]): Code => ({
        kind: "store",
        buffer: panels.sums,
        offset: integer.plus(variable("at"), integer.constant(i * packedColumns + j)),
        value: local(sum(i, j)),
      })),
    ],
  };
})();

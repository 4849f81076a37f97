/**
 * The inner loop of every contraction: a tile of rows × columns sums in registers over packed panels,
 * sums[i, j] = Σ_k rows[i][k] · columns[k][j]. What is best depends on the machine: a target chooses its tile.
 */
import * as build from "../../notation/construct.js";
import type { Expression } from "../../notation/expression.js";
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import type { Code, Panel, Routine } from "../program.js";

interface Extents {
  readonly rows: number;
  readonly columns: number;
  /** How many products are packed at once, and how many columns. */
  readonly depth: number;
  readonly block: number;
  /**
   * Whether the columns of a tile lie side by side, depth after depth, as a machine reads them that multiplies several at once. Else each has
   * a lane of its own: the lanes are arrays of one length read at one index, so an engine tests their bounds once for all of them.
   */
  readonly sideBySide: boolean;
}
export interface Tile extends Extents {
  readonly panels: readonly Panel[];
  readonly routine: Routine;
}

const lanes = (name: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, lane) => `${name} ${lane}`);

/** The names under which kernels use the panels. */
export const panels = {
  rows: "packed rows",
  columns: "packed columns",
  sums: "tile sums",
  steps: "steps",
} as const;

/** The depth of a lane of the packed columns: all tiles of a block, one after the other. */
export const columnLane = ({ block, columns, depth }: Extents): number => (block / columns) * depth;

function tileOf(name: string, type: Panel["type"], extents: Extents): Tile {
  const { rows, columns, depth, block, sideBySide } = extents;
  const tilePanels: readonly Panel[] = [
    {
      name: panels.rows,
      says: `${rows} rows of the left operand`,
      type,
      length: rows * depth,
      parts: lanes("rows", rows),
    },
    {
      name: panels.columns,
      says: `${block} columns of the right one`,
      type,
      length: columns * columnLane(extents),
      parts: sideBySide ? [] : lanes("columns", columns),
    },
    { name: panels.sums, says: "their products, summed", type, length: rows * block, parts: [] },
    {
      name: panels.steps,
      says: "how far each depth of an operand is from its first",
      type: "integer",
      length: depth,
      parts: [],
    },
  ];
  return { ...extents, panels: tilePanels, routine: multiplyTile(name, extents) };
}

const { variable } = integer;
const local = (name: string): Expression => ({ kind: "parameter", name });

function multiplyTile(name: string, extents: Extents): Routine {
  const { rows, columns, block, sideBySide } = extents;
  const [rowAt, columnAt] = [rows, columns].map((count) => Array.from({ length: count }, (_, i) => i));
  const pairs = rowAt!.flatMap((i) => columnAt!.map((j) => [i, j] as const));
  const sum = (i: number, j: number): string => `s${i}${j}`;
  const load = (local: string, buffer: string, at: Int): Code => ({
    kind: "real",
    name: local,
    value: build.read(buffer, [at]),
  });
  const depthAt = integer.plus(variable("start"), variable("k"));
  const loads: readonly Code[] = sideBySide
    ? [
        { kind: "integer", name: "c", value: integer.scale(depthAt, columns) },
        ...rowAt!.map((i) => load(`a${i}`, `rows ${i}`, variable("k"))),
        ...columnAt!.map((j) =>
          load(`b${j}`, panels.columns, integer.plus(variable("c"), integer.constant(j))),
        ),
      ]
    : [
        { kind: "integer", name: "c", value: depthAt },
        ...rowAt!.map((i) => load(`a${i}`, `rows ${i}`, variable("k"))),
        ...columnAt!.map((j) => load(`b${j}`, `columns ${j}`, variable("c"))),
      ];
  return {
    name,
    comment: `sums[i, at + j] = sum[k](rows[i, k] * columns[j, start + k]) for ${rows} rows and ${columns} columns`,
    integers: ["start", "depth", "at"],
    ...(sideBySide && { tile: extents }),
    body: [
      ...pairs.map(([i, j]): Code => ({ kind: "accumulator", name: sum(i, j), value: build.zero })),
      {
        kind: "loop",
        index: "k",
        from: integer.zero,
        to: variable("depth"),
        step: integer.one,
        body: [
          ...loads,
          ...pairs.map(([i, j]): Code => {
            const product = build.multiply(local(`a${i}`), local(`b${j}`));
            return { kind: "assign", name: sum(i, j), value: build.add(local(sum(i, j)), product) };
          }),
        ],
      },
      ...pairs.map(([i, j]): Code => ({
        kind: "store",
        buffer: panels.sums,
        offset: integer.plus(variable("at"), integer.constant(i * block + j)),
        value: local(sum(i, j)),
      })),
    ],
  };
}

/** In numbers of JavaScript: measured on V8 (docs/architecture.md). */
export const scalarTile = tileOf("multiplyTile", "real", {
  rows: 2,
  columns: 3,
  depth: 512,
  block: 384,
  sideBySide: false,
});
/** In vectors of four float32: eight vectors of sums, two of columns and one of a row fill the registers of most machines. */
export const vectorTile = tileOf("multiplyTileByVectors", "single", {
  rows: 4,
  columns: 8,
  depth: 256,
  block: 256,
  sideBySide: true,
});

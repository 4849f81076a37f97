/** A Jacobian as a block matrix: labels, entries in both spellings, the matrix in LaTeX and in columns of text. */
import { entryKey, type Jacobian } from "../../calculus/jacobian.js";
import { printExpression } from "../../language/print.js";
import { partial, texIn, type TexContext } from "./latex/expressions.js";
import { texTensor } from "./latex/names.js";
import { listParams } from "./outline.js";

export interface JacobianEntry {
  readonly row: number;
  readonly column: number;
  readonly formula: string;
  readonly latex: string;
}
export interface JacobianTable {
  readonly output: string;
  readonly by: string;
  readonly sizes: Readonly<Record<string, number>>;
  /** `z[0, 1]`, from above to below. */
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly blockRows: number;
  readonly blockColumns: number;
  /** What is not zero. */
  readonly entries: readonly JacobianEntry[];
  /** The whole matrix; zeros are left out. */
  readonly latex: string;
}

export function tableOf(jacobian: Jacobian, context: TexContext): JacobianTable {
  const { output, by, sizes, rows, columns, blockRows, blockColumns } = jacobian;
  const label = (tensor: string, at: readonly number[]): string =>
    at.length === 0 ? tensor : `${tensor}[${at.join(", ")}]`;
  const entries = rows.flatMap((_, row) =>
    columns.flatMap((__, column): readonly JacobianEntry[] => {
      const entry = jacobian.entries.get(entryKey(row, column));
      return entry
        ? [{ row, column, formula: printExpression(entry, context.layer), latex: texIn(entry, context) }]
        : [];
    }),
  );
  const plain = {
    output,
    by,
    sizes,
    rows: rows.map((at) => label(output, at)),
    columns: columns.map((at) => label(by, at)),
    blockRows,
    blockColumns,
    entries,
  };
  return { ...plain, latex: texMatrixOf(plain) };
}

function texMatrixOf(table: Omit<JacobianTable, "latex">): string {
  const { output, by, rows, columns, blockRows, blockColumns } = table;
  const cells = cellsOf(table, (entry) => entry.latex);
  const lines = cells.map((row, at) => (at > 0 && at % blockRows === 0 ? "\\hline " : "") + row.join(" & "));
  const format = columns.map((_, at) => (at > 0 && at % blockColumns === 0 ? "|c" : "c")).join("");
  const stretch = rows.length > 1 ? " \\\\ " : " ";
  return `${partial(texTensor(output, []), texTensor(by, []))} = \\left[\\begin{array}{${format}} ${lines.join(stretch)} \\end{array}\\right]`;
}

const cellsOf = (
  { rows, columns, entries }: Pick<JacobianTable, "rows" | "columns" | "entries">,
  spell: (entry: JacobianEntry) => string,
): readonly (readonly string[])[] => {
  const known = new Map(entries.map((entry) => [entryKey(entry.row, entry.column), spell(entry)]));
  return rows.map((_, row) => columns.map((__, column) => known.get(entryKey(row, column)) ?? ""));
};

export const jacobianTitle = ({ output, by }: JacobianTable): string => `the Jacobian of ${output} by ${by}`;

/** What rows and columns stand for. */
export function jacobianCaption({ sizes, rows, columns }: JacobianTable): string {
  const ends = (labels: readonly string[]): string =>
    labels.length <= 4 ? labels.join(", ") : [...labels.slice(0, 3), "…", labels.at(-1)].join(", ");
  return `At ${listParams(sizes)}. Rows: ${ends(rows)}. Columns: ${ends(columns)}. Zeros are left out.`;
}

/** The matrix in columns of text, as many at a time as the width takes. */
export function jacobianLines(table: JacobianTable, width: number): readonly string[] {
  const { rows, columns, blockRows, blockColumns } = table;
  const cells = cellsOf(table, (entry) => entry.formula);
  const labels = Math.max(...rows.map((label) => label.length));
  const widths = columns.map((label, at) =>
    Math.max(label.length, ...cells.map((row) => row[at]?.length ?? 0)),
  );
  const startsBlock = (at: number, size: number): boolean => at > 0 && at % size === 0;
  const line = (label: string, row: readonly string[], from: number, to: number): string => {
    const parts = row.slice(from, to).map((cell, i) => {
      const bar = i > 0 && startsBlock(from + i, blockColumns) ? "| " : "";
      return bar + cell.padEnd(widths[from + i] ?? 0);
    });
    return `  ${label.padEnd(labels)}  ${parts.join("  ")}`.trimEnd();
  };
  const lines: string[] = [];
  for (let from = 0; from < columns.length;) {
    let [to, used] = [from, labels + 4];
    while (to < columns.length && (to === from || used + (widths[to] ?? 0) + 4 <= width)) {
      used += (widths[to] ?? 0) + 4;
      to++;
    }
    if (from > 0) lines.push("");
    lines.push(line("", columns, from, to));
    for (const [at, row] of cells.entries()) {
      if (startsBlock(at, blockRows)) lines.push("");
      lines.push(line(rows[at] ?? "", row, from, to));
    }
    from = to;
  }
  return lines;
}

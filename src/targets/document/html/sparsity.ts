/** Where a Jacobian is not zero, as a picture: one square an entry, one colour for equal entries. */
import { escape } from "./escape.js";
import type { JacobianTable } from "../jacobian.js";

/** The side of a square in a small picture. */
const cell = 28;

export function sparsity({
  rows,
  columns,
  entries,
  blockRows,
  blockColumns,
  output,
  by,
}: JacobianTable): string {
  const size = Math.max(4, Math.min(cell, Math.floor(900 / columns.length)));
  const [width, height] = [columns.length * size, rows.length * size];
  const kinds = [...new Set(entries.map((e) => e.formula))];
  // hues a golden angle apart: neighbours differ, however many there are
  const colour = (formula: string): string =>
    `hsl(${Math.round(kinds.indexOf(formula) * 137.508 + 12) % 360} 45% 55%)`;
  const squares = entries.map(
    ({ row, column, formula }) =>
      `<rect x="${column * size}" y="${row * size}" width="${size}" height="${size}" fill="${colour(formula)}"><title>${escape(`${rows[row]} by ${columns[column]}: ${formula}`)}</title></rect>`,
  );
  const every = (step: number, count: number): number[] =>
    Array.from({ length: Math.ceil(count / step) - 1 }, (_, i) => (i + 1) * step * size);
  const lines = [
    ...every(blockColumns, columns.length).map((x) => `M${x} 0V${height}`),
    ...every(blockRows, rows.length).map((y) => `M0 ${y}H${width}`),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="-1 -1 ${width + 2} ${height + 2}" width="${width + 2}" height="${height + 2}" aria-label="${escape(`where the Jacobian of ${output} by ${by} is not zero`)}">
${squares.join("\n")}
<path d="${lines.join("")}" fill="none" stroke="var(--line, #ccc)"/>
<rect x="0" y="0" width="${width}" height="${height}" fill="none" stroke="var(--faint, #777)"/>
</svg>`;
}

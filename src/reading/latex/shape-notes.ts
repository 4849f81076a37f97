/** Rows that only say shapes: `(N, C) \times (C, K) \rightarrow (N, K)`. */
import type { Token } from "./token.js";
import type { Formula, ShapeNote } from "./formula.js";
import { isSymbol, splitAt, trim } from "./splitting.js";
import { Unreadable } from "../document/unreadable.js";
import { parseList } from "./parse-lists.js";

/** `shape: (N, C) × (C, K) → (N, K)`; null where a row looks like one and cannot be read. */
export function shapeNote(row: readonly Token[], end: number): ShapeNote | null | undefined {
  const arrow = row.findIndex((token) => isSymbol(token, "→"));
  const labelled = row[0]?.text === "shape";
  if (!labelled && (arrow < 0 || !isSymbol(row[0], "(", "["))) return undefined;
  if (arrow < 0) return null;
  const from = row.findIndex((token) => isSymbol(token, "(", "["));
  try {
    const factors = splitAt(row.slice(from, arrow), (token) => isSymbol(token, "×", "·", "*")).map((part) =>
      tupleOf(part, end),
    );
    const result = tupleOf(row.slice(arrow + 1), end);
    return {
      factors,
      result,
      summed: (row[arrow]?.parts[0] ?? []).some(({ text }) => text === "Σ" || text === "sum"),
    };
  } catch (error) {
    if (error instanceof Unreadable) return null;
    throw error;
  }
}

function tupleOf(tokens: readonly Token[], end: number): readonly Formula[] {
  const inner = trim(tokens);
  if (!isSymbol(inner[0], "(", "[") || !isSymbol(inner.at(-1), ")", "]"))
    throw new Unreadable("no shape", end);
  if (inner.slice(1, -1).some((token) => isSymbol(token, "(", ")")))
    throw new Unreadable("several shapes", end);
  return parseList(inner.slice(1, -1), end);
}

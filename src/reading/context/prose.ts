/** The few things that documents say in words beside their formulas: what `*` and what accents mean. */
import type { ReadPiece } from "../latex/parsed.js";
import type { Context } from "./context.js";
import type { Formula } from "../latex/formula.js";

/** “ * ” denotes a convolution */
export const starConvolves = (document: string): boolean =>
  /["\u201c'`$]\s*\*\s*["\u201d'`$]\s+(?:denotes|is|means|stands for)\s+(?:an?\s+|the\s+)?(?:cross-)?(?:convolution|correlation)/iu.test(
    document,
  );
const marked = /\\(tilde|hat|ddot|check|bar|widetilde|widehat)\s*\{?\s*(?:\*|\\?[a-zA-Z]+)/u;

/** `\hat{k}` is the kernel rotated by 180°, with its channels exchanged; `\ddot{δ}` is δ padded. */
export function readAccents(read: readonly ReadPiece[], document: string, context: Context): void {
  for (const { piece } of read) {
    if (piece.kind !== "inline") continue;
    const mark = marked.exec(piece.source)?.[1]?.replace("wide", "");
    if (mark === undefined || context.accents.has(mark)) continue;
    const end = piece.at + piece.source.length;
    const words = /^[^.;]*/u.exec(document.slice(end + 1, end + 220))?.[0] ?? "";
    // up to the next name that is explained
    const own = words.split(/,\s*\$\\(?:tilde|hat|ddot|check|bar)/u)[0]!.replace(/\n\s*\n[^]*$/u, "");
    const exchanged = /exchang|swap|transpos/iu.test(own);
    const rotated = /rotat|flip/iu.test(own);
    const padded = /padded/iu.test(own);
    const inserted = /insert|dilat/iu.test(own);
    if (inserted || !(exchanged || rotated || padded)) continue;
    const padding = padded ? paddingBefore(read, document, piece.at) : undefined;
    if (padded && !padding) continue;
    context.accents.set(mark, { exchanged, rotated, padding, at: piece.at });
  }
}

/** `padding … with $F-1$ zeros on each side`, the last before a place. */
function paddingBefore(read: readonly ReadPiece[], document: string, at: number): Formula | undefined {
  for (const { piece, statements } of read.toReversed()) {
    if (piece.at >= at || piece.kind !== "inline") continue;
    const after = document.slice(piece.at + piece.source.length + 1, piece.at + piece.source.length + 40);
    const before = document.slice(Math.max(0, piece.at - 160), piece.at);
    if (!/^\s*zeros\s+(?:on|at)\s+(?:each|every|both)/iu.test(after) || !/pad/iu.test(before)) continue;
    const [statement] = statements;
    return statement?.kind === "other" ? statement.formula : undefined;
  }
  return undefined;
}

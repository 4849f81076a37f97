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
    const own = words.split(/\$\\(?:wide)?(?:tilde|hat|ddot|check|bar)/u)[0]!.replace(/\n\s*\n[^]*$/u, "");
    const exchanged = /exchang|swap|transpos/iu.test(own);
    const rotated = /rotat|flip/iu.test(own);
    const padded = /padded/iu.test(own);
    const inserted = /insert|dilat/iu.test(own);
    if (!(exchanged || rotated || padded || inserted)) continue;
    const padding = padded
      ? zerosBefore(read, document, piece.at, /pad/iu, /^(?:on|at)\s+(?:each|every|both)/iu)
      : undefined;
    const zeros = inserted ? zerosBefore(read, document, piece.at, /insert/iu, /^between/iu) : undefined;
    if ((padded && !padding) || (inserted && !zeros)) continue;
    context.accents.set(mark, { exchanged, rotated, padding, zeros, at: piece.at });
  }
}

/** `padding … with $F-1$ zeros on each side`, `insert $S-1$ zeros between`: the last before a place. */
function zerosBefore(
  read: readonly ReadPiece[],
  document: string,
  at: number,
  verb: RegExp,
  where: RegExp,
): Formula | undefined {
  for (const { piece, statements } of read.toReversed()) {
    if (piece.at >= at || piece.kind !== "inline") continue;
    const after = document.slice(piece.at + piece.source.length + 1, piece.at + piece.source.length + 40);
    const before = document.slice(Math.max(0, piece.at - 160), piece.at);
    const zeros = /^\s*zeros\s+(?<place>[^]*)/iu.exec(after)?.groups?.["place"];
    if (zeros === undefined || !where.test(zeros) || !verb.test(before)) continue;
    const [statement] = statements;
    return statement?.kind === "other" ? statement.formula : undefined;
  }
  return undefined;
}

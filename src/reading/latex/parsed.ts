/** The formulas of a document, parsed. */
import type { Piece } from "../document/pieces.js";
import { parseStatements, type Statement } from "./rows.js";
import type { Equality } from "./formula.js";
import { Unreadable } from "../document/unreadable.js";

export interface ReadPiece {
  readonly piece: Piece;
  readonly statements: readonly Statement[];
}

/** Parses every formula. What is no LaTeX at all is one statement with the reason. */
export function parsePieces(pieces: readonly Piece[]): readonly ReadPiece[] {
  let before: Equality | undefined;
  return pieces.map((piece) => {
    try {
      const statements = parseStatements(piece.source, piece.macros, before);
      if (piece.kind === "display") before = statements.findLast((one) => one.kind === "equality");
      return { piece, statements };
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      if (piece.kind === "display") before = undefined;
      return {
        piece,
        statements: [{ kind: "other", reason: error.message, at: error.at, end: piece.source.length }],
      };
    }
  });
}

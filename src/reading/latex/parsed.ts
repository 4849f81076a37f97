/** The formulas of a document, parsed. */
import type { Piece } from "../document/pieces.js";
import { parseStatements, type Statement } from "./rows.js";
import { Unreadable } from "../document/unreadable.js";

export interface ReadPiece {
  readonly piece: Piece;
  readonly statements: readonly Statement[];
}

/** Parses every formula. What is no LaTeX at all is one statement with the reason. */
export function parsePieces(pieces: readonly Piece[]): readonly ReadPiece[] {
  return pieces.map((piece) => {
    try {
      return { piece, statements: parseStatements(piece.source, piece.macros) };
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      return {
        piece,
        statements: [{ kind: "other", reason: error.message, at: error.at, end: piece.source.length }],
      };
    }
  });
}

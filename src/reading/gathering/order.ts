/** The order in which equations are gathered: a definition that others are written with comes before them, wherever it stands. */
import type { Context } from "../context/context.js";
import { named } from "../context/names.js";
import type { Piece } from "../document/pieces.js";
import { partsOf, type Equality, type Formula } from "../latex/formula.js";
import type { ReadPiece } from "../latex/parsed.js";

interface Item {
  readonly piece: Piece;
  readonly statement: Equality;
  /** The whole tensor that it defines. */
  readonly defines: string | undefined;
  /** Names without subscripts on its right side, whose shapes nothing else says. */
  readonly needs: ReadonlySet<string>;
}

/** Equations in the document's order, but for those that read a whole tensor which is defined later only. */
export function inOrder(read: readonly ReadPiece[], { survey, tensors }: Context): readonly Item[] {
  const bare = (formula: Formula): string | undefined => {
    const found = formula.kind === "symbol" && formula.primes === 0 ? named(formula, survey) : undefined;
    return found && !found.subs && !survey.indices.has(found.name) ? found.name : undefined;
  };
  const namesIn = (formula: Formula, found: Set<string>): Set<string> => {
    const name = bare(formula);
    if (name !== undefined) found.add(name);
    for (const part of formula.kind === "symbol" ? [] : partsOf(formula)) namesIn(part, found);
    return found;
  };
  const declared = new Set(tensors.map(({ name }) => name));
  const items = read.flatMap(({ piece, statements }): Item[] =>
    statements.flatMap((statement) => {
      if (statement.kind !== "equality") return [];
      const needs = new Set<string>();
      for (const { formula } of statement.steps) if (formula) namesIn(formula, needs);
      return [{ piece, statement, defines: bare(statement.left), needs }];
    }),
  );
  const waiting = [...items];
  const ordered: Item[] = [];
  while (waiting.length > 0) {
    const known = new Set([...declared, ...ordered.flatMap(({ defines }) => defines ?? [])]);
    const later = (item: Item): boolean =>
      [...item.needs].some(
        (name) =>
          !known.has(name) &&
          waiting.some(
            (other) => other !== item && other.defines === name && !other.needs.has(item.defines ?? ""),
          ),
      );
    const at = waiting.findIndex((item) => !later(item));
    ordered.push(...waiting.splice(Math.max(at, 0), 1));
  }
  return ordered;
}

/** Einstein's convention: where a document says that repeated indices are summed, the sums are written out. */
import type { ReadPiece } from "../latex/parsed.js";
import { partsOf, type Formula } from "../latex/formula.js";
import { indexName } from "../context/names.js";
import { split } from "../meaning/access.js";

const says =
  /einstein|summ(?:ed|ation)\s+(?:over|convention)[^.]{0,30}repeated|repeated\s+ind(?:ices|exes)[^.]{0,40}summ|sum\s+over\s+(?:all\s+)?repeated|summation\s+convention/iu;

export const summedOverRepeated = (read: readonly ReadPiece[], document: string): readonly ReadPiece[] =>
  says.test(document)
    ? read.map(({ piece, statements }) => ({
        piece,
        statements: statements.map((statement) => {
          if (statement.kind !== "equality") return statement;
          const outer = new Set(indicesOf(statement.left));
          return {
            ...statement,
            steps: statement.steps.map((step) =>
              step.formula ? { ...step, formula: summed(step.formula, outer) } : step,
            ),
          };
        }),
      }))
    : read;

/** Each term of a sum is summed over the indices that it has twice and that nothing outside has. */
function summed(formula: Formula, outer: ReadonlySet<string>): Formula {
  if (formula.kind === "sum")
    return { ...formula, left: summed(formula.left, outer), right: summed(formula.right, outer) };
  if (formula.kind === "negative") return { ...formula, of: summed(formula.of, outer) };
  const counts = new Map<string, { readonly index: Formula; times: number }>();
  count(formula, counts);
  const repeated = [...counts].filter(([text, { times }]) => times === 2 && !outer.has(text));
  if (repeated.length === 0) return inside(formula, outer);
  const binders = repeated.map(([, { index }]) => ({ index, at: index.at }));
  return { kind: "reduction", op: "sum", binders, body: inside(formula, new Set([...outer, ...repeated.map(([text]) => text)])), at: formula.at }; // prettier-ignore
}

/** Brackets and arguments hold terms of their own. */
function inside(formula: Formula, outer: ReadonlySet<string>): Formula {
  switch (formula.kind) {
    case "product":
    case "quotient":
      return { ...formula, left: inside(formula.left, outer), right: inside(formula.right, outer) };
    case "sum":
    case "negative":
      return summed(formula, outer);
    case "application":
      return { ...formula, arguments: formula.arguments.map((one) => summed(one, outer)) };
    case "cases":
    case "ceil":
    case "comparison":
    case "differential":
    case "either":
    case "element":
    case "floor":
    case "inner":
    case "number":
    case "partial":
    case "power":
    case "reduction":
    case "root":
    case "slice":
    case "symbol":
    case "text":
    case "tuple":
      return formula;
  }
}

/** How often each letter stands below the factors of a product. */
function count(formula: Formula, counts: Map<string, { readonly index: Formula; times: number }>): void {
  if (formula.kind === "symbol") {
    for (const sub of split(formula.subs ?? [])) {
      const text = indexName(sub);
      if (text === undefined) continue;
      const known = counts.get(text);
      if (known) known.times++;
      else counts.set(text, { index: sub, times: 1 });
    }
    return;
  }
  // a power has its base twice
  if (formula.kind === "power" && formula.exponent.kind === "number" && formula.exponent.value === 2) {
    count(formula.base, counts);
    count(formula.base, counts);
    return;
  }
  if (formula.kind === "sum" || formula.kind === "reduction" || formula.kind === "application") return;
  for (const part of partsOf(formula)) count(part, counts);
}

function indicesOf(formula: Formula): readonly string[] {
  if (formula.kind === "symbol") return split(formula.subs ?? []).flatMap((sub) => indexName(sub) ?? []);
  return partsOf(formula).flatMap(indicesOf);
}

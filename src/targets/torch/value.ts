/** A piece of Python with what is known of its value. */
import { atom, type Term } from "../code/term.js";

export interface Value {
  readonly term: Term;
  /** A number of Python, else a tensor. */
  readonly isNumber: boolean;
  /** The indices on which it depends: along their axes a tensor has their extents, along others 1. */
  readonly support: ReadonlySet<string>;
}

export const number = (term: Term | string): Value => ({
  term: typeof term === "string" ? atom(term) : term,
  isNumber: true,
  support: new Set(),
});
export const tensor = (term: Term | string, support: ReadonlySet<string> = new Set()): Value => ({
  term: typeof term === "string" ? atom(term) : term,
  isNumber: false,
  support,
});
/** What is made of these values: a number of numbers. */
export const madeOf = (parts: readonly Value[], term: Term): Value => ({
  term,
  isNumber: parts.every((p) => p.isNumber),
  support: unionOf(parts),
});
export const unionOf = (parts: readonly Pick<Value, "support">[]): ReadonlySet<string> =>
  new Set(parts.flatMap(({ support }) => [...support]));
export const holdsAll = (all: ReadonlySet<string>, some: Iterable<string>): boolean =>
  [...some].every((name) => all.has(name));

/** Integers found once for each value of a loop's index, before all loops. */
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import type { Code } from "./program.js";
import { eachCode } from "./walk-code.js";

/** Integers by an index, computed before the loops. */
export interface Table {
  readonly name: string;
  readonly extent: Int;
  /** The loop index that it is read at. */
  readonly along: string;
  /** The index of the loop that fills it, and what is stored. */
  readonly at: string;
  readonly value: Int;
}

/** The loops that fill the tables: one for all tables of one index. */
export const fillings = (tables: readonly Table[]): readonly Code[] =>
  [...new Set(tables.map((t) => t.at))].flatMap((at) => filling(tables.filter((t) => t.at === at)));
function filling(tables: readonly Table[]): readonly Code[] {
  const [first] = tables;
  if (!first) return [];
  const body = tables.map(({ name, at, value }): Code => ({
    kind: "store",
    buffer: name,
    offset: integer.variable(at),
    value,
  }));
  return [{ kind: "loop", index: first.at, from: integer.zero, to: first.extent, step: integer.one, body }];
}

/** Whether a table is cheaper than the value: it divides, or takes several extrema. */
export function isCostly(value: Int): boolean {
  let extrema = 0;
  let divides = false;
  integer.eachAtom(value, ({ kind }) => {
    if (kind === "min" || kind === "max") extrema++;
    divides ||= kind === "floor" || kind === "exact" || kind === "modulo";
  });
  return divides || extrema > 2;
}

/** The tables whose elements the code defines integers by. */
export function tablesRead(tables: readonly Table[], code: readonly Code[]): readonly Table[] {
  const read = new Set<string>();
  eachCode(code, (c) => {
    if (c.kind === "integer")
      integer.eachAtom(c.value, (atom) => {
        if (atom.kind === "element") read.add(atom.tensor);
      });
  });
  return tables.filter((t) => read.has(t.name));
}

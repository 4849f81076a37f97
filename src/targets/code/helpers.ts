/** Helpers: functions of a target's own, which generated code carries where it uses them. */
import type { FunctionName } from "../../notation/expression.js";

export interface Needing<Name extends string = string> {
  /** Helpers that it calls. */
  readonly needs?: readonly Name[];
}
export interface Helper<Name extends string = string> extends Needing<Name> {
  readonly source: string;
}
type Table<Name extends string> = Readonly<Record<Name, Needing<Name>>>;

export const namesOf = <Name extends string>(table: Table<Name>): readonly Name[] =>
  Object.keys(table).filter((name): name is Name => Object.hasOwn(table, name));

/** The helpers used and those that they need, always in the order of the table. */
export function withNeeds<Name extends string>(table: Table<Name>, used: Iterable<Name>): readonly Name[] {
  const all = new Set<Name>();
  const include = (name: Name): void => {
    all.add(name);
    table[name].needs?.forEach(include);
  };
  for (const name of used) include(name);
  return namesOf(table).filter((name) => all.has(name));
}

/** What a target calls by another name than the language's, and what that name is. */
export type Renamed<Name extends string> = Partial<Record<FunctionName | "cube", Name>>;
/** Functions that no target has, or none as the language means them: all have helpers for them. */
export const always = {
  sigmoid: "sigmoid",
  softplus: "softplus",
  relu: "relu",
  erf: "erf",
  gelu: "gelu",
  square: "square",
  cube: "cube",
} as const;

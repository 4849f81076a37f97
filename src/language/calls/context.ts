/** What the calls of one text share. */
import { freshNames, type Fresh } from "../../notation/fresh.js";
import { keyOf, variablesOf, type Int } from "../../notation/integer.js";
import { keyOfCondition } from "../../notation/key.js";
import {
  cotangentName,
  type DerivedSize,
  type RealConstant,
  type Requirement,
} from "../../notation/layer.js";
import { isPlanMember, isTaken } from "../names.js";
import { printInt } from "../print-integers.js";
import type { Symbols, TensorEntry } from "../scope.js";
import type { Statements } from "../statements.js";
import type { Report } from "../tokens.js";

export interface Context {
  readonly symbols: Symbols;
  readonly report: Report;
  /** Where what a call means goes. */
  readonly into: Statements;
  readonly derived: DerivedSize[];
  readonly constants: RealConstant[];
  readonly requirements: Requirement[];
  /** How many calls of each layer stand without a statement of their own. */
  readonly numbers: Map<string, number>;
  /** Every name that the text gives something, and those that calls have made. */
  readonly taken: Set<string>;
  /** Finds the shapes of all tensors so far. */
  readonly settle: () => void;
  /** Sizes written out by what they are defined as. */
  readonly expanded: (value: Int) => Int;
}

/** A name for what a call makes: it and its cotangent are nothing else's. */
export function madeName(base: string, { taken, symbols }: Context): string {
  const isFree = (name: string): boolean =>
    !symbols.values.has(name) &&
    !symbols.tensors.has(name) &&
    !symbols.cotangents.has(name) &&
    !symbols.tensors.has(cotangentName(name)) &&
    !symbols.values.has(cotangentName(name)) &&
    !taken.has(cotangentName(name)) &&
    !isTaken(name) &&
    !isPlanMember(name);
  for (let i = 1; ; i++) {
    const name = i === 1 ? base : `${base}_${i}`;
    if (taken.has(name) || !isFree(name)) continue;
    taken.add(name);
    return name;
  }
}

/** Names for the indices of a whole tensor, as papers choose them: n over N. */
export function indexNames(
  shape: readonly Int[],
  others: Iterable<string>,
  context: Context,
): readonly string[] {
  const fresh = freshIndices(others, context);
  return shape.map((extent, axis) => fresh.index(letterOf(extent) ?? letters[axis % letters.length] ?? "i"));
}
/** Indices that hide no value of the text. */
export const freshIndices = (others: Iterable<string>, { symbols }: Context): Fresh =>
  freshNames([...others, ...symbols.values.keys(), ...scalarsOf(symbols)]);
export const scalarsOf = ({ tensors }: Symbols): readonly string[] =>
  [...tensors.values()].filter((t) => t.rank === 0).map((t) => t.name);
const letters = ["i", "j", "k", "l", "m", "p", "q", "r"];
function letterOf(extent: Int): string | undefined {
  const [name = "", ...more] = variablesOf(extent);
  return more.length === 0 && /^\p{Lu}$/u.test(name) && name !== "E" ? name.toLowerCase() : undefined;
}

/** The shape as it is printed. Open extents are those of which a problem has been told. */
export const printedShape = (shape: readonly Int[]): readonly string[] => shape.map((e) => printInt(e));
export const isClosed = ({ shape }: TensorEntry): boolean =>
  shape?.every((extent) => [...variablesOf(extent)].every((name) => !name.startsWith("?"))) ?? false;

export const isEqual = (a: Int, b: Int, { expanded }: Pick<Context, "expanded">): boolean =>
  keyOf(a) === keyOf(b) || keyOf(expanded(a)) === keyOf(expanded(b));
export const areEqual = (a: readonly Int[], b: readonly Int[], context: Pick<Context, "expanded">): boolean =>
  a.length === b.length && a.every((extent, axis) => isEqual(extent, b[axis]!, context));

/** Adds what a call requires of sizes and params; once, where calls require the same. */
export function requireOnce(requirement: Requirement, { requirements }: Pick<Context, "requirements">): void {
  const keyOf = ({ condition, message }: Requirement): string => `${keyOfCondition(condition)} ${message}`;
  const key = keyOf(requirement);
  if (!requirements.some((r) => keyOf(r) === key)) requirements.push(requirement);
}

/** What is known of the names in scope. */
import { conjuncts } from "../notation/construct.js";
import type { Condition } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";

/** lower <= name <= upper; either may be unknown. */
export interface Range {
  readonly lower?: Int | undefined;
  readonly upper?: Int | undefined;
}

/** The range of an integer tensor's values. */
export interface ElementRange extends Range {
  /** Rounded reals: a negative one is a place like others, and no argmax over no points. */
  readonly rounded?: boolean | undefined;
}

export interface Facts {
  /** Ranges of indices and binders; later ones may use earlier ones. */
  readonly ranges: ReadonlyMap<string, Range>;
  /** Derived sizes, to be replaced by what they are. */
  readonly definitions: ReadonlyMap<string, Int>;
  /** Values known to be >= 0 (requirements, conditions of enclosing guards). */
  readonly known: readonly Int[];
  /** Lower bounds of integer tensors' values, exclusive upper bounds. */
  readonly elements: ReadonlyMap<string, ElementRange>;
  /** Names that are at least 1: sizes, positive params. */
  readonly sizes: ReadonlySet<string>;
  /** Derivatives that may be infinite where the outputs are finite. */
  readonly unbounded?: ReadonlySet<string>;
  /** Extents of tensors, where they are known. */
  readonly shapes?: ReadonlyMap<string, readonly Int[]>;
}
export const noFacts: Facts = {
  ranges: new Map(),
  definitions: new Map(),
  known: [],
  elements: new Map(),
  sizes: new Set(),
};

export function withRanges(facts: Facts, ranges: readonly (readonly [string, Range])[]): Facts {
  if (ranges.length === 0) return facts;
  const all = new Map(facts.ranges);
  for (const [name, range] of ranges) all.set(name, range);
  return { ...facts, ranges: all };
}
export const withRange = (facts: Facts, name: string, range: Range): Facts =>
  withRanges(facts, [[name, range]]);
/** Adds 0 <= name < extent. */
export const withIndex = (facts: Facts, name: string, extent: Int): Facts =>
  withRange(facts, name, { lower: integer.zero, upper: integer.minus(extent, integer.one) });
/** Adds what a condition says of integers. */
export function assuming(facts: Facts, condition: Condition): Facts {
  const known = conjuncts(condition).flatMap((c) =>
    c.kind === "nonnegative" ? [c.value] : c.kind === "zero" ? [c.value, integer.negate(c.value)] : [],
  );
  return known.length === 0 ? facts : { ...facts, known: [...facts.known, ...known] };
}

/** Derived sizes replaced by their definitions, all the way down. */
export function expand(facts: Facts, value: Int): Int {
  let current = value;
  for (let i = 0; i < 16; i++) {
    const next = integer.substituteInt(current, facts.definitions);
    if (next === current) break;
    current = next;
  }
  return current;
}

/**
 * Walking a box of reduced indices in row-major order without divisions: quantities that are affine in them are
 * kept in counters and stepped; where an index runs over, the next one steps.
 */
import { simplifyInt } from "../../algebra/integers.js";
import * as build from "../../notation/construct.js";
import type { Binder } from "../../notation/expression.js";
import { bare } from "../../notation/fresh.js";
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import type { Builder } from "../block.js";
import type { Code } from "../program.js";

/** A quantity kept in step: its name, and what it gains with each index, the last index fastest. */
interface Tracked {
  readonly name: string;
  readonly gains: readonly Int[];
}
export interface Odometer {
  /** Steps every counter to the next point. */
  readonly step: readonly Code[];
  /** The tracked quantities as variables. */
  readonly values: readonly Int[];
}

/** What a quantity gains with each binder; undefined where it is not affine in them. */
export function gainsOf(value: Int, binders: readonly Binder[]): readonly Int[] | undefined {
  const names = new Set(binders.map((b) => b.name));
  const gains: Int[] = [];
  for (const b of binders) {
    const parts = integer.affineIn(value, b.name);
    if (!parts || [...integer.variablesOf(parts.coefficient)].some((n) => names.has(n))) return undefined;
    gains.push(parts.coefficient);
  }
  return gains;
}

/** Whether a quantity with these gains goes up by the same amount at every point of the box. */
export const isEven = (binders: readonly Binder[], gains: readonly Int[]): boolean =>
  gains.every((gain, i) => {
    const [next, extent] = [gains[i + 1], binders[i + 1]?.upper];
    return !next || !extent || integer.equal(gain, integer.times(extent, next));
  });

/**
 * Declares the counters at the point `start` (the binders' values) and gives the code that steps them.
 * Every quantity must be affine in the binders.
 */
export function emitOdometer(
  builder: Builder,
  binders: readonly Binder[],
  start: readonly Int[],
  quantities: readonly { readonly name: string; readonly value: Int }[],
): Odometer {
  const at = new Map(binders.map((b, i) => [b.name, start[i] ?? integer.zero]));
  const tracked = quantities.map(({ name, value }): Tracked => {
    const gains = gainsOf(value, binders);
    if (!gains) throw new Error(`${name} is not affine in the reduced indices`);
    const first = simplifyInt(integer.substituteInt(value, at), builder.facts);
    return { name: builder.counter(name, first), gains };
  });
  return {
    step: stepFrom(builder, mergeLevels(binders, start, tracked)),
    values: tracked.map((t) => integer.variable(t.name)),
  };
}

interface Level {
  readonly name: string;
  readonly extent: Int;
  readonly start: Int;
  readonly gains: readonly { readonly name: string; readonly gain: Int }[];
}

/** Two neighbouring indices step as one where every quantity runs on evenly from one into the other. */
function mergeLevels(
  binders: readonly Binder[],
  start: readonly Int[],
  tracked: readonly Tracked[],
): readonly Level[] {
  const levels: Level[] = [];
  binders.forEach((b, i) => {
    const gains = tracked.map((t) => ({ name: t.name, gain: t.gains[i] ?? integer.zero }));
    const level = { name: b.name, extent: b.upper, start: start[i] ?? integer.zero, gains };
    const outer = levels.at(-1);
    const runsOn = outer?.gains.every(({ gain }, t) =>
      integer.equal(gain, integer.times(level.extent, gains[t]?.gain ?? integer.zero)),
    );
    if (!outer || !runsOn) levels.push(level);
    else
      levels[levels.length - 1] = {
        ...level,
        extent: integer.times(outer.extent, level.extent),
        start: integer.plus(integer.times(outer.start, level.extent), level.start),
      };
  });
  return levels;
}

/** The innermost level steps; where it has run over, it goes back and the next one steps. */
function stepFrom(builder: Builder, levels: readonly Level[]): readonly Code[] {
  const counters = levels.map((level, i) => {
    if (i === 0) return undefined; // the outermost index never runs over within a block
    return builder.counter(bare(level.name), level.start);
  });
  const gain = (name: string, by: Int): readonly Code[] =>
    by.monomials.length === 0
      ? []
      : [{ kind: "assign", name, value: integer.plus(integer.variable(name), by) }];
  const stepLevel = (at: number): readonly Code[] => {
    const level = levels[at];
    if (!level) return [];
    const counter = counters[at];
    const moves = level.gains.flatMap(({ name, gain: by }) => gain(name, by));
    if (counter === undefined) return moves;
    const back = level.gains.flatMap(({ name, gain: by }) =>
      gain(name, integer.negate(integer.times(level.extent, by))),
    );
    return [
      ...moves,
      ...gain(counter, integer.one),
      {
        kind: "if",
        condition: build.equals(integer.variable(counter), level.extent),
        then: merged([{ kind: "assign", name: counter, value: integer.zero }, ...back, ...stepLevel(at - 1)]),
        otherwise: [],
      },
    ];
  };
  return stepLevel(levels.length - 1);
}

/** x += a; x += b becomes x += a + b. */
function merged(code: readonly Code[]): readonly Code[] {
  const result: Code[] = [];
  for (const c of code) {
    const at = result.findIndex((o) => o.kind === "assign" && c.kind === "assign" && o.name === c.name);
    const other = result[at];
    if (
      other?.kind !== "assign" ||
      c.kind !== "assign" ||
      c.value.kind !== "int" ||
      other.value.kind !== "int"
    ) {
      result.push(c);
      continue;
    }
    const added = integer.minus(c.value, integer.variable(c.name));
    const value = integer.plus(other.value, added);
    if (integer.equal(value, integer.variable(c.name))) result.splice(at, 1);
    else result[at] = { ...other, value };
  }
  return result;
}

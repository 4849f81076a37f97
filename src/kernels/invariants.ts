/**
 * What does not change in a loop is computed before it: x[c]·w[n]·r[n] in a loop over c is read and multiplied once
 * outside. Engines cannot do it: as far as they know, a store in the loop may change what is read.
 */
import * as build from "../notation/construct.js";
import type { Condition, Expression } from "../notation/expression.js";
import { jumps } from "../primitives/index.js";
import { literal } from "../notation/integer.js";
import { keyOfExpression } from "../notation/key.js";
import { mapChildren, mapConditionChildren, rewrite, tensorsIn, walk } from "../notation/traverse.js";
import type { Code } from "./program.js";
import { buffersWritten, eachCode, mapCode, namesMade, namesUsed } from "./walk-code.js";

/** Where an expression stands. */
interface Place {
  /** Seen by a function that jumps or a comparison, so that products must stay as they are rounded. */
  readonly exact: boolean;
  /** Computed only where a condition holds. */
  readonly conditional: boolean;
  /** What it is to the expression around it, which names it. */
  readonly part: "factor" | "term" | "fixed";
}
const anywhere: Place = { exact: false, conditional: false, part: "fixed" };

/** The code with invariants before their loops; `fresh` gives a name not used in the kernel yet. */
export function hoistInvariants(code: readonly Code[], fresh: (base: string) => string): readonly Code[] {
  const written = buffersWritten(code);
  const assigned = new Set<string>();
  eachCode(code, (c) => {
    if (c.kind === "assign") assigned.add(c.name);
  });
  return inBlock(code);

  function inBlock(block: readonly Code[]): readonly Code[] {
    // what one loop of the block has named before it serves the later ones too
    const known = new Map<string, Expression>();
    return block.flatMap((c) => {
      if (c.kind !== "loop") return [mapCode(c, { expression: same, block: inBlock })];
      const before: Code[] = [];
      const body = inBlock(c.body);
      const moving = new Set(namesMade([{ ...c, body }]));
      const lift = lifting({ moving, written, assigned, known, before, fresh });
      const elsewhere = new Map<string, Expression>();
      // a number that is known by another name is read by that one from here on, by what moves out as well
      const rest = body.flatMap((own) =>
        withReals([own], elsewhere).flatMap((part) => {
          if (part.kind !== "real" || !lift.isInvariant(part.value)) return [lift.code(part)];
          const known = lift.moved(part.name, part.value);
          if (known) elsewhere.set(part.name, known);
          moving.delete(part.name);
          return [];
        }),
      );
      return [...before, { ...c, body: rest }];
    });
  }
}

interface Lifting {
  /** Names that change, so that what mentions them stays. */
  readonly moving: ReadonlySet<string>;
  /** Buffers that change. */
  readonly written: ReadonlySet<string>;
  /** Local numbers that change somewhere: what mentions them is not the same value everywhere. */
  readonly assigned: ReadonlySet<string>;
  /** Values named so far, by their keys. */
  readonly known: Map<string, Expression>;
  /** Where names are declared. */
  readonly before: Code[];
  readonly fresh: (base: string) => string;
}

/** Takes what does not move out of expressions, under names declared before them. */
export function lifting({ moving, written, assigned, known, before, fresh }: Lifting) {
  const isInvariant = (e: Expression): boolean =>
    ![...namesUsed(e)].some((name) => moving.has(name)) && ![...tensorsIn(e)].some((t) => written.has(t));
  const declare = (name: string, e: Expression): Expression => {
    before.push({ kind: "real", name, value: e });
    const parameter: Expression = { kind: "parameter", name };
    if (![...namesUsed(e)].some((used) => assigned.has(used))) known.set(keyOfExpression(e), parameter);
    return parameter;
  };
  /** A local of the loop declared before it, or what has its value there already. */
  const moved = (name: string, e: Expression): Expression | undefined => {
    const other = known.get(keyOfExpression(e));
    if (!other) declare(name, e);
    return other;
  };
  const named = (e: Expression, place: Place): Expression => {
    const [sign, core] = build.splitCoefficient(e);
    // a - b, not a + c with c = -b
    if (build.isConstant(sign, -1)) return build.negate(isWorthAName(core) ? named(core, place) : core);
    const name = (): string => fresh(e.kind === "read" ? `${e.tensor}_row` : place.part);
    return known.get(keyOfExpression(e)) ?? declare(name(), e);
  };
  const value = (e: Expression, place: Place): Expression => {
    if (isInvariant(e)) return isWorthAName(e) && isSafe(e, place) ? named(e, place) : e;
    if (e.kind === "multiply") return product(e.factors, place);
    const inside: Place = {
      ...place,
      exact: place.exact || (e.kind === "call" && jumps(e.name)),
      part: e.kind === "add" ? "term" : "fixed",
    };
    if (e.kind === "select") {
      const branch = (part: Expression): Expression => value(part, { ...inside, conditional: true });
      return build.select(condition(e.condition, inside), branch(e.whenTrue), branch(e.whenFalse));
    }
    return mapChildren(e, {
      expression: (part) => value(part, inside),
      condition: (c) => condition(c, inside),
    });
  };
  const condition = (c: Condition, place: Place): Condition => {
    const conditional = place.conditional || c.kind === "and" || c.kind === "or";
    const inside: Place = { exact: true, conditional, part: "fixed" };
    return mapConditionChildren(c, {
      expression: (part) => value(part, inside),
      condition: (part) => condition(part, inside),
    });
  };
  /** Fixed factors become one; a quotient alone stays one, so that x / x is 1. */
  const product = (factors: readonly Expression[], place: Place): Expression => {
    const inside: Place = { ...place, part: "factor" };
    const isFixed = (f: Expression): boolean => isInvariant(f) && isSafe(f, place);
    const fixed = factors.filter(isFixed);
    const multiplied = fixed.filter((f) => f.kind !== "constant" && !isInverse(f));
    if (place.exact || multiplied.length === 0 || fixed.length === 1)
      return build.multiply(
        ...factors.map((f) => (isFixed(f) && isInverse(f) ? inverse(f, inside) : value(f, inside))),
      );
    const moves = factors.filter((f) => !isFixed(f)).map((f) => value(f, inside));
    return build.multiply(value(build.multiply(...fixed), inside), ...moves);
  };
  const inverse = (e: Expression, place: Place): Expression =>
    e.kind === "raise" ? build.raise(value(e.base, place), e.exponent) : e;
  const code = (c: Code): Code =>
    c.kind === "loop"
      ? c
      : c.kind === "if"
        ? { ...c, condition: condition(c.condition, anywhere) }
        : mapCode(c, { expression: (e) => value(e, anywhere), block: same });
  return { isInvariant, moved, code };
}

const same = <T>(value: T): T => value;

/** The code with other values for some of its local numbers. */
function withReals(block: readonly Code[], values: ReadonlyMap<string, Expression>): readonly Code[] {
  if (values.size === 0) return block;
  const expression = (e: Expression): Expression =>
    rewrite(e, (part) => (part.kind === "parameter" ? (values.get(part.name) ?? part) : part));
  return block.map((c) => mapCode(c, { expression, block: (inner) => withReals(inner, values) }));
}

const isInverse = (e: Expression): boolean =>
  e.kind === "raise" && e.exponent.kind === "constant" && build.valueOf(e.exponent) < 0 && !isNumber(e);

/** Of constants alone: sqrt(2π). */
function isNumber(e: Expression): boolean {
  let fixed = true;
  walk(e, {
    expression: (part) =>
      void (fixed &&= part.kind !== "read" && part.kind !== "parameter" && part.kind !== "integer"),
  });
  return fixed;
}

/** More than a name, a number or arithmetic on sizes alone, which engines move themselves. */
function isWorthAName(e: Expression): boolean {
  if (e.kind === "parameter" || e.kind === "constant" || e.kind === "named") return false;
  let real = isNumber(e);
  walk(e, { expression: (part) => void (real ||= part.kind === "read" || part.kind === "parameter") });
  return real;
}

/** Whether it may be computed where it might not have been: of what a branch reads, only scalars. */
function isSafe(e: Expression, { conditional }: Place): boolean {
  let safe = true;
  walk(e, {
    expression: (part) => {
      if (conditional && part.kind === "read")
        safe &&= part.subscripts.every((s) => literal(s) !== undefined);
    },
  });
  return safe;
}

/**
 * From guards to loop limits: a·r + e >= 0 bounds r, a·r + e ≡ 0 (mod d) sets where it starts and its step, so
 * that nothing is tested inside the loop. What arithmetic on the limits cannot say is left over.
 */
import { isNegative, isPositive, simplifyInt } from "../algebra/integers.js";
import * as build from "../notation/construct.js";
import type { Binder, Condition } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { withRange, type Facts } from "../ranges/prove.js";
import type { PlanConstants } from "./constants.js";

export interface Limits {
  readonly from: Int;
  readonly to: Int;
  readonly step: Int;
  /** Must hold, else the loop has no points; free of the index. */
  readonly precondition: Condition;
  /** Still to be tested inside. */
  readonly rest: readonly Condition[];
}

/** `conditions` mention the binder and nothing bound further in; `name` gives a value that is used twice a name. */
export function limitsOf(
  binder: Binder,
  conditions: readonly Condition[],
  facts: Facts,
  constants: PlanConstants,
  name: (value: Int, base: string) => Int,
): Limits {
  let { lower: from, upper: to } = binder;
  const inside = withRange(facts, binder.name, { lower: from, upper: integer.minus(to, integer.one) });
  const rest: Condition[] = [];
  let congruence: Congruence | undefined;
  const raise = (bound: Int): void => void (from = simplifyInt(integer.extremum("max", from, bound), facts));
  const lower = (end: Int): void => void (to = simplifyInt(integer.extremum("min", to, end), facts));
  for (const original of conditions) {
    const condition = cleared(original, inside);
    const parts = "value" in condition && typeof condition.value === "object" ? condition.value : undefined;
    const affine = parts && integer.affineIn(parts, binder.name);
    if (condition.kind === "zero" && parts && !affine && !congruence) {
      congruence = congruenceOf(parts, binder.name, facts);
      if (congruence) continue;
    }
    const up = affine && isPositive(affine.coefficient, facts);
    const down = affine && !up && isNegative(affine.coefficient, facts);
    if (!affine || (!up && !down) || integer.holdsElement(affine.rest)) {
      rest.push(original);
      continue;
    }
    const a = up ? affine.coefficient : integer.negate(affine.coefficient);
    const e = affine.rest;
    if (condition.kind === "nonnegative") {
      if (up)
        raise(integer.ceilDivide(integer.negate(e), a)); // r >= -e/a
      else lower(integer.plus(integer.floorDivide(e, a), integer.one)); // r <= e/a
    } else {
      // a·r = ∓e: at most one point
      const value = up ? integer.negate(e) : e;
      raise(integer.ceilDivide(value, a));
      lower(integer.plus(integer.floorDivide(value, a), integer.one));
    }
  }
  if (!congruence) return { from, to, step: integer.one, precondition: build.truth, rest };
  const least = integer.literal(from) === undefined ? name(from, "Least") : from;
  return { ...steps(congruence, least, constants), to, rest };
}

/** a·r + e ≡ 0 (mod d), a > 0. */
interface Congruence {
  readonly a: Int;
  readonly e: Int;
  readonly d: Int;
}

function congruenceOf(value: Int, name: string, facts: Facts): Congruence | undefined {
  const [m] = value.monomials;
  const [atom] = m?.factors ?? [];
  if (value.monomials.length !== 1 || m?.factors.length !== 1 || atom?.kind !== "modulo") return undefined;
  if (integer.mentions(atom.modulus, name) || !isPositive(atom.modulus, facts)) return undefined;
  const affine = integer.affineIn(atom.value, name);
  if (!affine || integer.holdsElement(atom.value)) return undefined;
  const { coefficient, rest } = affine;
  if (isPositive(coefficient, facts)) return { a: coefficient, e: rest, d: atom.modulus };
  if (isNegative(coefficient, facts))
    return { a: integer.negate(coefficient), e: integer.negate(rest), d: atom.modulus };
  return undefined;
}

/**
 * With g = gcd(a, d): no solution unless g | e; else r ≡ -(e/g)·(a/g)⁻¹ (mod d/g). The loop starts at the first
 * such r >= from and steps by d/g.
 */
function steps({ a, e, d }: Congruence, from: Int, constants: PlanConstants) {
  const g = constants.gcd(a, d);
  const step = constants.quotient(d, g);
  const inverse = constants.inverse(constants.quotient(a, g), step);
  const solution = integer.times(integer.negate(integer.exactDivide(e, g)), inverse);
  const start = integer.plus(from, integer.modulo(integer.minus(solution, from), step));
  return { from: start, step, precondition: build.divides(g, e) };
}

const cleared = (condition: Condition, facts: Facts): Condition =>
  condition.kind === "nonnegative"
    ? build.nonNegative(condition.value, (d) => isPositive(d, facts))
    : condition;

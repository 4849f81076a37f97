/** One statement backwards: from the cotangent of what it defines to what each read contributes. */
import { renameApart } from "../notation/binders.js";
import * as build from "../notation/construct.js";
import type { Binder, Condition, Expression, Read, Reduction } from "../notation/expression.js";
import { isOverIntegers } from "../algebra/integers.js";
import { isAlwaysPositive, isNeverZero, type Known } from "../algebra/real-signs.js";
import type { Fresh } from "../notation/fresh.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import type { Statement } from "../notation/layer.js";
import { mapChildren, namesIn, tensorsIn, tensorsInCondition } from "../notation/traverse.js";
import { primitives } from "../primitives/index.js";
import type { Facts } from "../ranges/prove.js";
import { whereOthersAreNotZero, type Vanishes } from "./zeros.js";
import { boxExtents, flatPosition, fromZero } from "./positions.js";

/** dX[m] += Σ_{scope, guard, subscripts = m} adjoint. */
export interface Contribution {
  readonly tensor: string;
  /** The derivative with respect to the tensor that reads X, a factor of the adjoint. */
  readonly cotangent: string;
  /** How many binders of the scope are that tensor's indices; the others are summed over in its definition. */
  readonly outer: number;
  readonly subscripts: readonly Int[];
  readonly scope: readonly Binder[];
  readonly guard: Condition;
  readonly adjoint: Expression;
}

export interface AdjointContext {
  /** Tensors that carry a derivative. */
  readonly active: ReadonlySet<string>;
  /** The argmax (argmin) of the statement, where it is a max (min). */
  readonly selector: string | undefined;
  readonly fresh: Fresh;
  readonly facts: Facts;
  readonly known: Known;
  /** Whether the slope of a formula may be infinite where the outputs are finite. */
  readonly mayBreak: (e: Expression) => boolean;
  readonly vanishes: Vanishes;
}

/** The contributions of every active read of the statement, given the name of the cotangent of its left-hand side. */
export function contributionsOf(
  statement: Statement,
  cotangent: string,
  context: AdjointContext,
): Contribution[] {
  const found: Contribution[] = [];
  const outer = statement.indices.length;
  const scope = statement.indices.map((i) => ({ name: i.name, lower: integer.zero, upper: i.extent }));
  const own = build.read(statement.tensor, statement.subscripts);
  /** `isRoot`: it is the whole right-hand side, or a branch of it: where it is evaluated, it is the tensor's value. */
  const through = (e: Expression, adjoint: Expression, point: Point, isRoot = false): void => {
    if (build.isConstant(adjoint, 0) || !dependsOn(e, context.active)) return;
    switch (e.kind) {
      case "read":
        found.push({ ...point, tensor: e.tensor, cotangent, outer, subscripts: e.subscripts, adjoint });
        return;
      case "add":
        for (const term of e.terms) through(term, adjoint, point);
        return;
      case "multiply":
        e.factors.forEach((factor, i) => {
          const others = scaleBy(adjoint, build.multiply(...e.factors.filter((_, j) => j !== i)));
          // 0·∞ is 0 where a branch makes it 0
          const there = context.mayBreak(factor)
            ? whereOthersAreNotZero(e.factors, factor, context.vanishes)
            : build.truth;
          through(factor, build.select(there, others, build.zero), point);
        });
        return;
      case "raise":
        throughPower(e, adjoint, point, isRoot);
        return;
      case "call": {
        const { derivative, fromValue } = primitives[e.name];
        const [u = build.zero, v = build.zero] = e.arguments;
        // at the root of a statement the function's value is the tensor itself: f' through the value
        if (fromValue && isRoot) return through(u, scaleBy(adjoint, fromValue(own)), point);
        derivative(u, v).forEach((partial, i) => {
          const argument = e.arguments[i];
          if (argument) through(argument, scaleBy(adjoint, partial), point);
        });
        return;
      }
      case "select": {
        throughSelect(e.condition, e.whenTrue, adjoint, point, isRoot);
        throughSelect(build.not(e.condition), e.whenFalse, adjoint, point, isRoot);
        return;
      }
      case "reduction":
        throughReduction(e, adjoint, point);
        return;
      case "constant":
      case "integer":
      case "named":
      case "pad":
      case "parameter":
      case "stop":
        return; // constants, stop(e)
    }
  };

  const throughPower = (
    e: Extract<Expression, { kind: "raise" }>,
    adjoint: Expression,
    point: Point,
    isRoot: boolean,
  ): void => {
    if (isRoot && build.isConstant(e.exponent, -1)) {
      const radicand = e.base.kind === "call" && e.base.name === "sqrt" ? e.base.arguments[0] : undefined;
      // y = 1/√u: ∂y/∂u = -y³/2;  y = 1/u: ∂y/∂u = -y²
      const slope = radicand
        ? build.multiply(build.rational(-1, 2), build.raise(own, build.rational(3)))
        : build.negate(build.raise(own, build.rational(2)));
      return through(radicand ?? e.base, scaleBy(adjoint, slope), point);
    }
    // ∂(b^n)/∂b = n·b^(n-1);  ∂(b^n)/∂n = b^n·ln b
    const { base, exponent } = e;
    const lower = build.raise(base, build.subtract(exponent, build.one));
    const { byBase, byExponent } = wherePowerMoves(base, exponent);
    throughSelect(byBase, base, scaleBy(adjoint, build.multiply(exponent, lower)), point);
    throughSelect(
      byExponent,
      exponent,
      scaleBy(adjoint, build.multiply(e, build.call("log", [base]))),
      point,
    );
  };

  /** Where b^n changes with b, and where with n: b^0 is 1 wherever b is, and 0^n is 0 for all n > 0. */
  const wherePowerMoves = (base: Expression, exponent: Expression) => {
    const { known, active } = context;
    const whole = build.intOf(exponent);
    if (whole) return { byBase: build.not(build.isZero(whole)), byExponent: build.truth };
    const moves = (e: Expression): Condition =>
      isNeverZero(e, known) ? build.truth : build.compare("!=", e, build.zero);
    const isBelow = isAlwaysPositive(exponent, known)
      ? build.falsehood
      : build.compare("<=", exponent, build.zero);
    return {
      // where n moves too, n·b^(n-1) has a derivative by n at 0, but where b is 0
      byBase:
        dependsOn(exponent, active) || isNeverZero(base, known)
          ? build.or(moves(base), moves(exponent))
          : moves(exponent),
      byExponent: build.or(moves(base), isBelow),
    };
  };

  const throughSelect = (
    condition: Condition,
    branch: Expression,
    adjoint: Expression,
    point: Point,
    isRoot = false,
  ): void => {
    if (tensorsInCondition(condition).size === 0 && isOverIntegers(condition))
      return through(branch, adjoint, { ...point, guard: build.and(point.guard, condition) }, isRoot);
    through(branch, build.select(condition, adjoint, build.zero), point, isRoot);
  };

  const throughReduction = (e: Reduction, adjoint: Expression, point: Point): void => {
    const used = namesIn(adjoint, new Set(point.scope.map((b) => b.name)));
    const renamed = renameApart(e, used, context.fresh);
    const inner: Point = {
      scope: [...point.scope, ...renamed.binders],
      guard: build.and(point.guard, renamed.guard),
    };
    switch (e.name) {
      case "sum":
        return through(renamed.body, adjoint, inner);
      case "max":
      case "min": {
        if (!context.selector)
          throw new Error(`${statement.tensor}: a ${e.name} inside a formula was not taken out`);
        // only the first point that attains the extreme: its position is the saved argmax
        const counted = fromZero(renamed);
        const box: Point = {
          scope: [...point.scope, ...counted.binders],
          guard: build.and(point.guard, counted.guard),
        };
        const extents = boxExtents(counted.binders, context.facts, box.scope);
        const chosen = build.equals(
          flatPosition(counted.binders, extents),
          integer.element(context.selector, statement.subscripts),
        );
        return through(counted.body, adjoint, { ...box, guard: build.and(box.guard, chosen) });
      }
      case "prod": {
        // ∂Π/∂b(ρ) = Π_{ρ' ≠ ρ} b(ρ'): no division, zeros are legal
        const others = renameApart(
          e,
          new Set([...used, ...renamed.binders.map((b) => b.name)]),
          context.fresh,
        );
        const differs = build.or(
          ...renamed.binders.map((b, i) =>
            build.not(
              build.equals(integer.variable(b.name), integer.variable(others.binders[i]?.name ?? "")),
            ),
          ),
        );
        const rest: Reduction = { ...others, guard: build.and(others.guard, differs) };
        return through(renamed.body, scaleBy(adjoint, rest), inner);
      }
      case "mean":
        throw new Error(`${statement.tensor}: mean was not written as a sum`);
      case "argmax":
      case "argmin":
      case "count":
        return; // argmax, argmin, count: integers
    }
  };

  through(statement.body, build.read(cotangent, statement.subscripts), { scope, guard: build.truth }, true);
  return found;
}

interface Point {
  readonly scope: readonly Binder[];
  readonly guard: Condition;
}

/** The adjoint with the cotangent written out: `value` says what it is at some subscripts. */
export function putCotangent(
  adjoint: Expression,
  cotangent: string,
  value: (subscripts: readonly Int[]) => Expression,
): Expression {
  const isIt = (e: Expression): e is Read => e.kind === "read" && e.tensor === cotangent;
  const put = (e: Expression): Expression => {
    if (isIt(e)) return value(e.subscripts);
    const factor = e.kind === "multiply" ? e.factors.find(isIt) : undefined;
    if (e.kind === "multiply" && factor)
      return scaleBy(value(factor.subscripts), build.multiply(...e.factors.filter((f) => f !== factor)));
    return tensorsIn(e).has(cotangent) ? mapChildren(e, { expression: put }) : e;
  };
  return put(adjoint);
}

/** a·where(c, u, v) = where(c, a·u, a·v): an indicator never multiplies an infinity. */
export function scaleBy(adjoint: Expression, factor: Expression): Expression {
  if (factor.kind === "select")
    return build.select(
      factor.condition,
      scaleBy(adjoint, factor.whenTrue),
      scaleBy(adjoint, factor.whenFalse),
    );
  if (
    adjoint.kind === "select" &&
    [adjoint.whenTrue, adjoint.whenFalse].some((branch) => build.isConstant(branch, 0))
  )
    return build.select(
      adjoint.condition,
      scaleBy(adjoint.whenTrue, factor),
      scaleBy(adjoint.whenFalse, factor),
    );
  return build.multiply(adjoint, factor);
}

function dependsOn(e: Expression, active: ReadonlySet<string>): boolean {
  for (const tensor of tensorsIn(e)) if (active.has(tensor)) return true;
  return false;
}

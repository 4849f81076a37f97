/**
 * The boundary rule made explicit: every reduction gets as its guard which points take part, `mean` becomes a sum
 * over a count, `pad` a `where`, `count` a sum of ones. What the facts prove is not tested.
 */
import {
  add,
  and,
  call,
  conjuncts,
  isConstant,
  multiply,
  minusOne,
  not,
  ofInt,
  one,
  or,
  raise,
  reduction,
  select,
  truth,
  zero,
} from "../notation/construct.js";
import type { Condition, Expression, Pad, Quantified, Reduction } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Layer, Statement, Tensor } from "../notation/layer.js";
import { mapChildren, mapConditionChildren, rewrite } from "../notation/traverse.js";
import { keepingPoles } from "../language/written.js";
import { isStatic } from "./accesses.js";
import { countOf } from "./count.js";
import { elementRanges, factsInside, isNeverEmpty, layerFacts, positiveIn } from "./facts.js";
import { identityElements } from "../notation/reductions.js";
import { splitNeutral } from "./neutral.js";
import {
  presence,
  presenceOfCondition,
  presenceOfElements,
  presenceOfRead,
  inScope,
  type Scope,
} from "./presence.js";
import { assuming, proves } from "./prove.js";

/** The layer with the same values and explicit guards. Extents must be known. */
export function explicitBounds(layer: Layer): Layer {
  const tensors = new Map(layer.tensors.map((t) => [t.name, t]));
  const shapeOf = (name: string) => (tensors.get(name) ?? tensors.get(name.replace(/^d/, "")))?.shape ?? [];
  const facts = layerFacts(layer);
  const explicit = (statement: Statement, simplify: (e: Expression) => Expression): Statement => {
    const known = { ...facts, elements: elementRanges([...tensors.values()]) };
    const scope: Scope = { facts: factsInside(known, statement.indices), shapeOf };
    const result = { ...statement, body: simplify(explicitExpression(statement.body, scope, false)) };
    const tensor = tensors.get(statement.tensor);
    if (tensor?.type === "integer") tensors.set(tensor.name, withLowest(tensor, result.body, scope));
    return result;
  };
  const inFull = simplifying({ add, multiply, raise });
  // a claim is judged as it is written: where it divides by zero it has no value
  const asClaimed = simplifying(keepingPoles);
  const statements = layer.statements.map((s) => explicit(s, inFull));
  const claimHelpers = layer.claimHelpers.map((s) => explicit(s, asClaimed));
  const claims = layer.claims.map((s) => explicit(s, asClaimed));
  return { ...layer, statements, claimHelpers, claims, tensors: [...tensors.values()] };
}

/** What was left as it is written, so that no read was lost before its bounds were explicit, by these constructors. */
const simplifying =
  (construct: typeof keepingPoles) =>
  (e: Expression): Expression =>
    rewrite(
      e,
      (part) =>
        part.kind === "add"
          ? construct.add(...part.terms)
          : part.kind === "multiply"
            ? construct.multiply(...part.factors)
            : part.kind === "raise"
              ? construct.raise(part.base, part.exponent)
              : part.kind === "select"
                ? select(settled(part.condition), part.whenTrue, part.whenFalse)
                : part,
      (value) =>
        value.monomials.some((m) => m.coefficient === 0) ? integer.collect(value.monomials) : value,
    );

function settled(c: Condition): Condition {
  if (c.kind === "and") return and(...c.parts.map(settled));
  if (c.kind === "or") return or(...c.parts.map(settled));
  return c.kind === "not" ? not(settled(c.part)) : c;
}

/** An argmax over at least one point is no -1. */
function withLowest(tensor: Tensor, body: Expression, scope: Scope): Tensor {
  if (body.kind !== "reduction") return tensor;
  const some = isTrue(body.guard) && isNeverEmpty(body.binders, scope.facts);
  return { ...tensor, lowest: some ? 0 : -1 };
}
const isTrue = (c: Condition): boolean => c.kind === "truth" && c.value;
/** `reduced` says whether the expression stands in a reduction, whose guard then has its reads' bounds. */
function explicitExpression(e: Expression, scope: Scope, reduced: boolean): Expression {
  switch (e.kind) {
    case "reduction":
      return explicitReduction(e, scope);
    case "pad":
      return explicitPad(e, scope, reduced);
    case "read": {
      const there = reduced ? truth : and(...e.subscripts.map((s) => presenceOfElements(s, scope)));
      return select(there, e, zero);
    }
    case "select": {
      const branch = (condition: Condition, part: Expression): Expression =>
        explicitExpression(part, inScope(scope, assuming(scope.facts, condition)), reduced);
      return select(
        explicitCondition(e.condition, scope, reduced),
        branch(e.condition, e.whenTrue),
        branch(not(e.condition), e.whenFalse),
      );
    }
    case "add":
    case "call":
    case "constant":
    case "integer":
    case "multiply":
    case "named":
    case "parameter":
    case "raise":
    case "stop":
      return mapChildren(e, {
        expression: (part) => explicitExpression(part, scope, reduced),
        condition: (part) => explicitCondition(part, scope, reduced),
      });
  }
}
function explicitCondition(c: Condition, scope: Scope, reduced: boolean): Condition {
  if (c.kind === "any" || c.kind === "all") return explicitQuantifier(c, scope);
  return mapConditionChildren(c, {
    expression: (part) => explicitExpression(part, scope, reduced),
    condition: (part) => explicitCondition(part, scope, reduced),
  });
}

/** pad(x[e], v) = where(e in bounds, x[e], v). */
function explicitPad({ read, value }: Pad, scope: Scope, reduced: boolean): Expression {
  const inBounds = presenceOfRead(read.tensor, read.subscripts, scope);
  const otherwise = inScope(scope, assuming(scope.facts, not(inBounds)));
  // Under a data-dependent condition a read counts always; wrapped, it is in bounds where it is not wanted.
  const safe = isStatic(inBounds) || !reduced ? read : { ...read, subscripts: wrapped(read, scope) };
  return select(inBounds, safe, explicitExpression(value, otherwise, reduced));
}
/** x[mod(e, extent)] is x[e] where that is in bounds. */
function wrapped({ tensor, subscripts }: Pad["read"], scope: Scope) {
  const shape = scope.shapeOf(tensor);
  return subscripts.map((subscript, axis) => integer.modulo(subscript, shape[axis] ?? integer.one));
}

function explicitReduction(e: Reduction, outer: Scope): Expression {
  const scope = inScope(outer, factsInside(outer.facts, e.binders));
  const neutral = identityElements[e.name];
  const { condition, value } =
    neutral === undefined
      ? { condition: truth, value: e.body }
      : splitNeutral(withoutPads(e.body, scope), neutral);
  const stated = unproved(
    scope,
    and(presenceOfCondition(e.guard, scope), explicitCondition(e.guard, scope, true), condition),
  );
  const within = inScope(scope, assuming(scope.facts, stated));
  const guard = and(stated, presence(value, within));
  const inner = inScope(scope, assuming(scope.facts, guard));
  const body = explicitExpression(value, inner, true);
  switch (e.name) {
    case "count":
      return countOf(e.binders, guard, outer.facts);
    case "mean": {
      const split = splitNeutral(body, 0);
      const sum = reduction("sum", e.binders, split.value, and(guard, split.condition), e.at);
      return divided(sum, countOf(e.binders, guard, outer.facts), outer);
    }
    case "argmax":
    case "argmin":
    case "max":
    case "min":
    case "prod":
    case "sum":
      return { ...e, guard, body };
  }
}
/** The conjuncts that the facts do not prove. */
const unproved = (scope: Scope, condition: Condition): Condition =>
  and(...conjuncts(condition).filter((c) => !proves(scope.facts, c)));

/** The body with its own pads explicit, so that their conditions can move into the guard. */
function withoutPads(body: Expression, scope: Scope): Expression {
  if (body.kind === "reduction") return body;
  if (body.kind === "pad") return explicitPad(body, scope, true);
  return mapChildren(body, { expression: (part) => withoutPads(part, scope) });
}

function explicitQuantifier(c: Quantified, outer: Scope): Condition {
  const scope = inScope(outer, factsInside(outer.facts, c.binders));
  // any(i < j and c) is any(c) over i < j
  const parts = c.kind === "any" && c.body.kind === "and" ? c.body.parts : [c.body];
  const [fixed, rest] =
    parts.length > 1 ? [parts.filter(isStatic), parts.filter((p) => !isStatic(p))] : [[], parts];
  const stated = unproved(
    scope,
    and(presenceOfCondition(c.guard, scope), explicitCondition(c.guard, scope, true), ...fixed),
  );
  const body = and(...rest);
  const guard = and(stated, presenceOfCondition(body, inScope(scope, assuming(scope.facts, stated))));
  const inner = inScope(scope, assuming(scope.facts, guard));
  return { ...c, guard, body: explicitCondition(body, inner, true) };
}

/** sum / max(count, 1): over no points the sum is 0, and so is the mean. */
function divided(sum: Expression, count: Expression, scope: Scope): Expression {
  if (isConstant(count, 0)) return zero;
  const some =
    count.kind === "constant" || (count.kind === "integer" && positiveIn(scope.facts)(count.value));
  const points = some
    ? count
    : count.kind === "integer"
      ? ofInt(integer.extremum("max", count.value, integer.one))
      : call("max", [count, one]);
  return multiply(sum, raise(points, minusOne));
}

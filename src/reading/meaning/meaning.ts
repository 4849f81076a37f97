/**
 * Formulas → values. Where the signs leave a choice (a dot between two matrices), all readings that the shapes allow are
 * given, the likelier first; the shape that the left side asks for decides.
 */
import type { Formula } from "../latex/formula.js";
import type { Scope } from "../context/scope.js";
import type { Bound, Term } from "../terms/term.js";
import { elementwise, mapped, scalar, summed, type Value } from "../terms/value.js";
import { call, negative, num, over, times, where } from "../terms/make.js";
import { nameMeanings } from "./calls.js";
import { pairs } from "./pairs.js";
import { powers, products } from "./products.js";
import { sums } from "./sums.js";
import { integer } from "../context/integers.js";
import { bindAll } from "../context/binders.js";
import { isLoss } from "../context/survey.js";
import { gradientOf } from "./marks.js";
import { derivativeOf } from "./chain-rule.js";
import { isActivation, slopeOf } from "./activations.js";
import { isFunctionName } from "./functions.js";
import { definesFunction } from "./defined-functions.js";
import { elementOf } from "./elements.js";
import { casesOf, indicator } from "./conditions.js";
import { attempt, Unreadable } from "../document/unreadable.js";
import { sumOver } from "../terms/derivative.js";

/** All readings of a formula. `wanted` is the shape that is asked for, where it is known. */
export function meanings(formula: Formula, scope: Scope, wanted?: readonly Term[]): readonly Value[] {
  const inner = (part: Formula, shape?: readonly Term[]): readonly Value[] => meanings(part, scope, shape);
  switch (formula.kind) {
    case "number":
      return [scalar(num(formula.value))];
    case "symbol":
    case "application":
      return nameMeanings(formula, scope, wanted);
    case "negative":
      return inner(formula.of, wanted).map((value) => mapped(value, negative));
    case "sum":
      return sums(formula, scope, wanted);
    case "product":
      return products(formula, scope, wanted);
    case "quotient":
      return pairs(
        inner(formula.left),
        // what is new below a fraction is a number
        inner(formula.right, []),
        (a, b) => [elementwise(a, b, over)],
        formula.at,
        "cannot be divided",
      );
    case "power":
      return powers(formula, scope);
    case "root":
      return inner(formula.of).map((value) => mapped(value, (term) => call("sqrt", term)));
    case "floor":
    case "ceil":
      return [scalar(integer(formula, scope))];
    case "reduction": {
      const { bounds, inner: bodyScope } = bindAll(formula.binders, scope);
      const body = excepted(formula, bodyScope);
      return body.map((value) =>
        mapped(value, (body) =>
          formula.op === "sum"
            ? nested(bounds, body)
            : { kind: "reduce", op: formula.op, binders: bounds, body },
        ),
      );
    }
    case "partial":
      if (isLoss(formula.of, scope.context.survey)) return gradientOf(formula.by, scope);
      return [derivativeOf(formula, scope)];
    case "differential": {
      const { of } = formula;
      const slope_ =
        of.kind === "application" && slopeOf({ ...of.of, primes: of.of.primes + 1 }, of.arguments, scope);
      return slope_ || gradientOf(of, scope);
    }
    case "inner":
      return pairs(
        inner(formula.left),
        inner(formula.right),
        (a, b) => {
          const both = elementwise(a, b, times);
          return [both && scalar(summed(both.shape, both.at))];
        },
        formula.at,
        "have no inner product",
      );
    case "element":
      return inner(formula.of).flatMap((value) => elementOf(value, formula.subs, scope, formula.at) ?? []);
    case "cases":
      return casesOf(formula, scope);
    case "comparison":
      // an indicator: [i = j]
      return [indicator(formula, scope)];
    case "either":
      return eitherOf(formula.readings, scope, wanted);
    case "tuple":
    case "slice":
    case "text":
      throw new Unreadable("this has no value", formula.at);
  }
}

/** `1/f (x)`: where f is a function, that is its argument; else every reading that there is. */
function eitherOf(
  readings: readonly Formula[],
  scope: Scope,
  wanted: readonly Term[] | undefined,
): readonly Value[] {
  const called = readings.findLast((one) => one.kind === "quotient" && one.right.kind === "application");
  const of = called?.kind === "quotient" && called.right.kind === "application" ? called.right : undefined;
  if (
    called &&
    of &&
    (isFunctionName(of.of) || isActivation(of.of, scope) || definesFunction(of.of, 1, scope))
  )
    return meanings(called, scope, wanted);
  const [first, ...others] = readings.map((one) => () => meanings(one, scope, wanted));
  return [...first!(), ...others.flatMap((read) => attempt(read) ?? [])];
}

/** Σ_i Σ_j is one sum over both. */
const nested = (bounds: readonly Bound[], body: Term): Term =>
  body.kind === "reduce" && body.op === "sum"
    ? sumOver([...bounds, ...body.binders], body.body)
    : sumOver(bounds, body);

/** The body of a reduction; `\sum_{k ≠ i}` leaves out i. */
function excepted(formula: Formula & { kind: "reduction" }, scope: Scope): readonly Value[] {
  const body = meanings(formula.body, scope);
  const but = formula.binders.flatMap(({ index, except }) =>
    except ? [{ op: "!=" as const, left: integer(index, scope), right: integer(except, scope) }] : [],
  );
  if (but.length === 0) return body;
  if (formula.op !== "sum") throw new Unreadable("only sums leave out an index", formula.at);
  return body.map((value) => mapped(value, (term) => where(but, term)));
}

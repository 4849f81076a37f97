/** Calls: functions, products written like calls, tensors indexed in parentheses. */
import { ones, type Formula, type Symbol_ } from "../latex/formula.js";
import type { Scope } from "../context/scope.js";
import type { Term } from "../terms/term.js";
import { elementwise, mapped, matrixProduct, type Value } from "../terms/value.js";
import { meanings } from "./meaning.js";
import { call, num, where, zero } from "../terms/make.js";
import { symbolValues } from "./tensors.js";
import { isTransposition, named } from "../context/names.js";
import { isFunctionName } from "./functions.js";
import { definedCall, definesFunction } from "./defined-functions.js";
import { activation, isActivation, logistic, pointwise, slopeOf } from "./activations.js";
import { statistic } from "./statistics.js";
import { attempt, Unreadable } from "../document/unreadable.js";
import { indicated } from "./ones.js";
import { einsum } from "./einsum.js";
import { pairs } from "./pairs.js";
import { byNames } from "./products.js";
import { diagonal, reducedAxis, softmax } from "./axes.js";

export function nameMeanings(
  formula: Symbol_ | (Formula & { kind: "application" }),
  scope: Scope,
  wanted?: readonly Term[],
): readonly Value[] {
  const marked = indicated(
    formula.kind === "symbol" ? formula : formula.of,
    formula.kind === "symbol" ? undefined : formula.arguments,
    scope,
  );
  if (marked) return [marked];
  if (formula.kind === "symbol") {
    if (formula.letter === "e" && formula.sup && !formula.subs)
      return meanings(formula.sup, scope).map((value) => mapped(value, (term) => call("exp", term)));
    return symbolValues(formula, undefined, scope, wanted);
  }
  const { of, arguments: list, at } = formula;
  // X^T (y - z)
  const [factor, ...others] = list;
  if (factor && others.length === 0 && of.letter === ones)
    return meanings({ kind: "product", sign: "", left: of, right: factor, at }, scope, wanted);
  if (factor && others.length === 0 && isTransposition(of.sup) && !isFunctionName({ ...of, sup: undefined }))
    return meanings({ kind: "product", sign: "", left: of, right: factor, at }, scope, wanted);
  // p_i (a + b)
  const element = named(of, scope.context.survey)?.subs !== undefined && list.length === 1;
  if (element && !isFunctionName({ ...of, subs: undefined }) && !definesFunction(of, list.length, scope))
    return meanings({ kind: "product", sign: "", left: of, right: list[0]!, at }, scope, wanted);
  const defined = definedCall(of, list, scope);
  if (defined) return defined;
  const slope = slopeOf(of, list, scope);
  if (slope) return slope;
  const statistical = statistic(formula, scope);
  if (statistical) return [statistical];
  if (isFunctionName(of)) return callOf(of, list, scope, at, wanted);
  const read = symbolValues(of, list, scope, wanted);
  if (read.length > 0) return read;
  const [only, ...rest] = list;
  if (only && rest.length === 0 && isActivation(of, scope)) return activation(of, only, 0, scope);
  const product = productOf(formula, scope);
  if (!product)
    throw new Unreadable(`${of.letter} is a function that the document does not define by a formula`, at);
  return meanings(product, scope, wanted);
}

const isZero = (formula: Formula): boolean => formula.kind === "number" && formula.value === 0;

/** `W(x + y)`, `δ(a)`: a product that is written like a call, where nothing else is known of the name. */
export function productOf(
  formula: Formula & { kind: "application" },
  scope: Scope,
): (Formula & { kind: "product" }) | undefined {
  const { of, arguments: list, at } = formula;
  const [only, ...rest] = list;
  if (!only || rest.length > 0 || of.letter.length > 1 || of.primes > 0 || isFunctionName(of))
    return undefined;
  if (isActivation(of, scope) || definesFunction(of, list.length, scope) || statistic(formula, scope))
    return undefined;
  const element = attempt(() => symbolValues(of, list, scope));
  const factor = element?.length === 0 ? attempt(() => symbolValues(of, undefined, scope)) : undefined;
  if (!factor || factor.length === 0) return undefined;
  return { kind: "product", sign: "", left: of, right: only, at };
}

const matrixWords = new Set(["BatchMatMul", "batchmatmul", "bmm", "matmul", "MatMul", "mm", "dot"]);

function callOf(
  of: Symbol_,
  list: readonly Formula[],
  scope: Scope,
  at: number,
  wanted?: readonly Term[],
): readonly Value[] {
  const { letter } = of;
  const [first, second] = list;
  if (!first) throw new Unreadable(`${letter} of nothing`, at);
  if (letter === "einsum" && first.kind === "text") return einsum(first.text, list.slice(1), scope, at);
  const fn = pointwise[letter];
  if (fn !== undefined && list.length === 1) {
    if (letter === "σ") scope.notes.add(logistic);
    return meanings(first, scope).map((value) => mapped(value, (term) => call(fn, term)));
  }
  const axis = of.marks.includes("method");
  // max(0, u): its derivative at 0 is taken as 0
  const [positive] = letter === "max" && !axis && list.length === 2 ? list.filter((one) => !isZero(one)) : [];
  if (positive && list.some(isZero))
    return meanings(positive, scope).map((value) => mapped(value, (term) => call("relu", term)));
  if ((letter === "max" || letter === "min") && second && !axis)
    return pairs(
      meanings(first, scope),
      meanings(second, scope),
      (a, b) => [elementwise(a, b, (x, y) => call(letter, x, y))],
      at,
      "cannot be compared",
    );
  if (matrixWords.has(letter) && second)
    return pairs(
      meanings(first, scope),
      meanings(second, scope),
      (a, b) => [matrixProduct(a, b) ?? byNames(a, b, wanted, scope)],
      at,
      "do not fit as matrices",
    );
  if (["max", "min", "sum", "mean"].includes(letter) && second)
    return meanings(first, scope).map((value) => reducedAxis(letter, value, second));
  if (letter === "diag") return meanings(first, scope).map((value) => diagonal(value, at));
  if (letter === "step")
    return meanings(first, scope).map((value) =>
      mapped(value, (term) => where([{ op: ">", left: term, right: zero }], num(1))),
    );
  if (letter === "softmax") return meanings(first, scope).map((value) => softmax(value, at));
  throw new Unreadable(`${letter} is not understood with these arguments`, at);
}

/** What kind of statement an equality is. */
import { type Equality, type Formula, partsOf, some } from "../latex/formula.js";
import type { Context } from "../context/context.js";
import { isLoss, symbolIn } from "../context/survey.js";
import { squareOf } from "../meaning/access.js";
import { indexName, named } from "../context/names.js";
import { functionKey, isFunctionName } from "../meaning/functions.js";
import { realBody } from "../meaning/defined-functions.js";
import { scopeAt } from "../context/scope.js";

/** What kind of statement an equality is. */
export type Kind =
  "slope" | "gradient" | "jacobian" | "definition" | "size" | "relation" | "function" | "name";

export function kindOf({ left, steps }: Equality, context: Context): Kind {
  const { survey: found } = context;
  if (slopeIn(left, context)) return "slope";
  if (left.kind === "partial") return isLoss(left.of, found) ? "gradient" : "jacobian";
  if (left.kind === "differential") return "gradient";
  const symbol = symbolIn(left);
  if (!symbol) return squareOf(left, context) || left.kind === "power" ? "definition" : "definition";
  const right = steps.flatMap(({ formula }) => formula ?? []);
  if (right[0]?.kind === "partial" && isLoss(right[0].of, found)) return "name";
  const name = named({ ...symbol, primes: 0 }, found)?.name;
  if (symbol.letter === "d" && symbol.subs?.length === 1 && symbol.subs[0]?.kind === "symbol")
    return "gradient";
  if (symbol.primes > 0 && found.primesAreGradients && /^[A-Z]$/u.test(symbol.letter)) return "gradient";
  if (left.kind === "symbol" && context.aliases.some((alias) => alias.name === name)) return "gradient";
  if (left.kind === "application" && right.some((one) => one.kind === "cases") && !isFunctionName(symbol))
    return "function";
  if (left.kind === "application" && right[0] && isFunction(left, right[0], context)) return "function";
  if (left.kind === "symbol" && right[0] && !namesTensor(left, context)) {
    const index = indexName(left);
    if (right.some((one) => some(one, ({ kind }) => kind === "floor" || kind === "ceil"))) return "size";
    if (isInteger(right[0], context))
      return index !== undefined && /^\p{Ll}/u.test(index) ? "relation" : "size";
  }
  return "definition";
}
/** `σ(x) = 1/(1 + e^{-x})`: a function of one real number. */
function isFunction(
  { of, arguments: list }: Formula & { readonly kind: "application" },
  body: Formula,
  context: Context,
): boolean {
  const [only, ...rest] = list;
  const parameter = only && indexName(only);
  if (parameter === undefined || rest.length > 0 || of.subs || of.primes > 0) return false;
  if (context.tensors.some(({ name, declared }) => declared && (name === of.letter || name === parameter)))
    return isFunctionName(of);
  return (
    isFunctionName(of) ||
    realBody({ parameters: [parameter], body, at: of.at }, scopeAt(context, of.at)) !== undefined
  );
}

/** `θ ← θ - η ∇L`, `h_t = f(h_{t-1})`: what stands on the left is made of itself, so this defines no layer. */
export function isUpdate(left: Formula, right: Formula, { survey: found }: Context): boolean {
  const nameOf = (formula: Formula): string | undefined =>
    formula.kind === "symbol" && formula.primes === 0 ? named(formula, found)?.name : undefined;
  const own = symbolIn(left);
  const text = own && nameOf(own);
  // the i of W_i is no tensor
  const reads = (formula: Formula): boolean =>
    formula.kind === "symbol" ? nameOf(formula) === text : partsOf(formula).some(reads);
  return text !== undefined && reads(right);
}

const namesTensor = (formula: Formula, { tensors, survey: found }: Context): boolean => {
  const symbol = symbolIn(formula);
  const text = symbol && named({ ...symbol, primes: 0 }, found)?.name;
  return (
    text !== undefined &&
    ((symbol?.subs !== undefined && named(symbol, found)?.subs !== undefined) ||
      tensors.some((tensor) => tensor.name === text))
  );
};

/** Made of numbers, sizes and indices that the document uses as such. */
function isInteger(formula: Formula, context: Context): boolean {
  const { survey: found } = context;
  if (formula.kind === "number") return Number.isInteger(formula.value);
  if (formula.kind === "symbol") {
    const index = indexName(formula);
    const known =
      (index !== undefined && found.indices.has(index)) ||
      found.sizes.has(formula.letter) ||
      formula.letter.length > 1 ||
      formula.subs !== undefined;
    return known && !namesTensor(formula, context);
  }
  if (formula.kind === "sum" || formula.kind === "quotient")
    return isInteger(formula.left, context) && isInteger(formula.right, context);
  if (formula.kind === "product")
    return (
      ["", "*", "·", "×"].includes(formula.sign) &&
      isInteger(formula.left, context) &&
      isInteger(formula.right, context)
    );
  return formula.kind === "negative" && isInteger(formula.of, context);
}

/** `σ(z)` of `σ'(z)` and `dσ(z)/dz`, where everyone knows the function, or the document defines it. */
export function slopeIn(
  left: Formula,
  { functions }: Context,
): (Formula & { kind: "application" }) | undefined {
  const call =
    left.kind === "partial" && left.of.kind === "application"
      ? left.of
      : left.kind === "application" && left.of.primes === 1
        ? { ...left, of: { ...left.of, primes: 0 } }
        : undefined;
  const [only, ...rest] = call?.arguments ?? [];
  if (!call || !only || rest.length > 0 || indexName(only) === undefined) return undefined;
  if (!isFunctionName(call.of) && !functions.has(functionKey(call.of))) return undefined;
  return left.kind === "partial" && indexName(left.by) !== indexName(only) ? undefined : call;
}

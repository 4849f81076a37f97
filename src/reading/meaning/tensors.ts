/** Names of tensors and of their gradients → values: which tensor is meant, and which element or slice of it. */
import { some, type Formula, type Symbol_ } from "../latex/formula.js";
import type { Scope } from "../context/scope.js";
import type { Term } from "../terms/term.js";
import { scalar, transpose, type Value } from "../terms/value.js";
import { indexName, isTransposition, labelled, named } from "../context/names.js";
import { gradientMark, gradientOf, primed, raised, withAccent, withSubs } from "./marks.js";
import type { Context } from "../context/context.js";
import { inView, type Tensor } from "../context/context.js";
import { name, num, where } from "../terms/make.js";
import { integer } from "../context/integers.js";
import { accessTo, split } from "./access.js";
import { valueOf } from "./elements.js";
import { Unreadable } from "../document/unreadable.js";
import { byLetter, declareByUse } from "./inference.js";
import { sizeName } from "../context/integers.js";

/** All readings of a name, with its arguments if it has any; none where it is no tensor, index or size. */
export function symbolValues(
  symbol: Symbol_,
  list: readonly Formula[] | undefined,
  scope: Scope,
  wanted?: readonly Term[],
): readonly Value[] {
  const { context } = scope;
  const index = list ? undefined : indexName(symbol);
  const bound = index === undefined ? undefined : scope.indices.get(index);
  if (bound) return [scalar(bound)];
  if (isKronecker(symbol, context)) return [kronecker(symbol, scope)];
  const accented = withAccent(symbol, list, scope);
  if (accented) return accented;
  const marked = gradientMark(symbol, list, scope);
  if (marked) return marked;
  if (isTransposition(symbol.sup) && !list)
    return symbolValues({ ...symbol, sup: undefined }, undefined, scope).flatMap(
      (value) => transpose(value) ?? [],
    );
  if (symbol.primes > 0) return primed(symbol, list, scope);
  const found = named(symbol, context.survey);
  if (!found) return raised(symbol, list, scope);
  const alias = inView(context.aliases.filter((a) => a.name === found.name), scope.at)[0]; // prettier-ignore
  const subs = list ?? found.subs;
  // δ(a): a tensor is no subscript
  if (list?.some((argument) => readsTensor(argument, scope))) return [];
  if (alias) return gradientOf(withSubs(alias.of, subs), scope);
  const access = accessTo(found.name, symbol, subs, list !== undefined, scope, wanted);
  if (access)
    return [valueOf(access, scope, (tensor, place) => ({ kind: "read", tensor: tensor.id, subs: place }))];
  if (subs) {
    if (list && !isElementary(list)) return [];
    if (!scope.introduces) throw new Unreadable(`${found.name} is not defined by a formula`, symbol.at);
    return [valueOf(declareByUse(found.name, subs, scope, symbol.at), scope, readOf)];
  }
  const size = sizeName(symbol, context);
  if (size !== undefined && isScalarName(symbol, size, context)) {
    // γ is learned where the loss is differentiated by it
    const learned =
      scope.introduces && /^[\u03b1-\u03c9]$/u.test(size) && context.survey.differentiated.has(symbol.letter);
    return learned ? [valueOf(byLetter(found.name, symbol, scope, []), scope, readOf)] : [scalar(name(size))];
  }
  if (scope.introduces) return [valueOf(byLetter(found.name, symbol, scope, wanted), scope, readOf)];
  throw new Unreadable(`the shape of ${found.name} is not given`, symbol.at);
}
const readOf = (tensor: Tensor, place: readonly Term[]): Term => ({
  kind: "read",
  tensor: tensor.id,
  subs: place,
});

const readsTensor = (formula: Formula, { context, indices }: Scope): boolean =>
  some(formula, (inner) => {
    if (inner.kind !== "symbol") return false;
    const index = indexName(inner);
    if (index !== undefined && (indices.has(index) || context.survey.indices.has(index))) return false;
    const text = context.survey.sizes.has(inner.letter) ? undefined : named(inner, context.survey)?.name;
    return context.tensors.some((tensor) => tensor.name === text);
  });

/** `δ_{ij}` where the document means Kronecker's. */
const isKronecker = ({ letter, subs, sup, marks, primes }: Symbol_, context: Context): boolean =>
  context.kronecker &&
  letter === "δ" &&
  !sup &&
  marks.length === 0 &&
  primes === 0 &&
  split(subs ?? []).length === 2;
function kronecker({ subs }: Symbol_, scope: Scope): Value {
  const [left, right] = split(subs!).map((sub) => integer(sub, scope));
  return scalar(where([{ op: "==", left: left!, right: right! }], num(1)));
}

/** Real numbers with a name of their own: ε, λ, α. */
function isScalarName(symbol: Symbol_, text: string, { survey, tensors }: Context): boolean {
  if (symbol.sup) return survey.sizes.has(symbol.letter);
  const [label, ...more] = symbol.subs ?? [];
  const isLabelled = label && more.length === 0 && survey.labels.has(labelled(symbol.letter, label));
  if (symbol.letter.length > 1 || (symbol.subs && !isLabelled)) return true;
  if (/^[\u03b1-\u03c9]$/u.test(text)) return true;
  return (
    survey.sizes.has(text) ||
    tensors.some(({ shape }) => shape.some((e) => e.kind === "name" && e.name === text))
  );
}
const isElementary = (list: readonly Formula[]): boolean =>
  list.length > 1 && list.every((sub) => sub.kind !== "symbol" || sub.subs === undefined);

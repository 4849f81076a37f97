/** Pointwise functions, activations that a document leaves open, and their derivatives. */
import type { Formula, Symbol_ } from "../latex/formula.js";
import type { Scope } from "../context/scope.js";
import type { Term } from "../terms/term.js";
import { mapped, type Value } from "../terms/value.js";
import { meanings } from "./meaning.js";
import { isFunctionName } from "./functions.js";
import { definedSlope } from "./defined-functions.js";
import { slope } from "../terms/slopes.js";
import { openCall } from "../terms/open.js";
import { Unreadable } from "../document/unreadable.js";

export const pointwise: Readonly<Record<string, string>> = {
  exp: "exp",
  log: "log",
  ln: "log",
  sqrt: "sqrt",
  tanh: "tanh",
  sigmoid: "sigmoid",
  σ: "sigmoid",
  relu: "relu",
  ReLU: "relu",
  softplus: "softplus",
  sin: "sin",
  cos: "cos",
  sinh: "sinh",
  cosh: "cosh",
  abs: "abs",
  gelu: "gelu",
  GELU: "gelu",
  erf: "erf",
  sign: "sign",
};
const activationLetters = /^(?:[fgh\u03c6\u03d5\u03c8]|act[\w-]*)$/u;

/** A function that the document applies to tensors and does not define: what holds for any is tried with one. */
export const isActivation = ({ letter, subs, sup }: Symbol_, { context }: Scope): boolean =>
  activationLetters.test(letter) &&
  !subs &&
  (!sup || sup.kind === "symbol") &&
  !context.tensors.some(({ name: text }) => text === letter);

export const activation = (of: Symbol_, argument: Formula, order: 0 | 1, scope: Scope): readonly Value[] =>
  meanings(argument, scope).map((value) => mapped(value, (term) => openCall(of.letter, term, order)));

/** What is said of σ where it is called. */
export const logistic = "σ is read as the logistic function";

/** `σ'(z)`, `f'(z)` */
export function slopeOf(of: Symbol_, list: readonly Formula[], scope: Scope): readonly Value[] | undefined {
  const [only, ...rest] = list;
  if (of.primes !== 1 || !only || rest.length > 0) return undefined;
  const plain: Symbol_ = { ...of, primes: 0 };
  const own = definedSlope(of, only, scope);
  if (own) return own;
  const fn = isFunctionName(plain) ? pointwise[of.letter] : undefined;
  if (fn === undefined && !isActivation(plain, scope)) return undefined;
  if (fn === undefined) return activation(plain, only, 1, scope);
  const change = (term: Term): Term => {
    const found = slope(fn, term);
    if (!found) throw new Unreadable(`the derivative of ${of.letter} is not worked out here`, of.at);
    return found;
  };
  if (of.letter === "σ") scope.notes.add(logistic);
  return meanings(only, scope).map((value) => mapped(value, change));
}

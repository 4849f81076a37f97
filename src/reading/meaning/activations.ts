/** Pointwise functions, activations that a document leaves open, and their derivatives. */
import type { Formula, Symbol_ } from "../latex/formula.js";
import type { Scope } from "../context/scope.js";
import type { Term } from "../terms/term.js";
import { mapped, type Value } from "../terms/value.js";
import { meanings } from "./meaning.js";
import { isFunctionName } from "./functions.js";
import { slope } from "../terms/derivative.js";
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

export function activation(
  of: Symbol_,
  argument: Formula,
  change: (term: Term) => Term,
  scope: Scope,
): readonly Value[] {
  scope.notes.add(`${of.letter} is read as tanh, one of the functions it may be`);
  return meanings(argument, scope).map((value) => mapped(value, change));
}

/** `σ'(z)`, `f'(z)` */
export function slopeOf(of: Symbol_, list: readonly Formula[], scope: Scope): readonly Value[] | undefined {
  const [only, ...rest] = list;
  if (of.primes !== 1 || !only || rest.length > 0) return undefined;
  const plain: Symbol_ = { ...of, primes: 0 };
  const fn = isFunctionName(plain) ? pointwise[of.letter] : undefined;
  if (fn === undefined && !isActivation(plain, scope)) return undefined;
  const change = (term: Term): Term => {
    const found = slope(fn ?? "tanh", term);
    if (!found) throw new Unreadable(`the derivative of ${of.letter} is not worked out here`, of.at);
    return found;
  };
  if (fn === undefined) return activation(plain, only, change, scope);
  if (of.letter === "σ") scope.notes.add("σ is read as the logistic function");
  return meanings(only, scope).map((value) => mapped(value, change));
}

/** Calls: functions that the document defines, and those that everyone knows. */
import type { Formula, Symbol_ } from "../latex/formula.js";
import type { Scope } from "../context/scope.js";
import type { Term } from "../terms/term.js";
import { inView } from "../context/context.js";
import { integer } from "../context/integers.js";

const known = new Set(
  (
    "exp log ln sqrt tanh sigmoid relu ReLU softplus sin cos sinh cosh abs gelu GELU erf max min sum mean softmax " +
    "diag step sign BatchMatMul batchmatmul bmm matmul MatMul mm dot einsum"
  ).split(" "),
);

/** `exp`, `softmax`; σ where it is called and is no tensor. */
export const isFunctionName = ({ letter, subs, marks, primes }: Symbol_): boolean =>
  (known.has(letter) || letter === "σ") && !subs && marks.every((mark) => mark === "method") && primes === 0;

/** The key of a function: its letter, whatever stands below it. */
export const functionKey = ({ letter, marks }: Symbol_): string => [letter, ...marks].join("^");

/** A function that the document defines by a formula, and what its parameters stand for. */
export function functionOf(
  formula: Formula & { kind: "application" },
  scope: Scope,
): { readonly body: Formula; readonly values: readonly (readonly [string, Term])[] } | undefined {
  const all = scope.context.functions.get(functionKey(formula.of)) ?? [];
  const found = inView(all, scope.at)
    .filter(({ parameters }) => parameters.length === formula.arguments.length)
    .toSorted((a, b) => Math.abs(a.at - scope.at) - Math.abs(b.at - scope.at))[0];
  if (!found) return undefined;
  const values = found.parameters.map(
    (parameter, i) => [parameter, integer(formula.arguments[i]!, scope)] as const,
  );
  return { body: found.body, values };
}

/** Calls: functions that the document defines, and those that everyone knows. */
import type { Symbol_ } from "../latex/formula.js";

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

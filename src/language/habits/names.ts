/** Functions by the names that other libraries give them. */
import { isBuiltIn, isReduction, meant } from "../names.js";
import { say } from "../messages.js";
import type { Found, Rule, Statement } from "./rewrite.js";
import { argumentsOf, closeOf, isSign, isWord, operandStart, type Run } from "./tools.js";

/** The same function under another name. */
const renamed: Readonly<Record<string, string>> = {
  ln: "log",
  loge: "log",
  arcsin: "asin",
  arccos: "acos",
  arctan: "atan",
  arctan2: "atan2",
  tg: "tan",
  fabs: "abs",
  absolute: "abs",
  sgn: "sign",
  signum: "sign",
  logistic: "sigmoid",
  expit: "sigmoid",
  sigma: "sigmoid",
  σ: "sigmoid",
  maximum: "max",
  fmax: "max",
  minimum: "min",
  fmin: "min",
  ceiling: "ceil",
  rint: "round",
  remainder: "mod",
  fmod: "mod",
  detach: "stop",
  stop_gradient: "stop",
  stopgrad: "stop",
  heaviside: "step",
};
/**
 * Functions that are written out, by the arguments that are given. A letter is an argument, in parentheses where it is more than
 * an operand; a capital is one that needs none.
 */
const clamped = { abc: "min(max(A, B), C)", ab: "max(A, B)", ac: "min(A, C)" };
const written: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  pow: { ab: "a ^ b" },
  power: { ab: "a ^ b" },
  square_root: { a: "sqrt(A)" },
  log2: { a: "log(A) / log(2)" },
  log10: { a: "log(A) / log(10)" },
  exp2: { a: "2 ^ a" },
  rsqrt: { a: "1 / sqrt(A)" },
  reciprocal: { a: "1 / a" },
  clip: clamped,
  clamp: clamped,
  multiply: { ab: "a * b" },
  mul: { ab: "a * b" },
  add: { ab: "a + b" },
  subtract: { ab: "a - b" },
  sub: { ab: "a - b" },
  divide: { ab: "a / b" },
  div: { ab: "a / b" },
  neg: { a: "-a" },
  negative: { a: "-a" },
  silu: { a: "a * sigmoid(A)" },
  swish: { a: "a * sigmoid(A)" },
  logsigmoid: { a: "log(sigmoid(A))" },
  log_sigmoid: { a: "log(sigmoid(A))" },
  step: { a: "where(A > 0, 1, 0)" },
  leaky_relu: { a: "where(A > 0, a, 0.01*a)", ab: "where(A > 0, a, b*a)" },
  elu: { a: "where(A > 0, a, expm1(A))", ab: "where(A > 0, a, b*expm1(A))" },
  relu6: { a: "min(max(A, 0), 6)" },
  mish: { a: "a * tanh(softplus(A))" },
  cube: { a: "a^3" },
  sin2: { a: "sin(A)^2" },
};
/** Arguments that are given by name, as their letters; none where the name says nothing of the value. */
const parameters: Readonly<Record<string, string>> = {
  input: "a",
  min: "b",
  a_min: "b",
  max: "c",
  a_max: "c",
  negative_slope: "b",
  alpha: "b",
  inplace: "",
};
/** The arguments by their letters, where each has one; `None` is none. */
function lettered({ tokens, text }: Statement, runs: readonly Run[]): ReadonlyMap<string, Run> | undefined {
  const given = new Map<string, Run>();
  for (const [i, run] of runs.entries()) {
    const named = isSign(tokens[run[0] + 1], "=");
    const name = tokens[run[0]]?.text ?? "";
    const letter = named ? (Object.hasOwn(parameters, name) ? parameters[name] : undefined) : "abc"[i];
    if (letter === undefined) return undefined;
    const value: Run = named ? [run[0] + 2, run[1]] : run;
    if (letter !== "" && !/^(?:None|null|nil)$/.test(text(value))) given.set(letter, value);
  }
  return given;
}
/** Functions of a whole axis that are sums, written out in `norms.ts`. */
const sums: Readonly<Record<string, string>> = {
  norm: "norm",
  l2norm: "norm",
  vectornorm: "norm",
  logsumexp: "logsumexp",
  var: "var",
  variance: "var",
  std: "std",
};
export function sumCalled(name: string): string | undefined {
  const plain = name.toLowerCase().replaceAll("_", "");
  return Object.hasOwn(sums, plain) ? sums[plain] : undefined;
}
export const modules = [
  "np",
  "numpy",
  "torch",
  "F",
  "nn",
  "tf",
  "jnp",
  "jax",
  "math",
  "Math",
  "functional",
  "linalg",
  "tl",
  "keras",
  "scipy",
];

/** A function called at a place, past the module that it is called of: `np.exp(`, `torch.nn.functional.relu(`, `\exp(`. */
export interface Called {
  /** In the words of the language where it has one: Sum is sum. */
  readonly name: string;
  /** What stands before the brackets. */
  readonly head: Run;
  readonly open: number;
  /** Whether it is called of a module. */
  readonly prefixed: boolean;
}
export function calledAt({ tokens, overview }: Statement, at: number): Called | undefined {
  let last = at;
  if (isSign(tokens[at - 1], ".")) return undefined;
  while (
    isWord(tokens[last], ...modules) &&
    isSign(tokens[last + 1], ".") &&
    tokens[last + 2]?.kind === "name"
  )
    last += 2;
  const token = tokens[last];
  if (!token || !isSign(tokens[last + 1], "(")) return undefined;
  if (token.kind === "strange" && /^\\[a-z]+$/i.test(token.text))
    return { name: token.text.slice(1), head: [at, last + 1], open: last + 1, prefixed: true };
  if (token.kind !== "name" || overview.helpers.has(token.text)) return undefined;
  return { name: token.text, head: [at, last + 1], open: last + 1, prefixed: last > at };
}
export const isOwn = (name: string): boolean => isBuiltIn(name) || isReduction(meant(name));

/** `ln(x)`, `np.exp(x)`, `F.silu(x)`, `Exp(x)`. */
export const names: Rule = (statement, at) => {
  const { tokens, overview } = statement;
  const called = calledAt(statement, at);
  if (!called) return undefined;
  const lower = called.name.toLowerCase();
  const head = statement.text(called.head);
  const known = [called.name, lower].find((n) => isOwn(n) || overview.helpers.has(n));
  if (known !== undefined) {
    if (known === called.name && !called.prefixed) return undefined;
    const complaint = head.startsWith("\\")
      ? say.latex(head)
      : called.prefixed
        ? say.modulePrefix(head)
        : say.otherName(called.name, known);
    return { run: called.head, pieces: [known], complaint };
  }
  if (overview.shapes.has(called.name)) return undefined;
  const name = Object.hasOwn(renamed, lower) ? renamed[lower] : undefined;
  if (name !== undefined && name !== "step")
    return { run: called.head, pieces: [name], complaint: say.otherName(head, name) };
  const forms = Object.hasOwn(written, name ?? lower) ? written[name ?? lower] : undefined;
  const [args, close] = [argumentsOf(tokens, called.open), closeOf(tokens, called.open)];
  const given = args && lettered(statement, args);
  const form = given && forms?.[[...given.keys()].toSorted().join("")];
  if (!given || form === undefined || close === undefined)
    return called.prefixed ? unknownOfModule(statement, called, close) : undefined;
  // letters that stand in the names of functions are no arguments
  const pieces = form.split(/\b([a-cA-C])\b/).flatMap((piece) => {
    const argument = piece.length === 1 ? given.get(piece.toLowerCase()) : undefined;
    if (!argument) return [piece];
    return piece !== piece.toLowerCase() || isOperand(statement, argument)
      ? [argument]
      : ["(", argument, ")"];
  });
  const alone = isAlone(statement, called.head[0], close + 1);
  return {
    run: [called.head[0], close + 1],
    pieces: alone ? pieces : ["(", ...pieces, ")"],
    complaint: say.noFunction(head),
  };
};
/** A function of a module that has no counterpart here. */
const unknownOfModule = (s: Statement, { head, name }: Called, close = head[1]): Found | undefined =>
  s.text(head).startsWith("\\")
    ? undefined
    : { run: [head[0], close + 1], pieces: undefined, complaint: say.unknownFunction(name, undefined) };
const isOperand = ({ tokens }: Statement, [from, to]: Run): boolean => operandStart(tokens, to) === from;
/** Whether nothing binds to what stands there, so that a product needs no parentheses. */
const isAlone = ({ tokens }: Statement, from: number, to: number): boolean =>
  (from === 0 || isSign(tokens[from - 1], "(", "=", ",", "[", "+")) &&
  (to >= tokens.length || isSign(tokens[to], ")", ",", "]", "+", "-"));

/** The language's pointwise functions in Python. */
import type { FunctionName } from "../../notation/expression.js";
import { atom, callOf, productOf, strengths, within, type Term } from "../code/term.js";
import { madeOf, type Value } from "./value.js";
import type { Writer } from "./writer.js";

/** The function of a tensor; what torch has under the language's own name is not listed. */
const otherwise: Partial<Record<FunctionName, (u: Term) => Term>> = {
  // torch's own gives up the logarithm at 20, where float64 still sees it
  softplus: (u) => callOf("torch.nn.functional.softplus", u, atom("threshold=40")),
  gelu: (u) => callOf("torch.nn.functional.gelu", u),
};

/** The function of these values; numbers of Python go through tensors where Python has no such function. */
export function callValue(name: FunctionName, args: readonly Value[], writer: Writer): Value {
  const terms = args.map((a) => a.term);
  const isNumber = args.every((a) => a.isNumber);
  return madeOf(args, isNumber ? ofNumbers(name, terms, writer) : ofTensors(name, args, writer));
}

function ofNumbers(name: FunctionName, terms: readonly Term[], writer: Writer): Term {
  const [a, b] = terms as [Term, Term];
  if (name === "max" || name === "min") return callOf(name, a, b);
  if (name === "mod")
    return { text: `${within(a, strengths.unary)} % ${within(b, strengths.unary)}`, strength: strengths.product - 0.5 };
  if (name === "square") return productOf([a, a]);
  return callOf(writer.need("_number"), atom(functionOf(name)), ...terms);
}

function ofTensors(name: FunctionName, args: readonly Value[], writer: Writer): Term {
  const terms = args.map((a) => a.term);
  const [a] = terms as [Term];
  switch (name) {
    case "max":
      return callOf(writer.need("_maximum"), ...terms);
    case "min":
      return callOf(writer.need("_minimum"), ...terms);
    case "mod":
      return callOf(writer.need("_modulo"), ...terms.map((t, i) => asTensor(t, args[i]!, writer)));
    case "atan2":
      return callOf("torch.atan2", ...terms.map((t, i) => asTensor(t, args[i]!, writer)));
    default:
      return otherwise[name]?.(a) ?? callOf(functionOf(name), a);
  }
}

const functionOf = (name: FunctionName): string =>
  name === "softplus" || name === "gelu" ? `torch.nn.functional.${name}` : `torch.${name}`;

/** A number as a tensor of the layer's type. */
export const asTensor = (term: Term, { isNumber }: Pick<Value, "isNumber">, writer: Writer): Term =>
  isNumber
    ? callOf("torch.tensor", term, atom(`dtype=${writer.word("dtype")}`), atom(`device=${writer.word("device")}`))
    : term;

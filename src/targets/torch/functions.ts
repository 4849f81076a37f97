/** The language's pointwise functions in Python. */
import type { FunctionName } from "../../notation/expression.js";
import { atom, callOf, productOf, strengths, within, type Term } from "../code/term.js";
import { madeOf, type Value } from "./value.js";
import type { Writer } from "./writer.js";

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
    return {
      text: `${within(a, strengths.unary)} % ${within(b, strengths.unary)}`,
      strength: strengths.product - 0.5,
    };
  if (name === "square") return productOf([a, a]);
  if (name === "gelu") return callOf(writer.need("_number"), atom(writer.need("_gelu")), a);
  const own = name === "softplus" ? "torch.nn.functional.softplus" : `torch.${name}`;
  return callOf(writer.need("_number"), atom(own), ...terms);
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
    case "gelu":
      return callOf(writer.need("_gelu"), a);
    case "softplus":
      // torch's own gives up the logarithm at 20, where float64 still sees it
      return callOf("torch.nn.functional.softplus", a, atom("threshold=40"));
    default:
      return callOf(`torch.${name}`, a);
  }
}

/** A number as a tensor of the layer's type. */
export const asTensor = (term: Term, { isNumber }: Pick<Value, "isNumber">, writer: Writer): Term =>
  isNumber
    ? callOf(
        "torch.tensor",
        term,
        atom(`dtype=${writer.word("dtype")}`),
        atom(`device=${writer.word("device")}`),
      )
    : term;

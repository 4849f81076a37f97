/** The language's pointwise functions in Python. */
import { primitives, type FunctionName } from "../../primitives/index.js";
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
  return callOf(writer.need("_number"), atom(wordOf(name, writer)), ...terms);
}

function ofTensors(name: FunctionName, args: readonly Value[], writer: Writer): Term {
  const { torch } = primitives[name].spelled;
  const isOwn = "own" in torch;
  // PyTorch's own functions take tensors alone
  const terms = args.map((a) => (isOwn ? asTensor(a.term, a, writer) : a.term));
  return callOf(wordOf(name, writer), ...terms, ...(isOwn && torch.and ? [atom(torch.and)] : []));
}
const wordOf = (name: FunctionName, writer: Writer): string => {
  const { torch } = primitives[name].spelled;
  if ("formula" in torch) throw new Error(`${name} is written as its formula`);
  return "own" in torch ? torch.own : writer.need(torch.helper);
};

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

/** Code of a thread as statements. */
import { add, multiply } from "../../notation/construct.js";
import type { Expression } from "../../notation/expression.js";
import { keyOf, literal, mentions, minus, one, variable, type Int } from "../../notation/integer.js";
import { callText } from "./routines.js";
import type { Code } from "../../kernels/program.js";
import { isPlain } from "../typescript/integers.js";
import { choiceConditionText, conditionText, realText, textLike } from "./expressions.js";
import { intText, isNatural, type Context } from "./integers.js";

export const blockText = (block: readonly Code[], context: Context): string =>
  block.map((code) => codeText(code, context)).join("\n");

function codeText(code: Code, context: Context): string {
  const { scope } = context;
  switch (code.kind) {
    case "loop":
      return loopText(code, context);
    case "integer":
      if (isNatural(code.value, context)) context.natural.add(code.name);
      return `let ${scope.declare(code.name)} = ${intText(code.value, context)};`;
    case "real":
      return `let ${scope.declare(code.name)} = ${valueText(code.value, context, isWide(code.name, context))};`;
    case "counter":
      return `var ${scope.declare(code.name)} = ${valueText(code.value, context)};`;
    case "accumulator":
      return `var ${scope.declare(code.name)} = ${valueText(code.value, context, isWide(code.name, context))};`;
    case "assign":
      return assignText(code.name, code.value, context);
    case "store":
      return `${scope.tensor(code.buffer)}[${intText(code.offset, context)}] = ${valueText(code.value, context, context.kernel.vectors?.has(code.buffer))};`;
    case "call":
      return callText(code, context);
    case "accumulate":
    case "fill":
      throw new Error(`a ${code.kind} is left in a kernel of a GPU`);
    case "if": {
      if (code.branchless) return choiceText(code, context);
      const then = `if (${conditionText(code.condition, context)}) {\n${blockText(code.then, context)}\n}`;
      return code.otherwise.length === 0 ? then : `${then} else {\n${blockText(code.otherwise, context)}\n}`;
    }
  }
}

/** `best = select(best, value, best < value);` for each assignment. */
function choiceText({ condition, then }: Extract<Code, { kind: "if" }>, context: Context): string {
  const { scope } = context;
  let [test, before] = [choiceConditionText(condition, context), ""];
  if (then.length > 1) {
    const name = scope.fresh("taken");
    before = `let ${name} = ${test};\n`;
    test = name;
  }
  const choices = then.map((c) => {
    if (c.kind !== "assign") throw new Error(`a ${c.kind} takes a branch`);
    const target = scope.declare(c.name);
    return `${target} = select(${target}, ${valueText(c.value, context, isWide(c.name, context))}, ${test});`;
  });
  return before + choices.join("\n");
}

const valueText = (value: Expression | Int, context: Context, vector = false): string =>
  value.kind === "int" ? intText(value, context) : textLike(value, vector, context);
const isWide = (name: string, { kernel }: Context): boolean => kernel.wide?.has(name) ?? false;

/** The end is computed once, before the loop. */
function loopText(loop: Extract<Code, { kind: "loop" }>, context: Context): string {
  const { scope, natural } = context;
  const from = intText(loop.from, context);
  let [end, before] = [intText(loop.to, context), ""];
  const index = scope.declare(loop.index);
  if (isNatural(loop.from, context)) natural.add(loop.index);
  if (!isPlain(loop.to)) {
    const name = scope.fresh(`${index}End`);
    before = `let ${name} = ${end};\n`;
    end = name;
  }
  const step = keyOf(loop.step) === keyOf(one) ? `${index}++` : `${index} += ${intText(loop.step, context)}`;
  const body = blockText(loop.body, context);
  return `${before}for (var ${index} = ${from}; ${index} < ${end}; ${step}) {\n${body}\n}`;
}

/** `s = s + v` is `s += v`, `s = s * v` is `s *= v`. */
function assignText(name: string, value: Expression | Int, context: Context): string {
  const target = context.scope.declare(name);
  if (value.kind === "add" || value.kind === "multiply") {
    const parts = value.kind === "add" ? value.terms : value.factors;
    const rest = parts.filter((p) => !(p.kind === "parameter" && p.name === name));
    if (rest.length === parts.length - 1) {
      const [operator, change] = value.kind === "add" ? ["+", add(...rest)] : ["*", multiply(...rest)];
      return `${target} ${operator}= ${realText(change, context)};`;
    }
  }
  if (value.kind === "int") {
    const change = minus(value, variable(name));
    if (!mentions(change, name)) {
      const known = literal(change);
      if (known === 1) return `${target}++;`;
      if (known !== undefined && known < 0) return `${target} -= ${-known};`;
      return `${target} += ${intText(change, context)};`;
    }
  }
  return `${target} = ${valueText(value, context, isWide(name, context))};`;
}

/** The lines, indented by their braces. */
export function indented(text: string): string {
  let depth = 0;
  return text
    .split("\n")
    .map((line) => {
      const trimmed = line.trim();
      if (trimmed.startsWith("}")) depth--;
      const result = trimmed === "" ? "" : "  ".repeat(depth) + trimmed;
      if (trimmed.endsWith("{")) depth++;
      return result;
    })
    .join("\n");
}

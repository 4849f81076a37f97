/** Loop nests as statements. */
import { add, multiply } from "../../notation/construct.js";
import type { Expression } from "../../notation/expression.js";
import { keyOf, literal, mentions, minus, one, variable, type Int } from "../../notation/integer.js";
import type { Code } from "../../kernels/program.js";
import { conditionText, realText } from "./expressions.js";
import { intText, isPlain, type Context } from "./integers.js";

export const blockText = (block: readonly Code[], context: Context): string =>
  block.map((code) => codeText(code, context)).join("\n");

function codeText(code: Code, context: Context): string {
  const { scope } = context;
  const int = (value: Int): string => intText(value, context);
  switch (code.kind) {
    case "loop":
      return loopText(code, context);
    case "integer":
    case "real":
    case "counter":
    case "accumulator": {
      const value = valueText(code.value, context);
      const fixed = code.kind === "integer" || code.kind === "real";
      return `${fixed ? "const" : "let"} ${scope.declare(code.name)} = ${value};`;
    }
    case "assign":
      return assignText(code.name, code.value, context);
    case "store":
      return `${scope.tensor(code.buffer)}[${int(code.offset)}] = ${valueText(code.value, context)};`;
    case "accumulate":
      return `${scope.tensor(code.buffer)}[${int(code.offset)}]! += ${realText(code.value, context)};`;
    case "call":
      return `${code.routine}(${code.integers.map(int).join(", ")});`;
    case "fill":
      return `${scope.tensor(code.buffer)}.fill(${realText(code.value, context)});`;
    case "if": {
      const then = `if (${conditionText(code.condition, context)}) {\n${blockText(code.then, context)}\n}`;
      return code.otherwise.length === 0 ? then : `${then} else {\n${blockText(code.otherwise, context)}\n}`;
    }
  }
}

const valueText = (value: Expression | Int, context: Context): string =>
  value.kind === "int" ? intText(value, context) : realText(value, context);

/** The end is computed once, before the loop. */
function loopText(loop: Extract<Code, { kind: "loop" }>, context: Context): string {
  const { scope } = context;
  const from = intText(loop.from, context);
  let [end, before] = [intText(loop.to, context), ""];
  const index = scope.declare(loop.index);
  if (!isPlain(loop.to)) {
    const name = scope.fresh(`${index}End`);
    before = `const ${name} = ${end};\n`;
    end = name;
  }
  const step = keyOf(loop.step) === keyOf(one) ? `${index}++` : `${index} += ${intText(loop.step, context)}`;
  const body = blockText(loop.body, context);
  return `${before}for (let ${index} = ${from}; ${index} < ${end}; ${step}) {\n${body}\n}`;
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
  return `${target} = ${valueText(value, context)};`;
}

/** Loop nests as statements, one a line. */
import type { Code } from "../../kernels/program.js";
import { add, multiply } from "../../notation/construct.js";
import type { Expression } from "../../notation/expression.js";
import { keyOf, literal, mentions, minus, one, variable, type Int } from "../../notation/integer.js";
import { conditionText, realText, spellReal, valueText } from "./expressions.js";
import { intText, isPlain } from "./integers.js";
import { block, type Lines } from "./lines.js";
import { isNatural } from "./signs.js";
import type { Speller } from "./speller.js";

export const linesFor = (code: readonly Code[], speller: Speller): Lines =>
  code.flatMap((one) => statementLines(one, speller));

function statementLines(code: Code, speller: Speller): Lines {
  const { scope, kernel } = speller;
  switch (code.kind) {
    case "loop":
      return loopLines(code, speller);
    case "integer":
    case "real":
    case "counter":
    case "accumulator": {
      const fixed = code.kind === "integer" || code.kind === "real";
      if (code.kind === "integer" && isNatural(code.value, speller)) speller.natural.add(code.name);
      const value = newValueText(code, speller);
      return [`${fixed ? speller.constant : speller.variable} ${scope.declare(code.name)} = ${value};`];
    }
    case "assign":
      return [assignText(code, speller)];
    case "store": {
      const rounds = code.value.kind !== "int" && speller.integerTensors.has(code.buffer);
      const value = rounds
        ? speller.rounded(spellReal(code.value, speller)).text
        : valueText(code.value, speller, kernel.vectors?.has(code.buffer));
      return [`${scope.tensor(code.buffer)}[${intText(code.offset, speller)}] = ${value};`];
    }
    case "if": {
      if (code.branchless && speller.branchless) return speller.branchless(code);
      const then = block(`if (${conditionText(code.condition, speller)}) {`, linesFor(code.then, speller));
      const otherwise = linesFor(code.otherwise, speller);
      return [
        ...(code.rare === undefined ? [] : [`// ${code.rare}`]),
        otherwise.length === 0 ? then : { ...then, otherwise },
      ];
    }
    case "accumulate":
    case "call":
    case "fill":
      return speller.statement(code);
  }
}

/** A local, or what it is assigned. */
interface NewValue {
  readonly name: string;
  readonly value: Expression | Int;
}
/** The value, as a vector where the local is one. */
export const newValueText = ({ name, value }: NewValue, speller: Speller): string =>
  valueText(value, speller, speller.kernel.wide?.has(name));

/** The end is computed once, before the loop. */
function loopLines(loop: Extract<Code, { kind: "loop" }>, speller: Speller): Lines {
  const { scope, natural, constant, variable: changing } = speller;
  const from = intText(loop.from, speller);
  let end = intText(loop.to, speller);
  const before: string[] = [];
  const index = scope.declare(loop.index);
  if (isNatural(loop.from, speller)) natural.add(loop.index);
  if (!isPlain(loop.to)) {
    const name = scope.fresh(`${index}End`);
    before.push(`${constant} ${name} = ${end};`);
    end = name;
  }
  const step = keyOf(loop.step) === keyOf(one) ? `${index}++` : `${index} += ${intText(loop.step, speller)}`;
  const head = `for (${changing} ${index} = ${from}; ${index} < ${end}; ${step}) {`;
  return [...before, block(head, linesFor(loop.body, speller))];
}

/** `s = s + v` is `s += v`, `s = s * v` is `s *= v`. */
function assignText(code: NewValue, speller: Speller): string {
  const { name, value } = code;
  const target = speller.scope.declare(name);
  if (value.kind === "add" || value.kind === "multiply") {
    const parts = value.kind === "add" ? value.terms : value.factors;
    const rest = parts.filter((p) => !(p.kind === "parameter" && p.name === name));
    if (rest.length === parts.length - 1) {
      const [operator, change] = value.kind === "add" ? ["+", add(...rest)] : ["*", multiply(...rest)];
      return `${target} ${operator}= ${realText(change, speller)};`;
    }
  }
  if (value.kind === "int") {
    const change = minus(value, variable(name));
    if (!mentions(change, name)) {
      const known = literal(change);
      if (known === 1) return `${target}++;`;
      if (known !== undefined && known < 0) return `${target} -= ${-known};`;
      return `${target} += ${intText(change, speller)};`;
    }
  }
  return `${target} = ${newValueText(code, speller)};`;
}

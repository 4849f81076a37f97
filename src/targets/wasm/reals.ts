/** Real expressions and conditions as instructions: reals in f64, conditions in i32. */
import { inverseOf, valueOf } from "../../notation/construct.js";
import type { Condition, Expression } from "../../notation/expression.js";
import * as integer from "../../notation/integer.js";
import { primitives, type FunctionName } from "../../primitives/index.js";
import type { Context } from "./context.js";
import { choose, constant, get, operation, select, tee, type Instruction } from "./encode/instructions.js";
import { spellInt } from "./integers.js";
import { spellSum } from "./sums.js";

const number = (value: number): Instruction => constant("f64", value);
const in64 = (name: string, ...operands: readonly Instruction[]): Instruction =>
  operation(`f64.${name}`, ...operands);

/** The expression; reads are of flat offsets, and no reductions, pads or stops are left. */
export function spellReal(e: Expression, context: Context): Instruction {
  const spell = (part: Expression): Instruction => spellReal(part, context);
  switch (e.kind) {
    case "add":
      return spellSum(e.terms, { prefix: "f64", number, spell });
    case "constant":
    case "multiply":
      return spellSum([e], { prefix: "f64", number, spell });
    case "named":
      return number(e.name === "pi" ? Math.PI : Math.E);
    case "integer":
      return in64("convert_i64_s", spellInt(e.value, context));
    case "parameter":
      return context.value(e.name, "f64");
    case "read": {
      const [offset = integer.zero, ...more] = e.subscripts;
      if (more.length > 0) throw new Error(`${e.tensor} is read with several subscripts in a kernel`);
      return context.read(e.tensor, spellInt(offset, context), "f64");
    }
    case "raise":
      return spellPower(e.base, e.exponent, context);
    case "call":
      return spellCall(e.name, e.arguments.map(spell), context);
    case "select": {
      const condition = spellCondition(e.condition, context);
      const [yes, no] = [spell(e.whenTrue), spell(e.whenFalse)];
      return isCheap(e.whenTrue) && isCheap(e.whenFalse)
        ? select(condition, yes, no)
        : choose("f64", condition, yes, no);
    }
    case "reduction":
    case "pad":
    case "stop":
      throw new Error(`a ${e.kind} is left in a kernel`);
  }
}

/** Whether computing it in vain costs less than a branch. */
const isCheap = (e: Expression): boolean =>
  e.kind === "constant" || e.kind === "named" || e.kind === "parameter" || isNegated(e);
const isNegated = (e: Expression): boolean =>
  e.kind === "multiply" && e.factors.every((f) => f.kind === "constant" || f.kind === "parameter");

/** base ^ exponent: products for squares and cubes, a root for halves. */
function spellPower(base: Expression, exponent: Expression, context: Context): Instruction {
  const inverse = inverseOf({ kind: "raise", base, exponent });
  if (inverse) return in64("div", number(1), spellReal(inverse, context));
  const n = exponent.kind === "constant" ? valueOf(exponent) : undefined;
  const spelled = spellReal(base, context);
  if (n === 1) return spelled;
  if (n === 2 || n === 3) return spellCall(n === 2 ? "square" : "cube", [spelled], context);
  if (n === 0.5) return in64("sqrt", spelled);
  return context.call("power", spelled, spellReal(exponent, context));
}

function spellCall(
  name: FunctionName | "cube",
  operands: readonly Instruction[],
  context: Context,
): Instruction {
  if (name === "square" || name === "cube") {
    const [u = number(0)] = operands;
    const local = context.temporary("f64");
    const squared = in64("mul", tee(local, u), get(local));
    return name === "square" ? squared : in64("mul", squared, get(local));
  }
  const { wasm } = primitives[name].spelled;
  if ("own" in wasm) return operation(wasm.own, ...operands);
  return context.call("helper" in wasm ? wasm.helper : wasm.as, ...operands);
}

const compared = { "<": "lt", "<=": "le", "==": "eq", "!=": "ne" } as const;

export function spellCondition(c: Condition, context: Context): Instruction {
  const part = (inner: Condition): Instruction => spellCondition(inner, context);
  switch (c.kind) {
    case "truth":
      return constant("i32", c.value ? 1 : 0);
    case "nonnegative":
      return operation("i64.ge_s", spellInt(c.value, context), constant("i64", 0));
    case "zero":
      return operation("i64.eqz", spellInt(c.value, context));
    case "compare":
      return in64(compared[c.operator], spellReal(c.left, context), spellReal(c.right, context));
    case "and":
    case "or": {
      // the rest is asked only where it matters: a part may say that the next one's reads are in bounds
      const isAnd = c.kind === "and";
      return c.parts.map(part).reduceRight((rest, first) => {
        const [yes, no] = isAnd ? [rest, constant("i32", 0)] : [constant("i32", 1), rest];
        return choose("i32", first, yes, no);
      });
    }
    case "not":
      return operation("i32.eqz", part(c.part));
    case "any":
    case "all":
      throw new Error(`a quantified condition (${c.kind}) is left in a kernel`);
  }
}

/** Expressions of four points as vectors of float32. */
import { inverseOf, valueOf } from "../../notation/construct.js";
import type { Condition, Expression } from "../../notation/expression.js";
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import type { Loop } from "../../kernels/copies.js";
import type { VectorFunction } from "../../kernels/machine.js";
import type { Context } from "./context.js";
import {
  callOf,
  choose,
  constant,
  get,
  operation,
  set,
  tee,
  type Instruction,
} from "./encode/instructions.js";
import { spellInt } from "./integers.js";
import { vectorSpellings } from "./math/vectors.js";
import { spellCondition } from "./reals.js";
import { spellSum } from "./sums.js";

const splat = (value: Instruction): Instruction => operation("f32x4.splat", value);
export const number = (value: number): Instruction => splat(constant("f32", value));
export const in4 = (name: string, ...operands: readonly Instruction[]): Instruction =>
  operation(`f32x4.${name}`, ...operands);

/** Expressions of four points as vectors. */
export abstract class Vectors {
  /** What is computed before the loop, or before the statement at hand. */
  readonly before: Instruction[] = [];
  protected readonly loop: Loop;
  protected readonly context: Context;
  protected readonly meant = new Map<string, Int>();
  private readonly fixed = new Map<string, string>();

  constructor(loop: Loop, context: Context) {
    this.loop = loop;
    this.context = context;
  }

  /** The vector of a local number that the loop computes; undefined for others. */
  protected abstract ownVector(name: string): Instruction | undefined;
  /** Four elements, or one in all four lanes. */
  protected abstract read(array: string, offset: Int): Instruction;

  protected once(key: string, type: "i32" | "v128", make: () => Instruction): Instruction {
    let local = this.fixed.get(key);
    if (local === undefined) {
      local = this.context.temporary(type);
      this.fixed.set(key, local);
      this.before.push(set(local, make()));
    }
    return get(local);
  }
  protected forgetFixed(): void {
    this.fixed.clear();
  }
  protected isFixed(offset: Int): boolean {
    const meant = integer.substituteInt(offset, this.meant);
    const slope = integer.affineIn(meant, this.loop.index)?.coefficient;
    return slope !== undefined && integer.literal(slope) === 0;
  }
  protected readonly arithmetic = {
    prefix: "f32x4" as const,
    number,
    spell: (e: Expression): Instruction => this.spell(e),
  };

  protected spell(e: Expression): Instruction {
    const { context } = this;
    const single = (value: Instruction): Instruction => splat(operation("f32.demote_f64", value));
    switch (e.kind) {
      case "add":
        return spellSum(e.terms, this.arithmetic);
      case "constant":
      case "multiply":
        return spellSum([e], this.arithmetic);
      case "named":
        return number(e.name === "pi" ? Math.PI : Math.E);
      case "integer": {
        const value = integer.substituteInt(e.value, this.meant);
        return this.once(`integer ${integer.keyOf(value)}`, "v128", () =>
          single(operation("f64.convert_i64_s", spellInt(value, context))),
        );
      }
      case "parameter":
        return (
          this.ownVector(e.name) ??
          this.once(`number ${e.name}`, "v128", () => single(context.value(e.name, "f64")))
        );
      case "read":
        return this.read(e.tensor, e.subscripts[0] ?? integer.zero);
      case "raise":
        return this.power(e.base, e.exponent);
      case "call": {
        const spelling = vectorSpellings[e.name as VectorFunction];
        const operands = e.arguments.map((a) => this.spell(a));
        if (typeof spelling === "string") return operation(spelling, ...operands);
        context.called.add(spelling.name);
        return callOf(spelling.name, ...operands);
      }
      case "select": {
        const [yes, no] = [this.spell(e.whenTrue), this.spell(e.whenFalse)];
        const { condition } = e;
        if (condition.kind === "nonnegative" || condition.kind === "zero")
          return choose("v128", spellCondition(this.placed(condition), context), yes, no);
        return operation("v128.bitselect", yes, no, this.mask(condition));
      }
      case "pad":
      case "stop":
      case "reduction":
        throw new Error(`a ${e.kind} is left in a kernel`);
    }
  }
  private placed(c: Extract<Condition, { kind: "nonnegative" | "zero" }>): Condition {
    return { ...c, value: integer.substituteInt(c.value, this.meant) };
  }

  private power(base: Expression, exponent: Expression): Instruction {
    const inverse = inverseOf({ kind: "raise", base, exponent });
    if (inverse) return in4("div", number(1), this.spell(inverse));
    const n = exponent.kind === "constant" ? valueOf(exponent) : NaN;
    const spelled = this.spell(base);
    if (n === 1) return spelled;
    if (n === 0.5) return in4("sqrt", spelled);
    const local = this.context.temporary("v128");
    const squared = in4("mul", tee(local, spelled), get(local));
    return n === 2 ? squared : in4("mul", squared, get(local));
  }

  /** All bits of a lane are set where the condition holds. */
  private mask(c: Condition): Instruction {
    switch (c.kind) {
      case "truth":
        return operation("i32x4.splat", constant("i32", c.value ? -1 : 0));
      case "compare":
        return in4(compared[c.operator], this.spell(c.left), this.spell(c.right));
      case "and":
      case "or":
        return c.parts.map((part) => this.mask(part)).reduce((a, b) => operation(`v128.${c.kind}`, a, b));
      case "not":
        return operation("v128.not", this.mask(c.part));
      case "nonnegative":
      case "zero":
      case "any":
      case "all":
        throw new Error(`a condition (${c.kind}) stands in a vector`);
    }
  }
}
/** What a step of a sum or an extreme adds to the local of the name. */
export const without = (name: string, parts: readonly Expression[]): readonly Expression[] =>
  parts.filter((p) => !(p.kind === "parameter" && p.name === name));

/** Adds four float32 to their sums in float64. */
export function addTo(low: string, high: string, term: string): readonly Instruction[] {
  const upper: Instruction = { kind: "shuffle", lanes: [2, 3, 2, 3], operands: [get(term), get(term)] };
  const into = (sum: string, half: Instruction): Instruction =>
    set(sum, operation("f64x2.add", get(sum), operation("f64x2.promote_low_f32x4", half)));
  return [into(low, get(term)), into(high, upper)];
}

const compared = { "<": "lt", "<=": "le", "==": "eq", "!=": "ne" } as const;

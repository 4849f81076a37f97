/** Loops whose points are computed four at once, as vectors of float32. Sums are gathered in float64. */
import { inverseOf, valueOf } from "../../notation/construct.js";
import type { Condition, Expression } from "../../notation/expression.js";
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import type { Code } from "../../kernels/program.js";
import type { VectorFunction } from "../../kernels/machine.js";
import type { Context } from "./context.js";
import {
  callOf,
  choose,
  constant,
  get,
  load,
  operation,
  set,
  store,
  tee,
  when,
  type Instruction,
} from "./encode/instructions.js";
import { spellInt } from "./integers.js";
import { vectorSpellings } from "./math/vectors.js";
import { spellCondition } from "./reals.js";
import { spellSum } from "./sums.js";

const splat = (value: Instruction): Instruction => operation("f32x4.splat", value);
const number = (value: number): Instruction => splat(constant("f32", value));
const in4 = (name: string, ...operands: readonly Instruction[]): Instruction =>
  operation(`f32x4.${name}`, ...operands);

/** The whole vectors of the loop; its index then stands at the points that are left. It stands at the first before. */
export function spellVectors(
  loop: Extract<Code, { kind: "loop" }>,
  end: Instruction,
  context: Context,
): readonly Instruction[] {
  const index = `${loop.index} i64`;
  const count = context.temporary("i64");
  const [bytes, last] = [context.temporary("i32"), context.temporary("i32")];
  const vectors = new Vectors(loop, bytes, context);
  const body = loop.body.flatMap((c) => vectors.statement(c));
  const whole = operation("i64.and", get(count), constant("i64", -4));
  const points = operation("i32.shl", operation("i32.wrap_i64", whole), constant("i32", 2));
  const enough = operation("i64.ge_s", tee(count, operation("i64.sub", end, get(index))), constant("i64", 4));
  return [
    when(
      enough,
      ...vectors.before,
      set(bytes, constant("i32", 0)),
      set(last, points),
      {
        kind: "loop",
        label: "vectors",
        body: [
          ...body,
          set(bytes, operation("i32.add", get(bytes), constant("i32", 16))),
          {
            kind: "branch",
            label: "vectors",
            condition: operation("i32.lt_u", get(bytes), get(last)),
          },
        ],
      },
      ...vectors.after,
      set(index, operation("i64.add", get(index), whole)),
    ),
  ];
}

class Vectors {
  /** What is computed before the loop, and behind it. */
  readonly before: Instruction[] = [];
  readonly after: Instruction[] = [];
  private readonly loop: Extract<Code, { kind: "loop" }>;
  private readonly bytes: string;
  private readonly context: Context;
  private readonly fixed = new Map<string, string>();
  private readonly own = new Set<string>();
  private readonly meant = new Map<string, Int>();

  constructor(loop: Extract<Code, { kind: "loop" }>, bytes: string, context: Context) {
    this.loop = loop;
    this.bytes = bytes;
    this.context = context;
  }

  statement(c: Code): readonly Instruction[] {
    const { context } = this;
    switch (c.kind) {
      case "integer":
        this.meant.set(c.name, integer.substituteInt(c.value, this.meant));
        return [];
      case "real": {
        const value = this.spell(c.value);
        this.own.add(c.name);
        return [set(context.local(c.name, "v128"), value)];
      }
      case "store":
        if (c.value.kind === "int") break;
        return [store("v128.store", this.address(c.buffer, c.offset), this.spell(c.value))];
      case "assign":
        if (c.value.kind === "int") break;
        return this.gather(c.name, c.value);
      case "loop":
      case "counter":
      case "accumulator":
      case "accumulate":
      case "call":
      case "fill":
      case "if":
    }
    throw new Error(`a ${c.kind} is left in a loop by vectors`);
  }

  /** One step of a sum, a maximum or a minimum. */
  private gather(name: string, value: Expression): readonly Instruction[] {
    const { context, before, after } = this;
    const others = (parts: readonly Expression[]): readonly Expression[] =>
      parts.filter((p) => !(p.kind === "parameter" && p.name === name));
    const lane = (of: string, prefix: string, at: number): Instruction => ({
      kind: "lane",
      name: `${prefix}.extract_lane`,
      lane: at,
      operands: [get(of)],
    });
    if (value.kind === "add") {
      const [low, high, term] = [0, 1, 2].map(() => context.temporary("v128")) as [string, string, string];
      const zero = operation("f64x2.splat", constant("f64", 0));
      before.push(set(low, zero), set(high, zero));
      const upper: Instruction = { kind: "shuffle", lanes: [2, 3, 2, 3], operands: [get(term), get(term)] };
      const into = (sum: string, half: Instruction): Instruction =>
        set(sum, operation("f64x2.add", get(sum), operation("f64x2.promote_low_f32x4", half)));
      const total = [low, high].flatMap((sum) => [lane(sum, "f64x2", 0), lane(sum, "f64x2", 1)]);
      const sum = [context.value(name, "f64"), ...total].reduce((a, b) => operation("f64.add", a, b));
      after.push(context.assign(name, sum));
      return [
        set(term, spellSum(others(value.terms), this.arithmetic)),
        into(low, get(term)),
        into(high, upper),
      ];
    }
    if (value.kind !== "call") throw new Error(`${name} gathers by ${value.kind}`);
    const best = context.temporary("v128");
    before.push(set(best, number(value.name === "max" ? -Infinity : Infinity)));
    const lanes = [0, 1, 2, 3].map((at) => operation("f64.promote_f32", lane(best, "f32x4", at)));
    const joined = [context.value(name, "f64"), ...lanes].reduce((a, b) =>
      operation(`f64.${value.name}`, a, b),
    );
    after.push(context.assign(name, joined));
    const [other] = others(value.arguments);
    return [set(best, in4(value.name, get(best), other ? this.spell(other) : number(NaN)))];
  }

  /** Where an element lies: its place at the loop's first point is found before the loop. */
  private address(array: string, offset: Int): Instruction {
    const meant = integer.substituteInt(offset, this.meant);
    const pointer = this.once(`${array}[${integer.keyOf(meant)}]`, "i32", () =>
      this.context.pointer(array, spellInt(meant, this.context)),
    );
    const slope = integer.affineIn(meant, this.loop.index)?.coefficient;
    const isFixed = slope !== undefined && integer.literal(slope) === 0;
    return isFixed ? pointer : operation("i32.add", pointer, get(this.bytes));
  }
  private once(key: string, type: "i32" | "v128", make: () => Instruction): Instruction {
    let local = this.fixed.get(key);
    if (local === undefined) {
      local = this.context.temporary(type);
      this.fixed.set(key, local);
      this.before.push(set(local, make()));
    }
    return get(local);
  }
  private readonly arithmetic = {
    prefix: "f32x4" as const,
    number,
    spell: (e: Expression): Instruction => this.spell(e),
  };

  private spell(e: Expression): Instruction {
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
        if (this.own.has(e.name)) return get(context.local(e.name, "v128"));
        return this.once(`number ${e.name}`, "v128", () => single(context.value(e.name, "f64")));
      case "read": {
        const at = this.address(e.tensor, e.subscripts[0] ?? integer.zero);
        return load(at.kind === "get" ? "v128.load32_splat" : "v128.load", at);
      }
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
const compared = { "<": "lt", "<=": "le", "==": "eq", "!=": "ne" } as const;

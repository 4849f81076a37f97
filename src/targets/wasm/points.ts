/** Innermost loops whose points are computed four at once. Sums are gathered in float64. */
import type { Expression } from "../../notation/expression.js";
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import type { Loop } from "../../kernels/copies.js";
import type { Code } from "../../kernels/program.js";
import type { Context } from "./context.js";
import {
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
import { spellSum } from "./sums.js";
import { addTo, in4, number, Vectors, without } from "./vectors.js";

/** The whole vectors of the loop; its index then stands at the points that are left. It stands at the first before. */
export function spellPoints(loop: Loop, end: () => Instruction, context: Context): readonly Instruction[] {
  const index = `${loop.index} i64`;
  const count = context.temporary("i64");
  const [bytes, last] = [context.temporary("i32"), context.temporary("i32")];
  const vectors = new Points(loop, bytes, context);
  const body = loop.body.flatMap((c) => vectors.statement(c));
  const whole = operation("i64.and", get(count), constant("i64", -4));
  const points = operation("i32.shl", operation("i32.wrap_i64", whole), constant("i32", 2));
  const enough = operation(
    "i64.ge_s",
    tee(count, operation("i64.sub", end(), get(index))),
    constant("i64", 4),
  );
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

/** Points of an innermost loop. What is fixed in it, and where arrays begin, is found before. */
class Points extends Vectors {
  /** What is computed behind the loop. */
  readonly after: Instruction[] = [];
  private readonly bytes: string;
  private readonly own = new Set<string>();

  constructor(loop: Loop, bytes: string, context: Context) {
    super(loop, context);
    this.bytes = bytes;
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
      const total = [low, high].flatMap((sum) => [lane(sum, "f64x2", 0), lane(sum, "f64x2", 1)]);
      const sum = [context.value(name, "f64"), ...total].reduce((a, b) => operation("f64.add", a, b));
      after.push(context.assign(name, sum));
      return [set(term, spellSum(without(name, value.terms), this.arithmetic)), ...addTo(low, high, term)];
    }
    if (value.kind !== "call") throw new Error(`${name} gathers by ${value.kind}`);
    const best = context.temporary("v128");
    before.push(set(best, number(value.name === "max" ? -Infinity : Infinity)));
    const lanes = [0, 1, 2, 3].map((at) => operation("f64.promote_f32", lane(best, "f32x4", at)));
    const joined = [context.value(name, "f64"), ...lanes].reduce((a, b) =>
      operation(`f64.${value.name}`, a, b),
    );
    after.push(context.assign(name, joined));
    const [other] = without(name, value.arguments);
    return [set(best, in4(value.name, get(best), other ? this.spell(other) : number(NaN)))];
  }

  /** Where an element lies: its place at the loop's first point is found before the loop. */
  private address(array: string, offset: Int): Instruction {
    const meant = integer.substituteInt(offset, this.meant);
    const pointer = this.once(`${array}[${integer.keyOf(meant)}]`, "i32", () =>
      this.context.pointer(array, spellInt(meant, this.context)),
    );
    return this.isFixed(offset) ? pointer : operation("i32.add", pointer, get(this.bytes));
  }
  protected read(array: string, offset: Int): Instruction {
    const at = this.address(array, offset);
    return load(at.kind === "get" ? "v128.load32_splat" : "v128.load", at);
  }
  protected ownVector(name: string): Instruction | undefined {
    return this.own.has(name) ? get(this.context.local(name, "v128")) : undefined;
  }
}

/** Loops over columns of what the loops inside gather: each column has a sum of its own in float64. */
import * as build from "../../notation/construct.js";
import type { Expression } from "../../notation/expression.js";
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import type { Loop } from "../../kernels/copies.js";
import type { Code } from "../../kernels/program.js";
import { vectorsAtOnce } from "../../kernels/vectors.js";
import type { Context } from "./context.js";
import {
  constant,
  get,
  load,
  operation,
  repeat,
  set,
  store,
  type Instruction,
} from "./encode/instructions.js";
import { spellInt } from "./integers.js";
import { spellReal } from "./reals.js";
import { spellSum } from "./sums.js";
import { addTo, in4, Vectors, without } from "./vectors.js";

/** Columns of what the loops inside gather: several vectors of them at once, then one. */
export function spellColumns(loop: Loop, end: () => Instruction, context: Context): readonly Instruction[] {
  const index = `${loop.index} i64`;
  const widths = [...new Set([vectorsAtOnce(loop), 1])];
  return widths.map((width) => {
    const columns = new Columns(loop, width, context);
    const next = constant("i64", 4 * width);
    const left = operation("i64.ge_s", operation("i64.sub", end(), get(index)), next);
    const body = loop.body.flatMap((c) => columns.statement(c));
    return repeat(context.label("columns"), left, [
      ...body,
      set(index, operation("i64.add", get(index), next)),
    ]);
  });
}

/**
 * Columns of loops that gather: `width` vectors of them, each column in a sum of its own in float64. The index stands at the first one;
 * integers and the loops inside are those of the first column.
 */
class Columns extends Vectors {
  private readonly width: number;
  private readonly own = new Set<string>();
  private readonly gathered = new Map<string, "sum" | "extreme">();
  /** Of the vectors, the one that is being written. */
  private copy = 0;

  constructor(loop: Loop, width: number, context: Context) {
    super(loop, context);
    this.width = width;
    for (const c of gatheringIn(loop.body))
      this.gathered.set(c.name, c.value.kind === "add" ? "sum" : "extreme");
  }

  statement(c: Code): readonly Instruction[] {
    const { context } = this;
    switch (c.kind) {
      case "integer":
        this.meant.set(c.name, integer.substituteInt(c.value, this.meant));
        return [];
      case "accumulator":
        return this.each(() => this.begin(c.name, c.value));
      case "loop": {
        const [from, to, step] = [c.from, c.to, c.step].map((limit) => this.scalar(limit));
        const index = context.declare(c.index, "i64");
        const last = context.temporary("i64");
        const body = c.body.flatMap((inner) => this.statement(inner));
        const next = set(index, operation("i64.add", get(index), step!));
        const left = operation("i64.lt_s", get(index), get(last));
        return [set(index, from!), set(last, to!), repeat(context.label(c.index), left, [...body, next])];
      }
      case "real": {
        const code = this.each(() => [set(this.vector(c.name), this.spell(c.value))]);
        this.own.add(c.name);
        return code;
      }
      case "store": {
        const { value } = c;
        if (value.kind === "int") break;
        return this.each(() => [
          store("v128.store", this.pointer(c.buffer, c.offset), this.spell(value), 16 * this.copy),
        ]);
      }
      case "assign": {
        const { value } = c;
        if (value.kind === "int") break;
        return this.each(() => this.gather(c.name, value));
      }
      case "counter":
      case "accumulate":
      case "call":
      case "fill":
      case "if":
    }
    throw new Error(`a ${c.kind} is left in a loop over columns by vectors`);
  }

  /** The code of all copies, after what they share. */
  private each(make: () => readonly Instruction[]): readonly Instruction[] {
    const code: Instruction[] = [];
    for (this.copy = 0; this.copy < this.width; this.copy++) code.push(...make());
    this.forgetFixed();
    return [...this.before.splice(0), ...code];
  }
  private scalar(value: Int): Instruction {
    return spellInt(integer.substituteInt(value, this.meant), this.context);
  }
  private vector(name: string, part = ""): string {
    return this.context.local(`${name} ${this.copy}${part}`, "v128");
  }
  /** Where the elements of the first column lie. */
  private pointer(array: string, offset: Int): Instruction {
    return this.once(`${array}[${integer.keyOf(offset)}]`, "i32", () =>
      this.context.pointer(array, this.scalar(offset)),
    );
  }
  protected read(array: string, offset: Int): Instruction {
    const at = this.pointer(array, offset);
    if (!this.isFixed(offset)) return load("v128.load", at, 16 * this.copy);
    return this.once(`${array} at ${integer.keyOf(offset)}`, "v128", () => load("v128.load32_splat", at));
  }
  protected ownVector(name: string): Instruction | undefined {
    const kind = this.gathered.get(name);
    if (kind === "extreme" || this.own.has(name)) return get(this.vector(name));
    if (kind === undefined) return undefined;
    const [low, high] = [" low", " high"].map((half) =>
      operation("f32x4.demote_f64x2_zero", get(this.vector(name, half))),
    ) as [Instruction, Instruction];
    return { kind: "shuffle", lanes: [0, 1, 4, 5], operands: [low, high] };
  }

  private begin(name: string, value: Expression): readonly Instruction[] {
    if (this.gathered.get(name) === "extreme") return [set(this.vector(name), this.spell(value))];
    const initial = (): Instruction => operation("f64x2.splat", spellReal(value, this.context));
    return [" low", " high"].map((half) => set(this.vector(name, half), initial()));
  }
  private gather(name: string, value: Expression): readonly Instruction[] {
    if (value.kind === "add") {
      const term = this.context.local("term", "v128");
      return [
        set(term, spellSum(without(name, value.terms), this.arithmetic)),
        ...addTo(this.vector(name, " low"), this.vector(name, " high"), term),
      ];
    }
    if (value.kind !== "call") throw new Error(`${name} gathers by ${value.kind}`);
    const [other = build.zero] = without(name, value.arguments);
    const best = this.vector(name);
    return [set(best, in4(value.name, get(best), this.spell(other)))];
  }
}

const gatheringIn = (
  block: readonly Code[],
): readonly { readonly name: string; readonly value: Expression }[] =>
  block.flatMap((c) => {
    if (c.kind === "loop") return gatheringIn(c.body);
    return c.kind === "assign" && c.value.kind !== "int" ? [{ name: c.name, value: c.value }] : [];
  });

/** Loop nests as instructions. */
import type { Code } from "../../kernels/program.js";
import { holdsLoop, pointsAtOnce } from "../../kernels/vectors.js";
import type { Expression } from "../../notation/expression.js";
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import { isPlain } from "../code/integers.js";
import { isNatural } from "../code/signs.js";
import { spellColumns } from "./columns.js";
import { addressOf, type Context, type Kind } from "./context.js";
import {
  constant,
  get,
  operation,
  repeat,
  select,
  set,
  when,
  type Instruction,
} from "./encode/instructions.js";
import { spellInt } from "./integers.js";
import { spellCondition, spellReal } from "./reals.js";
import { spellPoints } from "./points.js";

/** The arrays and numbers that a routine takes, by its name, in their order. */
export type Signatures = ReadonlyMap<
  string,
  { readonly owners: readonly string[]; readonly integers: readonly string[] }
>;

/** What kernels that threads share take last: which part of how many. */
export const threadNames = { part: "part", parts: "parts" } as const;

export const spellBlock = (
  code: readonly Code[],
  context: Context,
  routines: Signatures,
): readonly Instruction[] => code.flatMap((one) => spellStatement(one, context, routines));

function spellStatement(code: Code, context: Context, routines: Signatures): readonly Instruction[] {
  switch (code.kind) {
    case "loop":
      return spellLoop(code, context, routines);
    case "integer":
    case "counter": {
      if (code.kind === "integer" && isNatural(code.value, context)) context.natural.add(code.name);
      const value = spellInt(code.value, context);
      return [set(context.declare(code.name, "i64"), value)];
    }
    case "real":
    case "accumulator": {
      const value = spellReal(code.value, context);
      return [set(context.declare(code.name, "f64"), value)];
    }
    case "assign":
      return [context.assign(code.name, spellAs(code.value, context.kindOf(code.name), context))];
    case "store": {
      const kind: Kind = code.value.kind === "int" ? "i64" : "f64";
      const value = spellAs(code.value, kind, context);
      return [context.write(code.buffer, spellInt(code.offset, context), value, kind)];
    }
    case "accumulate": {
      const offset = context.temporary("i64");
      const old = context.read(code.buffer, get(offset), "f64");
      const sum = operation("f64.add", old, spellReal(code.value, context));
      return [
        set(offset, spellInt(code.offset, context)),
        context.write(code.buffer, get(offset), sum, "f64"),
      ];
    }
    case "fill":
      return spellFill(code, context);
    case "call": {
      const signature = routines.get(code.routine);
      if (!signature) throw new Error(`there is no routine ${code.routine}`);
      signature.owners.forEach((owner) => context.owners.add(owner));
      const addresses = signature.owners.map((owner) => get(addressOf(owner)));
      return [context.call(code.routine, ...addresses, ...code.integers.map((i) => spellInt(i, context)))];
    }
    case "if": {
      const condition = spellCondition(code.condition, context);
      const [then, otherwise] = [code.then, code.otherwise].map((branch) =>
        spellBlock(branch, context, routines),
      );
      return [{ kind: "if", condition, then: then ?? [], otherwise: otherwise ?? [] }];
    }
  }
}

function spellAs(value: Expression | Int, kind: Kind, context: Context): Instruction {
  if (value.kind !== "int") {
    const spelled = spellReal(value, context);
    return kind === "f64" ? spelled : operation("i64.trunc_sat_f64_s", spelled);
  }
  const spelled = spellInt(value, context);
  return kind === "i64" ? spelled : operation("f64.convert_i64_s", spelled);
}

/** The end is computed once, before the loop. */
function spellLoop(
  loop: Extract<Code, { kind: "loop" }>,
  context: Context,
  routines: Signatures,
): readonly Instruction[] {
  const before: Instruction[] = [];
  let end = (): Instruction => spellInt(loop.to, context);
  if (!isPlain(loop.to)) {
    const local = context.temporary("i64");
    before.push(set(local, end()));
    end = () => get(local);
  }
  if (isNatural(loop.from, context)) context.natural.add(loop.index);
  let from = spellInt(loop.from, context);
  if (context.shared.has(loop)) {
    const part = spellPart(loop, from, end(), context);
    before.push(...part.code);
    from = part.from;
    end = () => part.to;
  }
  const index = context.declare(loop.index, "i64");
  const byVectors = holdsLoop(loop) ? spellColumns : spellPoints;
  const vectors = loop.vector ? byVectors(loop, end, context) : [];
  const body = spellBlock(loop.body, context, routines);
  const condition = operation("i64.lt_s", get(index), end());
  const next = set(index, operation("i64.add", get(index), spellInt(loop.step, context)));
  const points = repeat(context.label(loop.index), condition, [...body, next]);
  return [...before, set(index, from), ...vectors, points];
}

/**
 * A thread's part of the loop: of the points' count c those from ⌊c·part/parts⌋ on, in whole vectors where there are such, so that a point
 * is computed the same way by any number of threads. The last one takes what is left; no parts are one.
 */
function spellPart(
  loop: Extract<Code, { kind: "loop" }>,
  from: Instruction,
  to: Instruction,
  context: Context,
): { readonly code: readonly Instruction[]; readonly from: Instruction; readonly to: Instruction } {
  const [first, count, start, end] = [0, 1, 2, 3].map(() => context.temporary("i64")) as [
    string,
    string,
    string,
    string,
  ];
  const in64 = (name: string, ...operands: readonly Instruction[]): Instruction =>
    operation(`i64.${name}`, ...operands);
  const number = (value: number): Instruction => constant("i64", value);
  const extended = (name: string): Instruction => operation("i64.extend_i32_u", get(name));
  const step = spellInt(loop.step, context);
  const points = in64("sub", in64("add", in64("sub", to, get(first)), step), number(1));
  /** Where the part begins. */
  const place = (part: Instruction): Instruction => {
    const share = in64("div_u", in64("mul", get(count), part), extended(threadNames.parts));
    const whole = loop.vector ? in64("and", share, number(-pointsAtOnce)) : share;
    return in64("add", get(first), in64("mul", whole, step));
  };
  const next = in64("add", extended(threadNames.part), number(1));
  const isLast = operation(
    "i32.ge_u",
    operation("i32.add", get(threadNames.part), constant("i32", 1)),
    get(threadNames.parts),
  );
  return {
    code: [
      set(first, from),
      set(start, get(first)),
      set(end, to),
      when(
        operation("i32.gt_u", get(threadNames.parts), constant("i32", 1)),
        set(count, in64("div_s", points, step)),
        set(count, select(in64("gt_s", get(count), number(0)), get(count), number(0))),
        set(start, place(extended(threadNames.part))),
        when(operation("i32.eqz", isLast), set(end, place(next))),
      ),
    ],
    from: get(start),
    to: get(end),
  };
}

/** Every element of the buffer. */
function spellFill(
  { buffer, value }: Extract<Code, { kind: "fill" }>,
  context: Context,
): readonly Instruction[] {
  const [i, end, filled] = [context.temporary("i64"), context.temporary("i64"), context.temporary("f64")];
  const length = integer.times(integer.one, ...context.shapeOf(buffer));
  return [
    set(i, spellInt(integer.zero, context)),
    set(end, spellInt(length, context)),
    set(filled, spellReal(value, context)),
    repeat(context.label("fill"), operation("i64.lt_s", get(i), get(end)), [
      context.write(buffer, get(i), get(filled), "f64"),
      set(i, operation("i64.add", get(i), spellInt(integer.one, context))),
    ]),
  ];
}

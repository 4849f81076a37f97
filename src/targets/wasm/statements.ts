/** Loop nests as instructions. */
import type { Code } from "../../kernels/program.js";
import { holdsLoop } from "../../kernels/vectors.js";
import type { Expression } from "../../notation/expression.js";
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import { isPlain } from "../code/integers.js";
import { isNatural } from "../code/signs.js";
import { spellColumns } from "./columns.js";
import { addressOf, type Context, type Kind } from "./context.js";
import { get, operation, repeat, set, type Instruction } from "./encode/instructions.js";
import { spellInt } from "./integers.js";
import { spellCondition, spellReal } from "./reals.js";
import { spellPoints } from "./points.js";

/** The arrays and numbers that a routine takes, by its name, in their order. */
export type Signatures = ReadonlyMap<
  string,
  { readonly owners: readonly string[]; readonly integers: readonly string[] }
>;

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
  const from = spellInt(loop.from, context);
  const before: Instruction[] = [];
  let end = (): Instruction => spellInt(loop.to, context);
  if (!isPlain(loop.to)) {
    const local = context.temporary("i64");
    before.push(set(local, end()));
    end = () => get(local);
  }
  if (isNatural(loop.from, context)) context.natural.add(loop.index);
  const index = context.declare(loop.index, "i64");
  const byVectors = holdsLoop(loop) ? spellColumns : spellPoints;
  const vectors = loop.vector ? byVectors(loop, end, context) : [];
  const body = spellBlock(loop.body, context, routines);
  const condition = operation("i64.lt_s", get(index), end());
  const next = set(index, operation("i64.add", get(index), spellInt(loop.step, context)));
  const points = repeat(context.label(loop.index), condition, [...body, next]);
  return [...before, set(index, from), ...vectors, points];
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

/**
 * Windows with nothing to tile: a depthwise convolution and its data gradient. A thread has four results side by side, so that
 * each weight is read once for four products and the limits of a window's rows are found once. Phases of a stride are
 * threads of their own, as in a tile, and meet live taps only.
 */
import * as build from "../../notation/construct.js";
import type { Condition, Expression } from "../../notation/expression.js";
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import type { Index, Statement } from "../../notation/layer.js";
import { rewrite, substitute } from "../../notation/traverse.js";
import { simplifyInt } from "../../algebra/integers.js";
import { factsInside, layerFacts } from "../../ranges/facts.js";
import { checksOf, type Check } from "../contraction/checks.js";
import { isTileable } from "../contraction/emit.js";
import { overPhases, phasesOf, type Work } from "../contraction/phases.js";
import { sumsOf, total, type Term } from "../contraction/terms.js";
import type { Surroundings } from "../lower.js";
import { emitOffset, nameAtoms, readOf, type Shapes } from "../offsets.js";
import { emitLoops, type Emitter } from "../reduce.js";
import { scalarEmitter } from "../scalar.js";
import { depthOf, extentsOf } from "./extents.js";
import { builderOf, kernelOf } from "./lower.js";
import type { GpuKernel } from "./program.js";
import type { ThreadBuilder } from "./thread.js";

const { constant, plus, variable, zero } = integer;
/** Results of a thread. */
const width = 4;

export interface Strip {
  readonly kernel: GpuKernel;
  /** Where there are as many results side by side in a phase, and more results than points in a window: else sums are long and few. */
  readonly when: Condition;
}

/** The statement with four results a thread; undefined where it is no window that slides along the last axis. */
export function stripOf(
  { name, formula }: { readonly name: string; readonly formula: string },
  statement: Statement,
  around: Surroundings,
): Strip | undefined {
  const { layer, scope, shapes, constants } = around;
  const sums = sumsOf(statement, scope);
  const [term, other] = sums?.terms ?? [];
  if (!sums || !term || other || !slides(term) || !isTileable(sums, shapes, scope.facts)) return undefined;
  const phases = phasesOf(term, layerFacts(layer));
  const named = (value: Int, base: string): Int =>
    integer.literal(value) === undefined ? constants.value(value, base) : value;
  const inPhase = term.rows.outer.map((index) => {
    const phase = phases.find((p) => p.index.name === index.name);
    const extent = phase && integer.ceilDivide(index.extent, phase.divisor);
    return extent ? named(extent, `${index.name}InPhase`) : index.extent;
  });
  const length = inPhase.at(-1) ?? integer.one;
  const strips = named(integer.ceilDivide(length, constant(width)), "strips");
  const builder = builderOf(`${name}Strip`, statement, around);
  const emitter = scalarEmitter(builder, constants, shapes);
  builder.enter(term.batch);
  const work = { term, subscripts: statement.subscripts, adds: false, epilogue: sums.epilogue };
  builder.asBox(() =>
    overPhases(work, builder, constants, (inner) => {
      builder.closeBox();
      const own = inner.term.rows.outer;
      const box = own.map((index, i): Index => ({ name: index.name, extent: inPhase[i] ?? index.extent }));
      const strip = builder.name("strip");
      builder.enter([...box.slice(0, -1), { name: strip, extent: strips }]);
      // the last phases may have fewer
      const inside = own
        .slice(0, -1)
        .filter((index, i) => !integer.equal(index.extent, box[i]?.extent ?? zero));
      const exists = build.and(...inside.map((i) => build.below(variable(i.name), i.extent)));
      const fill = () => emitStrip(statement.tensor, inner, variable(strip), emitter, builder, shapes);
      if (exists.kind === "truth") return fill();
      builder.emit({ kind: "if", condition: exists, then: builder.block(fill), otherwise: [] });
    }),
  );
  const threads = { kind: "points", box: builder.box ?? [], size: 64 } as const;
  const source = { name: `${name}Strip`, formula };
  return {
    kernel: kernelOf(source, builder.finish().code, threads, layer, constants),
    when: build.and(
      build.atMost(constant(width), length),
      build.atMost(depthOf(term), extentsOf(term.rows.outer)),
    ),
  };
}

/**
 * Whether the window slides along the output's last axis, where neighbouring results read neighbouring elements, or every
 * few; and whether what is summed is a window: in a weight gradient it is also a batch, which moves no result.
 */
function slides({ batch, rows, columns, reduced }: Term): boolean {
  if (columns.outer.length > 0) return false;
  const { subscripts } = rows.read;
  const [last, along] = [rows.outer.at(-1), subscripts.at(-1)];
  const holds = (subscript: Int, names: readonly { readonly name: string }[]): boolean =>
    names.some((i) => integer.mentions(subscript, i.name));
  if (!last || !along || !holds(along, [last]) || !holds(along, reduced)) return false;
  return subscripts.every((s) => !holds(s, reduced) || holds(s, [...batch, ...rows.outer]));
}

function emitStrip(
  tensor: string,
  { term, subscripts, epilogue }: Work,
  strip: Int,
  emitter: Emitter,
  builder: ThreadBuilder,
  shapes: Shapes,
): void {
  const { rows, columns, reduced } = term;
  const last = rows.outer.at(-1);
  if (!last) throw new Error(`${tensor} has no axis to slide along`);
  const first = integer.scale(strip, width);
  const places = Array.from({ length: width }, (_, e) =>
    builder.define(plus(first, constant(e)), `${last.name}${e}`),
  );
  const lanes = places.map((at, e) => {
    const sum = builder.name(`sum${e}`);
    builder.emit({ kind: "accumulator", name: sum, value: build.zero });
    return { at, sum, by: new Map([[last.name, at]]) };
  });
  const inside = factsInside(builder.facts, [...rows.outer, ...reduced]);
  const checks = [rows, columns].map((operand) => checksOf(operand, shapes, inside));
  const ofLane = (c: Check): boolean => integer.mentions(c.value, last.name);
  const common = checks.flat().filter((c) => !ofLane(c));
  const own = (checks[0] ?? []).filter(ofLane);
  const conditions = common.map((c) => c.holds(c.value));
  emitLoops(reduced, conditions, emitter, () => {
    const named = (value: Expression, base: string): Expression => {
      const name = builder.name(base);
      builder.emit({ kind: "real", name, value });
      return { kind: "parameter", name };
    };
    const weight = named(emitter.value(columns.read), `${columns.read.tensor}Here`);
    for (const { at, sum, by } of lanes) {
      const place = (value: Int): Int =>
        nameAtoms(builder, shapes, simplifyInt(integer.substituteInt(value, by), builder.facts));
      const there = build.and(build.below(at, last.extent), ...own.map((c) => c.holds(place(c.value))));
      const offset = emitOffset(builder, shapes, rows.read.tensor, rows.read.subscripts.map(place));
      const value = build.select(there, readOf(rows.read.tensor, offset), build.zero);
      const total: Expression = { kind: "parameter", name: sum };
      builder.emit({ kind: "assign", name: sum, value: build.add(total, build.multiply(value, weight)) });
    }
  });
  for (const { at, sum, by } of lanes) {
    const then = builder.block(() => {
      const offset = emitOffset(
        builder,
        shapes,
        tensor,
        subscripts.map((s) => integer.substituteInt(s, by)),
      );
      const finished = rewrite(substitute(epilogue, by), (e) =>
        e.kind === "parameter" && e.name === total ? { kind: "parameter", name: sum } : e,
      );
      builder.emit({ kind: "store", buffer: tensor, offset, value: emitter.value(finished) });
    });
    builder.emit({ kind: "if", condition: build.below(at, last.extent), then, otherwise: [] });
  }
}

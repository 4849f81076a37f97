/** Stencils as loops: a plane copied, the taps listed, a few neighbouring results summed at a time. */
import { substitute, substituteCondition } from "../../notation/binders.js";
import * as build from "../../notation/construct.js";
import type { Binder, Expression } from "../../notation/expression.js";
import { bare } from "../../notation/fresh.js";
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import type { Statement } from "../../notation/layer.js";
import { emitAgain, sumsAgain, whyAgain } from "../contraction/excluded.js";
import { extentInPhase, overPhases, phasesOf, type Work } from "../contraction/phases.js";
import type { Operand } from "../contraction/terms.js";
import type { Shapes } from "../offsets.js";
import { isNaN, type Emitter } from "../reduce.js";
import { emitFinished, holdReads } from "../sweep/finish.js";
import { clearPlane, fillPlane, planeOf, type Plane } from "./plane.js";
import type { Stencil } from "./stencil.js";
import { atOrigin, flat, indexOf, listPlaces, listWeights, tapsIn } from "./taps.js";
import { lanes, stencilPanel, sumTaps } from "./tile.js";

const { variable, constant } = integer;

/** Computes the statement. Where several planes are summed, their sums wait in the workspace. */
export function emitStencil(statement: Statement, found: Stencil, emitter: Emitter, shapes: Shapes): void {
  const { builder, constants } = emitter;
  const stencil = renamed(found, (base) => builder.name(base));
  const { term, still, moving, planes, epilogue } = stencil;
  const results = [...term.columns.outer, ...moving];
  const sums =
    planes.length > 0
      ? builder.scratch("sums", "double", integer.times(...results.map((i) => i.extent)))
      : undefined;
  const subscripts = sums === undefined ? statement.subscripts : [flat(results)];
  const again = sumsAgain(statement, [term], shapes, builder.facts);
  const work: Work = {
    term,
    subscripts,
    adds: sums !== undefined,
    epilogue,
    again: sums === undefined ? again : undefined,
  };
  const plane = clearPlane(planeOf(stencil, builder.facts), emitter);
  const inPhases = phasesOf(term, builder.facts).length > 0;
  builder.states(extentInPhase(moving.slice(-1), term, builder.facts), lanes);
  if (!inPhases) listPlaces(stencil, term, plane, emitter);
  const sumPlane = (): void => {
    fillPlane(stencil, plane, builder, shapes);
    overPhases(work, builder, constants, (phase) => {
      if (inPhases) listPlaces(stencil, phase.term, plane, emitter);
      builder.loops(phase.term.columns.outer, () => {
        listWeights(stencil, phase.term, emitter);
        sumRows(stencil, phase, plane, emitter, (done) => {
          const sum = build.read(stencilPanel.sums, [done.lane]);
          if (sums !== undefined) {
            const [offset = integer.zero] = done.subscripts;
            const value = build.add(build.read(sums, [offset]), sum);
            builder.emit({ kind: "store", buffer: sums, offset, value });
          } else
            emitFinished({ ...statement, subscripts: done.subscripts }, done.epilogue, sum, emitter, shapes);
        });
      });
    });
  };
  builder.results(still, () => {
    if (sums === undefined) return sumPlane();
    builder.loops(results, () =>
      builder.emit({ kind: "store", buffer: sums, offset: flat(results), value: build.zero }),
    );
    builder.loops(planes.map(indexOf), sumPlane);
    builder.loops(results, () => {
      const sum = build.read(sums, [flat(results)]);
      const value = again ? emitAgain(sum, again, emitter) : sum;
      emitFinished(statement, epilogue, value, emitter, shapes);
    });
  });
}

/** Summed indices under names that the kernel has not used. */
function renamed(stencil: Stencil, fresh: (base: string) => string): Stencil {
  const by = new Map(stencil.term.reduced.map((b) => [b.name, fresh(bare(b.name))]));
  const binder = (b: Binder): Binder => ({ ...b, name: by.get(b.name) ?? b.name });
  const names = new Map([...by].map(([from, to]) => [from, variable(to)]));
  const operand = (o: Operand): Operand => ({
    ...o,
    read: { ...o.read, subscripts: o.read.subscripts.map((s) => integer.substituteInt(s, names)) },
    guard: o.guard.map((c) => substituteCondition(c, names)),
  });
  const { term, planes, taps } = stencil;
  const { reduced, rows, columns } = term;
  return {
    ...stencil,
    term: { ...term, reduced: reduced.map(binder), rows: operand(rows), columns: operand(columns) },
    planes: planes.map(binder),
    taps: taps.map(binder),
  };
}

/** A result of the lanes: which one, where it goes, and what is made of it. */
interface Done extends Pick<Work, "subscripts" | "epilogue"> {
  readonly lane: Int;
}

/** Walks the rows of results, some lanes at a time. */
function sumRows(
  stencil: Stencil,
  { term, subscripts, adds, epilogue, again }: Work,
  plane: Plane,
  emitter: Emitter,
  store: (done: Done) => void,
): void {
  const { builder } = emitter;
  const moving = term.rows.outer.filter((i) => !stencil.still.some((s) => s.name === i.name));
  const along = moving.at(-1);
  if (!along) throw new Error("a stencil that does not move");
  const taps = tapsIn(stencil, term);
  const tapCount = builder.named(integer.times(...taps.map((b) => b.extent)), "tapCount");
  const held = adds ? epilogue : holdReads(epilogue, new Set(moving.map((i) => i.name)), emitter);
  builder.loops(moving.slice(0, -1), () => {
    const rows = stencil.slides.flatMap(({ axis, low }, i) => {
      const first = atOrigin(term.rows.read.subscripts[axis] ?? integer.zero, taps);
      return plane.strides[i] ? [integer.times(plane.strides[i], integer.minus(first, low))] : [];
    });
    const row = builder.named(integer.plus(...rows), "plane_at");
    const start = builder.name(`${along.name}Start`);
    const from = variable(start);
    const range = { index: start, from: integer.zero, to: along.extent, step: constant(lanes) };
    builder.loop(range, () => {
      builder.emit({ kind: "call", routine: sumTaps.name, integers: [integer.plus(row, from), tapCount] });
      const placed = (at: Int) => new Map([[along.name, at]]);
      if (again)
        emitLanesAgain(from, along.extent, (at) => substitute(again, placed(at)), along.name, emitter);
      const result = (at: Int, lane: Int): void => {
        const by = placed(at);
        const own = subscripts.map((s) => integer.substituteInt(s, by));
        store({ lane, subscripts: own, epilogue: substitute(held, by) });
      };
      const all = (): void => {
        for (let i = 0; i < lanes; i++) result(integer.plus(from, constant(i)), constant(i));
      };
      const rest = (): void => {
        const index = builder.name(along.name);
        builder.loop({ index, from, to: along.extent }, () =>
          result(variable(index), integer.minus(variable(index), from)),
        );
      };
      const whole = build.atMost(integer.plus(from, constant(lanes)), along.extent);
      const [then, otherwise] = [builder.block(all), builder.block(rest)];
      builder.emit({ kind: "if", condition: whole, then, otherwise });
    });
  });
}

/** Sums the lanes again where one of them is NaN. */
function emitLanesAgain(
  from: Int,
  extent: Int,
  again: (at: Int) => Expression,
  name: string,
  { builder, value }: Emitter,
): void {
  const sum = builder.name("sum");
  const all = Array.from({ length: lanes }, (_, lane) => build.read(stencilPanel.sums, [constant(lane)]));
  builder.emit({ kind: "real", name: sum, value: build.add(...all) });
  const index = builder.name(name);
  const to = integer.extremum("min", integer.plus(from, constant(lanes)), extent);
  const then = builder.rareBlock(() =>
    builder.loop({ index, from, to }, () => {
      const offset = integer.minus(variable(index), from);
      builder.emit({
        kind: "store",
        buffer: stencilPanel.sums,
        offset,
        value: value(again(variable(index))),
      });
    }),
  );
  const condition = isNaN({ kind: "parameter", name: sum });
  builder.emit({ kind: "if", condition, then, otherwise: [], rare: whyAgain });
}

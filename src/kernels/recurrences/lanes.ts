/**
 * Recurrences whose other axes keep to themselves: h[t, d] reads h[t - 1, d] alone. Each point of these axes, a lane, walks
 * the recurrence by itself; all statements are computed point by point in one kernel.
 */
import { substitute } from "../../notation/binders.js";
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import type { Index, Statement } from "../../notation/layer.js";
import { accessesOf } from "../../ranges/accesses.js";
import { emitStore, type Shapes } from "../offsets.js";
import type { Emitter } from "../reduce.js";
import { renamed, type Step, type Unified } from "./unified.js";

export interface Lanes {
  readonly steps: readonly Step[];
  readonly statements: readonly Statement[];
  /** Axes that lie before the first step's in memory, and behind it. */
  readonly outer: readonly Index[];
  readonly inner: readonly Index[];
}

/** The lanes of a recurrence; undefined where a lane reads another. */
export function lanesOf({ steps, statements }: Unified): Lanes | undefined {
  const isStep = (s: Int): boolean => steps.some((step) => step.index === integer.plainVariable(s));
  const lanes = statements.map((s) => s.subscripts.filter((v) => !isStep(v)));
  const first = statements[0]!;
  const axes = lanes[0]!.map((v) => first.indices.find((i) => i.name === integer.plainVariable(v)));
  if (axes.includes(undefined)) return undefined;
  const common = axes as readonly Index[];
  const names = common.map((i) => i.name);
  // each statement's own names for them become the first one's
  const moved = statements.map((s, which) => {
    const own = lanes[which]!.map((v) => s.indices.find((i) => i.name === integer.plainVariable(v)));
    const fits =
      own.length === common.length &&
      s.subscripts.length === first.subscripts.length &&
      s.indices.length === first.indices.length &&
      own.every((i, at) => i && integer.equal(i.extent, common[at]!.extent)) &&
      steps.every((step) =>
        s.indices.some((i) => i.name === step.index && integer.equal(i.extent, step.extent)),
      );
    if (!fits) return undefined;
    return renamed(s, new Map(own.map((i, at) => [i!.name, integer.variable(names[at]!)])));
  });
  if (moved.includes(undefined)) return undefined;
  const all = moved as readonly Statement[];
  const stepAxes = new Map(
    all.map((s) => [
      s.tensor,
      new Set([...s.subscripts.keys()].filter((axis) => isStep(s.subscripts[axis]!))),
    ]),
  );
  const keepsToItself = all.every((s) =>
    accessesOf(s).every(({ tensor, subscripts, scope }) => {
      const along = stepAxes.get(tensor);
      if (!along) return true;
      const read = subscripts.filter((_, axis) => !along.has(axis)).map((v) => integer.plainVariable(v));
      const isHidden = scope.slice(s.indices.length).some((b) => names.includes(b.name));
      return !isHidden && read.every((name, at) => name === names[at]);
    }),
  );
  if (!keepsToItself) return undefined;
  const last = all.at(-1)!;
  const begins = last.subscripts.findIndex(isStep);
  const place = (i: Index): number => last.subscripts.findIndex((v) => integer.plainVariable(v) === i.name);
  return {
    steps,
    statements: all,
    outer: common.filter((i) => place(i) < begins),
    inner: common.filter((i) => place(i) > begins),
  };
}

/** @param isThreads whether the loops opened first are threads: then all lanes are */
export function emitLanes(
  { steps, statements, outer, inner }: Lanes,
  emitter: Emitter,
  shapes: Shapes,
  isThreads: boolean,
): void {
  const { builder } = emitter;
  const body = (): void => {
    for (const s of statements) emitStore(builder, shapes, s, () => emitter.value(s.body));
  };
  const walk = ([step, ...others]: readonly Step[], fill: () => void): void => {
    if (!step) return fill();
    builder.loop({ index: step.index, from: integer.zero, to: step.extent }, () => walk(others, fill));
  };
  const lanes = isThreads ? [...outer, ...inner] : outer;
  builder.results(lanes, () => walk(steps, () => (isThreads ? body() : builder.loops(inner, body))));
}

/** Downward steps counted upwards: t is T - 1 - t. */
export function counted(lanes: Lanes): Lanes {
  const by = new Map(
    lanes.steps
      .filter((step) => step.direction === "down")
      .map(({ index, extent }) => [
        index,
        integer.minus(integer.minus(extent, integer.one), integer.variable(index)),
      ]),
  );
  if (by.size === 0) return lanes;
  const statements = lanes.statements.map((s) => ({
    ...s,
    subscripts: s.subscripts.map((v) => integer.substituteInt(v, by)),
    body: substitute(s.body, by),
  }));
  return { ...lanes, statements };
}

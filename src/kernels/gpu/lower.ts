/** A piece of the schedule as the code of one thread for each point of what its statements have in common. */
import type { Statement } from "../../notation/layer.js";
import { tensorsIn } from "../../notation/traverse.js";
import { layerFacts } from "../../ranges/facts.js";
import { layerNames, lowerExtreme, type KernelSource, type Surroundings } from "../lower.js";
import { emitOffset } from "../offsets.js";
import type { Code, Edge } from "../program.js";
import type { Emitter } from "../reduce.js";
import { emitLanes, type Lanes } from "../recurrences/lanes.js";
import { emitRows } from "../rows.js";
import { scalarEmitter } from "../scalar.js";
import { edgesOf, usesOf } from "../uses.js";
import { collapsed } from "./collapse.js";
import { extentsOf } from "./extents.js";
import { guardElements } from "./guards.js";
import type { GpuKernel, Threads } from "./program.js";
import { ThreadBuilder } from "./thread.js";

/** Threads of a workgroup where each has a point of its own. */
const pointsInGroup = 64;

export function lowerPoints({ name, formula, piece }: KernelSource, around: Surroundings): GpuKernel {
  const { layer, constants, shapes } = around;
  const guarded = (s: Statement): Statement => guardElements(s, shapes);
  const group = piece.group && { ...piece.group, members: piece.group.members.map(guarded) };
  const builder = new ThreadBuilder(name, layerFacts(layer), [
    ...layerNames(layer),
    ...constants.list.map((c) => c.name),
    ...(group ? group.outer : piece.statements.flatMap((s) => s.indices)).map((i) => i.name),
  ]);
  const emitter = scalarEmitter(builder, constants, shapes);
  const [first, second] = piece.statements;
  if (group) emitRows(group, emitter, shapes);
  else if (piece.extreme) {
    const [value, position] = piece.extreme;
    lowerExtreme([guarded(value), guarded(position)], emitter, shapes);
  } else if (first && !second) lowerStatement(guarded(first), emitter, around);
  else throw new Error(`the statements of ${name} have no box in common`);
  const threads = { kind: "points", box: builder.box ?? [], size: pointsInGroup } as const;
  return kernelOf({ name, formula }, builder.finish().code, threads, around, builder.stated);
}

/** A recurrence whose lanes keep to themselves: a thread for each. */
export function lowerLanes({ name, formula }: KernelSource, lanes: Lanes, around: Surroundings): GpuKernel {
  const { layer, constants, shapes } = around;
  const guarded = { ...lanes, statements: lanes.statements.map((s) => guardElements(s, shapes)) };
  const builder = new ThreadBuilder(name, layerFacts(layer), [
    ...layerNames(layer),
    ...constants.list.map((c) => c.name),
    ...[...lanes.outer, ...lanes.inner].map((i) => i.name),
    ...lanes.steps.map((s) => s.index),
  ]);
  emitLanes(guarded, scalarEmitter(builder, constants, shapes), shapes, true);
  const threads = { kind: "points", box: builder.box ?? [], size: pointsInGroup } as const;
  return kernelOf({ name, formula }, builder.finish().code, threads, around, builder.stated);
}

/** A kernel of the statement's under construction, with none of its names taken twice. */
export const builderOf = (name: string, statement: Statement, around: Surroundings): ThreadBuilder =>
  new ThreadBuilder(name, layerFacts(around.layer), namesOfKernel(statement, around));

/** The names that a kernel of the statement's has before it makes any. */
export const namesOfKernel = (
  { tensor, indices, body }: Statement,
  { layer, constants }: Surroundings,
): readonly string[] => [
  ...layerNames(layer),
  ...constants.list.map((c) => c.name),
  ...indices.map((i) => i.name),
  ...tensorsIn(body),
  tensor,
];

/** The kernel, its indices collapsed where each thread has a point of its own, with what its code and its box use. */
export function kernelOf(
  { name, formula }: Pick<KernelSource, "name" | "formula">,
  body: readonly Code[],
  threads: Threads,
  { layer, constants }: Pick<Surroundings, "layer" | "constants">,
  stated: readonly Edge[] = [],
): GpuKernel {
  const taken = [...layerNames(layer), ...constants.list.map((c) => c.name)];
  const own = threads.kind === "points" ? collapsed(threads.box, body, taken) : { box: threads.box, body };
  const extents = own.box.map(({ extent }): Code => ({ kind: "integer", name: "", value: extent }));
  const boxed = usesOf(extents, layer, constants);
  const uses = usesOf(own.body, layer, constants);
  const integers = [...new Set([...boxed.integers, ...uses.integers])];
  const workgroup = threads.kind === "points" ? [{ extent: extentsOf(own.box), at: threads.size }] : [];
  const edges = edgesOf([...stated, ...workgroup], layer, constants);
  return { name, formula, ...uses, integers, threads: { ...threads, box: own.box }, body: own.body, edges };
}

/** Data-dependent sums stay sums over all points, [t[n] = v]: every element gathers its own, in one fixed order. */
function lowerStatement(statement: Statement, emitter: Emitter, { shapes }: Surroundings): void {
  const { builder } = emitter;
  builder.loops(statement.indices, () => {
    const offset = emitOffset(builder, shapes, statement.tensor, statement.subscripts);
    const value = emitter.value(statement.body);
    builder.emit({
      kind: "store",
      buffer: statement.tensor,
      offset,
      value:
        value.kind === "integer" && shapes.get(statement.tensor)?.type === "integer" ? value.value : value,
    });
  });
}

/** One statement to one kernel: loops over the left-hand side, the body inside, or a scatter. */
import { conjuncts } from "../notation/construct.js";
import * as build from "../notation/construct.js";
import type { Condition } from "../notation/expression.js";
import type { Index, Layer, Statement } from "../notation/layer.js";
import { simplifyCondition } from "../algebra/integers.js";
import { namesInCondition } from "../notation/traverse.js";
import { factsInside, layerFacts } from "../ranges/facts.js";
import type { Scope } from "../patterns/scope.js";
import { Builder, type Scratch } from "./block.js";
import type { PlanConstants } from "./constants.js";
import { isTileable } from "./contraction/emit.js";
import { hasSides, sumsOf, type TiledSums } from "./contraction/terms.js";
import type { Machine } from "./machine.js";
import { vectorised } from "./vectors.js";
import { emitOffset, emitStore, type Shapes } from "./offsets.js";
import type { Code, Kernel } from "./program.js";
import { emitExtreme, emitLoops, type Emitter } from "./reduce.js";
import { scalarEmitter } from "./scalar.js";
import type { Piece } from "./schedule.js";
import { renameScatter, splitScatters, type Scatter } from "./scatter.js";
import { edgesOf, usesOf } from "./uses.js";

export interface KernelSource {
  readonly name: string;
  readonly formula: string;
  readonly piece: Piece;
  /** Indices of the kernel beside those of its statements. */
  readonly taken?: readonly { readonly name: string }[];
}
/** What lowering knows of the layer around a statement. */
export interface Surroundings {
  readonly layer: Layer;
  readonly scope: Scope;
  readonly shapes: Shapes;
  readonly constants: PlanConstants;
  readonly machine: Machine;
  /** Saved positions of maxima: their gradients gather. */
  readonly gathered: ReadonlySet<string>;
}

export interface Lowered {
  readonly kernel: Kernel;
  /** A kernel that takes its place where sizes make it the better one. */
  readonly instead?: { readonly when: Condition; readonly kernel: Kernel };
  /** What the kernels need of the workspace for themselves. */
  readonly scratch: readonly Scratch[];
}

/** The code of a kernel made better; the builder gives names not used in it yet, and is told the extents that it takes in pieces. */
type Refine = (
  code: readonly Code[],
  builder: Pick<Builder, "name" | "states">,
  vectors: Vectors,
) => readonly Code[];
/** Marks what may be computed by vectors, where there are any. */
type Vectors = (code: readonly Code[]) => readonly Code[];

export function kernelOf(
  { name, formula, piece, taken: own }: KernelSource,
  { layer, constants, shapes, machine }: Surroundings,
  emit: (emitter: Emitter) => void,
  refine: Refine = (code, _, vectors) => vectors(code),
): Lowered {
  const taken = [
    ...layerNames(layer),
    ...constants.list.map((c) => c.name),
    ...(own ?? (piece.group ? piece.group.outer : piece.statements.flatMap((s) => s.indices))).map(
      (i) => i.name,
    ),
  ];
  const builder = new Builder(name, layerFacts(layer), taken);
  emit(scalarEmitter(builder, constants, shapes));
  const { code, scratch } = builder.finish();
  const single = new Set(machine.tile.panels.filter((p) => p.type === "single").map((p) => p.name));
  const vectors: Vectors = (unmarked) =>
    machine.vectors
      ? vectorised(unmarked, {
          functions: machine.vectors,
          isSingle: (buffer) => shapes.get(buffer)?.type === "real" || single.has(buffer),
          states: (extent, at) => builder.states(extent, at),
        })
      : unmarked;
  const body = refine(code, builder, vectors);
  const edges = edgesOf(builder.stated, layer, constants);
  return { kernel: { name, formula, ...usesOf(body, layer, constants), body, edges }, scratch };
}

/** A max and where it is, in one walk over the points. */
export function lowerExtreme(
  [value, position]: readonly [Statement, Statement],
  emitter: Emitter,
  shapes: Shapes,
): void {
  const { builder } = emitter;
  const { body } = position;
  if (body.kind !== "reduction") throw new Error(`${position.tensor} is no position`);
  builder.results(position.indices, () => {
    const found = emitExtreme(body, emitter);
    emitStore(builder, shapes, value, () => found.best);
    emitStore(builder, shapes, position, () => found.position);
  });
}

/** Whether the statement has a kernel of its own kind: a tiled contraction or a scatter. */
export function standsAlone(statement: Statement, around: Surroundings): boolean {
  const sums = sumsOf(statement, around.scope);
  if (sums && tiledIn(sums, around)) return true;
  return splitScatters(statement, around.gathered, around.scope.facts).scatters.length > 0;
}

/** The sums, where they can be packed. */
export const tiledIn = (sums: TiledSums, { scope, shapes }: Surroundings): TiledSums | undefined =>
  hasSides(sums) && isTileable(sums, shapes, scope.facts) ? sums : undefined;

/** Emits one statement: loops with scatters, or loops alone. */
export function lowerStatement(statement: Statement, emitter: Emitter, around: Surroundings): void {
  const { shapes, gathered } = around;
  const { builder } = emitter;
  const { scatters, rest } = splitScatters(statement, gathered, builder.facts);
  // a slice is not all of its tensor
  const isWhole =
    !shapes.get(statement.tensor)?.base && statement.indices.length === statement.subscripts.length;
  if (scatters.length > 0 && build.isConstant(rest, 0) && isWhole)
    builder.emit({ kind: "fill", buffer: statement.tensor, value: build.zero });
  else
    builder.results(statement.indices, () =>
      emitStore(builder, shapes, statement, () => emitter.value(rest)),
    );
  for (const scatter of scatters) emitScatter(renameScatter(scatter, (base) => builder.name(base)));

  function emitScatter(scatter: Scatter): void {
    // the binders outside: the row is found once, then filled along the other indices
    const facts = factsInside(builder.facts, [...scatter.indices, ...scatter.binders]);
    const guard = simplifyCondition(scatter.guard, facts);
    const bounds = scatter.binders.map((b) => build.atMost(b.lower, b.upper));
    const usesIndices = [...conjuncts(guard), ...bounds].some((c) => mentions(c, scatter.indices));
    const body = (): void => {
      const { tensor } = statement;
      const offset = emitOffset(builder, shapes, tensor, scatter.subscripts);
      builder.emit({ kind: "accumulate", buffer: tensor, offset, value: emitter.value(scatter.value) });
    };
    if (usesIndices)
      builder.loops(scatter.indices, () => emitLoops(scatter.binders, conjuncts(guard), emitter, body));
    else emitLoops(scatter.binders, conjuncts(guard), emitter, () => builder.loops(scatter.indices, body));
  }
}

const mentions = (c: Condition, indices: readonly Index[]): boolean => {
  const names = namesInCondition(c);
  return indices.some((i) => names.has(i.name));
};

/** Names that stand for numbers in every kernel of the layer. */
export const layerNames = (layer: Layer): readonly string[] => [
  ...layer.sizes,
  ...[...layer.params, ...layer.derived, ...layer.constants].map((named) => named.name),
  ...(layer.still ?? []).map((index) => index.name),
];

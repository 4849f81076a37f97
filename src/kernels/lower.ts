/** One statement to one kernel: loops over the left-hand side, the body inside, or a scatter. */
import { conjuncts } from "../notation/construct.js";
import * as build from "../notation/construct.js";
import type { Condition, Expression } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import type { Index, Layer, Statement } from "../notation/layer.js";
import { simplifyCondition } from "../algebra/integers.js";
import { namesInCondition } from "../notation/traverse.js";
import { factsInside, layerFacts } from "../ranges/facts.js";
import { Builder, type Table } from "./block.js";
import type { PlanConstants } from "./constants.js";
import { emitContraction, isTileable } from "./contraction/emit.js";
import { contractionOf } from "./contraction/roles.js";
import { emitOffset, type Shapes } from "./offsets.js";
import type { Kernel } from "./program.js";
import { emitExtreme, emitLoops, type Emitter } from "./reduce.js";
import { emitRows } from "./rows.js";
import { scalarEmitter } from "./scalar.js";
import type { Piece } from "./schedule.js";
import { splitScatters, type Scatter } from "./scatter.js";
import { usesOf } from "./uses.js";

export interface KernelSource {
  readonly name: string;
  readonly formula: string;
  readonly piece: Piece;
}
/** What lowering knows of the layer around a statement. */
export interface Surroundings {
  readonly layer: Layer;
  readonly shapes: Shapes;
  readonly constants: PlanConstants;
  /** Saved positions of maxima: their gradients gather. */
  readonly gathered: ReadonlySet<string>;
}

export interface Lowered {
  readonly kernel: Kernel;
  /** What the kernel needs of the workspace for itself. */
  readonly tables: readonly Table[];
}

export function lowerPiece({ name, formula, piece }: KernelSource, around: Surroundings): Lowered {
  const { layer, constants, shapes } = around;
  const builder = new Builder(name, layerFacts(layer), [
    ...layerNames(layer),
    ...constants.list.map((c) => c.name),
    ...(piece.group ? piece.group.outer : piece.statements.flatMap((s) => s.indices)).map((i) => i.name),
  ]);
  const emitter = scalarEmitter(builder, constants, shapes);
  if (piece.group) emitRows(piece.group, emitter, shapes);
  else if (piece.extreme) lowerExtreme(piece.extreme, emitter, shapes);
  else for (const statement of piece.statements) lowerStatement(statement, emitter, around);
  const { code, tables } = builder.finish();
  return { kernel: { name, formula, ...usesOf(code, layer, constants), body: code }, tables };
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
  builder.loops(position.indices, () => {
    const found = emitExtreme(body, emitter);
    const place = (s: Statement): Int => emitOffset(builder, shapes, s.tensor, s.subscripts);
    builder.emit({ kind: "store", buffer: value.tensor, offset: place(value), value: found.best });
    const at = found.position.kind === "integer" ? found.position.value : integer.zero;
    builder.emit({ kind: "store", buffer: position.tensor, offset: place(position), value: at });
  });
}

/** Whether the statement has a kernel of its own kind: a tiled contraction or a scatter. */
export function standsAlone(statement: Statement, { layer, shapes, gathered }: Surroundings): boolean {
  const facts = layerFacts(layer);
  const contraction = contractionOf(statement, facts);
  if (contraction && isTileable(contraction, shapes, facts)) return true;
  return splitScatters(statement, gathered, facts).scatters.length > 0;
}

function lowerStatement(statement: Statement, emitter: Emitter, { shapes, gathered }: Surroundings): void {
  const { builder } = emitter;
  const store = (subscripts: Statement["subscripts"], value: Expression, accumulate: boolean): void => {
    const offset = emitOffset(builder, shapes, statement.tensor, subscripts);
    const scalar = emitter.value(value);
    if (accumulate) builder.emit({ kind: "accumulate", buffer: statement.tensor, offset, value: scalar });
    else
      builder.emit({
        kind: "store",
        buffer: statement.tensor,
        offset,
        value: scalar.kind === "integer" ? scalar.value : scalar,
      });
  };
  const contraction = contractionOf(statement, builder.facts);
  if (contraction && isTileable(contraction, shapes, builder.facts))
    return emitContraction(statement, contraction, emitter, shapes);
  const { scatters, rest } = splitScatters(statement, gathered, builder.facts);
  if (scatters.length > 0 && build.isConstant(rest, 0))
    builder.emit({ kind: "fill", buffer: statement.tensor, value: build.zero });
  else builder.loops(statement.indices, () => store(statement.subscripts, rest, false));
  for (const scatter of scatters) emitScatter(scatter);

  function emitScatter(scatter: Scatter): void {
    // the binders outside: the row is found once, then filled along the other indices
    const facts = factsInside(builder.facts, [...scatter.indices, ...scatter.binders]);
    const guard = simplifyCondition(scatter.guard, facts);
    const bounds = scatter.binders.map((b) => build.atMost(b.lower, b.upper));
    const usesIndices = [...conjuncts(guard), ...bounds].some((c) => mentions(c, scatter.indices));
    const body = (): void => store(scatter.subscripts, scatter.value, true);
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
];

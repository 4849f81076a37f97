/** One statement to one kernel: loops over the left-hand side, the body inside, or a scatter. */
import { conjuncts } from "../notation/construct.js";
import * as build from "../notation/construct.js";
import type { Condition } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Index, Layer, Statement } from "../notation/layer.js";
import { simplifyCondition } from "../algebra/integers.js";
import { namesInCondition } from "../notation/traverse.js";
import { factsInside, layerFacts } from "../ranges/facts.js";
import type { Facts } from "../ranges/prove.js";
import type { Scope } from "../patterns/scope.js";
import { Builder, type Scratch } from "./block.js";
import type { PlanConstants } from "./constants.js";
import { emitContraction, isTileable } from "./contraction/emit.js";
import { sumsOf, tiledSumsOf, type TiledSums } from "./contraction/terms.js";
import { hoistInvariants } from "./invariants.js";
import { emitOffset, emitStore, type Shapes } from "./offsets.js";
import type { Code, Kernel } from "./program.js";
import { emitExtreme, emitLoops, type Emitter } from "./reduce.js";
import { emitWindows } from "./sweep/emit.js";
import { sweepOf, type Sweep } from "./sweep/sweep.js";
import { emitStencil } from "./stencil/emit.js";
import { planeOf } from "./stencil/plane.js";
import { capacity, lanes } from "./stencil/tile.js";
import { stencilOf, type Stencil } from "./stencil/stencil.js";
import { emitRows } from "./rows.js";
import { scalarEmitter } from "./scalar.js";
import type { Piece } from "./schedule.js";
import { splitScatters, type Scatter } from "./scatter.js";
import { unroll } from "./unroll.js";
import { usesOf } from "./uses.js";

export interface KernelSource {
  readonly name: string;
  readonly formula: string;
  readonly piece: Piece;
}
/** What lowering knows of the layer around a statement. */
export interface Surroundings {
  readonly layer: Layer;
  readonly scope: Scope;
  readonly shapes: Shapes;
  readonly constants: PlanConstants;
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

export function lowerPiece(source: KernelSource, around: Surroundings): Lowered {
  const { piece } = source;
  const [statement] = piece.statements;
  const [best, position] = piece.extreme ?? [];
  const alone = piece.statements.length === 1 ? statement : position;
  const sweep = alone && sweepOf(alone, around.layer);
  const sums = alone && tiled(alone, around);
  const stencil = alone && stencilIn(alone, around);
  const named = (name: string, emit: (emitter: Emitter) => void) =>
    kernelOf({ ...source, name }, around, emit);
  const swept = (name = source.name) =>
    named(name, (emitter) => {
      if (alone && sweep) emitWindows(alone, sweep, emitter, around.shapes, best);
    });
  const slid = (name = source.name) =>
    named(name, (emitter) => {
      if (alone && stencil) emitStencil(alone, stencil, emitter, around.shapes);
    });
  const plain = (name = source.name) =>
    kernelOf(
      { ...source, name },
      around,
      (emitter) => {
        if (piece.group) emitRows(piece.group, emitter, around.shapes);
        else if (piece.extreme) lowerExtreme(piece.extreme, emitter, around.shapes);
        else for (const s of piece.statements) lowerStatement(s, emitter, around);
      },
      // panels and windows have loops of their own design
      sums || piece.extreme
        ? undefined
        : (code, fresh) => unroll(hoistInvariants(code, fresh), around.layer, fresh),
    );
  const fits = stencil ? fitsPanels(stencil, around.scope.facts) : build.falsehood;
  if (sums && sweep) {
    const few = fewColumns(sums, sweep);
    const byRow = stencil ? slid : swept;
    return choice(plain, stencil ? build.and(few, fits) : few, () => byRow(`${source.name}ByRow`));
  }
  if (sums || (!sweep && !stencil)) return plain();
  if (sweep) return choice(slid, build.not(fits), () => swept(stencil ? `${source.name}ByRow` : source.name));
  // a weight's gradient: its rows are as short as the window
  const unfit = build.or(shortRows(statement), build.not(fits));
  return choice(slid, unfit, () => plain(`${source.name}ByPoint`));
}

/** The one kernel, but the other where the condition holds. */
function choice(one: () => Lowered, when: Condition, other: () => Lowered): Lowered {
  if (when.kind === "truth") return when.value ? other() : one();
  const [kept, instead] = [one(), other()];
  return {
    kernel: kept.kernel,
    instead: { when, kernel: instead.kernel },
    scratch: [...kept.scratch, ...instead.scratch],
  };
}

/** The code of a kernel made better; the function gives names not used in it yet. */
type Refine = (code: readonly Code[], fresh: (base: string) => string) => readonly Code[];

function kernelOf(
  { name, formula, piece }: KernelSource,
  { layer, constants, shapes }: Surroundings,
  emit: (emitter: Emitter) => void,
  refine: Refine = (code) => code,
): Lowered {
  const builder = new Builder(name, layerFacts(layer), [
    ...layerNames(layer),
    ...constants.list.map((c) => c.name),
    ...(piece.group ? piece.group.outer : piece.statements.flatMap((s) => s.indices)).map((i) => i.name),
  ]);
  emit(scalarEmitter(builder, constants, shapes));
  const { code, scratch } = builder.finish();
  const body = refine(code, (base) => builder.name(base));
  return { kernel: { name, formula, ...usesOf(body, layer, constants), body }, scratch };
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
    emitStore(builder, shapes, value, () => found.best);
    emitStore(builder, shapes, position, () => found.position);
  });
}

/** The statement as a window that slides over one operand. */
function stencilIn(statement: Statement, { scope, shapes }: Surroundings): Stencil | undefined {
  const sums = sumsOf(statement, scope);
  return sums && stencilOf(statement, sums, shapes, scope.facts);
}

/** Whether the statement has a kernel of its own kind: a tiled contraction or a scatter. */
export function standsAlone(statement: Statement, around: Surroundings): boolean {
  if (tiled(statement, around)) return true;
  return splitScatters(statement, around.gathered, around.scope.facts).scatters.length > 0;
}

/** The statement as sums that can be packed. */
function tiled(statement: Statement, { scope, shapes }: Surroundings): TiledSums | undefined {
  const sums = tiledSumsOf(statement, scope);
  return sums && isTileable(sums, shapes, scope.facts) ? sums : undefined;
}

function lowerStatement(statement: Statement, emitter: Emitter, around: Surroundings): void {
  const { shapes, gathered } = around;
  const { builder } = emitter;
  const sums = tiled(statement, around);
  if (sums) return emitContraction(statement, sums, emitter, shapes);
  const { scatters, rest } = splitScatters(statement, gathered, builder.facts);
  if (scatters.length > 0 && build.isConstant(rest, 0))
    builder.emit({ kind: "fill", buffer: statement.tensor, value: build.zero });
  else
    builder.loops(statement.indices, () => emitStore(builder, shapes, statement, () => emitter.value(rest)));
  for (const scatter of scatters) emitScatter(scatter);

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

/** Fewer columns than pay for packing the rows: each packed element would be used as many times only. */
function fewColumns({ terms }: TiledSums, { along }: Sweep): Condition {
  const [term] = terms;
  if (!term?.rows.outer.includes(along)) return build.falsehood;
  const columns = term.columns.outer.map((i) => i.extent);
  return build.below(integer.times(integer.one, ...columns), integer.constant(8));
}

/** Whether the stencil's plane and its lists of taps fit in their panels. */
function fitsPanels(stencil: Stencil, facts: Facts): Condition {
  const taps = integer.times(integer.one, ...stencil.taps.map((t) => t.upper));
  const most = integer.constant(capacity);
  return build.and(build.atMost(planeOf(stencil, facts).extent, most), build.atMost(taps, most));
}

/** Rows that fill less than half of a stencil's lanes. */
const shortRows = (statement: Statement | undefined): Condition =>
  build.below(statement?.indices.at(-1)?.extent ?? integer.one, integer.constant(lanes / 2 + 1));

const mentions = (c: Condition, indices: readonly Index[]): boolean => {
  const names = namesInCondition(c);
  return indices.some((i) => names.has(i.name));
};

/** Names that stand for numbers in every kernel of the layer. */
export const layerNames = (layer: Layer): readonly string[] => [
  ...layer.sizes,
  ...[...layer.params, ...layer.derived, ...layer.constants].map((named) => named.name),
];

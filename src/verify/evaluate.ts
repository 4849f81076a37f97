/**
 * The reference evaluator: it interprets a layer's statements as LANGUAGE defines them, over any arithmetic, and
 * shares nothing with the kernels. It takes layers before and after their bounds are made explicit, and gradient
 * layers. Each statement is compiled to closures once for given sizes and may then be run many times.
 */
import type { Expression } from "../notation/expression.js";
import { farthest, type Layer, type Statement, type Tensor } from "../notation/layer.js";
import { componentsOf } from "../notation/components.js";
import { tensorsIn } from "../notation/traverse.js";
import { environmentOf, type Environment } from "./environment.js";
import type { Context } from "./context.js";
import { compileExpression } from "./expressions.js";
import { compileIntegerExpression, compileRounded } from "./integer-expressions.js";
import { bindIndex, compileInt, compileOffset, type Cell } from "./integers.js";
import type { Arithmetic } from "./numbers.js";
import { runRecurrence, type Points } from "./recurrence.js";

/** Tensors by name, row-major. Real tensors hold `T`, integer tensors plain numbers. */
export type Tensors<T> = ReadonlyMap<string, ArrayLike<T | number>>;

export interface EvaluateOptions {
  /** Defined tensors to be taken from the caller instead of computed (to perturb an intermediate). */
  readonly given?: Iterable<string>;
  /** Statements run after the layer's own: claims and their helpers. Shapes come from `tensors`. */
  readonly statements?: readonly Statement[];
  /** Tensors beside the layer's: cotangents, claimed gradients. */
  readonly tensors?: readonly Tensor[];
}

export interface Evaluator<T> {
  /** Extents of every tensor. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /**
   * All tensors, given and computed. Computed arrays are fresh at each run.
   * Throws `NoValue` for a read outside reductions that misses its tensor and an element that waits for itself, RangeError for a missing tensor,
   * a wrong length or an index value outside its range.
   */
  readonly run: (tensors: Tensors<T>) => Map<string, ArrayLike<T | number>>;
}

/** One evaluation: see `compileLayer`. */
export const evaluateLayer = <T>(
  layer: Layer,
  sizes: Readonly<Record<string, number>>,
  tensors: Tensors<T>,
  arithmetic: Arithmetic<T>,
  options: EvaluateOptions = {},
): Map<string, ArrayLike<T | number>> => compileLayer(layer, sizes, arithmetic, options).run(tensors);

/** Closures for every statement at these sizes and params (params may be left out: defaults). */
export function compileLayer<T>(
  layer: Layer,
  sizes: Readonly<Record<string, number>>,
  arithmetic: Arithmetic<T>,
  options: EvaluateOptions = {},
): Evaluator<T> {
  const environment = environmentOf(layer, sizes);
  const declared = [...layer.tensors, ...(options.tensors ?? [])];
  requireDistinct(
    declared.map((t) => t.name),
    "declared",
  );
  const cells = new Map(declared.map((t) => [t.name, cellFor<T>(t, environment)]));
  const context = contextFor(layer, environment, cells, arithmetic);
  const fixed = new Set(options.given);
  const statements = [...layer.statements, ...(options.statements ?? [])].filter((s) => !fixed.has(s.tensor));
  const defined = new Set(statements.map((s) => s.tensor));
  requireDistinct(
    statements.map((s) => s.tensor),
    "defined",
  );
  const needed = new Set(statements.flatMap(readBy));
  const steps = componentsOf(statements).map(({ statements: members, isRecurrent }) => {
    if (!isRecurrent) return compileStatement(members[0]!, context);
    const within = { ...context, recurrent: new Set(members.map((s) => s.tensor)) };
    const points = members.map((s) => compilePoints(s, within));
    return () => runRecurrence(points);
  });
  const bounds = declared.flatMap((t) => {
    const bound = t.role === "index" && t.bound && compileInt(t.bound, context);
    return typeof bound === "number" ? [{ name: t.name, bound }] : [];
  });

  const run = (tensors: Tensors<T>): Map<string, ArrayLike<T | number>> => {
    for (const cell of cells.values()) {
      const length = cell.shape.reduce((a, b) => a * b, 1);
      if (defined.has(cell.name)) {
        const zero = cell.integer ? 0 : arithmetic.rational(0);
        cell.data = new Array<T | number>(length).fill(zero);
        continue;
      }
      const data = tensors.get(cell.name);
      if (!data && needed.has(cell.name)) throw new RangeError(`no values for ${cell.name}`);
      if (data && data.length !== length)
        throw new RangeError(`${cell.name} has ${data.length} elements; its shape wants ${length}`);
      cell.data = data ?? missing;
    }
    for (const { name, bound } of bounds) checkRange(name, cells.get(name)?.data ?? [], bound);
    for (const step of steps) step();
    return new Map([...cells.values()].filter((c) => c.data !== missing).map((c) => [c.name, c.data]));
  };
  return { shapes: new Map([...cells].map(([name, cell]) => [name, cell.shape])), run };
}

/** A layer in which two tensors share a name means nothing. */
function requireDistinct(names: readonly string[], what: string): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new Error(`${twice} is ${what} twice`);
}

/** The tensors that a statement reads, in subscripts and bounds too. */
function readBy({ body, subscripts }: Statement): readonly string[] {
  const places = subscripts.map((value): Expression => ({ kind: "integer", value }));
  return [body, ...places].flatMap((part) => [...tensorsIn(part)]);
}

/** Stands for a tensor that nobody gave and nobody reads. */
const missing: ArrayLike<never> = [];

function cellFor<T>(tensor: Tensor, environment: Environment): Cell<T> {
  const shape = tensor.shape.map((extent) => Math.max(0, environment.int(extent)));
  const integer = tensor.type === "integer";
  const position = integer && tensor.role !== "index" && !tensor.rounded;
  const { least } = tensor.rounded ?? {};
  const rounded = tensor.rounded && {
    low: Math.max(-farthest, least ? environment.int(least) : -Infinity),
    high: Math.min(farthest, tensor.bound ? environment.int(tensor.bound) - 1 : Infinity),
  };
  return { name: tensor.name, shape, integer, position, rounded, data: missing };
}

function contextFor<T>(
  layer: Layer,
  { integers, reals }: Environment,
  tensors: ReadonlyMap<string, Cell<T>>,
  arithmetic: Arithmetic<T>,
): Context<T> {
  const { watch, rational, parameter = (_, ...value) => rational(...value) } = arithmetic;
  const known = new Map([...reals].map(([name, value]) => [name, parameter(name, ...value)]));
  const context: Context<T> = {
    arithmetic,
    sizes: integers,
    reals: known,
    slots: [],
    indices: new Map(),
    tensors,
    watch,
  };
  for (const { name, value } of layer.constants) known.set(name, compileExpression(value, context)());
  return context;
}

/** Loops over the statement's indices that store its body. */
function compileStatement<T>(statement: Statement, context: Context<T>): () => void {
  const { loops, store } = compileStore(statement, context);
  if (!store) return () => {};
  const { slots } = context;
  return loops.reduceRight<() => void>(
    (step, { slot, end }) =>
      () => {
        for (let i = 0; i < end; i++) {
          slots[slot] = i;
          step();
        }
      },
    store,
  );
}

/** A statement of a recurrence, whose points are computed as they are wanted. */
function compilePoints<T>(statement: Statement, context: Context<T>): Points {
  const { cell, loops, offset, store } = compileStore(statement, context);
  if (!store || !offset) return { cell, offsets: [], go: () => {}, store: () => {} };
  const { slots } = context;
  const count = loops.reduce((product, { end }) => product * end, 1);
  const go = (point: number): void => {
    let rest = point;
    for (const { slot, end } of loops.toReversed()) {
      slots[slot] = rest % end;
      rest = Math.floor(rest / end);
    }
  };
  const offsets = Array.from({ length: count }, (_, point) => (go(point), offset()));
  return { cell, offsets, go, store };
}

/** The statement's loops, and what computes one point; no `store` where there is none. */
function compileStore<T>(statement: Statement, context: Context<T>) {
  const cell = context.tensors.get(statement.tensor);
  if (!cell) throw new Error(`no tensor ${statement.tensor}`);
  context.watch?.inside(statement.tensor);
  let inner = context;
  const loops = statement.indices.map(({ name, extent }) => {
    const compiled = compileInt(extent, context);
    const end = typeof compiled === "number" ? compiled : compiled();
    const [scope, slot] = bindIndex(inner, name, { low: 0, high: end - 1 });
    inner = { ...inner, ...scope };
    return { slot, end };
  });
  if (loops.some(({ end }) => end <= 0)) return { cell, loops };
  const offset = compileOffset(cell, statement.subscripts, inner);
  const value = cell.rounded
    ? compileRounded(statement.body, cell.rounded, inner)
    : cell.integer
      ? compileIntegerExpression(statement.body, inner)
      : compileExpression(statement.body, inner);
  const store = (): void => {
    const at = offset();
    if (at < 0) throw new Error(`${statement.tensor} is written out of bounds`);
    (cell.data as (T | number)[])[at] = value();
  };
  return { cell, loops, offset, store };
}

function checkRange(name: string, data: ArrayLike<unknown>, bound: number): void {
  for (let i = 0; i < data.length; i++) {
    const value = Number(data[i]);
    if (!(Number.isInteger(value) && value >= 0 && value < bound))
      throw new RangeError(`element ${i} of ${name} is ${value}; its values lie in 0..${bound - 1}`);
  }
}

/**
 * dtable[v, d] = Σ_n [t[n] = v] dy[n, d] without testing every n for every v: the points n are put in the order of what
 * t says of them (`counting.ts`), then each element adds the points of its own bucket.
 */
import { renameBinders, substitute, substituteCondition, withBounds } from "../../../notation/binders.js";
import * as build from "../../../notation/construct.js";
import { conjuncts } from "../../../notation/construct.js";
import type { Binder, Condition, Expression } from "../../../notation/expression.js";
import * as integer from "../../../notation/integer.js";
import type { Int } from "../../../notation/integer.js";
import type { Index, Statement } from "../../../notation/layer.js";
import { namesInCondition } from "../../../notation/traverse.js";
import { decode } from "../../contraction/pack.js";
import type { Surroundings } from "../../lower.js";
import { emitOffset, nameAtoms } from "../../offsets.js";
import type { Buffer } from "../../program.js";
import { emitLoops, type Emitter } from "../../reduce.js";
import { scalarEmitter } from "../../scalar.js";
import { splitScatters, type Scatter } from "../../scatter.js";
import {
  block,
  buffersOfCounting,
  chunk,
  countingOf,
  partsOfCounting,
  when,
  type Counting,
} from "./counting.js";
import { extentsOf } from "../extents.js";
import { guardElements } from "../guards.js";
import { builderOf, kernelOf } from "../lower.js";
import { ownName } from "../pack.js";
import type { GpuKernel } from "../program.js";

const { constant, element, minus, plus, times, variable, zero } = integer;

export interface Buckets {
  readonly kernels: readonly GpuKernel[];
  readonly buffers: readonly Buffer[];
  /** Where this is less work than testing each point for each element. */
  readonly when: Condition;
}

/** From so many tests on, and so many buckets: fewer have points enough to share among threads. */
const [leastTests, leastKeys] = [2 ** 20, 64];
/** Additions in a row; rounding then grows with a bucket's length divided by this. */
const addends = 256;

/** A scatter whose points can be told apart by a key. */
interface Keyed {
  readonly scatter: Scatter;
  /** The element's own indices by which its buckets differ, the box of the points for each of them, and the reduced indices that run for each point. */
  readonly batch: readonly Index[];
  readonly points: readonly Index[];
  readonly inner: readonly Binder[];
  /** The bucket of a point, and when it has one; what else is asked of the points of a bucket. */
  readonly key: Int;
  readonly valid: Condition;
  readonly rest: Condition;
  /** The bucket of an element, and how many there are. */
  readonly own: Int;
  readonly keys: Int;
}

/** The statement's kernels by buckets; undefined where it is not one scatter through an index tensor. */
export function bucketed(
  { name, formula }: { readonly name: string; readonly formula: string },
  whole: Statement,
  around: Surroundings,
): Buckets | undefined {
  const { shapes, constants } = around;
  const statement = guardElements(whole, shapes);
  const keyed = keyedOf(statement, around);
  if (!keyed) return undefined;
  const { key, valid, keys } = keyed;
  const points = [...keyed.batch, ...keyed.points];
  const counting = countingOf(
    extentsOf(points),
    keys,
    (value, base) => (integer.literal(value) === undefined ? constants.value(value, base) : value),
    (suffix) => ownName(`${name}${suffix}`, shapes),
  );
  const kernel = (suffix: string, says: string, fill: (emitter: Emitter) => void): GpuKernel => {
    const builder = builderOf(`${name}${suffix}`, statement, around);
    builder.states(counting.points, chunk);
    builder.states(counting.keys, block);
    fill(scalarEmitter(builder, constants, shapes));
    const source = { name: `${name}${suffix}`, formula: says === "" ? formula : `${formula}\n${says}` };
    const threads = { kind: "points", box: builder.box ?? [], size: 64 } as const;
    return kernelOf(source, builder.finish().code, threads, around, builder.stated);
  };
  const overCount =
    (index: string, count: Int, fill: (emitter: Emitter, at: Int) => void) => (e: Emitter) => {
      const at = e.builder.name(index);
      e.builder.loops([{ name: at, extent: count }], () => fill(e, variable(at)));
    };
  return {
    kernels: [
      kernel("Keys", "what each point is added to", overCount("at", counting.points, keyOfPoint)),
      ...partsOfCounting(counting).map(({ suffix, says, index, count, emit }) =>
        kernel(
          suffix,
          says,
          overCount(index, count, ({ builder }, at) => emit(builder, at)),
        ),
      ),
      kernel("Buckets", "", (emitter) => sumBucket(statement, keyed, counting, emitter, around)),
    ],
    buffers: buffersOfCounting(counting),
    when: build.and(
      build.atMost(constant(leastKeys), keys),
      build.atMost(constant(leastTests), times(extentsOf(statement.indices), counting.points)),
    ),
  };

  function keyOfPoint({ builder, condition }: Emitter, at: Int): void {
    const by = decode(builder, at, points);
    const found = builder.counter("key", keys);
    const inside = condition(substituteCondition(valid, by));
    const value = nameAtoms(builder, shapes, integer.substituteInt(key, by));
    builder.emit(when(inside, { kind: "assign", name: found, value }));
    builder.emit({ kind: "store", buffer: counting.keyAt, offset: at, value: variable(found) });
  }
}

function keyedOf(statement: Statement, { shapes, scope, gathered }: Surroundings): Keyed | undefined {
  const { scatters, rest } = splitScatters(statement, gathered, scope.facts);
  const [scatter, other] = scatters;
  const tensor = shapes.get(statement.tensor);
  if (!scatter || other || !tensor || !build.isConstant(rest, 0)) return undefined;
  const solved = statement.indices.flatMap((index) => {
    const axis = statement.subscripts.findIndex((s) => integer.plainVariable(s) === index.name);
    const value = scatter.subscripts[axis];
    return scatter.indices.includes(index) || !value ? [] : [{ index, value }];
  });
  if (solved.length + scatter.indices.length < statement.indices.length) return undefined;
  // an index on which what is solved depends, the batch of j[n, p], is a part of the key: each has buckets of its own
  const used = integer.variablesOf(plus(...solved.map((s) => s.value)));
  const batch = scatter.indices.filter((i) => used.has(i.name));
  const digits = [...batch.map((index) => ({ index, value: variable(index.name) })), ...solved];
  const flat = (values: readonly Int[]): Int =>
    values.reduce((sum, v, i) => plus(times(sum, digits[i]?.index.extent ?? integer.one), v), zero);
  const key = flat(digits.map((s) => s.value));
  const names = integer.variablesOf(key);
  const [points, inner] = [true, false].map((is) => scatter.binders.filter((b) => names.has(b.name) === is));
  const ownNames = new Set([...scatter.binders, ...statement.indices].map((b) => b.name));
  const isWhole = (b: Binder): boolean =>
    integer.literal(b.lower) === 0 && ![...integer.variablesOf(b.upper)].some((n) => ownNames.has(n));
  if (!points || !inner || points.length === 0 || !points.every(isWhole)) return undefined;
  const free = statement.indices.filter((i) => !batch.includes(i));
  const others = new Set([...inner, ...free].map((b) => b.name));
  const ofPoint = (c: Condition): boolean => ![...namesInCondition(c)].some((n) => others.has(n));
  if ([...names].some((n) => others.has(n))) return undefined;
  const conditions = conjuncts(scatter.guard);
  return {
    ...{ scatter, key, inner, batch },
    points: points.map((b) => ({ name: b.name, extent: b.upper })),
    valid: build.and(...conditions.filter(ofPoint)),
    rest: build.and(...conditions.filter((c) => !ofPoint(c))),
    own: flat(digits.map((s) => variable(s.index.name))),
    keys: extentsOf(digits.map((s) => s.index)),
  };
}

/** Each element adds the points of its bucket, in parts of a few. */
function sumBucket(
  statement: Statement,
  { scatter, batch, points, inner, rest, own }: Keyed,
  { starts, order }: Counting,
  emitter: Emitter,
  { shapes }: Surroundings,
): void {
  const { builder } = emitter;
  builder.loops(statement.indices, () => {
    const offset = emitOffset(builder, shapes, statement.tensor, statement.subscripts);
    const from = builder.define(element(starts, [own]), "from");
    const to = builder.define(element(starts, [plus(own, integer.one)]), "to");
    const accumulator = (base: string): string => {
      const name = builder.name(base);
      builder.emit({ kind: "accumulator", name, value: build.zero });
      return name;
    };
    const add = (name: string, value: Expression): void =>
      builder.emit({ kind: "assign", name, value: build.add({ kind: "parameter", name }, value) });
    const group = batch.reduce((flat, i) => plus(times(flat, i.extent), variable(i.name)), zero);
    const before = builder.named(times(group, extentsOf(points)), "before");
    const sum = accumulator("sum");
    const [first, at] = [builder.name("first"), builder.name("at")];
    builder.loop({ index: first, from, to, step: constant(addends) }, () => {
      const some = accumulator("some");
      const end = integer.extremum("min", plus(variable(first), constant(addends)), to);
      builder.loop({ index: at, from: variable(first), to: end }, () => {
        const place = builder.define(minus(element(order, [variable(at)]), before), "place");
        const decoded = decode(builder, place, points);
        const placed = inner.map((b) => withBounds(b, decoded));
        const { binders: ranges, by: names } = renameBinders(placed, (name) => builder.name(name));
        const by = new Map([...decoded, ...names]);
        const conditions = conjuncts(substituteCondition(rest, by));
        emitLoops(ranges, conditions, emitter, () => add(some, emitter.value(substitute(scatter.value, by))));
      });
      add(sum, { kind: "parameter", name: some });
    });
    builder.emit({
      kind: "store",
      buffer: statement.tensor,
      offset,
      value: { kind: "parameter", name: sum },
    });
  });
}

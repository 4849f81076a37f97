/**
 * Points put in the order of their keys by counting. Points of one key stay in their order, and each place is written by one
 * thread alone: nothing is atomic, and every run gives the same order.
 */
import * as build from "../../../notation/construct.js";
import * as integer from "../../../notation/integer.js";
import type { Int } from "../../../notation/integer.js";
import type { Builder } from "../../block.js";
import type { Buffer, Code } from "../../program.js";

const { constant, element, plus, times, variable, zero, one } = integer;

/** Points that count those before them among themselves; more where counts would take too much memory. */
export const chunk = 128;
/** Counts at most: one a key and chunk. */
const mostCounts = 2 ** 24;
/** Keys whose points are added up together on the way to where each one's begin. */
export const block = 256;

/** How many points and keys there are, and the buffers: `keyAt` says each point's key, `keys` where it has none. */
export interface Counting {
  readonly points: Int;
  readonly keys: Int;
  /** By point: its key, and how many of its chunk's earlier ones have it too. */
  readonly keyAt: string;
  readonly ranks: string;
  /** By key and chunk: how many points of the key the chunk has; then how many the chunks before it have. */
  readonly counts: string;
  /** By key: how many points it has, and where these begin in the order. */
  readonly totals: string;
  readonly starts: string;
  /** By block of keys: how many points they have. */
  readonly sums: string;
  readonly order: string;
  readonly chunkLength: Int;
  readonly chunks: Int;
  readonly blocks: Int;
}

/** Parts so long that cover the whole, the last one perhaps empty; seen to be positive, as a quotient rounded up is not. */
const cover = (whole: Int, length: Int): Int => plus(one, integer.floorDivide(whole, length));

/** @param named a name for what sizes decide; `own` makes names of buffers */
export function countingOf(
  points: Int,
  keys: Int,
  named: (value: Int, base: string) => Int,
  own: (suffix: string) => string,
): Counting {
  const most = integer.extremum("max", one, integer.floorDivide(constant(mostCounts), keys));
  const wanted = integer.extremum("min", cover(points, constant(chunk)), most);
  const chunkLength = named(cover(points, wanted), "chunkLength");
  return {
    ...{ points, keys, chunkLength },
    chunks: named(cover(points, chunkLength), "chunks"),
    blocks: named(cover(keys, constant(block)), "keyBlocks"),
    ...{ keyAt: own("KeyAt"), ranks: own("Ranks"), counts: own("Counts"), totals: own("Totals") },
    ...{ starts: own("Starts"), sums: own("Sums"), order: own("Order") },
  };
}

export function buffersOfCounting(c: Counting): readonly Buffer[] {
  const lengths: readonly (readonly [string, Int])[] = [
    [c.keyAt, c.points],
    [c.ranks, c.points],
    [c.counts, times(c.keys, c.chunks)],
    [c.totals, c.keys],
    [c.sums, c.blocks],
    [c.starts, plus(c.keys, one)],
    [c.order, c.points],
  ];
  return lengths.map(([name, length]) => ({ name, role: "workspace", type: "integer", shape: [length] }));
}

/** A kernel of the counting: what each thread of `count` does for its number. */
export interface Part {
  readonly suffix: string;
  readonly says: string;
  readonly index: string;
  readonly count: Int;
  readonly emit: (builder: Builder, at: Int) => void;
}

/** The kernels in their order; the keys are there already. */
export function partsOfCounting(c: Counting): readonly Part[] {
  const slot = (key: Int, chunkAt: Int): Int => plus(times(key, c.chunks), chunkAt);
  const chunkOf = (builder: Builder, at: Int): Int =>
    builder.define(integer.floorDivide(at, c.chunkLength), "chunk");
  return [
    {
      suffix: "Clear",
      says: "no points are counted yet",
      index: "at",
      count: times(c.keys, c.chunks),
      emit: (builder, at) => builder.emit(store(c.counts, at, zero)),
    },
    {
      suffix: "Count",
      says: "each point's earlier ones of its key in its chunk; the first one stores how many there are",
      index: "at",
      count: c.points,
      emit: (builder, at) => {
        const key = builder.define(element(c.keyAt, [at]), "key");
        const chunkAt = chunkOf(builder, at);
        const from = builder.define(times(chunkAt, c.chunkLength), "from");
        const to = builder.define(integer.extremum("min", plus(from, c.chunkLength), c.points), "to");
        const [before, all] = [builder.counter("before", zero), builder.counter("all", zero)];
        const other = builder.name("other");
        const increment = (name: string): Code => ({
          kind: "assign",
          name,
          value: plus(variable(name), one),
        });
        builder.loop({ index: other, from, to }, () => {
          const earlier = when(build.below(variable(other), at), increment(before));
          const same = build.equals(element(c.keyAt, [variable(other)]), key);
          builder.emit(when(same, increment(all), earlier));
        });
        builder.emit(store(c.ranks, at, variable(before)));
        const first = build.and(build.isZero(variable(before)), build.below(key, c.keys));
        builder.emit(when(first, store(c.counts, slot(key, chunkAt), variable(all))));
      },
    },
    {
      suffix: "Offsets",
      says: "how many points of each key the chunks before each chunk have",
      index: "key",
      count: c.keys,
      emit: (builder, key) => {
        const sum = builder.counter("sum", zero);
        const at = builder.name("chunk");
        builder.loop({ index: at, from: zero, to: c.chunks }, () => {
          const here = builder.define(element(c.counts, [slot(key, variable(at))]), "here");
          builder.emit(store(c.counts, slot(key, variable(at)), variable(sum)));
          builder.emit({ kind: "assign", name: sum, value: plus(variable(sum), here) });
        });
        builder.emit(store(c.totals, key, variable(sum)));
      },
    },
    {
      suffix: "Sums",
      says: `the points of ${block} keys together`,
      index: "keyBlock",
      count: c.blocks,
      emit: (builder, at) => {
        const from = integer.scale(at, block);
        const to = integer.extremum("min", plus(from, constant(block)), c.keys);
        const sum = builder.counter("sum", zero);
        addUp(builder, sum, c.totals, from, to);
        builder.emit(store(c.sums, at, variable(sum)));
      },
    },
    {
      suffix: "Starts",
      says: "where the points of each key begin; behind the last key, how many have one",
      index: "keyBlock",
      count: c.blocks,
      emit: (builder, at) => {
        const sum = builder.counter("sum", zero);
        addUp(builder, sum, c.sums, zero, at);
        const from = integer.scale(at, block);
        const to = integer.extremum("min", plus(from, constant(block)), c.keys);
        const key = builder.name("key");
        builder.loop({ index: key, from, to }, () => {
          builder.emit(store(c.starts, variable(key), variable(sum)));
          const here = plus(variable(sum), element(c.totals, [variable(key)]));
          builder.emit({ kind: "assign", name: sum, value: here });
        });
        const isLast = build.equals(plus(at, one), c.blocks);
        builder.emit(when(isLast, store(c.starts, c.keys, variable(sum))));
      },
    },
    {
      suffix: "Order",
      says: "the points in the order of their keys",
      index: "at",
      count: c.points,
      emit: (builder, at) => {
        const key = builder.define(element(c.keyAt, [at]), "key");
        const chunkAt = chunkOf(builder, at);
        const place = plus(
          element(c.starts, [key]),
          element(c.counts, [slot(key, chunkAt)]),
          element(c.ranks, [at]),
        );
        builder.emit(when(build.below(key, c.keys), store(c.order, place, at)));
      },
    },
  ];
}

/** sum += buffer[from] + … + buffer[to - 1]. */
function addUp(builder: Builder, sum: string, buffer: string, from: Int, to: Int): void {
  const at = builder.name("i");
  builder.loop({ index: at, from, to }, () =>
    builder.emit({ kind: "assign", name: sum, value: plus(variable(sum), element(buffer, [variable(at)])) }),
  );
}
const store = (buffer: string, offset: Int, value: Int): Code => ({ kind: "store", buffer, offset, value });
export const when = (condition: ReturnType<typeof build.and>, ...then: readonly Code[]): Code => ({
  kind: "if",
  condition,
  then,
  otherwise: [],
});

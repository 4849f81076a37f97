/** Which ways of computing a contraction there are, and when each is taken. */
import * as build from "../../../notation/construct.js";
import type { Condition, Expression } from "../../../notation/expression.js";
import * as integer from "../../../notation/integer.js";
import type { Int } from "../../../notation/integer.js";
import type { Statement } from "../../../notation/layer.js";
import { rewrite } from "../../../notation/traverse.js";
import { layerFacts } from "../../../ranges/facts.js";
import { againWhereNaN, sumsAgain } from "../../contraction/excluded.js";
import { total } from "../../contraction/terms.js";
import type { Surroundings } from "../../lower.js";
import { byItself, emitOffset } from "../../offsets.js";
import type { Buffer } from "../../program.js";
import { scalarEmitter } from "../../scalar.js";
import { depthOf, extentsOf, sizeOf, tilesOf, type Contraction } from "../extents.js";
import { builderOf, kernelOf } from "../lower.js";
import { ownName } from "../pack.js";
import type { Choice, GpuKernel } from "../program.js";
import { hasFewChannels } from "./direct.js";
import { emitTiles, lengthOf, type Tiling } from "./tile.js";
import { vectorsOf } from "./vector-operands.js";

interface Source {
  readonly name: string;
  readonly formula: string;
}
export interface Tiled {
  readonly kernels: readonly GpuKernel[];
  readonly choices: readonly Choice[];
  readonly buffers: readonly Buffer[];
}

/** Kernels that run one after the other, and for which sizes. */
interface Way {
  readonly when: Condition;
  readonly kernels: readonly GpuKernel[];
}

const { constant } = integer;
/** Tiles for fewer rows or columns are mostly empty. */
const least = { direct: 3, small: 12, wide: 5, large: 48 };
/** A device has work where about so many workgroups run. */
const wantedGroups = 128;
/** As many threads as a CPU's adapter runs at once, one a lane. */
const lanes = 4;
/** Parts of the depth are at least so deep. */
const leastDepth = 256;

/** `simple` is the kernel with a thread for each point: for what is too small for tiles. */
export function lowerTiled(
  { name, formula }: Source,
  statement: Statement,
  contraction: Contraction,
  simple: GpuKernel,
  around: Surroundings,
): Tiled {
  const { layer, shapes, constants } = around;
  const facts = layerFacts(layer);
  const { rows, columns } = sizeOf(contraction.term, facts);
  const depths = [contraction.term, ...contraction.others].map(depthOf);
  const tiled = (suffix: string, tiling: Tiling): GpuKernel => {
    // a tile finds its rows' and columns' indices itself, under their own names
    const builder = builderOf(`${name}${suffix}`, { ...statement, indices: contraction.term.batch }, around);
    const emitter = scalarEmitter(builder, constants, shapes);
    const size = (tiling.block ?? 4) * (tiling.side ?? 1);
    const extents = tilesOf(contraction.term, size, facts, constants);
    for (const extent of [rows, columns]) builder.states(extent, size);
    const threads = emitTiles(statement, contraction, tiling, extents, builder, emitter, shapes);
    const source = { name: `${name}${suffix}`, formula };
    const kernel = kernelOf(source, builder.finish().code, threads, around, builder.stated);
    return tiling.vectors ? { ...kernel, vectors: tiling.vectors } : kernel;
  };
  const vectors = vectorsOf(contraction, statement.tensor, shapes, facts);
  const both = (most: number) =>
    build.and(build.atMost(constant(most), rows), build.atMost(constant(most), columns));
  /** How many tiles of so many rows and columns there are. */
  const tiles = (size: number): Int => {
    const { rowTiles, columnTiles } = tilesOf(contraction.term, size, facts, constants);
    return integer.times(rowTiles, columnTiles, extentsOf(contraction.term.batch));
  };
  const missing = integer.ceilDivide(constant(wantedGroups), tiles(32));
  const count = constants.value(
    integer.extremum(
      "max",
      integer.one,
      integer.extremum("min", missing, integer.ceilDivide(integer.plus(...depths), constant(leastDepth))),
    ),
    "parts",
  );
  // whole slices of a tile
  const ofPart = (depth: Int): Int =>
    constants.value(
      integer.scale(integer.ceilDivide(depth, integer.times(count, constant(8))), 8),
      "partDepth",
    );
  const split = { count, depths: depths.map(ofPart), buffer: ownName(`${name}Sums`, shapes) };
  const whole = sumOfParts({ name: `${name}Whole`, formula }, statement, contraction, split, around);
  const isLong = build.and(both(least.small), build.below(integer.one, count));
  const isLarge = build.and(both(least.large), build.atMost(constant(wantedGroups / 4), tiles(64)));
  /** In workgroups; whether the operands are read as vectors, whether there are large tiles. */
  const shared = (suffix: string, inVectors: boolean, hasLarge: boolean): readonly Way[] => {
    const way = (when: Condition, ...kernels: readonly GpuKernel[]): Way => ({ when, kernels });
    const tile = (base: string, tiling: Tiling): GpuKernel =>
      tiled(`${base}${suffix}`, { ...tiling, vectors: inVectors ? vectors?.tensors : undefined });
    return [
      way(isLong, tile("Parts", { side: 8, split }), whole),
      ...(hasLarge ? [way(isLarge, tile("Tile16", { side: 16 }))] : []),
      way(both(least.small), tile("Tile8", { side: 8 })),
    ];
  };
  // where rows are divisible by four, or fixed so, there are no large tiles of single elements, or no tiles of these
  const inVectors = vectors
    ? shared("Vectors", true, true).map((w) => ({ ...w, when: build.and(vectors.when, w.when) }))
    : [];
  const always = vectors?.when.kind === "truth";
  const ways = [...inVectors, ...(always ? [] : shared("", false, !vectors))];
  const choice = ({ when, kernels }: Way): Choice => ({ when, kernels: kernels.map((k) => k.name) });
  const threads: readonly Way[] = [
    { when: both(least.direct), kernels: [tiled("Direct", {})] },
    { when: build.truth, kernels: [simple] },
  ];
  // 8 × 8 sums a thread read half as much for a product as 4 × 4
  const isWide = build.and(both(least.wide), build.atMost(constant(lanes), tiles(8)));
  const byWindow = build.and(isWide, hasFewChannels(contraction.term, shapes));
  const wide: readonly Way[] = [
    ...(isNever(byWindow)
      ? []
      : [{ when: byWindow, kernels: [tiled("DirectWindow", { block: 8, order: "window" })] }]),
    { when: isWide, kernels: [tiled("Direct8", { block: 8 })] },
  ];
  return {
    kernels: [...new Set([simple, ...[...threads, ...wide, ...ways].flatMap((w) => w.kernels)])],
    buffers: [
      {
        name: split.buffer,
        role: "workspace",
        type: "real",
        shape: [count, lengthOf(statement.tensor, shapes)],
      },
    ],
    choices: [
      ...[...wide, ...threads].map((w) => ({ software: true, ...choice(w) })),
      ...[...ways, ...threads].map(choice),
    ],
  };
}

const isNever = (c: Condition): boolean => c.kind === "truth" && !c.value;

/** The sum of the parts, always in one order, and what is made of it. */
function sumOfParts(
  source: Source,
  statement: Statement,
  { term, others, epilogue }: Contraction,
  { count, buffer }: NonNullable<Tiling["split"]>,
  around: Surroundings,
): GpuKernel {
  const { shapes, constants } = around;
  const builder = builderOf(source.name, statement, around);
  const emitter = scalarEmitter(builder, constants, shapes);
  const again = sumsAgain(statement, [term, ...others], shapes, builder.facts);
  builder.loops(statement.indices, () => {
    const { tensor, subscripts } = statement;
    const offset = emitOffset(builder, byItself(shapes, tensor), tensor, subscripts);
    const sum = builder.name("sum");
    builder.emit({ kind: "accumulator", name: sum, value: build.zero });
    const part = builder.name("part");
    builder.loop({ index: part, from: integer.zero, to: count }, () => {
      const start = integer.times(integer.variable(part), lengthOf(statement.tensor, shapes));
      const value = build.add(
        { kind: "parameter", name: sum },
        build.read(buffer, [integer.plus(start, offset)]),
      );
      builder.emit({ kind: "assign", name: sum, value });
    });
    const whole: Expression = again ? againWhereNaN(sum, again, emitter) : { kind: "parameter", name: sum };
    const finished = rewrite(epilogue, (e) => (e.kind === "parameter" && e.name === total ? whole : e));
    const place = shapes.get(tensor)?.base ? emitOffset(builder, shapes, tensor, subscripts) : offset;
    builder.emit({ kind: "store", buffer: tensor, offset: place, value: emitter.value(finished) });
  });
  const threads = { kind: "points", box: builder.box ?? [], size: 64 } as const;
  return kernelOf(source, builder.finish().code, threads, around, builder.stated);
}

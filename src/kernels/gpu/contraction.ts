/** Which ways of computing a contraction there are, and when each is taken. */
import * as build from "../../notation/construct.js";
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import type { Index, Statement } from "../../notation/layer.js";
import { rewrite } from "../../notation/traverse.js";
import { layerFacts } from "../../ranges/facts.js";
import { isTileable } from "../contraction/emit.js";
import { phasesOf } from "../contraction/phases.js";
import { tiledSumsOf, total, type Operand, type Term } from "../contraction/terms.js";
import type { Surroundings } from "../lower.js";
import { emitOffset } from "../offsets.js";
import type { Buffer } from "../program.js";
import { scalarEmitter } from "../scalar.js";
import { depthOf, extentsOf, sizeOf, tilesOf, type Contraction } from "./extents.js";
import { builderOf, kernelOf } from "./lower.js";
import { ownName } from "./pack.js";
import type { Choice, GpuKernel } from "./program.js";
import { emitTiles, lengthOf, type Tiling } from "./tile.js";

interface Source {
  readonly name: string;
  readonly formula: string;
}
export interface Tiled {
  readonly kernels: readonly GpuKernel[];
  readonly choices: readonly Choice[];
  readonly buffers: readonly Buffer[];
}

const { constant } = integer;
/** Tiles for fewer rows or columns are mostly empty. */
const least = { direct: 3, small: 12, large: 48 };
/** A device has work where about so many workgroups run. */
const wantedGroups = 128;
/** Parts of the depth are at least so deep. */
const leastDepth = 256;

/** The statement as contractions whose operands are read by affine maps; undefined where it is none, or they do not fit together. */
export function tileable(statement: Statement, { scope, shapes }: Surroundings): Contraction | undefined {
  const sums = tiledSumsOf(statement, scope);
  const [first, ...more] = sums?.terms ?? [];
  const term = first && facing(first, statement);
  if (!sums || !term || !isTileable(sums, shapes, scope.facts)) return undefined;
  // what an index tensor says is tested at every read
  const reads = (o: Operand): boolean => o.read.subscripts.some((s) => integer.holdsElement(s));
  if (sums.terms.some((t) => reads(t.rows) || reads(t.columns))) return undefined;
  // phases give the rows other names
  if (more.length > 0 && sums.terms.some((t) => phasesOf(t, scope.facts).length > 0)) return undefined;
  const others = more.flatMap((other) => alongside(term, other) ?? []);
  return others.length === more.length ? { term, others, epilogue: sums.epilogue } : undefined;
}

/** The term with the result's last index among its columns: neighbouring threads store neighbouring elements. */
function facing(term: Term, { subscripts }: Statement): Term {
  const last = integer.plainVariable(subscripts.at(-1) ?? integer.zero);
  const { rows, columns } = term;
  return rows.outer.some((i) => i.name === last) ? { ...term, rows: columns, columns: rows } : term;
}

/** The second term with the rows and columns of the first. */
function alongside(first: Term, second: Term): Term | undefined {
  const same = (a: readonly Index[], b: readonly Index[]): boolean =>
    a.length === b.length && a.every((i, at) => i.name === b[at]?.name);
  const { rows, columns } = second;
  const turned = same(rows.outer, first.columns.outer) ? { ...second, rows: columns, columns: rows } : second;
  const fits =
    same(turned.batch, first.batch) &&
    same(turned.rows.outer, first.rows.outer) &&
    same(turned.columns.outer, first.columns.outer);
  return fits ? turned : undefined;
}

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
    const builder = builderOf(`${name}${suffix}`, statement, around);
    const emitter = scalarEmitter(builder, constants, shapes);
    const tiles = tilesOf(contraction.term, 4 * (tiling.side ?? 1), facts, constants);
    const threads = emitTiles(statement, contraction, tiling, tiles, builder, emitter, shapes);
    return kernelOf({ name: `${name}${suffix}`, formula }, builder.finish().code, threads, layer, constants);
  };
  const both = (most: number) =>
    build.and(build.atMost(constant(most), rows), build.atMost(constant(most), columns));
  const groups = (side: number): Int => {
    const { rowTiles, columnTiles } = tilesOf(contraction.term, 4 * side, facts, constants);
    return integer.times(rowTiles, columnTiles, extentsOf(contraction.term.batch));
  };
  const direct = tiled("Direct", {});
  const [small, large] = [tiled("Tile8", { side: 8 }), tiled("Tile16", { side: 16 })];
  const missing = integer.ceilDivide(constant(wantedGroups), groups(8));
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
  const parts = tiled("Parts", { side: 8, split });
  const whole = sumOfParts({ name: `${name}Whole`, formula }, statement, contraction, split, around);
  const shape = [count, lengthOf(statement.tensor, shapes)];
  const names = (...kernels: readonly GpuKernel[]): readonly string[] => kernels.map((k) => k.name);
  return {
    kernels: [simple, direct, small, large, parts, whole],
    buffers: [{ name: split.buffer, role: "workspace", type: "real", shape }],
    choices: [
      { software: true, when: both(least.direct), kernels: names(direct) },
      { software: true, when: build.truth, kernels: names(simple) },
      {
        when: build.and(both(least.small), build.below(integer.one, count)),
        kernels: names(parts, whole),
      },
      {
        when: build.and(both(least.large), build.atMost(constant(wantedGroups / 4), groups(16))),
        kernels: names(large),
      },
      { when: both(least.small), kernels: names(small) },
      { when: both(least.direct), kernels: names(direct) },
      { when: build.truth, kernels: names(simple) },
    ],
  };
}

/** The sum of the parts, always in one order, and what is made of it. */
function sumOfParts(
  source: Source,
  statement: Statement,
  { epilogue }: Contraction,
  { count, buffer }: NonNullable<Tiling["split"]>,
  around: Surroundings,
): GpuKernel {
  const { layer, shapes, constants } = around;
  const builder = builderOf(source.name, statement, around);
  const emitter = scalarEmitter(builder, constants, shapes);
  builder.loops(statement.indices, () => {
    const offset = emitOffset(builder, shapes, statement.tensor, statement.subscripts);
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
    const finished = rewrite(epilogue, (e) =>
      e.kind === "parameter" && e.name === total ? { kind: "parameter", name: sum } : e,
    );
    builder.emit({ kind: "store", buffer: statement.tensor, offset, value: emitter.value(finished) });
  });
  const threads = { kind: "points", box: builder.box ?? [], size: 64 } as const;
  return kernelOf(source, builder.finish().code, threads, layer, constants);
}

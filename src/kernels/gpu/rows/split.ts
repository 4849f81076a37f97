/**
 * A long reduction of few results in two levels: parts of it go to threads (or workgroups) of their own, and a second
 * kernel combines what they found, always in one order. Threads next to each other read elements next to each
 * other: down the columns of row-major data neighbouring threads have neighbouring columns, along a row they share the row.
 */
import * as build from "../../../notation/construct.js";
import type { Expression } from "../../../notation/expression.js";
import * as integer from "../../../notation/integer.js";
import type { Int } from "../../../notation/integer.js";
import { layerNames, type Surroundings } from "../../lower.js";
import type { Buffer, Code } from "../../program.js";
import { eachCode, namesMade, readsInCode } from "../../walk-code.js";
import { accumulates, combine, combineLanes, startsNeutral, type Combination } from "./accumulators.js";
import { rowLane, threadsOfRow } from "./cooperate.js";
import { distributed, lengthsOf } from "./deal.js";
import { extentsOf } from "../extents.js";
import { kernelOf } from "../lower.js";
import { ownName } from "../pack.js";
import type { GpuKernel, Threads } from "../program.js";

const { constant, extremum, one, plus, times, variable, zero } = integer;

export interface Split {
  /** The parts, then the whole. */
  readonly kernels: readonly GpuKernel[];
  readonly buffer: Buffer;
  /** How many parts there are: 1 where there is nothing to gain. */
  readonly parts: Int;
}

/** A device is busy with about so many threads, or workgroups. */
const [wantedThreads, wantedGroups] = [8192, 128];
/** Points of a part at the least, of a thread's and of a workgroup's. */
const [leastOfThread, leastOfGroup] = [32, 2048];

/** Whether the loops run down columns: neighbouring points of the box, not of a loop, read neighbouring elements. */
export function runsDownColumns({ threads, body }: GpuKernel): boolean {
  const last = threads.box.at(-1)?.name;
  const defined = new Map<string, Int>();
  const indices: string[] = [];
  eachCode(body, (c) => {
    if (c.kind === "integer") defined.set(c.name, integer.substituteInt(c.value, defined));
    if (c.kind === "loop") indices.push(c.index);
  });
  const steps = (offset: Int, name: string): boolean => {
    const parts = integer.affineIn(offset, name);
    return parts !== undefined && Math.abs(integer.literal(parts.coefficient) ?? 0) === 1;
  };
  const offsets = readsInCode(body.filter((c) => c.kind === "loop" || c.kind === "if")).map((r) =>
    integer.substituteInt(r.subscripts[0] ?? zero, defined),
  );
  const along = offsets.some((offset) => indices.some((name) => steps(offset, name)));
  return !along && last !== undefined && offsets.some((offset) => steps(offset, last));
}

/** A kernel's only loops: a reduction over a box whose length sizes alone decide. */
interface OnlyReduction {
  readonly before: readonly Code[];
  readonly loops: Code;
  readonly after: readonly Code[];
  readonly total: string;
  readonly combination: Combination;
  readonly length: Int;
}
function onlyReduction({ body }: GpuKernel, isSize: (name: string) => boolean): OnlyReduction | undefined {
  const at = body.findIndex((c) => c.kind === "loop" || c.kind === "if");
  const [before, loops, after] = [body.slice(0, at), body[at], body.slice(at + 1)];
  const found = new Map<string, Combination>();
  if (!loops || !accumulates([loops], loops.kind === "loop", new Set(), found)) return undefined;
  const [accumulated, another] = found;
  const [length, more] = lengthsOf([loops], body, isSize);
  if (!accumulated || another || !length || more || !isStraight(after)) return undefined;
  const [total, combination] = accumulated;
  const start = before.find((c) => c.kind === "accumulator" && c.name === total);
  if (start?.kind !== "accumulator" || !startsNeutral(start.value, combination)) return undefined;
  if (!before.every((c) => c.kind === "integer" || c.kind === "real" || c === start)) return undefined;
  return { before, loops, after, total, combination, length };
}

/** Two kernels for one with a thread for each point; undefined where its loops are more than one reduction. */
export function split(kernel: GpuKernel, around: Surroundings): Split | undefined {
  const { layer, shapes, constants } = around;
  const sizes = new Set(layerNames(layer));
  const found = onlyReduction(kernel, (n) => sizes.has(n));
  if (!found) return undefined;
  const { before, loops, after, total, combination, length } = found;
  const { body, name, formula } = kernel;
  const { box } = kernel.threads;
  const columns = runsDownColumns(kernel);
  const points = extentsOf(box);
  const [wanted, least] = columns ? [wantedThreads, leastOfThread] : [wantedGroups, leastOfGroup];
  const most = integer.ceilDivide(length, constant(least));
  if (integer.literal(most) === 1) return undefined;
  const useful = extremum("min", integer.ceilDivide(constant(wanted), points), most);
  const parts = constants.value(extremum("max", one, useful), "parts");
  const made = new Set([...namesMade(body), ...box.map((i) => i.name), ...sizes]);
  const slice = ["slice", "share"].find((n) => !made.has(n)) ?? "slice'";
  const buffer = ownName(`${name}Parts`, shapes);
  const point = box.reduce<Int>((flat, i) => plus(times(flat, i.extent), variable(i.name)), zero);
  const slot = plus(times(variable(slice), points), point);
  const own: Expression = { kind: "parameter", name: total };
  const store: Code = { kind: "store", buffer, offset: slot, value: own };
  const kernelFor = (suffix: string, says: string, code: readonly Code[], threads: Threads): GpuKernel =>
    kernelOf(
      { name: `${name}${suffix}`, formula: `${formula}\n${says}` },
      code,
      threads,
      around,
      kernel.edges,
    );

  const share = { name: slice, extent: parts };
  const lane = variable(rowLane);
  const shared = ownName("partials", shapes);
  const inParts = columns
    ? kernelFor(
        "Parts",
        "each slice by itself",
        [...before, ...distributed([loops], { own: variable(slice), threads: parts }), store],
        { kind: "points", box: [share, ...box], size: 64 },
      )
    : kernelFor(
        "Parts",
        "each slice by itself",
        [
          ...before,
          ...distributed([loops], {
            own: plus(lane, integer.scale(variable(slice), threadsOfRow)),
            threads: integer.scale(parts, threadsOfRow),
          }),
          combineLanes(total, combination, shared, lane),
          { kind: "if", condition: build.isZero(lane), then: [store], otherwise: [] },
        ],
        {
          kind: "groups",
          box: [...box, share],
          size: threadsOfRow,
          lane: rowLane,
          shared: [{ name: shared, type: "real", length: threadsOfRow }],
        },
      );
  const whole = kernelFor(
    "Whole",
    "the slices in their order",
    [
      ...before,
      {
        kind: "loop",
        index: slice,
        from: zero,
        to: parts,
        step: one,
        body: [combine(total, combination, build.read(buffer, [slot]))],
      },
      ...after,
    ],
    kernel.threads,
  );
  return {
    kernels: [inParts, whole],
    buffer: { name: buffer, role: "workspace", type: "real", shape: [times(parts, points)] },
    parts,
  };
}

/** No loops. */
function isStraight(block: readonly Code[]): boolean {
  let straight = true;
  eachCode(block, (c) => (straight &&= c.kind !== "loop" && c.kind !== "call"));
  return straight;
}

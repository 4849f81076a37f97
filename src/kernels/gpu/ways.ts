/** The ways to compute a piece of the schedule that is no contraction, and when each is taken. */
import * as build from "../../notation/construct.js";
import type { Condition } from "../../notation/expression.js";
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import { kernelName } from "../build.js";
import { holdsReduction } from "../../notation/traverse.js";
import { layerNames, type KernelSource, type Surroundings } from "../lower.js";
import { bucketed } from "./buckets/buckets.js";
import { cooperative } from "./rows/cooperate.js";
import { stripAtDefaults } from "./windows/defaults.js";
import { extentsOf } from "./extents.js";
import { lowerPoints } from "./lower.js";
import { buffersOf, mostBuffers, ownName, packed } from "./pack.js";
import type { Choice, GpuKernel, Ways } from "./program.js";
import { inQuads } from "./quads/quad-ways.js";
import { runsDownColumns, split } from "./rows/split.js";
import { stripOf } from "./windows/strip.js";
import { inFours } from "./rows/turns.js";

const longerThan = (length: Int, least: number): Condition => build.atMost(integer.constant(least), length);
/** From how many points on a row is shared by a workgroup. */
const longRow = 64;
/** On a CPU the barriers of one cost more: only for so few rows that threads are wanting, or so long that rounding counts. */
const onSoftware = (length: Int, points: Int, most: number): Condition =>
  build.or(
    build.and(longerThan(length, 4096), build.below(points, integer.constant(8))),
    longerThan(length, most),
  );
/** How many terms one thread may add up before rounding counts: in turns of four, four times as many. */
const longest = { one: 65_536, four: 262_144 };
/** Parts that pay for a second kernel, and for as many kernels as a group of statements takes then. */
const [leastParts, leastPartsOfGroup] = [4, 8];

/** @param kernel the piece with a thread for each point */
export function waysOf(source: KernelSource, kernel: GpuKernel, around: Surroundings): Ways {
  const { layer, shapes, constants } = around;
  const { kernel: alone, complete } = inFours(kernel, layer);
  const { kernels, buffers } = packed(alone, shapes, layer, constants);
  const each: Choice = { when: build.truth, kernels: namesOf(kernels) };
  // where small tensors are copied together first, this is enough
  if (kernels.length > 1) return { kernels, buffers, choices: [each] };
  const buckets = byBuckets(source, around);
  const parts = source.piece.group ? apart(source, kernel, around) : inParts(kernel, around);
  const rows = byRows(kernel, complete ? longest.four : longest.one, around);
  const strips = byStrips(source, around);
  const others = [buckets, strips, parts, rows];
  const software =
    parts.choices.length + rows.choices.length > 0 ? [...rows.software, { ...each, software: true }] : [];
  // statements taken apart are for rows so few and long that it is not worth as many kernels again
  const plain = [...kernels, ...buckets.kernels, ...(source.piece.group ? [] : parts.kernels)];
  return inQuads(
    {
      kernels: [...kernels, ...others.flatMap((w) => w.kernels)],
      choices: [
        ...buckets.choices,
        ...strips.choices,
        ...software,
        ...parts.choices,
        ...strips.shared,
        ...rows.choices,
        each,
      ],
      buffers: others.flatMap((w) => w.buffers),
    },
    plain,
    around,
  );
}

const namesOf = (kernels: readonly GpuKernel[]): readonly string[] => kernels.map((k) => k.name);
const none: Ways = { kernels: [], choices: [], buffers: [] };

function byBuckets(source: KernelSource, around: Surroundings): Ways {
  const [only, other] = source.piece.statements;
  const found = only && !other ? bucketed(source, only, around) : undefined;
  const fits = found?.kernels.every((k) => {
    const own = [...k.reads, ...k.writes].filter((name) => found.buffers.some((b) => b.name === name));
    return new Set(own).size + buffersOf(k, around.shapes).size <= mostBuffers;
  });
  if (!found || !fits) return none;
  const { kernels, buffers, when } = found;
  return { kernels, buffers, choices: [{ when, kernels: namesOf(kernels) }] };
}

/** Four results of a window side by side in a thread; of long reductions, in a workgroup, but on a CPU in a thread too. */
function byStrips(source: KernelSource, around: Surroundings): Ways & { readonly shared: readonly Choice[] } {
  const found = stripOf(source, around);
  if (!found) return { ...none, shared: [] };
  const { kernel, when, taps, long } = found;
  const choice: Choice = { when, kernels: [kernel.name] };
  if (!long) {
    const strips = [stripAtDefaults(source, found, around) ?? [], found].flat();
    const choices = strips.map((s): Choice => ({ when: s.when, kernels: [s.kernel.name] }));
    return { kernels: strips.map((s) => s.kernel), buffers: [], choices, shared: [] };
  }
  const sizes = new Set(layerNames(around.layer));
  const rows = cooperative(long.kernel, (name) => sizes.has(name), ownName("partials", around.shapes));
  const isShort = build.not(longerThan(taps, longest.one));
  return {
    kernels: [kernel, ...(rows ? [rows.kernel] : [])],
    buffers: [],
    choices: [{ ...choice, when: build.and(when, isShort), software: true }],
    shared: rows
      ? [{ when: build.and(when, longerThan(rows.length, longRow)), kernels: [rows.kernel.name] }]
      : [],
  };
}

/** A long reduction of few results in two levels. */
function inParts(kernel: GpuKernel, around: Surroundings): Ways {
  const found = split(kernel, around);
  if (!found) return none;
  const { kernels, buffer, parts } = found;
  const least = runsDownColumns(kernel) ? 2 : leastParts;
  return {
    kernels,
    buffers: [buffer],
    choices: [{ when: longerThan(parts, least), kernels: namesOf(kernels) }],
  };
}

/**
 * Statements over few long rows each by itself, their reductions in two levels: one workgroup a row would leave the
 * device idle. What one reads of another goes through memory.
 */
function apart({ name, formula, piece }: KernelSource, whole: GpuKernel, around: Surroundings): Ways {
  const formulas = formula.split("\n");
  const steps = piece.statements.map((statement, i) => {
    const source = {
      name: kernelName(name, statement.tensor, new Set()),
      formula: formulas[i] ?? "",
      piece: { statements: [statement] },
    };
    const kernel = lowerPoints(source, around);
    return { found: split(kernel, around), kernel, reduces: holdsReduction(statement.body) };
  });
  const splits = steps.flatMap(({ found }) => found ?? []);
  const kernels = steps.flatMap(({ found, kernel }) => found?.kernels ?? [kernel]);
  const [first, ...others] = splits.map((s) => s.parts);
  const fits = kernels.every((k) => buffersOf(k, around.shapes).size < mostBuffers);
  if (!first || !fits || steps.some(({ found, reduces }) => reduces && !found)) return none;
  const parts = others.reduce((a, b) => integer.extremum("min", a, b), first);
  const least = runsDownColumns(whole) ? 2 : leastPartsOfGroup;
  return {
    kernels,
    buffers: splits.map((s) => s.buffer),
    choices: [{ when: longerThan(parts, least), kernels: namesOf(kernels) }],
  };
}

/** A workgroup for each row; the choices on a CPU apart. */
function byRows(
  kernel: GpuKernel,
  most: number,
  { layer, shapes }: Surroundings,
): Ways & { readonly software: readonly Choice[] } {
  const sizes = new Set(layerNames(layer));
  const rows = cooperative(kernel, (name) => sizes.has(name), ownName("partials", shapes));
  if (!rows) return { ...none, software: [] };
  const shared = [rows.kernel.name];
  const points = extentsOf(kernel.threads.box);
  return {
    kernels: [rows.kernel],
    buffers: [],
    software: [{ software: true, when: onSoftware(rows.length, points, most), kernels: shared }],
    // threads that share a column would each read from another line of memory
    choices: runsDownColumns(kernel) ? [] : [{ when: longerThan(rows.length, longRow), kernels: shared }],
  };
}

/** The ways to compute a piece of the schedule that is no contraction, and when each is taken. */
import * as build from "../../notation/construct.js";
import type { Condition } from "../../notation/expression.js";
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import type { Surroundings } from "../lower.js";
import { layerNames, type KernelSource } from "../lower.js";
import type { Buffer } from "../program.js";
import { bucketed } from "./buckets.js";
import { cooperative } from "./cooperate.js";
import { buffersOf, mostBuffers, ownName, packed } from "./pack.js";
import type { Choice, GpuKernel } from "./program.js";

export interface Ways {
  readonly kernels: readonly GpuKernel[];
  /** The first one that fits is taken. */
  readonly choices: readonly Choice[];
  /** What the kernels keep for themselves. */
  readonly buffers: readonly Buffer[];
}

/** From how many points on a row is shared by a workgroup; the barriers of one on a CPU cost more. */
const [long, longOnSoftware] = [64, 4096];
const longerThan = (length: Int, least: number): Condition => build.atMost(integer.constant(least), length);

/** @param kernel the piece with a thread for each point */
export function waysOf(source: KernelSource, kernel: GpuKernel, around: Surroundings): Ways {
  const { layer, shapes, constants } = around;
  const { kernels, buffers } = packed(kernel, shapes, layer, constants);
  const each: Choice = { when: build.truth, kernels: namesOf(kernels) };
  // where small tensors are copied together first, this is enough
  if (kernels.length > 1) return { kernels, buffers, choices: [each] };
  const others = [byBuckets(source, around), byRows(kernel, each, around)];
  return {
    kernels: [...kernels, ...others.flatMap((w) => w.kernels)],
    choices: [...others.flatMap((w) => w.choices), each],
    buffers: others.flatMap((w) => w.buffers),
  };
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

function byRows(kernel: GpuKernel, each: Choice, { layer, shapes }: Surroundings): Ways {
  const sizes = new Set(layerNames(layer));
  const rows = cooperative(kernel, (name) => sizes.has(name), ownName("partials", shapes));
  if (!rows) return none;
  const shared = [rows.kernel.name];
  return {
    kernels: [rows.kernel],
    buffers: [],
    choices: [
      { software: true, when: longerThan(rows.length, longOnSoftware), kernels: shared },
      { software: true, when: build.truth, kernels: each.kernels },
      { when: longerThan(rows.length, long), kernels: shared },
    ],
  };
}

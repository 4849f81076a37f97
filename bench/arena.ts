/** A layer's plan at certain sizes with its arrays filled, and the contestants that need nothing installed. */
import { readFile } from "node:fs/promises";
import type { Plan, PlanFunction } from "../src/memory.js";
import type { Contestant } from "./measure.js";
import { dimsOf, type Arrays, type Dims, type Pass, type Workload } from "./workload.js";

/** The generated file of each target. */
export const targets = { ts: "index.ts", wgsl: "webgpu.ts" } as const;
export type Target = keyof typeof targets;

/** A layer at certain sizes with its tensors filled, whatever runs its kernels. */
export interface Arena {
  readonly dims: Dims;
  readonly shapes: Plan["shapes"];
  readonly arrays: Arrays;
  /** The pass by our kernels. */
  readonly ours: (pass: Pass) => Contestant;
  /** Multiply-adds that our kernels of the pass execute, where they are counted: those that run here, and those of a GPU. */
  readonly executed?: (pass: Pass) => { readonly here: number; readonly onGpu: number };
  readonly close?: () => void;
}
/** The arena after a change of the workload's sizes. */
export type ArenaMaker = (change?: Dims) => Arena | Promise<Arena>;

/** Arenas of TypeScript kernels, made after plans of other sizes and dtype have run in the process. */
export async function kernelArenas(workload: Workload): Promise<(change?: Dims) => Arena> {
  const planFunction = await planFunctionOf(workload);
  runOthers(workload, planFunction);
  return (change) => arenaOf(workload, planFunction, change).arena;
}

/** The plan function as `leibniz build` wrote it, or compiled in memory for a variant of the benchmark's own. */
async function planFunctionOf({ layer, variant }: Workload): Promise<PlanFunction> {
  let functions: Record<string, PlanFunction>;
  if (variant) {
    const library = (await import(String(new URL("../dist/index.js", import.meta.url)))) as {
      parseLayer: typeof import("../src/memory.js").parseLayer;
    };
    const text = await readFile(new URL(`../specs/${variant.spec}.layer`, import.meta.url), "utf8");
    functions = await library.parseLayer(`${text}\n${variant.line}\n`, `${variant.spec}.layer`).compile();
  } else {
    functions = (await import(
      String(new URL(`../generated/${layer}/${targets.ts}`, import.meta.url))
    )) as Record<string, PlanFunction>;
  }
  const found = functions[layer];
  if (!found) throw new Error(`there is no plan function ${layer}`);
  return found;
}

/** Runs plans of the workload's other sizes and one in f64, so that the process has seen more than one. */
function runOthers(workload: Workload, planFunction: PlanFunction): void {
  for (const change of workload.others) exercise(arenaOf(workload, planFunction, change), workload);
  exercise(arenaOf(workload, planFunction, workload.others[0], "f64"), workload);
}

function exercise({ plan, arena }: ReturnType<typeof arenaOf>, { passes }: Workload): void {
  for (let i = 0; i < 5; i++) for (const { name } of passes) call(plan, name, arena.arrays);
}

function arenaOf(
  workload: Workload,
  planFunction: PlanFunction,
  change: Dims = {},
  dtype: "f32" | "f64" = "f32",
): { readonly plan: Plan; readonly arena: Arena } {
  const plan = planFunction({ ...workload.sizes, ...change }, { dtype });
  const arrays = plan.allocate();
  const dims = dimsOf(workload, change);
  fillAll(arrays, workload, dims);
  plan.forward(arrays, arrays); // what the gradients read of it
  const ours = ({ name, result }: Pass): Contestant => ({
    name: "ours",
    run: () => call(plan, name, arrays),
    read: () => arrays[result]!,
  });
  return { plan, arena: { dims, shapes: plan.shapes, arrays, ours } };
}

function call(plan: Plan, pass: string, arrays: Arrays): void {
  if (pass === "forward") plan.forward(arrays, arrays);
  else (plan[pass] as (inputs: Arrays, outputs: Arrays) => unknown)(arrays, arrays);
}

export function naive({ dims, arrays }: Arena, { naive, result }: Pass): Contestant {
  const own: Arrays = { ...arrays, [result]: arrays[result]!.slice().fill(0) };
  return { name: "naive", run: () => naive(own, dims), read: () => own[result]! };
}

/** Every array of a layer, outputs too; each with numbers of its own. */
export function fillAll(arrays: Arrays, workload: Workload, dims: Dims): void {
  for (const [seed, [name, array]] of Object.entries(arrays).entries()) {
    const below = workload.below[name];
    fill(array, seed, below === undefined ? undefined : dims[below]);
  }
}

/** Numbers in [-1, 1), all different below 2²⁴ elements (each step permutes 24 bits); integers in [0, below). */
function fill(array: Arrays[string], seed: number, below = 1): void {
  const bits = 0xffffff;
  for (let i = 0; i < array.length; i++) {
    let mixed = (i ^ (seed * 0x2545f5)) & bits;
    mixed ^= mixed >>> 12;
    mixed = Math.imul(mixed, 0x9e3779b1) & bits;
    mixed ^= mixed >>> 11;
    mixed = Math.imul(mixed, 0x85ebca6b) & bits;
    mixed ^= mixed >>> 12;
    array[i] = array instanceof Int32Array ? mixed % below : mixed / 0x800000 - 1;
  }
}

/** Least work of a pass: needed floating-point operations, or the bytes of the tensors it touches, each once. */
export function amount({ work }: Pass, { dims, arrays }: Arena): number {
  if (work.kind === "contraction") return 2 * work.multiplyAdds(dims);
  return work.touches.reduce((bytes, name) => bytes + arrays[name]!.byteLength, 0);
}

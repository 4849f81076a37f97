/** What the rates are held against, measured in the same rounds. */
import { amount, kernelArenas } from "./arena.js";
import type { Contestant } from "./measure.js";
import type { Workload } from "./workload.js";
import { workloads } from "./workloads/index.js";

export interface Yardstick {
  readonly contestant: Contestant;
  /** Of one call, in the unit of the passes it measures: floating-point operations or bytes. */
  readonly amount: number;
}

/** Our own square matrix product, by a plan for any sizes. */
export async function product(): Promise<() => Yardstick> {
  const gemm: Workload = workloads.find(({ name }) => name === "gemm")!;
  const make = await kernelArenas(gemm);
  const forward = gemm.passes[0]!;
  return () => {
    const arena = make();
    return { contestant: { ...arena.ours(forward), name: "yardstick" }, amount: amount(forward, arena) };
  };
}

/** One pass over memory in plain JavaScript: read an array, write it scaled; as many bytes as the pass touches. */
export function memoryPass(bytes: number): Yardstick {
  const length = Math.max(1, Math.round(bytes / 8));
  const from = new Float32Array(length).fill(1.5);
  const to = new Float32Array(length);
  return {
    contestant: { name: "yardstick", run: () => scale(from, to), read: () => to },
    amount: 8 * length,
  };
}

function scale(from: Float32Array, to: Float32Array): void {
  for (let i = 0; i < from.length; i++) to[i] = 1.25 * from[i]!;
}

/**
 * Long rows: the threads of a workgroup share one point of the box. The points of each loop go round the threads,
 * each thread accumulates its own, and the threads' accumulators are combined in one fixed order. Rounding then grows
 * with a thread's share and the depth of the tree, not with the length of the row.
 */
import * as build from "../../../notation/construct.js";
import type { Expression } from "../../../notation/expression.js";
import * as integer from "../../../notation/integer.js";
import type { Int } from "../../../notation/integer.js";
import type { Code } from "../../program.js";
import { accumulates, combineLanes, startsNeutral, type Combination } from "./accumulators.js";
import { storedIn, tensorsOf } from "./code-facts.js";
import { distributed, lengthsOf } from "./deal.js";
import { routines, type GpuKernel } from "../program.js";

/** Threads that share a row. */
export const threadsOfRow = 128;
export const rowLane = "lane";
const lane = integer.variable(rowLane);

export interface Cooperative {
  readonly kernel: GpuKernel;
  /** How many points the longest loop has whose length sizes alone decide. */
  readonly length: Int;
}

/** The kernel with its rows shared, the threads' accumulators in `shared`; undefined where its loops do more than accumulate and store. */
export function cooperative(
  kernel: GpuKernel,
  isSize: (name: string) => boolean,
  shared: string,
): Cooperative | undefined {
  const lengths: Int[] = [];
  const initial = new Map<string, Expression>();
  const combined = new Set<string>();
  const written = new Set<string>();
  const body: Code[] = [];
  for (const [at, code] of kernel.body.entries()) {
    const before = [...written].some((name) => tensorsOf([code]).has(name));
    if (before) {
      body.push({ kind: "call", routine: routines.storageBarrier, integers: [] });
      written.clear();
    }
    if (code.kind === "accumulator") initial.set(code.name, code.value);
    if (code.kind === "loop" || code.kind === "if") {
      const found = new Map<string, Combination>();
      if (!accumulates([code], code.kind === "loop", new Set(), found)) return undefined;
      lengths.push(...lengthsOf([code], kernel.body, isSize));
      body.push(...distributed([code], { own: lane, threads: integer.constant(threadsOfRow) }));
      for (const [name, combination] of found) {
        if (!startsNeutral(initial.get(name), combination) || combined.has(name)) return undefined;
        combined.add(name);
        body.push(combineLanes(name, combination, shared, lane));
      }
      storedIn([code]).forEach((name) => written.add(name));
    } else if (code.kind === "store") {
      body.push({
        kind: "if",
        condition: build.isZero(lane),
        then: [code],
        otherwise: [],
      });
      written.add(code.buffer);
    } else if (code.kind === "assign" && at > 0 && combined.has(code.name)) return undefined;
    else body.push(code);
  }
  const [first, ...others] = lengths;
  if (!first) return undefined;
  return {
    length: others.reduce((a, b) => integer.extremum("max", a, b), first),
    kernel: {
      ...kernel,
      edges: lengths.map((extent) => ({ extent, at: threadsOfRow })),
      name: `${kernel.name}Rows`,
      threads: {
        kind: "groups",
        box: kernel.threads.box,
        size: threadsOfRow,
        lane: rowLane,
        shared: combined.size > 0 ? [{ name: shared, type: "real", length: threadsOfRow }] : [],
      },
      body,
    },
  };
}

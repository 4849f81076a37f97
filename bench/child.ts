/**
 * One workload in a process of its own, so that what V8 has learnt from one does not speed or slow another:
 * `child.ts <workload> <options as JSON>`. Sends a `PassResult` for each pass to its parent.
 */
import { amount, kernelArenas, naive, type Arena, type ArenaMaker, type Target } from "./arena.js";
import { compete, median, sample, type Contestant, type ContestantName } from "./measure.js";
import { openPeer, peersOf, type Peer } from "./peers.js";
import type { PassResult, Rival } from "./report.js";
import { openWebGpuField } from "./webgpu.js";
import type { Pass } from "./workload.js";
import { workloads } from "./workloads/index.js";
import { memoryPass, product, type Yardstick } from "./yardstick.js";

export interface ChildOptions {
  readonly target: Target;
  readonly runs: number;
  /** Seconds one call of a peer may take; slower ones are measured at the smaller size. */
  readonly budget: number;
  readonly peers: boolean;
}

/** Two results agree when no element differs by more than this share of the largest. */
const tolerance = 1e-4;

const workload = workloads.find(({ name }) => name === process.argv[2])!;
const options = JSON.parse(process.argv[3]!) as ChildOptions;
const onGpu = options.target === "wgsl";
const field = onGpu ? await openWebGpuField() : undefined;
const peers: Peer[] = [];

try {
  const make: ArenaMaker = field ? await field.arenas(workload) : await kernelArenas(workload);
  // yardsticks are of the CPU
  const gemm = onGpu ? undefined : await product();
  if (options.peers && workload.peer)
    for (const name of peersOf[options.target]) peers.push(await openPeer(name));
  for (const pass of workload.passes) process.send!(await measure(pass, make, gemm));
} catch (error) {
  const { stack, message } = error as Error;
  const places = stack?.split("\n").filter((line) => line.startsWith("    at ")) ?? [];
  process.stderr.write(`${[message, ...places.slice(0, 6)].join("\n")}\n`);
  process.exitCode = 1;
}
process.disconnect();
if (onGpu) process.exit(); // the peers keep their devices

async function measure(pass: Pass, make: ArenaMaker, gemm?: () => Yardstick): Promise<PassResult> {
  const full = await make();
  const reference = naive(full, pass);
  const own = full.ours(pass);
  const work = amount(pass, full);
  const wrong = await difference(own, await resultOf(reference));

  const small = peers.length > 0 ? await make(workload.small) : full;
  const growth = work / amount(pass, small);
  const entries: { full: Contestant[]; small: Contestant[] } = { full: [], small: [] };
  const absent: Rival[] = [];
  const doubts = new Map<ContestantName, string>();
  for (const peer of peers) {
    try {
      const { size, off } = await tryOut(peer, pass, small, growth);
      if (!(off <= tolerance))
        doubts.set(peer.name, `gives another result, off by ${off.toPrecision(2)} of the largest element`);
      entries[size].push(await enter(peer, pass, size === "full" ? full : small));
    } catch (error) {
      absent.push({ name: peer.name, reason: (error as Error).message.split("\n")[0]! });
    }
  }

  const executed = pass.work.kind === "contraction" ? full.executed?.(pass) : undefined;
  const yardstick = gemm && (pass.work.kind === "contraction" ? gemm() : memoryPass(work));
  // what runs on the GPU is not held against what runs beside it
  const others = [...(gemm ? [reference] : []), ...entries.full];
  const contestants = [own, ...others, ...(yardstick ? [yardstick.contestant] : [])];
  const times = await compete(contestants, options.runs);
  const ownTimes = times[0]!;
  const rivals: Rival[] = [...others.map(({ name }, i) => rival(name, ownTimes, times[1 + i]!)), ...absent];
  if (entries.small.length > 0) {
    const smallTimes = await compete([small.ours(pass), ...entries.small], options.runs);
    for (const [i, { name }] of entries.small.entries())
      rivals.push({ ...rival(name, smallTimes[0]!, smallTimes[i + 1]!), at: workload.small });
  }
  return {
    workload: workload.name,
    pass: pass.name,
    kind: pass.work.kind,
    seconds: median(ownTimes),
    rate: work / median(ownTimes) / 1e9,
    // (work / own time) / (its work / its time), round by round
    ...(yardstick && {
      share: (work / yardstick.amount) * median(ownTimes.map((own, i) => times.at(-1)![i]! / own)),
    }),
    // two operations a multiply-add
    ...(executed && { executed: { here: (2 * executed.here) / work, onGpu: (2 * executed.onGpu) / work } }),
    rivals: rivals.map((rival) => ({ reason: doubts.get(rival.name), ...rival })),
    versions: {
      ...(field && { WebGPU: `on ${field.adapter}` }),
      ...Object.fromEntries(peers.map(({ name, version }) => [name, version])),
    },
    ...(wrong > tolerance ? { wrong } : {}),
  };
}

async function enter(peer: Peer, pass: Pass, arena: Arena): Promise<Contestant> {
  const contestant = await peer.enter(workload, pass, arena);
  return field ? { ...contestant, timed: field.timed } : contestant;
}

/** Runs the peer at the small size: how far its result is off, and whether the full size is within the budget. */
async function tryOut(peer: Peer, pass: Pass, small: Arena, growth: number) {
  const trial = await enter(peer, pass, small);
  const off = await difference(trial, await resultOf(naive(small, pass)));
  let least = Infinity;
  for (let i = 0; i < 5 && least * growth > options.budget; i++)
    least = Math.min(least, await sample(trial, 1));
  const size: "full" | "small" = least * growth <= options.budget ? "full" : "small";
  return { off, size };
}

function rival(name: ContestantName, ours: readonly number[], its: readonly number[]): Rival {
  return {
    name,
    seconds: median(its),
    ratio: median(ours.map((own, i) => its[i]! / own)),
  };
}

async function resultOf({ before, run, read, release }: Contestant): Promise<ArrayLike<number>> {
  await before?.();
  const out: unknown = await run();
  const result = await read(out);
  release?.(out);
  return result;
}

/** Largest difference as a share of the largest element; infinite where lengths or NaNs differ. */
async function difference(contestant: Contestant, expected: ArrayLike<number>): Promise<number> {
  const result = await resultOf(contestant);
  if (result.length !== expected.length) return Infinity;
  let largest = 0;
  let most = 0;
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs(expected[i]!));
    const off = Math.abs(result[i]! - expected[i]!);
    if (Number.isNaN(off)) return Infinity;
    most = Math.max(most, off);
  }
  return most / Math.max(largest, Number.MIN_VALUE);
}

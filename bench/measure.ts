/** Timing side by side: A B C A B C …, so that what slows the machine for a while slows all of them. */
export const peerNames = ["tfjs cpu", "tfjs wasm", "jax-js wasm", "tfjs webgpu", "jax-js webgpu"] as const;
export type PeerName = (typeof peerNames)[number];
export type ContestantName = "ours" | "naive" | "yardstick" | PeerName;

export interface Contestant {
  readonly name: ContestantName;
  /** Not timed. */
  readonly before?: () => unknown;
  /** Timed; what it gives, awaited, goes to `release`. */
  readonly run: () => unknown;
  readonly release?: (out: unknown) => void;
  /** How long a run takes, where that is not the time until `run` is done. */
  readonly timed?: Timer;
  /** The result, row-major as ours. */
  readonly read: (out: unknown) => ArrayLike<number> | Promise<ArrayLike<number>>;
}

export type Timer = (run: () => unknown) => Promise<{ readonly out: unknown; readonly seconds: number }>;

const byClock: Timer = async (run) => {
  const start = performance.now();
  const pending = run();
  const out = pending instanceof Promise ? ((await pending) as unknown) : pending;
  return { out, seconds: (performance.now() - start) / 1000 };
};

/** Short calls are repeated within a sample until it lasts this long, in seconds. */
const leastSample = 0.004;
const warmUps = 3;
/** Warming up ends after this many seconds even if it was one call. */
const warmUpLimit = 0.5;

/** Noise weighs most on short calls, and rounds of them are cheap: there are more while all took less than this, in seconds … */
const leastCompetition = 1.5;
/** … up to this many. */
const mostRounds = 25;

/**
 * Seconds a call, one entry a round, for each contestant in their order: as many rounds as said, more where they
 * are short. Contestants warm up first, one after the other; the collector runs before each sample, not in it.
 */
export async function compete(contestants: readonly Contestant[], leastRounds: number): Promise<number[][]> {
  const repeats: number[] = [];
  for (const contestant of contestants) {
    const start = performance.now();
    let seconds = 0;
    for (let i = 0; i < warmUps && (performance.now() - start) / 1000 < warmUpLimit; i++)
      seconds = await sample(contestant, 1);
    // short calls need more of them before V8 has compiled what they run
    const count = Math.max(1, Math.ceil(leastSample / seconds));
    if (count > 1) seconds = await sample(contestant, 10 * count);
    repeats.push(Math.max(1, Math.ceil(leastSample / seconds)));
  }
  const times: number[][] = contestants.map(() => []);
  const start = performance.now();
  const lasted = () => (performance.now() - start) / 1000;
  for (let round = 0; round < leastRounds || (round < mostRounds && lasted() < leastCompetition); round++) {
    for (const [i, contestant] of contestants.entries()) {
      (globalThis as { gc?: () => void }).gc?.();
      times[i]!.push(await sample(contestant, repeats[i]!));
    }
  }
  return times;
}

/** Seconds a call. */
export async function sample(
  { before, run, release, timed = byClock }: Omit<Contestant, "read" | "name">,
  repeats: number,
): Promise<number> {
  await before?.();
  let total = 0;
  for (let i = 0; i < repeats; i++) {
    const { out, seconds } = await timed(run);
    total += seconds;
    release?.(out);
  }
  return total / repeats;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

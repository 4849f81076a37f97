/**
 * The standard layers' WebGPU kernels on Deno, whose compiler of shaders is another than Dawn's (`check` runs on that): values and
 * gradients against hand-written loops.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { expectClose, textOf, type Sizes } from "../specs/close.js";
import { exact } from "../specs/exact.js";
import { draw, type Drawn } from "../specs/oracles/draw.js";
import type { Grid } from "../specs/oracles/grid.js";
import { oracles } from "../specs/oracles/index.js";
import type { Oracle } from "../specs/oracles/oracle.js";
import { runOnDeno } from "../support/deno/index.js";
import { moduleOf } from "../support/webgpu/compile.js";
import type { Job, JobResult } from "../support/webgpu/jobs.js";

interface Trial {
  readonly oracle: Oracle;
  /** With the kernels that a GPU gets, or with those that the adapter here does. */
  readonly asOnGpu: boolean;
  readonly sizes: Sizes;
  readonly drawn: Drawn;
  readonly tolerance: number;
}
/** Sizes divisible by four, for the kernels that take four points a thread. */
const inFours = (sizes: Sizes): Sizes =>
  Object.fromEntries(
    Object.entries(sizes).map(([name, size]) => [
      name,
      /^[A-Z]$/.test(name) ? 4 * Math.ceil(size / 4) : size,
    ]),
  );
/** A block of a network comes to the kernels of other layers: twice as many gradients as these have take minutes one by one. */
const isNetwork = ({ cases: [sizes = {}], ...oracle }: Oracle): boolean =>
  Object.keys(oracle.given(sizes)).length > 10;
function trialOf(oracle: Oracle, sizes: Sizes, whole: boolean, asOnGpu: boolean): Trial {
  return { oracle, sizes, drawn: draw(oracle, sizes, whole), tolerance: whole ? 0 : 1e-4, asOnGpu };
}
/** Whole numbers and exact equality where there is nothing but sums and products; the kernels of a GPU and of the adapter here in turn. */
const trials: readonly Trial[] = oracles.flatMap((oracle) => {
  const whole = exact.has(oracle.layer);
  const [first, ...others] = oracle.cases;
  if (first && isNetwork(oracle)) return [trialOf(oracle, first, whole, true)];
  return [...(first ? [first, first, inFours(first), inFours(first)] : []), ...others].map((sizes, i) =>
    trialOf(oracle, sizes, whole, i % 2 === 0),
  );
});

type Grids = Readonly<Record<string, Grid>>;
const outputsOf = ({ oracle, sizes, drawn }: Trial): Grids => oracle.forward(sizes, drawn.given);
const gradientsOf = ({ oracle, sizes, drawn }: Trial): Grids =>
  oracle.backward(sizes, { ...drawn.given, ...drawn.cotangents });

/** Each gradient with the others, then alone but for those of networks. */
function jobOf(trial: Trial, url: string): Job {
  const { oracle, asOnGpu, sizes, drawn } = trial;
  const below = oracle.below(sizes);
  const typed = (grids: Grids): Record<string, Float32Array | Int32Array> =>
    Object.fromEntries(
      Object.entries(grids).map(([tensor, { data }]) => [
        tensor,
        tensor in below ? Int32Array.from(data) : Float32Array.from(data),
      ]),
    );
  const gradients = Object.keys(gradientsOf(trial));
  return {
    url,
    name: oracle.layer,
    sizes,
    asOnGpu,
    steps: [
      { pass: "forward", inputs: typed(drawn.given), results: Object.keys(outputsOf(trial)) },
      { pass: "backward", inputs: typed(drawn.cotangents), results: gradients },
      ...(isNetwork(oracle) ? [] : gradients).map((name) => ({ pass: name, inputs: {}, results: [name] })),
    ],
  };
}

let jobs: readonly Job[];
beforeAll(async () => {
  const urls = new Map<string, string>();
  for (const { layer } of oracles) urls.set(layer, await moduleOf(textOf(layer), layer));
  jobs = trials.map((trial) => jobOf(trial, urls.get(trial.oracle.layer) ?? ""));
}, 600_000);

describe("on Deno", () => {
  let results: readonly JobResult[];
  beforeAll(async () => {
    results = await runOnDeno(jobs);
  }, 600_000);

  it.each(oracles.map(({ layer }) => layer))(
    "%s agrees with the loops, without a word from the compiler",
    (layer) => {
      const own = [...trials.entries()].filter(([, trial]) => trial.oracle.layer === layer);
      const shaders = own.flatMap(([i]) => results[i]?.shaders ?? []);
      expect(shaders.length).toBeGreaterThan(0);
      expect(shaders.filter(({ messages }) => messages.length > 0)).toEqual([]);
      for (const [i, trial] of own) {
        const where = `${JSON.stringify(trial.sizes)}${trial.asOnGpu ? " as on a GPU" : ""}`;
        expect(results[i]?.error, where).toBeUndefined();
        const [forward, backward, ...alone] = results[i]?.outputs ?? [];
        for (const [tensor, expected] of Object.entries(outputsOf(trial)))
          expectClose(forward?.[tensor], expected, trial.tolerance, `${tensor} at ${where}`);
        const gradients = Object.entries(gradientsOf(trial));
        for (const [at, [tensor, expected]] of gradients.entries()) {
          expectClose(backward?.[tensor], expected, trial.tolerance, `${tensor} at ${where}`);
          if (isNetwork(trial.oracle)) continue;
          expectClose(alone[at]?.[tensor], expected, trial.tolerance, `${tensor} alone at ${where}`);
        }
      }
    },
  );
});

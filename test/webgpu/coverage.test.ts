/**
 * Every kernel of the standard layers and their variants runs on WebGPU at least once, at sizes for which a plan chooses it, and
 * gives what the TypeScript kernels give in float64. Those that `check` of the layer runs are left to it.
 */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Plan, PlanFunction } from "../../src/index.js";
import type { Derived } from "../../src/calculus/derivation.js";
import { gradientLayer } from "../../src/calculus/differentiate.js";
import { statedByGpu } from "../../src/kernels/edges.js";
import { kernelsOfPass } from "../../src/kernels/gpu/count.js";
import type { GpuProgram } from "../../src/kernels/gpu/program.js";
import { cotangentName, isDifferentiated, isGiven, type Layer } from "../../src/notation/layer.js";
import { emitTypeScript } from "../../src/targets/typescript/index.js";
import { loadPlan } from "../../src/targets/typescript/load.js";
import { emitWgsl } from "../../src/targets/wgsl/index.js";
import { runtimeText } from "../../src/targets/wgsl/runtime.js";
import { sizesAtEdges } from "../../src/verify/edges.js";
import { randomFrom } from "../../src/verify/random.js";
import { environmentOf } from "../../src/verify/environment.js";
import { moduleUrl } from "../../src/webgpu/load.js";
import { specText } from "../targets/wgsl/support.js";
import { compile } from "../support/layers.js";
import { coveringSizes, type Case } from "../support/webgpu/covering.js";
import { runOnDawn } from "../support/webgpu/dawn.js";
import type { Job } from "../support/webgpu/jobs.js";

type Arrays = Readonly<Record<string, Float64Array | Int32Array>>;

/** Sizes that are known to choose what others do not, found by drawing many; params not named are at their defaults. */
const hints: Readonly<Record<string, readonly Case["sizes"][] | undefined>> = JSON.parse(
  readFileSync("test/webgpu/covering-sizes.json", "utf8"),
);

/** Quarters between -2 and 2: sums of their products are exact in float32 too, so that no rounding decides where a kink is passed. */
function quarters(length: number, seed: number): Float64Array {
  let state = seed;
  return Float64Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return ((state >>> 16) % 17) / 4 - 2;
  });
}

interface Trial {
  readonly job: Job;
  readonly expected: readonly Arrays[];
}

/** What the plan in float64 gives, and the job that asks a device for the same. */
function trialOf(layer: Layer, make: PlanFunction, url: string, { sizes, asOnGpu }: Case): Trial {
  const plan: Plan = make(sizes, { dtype: "f64" });
  const { int } = environmentOf(layer, sizes);
  const lengthOf = (name: string): number => plan.shapes[name]!.reduce((a, b) => a * b, 1);
  const given: Arrays = Object.fromEntries(
    layer.tensors.filter(isGiven).map(({ name, type, bound }, seed) => {
      const values = quarters(lengthOf(name), seed + 1);
      const below = bound ? int(bound) : 1;
      return [name, type === "integer" ? Int32Array.from(values, (v) => (4 * v + 8) % below) : values];
    }),
  );
  const { saved, ...outputs } = plan.forward(given);
  const cotangents: Arrays = Object.fromEntries(
    layer.tensors
      .filter((t) => t.role === "output" && t.type === "real")
      .map(({ name }, seed) => [cotangentName(name), quarters(lengthOf(name), seed + 100)]),
  );
  const gradients = layer.tensors.some(isDifferentiated)
    ? plan.backward({ ...given, ...saved, ...cotangents })
    : {};
  const single = (arrays: Arrays): Record<string, Float32Array | Int32Array> =>
    Object.fromEntries(
      Object.entries(arrays).map(([name, a]) => [name, a instanceof Int32Array ? a : Float32Array.from(a)]),
    );
  const steps = [
    { pass: "forward", inputs: single(given), results: Object.keys(outputs) },
    { pass: "backward", inputs: single(cotangents), results: Object.keys(gradients) },
  ];
  const expected = [outputs, gradients] as readonly Arrays[];
  return { job: { url, name: layer.name, sizes, asOnGpu, steps }, expected };
}

/** Off by no more than 1e-4 of the largest element. */
function expectClose(got: ArrayLike<number> | undefined, expected: ArrayLike<number>, where: string): void {
  expect(got?.length, where).toBe(expected.length);
  let [scale, worst] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    scale = Math.max(scale, Math.abs(expected[i]!));
    const off = Object.is(got![i], expected[i]) ? 0 : Math.abs(got![i]! - expected[i]!);
    worst = off <= worst ? worst : off;
  }
  expect(worst / Math.max(scale, 1e-3), where).toBeLessThan(1e-4);
}

/** Layers whose kernels are those of others but for an epilogue, an axis or the order of two: to compile them takes minutes more. */
const alike = new Set([
  ...[
    "linear_oi",
    "linear_relu",
    "matmul",
    "bmm",
    "conv1d",
    "conv1d_pointwise",
    "conv2d_relu",
    "conv2d_unit",
  ],
  ...["conv2d_nhwc", "conv3d", "gru_cell", "lstm_cell", "causal_attention"],
  ...["gru", "lstm", "rnn"],
  ...["batch_norm2d", "mlp", "swiglu", "transformer_block", "decoder_block", "resnet_block"],
]);
/** What plans choose at the sizes that `check` takes from the kernels' own edges. */
function kernelsChecked(derived: Derived, program: GpuProgram): ReadonlySet<string> {
  const { layer } = program;
  const subject = { layer, gradientLayer: gradientLayer(derived) };
  const chosen = [true, false].flatMap((software) =>
    sizesAtEdges(subject, statedByGpu(program, software), [], randomFrom(1, `${layer.name} kernels`)).flatMap(
      (sizes) => ["forward", "backward"].flatMap((pass) => kernelsOfPass(program, { pass, sizes, software })),
    ),
  );
  return new Set(chosen.map((kernel) => kernel.name));
}

const specs = readdirSync("specs")
  .map((file) => file.replace(/\.layer$/u, ""))
  .filter((spec) => !alike.has(spec));
describe.each(specs)("%s", (spec) => {
  const compiled = compile(specText(spec), spec);
  it.each(compiled.programs)(
    "$name",
    async ({ name, derived, program: onCpu, gpuProgram }) => {
      const program = gpuProgram();
      const known = name === spec ? kernelsChecked(derived, program) : new Set<string>();
      const { cases, left } = coveringSizes(program, hints[name] ?? [], known);
      expect(left).toEqual([]);
      const header = { spec, hash: "0", version: "0" };
      const make = (await loadPlan(await emitTypeScript(onCpu, header), name)) as PlanFunction;
      const { "webgpu.ts": webgpu = "" } = await emitWgsl(program, header);
      const url = moduleUrl(webgpu, runtimeText("0"));
      const trials = cases.map((each) => trialOf(program.layer, make, url, each));
      const results = await runOnDawn(trials.map(({ job }) => job));
      for (const [i, { job, expected }] of trials.entries()) {
        const where = `${JSON.stringify(job.sizes)}${job.asOnGpu ? " as on a GPU" : ""}`;
        expect(results[i]?.error, where).toBeUndefined();
        for (const [at, tensors] of expected.entries())
          for (const [tensor, values] of Object.entries(tensors))
            expectClose(results[i]?.outputs[at]?.[tensor], values, `${tensor} at ${where}`);
      }
    },
    300_000,
  );
});

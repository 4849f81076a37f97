/** What `check` says of a target with a fault in it, and whether the fault changes any result at all. */
import { readFileSync } from "node:fs";
import { gradientLayer } from "../../src/calculus/differentiate.js";
import { specialise } from "../../src/calculus/specialise.js";
import { statedBy, statedByGpu } from "../../src/kernels/edges.js";
import { cotangentName, isDifferentiated, type Layer } from "../../src/notation/layer.js";
import { compileText, emit } from "../../src/pipeline.js";
import { stripTypes } from "../../src/targets/typescript/javascript.js";
import { runtimeText } from "../../src/targets/wgsl/runtime.js";
import { targetOf } from "../../src/verdicts.js";
import { drawInputs, varied, type Kind as Values } from "../../src/verify/draw.js";
import { sizesAtEdges } from "../../src/verify/edges.js";
import { kernelCases, type KernelCase } from "../../src/verify/kernels.js";
import { drawCotangents } from "../../src/verify/loss.js";
import { randomFrom, type Random } from "../../src/verify/random.js";
import { Rows, toleranceOf } from "../../src/verify/report.js";
import { sampleSizes } from "../../src/ranges/sample.js";
import { KernelJudge, type KernelPlan, type Target } from "../../src/verify/targets.js";
import type { Gpu } from "../../src/webgpu/adapter.js";
import { moduleUrl } from "../../src/webgpu/load.js";
import { loadGpuPlan } from "../../src/webgpu/run.js";
import { gpuTargets } from "../../src/webgpu/target.js";

/** A layer, or a variant of one, emitted for a target. */
export interface Planting {
  readonly layer: Layer;
  /** JavaScript: what faults are planted in. */
  readonly text: string;
  readonly cases: readonly KernelCase[];
  /** Targets with this text in the place of the emitted one. */
  readonly load: (text: string) => Promise<readonly Target[]>;
  readonly targets: readonly Target[];
  /** Sizes at the edges of the kernels that `check` does not draw, and others. */
  readonly others: () => readonly Other[];
}
interface Other {
  readonly sizes: Readonly<Record<string, number>>;
  readonly kind: Values;
}

/** As `check` is called by default. */
const options = { trials: 20, seed: 1 };

/** @param name `conv2d`, or `conv2d/conv3x3` for a variant */
export async function planting(name: string, gpu?: Gpu): Promise<Planting> {
  const [spec = "", variant] = name.split("/");
  const compiled = compileText(readFileSync(`specs/${spec}.layer`, "utf8"), `${spec}.layer`);
  const own = variant ?? spec;
  const program = compiled.programs.find((p) => p.name === own);
  const fixed = compiled.layer.variants.find((v) => v.name === variant);
  if (!program || (variant !== undefined && !fixed)) throw new Error(`there is no ${name}`);
  const layer = fixed ? specialise(compiled.layer, fixed) : compiled.layer;
  const gradients = gradientLayer(program.derived);
  const kind = gpu ? "wgsl" : "ts";
  const emitted = await emit(compiled, { spec: `${spec}.layer`, hash: "0", version: "0" }, [kind]);
  const files = emitted.find((folder) => folder.name === own)?.files ?? {};
  const text = stripTypes(files[gpu ? "webgpu.ts" : "index.ts"] ?? "");
  const runtime = stripTypes(runtimeText("0"));
  const load = async (source: string): Promise<readonly Target[]> => {
    if (!gpu) return [targetOf((await importText(source))[own], statedBy(program.program))];
    const plan = await loadGpuPlan(moduleUrl(source, runtime), own);
    return gpuTargets(layer, plan, gpu, program.gpuProgram());
  };
  const targets = await load(text);
  const subject = { layer, gradientLayer: gradients, targets };
  const stated = gpu
    ? [statedByGpu(program.gpuProgram(), true), statedByGpu(program.gpuProgram(), false)]
    : [statedBy(program.program)];
  const others = (): readonly Other[] => {
    const random = randomFrom(99, layer.name);
    const drawn = Array.from({ length: gpu ? 12 : 60 }, (_, i) =>
      sampleSizes(layer, random.uniform, { budget: i % 3 === 0 ? 30_000 : i % 3 === 1 ? 4000 : 300 }),
    );
    const edges = [5, 6, 7]
      .slice(gpu ? 2 : 0)
      .flatMap((seed) => stated.flatMap((s) => sizesAtEdges(subject, s, [], randomFrom(seed, layer.name))));
    const kinds: readonly Values[] = ["plain", "plain", "tied", "units", "wide"];
    return [
      ...edges.map((sizes) => ({ sizes, kind: "plain" as const })),
      ...drawn.map((sizes, i) => ({ sizes, kind: kinds[i % kinds.length] ?? "plain" })),
    ];
  };
  const cases = [...kernelCases(subject, options, new Rows(layer.name))];
  return { layer, text, cases, load, targets, others };
}

const importText = async (javascript: string): Promise<Record<string, unknown>> => {
  const url = `data:text/javascript;base64,${Buffer.from(javascript).toString("base64")}`;
  return (await import(url)) as Record<string, unknown>;
};

/** The first comparison that fails, told in a line; undefined where `check` passes. */
export async function findFault(planting: Planting, faulty: readonly Target[]): Promise<string | undefined> {
  const { layer, cases, targets } = planting;
  const judges = faulty.map((target) => new KernelJudge(layer, target));
  try {
    for (const { known, thorough, targets: own } of cases)
      for (const [i, judge] of judges.entries()) {
        const original = targets[i];
        if (!original || !own.includes(original)) continue;
        for await (const { comparison, target, dtype, error, tensor } of judge.judge(known, thorough))
          if (!(error <= toleranceOf(`${comparison} ${target} ${dtype}`)))
            return `${tensor} at ${JSON.stringify(known.sizes)}`;
      }
  } catch (error) {
    return error instanceof Error ? error.message.slice(0, 200) : String(error);
  } finally {
    for (const judge of judges) judge.close();
  }
  return undefined;
}

type Arrays = Record<string, Float32Array | Float64Array | Int32Array>;

/** Where the faulty targets give other results than the original ones: every case of the check and many others. */
export async function difference(planting: Planting, faulty: readonly Target[]): Promise<string | undefined> {
  const { layer, cases, targets, others } = planting;
  const random = randomFrom(123, layer.name);
  const drawn = [...others(), ...cases.map(({ known }): Other => ({ sizes: known.sizes, kind: "plain" }))];
  for (const { sizes, kind } of drawn) {
    const inputs = inputsOf(layer, sizes, kind, random);
    for (const [i, target] of faulty.entries())
      for (const dtype of target.dtypes) {
        const original = targets[i];
        if (!original) continue;
        try {
          const [wanted, got] = [await run(original, dtype), await run(target, dtype)];
          const tensor = Object.keys(wanted).find((name) => !isSame(wanted[name], got[name], dtype));
          if (tensor !== undefined) return `${tensor} at ${JSON.stringify(sizes)}, ${kind} values, ${dtype}`;
        } catch (error) {
          return error instanceof Error ? error.message.slice(0, 200) : String(error);
        }
      }
    async function run(target: Target, dtype: "f32" | "f64"): Promise<Arrays> {
      const plan = await target.plan(sizes, dtype);
      try {
        const places = await passes(plan, typed(inputs, layer, dtype, true), layer);
        for (const data of [places.outputs, places.gradients].flatMap((all) => Object.values(all)))
          data.fill(NaN);
        const { outputs, gradients } = await passes(plan, typed(inputs, layer, dtype, false), layer, places);
        return Object.fromEntries(
          Object.entries({ ...outputs, ...gradients }).map(([name, data]) => [name, data.slice()]),
        );
      } finally {
        plan.close?.();
      }
    }
  }
  return undefined;
}

interface Places {
  readonly outputs: Arrays;
  readonly gradients: Arrays;
}
async function passes(plan: KernelPlan, given: Arrays, layer: Layer, places?: Places): Promise<Places> {
  const { saved, ...outputs } = await plan.forward(own(given, layer), places?.outputs);
  const kept = saved as Arrays;
  const gradients = await plan.backward({ ...given, ...kept }, places?.gradients);
  return { outputs: { ...(outputs as Arrays), ...kept }, gradients: gradients as Arrays };
}
const own = (given: Arrays, layer: Layer): Arrays =>
  Object.fromEntries(Object.entries(given).filter(([name]) => layer.tensors.some((t) => t.name === name)));

function inputsOf(
  layer: Layer,
  sizes: Other["sizes"],
  kind: Values,
  random: Random,
): ReadonlyMap<string, readonly number[]> {
  const drawn = drawInputs(layer, sizes, random, 2).inputs;
  const cotangents = drawCotangents(layer, sizes, () => Math.fround(random.normal()));
  return new Map([...varied(layer, sizes, drawn, kind, random), ...cotangents]);
}

function typed(
  inputs: ReadonlyMap<string, readonly number[]>,
  layer: Layer,
  dtype: "f32" | "f64",
  spoilt: boolean,
): Arrays {
  const Real = dtype === "f32" ? Float32Array : Float64Array;
  return Object.fromEntries(
    [...inputs].map(([name, values]) => {
      const integer = layer.tensors.some((t) => t.name === name && t.type === "integer");
      if (integer) return [name, Int32Array.from(values)];
      return [name, spoilt ? new Real(values.length).fill(NaN) : Real.from(values)];
    }),
  );
}

/** Equal but for what another order of additions rounds. */
function isSame(
  wanted: Arrays[string] | undefined,
  got: Arrays[string] | undefined,
  dtype: "f32" | "f64",
): boolean {
  if (!wanted || !got || wanted.length !== got.length) return false;
  const sizes = [...wanted].filter(Number.isFinite).map(Math.abs);
  const scale = Math.max(...(sizes.length > 0 && sizes.length < 1e5 ? sizes : [1]));
  const most = (dtype === "f32" ? 1e-5 : 1e-11) * scale;
  return wanted.every((value, i) => {
    const other = got[i] ?? NaN;
    return Object.is(value, other) || Math.abs(value - other) <= most || Number.isNaN(value);
  });
}

/** Gradients and outputs of a layer: what faults can be seen in. */
export const resultsOf = (layer: Layer): readonly string[] => [
  ...layer.tensors.filter((t) => t.role === "output").map((t) => t.name),
  ...layer.tensors.filter(isDifferentiated).map((t) => cotangentName(t.name)),
];

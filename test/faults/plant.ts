/** What `check` says of a target with a fault in it, and whether the fault changes any result at all. */
import { existsSync, readFileSync } from "node:fs";
import { gradientLayer } from "../../src/calculus/differentiate.js";
import { specialise } from "../../src/calculus/specialise.js";
import { faultsIn, type Fault } from "./mutate.js";
import { kernelsOfPass } from "../../src/kernels/gpu/count.js";
import { statedBy, statedByGpu, type Stated } from "../../src/kernels/edges.js";
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
import { legality, sampleSizes } from "../../src/ranges/sample.js";
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
  /** The kernels that a target runs at these sizes; undefined where every target runs all of the text. */
  readonly kernelsAt?: (target: number, sizes: Other["sizes"]) => ReadonlySet<string>;
  /** What the targets as they are emitted give, by sizes, values, dtype and target. */
  readonly wanted: Map<string, Promise<Arrays>>;
}
interface Other {
  readonly sizes: Readonly<Record<string, number>>;
  readonly kind: Values;
}

/** Sizes that are known to choose kernels that others do not. */
const hints: Readonly<Record<string, readonly Other["sizes"][] | undefined>> = JSON.parse(
  readFileSync("test/webgpu/covering-sizes.json", "utf8"),
);

/** As `check` is called by default. */
const options = { trials: 20, seed: 1 };

/** @param name `conv2d`, or `conv2d/conv3x3` for a variant; a standard layer or one that lies beside this file */
export async function planting(name: string, gpu?: Gpu): Promise<Planting> {
  const [spec = "", variant] = name.split("/");
  const folder = existsSync(`specs/${spec}.layer`) ? "specs" : "test/faults";
  const compiled = compileText(readFileSync(`${folder}/${spec}.layer`, "utf8"), `${spec}.layer`);
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
  const cases = [...kernelCases(subject, options, new Rows(layer.name))];
  let drawn: readonly Other[] | undefined;
  const others = (): readonly Other[] =>
    (drawn ??= [
      ...othersOf(subject, stated),
      ...[...cases.map(({ known }) => known.sizes), ...(hints[own] ?? [])].map((sizes): Other => ({
        sizes,
        kind: "plain",
      })),
    ]);
  const common = { layer, text, cases, load, targets, others, wanted: new Map<string, Promise<Arrays>>() };
  if (!gpu) return common;
  const passes = ["forward", "backward"];
  const kernelsAt = (target: number, sizes: Other["sizes"]): ReadonlySet<string> => {
    const software = targets.length > 1 && target === 0;
    const run = { sizes, software };
    return new Set(
      passes.flatMap((pass) => kernelsOfPass(program.gpuProgram(), { pass, ...run })).map((k) => k.name),
    );
  };
  return { ...common, kernelsAt };
}
const kindsOfDraws: readonly Values[] = ["plain", "plain", "tied", "units", "wide"];

function othersOf(subject: Parameters<typeof sizesAtEdges>[0], stated: readonly Stated[]): readonly Other[] {
  const { layer } = subject;
  const random = randomFrom(99, layer.name);
  const drawn = Array.from({ length: 60 }, (_, i): Other => {
    const budget = i % 3 === 0 ? 30_000 : i % 3 === 1 ? 4000 : 300;
    const kind = kindsOfDraws[i % kindsOfDraws.length] ?? "plain";
    return { sizes: sampleSizes(layer, random.uniform, { budget }), kind };
  });
  const edges = [5, 6, 7].flatMap((seed) =>
    stated.flatMap((s) => sizesAtEdges(subject, s, [], randomFrom(seed, layer.name))),
  );
  return [...edges.map((sizes): Other => ({ sizes, kind: "plain" })), ...drawn];
}

/** The kernels whose shader holds the line; undefined for a line of the plan, which is everyone's. */
function kernelsOfLine(text: string, line: number): ReadonlySet<string> | undefined {
  const before = text.split("\n").slice(0, line);
  const start = before.findLastIndex((l) => /^ {2}\w+: \/\* wgsl \*\/ `/u.test(l));
  if (start < 0) return undefined;
  const [, shader = ""] = /(\w+):/u.exec(before[start] ?? "") ?? [];
  const users = text.matchAll(/^ +(\w+): \{\s+source: shaders\.(\w+),/gmu);
  return new Set([...users].filter(([, , source]) => source === shader).map(([, kernel = ""]) => kernel));
}

const importText = async (javascript: string): Promise<Record<string, unknown>> => {
  const url = `data:text/javascript;base64,${Buffer.from(javascript).toString("base64")}`;
  return (await import(url)) as Record<string, unknown>;
};

/** Faults in what runs at some sizes that are known: a plan may hold kernels that it never chooses. */
export function faultsOf(planting: Planting): readonly Fault[] {
  const { targets, text, kernelsAt, others } = planting;
  if (!kernelsAt) return faultsIn(text);
  const run = new Set(others().flatMap(({ sizes }) => targets.flatMap((_, i) => [...kernelsAt(i, sizes)])));
  return faultsIn(text).filter(({ line }) => {
    const kernels = kernelsOfLine(text, line);
    return !kernels || [...kernels].some((name) => run.has(name));
  });
}

/** The first comparison that fails, told in a line; undefined where `check` passes. Cases in which nothing of the fault runs are left out. */
export async function findFault(
  planting: Planting,
  faulty: readonly Target[],
  fault?: Fault,
): Promise<string | undefined> {
  const { layer, cases, targets } = planting;
  const judges = faulty.map((target) => new KernelJudge(layer, target));
  const runs = running(planting, fault);
  /** Whether the plan before, which runs once more meanwhile, has the fault. */
  const before = new Set<number>();
  try {
    for (const { known, thorough, targets: own } of cases)
      for (const [i, judge] of judges.entries()) {
        const original = targets[i];
        if (!original || !own.includes(original)) continue;
        const concerned = runs(i, known.sizes);
        if (!concerned && !before.delete(i)) continue;
        if (concerned) before.add(i);
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

/** Whether a target at these sizes runs what the fault is in. */
function running(
  { kernelsAt, text }: Planting,
  fault?: Fault,
): (target: number, sizes: Other["sizes"]) => boolean {
  const kernels = fault && kernelsOfLine(text, fault.line);
  if (!kernels || !kernelsAt) return () => true;
  return (target, sizes) => [...kernelsAt(target, sizes)].some((name) => kernels.has(name));
}

type Arrays = Record<string, Float32Array | Float64Array | Int32Array>;

/** What many sizes, beside those of the check, show of a fault. */
export interface Difference {
  /** Where the faulty targets give other results than the original ones; undefined where they give the same everywhere. */
  readonly where: string | undefined;
  /** How many times what the fault is in has run. */
  readonly runs: number;
}
/** The faulty targets beside the original ones: every case of the check and many others. */
export async function difference(
  planting: Planting,
  faulty: readonly Target[],
  fault: Fault,
): Promise<Difference> {
  const { layer, targets, wanted } = planting;
  const concerns = running(planting, fault);
  const isConcerned = ({ sizes }: Other): boolean => targets.some((_, i) => concerns(i, sizes));
  const known = planting.others().filter(isConcerned);
  let runs = 0;
  for (const { sizes, kind } of [...known, ...neighbours(layer, known, isConcerned)]) {
    const where = `${JSON.stringify(sizes)}, ${kind} values`;
    const inputs = inputsOf(layer, sizes, kind, randomFrom(123, `${layer.name} ${where}`));
    for (const [i, target] of faulty.entries()) {
      const original = targets[i];
      if (!original || !concerns(i, sizes)) continue;
      for (const dtype of target.dtypes)
        try {
          const key = `${where}, ${dtype}, ${i}`;
          const clean = wanted.get(key) ?? run(original, dtype);
          wanted.set(key, clean);
          const [want, got] = [await clean, await run(target, dtype)];
          runs++;
          const tensor = Object.keys(want).find((name) => !isSame(want[name], got[name], dtype));
          if (tensor !== undefined) return { where: `${tensor} at ${where}, ${dtype}`, runs };
        } catch (error) {
          return { where: error instanceof Error ? error.message.slice(0, 200) : String(error), runs };
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
  return { where: undefined, runs };
}

/** Sizes a little off those known, where they are few: kernels for long axes are drawn seldom. */
function neighbours(
  layer: Layer,
  known: readonly Other[],
  isConcerned: (other: Other) => boolean,
): readonly Other[] {
  const random = randomFrom(7, layer.name);
  const isLegal = legality(layer, pointsOfNeighbour);
  const found: Other[] = [];
  for (let draw = 0; draw < 1000 && known.length > 0 && known.length + found.length < fewest; draw++) {
    const base = known[random.integer(known.length)]!;
    const sizes = { ...base.sizes };
    for (const name of layer.sizes) {
      const factor = random.uniform() < 0.3 ? 2 ** (1 + random.integer(3)) : 1;
      const by = random.uniform() < 0.5 ? random.integer(9) - 4 : 0;
      sizes[name] = Math.max(1, factor * (sizes[name] ?? 1) + by);
    }
    const other = { sizes, kind: kindsOfDraws[draw % kindsOfDraws.length] ?? "plain" };
    if (isLegal(sizes) && isConcerned(other)) found.push(other);
  }
  return found;
}
const [fewest, pointsOfNeighbour] = [40, 4e6];

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

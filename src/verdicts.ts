/** The judgements of `verify/` as plain data for reports: what was tried, how far off, and the first case that failed. */
import { gradientLayer } from "./calculus/differentiate.js";
import { specialise } from "./calculus/specialise.js";
import { LayerError, positionOf, type Source } from "./language/problem.js";
import { statedBy, type Stated } from "./kernels/edges.js";
import type { Derived } from "./calculus/derivation.js";
import { printCondition } from "./language/print.js";
import { cotangentName, type Layer } from "./notation/layer.js";
import { emit, type Compiled } from "./pipeline.js";
import type { TargetName } from "./targets/names.js";
import type { ClaimVerdict } from "./targets/document/derivation.js";
import { loadPlan } from "./targets/typescript/load.js";
import { canonicalClaims } from "./patterns/claims.js";
import { checkClaims, checkLayer, type CheckOptions, type CheckSubject } from "./verify/check.js";
import { claimLayer } from "./verify/claims.js";
import { runtimeText } from "./targets/wgsl/runtime.js";
import type { ClaimReport, Failure, TensorReport } from "./verify/report.js";
import type { Proof } from "./verify/proofs.js";
import { randomFrom } from "./verify/random.js";
import { singularPoints, type StandardPoint } from "./verify/standard-points.js";
import type { Target } from "./verify/targets.js";
import type { Gpu } from "./webgpu/adapter.js";
import { version } from "./version.js";

export interface VerifyOptions extends CheckOptions {
  /** Whose kernels are checked; TypeScript's where nothing is said. */
  readonly targets?: readonly TargetName[];
}

/** What was found of one tensor, an output or a gradient. */
export interface Row {
  /** The layer or the variant. */
  readonly layer: string;
  readonly tensor: string;
  /** How many shapes of it were tried, and the first few. */
  readonly shapes: number;
  readonly examples: TensorReport["examples"];
  /** The worst relative error of all comparisons in float64. */
  readonly worst: number;
  /** The worst relative error of the float32 kernels. */
  readonly worstInFloat32: number;
  readonly comparisons: TensorReport["worst"];
  /** `proved`: a gradient equal to forward mode in exact arithmetic. */
  readonly verdict: TensorReport["verdict"];
  readonly proof: Proof | null;
  readonly failure: Failure | null;
  /** Of a gradient: that it is not finite at sizes tried or at a standard point, where the outputs are. */
  readonly warning: string | null;
}
export interface Claim extends ClaimVerdict {
  /** How it was proved: by one canonical form of claim and gradient, or by exact evaluation, at what was drawn. */
  readonly method: "canonical form" | "prime field" | null;
  readonly proof: Proof | null;
  /** Of an unproved claim: what was not tried, in words. */
  readonly untried: readonly string[];
  /** The largest relative error seen. */
  readonly worst: number;
}

/**
 * Checks a layer and its variants: kernels and gradients, and the layer's claims.
 * @throws LayerError when `options.sizes` are not legal for the layer, or no legal sizes are found
 */
export async function verify(
  compiled: Compiled,
  source: Source,
  options: VerifyOptions,
): Promise<{ readonly rows: readonly Row[]; readonly claims: readonly Claim[] }> {
  const wanted = options.targets ?? ["ts"];
  const gpu = wanted.includes("wgsl") ? await (await import("./webgpu/adapter.js")).openGpu() : undefined;
  try {
    return await verifyOn(wanted, gpu, compiled, source, options);
  } finally {
    await gpu?.close();
  }
}

async function verifyOn(
  wanted: readonly TargetName[],
  gpu: Gpu | undefined,
  compiled: Compiled,
  source: Source,
  options: VerifyOptions,
): Promise<{ readonly rows: readonly Row[]; readonly claims: readonly Claim[] }> {
  const rows: Row[] = [];
  const claims: Claim[] = [];
  const files = await emit(compiled, { spec: source.file, hash: "0", version }, wanted);
  for (const { name, derived, program, vectorProgram, gpuProgram } of compiled.programs) {
    const layer = layerOf(compiled.layer, name);
    const own = files.find((folder) => folder.name === name)?.files ?? {};
    const targets: Target[] = [];
    const { "index.ts": typescript, "wasm.ts": wasm, "webgpu.ts": webgpu, "torch.py": torch } = own;
    if (typescript !== undefined) targets.push(targetOf(await loadPlan(typescript, name), statedBy(program)));
    if (wasm !== undefined) targets.push(wasmTargetOf(await loadPlan(wasm, name), statedBy(vectorProgram())));
    if (webgpu !== undefined && gpu) {
      const [{ moduleUrl }, { loadGpuPlan }, { gpuTargets }] = await Promise.all([
        import("./webgpu/load.js"),
        import("./webgpu/run.js"),
        import("./webgpu/target.js"),
      ]);
      const plan = await loadGpuPlan(moduleUrl(webgpu, runtimeText(version)), name);
      const found = gpuTargets(layer, plan, gpu, gpuProgram());
      // a variant's kernels change course where the layer's do; each of its shaders would be compiled for that alone
      targets.push(...(layer === compiled.layer ? found : found.map((t) => ({ ...t, stated: undefined }))));
    }
    if (torch !== undefined) {
      const [{ Torch }, { TorchLayer }] = await Promise.all([
        import("./torch/process.js"),
        import("./torch/target.js"),
      ]);
      targets.push((await TorchLayer.load(layer, torch, await Torch.shared())).target());
    }
    const subject = subjectOf(layer, gradientLayer(derived), targets, derived.singular);
    const report = await attempt(source, () => checkLayer(subject, options));
    const isResult = ({ tensor }: TensorReport): boolean =>
      layer.tensors.some(({ name, role }) => name === tensor && role === "output");
    const results = report.rows.filter(isResult);
    const gradients = report.rows.filter((row) => !isResult(row));
    const points = singularPoints(layer, subject.gradientLayer, randomFrom(options.seed));
    for (const row of [...results, ...gradients])
      rows.push({ ...rowOf(row), warning: warningOf(row, points, layer, derived) ?? null });
    // what holds of the layer holds of its variants
    if (layer === compiled.layer) claims.push(...report.claims.map((claim) => claimOf(claim, source.text)));
  }
  return { rows, claims };
}

export const listSizes = (sizes: Readonly<Record<string, number>>): string =>
  Object.entries(sizes)
    .map(([name, value]) => `${name} = ${value}`)
    .join(", ") || "its only size";

/** That a gradient is not finite at sizes that were tried, or where all tensors are 0 or 1, and what that comes from. */
function warningOf(
  { tensor, singularAt }: TensorReport,
  points: ReadonlyMap<string, StandardPoint>,
  layer: Layer,
  { singular }: Derived,
): string | undefined {
  const of = layer.tensors.find(({ name }) => cotangentName(name) === tensor)?.name ?? "";
  const point = points.get(of);
  if (!singularAt && point === undefined) return undefined;
  const conditions = (singular.get(of) ?? []).map(({ condition }) => printCondition(condition, layer));
  const where = conditions.length > 0 ? `: singular where ${conditions.join(" or ")}` : "";
  const met = singularAt
    ? `at ${listSizes(singularAt)}, whatever is drawn`
    : `where all tensors are ${point}`;
  return `not finite ${met}${where}`;
}

/** Judges the claims alone, at a few sizes. */
export function judgeClaims({ layer, gradientLayer }: Omit<Compiled, "programs">, source: Source): Claim[] {
  try {
    const claims = checkClaims(subjectOf(layer, gradientLayer), { trials: 8, seed: 1 });
    return claims.map((claim) => claimOf(claim, source.text));
  } catch (error) {
    throw illegalSizes(error, source.file);
  }
}

const subjectOf = (
  layer: Layer,
  gradients: Layer,
  targets: readonly Target[] = [],
  singular?: Derived["singular"],
): CheckSubject => ({
  layer,
  gradientLayer: gradients,
  targets,
  singular,
  canonicalClaims: canonicalClaims(layer, claimLayer(layer), gradients),
});

function layerOf(layer: Layer, name: string): Layer {
  const variant = layer.variants.find((v) => v.name === name);
  return variant ? specialise(layer, variant) : layer;
}

/** The generated kernels as `verify/` calls them. */
export function targetOf(plan: unknown, stated?: Stated): Target {
  const make = plan as (sizes: object, options: object) => ReturnType<Target["plan"]>;
  const dtypes = ["f64", "f32"] as const;
  return {
    name: "ts",
    dtypes,
    adds: true,
    shares: true,
    stated,
    plan: (sizes, dtype) => make(sizes, { dtype }),
  };
}

/** The same over WebAssembly's memory, where reals are float32. */
export function wasmTargetOf(plan: unknown, stated?: Stated): Target {
  const make = plan as (sizes: object) => ReturnType<Target["plan"]>;
  return { name: "wasm", dtypes: ["f32"], adds: true, stated, plan: (sizes) => make(sizes) };
}

/** Sizes that a layer does not allow are the user's to mend; they have no place in the text. */
async function attempt<T>({ file }: Source, check: () => Promise<T>): Promise<T> {
  try {
    return await check();
  } catch (error) {
    throw illegalSizes(error, file);
  }
}
function illegalSizes(error: unknown, file: string): unknown {
  if (!(error instanceof RangeError)) return error;
  const problem = { code: "illegal-sizes", message: error.message, span: { start: 0, end: 0 } };
  return new LayerError([problem], { file, text: "" });
}

function rowOf({ worst, failure, proof, ...row }: TensorReport): Omit<Row, "warning"> {
  const errors = Object.entries(worst);
  const most = (inFloat32: boolean): number =>
    Math.max(
      0,
      ...errors.filter(([name]) => name.endsWith("f32") === inFloat32).map(([, error]) => error ?? 0),
    );
  return {
    ...row,
    worst: most(false),
    worstInFloat32: most(true),
    comparisons: worst,
    proof: proof ?? null,
    failure: failure ?? null,
  };
}

function claimOf(claim: ClaimReport, text: string): Claim {
  const { tensor, at, verdict, method, proof, untried, worst, counterexample } = claim;
  return {
    tensor,
    line: positionOf(text, at?.start ?? 0).line,
    verdict,
    method: method ?? null,
    proof: proof ?? null,
    untried: untried ?? [],
    counterexample: counterexample ? { ...counterexample } : null,
    worst,
  };
}

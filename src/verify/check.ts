/**
 * The check of a layer: sizes, params and values drawn at random; kernels against the reference evaluator, gradients
 * against finite differences, forward mode and exact arithmetic, claims against gradients.
 */
import { cotangentName, isDifferentiated, type Layer } from "../notation/layer.js";
import { judgeClaims, ClaimVerdicts } from "./claims.js";
import { judgeGradients } from "./gradients.js";
import { OutOfBounds } from "./out-of-bounds.js";
import { randomFrom, type Random } from "./random.js";
import { Rows, type CheckReport } from "./report.js";
import { sizesToTry, smallSizes } from "./sizes.js";
import { judgeKernels, type Target } from "./targets.js";
import { makeTrial, type Sizes, type Trial } from "./trial.js";

export interface CheckSubject {
  /** With every range known. */
  readonly layer: Layer;
  /** Outputs `g_x` from the layer's given tensors and cotangents `dz`. */
  readonly gradientLayer: Layer;
  readonly targets?: readonly Target[] | undefined;
}
export interface CheckOptions {
  /** How many sizes are drawn; `check` lines and `sizes` come on top. */
  readonly trials: number;
  readonly seed: number;
  /** Sizes and params to try; names that the layer has not are passed over, missing ones are drawn. */
  readonly sizes?: Sizes | undefined;
}

/** Checks everything about a layer. Rejects with a RangeError where `options.sizes` are illegal for it or no legal sizes are found. */
export async function checkLayer(subject: CheckSubject, options: CheckOptions): Promise<CheckReport> {
  const { layer } = subject;
  const random = randomFrom(options.seed, layer.name);
  const rows = new Rows(layer.name);
  const claims = new ClaimVerdicts(layer);
  for (const sizes of sizesToTry(layer, options.trials, options.sizes, random)) {
    const trial = attempt(subject, sizes, random, rows);
    if (!trial) continue;
    await checkTrial(subject, trial, random, rows);
    judgeClaims(layer, trial, random).forEach((finding) => claims.found(finding));
  }
  claims.shrink(() => smallTrial(subject, random), random);
  return { layer: layer.name, rows: rows.reports(), claims: claims.reports() };
}

/** Judges only the claims: what `build` asks for. */
export function checkClaims(subject: CheckSubject, options: CheckOptions): CheckReport["claims"] {
  const { layer } = subject;
  if (layer.claims.length === 0) return [];
  const random = randomFrom(options.seed, layer.name);
  const claims = new ClaimVerdicts(layer);
  for (const sizes of sizesToTry(layer, options.trials, options.sizes, random)) {
    const trial = attempt(subject, sizes, random);
    if (trial) judgeClaims(layer, trial, random).forEach((finding) => claims.found(finding));
  }
  claims.shrink(() => smallTrial(subject, random), random);
  return claims.reports();
}

/** A trial at these sizes. A read that misses its tensor there fails every result. */
function attempt(
  { layer, gradientLayer }: CheckSubject,
  sizes: Sizes,
  random: Random,
  rows?: Rows,
): Trial | undefined {
  try {
    return makeTrial(layer, gradientLayer, sizes, random);
  } catch (error) {
    if (!(error instanceof OutOfBounds)) throw error;
    rows?.broken(layer, "reference", sizes, error.message);
    return undefined;
  }
}

async function checkTrial(
  { layer, gradientLayer, targets = [] }: CheckSubject,
  trial: Trial,
  random: Random,
  rows: Rows,
): Promise<void> {
  const shapeOf = (tensor: string): readonly number[] => trial.shapes.get(tensor) ?? [];
  for (const tensor of layer.tensors) {
    if (tensor.role === "output") rows.tried(tensor.name, shapeOf(tensor.name));
    if (isDifferentiated(tensor)) rows.tried(cotangentName(tensor.name), shapeOf(tensor.name));
  }
  if (trial.fault !== undefined) rows.broken(layer, "reference", trial.sizes, trial.fault, "gradients");
  else
    for (const found of judgeGradients(layer, gradientLayer, trial, random))
      rows.found(cotangentName(found.tensor), found.comparison, found, trial, shapeOf(found.tensor));
  for (const target of targets)
    try {
      for await (const found of judgeKernels(layer, trial, target)) {
        const name = found.comparison === "gradient" ? cotangentName(found.tensor) : found.tensor;
        const comparison = `${found.comparison} ${target.name} ${found.dtype}` as const;
        rows.found(name, comparison, found, trial, shapeOf(found.tensor));
      }
    } catch (error) {
      // a plan that refuses legal sizes, or a kernel that throws
      const reason = error instanceof Error ? error.message : String(error);
      rows.broken(layer, target.name, trial.sizes, reason);
    }
}

/** A trial at small sizes, to find a small counterexample. */
function smallTrial(subject: CheckSubject, random: Random): Trial | undefined {
  const sizes = smallSizes(subject.layer, random);
  return sizes && attempt(subject, sizes, random);
}

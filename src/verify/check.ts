/**
 * The check of a layer: sizes, params and values drawn at random; kernels against the reference evaluator, gradients
 * against finite differences, forward mode and exact arithmetic, claims against gradients.
 */
import { cotangentName, type Layer } from "../notation/layer.js";
import { isSmooth } from "../primitives/index.js";
import { walk } from "../notation/traverse.js";
import { ClaimVerdicts } from "./claim-verdicts.js";
import { shrinkCounterexamples } from "./counterexample.js";
import type { Kind } from "./draw.js";
import { byForwardMode, judgeGradients, proveGradients } from "./gradients.js";
import { NoValue } from "./out-of-bounds.js";
import { randomFrom, type Random } from "./random.js";
import { Rows, type CheckReport } from "./report.js";
import { searchCells } from "./search.js";
import { singularElements, type Singular } from "./singular.js";
import { sizesToProve, sizesToTry, smallSizes } from "./sizes.js";
import { checkKernels } from "./kernels.js";
import type { Target } from "./targets.js";
import { isFinite, makeTrial, type Sizes, type Trial } from "./trial.js";

export interface CheckSubject {
  /** With every range known. */
  readonly layer: Layer;
  /** Outputs `g_x` from the layer's given tensors and cotangents `dz`. */
  readonly gradientLayer: Layer;
  readonly targets?: readonly Target[] | undefined;
  /** Where gradients are not finite by what the layer says of itself. */
  readonly singular?: Singular | undefined;
  /** Claims that are known to be the gradient in another writing. */
  readonly canonicalClaims?: ReadonlySet<string> | undefined;
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
  const { layer, gradientLayer } = subject;
  const random = randomFrom(options.seed);
  const rows = new Rows(layer.name);
  const claims = new ClaimVerdicts(layer, gradientLayer, subject.canonicalClaims);
  for (const sizes of sizesToTry(layer, options.trials, options.sizes, random)) {
    const trial = attempt(subject, sizes, random, rows);
    if (!trial) continue;
    checkTrial(subject, trial, random, rows);
    claims.compare(trial, random);
  }
  await checkKernels(subject, options, rows);
  for (const trial of trialsToProve(subject, options.trials, random, rows)) {
    proveTrial(subject, trial, random, rows);
    claims.prove(trial, random);
  }
  for (const trial of tiedTrials(subject, random)) claims.screen(trial, random);
  searchCells(subject, claims, random);
  shrinkCounterexamples(subject, claims, random);
  return { layer: layer.name, rows: rows.reports(), claims: claims.reports() };
}

/** Whether the check of a layer's gradients fails: the same comparisons, the cheapest first, up to the first that fails. */
export function failsCheck(subject: CheckSubject, { seed, trials, sizes }: CheckOptions): boolean {
  const { layer } = subject;
  const random = randomFrom(seed);
  const rows = new Rows(layer.name);
  for (const trial of trialsToProve(subject, trials, random, rows)) {
    proveTrial(subject, trial, random, rows);
    if (rows.failed()) return true;
  }
  for (const tried of sizesToTry(layer, trials, sizes, random)) {
    const trial = attempt(subject, tried, random, rows);
    if (trial) checkTrial(subject, trial, random, rows);
    if (rows.failed()) return true;
  }
  return rows.failed();
}

/** Judges only the claims: what `build` asks for. */
export function checkClaims(subject: CheckSubject, options: CheckOptions): CheckReport["claims"] {
  const { layer, gradientLayer } = subject;
  if (layer.claims.length === 0) return [];
  const random = randomFrom(options.seed);
  const claims = new ClaimVerdicts(layer, gradientLayer, subject.canonicalClaims);
  for (const sizes of sizesToTry(layer, options.trials, options.sizes, random)) {
    const trial = attempt(subject, sizes, random);
    if (trial) claims.compare(trial, random);
  }
  for (const trial of trialsToProve(subject, options.trials, random)) claims.prove(trial, random);
  for (const trial of tiedTrials(subject, random)) claims.screen(trial, random);
  searchCells(subject, claims, random);
  shrinkCounterexamples(subject, claims, random);
  return claims.reports();
}

const leastDraws = 6;
const unusual: readonly Kind[] = [
  "tied",
  "wide",
  "tied",
  "wide",
  "tied",
  "wide",
  "tied",
  "wide",
  "tied",
  "tied",
];
/** Half as many draws as are compared in float64, but some; then equal values and large ones, where the layer branches on values. */
function* trialsToProve(
  subject: CheckSubject,
  trials: number,
  random: Random,
  rows?: Rows,
): Generator<Trial> {
  let last: Trial | undefined;
  for (const sizes of sizesToProve(subject.layer, Math.max(leastDraws, Math.ceil(trials / 2)), random)) {
    last = attempt(subject, sizes, random, rows);
    if (last) yield last;
  }
  // a claim may have no value where a tensor is 0
  if (!last || (!branches(subject) && subject.layer.claims.length === 0)) return;
  for (const kind of unusual) {
    const sizes = smallSizes(subject.layer, random, 120);
    const trial = sizes && attempt(subject, sizes, random, rows, kind);
    if (trial && isFinite(subject.layer, trial)) yield trial;
  }
}

const ties = 80;
/** Many draws of equal values and of values on thresholds, where claims are wrong that hold elsewhere. */
function* tiedTrials(subject: CheckSubject, random: Random): Generator<Trial> {
  if (subject.layer.claims.length === 0) return;
  for (let draw = 0; draw < ties; draw++) {
    const sizes = smallSizes(subject.layer, random);
    const trial = sizes && attempt(subject, sizes, random, undefined, "tied");
    if (trial && isFinite(subject.layer, trial)) yield trial;
  }
}

/** Whether the layer or a claim decides anything by the order of values. */
const branches = ({ layer, gradientLayer }: CheckSubject): boolean =>
  [...layer.statements, ...layer.claims, ...layer.claimHelpers, ...gradientLayer.statements].some(
    ({ body }) => {
      let found = false;
      walk(body, {
        expression: (e) => {
          if (e.kind === "call") found ||= !isSmooth(e.name);
          if (e.kind === "reduction") found ||= /max|min/u.test(e.name);
        },
        condition: (c) => {
          found ||= c.kind === "compare";
        },
      });
      return found;
    },
  );
/** A trial at these sizes. A read that misses its tensor there fails every result. */
function attempt(
  { layer, gradientLayer, singular }: CheckSubject,
  sizes: Sizes,
  random: Random,
  rows?: Rows,
  kind?: Kind,
): Trial | undefined {
  try {
    const trial = makeTrial(layer, gradientLayer, sizes, random, kind);
    return singular ? { ...trial, singular: singularElements(layer, singular, trial) } : trial;
  } catch (error) {
    if (!(error instanceof NoValue)) throw error;
    rows?.broken(layer, "reference", sizes, error.message);
    return undefined;
  }
}

/** Gradients against forward mode, exactly and in float64. */
function proveTrial({ layer, gradientLayer }: CheckSubject, trial: Trial, random: Random, rows: Rows): void {
  if (trial.fault !== undefined) rows.broken(layer, "reference", trial.sizes, trial.fault, "gradients");
  for (const [tensor, evidence] of proveGradients(layer, gradientLayer, trial, random))
    rows.proved(cotangentName(tensor), evidence, trial);
  if (trial.fault === undefined && trial.kind === "plain")
    for (const found of byForwardMode(layer, trial, random))
      rows.found(cotangentName(found.tensor), found.comparison, found, trial, []);
}

function checkTrial({ layer }: CheckSubject, trial: Trial, random: Random, rows: Rows): void {
  rows.triedAll(layer, trial.shapes);
  rows.singular(trial);
  if (trial.fault !== undefined) rows.broken(layer, "reference", trial.sizes, trial.fault, "gradients");
  else
    for (const found of judgeGradients(layer, trial, random))
      rows.found(
        cotangentName(found.tensor),
        found.comparison,
        found,
        trial,
        trial.shapes.get(found.tensor) ?? [],
      );
}

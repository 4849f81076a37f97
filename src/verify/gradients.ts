/** A trial's gradients against finite differences, forward mode and exact arithmetic. None of these knows the others. */
import { isDifferentiated, type Layer } from "../notation/layer.js";
import { relativeError, scaleOf, typicalSize, type Disagreement } from "./compare.js";
import { dotError, forwardMode } from "./dot-test.js";
import { finiteDifferences } from "./finite-differences.js";
import { float64 } from "./numbers.js";
import { gradientRound, prove, type Evidence } from "./proof.js";
import type { Random } from "./random.js";
import { isFinite, type Trial } from "./trial.js";

export type GradientComparison = "finite differences" | "dot test" | "exact";
export interface Finding extends Disagreement {
  readonly tensor: string;
  readonly comparison: GradientComparison;
}

/** Operations spent on the finite differences of one trial. */
const budget = 400_000;
/** Differences whose rounding is less than this, relative to the scale, count in full. */
const resolution = 1e-8;
/** Elements checked in a tensor, at most and at least. */
const [most, least] = [24, 3];

/** Everything found of every gradient of the trial. */
export function* judgeGradients(layer: Layer, trial: Trial, random: Random): Generator<Finding> {
  yield* byFiniteDifferences(layer, trial, differentiated(layer), random);
  yield* byForwardMode(layer, trial, random);
}

/** Every gradient of the trial against forward mode in exact numbers. No evidence where a tensor has none. */
export function proveGradients(
  layer: Layer,
  gradientLayer: Layer,
  trial: Trial,
  random: Random,
): ReadonlyMap<string, Evidence | undefined> {
  const evidence =
    trial.fault === undefined ? prove(gradientRound(layer, gradientLayer, trial), random) : undefined;
  return new Map(differentiated(layer).map((name) => [name, evidence?.get(name)]));
}

function* byFiniteDifferences(
  layer: Layer,
  trial: Trial,
  tensors: readonly string[],
  random: Random,
): Generator<Finding> {
  const { sizes, inputs, cotangents, gradients } = trial;
  const differentiate = finiteDifferences(layer, sizes, inputs, cotangents);
  // four evaluations an element
  const affordable = Math.floor(budget / (4 * Math.max(1, trial.operations) * tensors.length));
  const count = Math.min(most, Math.max(least, affordable));
  const typical = typicalSize(gradients.values(), cotangents.values());
  for (const tensor of tensors) {
    const gradient = gradients.get(tensor) ?? [];
    const scale = scaleOf(gradient, typical);
    if (gradient.length !== inputs.get(tensor)?.length)
      yield {
        tensor,
        comparison: "finite differences",
        error: Infinity,
        element: 0,
        got: NaN,
        expected: NaN,
      };
    const singular = trial.singular?.get(tensor);
    for (const element of chooseElements(gradient.length, count, random)) {
      if (singular?.has(element)) continue;
      const difference = differentiate(tensor, element);
      if (!difference) continue;
      const [got, expected] = [gradient[element] ?? NaN, difference.value];
      const error = relativeError(got, expected, scale + difference.rounding / resolution);
      yield { tensor, comparison: "finite differences", error, element, got, expected };
    }
  }
}

const differentiated = (layer: Layer): readonly string[] =>
  layer.tensors.filter(isDifferentiated).map((t) => t.name);

/** ⟨J·v, u⟩ = ⟨v, Jᵀ·u⟩ in float64. */
export function* byForwardMode(layer: Layer, trial: Trial, random: Random): Generator<Finding> {
  const forward = forwardMode(layer, trial.sizes, float64);
  const typical = typicalSize(trial.gradients.values(), trial.cotangents.values());
  for (const tensor of differentiated(layer)) {
    const singular = trial.singular?.get(tensor);
    const isOut = (element: number): boolean => singular?.has(element) ?? false;
    const gradient = Array.from(trial.gradients.get(tensor) ?? [], (g, i) => (isOut(i) ? 0 : g));
    const direction = gradient.map((_, i) => (isOut(i) ? 0 : random.normal()));
    const at = [trial.inputs, trial.cotangents, tensor, direction] as const;
    const strict = forward(...at);
    // of 0·∞ on the way a gradient may make 0: then both do
    const isLost = strict.some(Number.isNaN) && !gradient.some(Number.isNaN);
    const terms = isLost ? forwardMode(layer, trial.sizes, float64, { stops: true })(...at) : strict;
    const { left, right, error } = dotError(terms, direction, gradient, scaleOf(gradient, typical));
    // where outputs are not finite there need be no gradient: neither side has one
    if (Number.isNaN(left) && Number.isNaN(right) && !isFinite(layer, trial)) continue;
    yield { tensor, comparison: "dot test", error, element: 0, got: right, expected: left };
  }
}

/** The first, the last and random others, without repetition. */
export function chooseElements(length: number, count: number, random: Random): readonly number[] {
  if (length <= count) return Array.from({ length }, (_, i) => i);
  const chosen = new Set([0, length - 1]);
  while (chosen.size < count) chosen.add(random.integer(length));
  return [...chosen];
}

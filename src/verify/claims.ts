/**
 * Claims judged by numbers: the claimed formula is evaluated with the layer's tensors and random cotangents and
 * compared with the derived gradient. A claim on an intermediate T is compared with forward mode at T.
 */
import { isDifferentiated, type Layer, type Statement, type Tensor } from "../notation/layer.js";
import { relativeError, scaleOf, subscriptsOf, typicalSize } from "./compare.js";
import { forwardMode } from "./dot-test.js";
import { compileLayer } from "./evaluate.js";
import { chooseElements } from "./gradients.js";
import { cotangentTensors } from "./loss.js";
import { float64 } from "./numbers.js";
import { NoValue } from "./out-of-bounds.js";
import type { Random } from "./random.js";
import type { Sizes, Trial, Values } from "./trial.js";

/** Where a claim fails. `claimed` is NaN where the claim cannot be evaluated; `reason` then says why. */
export interface Counterexample {
  readonly sizes: Sizes;
  readonly element: readonly number[];
  readonly claimed: number;
  readonly derived: number;
  readonly reason?: string;
  /** Where the sums part: "the claim misses the term r = 0". */
  readonly difference?: string;
  /** The tensors' elements, where there are few. */
  readonly values?: Readonly<Record<string, readonly number[]>>;
}
/** A counterexample with what it was found with. */
export interface Refutation {
  readonly example: Counterexample;
  readonly trial: Trial;
  /** The element's row-major position. */
  readonly at: number | undefined;
}
export interface ClaimFinding {
  /** `dw` */
  readonly tensor: string;
  readonly error: number;
  /** Whether some element is off by more than rounding. */
  readonly refutes: boolean;
  /** The first such element, else the one that is farthest off, and its row-major position. */
  readonly example: Counterexample;
  readonly at?: number;
}
/** Errors above this are no rounding. */
export const claimTolerance = 1e-8;
/** Elements of an intermediate's gradient that are computed, each by one forward sweep. */
const probes = 24;

/** The layer with its claims as statements of its own: what they read beside the layer's tensors are cotangents. */
export function claimLayer(layer: Layer): Layer {
  const shapeOf = (name: string): Tensor["shape"] => layer.tensors.find((t) => t.name === name)?.shape ?? [];
  const claimed = layer.claims.map(({ tensor }): Tensor => ({
    name: tensor,
    role: "gradient",
    type: "real",
    shape: shapeOf(differentiated(tensor)),
  }));
  return {
    ...layer,
    tensors: [...layer.tensors, ...cotangentTensors(layer), ...claimed],
    statements: [...layer.statements, ...layer.claimHelpers, ...layer.claims],
  };
}

export function judgeClaims(layer: Layer, trial: Trial, random: Random): readonly ClaimFinding[] {
  if (layer.claims.length === 0 || trial.fault !== undefined) return [];
  let values: Values;
  try {
    const evaluator = compileLayer(claimLayer(layer), trial.sizes, float64);
    values = evaluator.run(new Map([...trial.inputs, ...trial.cotangents]));
  } catch (error) {
    if (!(error instanceof NoValue)) throw error;
    return layer.claims.map(({ tensor }) => cannotBeEvaluated(tensor, trial, error.message));
  }
  return layer.claims.map((claim) => judge(layer, claim, values.get(claim.tensor) ?? [], trial, random));
}

/** `w` for `dw`. */
export const differentiated = (tensor: string): string => tensor.slice(1);

const cannotBeEvaluated = (tensor: string, { sizes }: Trial, reason: string): ClaimFinding => ({
  tensor,
  error: Infinity,
  refutes: true,
  example: { sizes, element: [], claimed: NaN, derived: NaN, reason },
});

function judge(
  layer: Layer,
  { tensor }: Statement,
  claimed: ArrayLike<number>,
  trial: Trial,
  random: Random,
): ClaimFinding {
  const of = differentiated(tensor);
  const expected = expectedGradient(layer, of, claimed.length, trial, random);
  const typical = typicalSize(trial.gradients.values(), trial.cotangents.values());
  const scale = scaleOf([...expected.values()], typical);
  const shape = trial.shapes.get(of) ?? [];
  let found: ClaimFinding | undefined;
  let worst = 0;
  for (const [element, derived] of expected) {
    const value = claimed[element] ?? NaN;
    const error = relativeError(value, derived, scale);
    // where there is no gradient, a claim may say anything
    const refutes = error > claimTolerance && Number.isFinite(derived);
    if (!found || (refutes && !found.refutes) || (!found.refutes && error > worst)) {
      const place = subscriptsOf(element, shape);
      const example = { sizes: trial.sizes, element: place, claimed: value, derived };
      found = { tensor, error, refutes, example, at: element };
    }
    worst = Math.max(worst, error);
  }
  const nothing = { sizes: trial.sizes, element: [], claimed: 0, derived: 0 };
  return { ...(found ?? { tensor, refutes: false, example: nothing }), error: worst };
}

/** Whether there is a derived gradient of it; there is none of an intermediate. */
export const isDerived = (layer: Layer, of: string): boolean =>
  layer.tensors.some((t) => t.name === of && isDifferentiated(t));

/** ∂L/∂of by element: the whole derived gradient, or for an intermediate some elements by forward mode from there on. */
function expectedGradient(
  layer: Layer,
  of: string,
  length: number,
  trial: Trial,
  random: Random,
): ReadonlyMap<number, number> {
  const gradient = trial.gradients.get(of);
  if (gradient && isDerived(layer, of))
    return new Map(Array.from(gradient, (value, element) => [element, value]));
  const forward = forwardMode(layer, trial.sizes, float64, { given: [of] });
  return new Map(
    chooseElements(length, probes, random).map((element) => {
      const direction = Array.from({ length }, (_, i) => (i === element ? 1 : 0));
      const terms = forward(trial.forward, trial.cotangents, of, direction);
      return [element, terms.reduce((a, b) => a + b, 0)];
    }),
  );
}

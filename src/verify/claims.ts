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
import { OutOfBounds } from "./out-of-bounds.js";
import type { Random } from "./random.js";
import type { ClaimReport } from "./report.js";
import type { Sizes, Trial, Values } from "./trial.js";

/** Where a claim fails. `claimed` is NaN where the claim cannot be evaluated; `reason` then says why. */
export interface Counterexample {
  readonly sizes: Sizes;
  readonly element: readonly number[];
  readonly claimed: number;
  readonly derived: number;
  readonly reason?: string;
}
export interface ClaimFinding {
  /** `dw` */
  readonly tensor: string;
  readonly error: number;
  /** The element that is farthest off; only where there is an element at all. */
  readonly example: Counterexample;
}
/** Errors above this are no rounding. */
export const claimTolerance = 1e-8;
/** Elements of an intermediate's gradient that are computed, each by one forward sweep. */
const probes = 24;

export function judgeClaims(layer: Layer, trial: Trial, random: Random): readonly ClaimFinding[] {
  if (layer.claims.length === 0 || trial.fault !== undefined) return [];
  const shapeOf = (name: string): Tensor["shape"] => layer.tensors.find((t) => t.name === name)?.shape ?? [];
  const claimed = layer.claims.map(({ tensor }): Tensor => ({
    name: tensor,
    role: "gradient",
    type: "real",
    shape: shapeOf(differentiated(tensor)),
  }));
  let values: Values;
  try {
    const evaluator = compileLayer(layer, trial.sizes, float64, {
      statements: [...layer.claimHelpers, ...layer.claims],
      tensors: [...cotangentTensors(layer), ...claimed],
    });
    values = evaluator.run(new Map([...trial.inputs, ...trial.cotangents]));
  } catch (error) {
    if (!(error instanceof OutOfBounds)) throw error;
    return layer.claims.map(({ tensor }) => cannotBeEvaluated(tensor, trial, error.message));
  }
  return layer.claims.map((claim) => judge(layer, claim, values.get(claim.tensor) ?? [], trial, random));
}

/** `w` for `dw`. */
const differentiated = (tensor: string): string => tensor.slice(1);

const cannotBeEvaluated = (tensor: string, { sizes }: Trial, reason: string): ClaimFinding => ({
  tensor,
  error: Infinity,
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
  let worst: ClaimFinding | undefined;
  for (const [element, derived] of expected) {
    const value = claimed[element] ?? NaN;
    const error = relativeError(value, derived, scale);
    if (worst && error <= worst.error) continue;
    const place = subscriptsOf(element, shape);
    worst = { tensor, error, example: { sizes: trial.sizes, element: place, claimed: value, derived } };
  }
  return worst ?? { tensor, error: 0, example: { sizes: trial.sizes, element: [], claimed: 0, derived: 0 } };
}

/** ∂L/∂of by element: the whole derived gradient, or for an intermediate some elements by forward mode from there on. */
function expectedGradient(
  layer: Layer,
  of: string,
  length: number,
  trial: Trial,
  random: Random,
): ReadonlyMap<number, number> {
  const gradient = trial.gradients.get(of);
  if (gradient && layer.tensors.some((t) => t.name === of && isDifferentiated(t)))
    return new Map(Array.from(gradient, (value, element) => [element, value]));
  const forward = forwardMode(layer, trial.sizes, float64, [of]);
  return new Map(
    chooseElements(length, probes, random).map((element) => {
      const direction = Array.from({ length }, (_, i) => (i === element ? 1 : 0));
      const terms = forward(trial.forward, trial.cotangents, of, direction);
      return [element, terms.reduce((a, b) => a + b, 0)];
    }),
  );
}

/** The verdicts on a layer's claims, collected over trials. */
export class ClaimVerdicts {
  private readonly verdicts = new Map<string, { worst: number; example?: Counterexample }>();
  private readonly layer: Layer;

  constructor(layer: Layer) {
    this.layer = layer;
    for (const { tensor } of layer.claims) this.verdicts.set(tensor, { worst: 0 });
  }

  /** Of two counterexamples the smaller one is kept. */
  found({ tensor, error, example }: ClaimFinding): void {
    const known = this.verdicts.get(tensor);
    if (!known) return;
    known.worst = Math.max(known.worst, error);
    if (error <= claimTolerance) return;
    if (!known.example || extent(example) < extent(known.example)) known.example = example;
  }

  /** Looks for smaller counterexamples to what is refuted. */
  shrink(draw: () => Trial | undefined, random: Random): void {
    if (![...this.verdicts.values()].some(({ example }) => example)) return;
    for (let round = 0; round < 24; round++) {
      const trial = draw();
      if (trial) judgeClaims(this.layer, trial, random).forEach((finding) => this.found(finding));
    }
  }

  reports(): readonly ClaimReport[] {
    return this.layer.claims.map(({ tensor, at }) => {
      const { worst = 0, example } = this.verdicts.get(tensor) ?? {};
      return {
        tensor,
        at,
        worst,
        ...(example ? { verdict: "refuted", counterexample: example } : { verdict: "unproved" }),
      };
    });
  }
}
const extent = ({ sizes }: Counterexample): number =>
  Object.values(sizes).reduce((a, b) => a + Math.abs(b), 0);

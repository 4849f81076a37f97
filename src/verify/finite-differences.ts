/**
 * Gradients without any calculus: central differences of the reference evaluator in float64, with Richardson's
 * extrapolation. D(h) = (L(x+h) - L(x-h)) / 2h errs by c·h²; (4·D(h) - D(2h)) / 3 errs by c'·h⁴.
 */
import { cotangentName, type Layer } from "../notation/layer.js";
import { observer } from "./branches.js";
import { compileLayer } from "./evaluate.js";
import { realOutputs } from "./loss.js";
import { measure, measuredFrom, type Measured } from "./measured.js";
import { traced, tracedFrom, type Traced } from "./traced.js";

export interface Difference {
  readonly value: number;
  /** What rounding may have added to it. */
  readonly rounding: number;
}
/**
 * ∂L/∂tensor[element] of L = Σ_z ⟨z, dz⟩, the value of every `stop` held fixed. Undefined at a kink: where no step
 * is small enough to take the same branches on both sides, and behind an output that is infinite.
 */
export type Differentiate = (tensor: string, element: number) => Difference | undefined;

type Values = ReadonlyMap<string, ArrayLike<number>>;
const firstStep = 2 ** -8;
const steps = 6;

/** `given` names intermediates among `values` that are perturbed themselves, cut off from their definition. */
export function finiteDifferences(
  layer: Layer,
  sizes: Readonly<Record<string, number>>,
  values: Values,
  cotangents: Values,
  given: readonly string[] = [],
): Differentiate {
  const watch = observer();
  const evaluator = compileLayer(layer, sizes, watch.arithmetic, { given });
  const outputs = realOutputs(layer).map(({ name }) => ({
    name,
    weights: cotangents.get(cotangentName(name)) ?? [],
  }));
  const run = (inputs: Values, stops: "record" | "replay"): Values => {
    watch.begin(stops);
    return evaluator.run(inputs);
  };
  const base = run(values, "record");
  const home = watch.observation().signature;
  const { arithmetic } = measure(false);
  const measured = compileLayer(layer, sizes, arithmetic, { given }).run(
    measuredFrom(values, layer, arithmetic),
  );
  /** What one rounding of every output is worth; of every term of them, be what they cancel to ever so small. */
  const roundingOf = (sizeOf: (z: Measured) => number): number =>
    2 ** -52 *
    outputs.reduce(
      (sum, { name, weights }) => sum + magnitude(measured.get(name) as ArrayLike<Measured>, weights, sizeOf),
      0,
    );
  const [unit, unitOfTerms] = [roundingOf((z) => Math.abs(z.value)), roundingOf((z) => z.terms)];

  /** By tensor: a bit for each of its elements that an infinite output depends on. */
  const hidden = new Map<string, bigint>();
  const isInfinite = outputs.some(({ name }) =>
    Array.from(base.get(name) ?? []).some((z) => Math.abs(z) === Infinity),
  );
  const hiddenIn = (tensor: string): bigint => {
    const all = compileLayer(layer, sizes, traced, { given }).run(tracedFrom(tensor, values, layer));
    return outputs
      .flatMap(({ name }) => Array.from(all.get(name) as ArrayLike<Traced>))
      .reduce((found, { value, from }) => (Math.abs(value) === Infinity ? found | from : found), 0n);
  };

  return (tensor, element) => {
    if (isInfinite) {
      const behind = hidden.get(tensor) ?? hiddenIn(tensor);
      hidden.set(tensor, behind);
      if ((behind & (1n << BigInt(element))) !== 0n) return undefined;
    }
    const original = values.get(tensor) ?? [];
    const center = original[element] ?? 0;
    const at = (value: number): Values | undefined => {
      const moved = Float64Array.from(original);
      moved[element] = value;
      const result = run(new Map([...values, [tensor, moved]]), "replay");
      return watch.observation().signature === home ? result : undefined;
    };
    /** D(h); undefined where a branch changes or a value leaves the domain of a function. */
    const quotient = (h: number): number | undefined => {
      const [up, down] = [center + h, center - h];
      const [above, below] = [at(up), at(down)];
      if (!above || !below) return undefined;
      let total = 0;
      for (const { name, weights } of outputs)
        total += rise(above.get(name) ?? [], below.get(name) ?? [], weights);
      return Number.isFinite(total) ? total / (up - down) : undefined;
    };
    let best: (Difference & { readonly doubt: number }) | undefined;
    let h = firstStep * Math.max(1, Math.abs(center));
    for (let step = 0; step < steps; step++, h /= 8) {
      const wide = quotient(2 * h);
      if (wide === undefined) continue;
      const narrow = quotient(h);
      if (narrow === undefined) continue;
      const value = (4 * narrow - wide) / 3;
      const rounding = (4 * unit) / h;
      // the h⁴ term is about the square of the h² term, both relative to the value
      const bend = Math.abs(narrow - wide);
      const doubt = bend === 0 ? rounding : rounding + bend * Math.min(1, bend / Math.abs(value));
      if (!best || doubt < best.doubt) best = { value, rounding: (4 * unitOfTerms) / h, doubt };
      if (doubt <= 2 ** -30 * Math.abs(value) + rounding) break;
    }
    return best;
  };
}

/** Σ |dz|·size of z over finite elements. */
function magnitude(
  values: ArrayLike<Measured>,
  weights: ArrayLike<number>,
  sizeOf: (z: Measured) => number,
): number {
  return Array.from(values).reduce((total, z, i) => {
    const term = Math.abs(sizeOf(z) * (weights[i] ?? 0));
    return Number.isFinite(term) ? total + term : total;
  }, 0);
}
/** Σ (above - below)·dz; an element that stays infinite does not move. */
function rise(above: ArrayLike<number>, below: ArrayLike<number>, weights: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < above.length; i++) {
    const [a, b] = [above[i] ?? 0, below[i] ?? 0];
    if (a !== b) total += (a - b) * (weights[i] ?? 0);
  }
  return total;
}

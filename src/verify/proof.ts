/**
 * Proof by exact evaluation: two formulas are compared at random points of a finite field, at given sizes, as often as
 * it takes to make an agreement by chance less likely than one in 10¹³.
 */
import { isDifferentiated, type Layer } from "../notation/layer.js";
import { forwardMode } from "./dot-test.js";
import { compileLayer } from "./evaluate.js";
import { degreeOfDifference, same, type Exact } from "./exact.js";
import { exactField, type Field } from "./field.js";
import { lifted } from "./lift.js";
import { Unlucky } from "./modular.js";
import { NotRational } from "./numbers.js";
import type { Random } from "./random.js";
import { joinSites, type Place, type Site, type Sites } from "./sites.js";
import type { Trial, Values } from "./trial.js";

/** What one round shows of a tensor. */
export interface Round {
  /** The first element that differs; undefined where all agree. */
  readonly differs: number | undefined;
  /** Two different formulas agree at no more than degree/size of the points. */
  readonly degree: number;
}
/** What all rounds show of a tensor at some sizes. */
export interface Evidence {
  readonly differs: number | undefined;
  /** The probability that formulas which differ have not been told apart. */
  readonly doubt: number;
  /** How many points were drawn. */
  readonly points: number;
  /** Whether both formulas are rational functions: then a difference is certain. */
  readonly rational: boolean;
  /** What the layer, its claims and their gradients decided. */
  readonly sites: Sites;
}

const enough = 1e-13;
const [mostRounds, attempts] = [12, 8];

/** A comparison at one random point: what it shows of each tensor. */
export type Comparison = (field: Field) => ReadonlyMap<string, Round>;

/** Undefined where the numbers drawn lie outside the functions' domains, or infinite ones are computed with. */
export function prove(compare: Comparison, random: Random): ReadonlyMap<string, Evidence> | undefined {
  const found = new Map<string, Evidence>();
  const sites = new Map<string, Map<Place, Site>>();
  for (let round = 0; round < mostRounds; round++) {
    const next = luckyRound(compare, random);
    if (!next) return undefined;
    for (const [tensor, { differs, degree }] of next.rounds) {
      const known = found.get(tensor) ?? {
        differs: undefined,
        doubt: 1,
        points: 0,
        rational: true,
        sites,
      };
      found.set(tensor, {
        differs: known.differs ?? differs,
        doubt: known.doubt * Math.min(1, Math.max(1, degree) / next.field.size),
        points: known.points + 1,
        rational: known.rational && next.field.isRational(),
        sites,
      });
    }
    joinSites(sites, next.field.places.found);
    if ([...found.values()].every(({ differs, doubt }) => differs !== undefined || doubt < enough)) break;
  }
  return found;
}

function luckyRound(
  compare: Comparison,
  random: Random,
): { readonly rounds: ReadonlyMap<string, Round>; readonly field: Field } | undefined {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const field = exactField(random);
    try {
      const rounds = compare(field);
      field.settle();
      return { rounds, field };
    } catch (error) {
      if (error instanceof NotRational) return undefined;
      if (!(error instanceof Unlucky)) throw error;
    }
  }
  return undefined;
}

/** The trial's numbers as exact ones that compare alike. */
export const drawLike = (
  layer: Layer,
  values: Values,
  field: Field,
): Map<string, ArrayLike<Exact | number>> =>
  lifted(layer, values, (data: ArrayLike<number>, name) => field.draw(name, ...Array.from(data)));

/**
 * The derived gradients against forward mode: ⟨J·v, u⟩ = ⟨v, Jᵀ·u⟩ in a random direction v of each tensor. Forward mode
 * carries dual numbers through the layer and knows nothing of the gradient's formulas.
 */
export const gradientRound =
  (layer: Layer, gradientLayer: Layer, { sizes, inputs, cotangents }: Trial): Comparison =>
  (field) => {
    const { arithmetic } = field;
    const [values, weights] = [drawLike(layer, inputs, field), drawLike(layer, cotangents, field)];
    const plain = compileLayer(layer, sizes, arithmetic);
    if (field.places.found.size > 0) plain.run(values);
    field.layerEnds();
    field.places.gradientsBegin();
    const backward = compileLayer(gradientLayer, sizes, arithmetic);
    const gradients = backward.run(new Map([...values, ...weights]));
    const forward = forwardMode(layer, sizes, arithmetic);
    const rounds = new Map(
      layer.tensors.filter(isDifferentiated).map(({ name }) => {
        const gradient = (gradients.get(`g_${name}`) ?? []) as ArrayLike<Exact>;
        const length = values.get(name)?.length ?? 0;
        const along = (direction: readonly Exact[]): readonly Exact[] =>
          forward(values, weights, name, direction);
        return [name, inOneDirection(along, gradient, length, field)];
      }),
    );
    return rounds;
  };

/** A whole gradient by one number, its product with a random direction; `forward` gives the terms that it should be the sum of. */
export function inOneDirection(
  forward: (direction: readonly Exact[]) => readonly Exact[],
  gradient: ArrayLike<Exact>,
  length: number,
  { arithmetic: { add, multiply, rational }, fresh }: Field,
): Round {
  const zero = rational(0);
  const direction = Array.from({ length }, () => fresh());
  const left = forward(direction).reduce(add, zero);
  const right = direction.map((v, i) => multiply(v, gradient[i] ?? zero)).reduce(add, zero);
  const agrees = gradient.length === length && same(left, right);
  return { differs: agrees ? undefined : 0, degree: degreeOfDifference(left, right) };
}

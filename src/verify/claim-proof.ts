/** Claims and gradients evaluated exactly. */
import type { Expression } from "../notation/expression.js";
import type { Layer, Statement } from "../notation/layer.js";
import { tensorsIn } from "../notation/traverse.js";
import { explicitBounds } from "../ranges/bounds.js";
import { claimLayer, differentiated, isDerived, type ClaimFinding } from "./claims.js";
import { forwardMode } from "./dot-test.js";
import { compileLayer } from "./evaluate.js";
import { degreeOfDifference, isInfinite, same, type Exact } from "./exact.js";
import { exactField } from "./field.js";
import { Pole, Unlucky } from "./modular.js";
import { NotRational } from "./numbers.js";
import { drawLike, inOneDirection, type Comparison, type Round } from "./proof.js";
import type { Random } from "./random.js";
import type { Trial, Values } from "./trial.js";

/** The layer with its claims, every bound explicit; the claims as they are written, divisions by zero included. */
export function exactLayer(layer: Layer): Layer {
  let known = exactLayers.get(layer);
  if (!known) {
    const { claimHelpers, claims, ...explicit } = explicitBounds(claimLayer(layer));
    const statements = [...explicit.statements.slice(0, layer.statements.length), ...claimHelpers, ...claims];
    exactLayers.set(layer, (known = { ...explicit, statements, claimHelpers, claims }));
  }
  return known;
}
const exactLayers = new WeakMap<Layer, Layer>();

/** These claims against the derived gradients, element by element; claims of intermediates against forward mode. */
export const claimRound =
  (
    layer: Layer,
    gradientLayer: Layer,
    { sizes, inputs, cotangents }: Trial,
    tensors: readonly string[],
  ): Comparison =>
  (field) => {
    const { arithmetic } = field;
    const [values, weights] = [drawLike(layer, inputs, field), drawLike(layer, cotangents, field)];
    const exact = exactLayer(layer);
    const computed = layer.statements.map((s) => s.tensor);
    const claims = only(exact, [...computed, ...tensors]);
    const own = { ...exact, statements: exact.statements.slice(0, computed.length) };
    const plain = compileLayer(own, sizes, arithmetic).run(new Map([...values, ...weights]));
    field.layerEnds();
    const given = new Map([...values, ...weights]);
    const claiming = compileLayer(claims, sizes, arithmetic, { given: computed });
    const claimed = claiming.run(new Map([...plain, ...weights]));
    // the gradient's branches are those of the layer, or cannot be taken
    field.places.gradientsBegin();
    const derived = only(
      gradientLayer,
      tensors.map((tensor) => `g_${differentiated(tensor)}`),
    );
    const gradients = compileLayer(derived, sizes, arithmetic).run(given);
    const known = new Map(layer.tensors.map((t) => [t.name, claimed.get(t.name) ?? []]));
    const rounds = new Map(
      tensors.map((tensor) => {
        const of = differentiated(tensor);
        const claim = (claimed.get(tensor) ?? []) as ArrayLike<Exact>;
        if (isDerived(layer, of))
          return [tensor, elementwise(claim, (gradients.get(`g_${of}`) ?? []) as ArrayLike<Exact>)];
        const forward = forwardMode(layer, sizes, arithmetic, { given: [of] });
        const along = (direction: readonly Exact[]): readonly Exact[] =>
          forward(known, weights, of, direction);
        return [tensor, inOneDirection(along, claim, claim.length, field)];
      }),
    );
    return rounds;
  };

/** The layer with no more statements than it takes to compute these tensors. */
function only(layer: Layer, tensors: readonly string[]): Layer {
  const needed = new Set(tensors);
  const statements = layer.statements
    .toReversed()
    .filter(({ tensor, body, subscripts }) => {
      if (!needed.has(tensor)) return false;
      const places = subscripts.map((value): Expression => ({ kind: "integer", value }));
      for (const part of [body, ...places]) for (const name of tensorsIn(part)) needed.add(name);
      return true;
    })
    .toReversed();
  return { ...layer, statements };
}

/** Whether the derived gradient has no finite value at the trial's: exactly, not because float64 overflows. */
export function hasNoGradient(
  layer: Layer,
  gradientLayer: Layer,
  { sizes, inputs, cotangents }: Pick<Trial, "sizes" | "inputs" | "cotangents">,
  tensor: string,
  random: Random,
): boolean {
  const name = `g_${differentiated(tensor)}`;
  let poles = 0;
  for (let attempt = 0; attempt < attempts && poles < 2; attempt++) {
    const field = exactField(random);
    const draw = (values: Values) => drawLike(layer, values, field);
    try {
      const { run } = compileLayer(only(gradientLayer, [name]), sizes, field.arithmetic);
      const value = run(new Map([...draw(inputs), ...draw(cotangents)])).get(name) ?? [];
      if (!Array.from(value as ArrayLike<Exact>).some(isInfinite)) return false;
      poles++;
    } catch (error) {
      if (error instanceof Pole) poles++;
      else if (error instanceof NotRational) return false;
      else if (!(error instanceof Unlucky)) throw error;
    }
  }
  return poles === 2;
}

/** Whether the claim really has no finite value at the trial's, rather than one beyond float64: exactly, not by chance. */
export function hasPole(
  layer: Layer,
  trial: Trial,
  { tensor, at = 0 }: ClaimFinding,
  random: Random,
): boolean {
  const own = aloneClaimed(layer, tensor);
  const computed = layer.statements.map((s) => s.tensor);
  let poles = 0;
  for (let attempt = 0; attempt < attempts && poles < 2; attempt++) {
    const { arithmetic, ...field } = exactField(random);
    const draw = (values: Values) => drawLike(layer, values, { ...field, arithmetic });
    try {
      const plain = compileLayer(layer, trial.sizes, arithmetic).run(draw(trial.inputs));
      const claiming = compileLayer(own, trial.sizes, arithmetic, { given: computed });
      const given = new Map([...plain, ...draw(trial.cotangents)]);
      try {
        const value = claiming.run(given).get(tensor)?.[at] as Exact | undefined;
        if (!value || !isInfinite(value)) return false;
        poles++;
      } catch (error) {
        if (!(error instanceof Pole)) throw error;
        poles++;
      }
    } catch (error) {
      if (error instanceof NotRational || error instanceof Pole) return false;
      if (!(error instanceof Unlucky)) throw error;
    }
  }
  return poles === 2;
}
const attempts = 8;

/** The layer with one claim, and of the helpers those that it reads. */
function aloneClaimed(layer: Layer, tensor: string): Layer {
  const needed = new Set([tensor]);
  const keep = (s: Statement): boolean => {
    if (!needed.has(s.tensor)) return false;
    for (const name of tensorsIn(s.body)) needed.add(name);
    return true;
  };
  const claims = layer.claims.toReversed().filter(keep).toReversed();
  const claimHelpers = layer.claimHelpers.toReversed().filter(keep).toReversed();
  return claimLayer({ ...layer, claims, claimHelpers });
}

function elementwise(claimed: ArrayLike<Exact>, derived: ArrayLike<Exact>): Round {
  let degree = 0;
  for (let i = 0; i < claimed.length; i++) {
    const [a, b] = [claimed[i], derived[i]];
    if (!a || !b || !same(a, b)) return { differs: i, degree };
    degree = Math.max(degree, degreeOfDifference(a, b));
  }
  return { differs: claimed.length === derived.length ? undefined : 0, degree };
}

/** Claims and gradients evaluated exactly. */
import type { Layer } from "../notation/layer.js";
import { claimLayer, differentiated, isDerived } from "./claims.js";
import { forwardMode } from "./dot-test.js";
import { compileLayer } from "./evaluate.js";
import { degreeOfDifference, same, type Exact } from "./exact.js";
import { drawLike, inOneDirection, type Comparison, type Round } from "./proof.js";
import type { Trial } from "./trial.js";

/** Every claim against the derived gradient, element by element; claims of intermediates against forward mode. */
export const claimRound =
  (layer: Layer, gradientLayer: Layer, { sizes, inputs, cotangents }: Trial): Comparison =>
  (field) => {
    const { arithmetic } = field;
    const [values, weights] = [drawLike(layer, inputs, field), drawLike(layer, cotangents, field)];
    const plain = compileLayer(layer, sizes, arithmetic).run(values);
    field.layerEnds();
    const given = new Map([...values, ...weights]);
    const computed = layer.statements.map((s) => s.tensor);
    const claiming = compileLayer(claimLayer(layer), sizes, arithmetic, { given: computed });
    // the gradient's branches are those of the layer, or cannot be taken
    const sites = field.sites.slice();
    const backward = compileLayer(gradientLayer, sizes, arithmetic);
    const claimed = claiming.run(new Map([...plain, ...weights]));
    const gradients = backward.run(given);
    const own = new Map(layer.tensors.map((t) => [t.name, claimed.get(t.name) ?? []]));
    const rounds = new Map(
      layer.claims.map(({ tensor }) => {
        const of = differentiated(tensor);
        const claim = (claimed.get(tensor) ?? []) as ArrayLike<Exact>;
        if (isDerived(layer, of))
          return [tensor, elementwise(claim, (gradients.get(`g_${of}`) ?? []) as ArrayLike<Exact>)];
        const forward = forwardMode(layer, sizes, arithmetic, [of]);
        const along = (direction: readonly Exact[]): readonly Exact[] => forward(own, weights, of, direction);
        return [tensor, inOneDirection(along, claim, claim.length, field)];
      }),
    );
    return { rounds, sites: [...sites, ...field.signSites] };
  };

function elementwise(claimed: ArrayLike<Exact>, derived: ArrayLike<Exact>): Round {
  let degree = 0;
  for (let i = 0; i < claimed.length; i++) {
    const [a, b] = [claimed[i], derived[i]];
    if (!a || !b || !same(a, b)) return { differs: i, degree };
    degree = Math.max(degree, degreeOfDifference(a, b));
  }
  return { differs: claimed.length === derived.length ? undefined : 0, degree };
}

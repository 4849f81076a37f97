/** Claims that are the derived gradient in another writing. */
import type { Layer, Statement } from "../notation/layer.js";
import { tensorsIn } from "../notation/traverse.js";
import { explicitBounds } from "../ranges/bounds.js";
import { canonicalKey, canonicalStatement } from "./canonical.js";
import { scopeOf } from "./scope.js";

/**
 * The claims `dx` of a layer whose formula has the same canonical form as `g_x` of the gradient layer. Both may read the
 * layer's tensors and cotangents only: other names mean one thing in the claim and another in the gradient.
 *
 * @param claiming the layer with cotangents, helpers and claims among its tensors and statements
 */
export function canonicalClaims(layer: Layer, claiming: Layer, gradientLayer: Layer): ReadonlySet<string> {
  if (layer.claims.length === 0) return new Set();
  const known = new Set(claiming.tensors.filter((t) => t.role !== "gradient").map((t) => t.name));
  for (const { tensor } of layer.claimHelpers) known.delete(tensor);
  const readsKnown = ({ body }: Statement): boolean => [...tensorsIn(body)].every((name) => known.has(name));
  const explicit = explicitBounds(claiming);
  const [claimScope, gradientScope] = [scopeOf(explicit), scopeOf(gradientLayer)];
  const isCanonical = (tensor: string): boolean => {
    const claim = explicit.statements.find((s) => s.tensor === tensor);
    const gradient = gradientLayer.statements.find((s) => s.tensor === `g_${tensor.slice(1)}`);
    if (!claim || !gradient || !readsKnown(claim) || !readsKnown(gradient)) return false;
    const [a, b] = [canonicalStatement(claim, claimScope), canonicalStatement(gradient, gradientScope)];
    return canonicalKey({ ...a, tensor }) === canonicalKey({ ...b, tensor });
  };
  return new Set(layer.claims.map((claim) => claim.tensor).filter(isCanonical));
}

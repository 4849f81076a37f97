/** A variant: the layer with some sizes and params fixed, everywhere. */
import { asWritten } from "../language/written.js";
import { rational } from "../notation/construct.js";
import type { Expression } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Layer, Statement, Variant } from "../notation/layer.js";
import { rewrite } from "../notation/traverse.js";
import { mapLayerInts } from "../ranges/map-layer.js";

/** The layer named after the variant, without the sizes and params that it fixes. */
export function specialise(layer: Layer, variant: Variant): Layer {
  const values = new Map(Object.entries(variant.values));
  const by = new Map(
    [...values].filter(([, v]) => Number.isInteger(v)).map(([n, v]) => [n, integer.constant(v)]),
  );
  const fixed = mapLayerInts(layer, (value) => integer.substituteInt(value, by));
  const real = (e: Expression): Expression =>
    rewrite(
      e,
      (part) => {
        const value = part.kind === "parameter" ? values.get(part.name) : undefined;
        return value === undefined ? part : rational(value);
      },
      undefined,
      asWritten,
    );
  const statement = (s: Statement): Statement => ({ ...s, body: real(s.body) });
  return {
    ...fixed,
    name: variant.name,
    params: layer.params.filter((p) => !values.has(p.name)),
    sizes: layer.sizes.filter((s) => !values.has(s)),
    constants: fixed.constants.map((c) => ({ ...c, value: real(c.value) })),
    statements: fixed.statements.map(statement),
    claimHelpers: fixed.claimHelpers.map(statement),
    claims: fixed.claims.map(statement),
    variants: [],
    checks: layer.checks.map((check) => ({
      ...check,
      values: Object.fromEntries(Object.entries(check.values).filter(([name]) => !values.has(name))),
    })),
  };
}

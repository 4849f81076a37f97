/**
 * Pooling without any option given: a window whose size is a param is a number where the params are their defaults. The kernel
 * for these is that of a variant, its taps written out; a plan with other values takes the general one.
 */
import { specialise } from "../../../calculus/specialise.js";
import * as build from "../../../notation/construct.js";
import * as integer from "../../../notation/integer.js";
import { namesIn } from "../../../notation/traverse.js";
import { layerFacts } from "../../../ranges/facts.js";
import type { KernelSource, Surroundings } from "../../lower.js";
import { stripOf, type Strip } from "./strip.js";
import { mostTaps } from "./taps.js";

/** The strip for the defaults of the params; undefined where its taps are no number then, or are one anyway. */
export function stripAtDefaults(
  { name, formula, piece }: KernelSource,
  general: Strip,
  around: Surroundings,
): Strip | undefined {
  const { layer, scope, shapes } = around;
  const used = new Set(piece.statements.flatMap((s) => [...namesIn(s.body)]));
  const params = layer.params.filter((p) => p.type === "integer" && used.has(p.name));
  const by = new Map(params.map((p) => [p.name, integer.constant(p.value)]));
  const taps = integer.literal(integer.substituteInt(general.taps, by)) ?? Infinity;
  if (integer.literal(general.taps) !== undefined || taps > mostTaps) return undefined;
  const values = Object.fromEntries(params.map((p) => [p.name, p.value]));
  const fixed = specialise({ ...layer, statements: piece.statements }, { name: layer.name, values });
  const { statements } = fixed;
  const [first, second] = statements;
  const says = params.map((p) => `${p.name} = ${p.value}`).join(", ");
  const strip = stripOf(
    {
      name,
      formula: `${formula}\nwhere ${says}`,
      piece: { statements, ...(piece.extreme && first && second && { extreme: [first, second] as const }) },
    },
    {
      ...around,
      layer: fixed,
      scope: { ...scope, facts: layerFacts({ ...fixed, tensors: scope.tensors }) },
      shapes: new Map(
        [...shapes].map(([tensor, t]) => [
          tensor,
          { ...t, shape: t.shape.map((extent) => integer.substituteInt(extent, by)) },
        ]),
      ),
    },
    "StripDefault",
  );
  if (!strip) return undefined;
  const given = params.map((p) => build.equals(integer.variable(p.name), integer.constant(p.value)));
  return { ...strip, when: build.and(...given, strip.when) };
}

/** A layer to its gradients: hoist nested reductions, make bounds explicit, go backwards, choose what is saved. */
import type { Layer, Statement, Tensor } from "../notation/layer.js";
import { tensorsIn } from "../notation/traverse.js";
import { definitionsOf, fold, type Definition } from "../algebra/definitions.js";
import { collectTerms } from "../algebra/terms.js";
import { simplifySums } from "../algebra/sums.js";
import { layerFacts } from "../ranges/facts.js";
import { withIndex, type Facts } from "../ranges/prove.js";
import { explicitBounds } from "../ranges/bounds.js";
import type { Derived } from "./derivation.js";
import { hoistReductions } from "./hoist.js";
import { reverse } from "./reverse.js";
import { chooseSaved, recompute } from "./saved.js";

export function differentiate(closed: Layer): Derived {
  const { layer: hoisted, selectors } = hoistReductions(closed);
  const layer = simplified(explicitBounds(hoisted));
  const { tensors, backward, gradients } = reverse(layer, selectors);
  const useful = neededFor(backward, new Set(gradients.map((g) => g.tensor)));
  const plan = chooseSaved(layer, useful);
  const final = shareSums(
    useful.map((s): Statement => ({ ...s, body: recompute(s.body, plan) })),
    layerFacts(layer),
  );
  const results = new Set([...outputsOf(tensors), ...plan.saved]);
  return {
    layer,
    tensors,
    forward: neededFor(layer.statements, results),
    backward: final,
    gradients: gradients.map((g) => ({
      ...g,
      statement: final.find((s) => s.tensor === g.tensor) ?? g.statement,
    })),
    saved: plan.saved,
  };
}

/** Sums by their rules; conditions of integers decided where they can be. */
function simplified(layer: Layer): Layer {
  const facts = layerFacts(layer);
  return {
    ...layer,
    statements: layer.statements.map((s) => ({ ...s, body: simplifySums(s.body, inside(s, facts)) })),
  };
}
const inside = (s: Statement, facts: Facts): Facts =>
  s.indices.reduce((known, i) => withIndex(known, i.name, i.extent), facts);

/** A sum that an earlier statement has computed is read from there. */
function shareSums(statements: readonly Statement[], facts: Facts): readonly Statement[] {
  const known: Definition[] = [];
  return statements.map((s) => {
    const body = fold(collectTerms(simplifySums(s.body, inside(s, facts))), known);
    const shared = { ...s, body };
    known.push(...definitionsOf([shared]));
    return shared;
  });
}

const outputsOf = (tensors: readonly Tensor[]): readonly string[] =>
  tensors.filter((t) => t.role === "output").map((t) => t.name);

/** The statements that the results depend on, in order. */
export function neededFor(
  statements: readonly Statement[],
  results: ReadonlySet<string>,
): readonly Statement[] {
  const needed = new Set(results);
  const kept: Statement[] = [];
  for (const s of [...statements].reverse()) {
    if (!needed.has(s.tensor)) continue;
    kept.unshift(s);
    for (const name of tensorsIn(s.body)) needed.add(name);
  }
  return kept;
}

/**
 * The gradients as a layer of their own: its inputs are the layer's and the cotangents, its outputs `g_x`.
 * It can be printed, parsed back, evaluated and differentiated again.
 */
export function gradientLayer(derived: Derived): Layer {
  const outputName = new Map(derived.gradients.map((g) => [g.tensor, `g_${g.of}`]));
  const backward = derived.backward.map((s) => ({ ...s, tensor: outputName.get(s.tensor) ?? s.tensor }));
  const results = new Set(outputName.values());
  const statements = neededFor([...derived.forward, ...backward], results);
  const used = new Set(statements.flatMap((s) => [s.tensor, ...tensorsIn(s.body)]));
  const tensors = derived.tensors.flatMap((t): readonly Tensor[] => {
    switch (t.role) {
      case "input":
      case "weight":
      case "data":
      case "index":
        return [t];
      case "cotangent":
        return [{ ...t, role: "input" }];
      case "gradient":
        return [{ ...t, name: outputName.get(t.name) ?? t.name, role: "output" }];
      default:
        return used.has(t.name) ? [{ ...t, role: "local" }] : [];
    }
  });
  return {
    ...derived.layer,
    name: `${derived.layer.name}_gradient`,
    tensors,
    statements,
    claims: [],
    claimHelpers: [],
    variants: [],
  };
}

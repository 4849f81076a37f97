/** ∂y/∂x between two tensors of the document, from the definition of y. */
import type { Formula } from "../latex/formula.js";
import type { Scope } from "../context/scope.js";
import type { Value } from "../terms/value.js";
import { accessOf } from "./access.js";
import { valueOf } from "./elements.js";
import { Unreadable } from "../document/unreadable.js";
import { derivative, inlined, readsOf } from "../terms/derivative.js";
import { elementTerm, type Forward, forwardOf } from "./forward.js";
import { written } from "../terms/print.js";
import type { Term } from "../terms/term.js";

/**
 * The derivative as a value with the axes of `of`, then those of `by`: the total one, by all that y is made of, or, where the scope
 * says so, the local one, in which what else y is written with is held fixed. What `fixed` names is held fixed in both.
 */
export function derivativeOf(
  { of, by, fixed = [] }: Formula & { readonly kind: "partial" },
  scope: Scope,
): Value {
  const above = accessOf(of, scope);
  const below = accessOf(by, scope);
  const upper = valueOf(above, scope, (tensor, subs) => ({ kind: "read", tensor: tensor.id, subs }));
  const lower = valueOf(below, scope, (tensor, subs) => ({ kind: "read", tensor: tensor.id, subs }));
  const wanted = below.tensor;
  const held = new Set(fixed.map((one) => accessOf(one, scope).tensor.id));
  const forward = definitionReading(above.tensor.id, wanted.id, scope, held);
  return {
    shape: [...upper.shape, ...lower.shape],
    of: upper.shape.length,
    at: (place) => {
      const z = upper.at(place.slice(0, upper.shape.length));
      const x = lower.at(place.slice(upper.shape.length));
      if (z.kind !== "read" || x.kind !== "read") throw new Unreadable("this is no derivative", of.at);
      return derivative(elementTerm(forward, z.subs), wanted.id, x.subs);
    },
  };
}

/** The definition of a tensor that depends on another, written with it: what else depends on that one is put in. */
export function definitionReading(
  tensor: string,
  wanted: string,
  scope: Scope,
  held: ReadonlySet<string> = new Set(),
): Forward {
  const failures: Unreadable[] = [];
  for (const definition of scope.context.definitionsOf(tensor, scope.at))
    try {
      const forward = forwardOf(definition, scope);
      if (scope.local === true && readsOf(forward.body).has(wanted)) return forward;
      const body = inlined(forward.body, intermediates(forward, wanted, scope, held));
      if (readsOf(body).has(wanted)) return { ...forward, body };
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      failures.push(error);
    }
  if (failures[0])
    throw new Unreadable(`the definition of ${written(tensor)} is not understood: ${failures[0].message}`, 0);
  throw new Unreadable(`no definition of ${written(tensor)} reads ${written(wanted)}`, 0);
}

/** What a definition is made of, as far as it depends on the tensor wanted. */
function intermediates(
  forward: Forward,
  wanted: string,
  scope: Scope,
  held: ReadonlySet<string>,
): ReadonlyMap<string, (subs: readonly Term[]) => Term> {
  const found = new Map<string, (subs: readonly Term[]) => Term>();
  const visit = (body: Term, seen: ReadonlySet<string>): boolean => {
    let any = false;
    for (const read of readsOf(body)) {
      if (read === wanted) any = true;
      if (read === wanted || seen.has(read) || held.has(read)) continue;
      const definition = scope.context.definitionsOf(read, scope.at)[0];
      if (!definition) continue;
      const inner = forwardOf(definition, scope);
      if (!visit(inner.body, new Set([...seen, read]))) continue;
      found.set(read, (subs) => elementTerm(inner, subs));
      any = true;
    }
    return any;
  };
  visit(forward.body, new Set([forward.tensor.id]));
  return found;
}

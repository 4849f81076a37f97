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
 * The derivative as a value with the axes of `of`, then those of `by`. Where y is written with x in it, what else it is
 * written with is held fixed; where x is only in what y is made of, that is put in.
 */
export function derivativeOf(of: Formula, by: Formula, scope: Scope): Value {
  const above = accessOf(of, scope);
  const below = accessOf(by, scope);
  const upper = valueOf(above, scope, (tensor, subs) => ({ kind: "read", tensor: tensor.id, subs }));
  const lower = valueOf(below, scope, (tensor, subs) => ({ kind: "read", tensor: tensor.id, subs }));
  const wanted = below.tensor;
  const forward = definitionReading(above.tensor.id, wanted.id, scope);
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

/** The latest definition of a tensor that reads another, directly or through what it is made of. */
export function definitionReading(tensor: string, wanted: string, scope: Scope): Forward {
  const definitions = scope.context.definitionsOf(tensor, scope.at);
  const failures: Unreadable[] = [];
  for (const definition of definitions)
    try {
      const forward = forwardOf(definition, scope);
      if (readsOf(forward.body).has(wanted)) return forward;
      const body = inlined(forward.body, intermediates(forward, wanted, scope));
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
): ReadonlyMap<string, (subs: readonly Term[]) => Term> {
  const found = new Map<string, (subs: readonly Term[]) => Term>();
  const visit = (body: Term, seen: ReadonlySet<string>): boolean => {
    let any = false;
    for (const read of readsOf(body)) {
      if (read === wanted) any = true;
      if (read === wanted || seen.has(read)) continue;
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

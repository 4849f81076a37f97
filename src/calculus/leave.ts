/**
 * What does not depend on a recurrence leaves it: of z[t] = Σ_d w·x[t] + Σ_k u·h[t - 1] the first sum is a statement of its
 * own, a product over all t at once, before the steps.
 */
import { freeNamesIn } from "../notation/binders.js";
import { recurrencesIn } from "../notation/components.js";
import * as build from "../notation/construct.js";
import type { Expression } from "../notation/expression.js";
import { freshNames } from "../notation/fresh.js";
import type { Statement, Tensor } from "../notation/layer.js";
import { holdsReduction, mapChildren, tensorsIn } from "../notation/traverse.js";
import type { Derived } from "./derivation.js";
import { readAt } from "./pending.js";
import { reservedNames } from "./hoist.js";

export function withoutInvariants(derived: Derived): Derived {
  const tensors: Tensor[] = [...derived.tensors];
  const fresh = freshNames([...reservedNames(derived.layer), ...tensors.map((t) => t.name)]);
  const parted = (statements: readonly Statement[]): readonly Statement[] => {
    const recurrences = recurrencesIn(statements);
    if (recurrences.size === 0) return statements;
    return statements.flatMap((s): readonly Statement[] => {
      const group = recurrences.get(s.tensor);
      if (!group) return [s];
      const own = new Set(group.map((member) => member.tensor));
      const apart: Statement[] = [];
      /** A read of the statement that computes the part, over the indices that it depends on. */
      const named = (e: Expression): Expression => {
        const free = freeNamesIn(e);
        const indices = s.indices.filter((i) => free.has(i.name));
        const tensor = fresh.tensor(`fixed_${s.tensor}`);
        tensors.push({ name: tensor, role: "local", type: "real", shape: indices.map((i) => i.extent) });
        const read = readAt(tensor, indices);
        apart.push({ tensor, indices, subscripts: read.subscripts, body: e, at: s.at });
        return read;
      };
      const body = leaving(s.body, own, new Set(), named);
      return body === s.body ? [s] : [...apart, { ...s, body }];
    });
  };
  const [forward, backward] = [parted(derived.forward), parted(derived.backward)];
  if (tensors.length === derived.tensors.length) return derived;
  return { ...derived, tensors, forward, backward };
}

/** @param bound names that reductions around bind: what depends on them stays */
function leaving(
  e: Expression,
  group: ReadonlySet<string>,
  bound: ReadonlySet<string>,
  named: (e: Expression) => Expression,
): Expression {
  const isFixed = (part: Expression): boolean =>
    ![...tensorsIn(part)].some((t) => group.has(t)) && ![...freeNamesIn(part)].some((n) => bound.has(n));
  if (isFixed(e)) return holdsReduction(e) && !isPosition(e) ? named(e) : e;
  if (e.kind === "add") {
    const fixed = e.terms.filter(isFixed);
    if (fixed.length > 1 && fixed.some(holdsReduction)) {
      const rest = e.terms.filter((term) => !fixed.includes(term));
      return build.add(named(build.add(...fixed)), ...rest.map((term) => leaving(term, group, bound, named)));
    }
  }
  const inner = e.kind === "reduction" ? new Set([...bound, ...e.binders.map((b) => b.name)]) : bound;
  return mapChildren(e, { expression: (part) => leaving(part, group, inner, named) });
}
const isPosition = (e: Expression): boolean =>
  e.kind === "reduction" && (e.name === "argmax" || e.name === "argmin");

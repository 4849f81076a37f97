/** Which integer params a plan requires to be at least 1: those that multiply an index or divide. */
import type { Condition, Expression } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Atom, Int } from "../notation/integer.js";
import type { Layer, Param } from "../notation/layer.js";
import { walk, walkCondition } from "../notation/traverse.js";

const nameOf = (atom: Atom): string | undefined => (atom.kind === "variable" ? atom.name : undefined);

/**
 * The layer's params, those with a default of at least 1 marked that multiply an index or divide.
 * @param divisors names that divide in the text and no more in the layer
 */
export function markPositive(layer: Layer, divisors: Iterable<string>): readonly Param[] {
  const fixed = new Set<string>([...layer.params, ...layer.derived].map((p) => p.name).concat(layer.sizes));
  const found = new Set<string>(divisors);
  const isIndex = (name: string): boolean => !fixed.has(name);
  const visit = (value: Int): void => {
    for (const { factors } of value.monomials) {
      const byIndex = (skip: Atom): boolean =>
        factors.some(
          (f) =>
            f !== skip &&
            [...integer.variablesOf({ kind: "int", monomials: [{ coefficient: 1, factors: [f] }] })].some(
              isIndex,
            ),
        );
      for (const atom of factors) {
        const name = nameOf(atom);
        if (name !== undefined && byIndex(atom)) found.add(name);
        if (atom.kind === "floor" || atom.kind === "exact") integer.variablesOf(atom.denominator, found);
        if (atom.kind === "modulo") integer.variablesOf(atom.modulus, found);
        integer.atomParts(atom).forEach(visit);
      }
    }
  };
  const int = (value: Int): void => visit(value);
  const expression = (e: Expression): void => walk(e, { int });
  const condition = (c: Condition): void => walkCondition(c, { int });
  for (const { shape, bound } of layer.tensors) [...shape, ...(bound ? [bound] : [])].forEach(visit);
  for (const { value } of layer.derived) visit(value);
  for (const statement of [...layer.statements, ...layer.claimHelpers, ...layer.claims]) {
    statement.subscripts.forEach(visit);
    expression(statement.body);
  }
  for (const requirement of layer.requirements) condition(requirement.condition);
  return layer.params.map((p) =>
    p.type === "integer" && p.value >= 1 && found.has(p.name) ? { ...p, positive: true } : p,
  );
}

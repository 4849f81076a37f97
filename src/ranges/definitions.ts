/** What sizes are by definition: derived sizes, sizes that a `require` line equates, and multiples of others. */
import { conjuncts } from "../notation/construct.js";
import * as integer from "../notation/integer.js";
import type { Int, Monomial } from "../notation/integer.js";
import type { Layer } from "../notation/layer.js";
import { expand, noFacts, type Facts } from "./prove.js";

/**
 * Names to be replaced in proofs:
 * - derived sizes by what they are;
 * - `D` by `E`, where `require D == E` says so;
 * - `K` by `G*q` with a size `q` of its own, where an exact division `K/G` or `require mod(K, G) == 0` says that `G`
 *   divides it: then `K/G` and `floor(K/G)` are `q` and `mod(K, G)` is 0.
 */
export function sizeDefinitions(layer: Layer): ReadonlyMap<string, Int> {
  const definitions = new Map(layer.derived.map((d) => [d.name, d.value]));
  /** Defines a size by a value that does not depend on it. */
  const define = (name: string | undefined, value: Int): boolean => {
    if (name === undefined || !layer.sizes.includes(name) || definitions.has(name)) return false;
    if (integer.mentions(expand({ ...noFacts, definitions }, value), name)) return false;
    definitions.set(name, value);
    return true;
  };
  const multiple = (value: Int, divisor: Int): void => {
    const name = integer.plainVariable(value);
    define(name, integer.times(divisor, integer.variable(`${name}/${integer.keyOf(divisor)}`)));
  };
  const visit = (value: Int): void =>
    integer.eachAtom(value, (atom) => {
      if (atom.kind === "exact") multiple(atom.numerator, atom.denominator);
    });
  layer.derived.forEach((d) => visit(d.value));
  layer.tensors.forEach((t) => t.shape.forEach(visit));
  for (const c of layer.requirements.flatMap((r) => conjuncts(r.condition))) {
    if (c.kind !== "zero") continue;
    const remainder = soleModulo(c.value);
    if (remainder) multiple(remainder.value, remainder.modulus);
    else layer.sizes.some((name) => define(name, solvedFor(c.value, name) ?? integer.variable(name)));
  }
  return definitions;
}

function soleModulo(value: Int) {
  const [monomial] = value.monomials;
  const [atom] = monomial?.factors ?? [];
  const sole = value.monomials.length === 1 && monomial?.factors.length === 1;
  return sole && atom?.kind === "modulo" ? atom : undefined;
}
/** What a name is where value == 0, for a name that stands in it once with a unit coefficient. */
function solvedFor(value: Int, name: string): Int | undefined {
  const parts = integer.affineIn(value, name);
  const coefficient = parts && integer.literal(parts.coefficient);
  if (!parts || (coefficient !== 1 && coefficient !== -1)) return undefined;
  return integer.scale(parts.rest, -coefficient);
}

/** Polynomial division without a rest: leading terms (by degree, then by names) are cancelled one by one. */
function longDivision(value: Int, by: Int): Int | undefined {
  const lead = leading(by);
  if (!lead) return undefined;
  let [rest, quotient] = [value, integer.zero];
  while (rest.monomials.length > 0) {
    const top = leading(rest);
    const term = top && integer.quotient(top, lead);
    if (!term) return undefined;
    quotient = integer.plus(quotient, term);
    rest = integer.minus(rest, integer.times(term, by));
  }
  return quotient;
}
function leading({ monomials }: Int): Int | undefined {
  const keys = (m: Monomial): string => m.factors.map(integer.atomKey).join(" ");
  const before = (a: Monomial, b: Monomial): boolean =>
    a.factors.length > b.factors.length || (a.factors.length === b.factors.length && keys(a) < keys(b));
  const [first, ...others] = monomials;
  if (!first) return undefined;
  return { kind: "int", monomials: [others.reduce((top, m) => (before(m, top) ? m : top), first)] };
}

/** value / by where it comes out even, in the layer's own names. */
export function divideEvenly(facts: Facts, value: Int, by: Int): Int | undefined {
  const plain = integer.quotient(value, by);
  if (plain) return plain;
  const quotient = longDivision(expand(facts, value), expand(facts, by));
  return quotient && integer.substituteInt(quotient, ownNames(facts));
}
/** The sizes that facts alone know (`K` is `G` times such a one) as exact divisions of the layer's own. */
function ownNames(facts: Facts): ReadonlyMap<string, Int> {
  const names = new Map<string, Int>();
  for (const [name, value] of facts.definitions)
    for (const inner of integer.variablesOf(value)) {
      const divisor = inner.startsWith(`${name}/`) && integer.quotient(value, integer.variable(inner));
      if (divisor) names.set(inner, integer.exactDivide(integer.variable(name), divisor));
    }
  return names;
}

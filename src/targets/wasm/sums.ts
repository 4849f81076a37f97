/** Sums, products and quotients, of numbers or of vectors of them. */
import { inverseOf, splitCoefficient, valueOf } from "../../notation/construct.js";
import type { Expression } from "../../notation/expression.js";
import { operation, type Instruction } from "./encode/instructions.js";

/** How numbers are written that are computed one at a time, or four. */
export interface Arithmetic {
  readonly prefix: "f64" | "f32x4";
  readonly number: (value: number) => Instruction;
  readonly spell: (e: Expression) => Instruction;
}

/** The terms with their signs apart, those added first. */
export function spellSum(terms: readonly Expression[], by: Arithmetic): Instruction {
  const signed = terms.map((t) => spellSigned(t, by));
  const ordered = [...signed.filter((t) => !t.negative), ...signed.filter((t) => t.negative)];
  const [first, ...rest] = ordered;
  if (!first) return by.number(0);
  return rest.reduce(
    (sum, { negative, value }) => operation(`${by.prefix}.${negative ? "sub" : "add"}`, sum, value),
    first.negative ? operation(`${by.prefix}.neg`, first.value) : first.value,
  );
}

/** ±|coefficient| · Π top / Π bottom; powers with negative exponents stand below. */
function spellSigned(e: Expression, by: Arithmetic): { negative: boolean; value: Instruction } {
  const [coefficient, core] = splitCoefficient(e);
  const size = Math.abs(valueOf(coefficient));
  const above: Instruction[] = [];
  const below: Instruction[] = [];
  for (const factor of core.kind === "multiply" ? core.factors : [core]) {
    if (factor.kind === "constant") continue; // the core of a constant is 1
    const inverse = inverseOf(factor);
    if (inverse) below.push(by.spell(inverse));
    else above.push(by.spell(factor));
  }
  if (size !== 1 || above.length === 0) above.unshift(by.number(size));
  const product = (factors: readonly Instruction[]): Instruction =>
    factors.reduce((a, b) => operation(`${by.prefix}.mul`, a, b));
  const value =
    below.length > 0 ? operation(`${by.prefix}.div`, product(above), product(below)) : product(above);
  return { negative: valueOf(coefficient) < 0, value };
}

/** Integer polynomials as LaTeX. */
import { arranged, Level, powersOf, type IndexOrder } from "../../../language/print-integers.js";
import type { Atom, Int, Monomial } from "../../../notation/integer.js";
import { texName, texTensor } from "./names.js";

export const brackets = (text: string, level: Level, needed: Level): string =>
  level < needed ? `\\left(${text}\\right)` : text;

export function texInt(value: Int, order: IndexOrder, needed: Level = Level.sum): string {
  const [first, ...rest] = arranged(value, order);
  if (!first) return "0";
  const head = first.coefficient < 0 ? `-${texMonomial(first, order)}` : texMonomial(first, order);
  if (rest.length === 0) {
    const level = first.coefficient < 0 ? Level.sign : isSingle(first) ? Level.atom : Level.product;
    return brackets(head, level, needed);
  }
  const terms = rest.map((m) => ` ${m.coefficient < 0 ? "-" : "+"} ${texMonomial(m, order)}`);
  return brackets(head + terms.join(""), Level.sum, needed);
}
/** A name or a number alone; a quotient counts as a product. */
const isSingle = ({ coefficient, factors }: Monomial): boolean =>
  factors.length === 0 || (coefficient === 1 && factors.length === 1 && factors[0]?.kind !== "exact");

function texMonomial({ coefficient, factors }: Monomial, order: IndexOrder): string {
  const size = Math.abs(coefficient);
  const alone = factors.length === 1 && size === 1;
  const pieces = powersOf(factors, order).map(({ atom, power }) => {
    const text = texAtom(atom, order, alone);
    return power > 1 ? `${text}^{${power}}` : text;
  });
  return juxtapose(size === 1 && pieces.length > 0 ? pieces : [String(size), ...pieces]);
}

function texAtom(atom: Atom, order: IndexOrder, alone: boolean): string {
  const part = (value: Int, level: Level = Level.sum): string => texInt(value, order, level);
  switch (atom.kind) {
    case "variable":
      return texName(atom.name);
    case "floor":
      return `\\lfloor ${part(atom.numerator, Level.product)}/${part(atom.denominator, Level.power)}\\rfloor`;
    case "exact": {
      const text = `${part(atom.numerator, Level.product)}/${part(atom.denominator, Level.power)}`;
      return alone ? text : `\\left(${text}\\right)`;
    }
    case "modulo":
      // a sum is bracketed: a + b mod c is read as a + (b mod c)
      return `\\left(${part(atom.value, Level.product)} \\bmod ${part(atom.modulus, Level.product)}\\right)`;
    case "min":
    case "max":
      return `\\${atom.kind}\\left(${part(atom.left)}, ${part(atom.right)}\\right)`;
    case "power":
      return `${part(atom.base, Level.atom)}^{${part(atom.exponent)}}`;
    case "element":
      return texTensor(
        atom.tensor,
        atom.subscripts.map((s) => part(s)),
      );
  }
}

/** Factors side by side; a dot where two upright names or numbers would run together. */
export const juxtapose = (factors: readonly string[]): string =>
  factors.reduce((text, factor) => {
    const close = /[\d}]$/u.test(text) && /^(?:\\mathrm|\\text|\d)/u.test(factor);
    const upright = text.startsWith(String.raw`\mathrm`) || factor.startsWith(String.raw`\mathrm`);
    return `${text}${close || upright ? String.raw` \cdot ` : " "}${factor}`;
  });

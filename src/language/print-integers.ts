/** Integer polynomials as text. */
import * as integer from "../notation/integer.js";
import type { Atom, Int, Monomial } from "../notation/integer.js";

/** How tightly a piece of text binds; a piece is put in parentheses where a tighter one is needed. */
export const Level = { or: 0, and: 1, compare: 2, sum: 3, product: 4, sign: 5, power: 6, atom: 7 } as const;
export type Level = (typeof Level)[keyof typeof Level];

export const parenthesise = (text: string, level: Level, needed: Level): string =>
  level < needed ? `(${text})` : text;

/** Index variables in scope, outermost first: their terms stand first, and they stand first in their terms. */
export type IndexOrder = readonly string[];

/** The polynomial as text that parses back to it. */
export function printInt(value: Int, order: IndexOrder = [], needed: Level = Level.sum): string {
  if (value.monomials.length === 0) return "0";
  const [first, ...rest] = arranged(value, order);
  if (!first) return "0";
  if (rest.length === 0) return printMonomial(first, order, needed);
  const terms = rest.map((m) => {
    const sign = m.coefficient < 0 ? "-" : "+";
    return ` ${sign} ${printMonomial(positive(m), order, Level.product)}`;
  });
  return parenthesise(printMonomial(first, order, Level.product) + terms.join(""), Level.sum, needed);
}

const positive = (m: Monomial): Monomial => ({ ...m, coefficient: Math.abs(m.coefficient) });

/** Terms of indices in their order, then the others, the constant last; a positive term goes first where there is one. */
export function arranged({ monomials }: Int, order: IndexOrder): readonly Monomial[] {
  const rank = (m: Monomial): number => {
    if (m.factors.length === 0) return order.length + 1;
    return Math.min(...m.factors.map((f) => rankOf(f, order)));
  };
  const sorted = monomials
    .map((m) => ({ m, rank: rank(m) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ m }) => m);
  const at = sorted.findIndex((m) => m.coefficient > 0);
  const [head] = at > 0 ? sorted.splice(at, 1) : [];
  return head ? [head, ...sorted] : sorted;
}
function rankOf(atom: Atom, order: IndexOrder): number {
  if (atom.kind === "element") return 0;
  const names = [...integer.variablesOf({ kind: "int", monomials: [{ coefficient: 1, factors: [atom] }] })];
  const places = names.map((n) => order.indexOf(n)).filter((i) => i >= 0);
  return places.length > 0 ? Math.min(...places) : order.length;
}

function printMonomial({ coefficient, factors }: Monomial, order: IndexOrder, needed: Level): string {
  const size = Math.abs(coefficient);
  const powers = powersOf(factors, order);
  const alone = factors.length === 1 && size === 1;
  const pieces = size === 1 && factors.length > 0 ? [] : [String(size)];
  for (const { atom, power } of powers) {
    const plain = alone && coefficient > 0;
    const text = printAtom(atom, order, power > 1 ? Level.atom : plain ? needed : Level.power);
    pieces.push(power > 1 ? `${text}^${power}` : text);
  }
  const product = pieces.join("*");
  if (coefficient < 0)
    return parenthesise(`-${product}`, Level.sign, needed > Level.product ? Level.atom : needed);
  return pieces.length > 1 ? parenthesise(product, Level.product, needed) : product;
}
/** The factors in print order, equal ones as one power. */
export function powersOf(
  factors: readonly Atom[],
  order: IndexOrder,
): readonly { readonly atom: Atom; readonly power: number }[] {
  const sorted = factors.map((f) => ({ f, rank: rankOf(f, order) })).sort((a, b) => a.rank - b.rank);
  const powers: { atom: Atom; power: number }[] = [];
  for (const { f } of sorted) {
    const last = powers.at(-1);
    if (last && integer.atomKey(last.atom) === integer.atomKey(f)) last.power++;
    else powers.push({ atom: f, power: 1 });
  }
  return powers;
}

function printAtom(atom: Atom, order: IndexOrder, needed: Level): string {
  const part = (value: Int, level: Level = Level.sum): string => printInt(value, order, level);
  switch (atom.kind) {
    case "variable":
      return atom.name;
    case "floor":
      return `floor(${printQuotient(atom, order)})`;
    case "exact":
      return parenthesise(printQuotient(atom, order), Level.product, needed);
    case "modulo":
      return `mod(${part(atom.value)}, ${part(atom.modulus)})`;
    case "min":
    case "max":
      return `${atom.kind}(${part(atom.left)}, ${part(atom.right)})`;
    case "power":
      return parenthesise(
        `${part(atom.base, Level.atom)}^${part(atom.exponent, Level.atom)}`,
        Level.power,
        needed,
      );
    case "element":
      return atom.subscripts.length === 0
        ? atom.tensor
        : `${atom.tensor}[${atom.subscripts.map((s) => part(s)).join(", ")}]`;
  }
}
/** `n/d`: a product on the right of the slash needs parentheses, one on the left does not. */
const printQuotient = (
  { numerator, denominator }: Extract<Atom, { kind: "floor" | "exact" }>,
  order: IndexOrder,
): string => `${printInt(numerator, order, Level.product)}/${printInt(denominator, order, Level.power)}`;

/** Integer polynomials as code. */
import { atomKey, literal, negate, plainVariable, zero } from "../../notation/integer.js";
import type { Atom, Int, Monomial } from "../../notation/integer.js";
import { isNatural } from "./signs.js";
import type { IntegerSpeller as Speller } from "./speller.js";
import { atom, equalityOf, relationOf, sumOf, type Signed, type Term } from "./term.js";

export const intText = (value: Int, speller: Speller): string => spellInt(value, speller).text;
/** The polynomial, common factors taken out: `((n * C + c) * H + h) * W + w`. */
export const spellInt = (value: Int, speller: Speller): Term => sumOf(factored(value.monomials, speller));
/** A literal or one plain name: as good as a variable. */
export const isPlain = (value: Int): boolean =>
  literal(value) !== undefined || plainVariable(value) !== undefined;

function factored(monomials: readonly Monomial[], speller: Speller): readonly Signed[] {
  const shared = mostShared(monomials);
  if (!shared) return inReadingOrder(monomials, speller).map((m) => spellMonomial(m, speller));
  const position = (m: Monomial): number => m.factors.findIndex((f) => atomKey(f) === atomKey(shared));
  const inside = monomials.filter((m) => position(m) >= 0);
  const outside = monomials.filter((m) => position(m) < 0);
  const negative = inside.every((m) => m.coefficient < 0);
  const divided = inside.map((m) => ({
    coefficient: negative ? -m.coefficient : m.coefficient,
    factors: m.factors.filter((_, i) => i !== position(m)),
  }));
  const group = speller.product([sumOf(factored(divided, speller)), spellAtom(shared, speller)]);
  return [{ negative, term: group }, ...factored(outside, speller)];
}

/** The factor that most monomials have, if two have it. */
export function mostShared(monomials: readonly Monomial[]): Atom | undefined {
  const counts = new Map<string, { atom: Atom; count: number }>();
  for (const m of monomials)
    for (const k of new Set(m.factors.map(atomKey))) {
      const factor = m.factors.find((f) => atomKey(f) === k);
      if (factor) counts.set(k, { atom: factor, count: (counts.get(k)?.count ?? 0) + 1 });
    }
  let best: { atom: Atom; count: number } | undefined;
  for (const entry of counts.values())
    if (entry.count >= 2 && entry.count >= (best?.count ?? 0)) best = entry;
  return best?.atom;
}

/** Whether it changes within the function: an index, a local or an element, not a size. */
const isMoving = (value: Atom, { scope }: Speller): boolean =>
  value.kind === "element" || (value.kind === "variable" && scope.declared.has(value.name));
/** What moves first, numbers last: `p * stride + offset - 1`. */
function inReadingOrder(monomials: readonly Monomial[], speller: Speller): readonly Monomial[] {
  const rank = (m: Monomial): number =>
    m.factors.length === 0 ? 2 : m.factors.some((f) => isMoving(f, speller)) ? 0 : 1;
  return [0, 1, 2].flatMap((r) => monomials.filter((m) => rank(m) === r));
}

function spellMonomial(monomial: Monomial, speller: Speller): Signed {
  const { coefficient, factors } = withPositiveQuotients(monomial);
  const size = Math.abs(coefficient);
  const number = size === 1 && factors.length > 0 ? [] : [atom(String(size))];
  const ordered = [
    ...factors.filter((f) => isMoving(f, speller)),
    ...factors.filter((f) => !isMoving(f, speller)),
  ];
  return {
    negative: coefficient < 0,
    term: speller.product([...number, ...ordered.map((f) => spellAtom(f, speller))]),
  };
}

/** -(-h - P)/s is (h + P)/s: exact quotients of nothing but negative terms give their sign to the coefficient. */
function withPositiveQuotients({ coefficient, factors }: Monomial): Monomial {
  let sign = 1;
  const turned = factors.map((f) => {
    if (f.kind !== "exact" || f.numerator.monomials.some((m) => m.coefficient > 0)) return f;
    sign = -sign;
    return { ...f, numerator: negate(f.numerator) };
  });
  return { coefficient: coefficient * sign, factors: turned };
}

function spellAtom(value: Atom, speller: Speller): Term {
  const spell = (part: Int): Term => spellInt(part, speller);
  const natural = (...parts: readonly Int[]): boolean => parts.every((part) => isNatural(part, speller));
  switch (value.kind) {
    case "variable":
      return speller.name(value.name);
    case "exact":
      return speller.product([spell(value.numerator)], [spell(value.denominator)]);
    case "floor": {
      const { numerator: a, denominator: b } = value;
      return speller.floor(spell(a), spell(b), natural(a, b));
    }
    case "modulo": {
      const { value: a, modulus: b } = value;
      return speller.modulo(spell(a), spell(b), natural(a, b));
    }
    case "min":
    case "max":
      return speller.extremum(value.kind, spell(value.left), spell(value.right));
    case "power":
      return speller.integerPower(spell(value.base), spell(value.exponent));
    case "element":
      return elementOf(value.tensor, value.subscripts, speller);
  }
}

/** The element at its offset; a scalar is element 0. */
export function elementOf(tensor: string, subscripts: readonly Int[], speller: Speller): Term {
  const [offset = zero, ...rest] = subscripts;
  if (rest.length > 0) throw new Error(`${tensor} is read with ${subscripts.length} subscripts in a kernel`);
  return speller.element(speller.scope.tensor(tensor), intText(offset, speller));
}

/** value >= 0 with negative terms on the other side: `a < b` for b - a - 1 >= 0. */
export function spellNonNegative(value: Int, speller: Speller): Term {
  const [positive, negative] = sides(value);
  const strict = negative.some(isMinusOne);
  const less = negative.filter((m) => !isMinusOne(m)).map(flip);
  const [left, right] = [spellSum(less, speller), spellSum(positive, speller)];
  return relationOf(left, strict ? "<" : "<=", right);
}
/** value == 0. */
export function spellZero(value: Int, operator: string, speller: Speller): Term {
  const [positive, negative] = sides(value);
  const numberFirst = positive.some((m) => m.factors.length === 0) && negative.length > 0;
  const [one, other] = [positive, negative.map(flip)];
  const [left, right] = numberFirst ? [other, one] : [one, other];
  return equalityOf(spellSum(left, speller), operator, spellSum(right, speller));
}
const spellSum = (monomials: readonly Monomial[], speller: Speller): Term =>
  spellInt({ kind: "int", monomials }, speller);
const sides = (value: Int): readonly [Monomial[], Monomial[]] => [
  value.monomials.filter((m) => m.coefficient > 0),
  value.monomials.filter((m) => m.coefficient < 0),
];
const isMinusOne = (m: Monomial): boolean => m.coefficient === -1 && m.factors.length === 0;
const flip = (m: Monomial): Monomial => ({ ...m, coefficient: -m.coefficient });

/** Integer polynomials as code. */
import { atomKey, literal, negate, plainVariable } from "../../notation/integer.js";
import type { Atom, Int, Monomial } from "../../notation/integer.js";
import type { HelperName } from "./helpers.js";
import type { Scope } from "./names.js";
import { atom, callOf, productOf, strengths, sumOf, within, type Signed, type Term } from "./term.js";

/** Where code is spelled: the names of the function and the helpers that it has come to need. */
export interface Context {
  readonly scope: Scope;
  readonly need: (helper: HelperName) => string;
  /** What stands before `floor`, `min` and `max`: `Math.`, or nothing in the layer language. */
  readonly math?: string;
}

/** The value in the layer language, for comments and messages. */
export const languageText = (value: Int): string => intText(value, language);
const itself = (name: string): string => name;
const nothing = (): void => undefined;
const language: Context = {
  need: itself,
  math: "",
  scope: {
    tensor: itself,
    value: itself,
    declare: itself,
    fresh: itself,
    reserveTensor: nothing,
    reserveValue: nothing,
    tensors: new Set(),
    read: new Set(),
    declared: new Set(),
  },
};

export const intText = (value: Int, context: Context): string => spellInt(value, context).text;

export function spellInt(value: Int, context: Context): Term {
  return spellPolynomial(value, { scope: context.scope, atom: (part) => spellAtom(part, context) });
}
/** How the target at hand spells what a polynomial is made of. */
export interface Speller {
  readonly scope: Scope;
  readonly atom: (value: Atom) => Term;
}
/** The polynomial, common factors taken out: `((n * C + c) * H + h) * W + w`. */
export const spellPolynomial = (value: Int, speller: Speller): Term =>
  sumOf(factored(value.monomials, speller));
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
  const group = productOf([sumOf(factored(divided, speller)), speller.atom(shared)]);
  return [{ negative, term: group }, ...factored(outside, speller)];
}

/** The factor that most monomials have, if two have it. */
function mostShared(monomials: readonly Monomial[]): Atom | undefined {
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
    term: productOf([...number, ...ordered.map((f) => speller.atom(f))]),
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

function spellAtom(value: Atom, context: Context): Term {
  const spell = (part: Int): Term => spellInt(part, context);
  const math = context.math ?? "Math.";
  switch (value.kind) {
    case "variable":
      return atom(context.scope.value(value.name));
    case "floor":
      return callOf(`${math}floor`, productOf([spell(value.numerator)], [spell(value.denominator)]));
    case "exact":
      return productOf([spell(value.numerator)], [spell(value.denominator)]);
    case "modulo":
      return callOf(context.need("mod"), spell(value.value), spell(value.modulus));
    case "min":
    case "max":
      return callOf(`${math}${value.kind}`, spell(value.left), spell(value.right));
    case "power":
      return math === ""
        ? atom(`(${spell(value.base).text}) ^ (${spell(value.exponent).text})`)
        : callOf("Math.pow", spell(value.base), spell(value.exponent));
    case "element":
      return elementOf(value.tensor, value.subscripts, context);
  }
}

/** `x[offset]!`; a scalar is element 0. */
export function elementOf(tensor: string, subscripts: readonly Int[], context: Context): Term {
  const [offset, ...rest] = subscripts;
  if (rest.length > 0) throw new Error(`${tensor} is read with ${subscripts.length} subscripts in a kernel`);
  return atom(`${context.scope.tensor(tensor)}[${offset ? intText(offset, context) : "0"}]!`);
}

export const spellNonNegative = (value: Int, context: Context): Term =>
  spellAtLeastZero(value, (part) => spellInt(part, context));
/** value >= 0 with negative terms on the other side: `a < b` for b - a - 1 >= 0. */
export function spellAtLeastZero(value: Int, spell: (part: Int) => Term): Term {
  const [positive, negative] = sides(value);
  const strict = negative.some(isMinusOne);
  const less: Int = { kind: "int", monomials: negative.filter((m) => !isMinusOne(m)).map(flip) };
  const [left, right] = [spell(less), spell({ kind: "int", monomials: positive })];
  const text = `${within(left, strengths.sum)} ${strict ? "<" : "<="} ${within(right, strengths.sum)}`;
  return { text, strength: strengths.relation };
}
export const spellZero = (value: Int, context: Context): Term =>
  spellEqualsZero(value, (part) => spellInt(part, context), "===");
/** value == 0. */
export function spellEqualsZero(value: Int, spell: (part: Int) => Term, operator: "==" | "==="): Term {
  const [positive, negative] = sides(value);
  const [one, other]: readonly [Int, Int] = [
    { kind: "int", monomials: positive },
    { kind: "int", monomials: negative.map(flip) },
  ];
  const numberFirst = positive.some((m) => m.factors.length === 0) && negative.length > 0;
  const [left, right] = [spell(numberFirst ? other : one), spell(numberFirst ? one : other)];
  return {
    text: `${within(left, strengths.relation)} ${operator} ${within(right, strengths.relation)}`,
    strength: strengths.equality,
  };
}
const sides = (value: Int): readonly [Monomial[], Monomial[]] => [
  value.monomials.filter((m) => m.coefficient > 0),
  value.monomials.filter((m) => m.coefficient < 0),
];
const isMinusOne = (m: Monomial): boolean => m.coefficient === -1 && m.factors.length === 0;
const flip = (m: Monomial): Monomial => ({ ...m, coefficient: -m.coefficient });

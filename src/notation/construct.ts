/** Constructors that keep expressions and conditions canonical: flat sums and products, constants folded, like terms merged. */
import { gcd } from "./euclid.js";
import { keyOfCondition, keyOfExpression } from "./key.js";
import type {
  Binder,
  Compare,
  Condition,
  Constant,
  Expression,
  Fraction,
  Read,
  Reduction,
  ReductionName,
} from "./expression.js";
import type { FunctionName } from "../primitives/index.js";
import * as integer from "./integer.js";
import type { Int } from "./integer.js";
import type { Span } from "./span.js";

// --- constants -------------------------------------------------------------------------------------------

/** numerator/denominator in lowest terms; a plain float where either is no safe integer. */
export function rational(numerator: number, denominator = 1): Constant {
  const value = numerator / denominator;
  if (!Number.isSafeInteger(numerator) || !Number.isSafeInteger(denominator) || denominator === 0)
    return { kind: "constant", numerator: value, denominator: 1 };
  const divisor = gcd(numerator, denominator) * (denominator < 0 ? -1 : 1);
  return { kind: "constant", numerator: numerator / divisor + 0, denominator: denominator / divisor };
}
/** The constant written so: decimal literals are exact fractions (`1e-5` is 1/100000). */
export function decimal(text: string): Constant {
  const parts = /^(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text);
  if (!parts) return rational(Number(text));
  const [, whole = "", fraction = "", exponent = "0"] = parts;
  const shift = Number(exponent) - fraction.length;
  if (Math.abs(shift) + whole.length + fraction.length > mostDigits) return rational(Number(text));
  const digits = BigInt(whole + fraction || "0");
  const power = 10n ** BigInt(Math.abs(shift));
  return (shift >= 0 ? ofFraction(digits * power, 1n) : ofFraction(digits, power)) ?? rational(Number(text));
}
export const valueOf = (c: Constant): number => c.numerator / c.denominator;

/** Longer fractions are floats: numbers of a text are shorter, and what comes of long products need not be. */
const mostDigits = 400;
/** top/bottom as a constant; undefined where it is too long. */
function ofFraction(top: bigint, bottom: bigint): Constant | undefined {
  const divisor = commonDivisor(top, bottom) * (bottom < 0n ? -1n : 1n);
  const [n, d] = divisor === 0n ? [top, bottom] : [top / divisor, bottom / divisor];
  if (d === 0n) return undefined;
  const [numerator, denominator] = [Number(n), Number(d)];
  if (Number.isSafeInteger(numerator) && Number.isSafeInteger(denominator))
    return rational(numerator, denominator);
  if (n.toString().length + d.toString().length > mostDigits) return undefined;
  return { kind: "constant", numerator: nearestFloat(n, d), denominator: 1, exact: { top: n, bottom: d } };
}
const commonDivisor = (a: bigint, b: bigint): bigint =>
  b === 0n ? (a < 0n ? -a : a) : commonDivisor(b, a % b);
/** The quotient to thirty digits as a float: rounded once but for rare ties. */
function nearestFloat(top: bigint, bottom: bigint): number {
  const shift = bottom.toString().length - top.toString().length + 30;
  const scaled = shift > 0 ? (top * 10n ** BigInt(shift)) / bottom : top / (bottom * 10n ** BigInt(-shift));
  return Number(`${scaled}e${-shift}`);
}
/** Undefined for inf and for floats that are no fraction of a text. */
export function fractionOf({ numerator, denominator, exact }: Constant): Fraction | undefined {
  if (exact) return exact;
  return Number.isSafeInteger(numerator)
    ? { top: BigInt(numerator), bottom: BigInt(denominator) }
    : undefined;
}

export const zero = rational(0);
export const one = rational(1);
export const minusOne = rational(-1);
export const infinity: Constant = { kind: "constant", numerator: Infinity, denominator: 1 };
export const isConstant = (e: Expression, value: number): boolean =>
  e.kind === "constant" && equalsNumber(e, value);
const equalsNumber = (c: Constant, value: number): boolean => !c.exact && valueOf(c) === value;

/** Exact where both are fractions: `0.7978845608028654*0.044715` is folded without rounding. */
function joinConstants(
  a: Constant,
  b: Constant,
  join: (a: Fraction, b: Fraction) => readonly [bigint, bigint],
  floats: (a: number, b: number) => number,
): Constant {
  const [left, right] = [fractionOf(a), fractionOf(b)];
  const exact = left && right ? ofFraction(...join(left, right)) : undefined;
  return exact ?? rational(floats(valueOf(a), valueOf(b)));
}
const addConstants = (a: Constant, b: Constant): Constant =>
  shortFraction(a.numerator * b.denominator + b.numerator * a.denominator, a, b) ??
  joinConstants(
    a,
    b,
    (l, r) => [l.top * r.bottom + r.top * l.bottom, l.bottom * r.bottom],
    (x, y) => x + y,
  );
const multiplyConstants = (a: Constant, b: Constant): Constant =>
  shortFraction(a.numerator * b.numerator, a, b) ??
  joinConstants(
    a,
    b,
    (l, r) => [l.top * r.top, l.bottom * r.bottom],
    (x, y) => x * y,
  );
/** numerator / (a's denominator · b's), where all of them are so short that nothing was rounded. */
function shortFraction(numerator: number, a: Constant, b: Constant): Constant | undefined {
  const isShort = ({ numerator: n, denominator: d, exact }: Constant): boolean =>
    !exact && Number.isInteger(n) && Math.abs(n) <= 2 ** 25 && d <= 2 ** 25;
  return isShort(a) && isShort(b) ? rational(numerator, a.denominator * b.denominator) : undefined;
}
export const negateConstant = (c: Constant): Constant => multiplyConstants(minusOne, c);
/** c^n for a whole n, of a constant that is not 0 if n is negative; undefined where it grows too long. */
function powerOfConstant(c: Constant, n: number): Constant | undefined {
  const fraction = fractionOf(c);
  const digits = fraction ? fraction.top.toString().length + fraction.bottom.toString().length : 0;
  if (!fraction || digits * Math.abs(n) > 2 * mostDigits) return undefined;
  const [top, bottom] = n > 0 ? [fraction.top, fraction.bottom] : [fraction.bottom, fraction.top];
  const power = BigInt(Math.abs(n));
  return ofFraction(top ** power, bottom ** power);
}

/** An integer polynomial as a real; literals become constants. */
export function ofInt(value: Int): Expression {
  const known = integer.literal(value);
  return known === undefined ? { kind: "integer", value } : rational(known);
}

// --- sums and products -----------------------------------------------------------------------------------

/** A sum or product of integers as one, undefined where anything else is in it. */
export function intOf(e: Expression): Int | undefined {
  const parts = (all: readonly Expression[], join: (...parts: Int[]) => Int): Int | undefined => {
    const ints = all.flatMap((part) => intOf(part) ?? []);
    return ints.length === all.length ? join(...ints) : undefined;
  };
  switch (e.kind) {
    case "integer":
      return e.value;
    case "constant":
      return e.denominator === 1 && !e.exact && Number.isSafeInteger(e.numerator)
        ? integer.constant(e.numerator)
        : undefined;
    case "add":
      return parts(e.terms, integer.plus);
    case "multiply":
      return parts(e.factors, integer.times);
    case "call":
    case "named":
    case "pad":
    case "parameter":
    case "raise":
    case "read":
    case "reduction":
    case "select":
    case "stop":
      return undefined;
  }
}

/** term = coefficient · core. */
export function splitCoefficient(term: Expression): [Constant, Expression] {
  if (term.kind === "constant") return [term, one];
  if (term.kind !== "multiply") return [one, term];
  const first = term.factors[0];
  if (first?.kind !== "constant") return [one, term];
  let core = cores.get(term);
  if (!core) {
    const rest = term.factors.slice(1);
    core = rest.length === 1 && rest[0] ? rest[0] : { kind: "multiply", factors: rest };
    cores.set(term, core);
  }
  return [first, core];
}
/** One core for each term, so that what is known of it stays known. */
const cores = new WeakMap<Expression, Expression>();

/** What the constructors made and would make again of its parts: it is not put together anew where it becomes a part. */
const settled = new WeakSet<Expression>();
function settling<E extends Expression>(e: E): E {
  settled.add(e);
  return e;
}
/** Whether a product of the formula alone is the formula. */
function isSettled(e: Expression): boolean {
  switch (e.kind) {
    case "constant":
    case "add":
    case "multiply":
    case "raise":
      return settled.has(e);
    case "call":
    case "integer":
    case "named":
    case "pad":
    case "parameter":
    case "read":
    case "reduction":
    case "select":
    case "stop":
      return true;
  }
}

/** A term of a sum: its coefficient, what it is a multiple of, and the term itself while it is the only one of its kind. */
interface Term {
  coefficient: Constant;
  readonly core: Expression;
  whole: Expression | undefined;
}
/** The sum, flat, with like terms merged; order of first appearance is kept. */
export function add(...terms: readonly Expression[]): Expression {
  const byKey = new Map<string, Term>();
  const gather = (term: Expression): void => {
    if (term.kind === "add") return term.terms.forEach(gather);
    const [coefficient, core] = splitCoefficient(term);
    const key = keyOfExpression(core);
    const other = byKey.get(key);
    if (other) {
      other.coefficient = addConstants(other.coefficient, coefficient);
      other.whole = undefined;
    } else byKey.set(key, { coefficient, core, whole: isSettled(term) ? term : undefined });
  };
  terms.forEach(gather);
  const kept: Expression[] = [];
  for (const { coefficient, core, whole } of byKey.values()) {
    if (valueOf(coefficient) === 0) continue;
    const term = whole ?? multiply(coefficient, core);
    // a core that stands as it was written, 0·x[i + 1], may come to nothing
    if (!isConstant(term, 0)) kept.push(term);
  }
  const [first] = kept;
  if (!first) return zero;
  return kept.length === 1 ? first : { kind: "add", terms: kept };
}

/** base and exponent of a factor: `x` is x^1, and so is `b^g` for an exponent that is no number. */
const splitPower = (factor: Expression): [Expression, Constant] =>
  factor.kind === "raise" && factor.exponent.kind === "constant"
    ? [factor.base, factor.exponent]
    : [factor, one];

/** -a - b is -(a + b): the sign that all terms of a sum have. */
function splitSign(e: Expression): readonly [Constant, Expression] {
  if (e.kind !== "add" || !e.terms.every((term) => valueOf(splitCoefficient(term)[0]) < 0)) return [one, e];
  return [minusOne, { kind: "add", terms: e.terms.map((term) => multiply(minusOne, term)) }];
}

/** The product, flat, with constants folded into one leading factor and powers of one base merged. */
export function multiply(...factors: readonly Expression[]): Expression {
  const [only] = factors;
  if (factors.length === 1 && only && settled.has(only)) return only;
  let coefficient = one;
  const byKey = new Map<string, Factor>();
  const gather = (factor: Expression): void => {
    if (factor.kind === "multiply") return factor.factors.forEach(gather);
    if (factor.kind === "constant") {
      coefficient = multiplyConstants(coefficient, factor);
      return;
    }
    const [base, exponent] = splitPower(factor);
    const key = keyOfExpression(base);
    const other = byKey.get(key);
    if (other) {
      other.base = base;
      other.exponent = addConstants(other.exponent, exponent);
      other.whole = undefined;
    } else byKey.set(key, { base, exponent, whole: isSimple(factor) ? factor : undefined });
  };
  factors.forEach(gather);
  if (valueOf(coefficient) === 0) return zero;
  const powers: Expression[] = [];
  let stays = true;
  for (const { base, exponent, whole } of byKey.values()) {
    if (whole) {
      powers.push(whole);
      continue;
    }
    stays = false;
    const [sign, positive] = Math.abs(valueOf(exponent)) === 1 ? splitSign(base) : [one, base];
    const factor = raise(positive, exponent);
    coefficient = multiplyConstants(coefficient, sign);
    if (factor.kind === "constant") coefficient = multiplyConstants(coefficient, factor);
    else powers.push(factor);
  }
  const [first] = powers;
  if (!first) return coefficient;
  if (equalsNumber(coefficient, 1)) {
    if (powers.length === 1) return first;
    const product: Expression = { kind: "multiply", factors: powers };
    return stays ? settling(product) : product;
  }
  // A sign before a lone sum is spread over it: -(a - b) is b - a.
  if (powers.length === 1 && first.kind === "add" && equalsNumber(coefficient, -1))
    return add(...first.terms.map((term) => multiply(coefficient, term)));
  const product: Expression = { kind: "multiply", factors: [coefficient, ...powers] };
  return stays ? settling(product) : product;
}
/** A factor of a product, and the factor itself while it is the only power of its base. */
interface Factor {
  base: Expression;
  exponent: Constant;
  whole: Expression | undefined;
}
/** Whether a factor stays what it is: no sign or number comes out of it, and it is no product. */
function isSimple(factor: Expression): boolean {
  if (factor.kind === "raise") return factor.exponent.kind !== "constant" || settled.has(factor);
  return isUnsigned(factor);
}

export const negate = (e: Expression): Expression => multiply(minusOne, e);
export const subtract = (a: Expression, b: Expression): Expression => add(a, negate(b));
export const divide = (a: Expression, b: Expression): Expression => multiply(a, raise(b, minusOne));

/** base ^ exponent. Integer powers of products are spread, of powers multiplied; constants are folded where exact. */
export function raise(base: Expression, exponent: Expression): Expression {
  if (exponent.kind !== "constant") return { kind: "raise", base, exponent };
  const n = valueOf(exponent);
  if (equalsNumber(exponent, 0)) return one;
  if (equalsNumber(exponent, 1)) return base;
  const whole = Number.isInteger(n) && !exponent.exact;
  if (base.kind === "constant" && whole && valueOf(base) !== 0) {
    const exact = powerOfConstant(base, n);
    if (exact) return exact;
    const [top, bottom] = n > 0 ? [base.numerator, base.denominator] : [base.denominator, base.numerator];
    return rational(top ** Math.abs(n), bottom ** Math.abs(n));
  }
  if (whole && base.kind === "multiply") return multiply(...base.factors.map((f) => raise(f, exponent)));
  if (whole && base.kind === "raise" && base.exponent.kind === "constant")
    // (u^a)^n = u^(a·n) for integer n
    return raise(base.base, multiplyConstants(base.exponent, exponent));
  const power: Expression = { kind: "raise", base, exponent };
  return isUnsigned(base) ? settling(power) : power;
}
/** Whether no sign comes out of it that all its terms have. */
const isUnsigned = (base: Expression): boolean => base.kind !== "add" || splitSign(base)[0] === one;

/** u^n for u^(-n). */
export function inverseOf(e: Expression): Expression | undefined {
  if (e.kind !== "raise" || e.exponent.kind !== "constant" || valueOf(e.exponent) >= 0) return undefined;
  return raise(e.base, negateConstant(e.exponent));
}

// --- the other nodes -------------------------------------------------------------------------------------

export const read = (tensor: string, subscripts: readonly Int[], at?: Span): Read => ({
  kind: "read",
  tensor,
  subscripts,
  ...(at && { at }),
});
export const call = (name: FunctionName, args: readonly Expression[], at?: Span): Expression =>
  name === "square" && args[0]
    ? raise(args[0], rational(2))
    : { kind: "call", name, arguments: args, ...(at && { at }) };

/** where(condition, whenTrue, whenFalse), with a known condition decided. */
export function select(condition: Condition, whenTrue: Expression, whenFalse: Expression): Expression {
  if (condition.kind === "truth") return condition.value ? whenTrue : whenFalse;
  if (keyOfExpression(whenTrue) === keyOfExpression(whenFalse)) return whenTrue;
  return { kind: "select", condition, whenTrue, whenFalse };
}
export const stop = (argument: Expression): Expression =>
  argument.kind === "constant" ? argument : { kind: "stop", argument };

export const reduction = (
  name: ReductionName,
  binders: readonly Binder[],
  body: Expression,
  guard: Condition = truth,
  at?: Span,
): Reduction => ({ kind: "reduction", name, binders, guard, body, ...(at && { at }) });

// --- conditions ------------------------------------------------------------------------------------------

export const truth: Condition = { kind: "truth", value: true };
export const falsehood: Condition = { kind: "truth", value: false };

/**
 * value >= 0. Divisions that stand alone with a unit coefficient are cleared:
 * ⌊n/d⌋ + c >= 0 ⇔ n + c·d >= 0, and c - ⌊n/d⌋ >= 0 ⇔ (c+1)·d - 1 - n >= 0, for d > 0
 * (`positive` says which denominators are known to be).
 */
export function nonNegative(value: Int, positive: (d: Int) => boolean = literallyPositive): Condition {
  const known = integer.literal(value);
  if (known !== undefined) return known >= 0 ? truth : falsehood;
  for (const m of value.monomials) {
    const [atom] = m.factors;
    if (m.factors.length !== 1 || !atom || Math.abs(m.coefficient) !== 1) continue;
    if (atom.kind !== "floor" && atom.kind !== "exact") continue;
    const { numerator: n, denominator: d } = atom;
    if (!positive(d)) continue;
    const rest = integer.minus(value, { kind: "int", monomials: [m] });
    const cleared =
      m.coefficient === 1
        ? integer.plus(n, integer.times(rest, d))
        : atom.kind === "exact"
          ? integer.minus(integer.times(rest, d), n)
          : integer.minus(integer.minus(integer.times(integer.plus(rest, integer.one), d), integer.one), n);
    return nonNegative(cleared, positive);
  }
  return { kind: "nonnegative", value };
}
const literallyPositive = (d: Int): boolean => (integer.literal(d) ?? 0) > 0;

/** value == 0; the sign is normalised. */
export function isZero(value: Int): Condition {
  const known = integer.literal(value);
  if (known !== undefined) return known === 0 ? truth : falsehood;
  const flipped = integer.negate(value);
  return { kind: "zero", value: (value.monomials[0]?.coefficient ?? 1) < 0 ? flipped : value };
}
export const atMost = (a: Int, b: Int): Condition => nonNegative(integer.minus(b, a));
export const below = (a: Int, b: Int): Condition =>
  nonNegative(integer.minus(integer.minus(b, a), integer.one));
export const equals = (a: Int, b: Int): Condition => isZero(integer.minus(a, b));
/** lower <= value < upper. */
export const within = (value: Int, lower: Int, upper: Int): Condition =>
  and(atMost(lower, value), below(value, upper));
/** divisor | value; a factor of the value that has none in common with the divisor makes no difference: 4 | 3·n is 4 | n. */
export function divides(divisor: Int, value: Int): Condition {
  const by = integer.literal(divisor);
  const content = value.monomials.reduce((common, m) => gcd(common, m.coefficient), 0);
  const matters = by === undefined || content === 0 || gcd(content, by) !== 1;
  const rest = matters ? value : integer.exactDivide(value, integer.constant(content));
  return isZero(integer.modulo(rest, divisor));
}

export const compare = (operator: Compare["operator"], left: Expression, right: Expression): Condition => ({
  kind: "compare",
  operator,
  left,
  right,
});

function join(kind: "and" | "or", parts: readonly Condition[]): Condition {
  const neutral = kind === "and";
  const byKey = new Map<string, Condition>();
  for (const part of parts.flatMap((p) => (p.kind === kind ? p.parts : [p]))) {
    if (part.kind === "truth") {
      if (part.value !== neutral) return part;
    } else byKey.set(keyOfCondition(part), part);
  }
  const kept = [...byKey.values()];
  const [first] = kept;
  if (!first) return neutral ? truth : falsehood;
  return kept.length === 1 ? first : { kind, parts: kept };
}
export const and = (...parts: readonly Condition[]): Condition => join("and", parts);
export const or = (...parts: readonly Condition[]): Condition => join("or", parts);

const isOfIntegers = (c: Condition): boolean =>
  c.kind === "and" || c.kind === "or"
    ? c.parts.every(isOfIntegers)
    : c.kind === "not"
      ? isOfIntegers(c.part)
      : c.kind !== "compare" && c.kind !== "any" && c.kind !== "all";

/** The negation, pushed inwards over integers and connectives. */
export function not(condition: Condition): Condition {
  switch (condition.kind) {
    case "truth":
      return condition.value ? falsehood : truth;
    case "nonnegative":
      return nonNegative(integer.minus(integer.negate(condition.value), integer.one));
    case "not":
      return condition.part;
    case "and":
    case "or": {
      // `a and b` guards the reads in b by a, `not(a) or not(b)` does not: where a is of indices and b of data, it stays
      const fixed = condition.parts.filter(isOfIntegers);
      if (fixed.length > 0 && fixed.length < condition.parts.length) return { kind: "not", part: condition };
      return condition.kind === "and" ? or(...condition.parts.map(not)) : and(...condition.parts.map(not));
    }
    case "all":
    case "any":
    case "compare":
    case "zero":
      // a real comparison is kept under `not`: with NaN, not(a < b) is no a >= b
      return { kind: "not", part: condition };
  }
}
/** The conjuncts of a condition. */
export const conjuncts = (condition: Condition): readonly Condition[] =>
  condition.kind === "and"
    ? condition.parts
    : condition.kind === "truth" && condition.value
      ? []
      : [condition];

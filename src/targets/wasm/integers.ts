/** Integer polynomials as instructions over i64. */
import * as integer from "../../notation/integer.js";
import type { Atom, Int, Monomial } from "../../notation/integer.js";
import { mostShared } from "../code/integers.js";
import { isNatural } from "../code/signs.js";
import type { Context } from "./context.js";
import { constant, get, operation, select, tee, type Instruction } from "./encode/instructions.js";

const number = (value: number): Instruction => constant("i64", value);
const in64 = (name: string, ...operands: readonly Instruction[]): Instruction =>
  operation(`i64.${name}`, ...operands);

/** The polynomial, common factors taken out. */
export function spellInt(value: Int, context: Context): Instruction {
  return sumOf(value.monomials, context);
}

interface Signed {
  readonly negative: boolean;
  readonly value: Instruction;
}
function sumOf(monomials: readonly Monomial[], context: Context): Instruction {
  const terms = termsOf(monomials, context);
  const ordered = [...terms.filter((t) => !t.negative), ...terms.filter((t) => t.negative)];
  const [first, ...rest] = ordered;
  if (!first) return number(0);
  return rest.reduce(
    (sum, { negative, value }) => in64(negative ? "sub" : "add", sum, value),
    first.negative ? in64("sub", number(0), first.value) : first.value,
  );
}

function termsOf(monomials: readonly Monomial[], context: Context): readonly Signed[] {
  const shared = mostShared(monomials);
  if (!shared) return monomials.map((m) => spellMonomial(m, context));
  const key = integer.atomKey(shared);
  const position = (m: Monomial): number => m.factors.findIndex((f) => integer.atomKey(f) === key);
  const inside = monomials
    .filter((m) => position(m) >= 0)
    .map((m) => ({ ...m, factors: m.factors.filter((_, i) => i !== position(m)) }));
  const outside = monomials.filter((m) => position(m) < 0);
  const value = in64("mul", sumOf(inside, context), spellAtom(shared, context));
  return [{ negative: false, value }, ...termsOf(outside, context)];
}

function spellMonomial({ coefficient, factors }: Monomial, context: Context): Signed {
  const size = Math.abs(coefficient);
  const spelled = factors.map((f) => spellAtom(f, context));
  const [first, ...rest] = spelled;
  const product = first && rest.reduce((a, b) => in64("mul", a, b), first);
  const scaled = !product ? number(size) : size === 1 ? product : in64("mul", product, number(size));
  return { negative: coefficient < 0, value: scaled };
}

function spellAtom(value: Atom, context: Context): Instruction {
  const spell = (part: Int): Instruction => spellInt(part, context);
  switch (value.kind) {
    case "variable":
      return context.value(value.name, "i64");
    case "exact":
      return in64("div_s", spell(value.numerator), divisor(value.denominator, context));
    case "floor":
      return spellFloor(value.numerator, value.denominator, context);
    case "modulo":
      return spellModulo(value.value, value.modulus, context);
    case "min":
    case "max": {
      const [a, b] = [context.temporary("i64"), context.temporary("i64")];
      const [left, right] = [tee(a, spell(value.left)), tee(b, spell(value.right))];
      const takesLeft = in64(value.kind === "min" ? "le_s" : "ge_s", get(a), get(b));
      return select(takesLeft, left, right);
    }
    case "power":
      return context.call("integerPower", spell(value.base), spell(value.exponent));
    case "element": {
      const [offset = integer.zero] = value.subscripts;
      return context.read(value.tensor, spell(offset), "i64");
    }
  }
}

/** log₂ of a literal power of two. */
function shiftOf(value: Int): number | undefined {
  const known = integer.literal(value);
  return known !== undefined && known > 0 && Number.isInteger(Math.log2(known))
    ? Math.log2(known)
    : undefined;
}

function spellFloor(a: Int, b: Int, context: Context): Instruction {
  const shift = shiftOf(b);
  if (shift !== undefined) return in64("shr_s", spellInt(a, context), number(shift));
  if (isNatural(a, context) && isNatural(b, context))
    return in64("div_s", spellInt(a, context), divisor(b, context));
  return context.call("floorDivide", spellInt(a, context), spellInt(b, context));
}
function spellModulo(a: Int, b: Int, context: Context): Instruction {
  const shift = shiftOf(b);
  if (shift !== undefined) return in64("and", spellInt(a, context), number(2 ** shift - 1));
  if (isNatural(a, context) && isNatural(b, context))
    return in64("rem_s", spellInt(a, context), divisor(b, context));
  return context.call("modulo", spellInt(a, context), spellInt(b, context));
}

/** What is divided by; where it might be 0, whatever is then divided is not used: 1 takes its place, since a division by 0 ends the program. */
function divisor(value: Int, context: Context): Instruction {
  const spelled = spellInt(value, context);
  if (isPositive(value, context)) return spelled;
  const local = context.temporary("i64");
  return in64("or", tee(local, spelled), in64("extend_i32_u", in64("eqz", get(local))));
}
const isPositive = (value: Int, { positive }: Context): boolean =>
  value.monomials.length > 0 &&
  value.monomials.every(
    (m) => m.coefficient > 0 && m.factors.every((f) => f.kind === "variable" && positive.has(f.name)),
  );

/** Constants as text. */
import { decimal, valueOf } from "../notation/construct.js";
import type { Constant, Fraction } from "../notation/expression.js";

/** 10000 and 0.001 plainly, 1e-5 and 1e6 where that is clearly shorter; both read back to the same number. */
export function printFloat(value: number): string {
  const [plain, scientific] = [String(value), value.toExponential()].map((t) => t.replace("e+", "e"));
  if (plain === undefined || scientific === undefined) return "";
  return scientific.length + 3 <= plain.length ? scientific : plain;
}

/** The number as a decimal where that is exact, and short or shorter than the fraction, else undefined. Sign excluded. */
function shortDecimal({ numerator, denominator }: Constant): string | undefined {
  const text = printFloat(Math.abs(numerator / denominator));
  const back = decimal(text);
  const fraction = `${Math.abs(numerator)} / ${denominator}`;
  return text.length <= Math.max(12, fraction.length) &&
    !back.exact &&
    back.numerator === Math.abs(numerator) &&
    back.denominator === denominator
    ? text
    : undefined;
}

/** All digits of a fraction that is a decimal of no more than so many. */
const mostDigits = 60;
function longDecimal({ top, bottom }: Fraction): string | undefined {
  for (let digits = 0; digits <= mostDigits; digits++) {
    const scaled = top * 10n ** BigInt(digits);
    if (scaled % bottom !== 0n) continue;
    const text = (scaled < 0n ? -scaled / bottom : scaled / bottom).toString().padStart(digits + 1, "0");
    return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
  }
  return undefined;
}

/** A constant as numerator and denominator texts: 3 over 4 for 3/4, 1e-5 over nothing. Sign excluded. */
export function printFraction(c: Constant): { top: string; bottom: string | undefined } {
  const value = Math.abs(valueOf(c));
  if (value === Infinity) return { top: "inf", bottom: undefined };
  if (c.exact) {
    const { top, bottom } = c.exact;
    const rounded = printFloat(value);
    const whole = decimal(rounded).exact;
    const isWhole = whole?.bottom === bottom && whole.top === (top < 0n ? -top : top);
    const text = isWhole ? rounded : longDecimal(c.exact);
    if (text !== undefined) return { top: text, bottom: undefined };
    return { top: String(top < 0n ? -top : top), bottom: bottom === 1n ? undefined : String(bottom) };
  }
  const plain = c.denominator === 1 || (!isPowerOfTwo(c.denominator) && shortDecimal(c) !== undefined);
  if (plain) return { top: shortDecimal(c) ?? printFloat(value), bottom: undefined };
  return { top: String(Math.abs(c.numerator)), bottom: String(c.denominator) };
}
const isPowerOfTwo = (n: number): boolean => n <= 64 && Number.isInteger(Math.log2(n));

/** A constant standing alone: decimals are preferred. Sign excluded. */
export function printConstant(c: Constant): { text: string; quotient: boolean } {
  const short = Number.isFinite(valueOf(c)) && !c.exact ? shortDecimal(c) : undefined;
  if (short !== undefined) return { text: short, quotient: false };
  const { top, bottom } = printFraction(c);
  return { text: bottom === undefined ? top : `${top} / ${bottom}`, quotient: bottom !== undefined };
}

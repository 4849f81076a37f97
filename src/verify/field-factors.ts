/** What an exact number is a product of. */
import { isZero, keyOf, near, same, type Base, type Exact, type Factors } from "./exact.js";

export const isOne = (a: Exact): boolean => a.re === 1 && a.im === 0;

/** |a| */
export const magnitude = (a: Exact, { multiply, rational }: Pick<Base, "multiply" | "rational">): Exact =>
  a.float < 0 ? { ...multiply(rational(-1), a), factors: a.factors, terms: undefined } : a;

type Fraction = Factors & { readonly kind: "rational" };
export interface Factoring {
  /** Undefined for a number that is no product of others; the same for equal numbers. */
  readonly factorsOf: (a: Exact) => Factors | undefined;
  /** The prime factors of a fraction with their powers. */
  readonly primesOf: (a: Fraction) => readonly (readonly [number, number])[];
  /** Says that other numbers may be multiples of this one. */
  readonly isUnit: (a: Exact) => void;
}
interface Met {
  readonly sum: Exact;
  readonly inverse: Exact;
}
/** Above this a constant is not taken apart. */
const largest = 1e9;

/**
 * A product knows its factors. A sum may be one all the same: Σ e^(x - m) is e^(-m)·Σ e^x, and 1 + e^(-x) is
 * e^(-x)·(1 + e^x). So a sum is compared with the sums met before: where their quotient or product is a unit (e^u, a power
 * of what is drawn, a small integer, such a sum), the newer is written by the older.
 */
export function factoring({ rational, multiply, power, allDrawn }: Base): Factoring {
  const known = new Map<number | string, { readonly float: number; readonly factors: Factors | undefined }>();
  const sums: Met[] = [];
  const integers: Met[] = [];
  const primes = new Map<number | string, Exact>();
  const units = new Map<number | string, Exact>();
  const isUnit = (a: Exact): void => void units.set(keyOf(a), a);

  const factorsOf = (a: Exact): Factors | undefined => {
    if (a.factors && !(a.factors.kind === "rational" && !isSmall(a.factors))) return a.factors;
    if (!ready) drawUnits();
    const before = known.get(keyOf(a));
    if (before && near(before.float, a.float)) return before.factors;
    const factors = multipleOf(a);
    if (factors) known.set(keyOf(a), { float: a.float, factors });
    else isPrime(a);
    // written by older ones alone: so no number is written by itself
    isUnit(a);
    sums.push({ sum: a, inverse: power(a, -1) });
    return factors;
  };
  /** A number that stays without factors. */
  const isPrime = (a: Exact): void => {
    known.set(keyOf(a), { float: a.float, factors: undefined });
    primes.set(keyOf(a), a);
  };

  const multipleOf = (a: Exact): Factors | undefined => {
    const among = (numbers: ReadonlyMap<number | string, Exact>, quotient: Exact): Exact | undefined => {
      const found = numbers.get(keyOf(quotient));
      return found && near(found.float, quotient.float) ? found : undefined;
    };
    const unit = (quotient: Exact): Exact | undefined => among(units, quotient);
    const inverse = power(a, -1);
    const itself = fractionOf(a, rational) ?? unit(a)?.factors;
    if (itself) return itself;
    const root = among(primes, multiply(a, a));
    if (root) return { kind: "power", base: root, numerator: 1, denominator: 2 };
    for (const { sum, inverse: overSum } of [...sums, ...integers]) {
      const times = unit(multiply(a, overSum));
      if (times) return { kind: "product", left: sum, right: times };
      const over = unit(multiply(sum, inverse));
      if (over) return { kind: "product", left: sum, right: power(over, -1) };
      const product = unit(multiply(a, sum));
      if (product) return { kind: "product", left: product, right: overSum };
    }
    return undefined;
  };
  let ready = false;
  const drawUnits = (): void => {
    ready = true;
    for (let n = 2; n <= 64; n++) isUnit(rational(n));
    for (let n = 2; n <= 12; n++) integers.push({ sum: rational(n), inverse: rational(1, n) });
    for (const number of allDrawn()) {
      if (isZero(number) || number.factors) continue;
      isPrime(magnitude(number, { multiply, rational }));
      // an odd power of a negative number is negative, as no factor is
      for (const n of number.float > 0 ? [1, 2, 3, 4] : [2, 4]) isUnit(power(number, n));
    }
  };

  const primesOf: Factoring["primesOf"] = ({ numerator, denominator }) => [
    ...primeFactors(Math.abs(numerator)),
    ...primeFactors(Math.abs(denominator)).map(([prime, n]) => [prime, -n] as const),
  ];
  return { factorsOf, primesOf, isUnit };
}

const isSmall = ({ numerator, denominator }: Fraction): boolean =>
  [numerator, denominator].every((n) => Number.isInteger(n) && Math.abs(n) < largest);

/** A number drawn or computed that is a small fraction. */
export function fractionOf(a: Exact, rational: Base["rational"]): Fraction | undefined {
  for (let denominator = 1; denominator <= 12; denominator++) {
    const numerator = Math.round(a.float * denominator);
    if (numerator !== 0 && Math.abs(numerator) < 256 && same(a, rational(numerator, denominator)))
      return { kind: "rational", numerator, denominator };
  }
  return undefined;
}

function primeFactors(n: number): readonly (readonly [number, number])[] {
  const found: (readonly [number, number])[] = [];
  let rest = n;
  for (let d = 2; d * d <= rest; d++) {
    let times = 0;
    for (; rest % d === 0; rest /= d) times++;
    if (times > 0) found.push([d, times]);
  }
  return rest > 1 ? [...found, [rest, 1]] : found;
}

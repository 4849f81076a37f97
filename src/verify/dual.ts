/** Dual numbers: forward-mode differentiation over any arithmetic. Derivatives are those of the language, kinks included. */
import { binary, type FunctionName } from "../primitives/index.js";
import { compileSlopes } from "./formulas.js";
import type { Arithmetic } from "./numbers.js";

/** value + tangent·ε with ε² = 0. */
export interface Dual<T> {
  readonly value: T;
  readonly tangent: T;
  /** It depends on nothing that moves, or on a branch that does not: no slope, were it infinite, makes anything of it. */
  readonly fixed?: boolean | undefined;
}

/**
 * Dual numbers over `base`. Duals over duals give second derivatives.
 * @param stops whether a slope of 0 stops an infinite tangent: 0·∞ is 0, as in a gradient whose cotangent a branch made 0
 */
export function dual<T>(base: Arithmetic<T>, stops = false): Arithmetic<Dual<T>> {
  const { add, multiply, power, rational, fraction, parameter } = base;
  const zero = rational(0);
  const minusOne = rational(-1);
  const isZero = base.compare("==");
  const constant = (value: T): Dual<T> => ({ value, tangent: zero, fixed: true });
  /** value + Σ slope·tangent over what moves. */
  const moved = (value: T, ...parts: readonly (readonly [Dual<T>, () => T | undefined])[]): Dual<T> => {
    let tangent: T | undefined;
    for (const [by, slope] of parts) {
      const factor = by.fixed === true ? undefined : slope();
      if (factor === undefined) continue;
      const term = stops && isZero(factor, zero) ? zero : multiply(factor, by.tangent);
      tangent = tangent === undefined ? term : add(tangent, term);
    }
    return tangent === undefined ? constant(value) : { value, tangent };
  };
  const slopes = (name: FunctionName) => compileSlopes<T>(name, { ...base, less: base.compare("<") });

  return {
    rational: (numerator, denominator) => constant(rational(numerator, denominator)),
    ...(fraction && { fraction: (value) => constant(fraction(value)) }),
    ...(parameter && { parameter: (...value) => constant(parameter(...value)) }),
    named: (name) => constant(base.named(name)),
    add: (a, b) => {
      const value = add(a.value, b.value);
      if (a.fixed === true) return { ...b, value };
      return b.fixed === true ? { ...a, value } : { value, tangent: add(a.tangent, b.tangent) };
    },
    multiply: (a, b) => moved(multiply(a.value, b.value), [a, () => b.value], [b, () => a.value]),
    power: (a, n) =>
      moved(power(a.value, n), [
        a,
        () => (n === 0 ? undefined : multiply(rational(n), power(a.value, n - 1))),
      ]),
    // d(a^b) = b·a^(b-1)·da + a^b·log(a)·db; 0^0 is 1 whatever 0 becomes, and 0^b is 0 for b > 0
    raise: () => {
      const [raise, log] = [base.raise(), base.unary("log")];
      return (a, b) => {
        const value = raise(a.value, b.value);
        const byBase = (): T | undefined =>
          isZero(a.value, zero) && isZero(b.value, zero)
            ? undefined
            : multiply(b.value, raise(a.value, add(b.value, minusOne)));
        const byExponent = (): T | undefined =>
          isZero(a.value, zero) && base.less(zero, b.value) ? undefined : multiply(value, log(a.value));
        return moved(value, [a, byBase], [b, byExponent]);
      };
    },
    unary: (name) => {
      const f = base.unary(name);
      const [slope = () => undefined] = slopes(name);
      return (a) => {
        const value = f(a.value);
        return moved(value, [a, () => slope(a.value, a.value, value)]);
      };
    },
    binary: (name) => {
      const f = base.binary(name);
      const { decision } = binary[name];
      if (decision?.by === "order") {
        const less = base.compare("<");
        const isFirst = (a: T, b: T) => (decision.first === "less" ? less(a, b) : less(b, a));
        return (a, b) => (isFirst(a.value, b.value) ? a : b);
      }
      const [byA = () => undefined, byB = () => undefined] = slopes(name);
      return (a, b) => {
        const value = f(a.value, b.value);
        const at = [a.value, b.value, value] as const;
        return moved(value, [a, () => byA(...at)], [b, () => byB(...at)]);
      };
    },
    compare: (operator) => {
      const compare = base.compare(operator);
      return (a, b) => compare(a.value, b.value);
    },
    less: (a, b) => base.less(a.value, b.value),
    isNaN: (a) => base.isNaN?.(a.value) ?? false,
    float: (a) => base.float(a.value),
    stop: (a) => constant(base.stop(a.value)),
  };
}

/** Dual numbers: forward-mode differentiation over any arithmetic. Derivatives are those of the language, kinks included. */
import type { Arithmetic, UnaryName } from "./numbers.js";

/** value + tangent·ε with ε² = 0. */
export interface Dual<T> {
  readonly value: T;
  readonly tangent: T;
  /** It depends on nothing that moves, or on a branch that does not: no slope, were it infinite, makes anything of it. */
  readonly fixed?: boolean | undefined;
}

/** f'(u) given u and y = f(u); undefined where f does not move at u. */
type Derivative<T> = (u: T, y: T) => T | undefined;

/** Dual numbers over `base`. Duals over duals give second derivatives. */
export function dual<T>(base: Arithmetic<T>): Arithmetic<Dual<T>> {
  const { add, multiply, power, rational, fraction, parameter } = base;
  const zero = rational(0);
  const [one, minusOne] = [rational(1), rational(-1)];
  const isZero = base.compare("==");
  const constant = (value: T): Dual<T> => ({ value, tangent: zero, fixed: true });
  /** value + Σ slope·tangent over what moves. */
  const moved = (value: T, ...parts: readonly (readonly [Dual<T>, () => T | undefined])[]): Dual<T> => {
    let tangent: T | undefined;
    for (const [by, slope] of parts) {
      const factor = by.fixed === true ? undefined : slope();
      if (factor === undefined) continue;
      const term = multiply(factor, by.tangent);
      tangent = tangent === undefined ? term : add(tangent, term);
    }
    return tangent === undefined ? constant(value) : { value, tangent };
  };
  const derivativeOf = derivatives(base);

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
      const derivative = derivativeOf[name]();
      return (a) => {
        const value = f(a.value);
        return moved(value, [a, () => derivative(a.value, value)]);
      };
    },
    binary: (name) => {
      const f = base.binary(name);
      switch (name) {
        case "max":
          return (a, b) => (base.compare("<")(b.value, a.value) ? a : b);
        case "min":
          return (a, b) => (base.compare("<")(a.value, b.value) ? a : b);
        case "mod": {
          // mod(a, b) = a - b·⌊a/b⌋, the floor a constant
          const floor = base.unary("floor");
          return (a, b) => {
            const quotient = (): T => multiply(minusOne, floor(multiply(a.value, power(b.value, -1))));
            return moved(f(a.value, b.value), [a, () => one], [b, quotient]);
          };
        }
        case "atan2":
          // d atan2(a, b) = (b·da - a·db) / (a² + b²)
          return (a, b) => {
            const norm = (): T => power(add(power(a.value, 2), power(b.value, 2)), -1);
            const byA = (): T => multiply(b.value, norm());
            const byB = (): T => multiply(minusOne, multiply(a.value, norm()));
            return moved(f(a.value, b.value), [a, byA], [b, byB]);
          };
      }
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

/** The derivative of every function of one argument; each is made only when asked for, because not every arithmetic has all. */
function derivatives<T>(base: Arithmetic<T>): Readonly<Record<UnaryName, () => Derivative<T>>> {
  const { add, multiply, power, rational } = base;
  const zero = rational(0);
  const one = rational(1);
  const half = rational(1, 2);
  const negated = (a: T): T => multiply(rational(-1), a);
  const oneMinusSquare = (a: T): T => add(one, negated(power(a, 2)));
  const via = (name: UnaryName): (() => Derivative<T>) => {
    return () => {
      const f = base.unary(name);
      return (u) => f(u);
    };
  };
  const locallyConstant = (): Derivative<T> => () => undefined;
  return {
    exp: () => (_, y) => y,
    log: () => (u) => power(u, -1),
    log1p: () => (u) => power(add(one, u), -1),
    expm1: via("exp"),
    sqrt: () => (_, y) => multiply(half, power(y, -1)),
    abs: via("sign"),
    sign: locallyConstant,
    sin: via("cos"),
    cos: () => (u) => negated(base.unary("sin")(u)),
    tan: () => (_, y) => add(one, power(y, 2)),
    tanh: () => (_, y) => oneMinusSquare(y),
    sinh: via("cosh"),
    cosh: via("sinh"),
    asin: () => (u) => power(base.unary("sqrt")(oneMinusSquare(u)), -1),
    acos: () => (u) => negated(power(base.unary("sqrt")(oneMinusSquare(u)), -1)),
    atan: () => (u) => power(add(one, power(u, 2)), -1),
    sigmoid: () => (_, y) => multiply(y, add(one, negated(y))),
    softplus: via("sigmoid"),
    relu: () => (u) => (base.compare("<")(zero, u) ? one : undefined),
    // 2/√π · e^(-u²)
    erf: () => (u) => {
      const scale = multiply(rational(2), power(base.unary("sqrt")(base.named("pi")), -1));
      return multiply(scale, base.unary("exp")(negated(power(u, 2))));
    },
    // Φ(u) + u·φ(u)
    gelu: () => (u) => {
      const root = base.unary("sqrt");
      const distribution = multiply(half, add(one, base.unary("erf")(multiply(u, root(half)))));
      const density = multiply(
        power(root(multiply(rational(2), base.named("pi"))), -1),
        base.unary("exp")(multiply(rational(-1, 2), power(u, 2))),
      );
      return add(distribution, multiply(u, density));
    },
    square: () => (u) => multiply(rational(2), u),
    floor: locallyConstant,
    ceil: locallyConstant,
    round: locallyConstant,
  };
}

/** Exact numbers: arithmetic modulo p, the laws of functions, and what is not taken for equal. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { unary as unaryPrimitives, type UnaryName } from "../../src/primitives/index.js";
import { dual } from "../../src/verify/dual.js";
import { same, type Exact } from "../../src/verify/exact.js";
import { exactField, type Field } from "../../src/verify/field.js";
import { drawPrimes, modular, Pole, Unlucky } from "../../src/verify/modular.js";
import { randomFrom } from "../../src/verify/random.js";

const random = randomFrom(5, "field");
/** A field whose `draw` gives one number. */
const drawing = (): Omit<Field, "draw"> & { readonly draw: (float: number) => Exact } => {
  const field = exactField(random);
  return { ...field, draw: (float) => field.draw("x", float)[0]! };
};

describe("modulo a prime", () => {
  const { p, q } = drawPrimes(random);
  const { add, multiply, inverse, power, root, embed } = modular(p);
  const element = fc.integer({ min: 0, max: p - 1 });
  test("adds and multiplies as integers do", () => {
    fc.assert(
      fc.property(element, element, (a, b) => {
        expect(multiply(a, b)).toBe(Number((BigInt(a) * BigInt(b)) % BigInt(p)));
        expect(add(a, b)).toBe((a + b) % p);
      }),
    );
    for (const [a, b] of [
      [p - 1, p - 1],
      [0, p - 1],
      [1, p - 1],
    ] as const)
      // prettier-ignore
      expect(multiply(a, b)).toBe(Number((BigInt(a) * BigInt(b)) % BigInt(p)));
  });
  test("divides", () => {
    fc.assert(
      fc.property(element, fc.integer({ min: 1, max: p - 1 }), (a, b) => {
        expect(multiply(multiply(a, inverse(b)), b)).toBe(a);
      }),
    );
    expect(() => inverse(0)).toThrow(Unlucky);
  });
  test("has the roots of small primes, none of -1, and squares of order q", () => {
    for (const small of [2, 3, 5, 7, 11, 13]) {
      const r = root(small) ?? NaN;
      expect(multiply(r, r)).toBe(small);
      expect(power(r, q)).toBe(1);
    }
    expect(root(p - 1)).toBeUndefined();
    expect(p).toBe(2 * q + 1);
  });
  test("holds every fraction", () => {
    expect(add(embed(1, 2), embed(1, 2))).toBe(1);
    expect(add(embed(-3), 3)).toBe(0);
    expect(multiply(embed(0.375), 8)).toBe(3);
    expect(() => embed(p)).toThrow(Unlucky);
  });
});

describe("laws", () => {
  /** Both sides at random positive numbers a < b, over several fields. */
  type Side = (f: Record<UnaryName, (a: Exact) => Exact> & Operations, a: Exact, b: Exact) => Exact;
  interface Operations {
    readonly plus: (...terms: readonly Exact[]) => Exact;
    readonly times: (...factors: readonly Exact[]) => Exact;
    readonly over: (a: Exact, b: Exact) => Exact;
    readonly raise: (a: Exact, b: Exact) => Exact;
    readonly n: (numerator: number, denominator?: number) => Exact;
    readonly pi: Exact;
    readonly e: Exact;
  }
  const holds = (left: Side, right: Side, sign: 1 | -1 = 1): boolean => {
    let outcome = true;
    for (let round = 0; round < 6; round++) {
      const { arithmetic, draw } = drawing();
      const { add, multiply, power, raise, rational, named, unary } = arithmetic;
      const names = Object.keys(unaryPrimitives) as readonly UnaryName[];
      const f = Object.fromEntries(names.map((name) => [name, unary(name)])) as Record<
        UnaryName,
        (a: Exact) => Exact
      >;
      const operations: Operations = {
        plus: (...terms) => terms.reduce(add),
        times: (...factors) => factors.reduce(multiply),
        over: (a, b) => multiply(a, power(b, -1)),
        raise: raise(),
        n: rational,
        pi: named("pi"),
        e: named("e"),
      };
      const [a, b] = [draw(sign * (0.3 + random.uniform())), draw(sign * (1.5 + random.uniform()))];
      const [x, y] = [left({ ...f, ...operations }, a, b), right({ ...f, ...operations }, a, b)];
      outcome &&= same(x, y);
      // whatever the field says, the floats are those of the functions
      if (outcome && sign > 0) expect(x.float).toBeCloseTo(y.float, 9);
    }
    return outcome;
  };
  const laws: readonly (readonly [string, Side, Side])[] = [
    ["exp(a + b) = exp(a)·exp(b)", (f, a, b) => f.exp(f.plus(a, b)), (f, a, b) => f.times(f.exp(a), f.exp(b))],
    ["exp(3a) = exp(a)³", (f, a) => f.exp(f.times(f.n(3), a)), (f, a) => f.raise(f.exp(a), f.n(3))],
    ["exp(a/2)² = exp(a)", (f, a) => f.square(f.exp(f.over(a, f.n(2)))), (f, a) => f.exp(a)],
    ["log(exp(a)) = a", (f, a) => f.log(f.exp(a)), (_, a) => a],
    ["log(exp(a)·exp(b)) = a + b", (f, a, b) => f.log(f.times(f.exp(a), f.exp(b))), (f, a, b) => f.plus(a, b)],
    ["exp(log(a) + b) = a·exp(b)", (f, a, b) => f.exp(f.plus(f.log(a), b)), (f, a, b) => f.times(a, f.exp(b))],
    ["exp(-2 log(a)) = a^-2", (f, a) => f.exp(f.times(f.n(-2), f.log(a))), (f, a) => f.raise(a, f.n(-2))],
    ["sqrt(a)² = a", (f, a) => f.square(f.sqrt(a)), (_, a) => a],
    ["sqrt(a + 1)⁴ = (a + 1)²", (f, a) => f.raise(f.sqrt(f.plus(a, f.n(1))), f.n(4)), (f, a) => f.square(f.plus(a, f.n(1)))],
    ["a^(-3/2) = 1/sqrt(a)³", (f, a) => f.raise(a, f.n(-3, 2)), (f, a) => f.over(f.n(1), f.raise(f.sqrt(a), f.n(3)))],
    ["a^(1/3)³ = a", (f, a) => f.raise(f.raise(a, f.n(1, 3)), f.n(3)), (_, a) => a],
    ["sqrt(8) = 2·sqrt(2)", (f) => f.sqrt(f.n(8)), (f) => f.times(f.n(2), f.sqrt(f.n(2)))],
    ["sqrt(2π) = sqrt(2)·sqrt(π)", (f) => f.sqrt(f.times(f.n(2), f.pi)), (f) => f.times(f.sqrt(f.n(2)), f.sqrt(f.pi))],
    ["sqrt(1/2) = 1/sqrt(2)", (f) => f.sqrt(f.n(1, 2)), (f) => f.over(f.n(1), f.sqrt(f.n(2)))],
    ["e^a = exp(a)", (f, a) => f.raise(f.e, a), (f, a) => f.exp(a)],
    ["a^b/a = a^(b - 1)", (f, a, b) => f.over(f.raise(a, b), a), (f, a, b) => f.raise(a, f.plus(b, f.n(-1)))],
    ["tanh(a) = 2σ(2a) - 1", (f, a) => f.tanh(a), (f, a) => f.plus(f.times(f.n(2), f.sigmoid(f.plus(a, a))), f.n(-1))],
    ["σ(-a) = 1 - σ(a)", (f, a) => f.sigmoid(f.times(f.n(-1), a)), (f, a) => f.plus(f.n(1), f.times(f.n(-1), f.sigmoid(a)))],
    ["exp(-softplus(a)) = σ(-a)", (f, a) => f.exp(f.times(f.n(-1), f.softplus(a))), (f, a) => f.sigmoid(f.times(f.n(-1), a))],
    ["softplus(a) - a = softplus(-a), by exp", (f, a) => f.exp(f.plus(f.softplus(a), f.times(f.n(-1), a))), (f, a) => f.exp(f.softplus(f.times(f.n(-1), a)))],
    ["cosh² - sinh² = 1", (f, a) => f.plus(f.square(f.cosh(a)), f.times(f.n(-1), f.square(f.sinh(a)))), (f) => f.n(1)],
    ["sin² + cos² = 1", (f, a) => f.plus(f.square(f.sin(a)), f.square(f.cos(a))), (f) => f.n(1)],
    ["tan = sin/cos", (f, a) => f.tan(a), (f, a) => f.over(f.sin(a), f.cos(a))],
    ["erf(-a) = -erf(a)", (f, a) => f.erf(f.times(f.n(-1), a)), (f, a) => f.times(f.n(-1), f.erf(a))],
    ["expm1(log1p(a)) = a", (f, a) => f.expm1(f.log1p(a)), (_, a) => a],
    ["a - a = 0 for abs", (f, a) => f.abs(f.plus(a, f.times(f.n(-1), a))), (f) => f.n(0)],
  ]; // prettier-ignore
  test.each(laws)("%s", (_, left, right) => expect(holds(left, right)).toBe(true));

  const falsehoods: readonly (readonly [string, Side, Side])[] = [
    ["exp(a·b) = exp(a)·exp(b)", (f, a, b) => f.exp(f.times(a, b)), (f, a, b) => f.times(f.exp(a), f.exp(b))],
    ["exp(a) = 1 + a", (f, a) => f.exp(a), (f, a) => f.plus(f.n(1), a)],
    ["sqrt(a + b) = sqrt(a) + sqrt(b)", (f, a, b) => f.sqrt(f.plus(a, b)), (f, a, b) => f.plus(f.sqrt(a), f.sqrt(b))],
    ["sin(a) = cos(a)", (f, a) => f.sin(a), (f, a) => f.cos(a)],
    ["erf(a) = tanh(a)", (f, a) => f.erf(a), (f, a) => f.tanh(a)],
    ["log(a) + log(b) = log(a + b)", (f, a, b) => f.plus(f.log(a), f.log(b)), (f, a, b) => f.log(f.plus(a, b))],
    ["π = 22/7", (f) => f.pi, (f) => f.n(22, 7)],
    ["e = 2.718281828459045", (f) => f.e, (f) => f.n(Math.E)],
    ["a·(1 + 1e-16) = a", (f, a) => f.times(a, f.plus(f.n(1), f.n(1, 1e16))), (_, a) => a],
  ]; // prettier-ignore
  test.each(falsehoods)("not %s", (_, left, right) => expect(holds(left, right)).toBe(false));

  test("the root of a square is its absolute value, not the number", () => {
    expect(
      holds(
        (f, a) => f.sqrt(f.square(a)),
        (_, a) => a,
        -1,
      ),
    ).toBe(false);
  });
});

describe("order", () => {
  test("is that of the floats; equal floats are equal numbers", () => {
    const { arithmetic, draw } = drawing();
    expect(draw(0.5)).toBe(draw(0.5));
    expect(arithmetic.compare("<")(draw(0.25), draw(0.5))).toBe(true);
    expect(arithmetic.binary("max")(draw(0.25), draw(0.5))).toBe(draw(0.5));
    expect(arithmetic.unary("relu")(draw(-1)).re).toBe(0);
    expect(arithmetic.unary("floor")(draw(-1.5)).float).toBe(-2);
    expect(arithmetic.binary("mod")(draw(7.5), draw(2)).float).toBe(1.5);
  });
  test("of what is too near to tell is no outcome of a draw", () => {
    const { arithmetic, draw } = drawing();
    const moved = arithmetic.multiply(draw(0.5), arithmetic.rational(1 + 2 ** -50));
    expect(() => arithmetic.less(draw(0.5), moved)).toThrow(Unlucky);
  });
  test("a comparison remembers which ways it went, a tie for itself", () => {
    const { arithmetic, draw, places } = drawing();
    const less = arithmetic.compare("<", "here");
    less(draw(1), draw(2));
    expect(places.site("compare", "here")).toMatchObject({ below: true, at: false, above: false });
    less(draw(2), draw(2));
    expect(places.site("compare", "here")).toMatchObject({ below: true, at: true, above: false });
  });
  test("an integer and a fraction are never equal, and a square is never below 0", () => {
    const { arithmetic, draw, places } = drawing();
    const { compare, rational, multiply } = arithmetic;
    compare("<", "count")(rational(3), rational(61, 2));
    expect(places.site("compare", "count")).toMatchObject({ below: true, apart: true });
    compare("<", "square")(multiply(draw(1.5), draw(1.5)), rational(0));
    expect(places.site("compare", "square")).toMatchObject({ above: true, atLeast: true, atMost: false });
  });
  test("a root and a logarithm of a fraction are what they are", () => {
    const { arithmetic, draw } = drawing();
    const { power, unary, rational, compare } = arithmetic;
    expect(compare("==", "tie")(power(draw(-Math.sqrt(2)), 2), rational(2))).toBe(true);
    expect(compare("<=", "tie")(unary("exp")(draw(Math.log(2))), rational(2))).toBe(true);
    expect(compare("==", "tie")(draw(1 / 3), rational(1, 3))).toBe(true);
  });
});

describe("infinity", () => {
  const { arithmetic, draw } = drawing();
  const infinite = arithmetic.rational(-Infinity);
  test("is below everything, and exp takes it to 0", () => {
    expect(arithmetic.less(infinite, draw(-9))).toBe(true);
    expect(arithmetic.unary("exp")(arithmetic.add(infinite, draw(1)))).toEqual(arithmetic.rational(0));
    expect(same(arithmetic.power(infinite, -1), arithmetic.rational(0))).toBe(true);
  });
  test("has no product with 0", () => {
    expect(() => arithmetic.multiply(infinite, arithmetic.rational(0))).toThrow(Pole);
  });
});

test("degrees bound those of the polynomials", () => {
  const { arithmetic, draw } = drawing();
  const { add, multiply, power } = arithmetic;
  const [x, y] = [draw(1.5), draw(2.5)];
  // (x² + y) / (x·y)
  const value = multiply(add(power(x, 2), y), power(multiply(x, y), -1));
  expect([value.degree, value.poles]).toEqual([2, 2]);
  expect(add(value, value)).toMatchObject({ degree: 4, poles: 4 });
});

test("duals over exact numbers: the derivative of x⁵/(1 + x²)", () => {
  const { arithmetic, draw } = drawing();
  const numbers = dual(arithmetic);
  const { rational, add, multiply, power } = arithmetic;
  const x = draw(0.7);
  const lifted = { value: x, tangent: rational(1) };
  const below = numbers.add(numbers.rational(1), numbers.power(lifted, 2));
  const y = numbers.multiply(numbers.power(lifted, 5), numbers.power(below, -1));
  // (3x⁶ + 5x⁴) / (1 + x²)²
  const top = add(multiply(rational(3), power(x, 6)), multiply(rational(5), power(x, 4)));
  expect(same(y.tangent, multiply(top, power(add(rational(1), power(x, 2)), -2)))).toBe(true);
});

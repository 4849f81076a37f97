/** Functions of the language that JavaScript's Math does not have; a generated file carries those that it uses. */

import { artanhTwice, erfOverU, erfcScaled, tanhOverU } from "../code/polynomials.js";
import { madeNames, namesOf, type Helper, type MadeHelper } from "../code/helpers.js";

const unary = (name: string, says: string, body: string): string =>
  `/** ${says} */\nfunction ${name}(u: number): number {\n${body}\n}`;
const binary = (name: string, says: string, body: string): string =>
  `/** ${says} */\nfunction ${name}(a: number, b: number): number {\n${body}\n}`;
/** Σ coefficients[i] zⁱ as `value`: even and odd powers by Horner's rule side by side, a line a coefficient. */
const polynomial = (coefficients: readonly number[]): string => {
  const horner = (name: string, first: number): readonly string[] => {
    const [highest, ...others] = coefficients.filter((_, i) => i % 2 === first).toReversed();
    return [`let ${name} = ${highest};`, ...others.map((c) => `${name} = ${name} * zz + ${c};`)];
  };
  const lines = [
    "const zz = z * z;",
    ...horner("even", 0),
    ...horner("odd", 1),
    "const value = even + odd * z;",
  ];
  return lines.join("\n");
};

const definitions = {
  fold: {
    source: `/** What \`next\` makes of \`start\` and the integers from..to-1, one after the other. */
    function fold<T>(from: number, to: number, start: T, next: (value: T, i: number) => T): T {
      let value = start;
      for (let i = from; i < to; i++) value = next(value, i);
      return value;
    }`,
  },
  mod: { source: binary("mod", "a - b ⌊a / b⌋: the sign is b's.", "return a - b * Math.floor(a / b);") },
  square: { source: unary("square", "u².", "return u * u;") },
  cube: { source: unary("cube", "u³.", "return u * u * u;") },
  relu: {
    // signs as random as a network's are guessed wrongly every other time; -inf times 0 would be NaN, and -1 times 0 is -0
    source: unary(
      "relu",
      "u where u > 0, else 0; without a branch, which a processor would have to guess.",
      "return Math.max(u, -Number.MAX_VALUE) * +(u > 0) + 0;",
    ),
  },
  fractionalPowers: {
    source: `/** 2^(i/2048). */
    const fractionalPowers = /* @__PURE__ */ Float64Array.from({ length: 2048 }, (_, i) => 2 ** (i / 2048));`,
  },
  wholePowers: {
    source: `/** 2^(i - 1077): from 0, below all doubles, to infinity. */
    const wholePowers = /* @__PURE__ */ Float64Array.from({ length: 2103 }, (_, i) => 2 ** (i - 1077));`,
  },
  exp: {
    needs: ["fractionalPowers", "wholePowers"],
    // With 2048 steps to a factor of 2 the rest is below 1.7e-4, where the cubic is off by less than 4e-17.
    source: `/** exp(u) = 2^(k/2048) exp(u - k ln 2 / 2048), to two units in the last place, in a quarter of Math.exp's time. */
    function exp(u: number): number {
      const v = u < -746 ? -746 : u > 710 ? 710 : u;
      // to the nearest integer: doubles near 1.5 * 2^52 have no fraction
      const nearest = v * 2954.639443740597 + 6755399441055744 - 6755399441055744;
      const k = nearest | 0;
      // ln 2 / 2048 in two parts, so that the first product is exact
      const rest = v - nearest * 0.0003384507713235507 - nearest * 4.3423507025813853e-13;
      const power = fractionalPowers[k & 2047]!;
      const value = power + power * (rest + rest * rest * (0.5 + rest * (1 / 6)));
      return value * wholePowers[(k >> 11) + 1077]!;
    }`,
  },
  sigmoid: {
    needs: ["exp"],
    source: unary(
      "sigmoid",
      "1 / (1 + exp(-u)); exp is only taken of what is at most 0, so nothing overflows.",
      `const power = exp(-Math.abs(u));
      return (u >= 0 ? 1 : power) / (1 + power);`,
    ),
  },
  tanh: {
    needs: ["exp"],
    // a Chebyshev approximation of tanh(u) / u in u² below 1/2: error 3e-18 before rounding
    source: unary(
      "tanh",
      "1 - 2 / (exp(2|u|) + 1) with the sign of u; near 0, where that cancels, a polynomial.",
      `const size = Math.abs(u);
      if (size < 0.5) {
        const z = u * u;
        ${polynomial(tanhOverU)}
        return u * value;
      }
      const far = 1 - 2 / (exp(2 * size) + 1);
      return u < 0 ? -far : far;`,
    ),
  },
  softplus: {
    needs: ["exp"],
    // a Chebyshev approximation of 2 artanh(r) / r in r² for r <= 1/3: error 3e-18 before rounding
    source: unary(
      "softplus",
      "log(1 + exp(u)) = max(u, 0) + log(1 + p) with p = exp(-|u|); log(1 + p) = 2 artanh(p / (2 + p)).",
      `const power = exp(-Math.abs(u));
      const ratio = power / (2 + power);
      const z = ratio * ratio;
      ${polynomial(artanhTwice)}
      return (u > 0 ? u : 0) + ratio * value;`,
    ),
  },
  roundEven: {
    source: unary(
      "roundEven",
      "The nearest integer; the even one of two that are equally near.",
      `const below = Math.floor(u);
      const rest = u - below;
      if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
      return below % 2 === 0 ? below : below + 1;`,
    ),
  },
  erfNear: {
    // Chebyshev approximation computed for this purpose: error 7e-18 before rounding
    source: unary(
      "erfNear",
      "erf(u) for |u| < 1: u times a polynomial in u².",
      `const z = u * u;
      ${polynomial(erfOverU)}
      return u * value;`,
    ),
  },
  erfcFar: {
    needs: ["exp"],
    // interpolated likewise, for u up to 27, where exp(-u²) ends: 9e-16 of its value
    source: unary(
      "erfcFar",
      "1 - erf(u) for u >= 1, however small: exp(-u²) times a polynomial in (u - 2.6) / (u + 3).",
      `const z = (u - 2.6) / (u + 3);
      ${polynomial(erfcScaled)}
      return exp(-u * u) * value;`,
    ),
  },
  erf: {
    needs: ["erfNear", "erfcFar"],
    source: unary(
      "erf",
      "The error function, 2/√π ∫₀ᵘ exp(-t²) dt, to double precision.",
      `const size = Math.abs(u);
      if (size < 1) return erfNear(u);
      if (size >= 6) return Math.sign(u);
      const rest = erfcFar(size);
      return u > 0 ? 1 - rest : rest - 1;`,
    ),
  },
  gelu: {
    needs: ["erf", "erfcFar"],
    source: unary(
      "gelu",
      "u/2 (1 + erf(u/√2)); far below 0, where that cancels, u/2 erfc(-u/√2).",
      `if (u < -39) return -0;
      if (u < -2) return 0.5 * u * erfcFar(-u * Math.SQRT1_2);
      return 0.5 * u * (1 + erf(u * Math.SQRT1_2));`,
    ),
  },
  gcd: {
    source: binary(
      "gcd",
      "The greatest common divisor.",
      `let [x, y] = [Math.abs(a), Math.abs(b)];
      while (y > 0) [x, y] = [y, x % y];
      return x;`,
    ),
  },
  inverse: {
    source: `/** The least x >= 0 with value x ≡ 1 (mod modulus), by Euclid's algorithm; 0 for modulus 1. */
    function inverse(value: number, modulus: number): number {
      let [r, next] = [modulus, value - modulus * Math.floor(value / modulus)];
      let [x, y] = [0, 1]; // value x ≡ r and value y ≡ next
      while (next > 0) {
        const quotient = Math.floor(r / next);
        [r, next] = [next, r - quotient * next];
        [x, y] = [y, x - quotient * y];
      }
      return x - modulus * Math.floor(x / modulus);
    }`,
  },
} as const satisfies Record<string, Helper>;

export type OwnHelper = keyof typeof definitions;
export type HelperName = OwnHelper | MadeHelper;
export const helpers: Readonly<Record<OwnHelper, Helper<OwnHelper>>> = definitions;
/** What they are called, those that are made too. */
export const helperNames: readonly string[] = [...namesOf(helpers), ...madeNames("typescript")];

/** Functions of the language that JavaScript's Math does not have; a generated file carries those that it uses. */

interface Helper {
  readonly source: string;
  readonly needs?: readonly HelperName[];
}

const unary = (name: string, says: string, body: string): string =>
  `/** ${says} */\nfunction ${name}(u: number): number {\n${body}\n}`;
const binary = (name: string, says: string, body: string): string =>
  `/** ${says} */\nfunction ${name}(a: number, b: number): number {\n${body}\n}`;

const definitions = {
  mod: { source: binary("mod", "a - b ⌊a / b⌋: the sign is b's.", "return a - b * Math.floor(a / b);") },
  lesser: { source: binary("lesser", "a where a < b, else b.", "return a < b ? a : b;") },
  greater: { source: binary("greater", "a where a > b, else b.", "return a > b ? a : b;") },
  square: { source: unary("square", "u².", "return u * u;") },
  cube: { source: unary("cube", "u³.", "return u * u * u;") },
  relu: { source: unary("relu", "u where u > 0, else 0.", "return u > 0 ? u : 0;") },
  sigmoid: {
    source: unary(
      "sigmoid",
      "1 / (1 + exp(-u)); exp is only taken of what is at most 0, so nothing overflows.",
      `if (u >= 0) return 1 / (1 + Math.exp(-u));
      const power = Math.exp(u);
      return power / (1 + power);`,
    ),
  },
  softplus: {
    source: unary(
      "softplus",
      "log(1 + exp(u)) = max(u, 0) + log1p(exp(-|u|)).",
      "return (u > 0 ? u : 0) + Math.log1p(Math.exp(-Math.abs(u)));",
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
  polynomial: {
    source: `/** Σ coefficients[i] uⁱ, by Horner's rule. */
    function polynomial(coefficients: readonly number[], u: number): number {
      let value = 0;
      for (let i = coefficients.length - 1; i >= 0; i--) value = value * u + coefficients[i]!;
      return value;
    }`,
  },
  erf: {
    needs: ["polynomial"],
    // Chebyshev approximations computed for this purpose: errors 7e-18 and 1e-17 before rounding.
    source: `/** erf(u) / u for |u| < 1, in u². */
    const erfNear: readonly number[] = [
      1.1283791670955126, -0.37612638903183543, 0.11283791670945006, -0.02686617064323777,
      0.0052239776071164225, -0.0008548325975389692, 0.00012055294904839707, -1.492473690741966e-5,
      1.6447424703317362e-6, -1.6208483801871705e-7, 1.3720064546777686e-8, -7.795898827002142e-10,
    ];
    /** exp(u²) (1 - erf(u)) for 1 <= u < 6, in (u - 2.6) / (u + 3). */
    const erfFar: readonly number[] = [
      0.20361324735670921, -0.389705572707498, 0.32149272577773125, -0.2113886651784879,
      0.10633943553867502, -0.036899624499834596, 0.005792396515528366, 0.0017089216222311613,
      -0.0010606977877579572, -6.390156511527656e-6, 0.00014210838207324227, -1.1426135923625864e-5,
      -2.1266741166960917e-5, 1.8228549408132454e-6, 3.36325337757418e-6,
    ];
    /** The error function, 2/√π ∫₀ᵘ exp(-t²) dt, to double precision. */
    function erf(u: number): number {
      const size = Math.abs(u);
      if (size < 1) return u * polynomial(erfNear, u * u);
      if (size >= 6) return Math.sign(u);
      const rest = Math.exp(-u * u) * polynomial(erfFar, (size - 2.6) / (size + 3));
      return u > 0 ? 1 - rest : rest - 1;
    }`,
  },
  gelu: {
    needs: ["erf"],
    source: unary("gelu", "u/2 (1 + erf(u/√2)).", "return 0.5 * u * (1 + erf(u * Math.SQRT1_2));"),
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
} as const satisfies Record<string, { source: string; needs?: readonly string[] }>;

export type HelperName = keyof typeof definitions;
const helpers: Readonly<Record<HelperName, Helper>> = definitions;
const isHelper = (name: string): name is HelperName => Object.hasOwn(definitions, name);
export const helperNames: readonly HelperName[] = Object.keys(definitions).filter(isHelper);

/** The sources of the helpers used and of those that they need, always in one order. */
export function helperSources(used: ReadonlySet<HelperName>): readonly string[] {
  const all = new Set<HelperName>();
  const include = (name: HelperName): void => {
    all.add(name);
    helpers[name].needs?.forEach(include);
  };
  used.forEach(include);
  return helperNames.filter((name) => all.has(name)).map((name) => helpers[name].source);
}

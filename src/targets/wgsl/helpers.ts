/** Functions of the language that WGSL lacks or computes too coarsely; a shader carries those that it uses. */

import { madeNames, namesOf, type MadeHelper, type Needing } from "../code/helpers.js";
import { block, type Lines } from "../code/lines.js";

type NumberType = "f32" | "i32";
export interface Helper<Name extends string = string> extends Needing<Name> {
  /** What it is called, where not by its name here. */
  readonly as?: string;
  readonly says: string;
  readonly parameters: Readonly<Record<string, NumberType>>;
  readonly result: NumberType;
  readonly body: Lines;
}
const unary = (says: string, ...body: Lines) =>
  ({ says, parameters: { u: "f32" }, result: "f32", body }) as const;
const binary = (says: string, ...body: Lines) =>
  ({ says, parameters: { a: "f32", b: "f32" }, result: "f32", body }) as const;
const integers = (says: string, ...body: Lines) =>
  ({ says, parameters: { a: "i32", b: "i32" }, result: "i32", body }) as const;
/** c0 + u (c1 + u (c2 + …)) */
const horner = (coefficients: readonly number[], u: string): string =>
  coefficients.reduceRight((inner, c) => (inner === "" ? `${c}` : `${c} + ${u} * (${inner})`), "");

const definitions = {
  floorDivide: {
    ...integers(
      "⌊a / b⌋; WGSL's own division rounds towards zero.",
      "let quotient = a / b;",
      "return select(quotient, quotient - 1, (a % b != 0) & ((a < 0) != (b < 0)));",
    ),
  },
  modulo: {
    needs: ["floorDivide"],
    ...integers("a - b ⌊a / b⌋: the sign is b's.", "return a - b * floorDivide(a, b);"),
  },
  integerPower: {
    ...integers(
      "aᵇ for b >= 0.",
      "var result = 1;",
      block("for (var i = 0; i < b; i++) {", ["result *= a;"]),
      "return result;",
    ),
  },
  realModulo: {
    ...binary(
      "a - b ⌊a / b⌋, mended where the quotient was rounded across an integer.",
      "var rest = a - b * floor(a / b);",
      block("if (rest * b < 0.0) {", ["rest += b;"]),
      block("if (abs(rest) >= abs(b)) {", ["rest -= b;"]),
      "return rest;",
    ),
  },
  lesser: {
    ...binary("a where a < b or a is NaN, else b.", "return select(b, a, (a < b) | !(a == a));"),
  },
  greater: {
    ...binary("a where a > b or a is NaN, else b.", "return select(b, a, (a > b) | !(a == a));"),
  },
  square: { ...unary("u².", "return u * u;") },
  cube: { ...unary("u³.", "return u * u * u;") },
  wholePower: {
    says: "uⁿ by repeated squaring: u may be negative.",
    parameters: { u: "f32", n: "i32" },
    result: "f32",
    body: [
      "var result = 1.0;",
      "var factor = u;",
      block("for (var rest = abs(n); rest > 0; rest /= 2) {", [
        block("if (rest % 2 == 1) {", ["result *= factor;"]),
        "factor *= factor;",
      ]),
      "return select(result, 1.0 / result, n < 0);",
    ],
  },
  power: {
    ...binary(
      "aᵇ; a may be negative where b is an integer, else it has no value.",
      block("if (b == 0.0) {", ["return 1.0;"]),
      block("if (a == 0.0) {", ["return select(0.0, 1.0 / abs(a), b < 0.0);"]),
      "let size = pow(abs(a), b);",
      block("if (a > 0.0) {", ["return size;"]),
      "let half = 0.5 * b;",
      block("if (floor(b) != b) {", ["return sqrt(a);"]),
      "return select(-size, size, floor(half) == half);",
    ),
  },
  relu: { ...unary("0 where u <= 0, else u.", "return select(u, 0.0, u <= 0.0);") },
  sigmoid: {
    ...unary(
      "1 / (1 + exp(-u)); exp is only taken of what is at most 0, so nothing overflows.",
      "let power = exp(-abs(u));",
      "return select(power, 1.0, u >= 0.0) / (1.0 + power);",
    ),
  },
  logarithm: {
    ...unary(
      "log(u): -∞ at 0 and no number below, for which WGSL's own may be anything.",
      "return select(-1.0 / sqrt(u), log(u), u > 0.0);",
    ),
  },
  log1p: {
    needs: ["logarithm"],
    // log(1 + u) = 2 artanh(u / (2 + u))
    ...unary(
      "log(1 + u).",
      "let t = u / (2.0 + u);",
      "let tt = t * t;",
      `let near = 2.0 * t * (${horner([1, 1 / 3, 1 / 5, 1 / 7, 1 / 9], "tt")});`,
      "return select(logarithm(1.0 + u), near, abs(u) < 0.3);",
    ),
  },
  expm1: {
    ...unary(
      "exp(u) - 1.",
      `let near = u * (${horner([1, 1 / 2, 1 / 6, 1 / 24, 1 / 120, 1 / 720, 1 / 5040], "u")});`,
      "return select(exp(u) - 1.0, near, abs(u) < 0.35);",
    ),
  },
  softplus: {
    needs: ["log1p"],
    ...unary(
      "log(1 + exp(u)) = max(u, 0) + log1p(exp(-|u|)).",
      "return select(0.0, u, u > 0.0) + log1p(exp(-abs(u)));",
    ),
  },
  hyperbolicTangent: {
    needs: ["expm1"],
    ...unary(
      "tanh(u) = (exp(2u) - 1) / (exp(2u) + 1).",
      "let e = expm1(2.0 * abs(u));",
      "return sign(u) * select(e / (e + 2.0), 1.0, abs(u) > 10.0);",
    ),
  },
  hyperbolicSine: {
    needs: ["expm1"],
    ...unary(
      "sinh(u) = (exp(u) - exp(-u)) / 2.",
      "let e = expm1(abs(u));",
      "let half = exp(0.5 * abs(u));",
      "return sign(u) * select(0.5 * half * half, 0.5 * (e + e / (e + 1.0)), abs(u) < 10.0);",
    ),
  },
  hyperbolicCosine: {
    ...unary(
      "cosh(u) = (exp(u) + exp(-u)) / 2.",
      "let half = exp(0.5 * abs(u));",
      "return 0.5 * half * half + 0.5 / (half * half);",
    ),
  },
  turned: {
    says: "cos(u + q π/2). u is brought into -π/4..π/4 by a multiple of π/2 in three parts.",
    parameters: { u: "f32", q: "i32" },
    result: "f32",
    body: [
      "let k = round(u * 0.6366197723675814);",
      "let r = ((u - k * 1.5703125) - k * 4.837512969970703e-4) - k * 7.549789948768648e-8;",
      "let rr = r * r;",
      `let s = r * (${horner([1, -1 / 6, 1 / 120, -1 / 5040], "rr")});`,
      `let c = ${horner([1, -1 / 2, 1 / 24, -1 / 720, 1 / 40320], "rr")};`,
      "let quarter = (i32(k) + q) & 3;",
      "return select(1.0, -1.0, (quarter == 1) | (quarter == 2)) * select(c, s, (quarter & 1) == 1);",
    ],
  },
  sine: {
    needs: ["turned"],
    ...unary("sin(u) = cos(u - π/2).", "return turned(u, 3);"),
  },
  cosine: { needs: ["turned"], ...unary("cos(u).", "return turned(u, 0);") },
  arcTangent: {
    ...unary(
      "atan(u), by atan(a) = π/2 - atan(1/a) and atan(a) = π/4 + atan((a - 1) / (a + 1)).",
      "let size = abs(u);",
      "let a = select(size, 1.0 / size, size > 1.0);",
      "let far = a > 0.4142135623730951;",
      "let t = select(a, (a - 1.0) / (a + 1.0), far);",
      "let tt = t * t;",
      `let near = t * (${horner([1, -1 / 3, 1 / 5, -1 / 7, 1 / 9, -1 / 11, 1 / 13], "tt")});`,
      "let angle = near + select(0.0, 0.7853981633974483, far);",
      "return sign(u) * select(angle, 1.5707963267948966 - angle, size > 1.0);",
    ),
  },
  arcTangent2: {
    needs: ["arcTangent"],
    ...binary(
      "The angle of the point (b, a).",
      block("if (b == 0.0) {", ["return sign(a) * 1.5707963267948966;"]),
      "let angle = arcTangent(a / b);",
      "return angle + select(0.0, select(-3.141592653589793, 3.141592653589793, a >= 0.0), b < 0.0);",
    ),
  },
  erf: {
    // erf(u)/u as a polynomial in u² to 4e-8, from 1 on erfc(u) as a polynomial's -8th power to 1.2e-8 of 1: no exp. Both fitted by weighted least squares
    ...unary(
      "The error function, 2/√π ∫₀ᵘ exp(-t²) dt, to 2e-7 of its value.",
      "let a = select(abs(u), 6.0, abs(u) > 6.0);",
      "let uu = u * u;",
      `let near = u * (${horner(
        [1.1283791287, -0.3761235599, 0.1128041335, -0.0267177476, 0.00492482997, -0.000566030301],
        "uu",
      )});`,
      `let p = ${horner(
        [
          0.996377959, 0.159718779, 0.0484199106, 0.074802997, -0.0337025119, 0.0179992818, -0.00405222149,
          0.000547898315,
        ],
        "a",
      )};`,
      "let p2 = p * p;",
      "let p4 = p2 * p2;",
      "return select(sign(u) * (1.0 - 1.0 / (p4 * p4)), near, a < 1.0);",
    ),
  },
  gelu: {
    needs: ["erf"],
    // erfc(a) is exp(-a²) times a polynomial in (a - 2.6)/(a + 3) to 6e-8 of its value for 1 <= a <= 11, interpolated
    ...unary(
      "u/2 (1 + erf(u/√2)); far below 0, where that cancels, u/2 erfc(-u/√2).",
      "let near = 0.5 * u * (1.0 + erf(u * 0.7071067811865476));",
      "let t = clamp(u, -15.0, -1.5);",
      "let a = t * -0.7071067811865476;",
      "let z = (a - 2.6) / (a + 3.0);",
      `let far = 0.5 * t * exp(-0.5 * t * t) * (${horner(
        [
          0.203613248, -0.389705569, 0.321492609, -0.211388938, 0.106342605, -0.0368956598, 0.00576181934,
          0.00169252193, -0.000943092666,
        ],
        "z",
      )});`,
      "return select(near, far, u < -2.0);",
    ),
  },
} as const satisfies Record<string, Helper>;

export type OwnHelper = keyof typeof definitions;
export type HelperName = OwnHelper | MadeHelper;
export const helpers: Readonly<Record<OwnHelper, Helper<OwnHelper>>> = definitions;
/** What they are called, those that are made too. */
export const helperNames: readonly string[] = [...namesOf(helpers), ...madeNames("wgsl")];
/** The helper's name for four numbers at once. */
export const fourOf = (name: string): string => `${name}4`;
export const takenByHelpers: readonly string[] = [...helperNames, ...helperNames.map(fourOf)];

export function functionLines(name: string, { as = name, says, parameters, result, body }: Helper): Lines {
  const takes = Object.entries(parameters).map(([p, type]) => `${p}: ${type}`);
  return [`// ${says}`, block(`fn ${as}(${takes.join(", ")}) -> ${result} {`, body)];
}
/** Lane by lane: what depends on each number alone has no shorter form. */
export function lanesLines(name: string, { as = name, parameters }: Helper): Lines {
  const entries = Object.entries(parameters);
  const takes = entries.map(([p, type]) => `${p}: ${type === "f32" ? "vec4<f32>" : type}`).join(", ");
  const lanes = ["x", "y", "z", "w"].map((lane) => {
    const given = entries.map(([p, type]) => (type === "f32" ? `${p}.${lane}` : p)).join(", ");
    return `${as}(${given})`;
  });
  return [
    `// ${as} of each lane.`,
    block(`fn ${fourOf(as)}(${takes}) -> vec4<f32> {`, [`return vec4<f32>(${lanes.join(", ")});`]),
  ];
}

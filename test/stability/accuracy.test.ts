/**
 * Values and derivatives at arguments from -1e4 to 1e4, on every target, against arithmetic of 80 digits: what overflows or
 * cancels as it is written is computed by its stable equal (LANGUAGE, section 6).
 */
import { all, create, type BigNumber } from "mathjs";
import { describe, expect, it } from "vitest";
import { everywhere } from "../support/everywhere.js";

const math = create(all ?? {}, { number: "BigNumber", precision: 80 });
const big = (value: number | string): BigNumber => math.bignumber(value);
const exp = (u: BigNumber): BigNumber => math.exp(u);
/** ln(1 + e), by e - e²/2 where 80 digits do not tell 1 + e from 1. */
const log1p = (e: BigNumber): BigNumber =>
  e.abs().lt("1e-30") ? e.minus(e.pow(2).div(2)).plus(e.pow(3).div(3)) : math.log(e.plus(1));
/** The logistic function and softplus, to 80 digits wherever they are. */
math.import({
  sigma: (u: BigNumber) => big(1).div(exp(u.neg()).plus(1)),
  rho: (u: BigNumber) => (u.gt(0) ? u : big(0)).plus(log1p(exp(u.abs().neg()))),
  lessOne: (u: BigNumber) => (u.abs().lt("1e-20") ? u.plus(u.pow(2).div(2)) : exp(u).minus(1)),
});

interface Line {
  /** A formula of x, and of what `names` say. */
  readonly formula: string;
  readonly names?: Readonly<Record<string, string>>;
  /** The same by functions of 80 digits; the slope not where it is a difference that comes to nothing. */
  readonly value: string;
  readonly slope?: string;
  /** The argument of the exponential, for x. */
  readonly times?: number;
}
const softplus = { value: "rho(x)", slope: "sigma(x)" };
const logistic = { value: "sigma(x)", slope: "sigma(x)*sigma(-x)" };
const falling = { value: "sigma(-x)", slope: "-sigma(x)*sigma(-x)" };
const logarithm = { value: "-rho(-x)", slope: "sigma(-x)" };
const complement = { value: "-rho(x)", slope: "-sigma(x)" };
const tanh = { value: "lessOne(2*x)/(exp(2*x) + 1)", slope: "4*sigma(2*x)*sigma(-2*x)", times: 2 };
const lines: readonly Line[] = [
  { formula: "log(1 + exp(x))", ...softplus },
  { formula: "log(exp(5*x) + 1)/5", value: "rho(5*x)/5", slope: "sigma(5*x)", times: 5 },
  { formula: "log1p(exp(x))", ...softplus },
  { formula: "softplus(x)", ...softplus },
  { formula: "log(sigmoid(x))", ...logarithm },
  { formula: "log(1 - sigmoid(x))", ...complement },
  { formula: "sigmoid(x)", ...logistic },
  { formula: "1 - sigmoid(x)", ...falling },
  { formula: "1/(1 + exp(-x))", ...logistic },
  { formula: "1/(1 + exp(-25*x))", value: "sigma(25*x)", slope: "25*sigma(25*x)*sigma(-25*x)", times: 25 },
  { formula: "exp(x)/(1 + exp(x))", ...logistic },
  { formula: "exp(x)/(1 + exp(x))^2", value: "sigma(x)*sigma(-x)" },
  { formula: "exp(x)/(exp(x) + exp(-x))", value: "sigma(2*x)", slope: "2*sigma(2*x)*sigma(-2*x)", times: 2 },
  { formula: "exp(x)/(exp(x) + exp(-x) + 1)", value: "1/(1 + exp(-2*x) + exp(-x))", times: 2 },
  { formula: "log(exp(x) + exp(3*x))", value: "x + rho(2*x)", slope: "1 + 2*sigma(2*x)", times: 3 },
  { formula: "log(exp(x) + exp(-x) + 1)", value: "log(exp(x) + exp(-x) + 1)" },
  { formula: "log(2 + exp(x))", value: "log(2 + exp(x))", slope: "1/(1 + 2*exp(-x))" },
  { formula: "(exp(x) - exp(-x))/(exp(x) + exp(-x))", ...tanh },
  { formula: "(1 - exp(-2*x))/(1 + exp(-2*x))", ...tanh },
  { formula: "tanh(x)", ...tanh },
  {
    formula: "1 - tanh(x)^2",
    value: "4*sigma(2*x)*sigma(-2*x)",
    slope: "-8*sigma(2*x)*sigma(-2*x)*lessOne(2*x)/(exp(2*x) + 1)",
    times: 2,
  },
  { formula: "sigmoid(x)*(1 - sigmoid(x))", value: "sigma(x)*sigma(-x)" },
  { formula: "-log(1/(1 + exp(-x)))", value: "rho(-x)", slope: "-sigma(-x)" },
  { formula: "exp(x) - 1", value: "lessOne(x)", slope: "exp(x)" },
  { formula: "log(1 + exp(x)) - x", value: "rho(-x)", slope: "-sigma(-x)" },
  { formula: "exp(-x)*sigmoid(x)", ...falling },
  { formula: "log(p)", names: { p: "sigmoid(x)" }, ...logarithm },
  { formula: "log(1 - p)", names: { p: "sigmoid(x)" }, ...complement },
  { formula: "log(p)", names: { p: "1/(1 + exp(-x))" }, ...logarithm },
  { formula: "log(q/(1 + q))", names: { q: "exp(x)" }, ...logarithm },
  { formula: "q/(1 + q)", names: { q: "exp(x)" }, ...logistic },
  { formula: "log(1 + q)", names: { q: "exp(x)" }, ...softplus },
  { formula: "p*(1 - p)", names: { p: "sigmoid(x)" }, value: "sigma(x)*sigma(-x)" },
  { formula: "1 - t^2", names: { t: "tanh(x)" }, value: "4*sigma(2*x)*sigma(-2*x)", times: 2 },
];
const magnitudes = [1e-6, 1e-3, 0.1, 0.7, 1.5, 3, 8, 12, 17, 20, 30, 36.5, 50, 88, 100, 300, 700, 1000, 1e4];
const points = magnitudes.flatMap((m) => [m, -m]).map(Math.fround);

const at = (formula: string, x: number): BigNumber => math.evaluate(formula, { x: big(x) }) as BigNumber;

const groups = Array.from({ length: Math.ceil(lines.length / 9) }, (_, i) => lines.slice(9 * i, 9 * i + 9));
describe.each(groups.map((group) => ({ group, title: group.map((l) => l.formula).join(", ") })))(
  "$title",
  ({ group }) => {
    it("is computed to the accuracy of its type", async () => {
      const text = [
        ...group.map((_, i) => `input x${i}[N]\noutput y${i}[N]`),
        ...group.flatMap(({ formula, names = {} }, i) => {
          const own = (f: string): string =>
            f.replaceAll(/\bx\b/gu, `x${i}[n]`).replaceAll(/\b([pqt])\b/gu, `$1${i}[n]`);
          return [
            ...Object.entries(names).map(([name, f]) => `${name}${i}[n] = ${own(f)}`),
            `y${i}[n] = ${own(formula)}`,
          ];
        }),
      ].join("\n");
      const values = Object.fromEntries(
        group.flatMap((_, i) => [
          [`x${i}`, points],
          [`dy${i}`, points.map(() => 1)],
        ]),
      );
      const found = await everywhere(text, { sizes: { N: points.length }, values });
      const wrong: string[] = [];
      for (const { by, values: results } of found.filter((f) => f.by !== "reference"))
        group.forEach((line, i) =>
          points.forEach((x, n) => {
            for (const [name, formula] of [
              [`y${i}`, line.value],
              ...(line.slope === undefined ? [] : [[`dx${i}`, line.slope] as const]),
            ] as const) {
              const got = results[name]?.[n] ?? NaN;
              const expected = at(formula, x);
              if (!isNear(got, expected, Math.abs(x) * (line.times ?? 1), by.endsWith("f32")))
                wrong.push(
                  `${by} ${line.formula} at ${x}: ${name} is ${got}, not ${expected.toPrecision(9)}`,
                );
            }
          }),
        );
      expect(wrong).toEqual([]);
    });
  },
);

/** Within 1e-6·(1 + |u|) in float32 and 1e-13·(1 + |u|) in float64, down to the smallest normal number and up to the greatest. */
function isNear(got: number, expected: BigNumber, u: number, inFloat32: boolean): boolean {
  const [accuracy, least, most] = inFloat32 ? [1e-6, 1.18e-38, 3.4e38] : [1e-13, 2.3e-308, 1.79e308];
  const size = expected.abs();
  if (size.gt(most)) return Math.abs(got) >= most / 2;
  if (size.lt(least)) return Math.abs(got) <= 2 * least;
  return (
    Number.isFinite(got) &&
    big(got)
      .minus(expected)
      .abs()
      .lte(size.times(accuracy * (1 + u)))
  );
}

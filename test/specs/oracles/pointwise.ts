/** Activations: value and derivative as in the textbooks. */
import { grid } from "./grid.js";
import { oracle } from "./oracle.js";
import type { Oracle } from "./oracle.js";

const sigmoid = (u: number): number => 1 / (1 + Math.exp(-u));
/** erf(x) = 2/√π · exp(-x²) · Σ 2ⁿ x²ⁿ⁺¹ / (1·3·…·(2n+1)). */
export function erf(x: number): number {
  let [term, sum] = [x, x];
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}
const cdf = (x: number): number => (1 + erf(x / Math.SQRT2)) / 2;
const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);

type Curve = (x: number, param: number) => number;
function activation(layer: string, value: Curve, slope: Curve, param?: [string, ...number[]]): Oracle {
  const [name = "", ...values] = param ?? [];
  return oracle<string, "x", "y">({
    layer,
    cases: [{ N: 12 }, { N: 1 }, ...values.map((v) => ({ N: 5, [name]: v }))],
    given: ({ N = 0 }) => ({ x: [N] }),
    forward: (s, { x }) => ({
      y: grid(
        x.shape,
        x.data.map((v) => value(v, s[name] ?? defaults[layer] ?? 0)),
      ),
    }),
    backward: (s, { x, dy }) => ({
      dx: grid(
        x.shape,
        x.data.map((v, i) => (dy.data[i] ?? 0) * slope(v, s[name] ?? defaults[layer] ?? 0)),
      ),
    }),
  });
}
const defaults: Readonly<Record<string, number>> = { leaky_relu: 0.01, elu: 1 };

export const pointwise: readonly Oracle[] = [
  activation(
    "relu",
    (x) => (x > 0 ? x : 0),
    (x) => (x > 0 ? 1 : 0),
  ),
  activation("sigmoid", sigmoid, (x) => sigmoid(x) * (1 - sigmoid(x))),
  activation("tanh", Math.tanh, (x) => 1 - Math.tanh(x) ** 2),
  activation(
    "gelu",
    (x) => x * cdf(x),
    (x) => cdf(x) + x * density(x),
  ),
  activation(
    "silu",
    (x) => x * sigmoid(x),
    (x) => sigmoid(x) * (1 + x * (1 - sigmoid(x))),
  ),
  activation("softplus", (x) => Math.log(1 + Math.exp(x)), sigmoid),
  activation(
    "leaky_relu",
    (x, slope) => (x > 0 ? x : slope * x),
    (x, slope) => (x > 0 ? 1 : slope),
    ["slope", 0.2, -1],
  ),
  activation(
    "elu",
    (x, alpha) => (x > 0 ? x : alpha * (Math.exp(x) - 1)),
    (x, alpha) => (x > 0 ? 1 : alpha * Math.exp(x)),
    ["alpha", 0.5],
  ),
  oracle({
    layer: "dropout",
    cases: [
      { N: 12, p: 0.5 },
      { N: 5, p: 0.1 },
    ],
    given: ({ N }) => ({ x: [N], mask: [N] }),
    forward: ({ p }, { x, mask }) => ({
      y: grid(
        x.shape,
        x.data.map((v, i) => (v * (mask.data[i] ?? 0)) / (1 - p)),
      ),
    }),
    backward: ({ p }, { x, mask, dy }) => ({
      dx: grid(
        x.shape,
        dy.data.map((d, i) => (d * (mask.data[i] ?? 0)) / (1 - p)),
      ),
    }),
  }),
];

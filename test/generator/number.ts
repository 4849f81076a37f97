/**
 * Numbers with their derivatives by every element of the differentiated tensors, and with the rounding of a type:
 * an operation whose result is not exact is off by a random part of `noise`. What a few such evaluations are apart is what
 * rounding does to a formula at a point, a branch that it turns included.
 */
import type { Random } from "../../src/verify/random.js";

export interface Value {
  readonly v: number;
  /** null where it depends on nothing that is differentiated. */
  readonly t: Float64Array | null;
}
type Part = readonly [partial: number, of: Value];

/** Multiples of 2⁻¹⁰ below 2¹⁰ are exact in float32, and so are their sums. */
const isShort = (v: number): boolean => Math.abs(v) < 1024 && Number.isInteger(v * 1024);

export class Numbers {
  /** The greatest magnitude met. */
  largest = 0;
  /** Whether a number on the way was none, or a derivative not finite: the chain rule then multiplies it by zeros. */
  singular = false;
  private readonly count: number;
  private readonly noise: number;
  private readonly random: Random;

  /** @param count of elements that derivatives are taken by */
  constructor(count: number, noise: number, random: Random) {
    this.count = count;
    this.noise = noise;
    this.random = random;
  }

  constant = (v: number): Value => ({ v, t: null });
  /** Element `id` of those that derivatives are taken by. */
  variable(v: number, id: number): Value {
    const t = new Float64Array(this.count);
    t[id] = 1;
    return { v, t };
  }

  private disturbed = (v: number): number =>
    this.noise === 0 ? v : v * (1 + this.noise * (2 * this.random.uniform() - 1));

  private made(v: number, exact: boolean, ...parts: readonly Part[]): Value {
    let t: Float64Array | null = null;
    for (const [partial, { t: inner }] of parts) {
      if (!inner) continue;
      t ??= new Float64Array(this.count);
      if (!Number.isFinite(partial)) {
        this.singular = true;
        // a derivative that is not finite spoils the whole, whatever it is multiplied by
        t.fill(NaN);
        continue;
      }
      const factor = partial === 1 || partial === -1 || partial === 0 ? partial : this.disturbed(partial);
      for (let i = 0; i < t.length; i++) {
        const each = inner[i] ?? 0;
        if (each !== 0) t[i] = (t[i] ?? 0) + factor * each;
      }
    }
    if (Number.isNaN(v)) this.singular = true;
    const size = Math.abs(v);
    if (size > this.largest && size < Infinity) this.largest = size;
    return { v: exact ? v : this.disturbed(v), t };
  }

  add = (a: Value, b: Value): Value => this.made(a.v + b.v, isShort(a.v + b.v), [1, a], [1, b]);
  subtract = (a: Value, b: Value): Value => this.made(a.v - b.v, isShort(a.v - b.v), [1, a], [-1, b]);
  multiply = (a: Value, b: Value): Value => this.made(a.v * b.v, isShort(a.v * b.v), [b.v, a], [a.v, b]);
  divide = (a: Value, b: Value): Value =>
    this.made(
      a.v / b.v,
      Number.isInteger(Math.log2(Math.abs(b.v))) || a.v === 0,
      [1 / b.v, a],
      [-a.v / (b.v * b.v), b],
    );
  negative = (a: Value): Value => this.made(-a.v, true, [-1, a]);
  stop = ({ v }: Value): Value => ({ v, t: null });

  /** A power with derivative 0 by a base to the 0, and by an exponent where a base of 0 has a positive one. */
  power(a: Value, b: Value): Value {
    const v = a.v ** b.v;
    const byBase = b.v === 0 ? 0 : b.v * a.v ** (b.v - 1);
    const byExponent = a.v === 0 && b.v > 0 ? 0 : v * Math.log(a.v);
    return this.made(v, isShort(v) && Number.isInteger(b.v) && b.v >= 0, [byBase, a], [byExponent, b]);
  }

  call(name: string, args: readonly Value[]): Value {
    const [a, b] = args as readonly [Value, Value?];
    if (b) return this.pair(name, a, b);
    const x = a.v;
    const one = this.constant(1);
    // slopes are rounded as they are computed from the value
    const function_ = (v: number, slope: number): Value => this.made(v, v === 0 || v === 1, [slope, a]);
    switch (name) {
      case "exp":
        return function_(Math.exp(x), Math.exp(x));
      case "log":
        return function_(Math.log(x), 1 / x);
      case "log1p":
        return function_(Math.log1p(x), 1 / (1 + x));
      case "expm1":
        return function_(Math.expm1(x), Math.exp(x));
      case "sqrt":
        return function_(Math.sqrt(x), 0.5 / Math.sqrt(x));
      case "square":
        return this.multiply(a, a);
      case "abs":
        return this.made(Math.abs(x), true, [Math.sign(x), a]);
      case "relu":
        return x > 0 || Number.isNaN(x) ? this.made(x, true, [1, a]) : this.made(0, true, [0, a]);
      case "sign":
        return this.constant(Math.sign(x));
      case "floor":
        return this.constant(Math.floor(x));
      case "ceil":
        return this.constant(Math.ceil(x));
      case "round":
        return this.constant(toEven(x));
      case "sin":
        return function_(Math.sin(x), Math.cos(x));
      case "cos":
        return function_(Math.cos(x), -Math.sin(x));
      case "tan":
        return function_(Math.tan(x), 1 / Math.cos(x) ** 2);
      case "tanh":
        return function_(Math.tanh(x), 1 - this.disturbed(Math.tanh(x)) ** 2);
      case "sinh":
        return function_(Math.sinh(x), Math.cosh(x));
      case "cosh":
        return function_(Math.cosh(x), Math.sinh(x));
      case "asin":
        return function_(Math.asin(x), 1 / Math.sqrt(1 - x * x));
      case "acos":
        return function_(Math.acos(x), -1 / Math.sqrt(1 - x * x));
      case "atan":
        return function_(Math.atan(x), 1 / (1 + x * x));
      case "sigmoid":
        return function_(sigmoid(x), sigmoid(x) * (1 - this.disturbed(sigmoid(x))));
      case "softplus":
        return function_(Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), sigmoid(x));
      case "erf":
        return function_(erf(x), (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x));
      case "gelu": {
        const tail = this.add(one, this.call("erf", [this.divide(a, this.constant(Math.SQRT2))]));
        return this.divide(this.multiply(a, tail), this.constant(2));
      }
      case "stop":
        return this.stop(a);
      default:
        throw new Error(`no function ${name}`);
    }
  }

  private pair(name: string, a: Value, b: Value): Value {
    switch (name) {
      case "max":
        return Number.isNaN(a.v + b.v) ? this.made(NaN, true, [NaN, a], [NaN, b]) : a.v > b.v ? a : b;
      case "min":
        return Number.isNaN(a.v + b.v) ? this.made(NaN, true, [NaN, a], [NaN, b]) : a.v < b.v ? a : b;
      case "mod": {
        const whole = Math.floor(a.v / b.v);
        const v = a.v - b.v * whole;
        return this.made(v, isShort(v), [1, a], [-whole, b]);
      }
      case "atan2": {
        const square = a.v * a.v + b.v * b.v;
        return this.made(Math.atan2(a.v, b.v), a.v === 0, [b.v / square, a], [-a.v / square, b]);
      }
      default:
        throw new Error(`no function ${name} of two numbers`);
    }
  }
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const toEven = (x: number): number => {
  const below = Math.floor(x);
  if (x - below !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
};

/** 2/√π e^(-x²) Σ 2ⁿ x^(2n+1) / (1·3·…·(2n+1)): all terms have one sign. */
function erf(x: number): number {
  if (Number.isNaN(x)) return NaN;
  if (Math.abs(x) > 6) return Math.sign(x);
  let [term, total] = [x, x];
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(total); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    total += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total;
}

/** Real functions that JavaScript lacks, in float64. */

const twoOverSqrtPi = 2 / Math.sqrt(Math.PI);

/** erf(x) = 2/√π · e^(-x²) · Σₙ 2ⁿ x^(2n+1) / (2n+1)!!: every term has the sign of x, so nothing cancels. */
function erfSeries(x: number): number {
  let term = x;
  let total = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(total); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    total += term;
  }
  return twoOverSqrtPi * Math.exp(-x * x) * total;
}

/** erfc(x) = e^(-x²)/√π · 1/(x + (1/2)/(x + 1/(x + (3/2)/(x + …)))) for x well above zero. */
function erfcFraction(x: number): number {
  let tail = x;
  for (let n = 60; n >= 1; n--) tail = x + n / 2 / tail;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * tail);
}

/** The error function. */
export function erf(x: number): number {
  if (Number.isNaN(x)) return x;
  if (Math.abs(x) < 2.5) return x === 0 ? x : erfSeries(x);
  const value = x > 6 || x < -6 ? 1 : 1 - erfcFraction(Math.abs(x));
  return x > 0 ? value : -value;
}

/** 1 - erf(x), to full relative accuracy for positive x too. */
export const erfc = (x: number): number =>
  x >= 2.5 ? erfcFraction(x) : x <= -2.5 ? 2 - erfcFraction(-x) : 1 - erf(x);

/** u·Φ(u), Φ the standard normal distribution function. */
export const gelu = (u: number): number => (u === -Infinity ? 0 : 0.5 * u * erfc(-u * Math.SQRT1_2));

/** 1 / (1 + e^-u) without overflow. */
export function sigmoid(u: number): number {
  const small = Math.exp(-Math.abs(u));
  return (u >= 0 ? 1 : small) / (1 + small);
}

/** log(1 + e^u) without overflow. */
export const softplus = (u: number): number => (u > 0 ? u : 0) + Math.log1p(Math.exp(-Math.abs(u)));

/** To the nearest integer, halves to the even one. */
export function roundToEven(u: number): number {
  const below = Math.floor(u);
  const fraction = u - below;
  if (fraction !== 0.5) return fraction < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}

/** a - b·⌊a/b⌋. */
export const modulo = (a: number, b: number): number => a - b * Math.floor(a / b);

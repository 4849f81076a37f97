/** Euclid's algorithm on integers. */

export const gcd = (a: number, b: number): number => (b === 0 ? Math.abs(a) : gcd(b, a % b));

/** The least x >= 0 with value·x ≡ 1 (mod modulus), for a value without a common divisor; 0 for modulus 1. */
export function modularInverse(value: number, modulus: number): number {
  let [r, next] = [modulus, value - modulus * Math.floor(value / modulus)];
  let [x, y] = [0, 1]; // value·x ≡ r and value·y ≡ next
  while (next > 0) {
    const quotient = Math.floor(r / next);
    [r, next] = [next, r - quotient * next];
    [x, y] = [y, x - quotient * y];
  }
  return x - modulus * Math.floor(x / modulus);
}

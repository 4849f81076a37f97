/** gelu(x) = x·Φ(x), with the error function by Abramowitz and Stegun, 7.1.26 (error below 1.5e-7). */
export interface GeluTensors {
  x: Float32Array;
  y: Float32Array;
  dx: Float32Array;
  dy: Float32Array;
}

function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const tail =
    t *
    (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) *
    Math.exp(-x * x);
  return x < 0 ? tail - 1 : 1 - tail;
}

export function forward({ x, y }: GeluTensors, { N }: { N: number }): void {
  for (let n = 0; n < N; n++) y[n] = (x[n]! * (1 + erf(x[n]! * Math.SQRT1_2))) / 2;
}

/** gelu′(x) = Φ(x) + x·φ(x) */
export function dx({ x, dx, dy }: GeluTensors, { N }: { N: number }): void {
  const density = 1 / Math.sqrt(2 * Math.PI);
  for (let n = 0; n < N; n++) {
    const u = x[n]!;
    dx[n] = dy[n]! * ((1 + erf(u * Math.SQRT1_2)) / 2 + u * density * Math.exp((-u * u) / 2));
  }
}

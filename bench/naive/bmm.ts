/** Batched matrix products: one product after the other, three loops each. */
export interface BatchDims {
  N: number;
  L: number;
  C: number;
  D: number;
}
/** x[N, L, C], t[N, C, D], y[N, L, D] */
export interface BatchTensors {
  x: Float32Array;
  t: Float32Array;
  y: Float32Array;
  dx: Float32Array;
  dt: Float32Array;
  dy: Float32Array;
}

export function forward({ x, t, y }: BatchTensors, { N, L, C, D }: BatchDims): void {
  for (let n = 0; n < N; n++) {
    for (let l = 0; l < L; l++) {
      for (let d = 0; d < D; d++) {
        let sum = 0;
        for (let c = 0; c < C; c++) sum += x[(n * L + l) * C + c]! * t[(n * C + c) * D + d]!;
        y[(n * L + l) * D + d] = sum;
      }
    }
  }
}

export function dx({ t, dx, dy }: BatchTensors, { N, L, C, D }: BatchDims): void {
  for (let n = 0; n < N; n++) {
    for (let l = 0; l < L; l++) {
      for (let c = 0; c < C; c++) {
        let sum = 0;
        for (let d = 0; d < D; d++) sum += dy[(n * L + l) * D + d]! * t[(n * C + c) * D + d]!;
        dx[(n * L + l) * C + c] = sum;
      }
    }
  }
}

export function dt({ x, dt, dy }: BatchTensors, { N, L, C, D }: BatchDims): void {
  for (let n = 0; n < N; n++) {
    for (let c = 0; c < C; c++) {
      for (let d = 0; d < D; d++) {
        let sum = 0;
        for (let l = 0; l < L; l++) sum += x[(n * L + l) * C + c]! * dy[(n * L + l) * D + d]!;
        dt[(n * C + c) * D + d] = sum;
      }
    }
  }
}

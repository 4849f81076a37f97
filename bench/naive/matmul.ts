/** Matrix products as one writes them down: three loops, the sum in a variable. */
export interface ProductDims {
  M: number;
  K: number;
  N: number;
}
/** x[M, K], w[K, N], y[M, N] */
export interface ProductTensors {
  x: Float32Array;
  w: Float32Array;
  y: Float32Array;
  dx: Float32Array;
  dw: Float32Array;
  dy: Float32Array;
}

export function forward({ x, w, y }: ProductTensors, { M, K, N }: ProductDims): void {
  for (let m = 0; m < M; m++) {
    for (let n = 0; n < N; n++) {
      let sum = 0;
      for (let k = 0; k < K; k++) sum += x[m * K + k]! * w[k * N + n]!;
      y[m * N + n] = sum;
    }
  }
}

export function dx({ w, dx, dy }: ProductTensors, { M, K, N }: ProductDims): void {
  for (let m = 0; m < M; m++) {
    for (let k = 0; k < K; k++) {
      let sum = 0;
      for (let n = 0; n < N; n++) sum += dy[m * N + n]! * w[k * N + n]!;
      dx[m * K + k] = sum;
    }
  }
}

export function dw({ x, dw, dy }: ProductTensors, { M, K, N }: ProductDims): void {
  for (let k = 0; k < K; k++) {
    for (let n = 0; n < N; n++) {
      let sum = 0;
      for (let m = 0; m < M; m++) sum += x[m * K + k]! * dy[m * N + n]!;
      dw[k * N + n] = sum;
    }
  }
}

/** A fully connected layer: three loops each. */
export interface LinearDims {
  N: number;
  C: number;
  K: number;
}
/** x[N, C], w[C, K], b[K], z[N, K] */
export interface LinearTensors {
  x: Float32Array;
  w: Float32Array;
  b: Float32Array;
  z: Float32Array;
  dx: Float32Array;
  dw: Float32Array;
  db: Float32Array;
  dz: Float32Array;
}

export function forward({ x, w, b, z }: LinearTensors, { N, C, K }: LinearDims): void {
  for (let n = 0; n < N; n++) {
    for (let k = 0; k < K; k++) {
      let sum = b[k]!;
      for (let c = 0; c < C; c++) sum += x[n * C + c]! * w[c * K + k]!;
      z[n * K + k] = sum;
    }
  }
}

export function dx({ w, dx, dz }: LinearTensors, { N, C, K }: LinearDims): void {
  for (let n = 0; n < N; n++) {
    for (let c = 0; c < C; c++) {
      let sum = 0;
      for (let k = 0; k < K; k++) sum += dz[n * K + k]! * w[c * K + k]!;
      dx[n * C + c] = sum;
    }
  }
}

export function dw({ x, dw, dz }: LinearTensors, { N, C, K }: LinearDims): void {
  for (let c = 0; c < C; c++) {
    for (let k = 0; k < K; k++) {
      let sum = 0;
      for (let n = 0; n < N; n++) sum += x[n * C + c]! * dz[n * K + k]!;
      dw[c * K + k] = sum;
    }
  }
}

export function db({ db, dz }: LinearTensors, { N, K }: LinearDims): void {
  for (let k = 0; k < K; k++) {
    let sum = 0;
    for (let n = 0; n < N; n++) sum += dz[n * K + k]!;
    db[k] = sum;
  }
}

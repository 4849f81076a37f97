/** 2-D convolution, channels first: seven loops, each tap tested against the image's edges. */
export interface ConvDims {
  N: number;
  C: number;
  H: number;
  W: number;
  K: number;
  R: number;
  S: number;
  P: number;
  Q: number;
  stride: number;
  pad: number;
  dilation: number;
}
/** x[N, C, H, W], w[K, C, R, S], b[K], z[N, K, P, Q] */
export interface ConvTensors {
  x: Float32Array;
  w: Float32Array;
  b: Float32Array;
  z: Float32Array;
  dx: Float32Array;
  dw: Float32Array;
  db: Float32Array;
  dz: Float32Array;
}

export function forward({ x, w, b, z }: ConvTensors, dims: ConvDims): void {
  const { N, C, H, W, K, R, S, P, Q, stride, pad, dilation } = dims;
  for (let n = 0; n < N; n++) {
    for (let k = 0; k < K; k++) {
      for (let p = 0; p < P; p++) {
        for (let q = 0; q < Q; q++) {
          let sum = b[k]!;
          for (let c = 0; c < C; c++) {
            for (let r = 0; r < R; r++) {
              const h = p * stride - pad + r * dilation;
              if (h < 0 || h >= H) continue;
              for (let s = 0; s < S; s++) {
                const v = q * stride - pad + s * dilation;
                if (v < 0 || v >= W) continue;
                sum += x[((n * C + c) * H + h) * W + v]! * w[((k * C + c) * R + r) * S + s]!;
              }
            }
          }
          z[((n * K + k) * P + p) * Q + q] = sum;
        }
      }
    }
  }
}

/** The forward pass's loops, each product handed back to the cell it was read from. */
export function dx({ w, dx, dz }: ConvTensors, dims: ConvDims): void {
  const { N, C, H, W, K, R, S, P, Q, stride, pad, dilation } = dims;
  dx.fill(0);
  for (let n = 0; n < N; n++) {
    for (let k = 0; k < K; k++) {
      for (let p = 0; p < P; p++) {
        for (let q = 0; q < Q; q++) {
          const gradient = dz[((n * K + k) * P + p) * Q + q]!;
          for (let c = 0; c < C; c++) {
            for (let r = 0; r < R; r++) {
              const h = p * stride - pad + r * dilation;
              if (h < 0 || h >= H) continue;
              for (let s = 0; s < S; s++) {
                const v = q * stride - pad + s * dilation;
                if (v < 0 || v >= W) continue;
                dx[((n * C + c) * H + h) * W + v]! += gradient * w[((k * C + c) * R + r) * S + s]!;
              }
            }
          }
        }
      }
    }
  }
}

export function dw({ x, dw, dz }: ConvTensors, dims: ConvDims): void {
  const { N, C, H, W, K, R, S, P, Q, stride, pad, dilation } = dims;
  for (let k = 0; k < K; k++) {
    for (let c = 0; c < C; c++) {
      for (let r = 0; r < R; r++) {
        for (let s = 0; s < S; s++) {
          let sum = 0;
          for (let n = 0; n < N; n++) {
            for (let p = 0; p < P; p++) {
              const h = p * stride - pad + r * dilation;
              if (h < 0 || h >= H) continue;
              for (let q = 0; q < Q; q++) {
                const v = q * stride - pad + s * dilation;
                if (v < 0 || v >= W) continue;
                sum += x[((n * C + c) * H + h) * W + v]! * dz[((n * K + k) * P + p) * Q + q]!;
              }
            }
          }
          dw[((k * C + c) * R + r) * S + s] = sum;
        }
      }
    }
  }
}

export function db({ db, dz }: ConvTensors, { N, K, P, Q }: ConvDims): void {
  for (let k = 0; k < K; k++) {
    let sum = 0;
    for (let n = 0; n < N; n++) {
      for (let pq = 0; pq < P * Q; pq++) sum += dz[(n * K + k) * P * Q + pq]!;
    }
    db[k] = sum;
  }
}

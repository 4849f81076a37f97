/** 2×2 and larger pooling windows that may overhang the image; cells outside take no part. */
export interface PoolDims {
  N: number;
  C: number;
  H: number;
  W: number;
  R: number;
  S: number;
  P: number;
  Q: number;
  stride: number;
  pad: number;
}
/** x[N, C, H, W], y[N, C, P, Q] */
export interface PoolTensors {
  x: Float32Array;
  y: Float32Array;
  dx: Float32Array;
  dy: Float32Array;
}

export function maxForward({ x, y }: PoolTensors, dims: PoolDims): void {
  const { N, C, H, W, R, S, P, Q, stride, pad } = dims;
  for (let nc = 0; nc < N * C; nc++) {
    for (let p = 0; p < P; p++) {
      for (let q = 0; q < Q; q++) {
        let max = -Infinity;
        for (let r = 0; r < R; r++) {
          const h = p * stride - pad + r;
          if (h < 0 || h >= H) continue;
          for (let s = 0; s < S; s++) {
            const v = q * stride - pad + s;
            if (v < 0 || v >= W) continue;
            max = Math.max(max, x[(nc * H + h) * W + v]!);
          }
        }
        y[(nc * P + p) * Q + q] = max;
      }
    }
  }
}

/** Finds each window's maximum again and hands it the window's gradient. */
export function maxDx({ x, dx, dy }: PoolTensors, dims: PoolDims): void {
  const { N, C, H, W, R, S, P, Q, stride, pad } = dims;
  dx.fill(0);
  for (let nc = 0; nc < N * C; nc++) {
    for (let p = 0; p < P; p++) {
      for (let q = 0; q < Q; q++) {
        let max = -Infinity;
        let cell = -1;
        for (let r = 0; r < R; r++) {
          const h = p * stride - pad + r;
          if (h < 0 || h >= H) continue;
          for (let s = 0; s < S; s++) {
            const v = q * stride - pad + s;
            if (v < 0 || v >= W) continue;
            const at = (nc * H + h) * W + v;
            if (x[at]! > max) {
              max = x[at]!;
              cell = at;
            }
          }
        }
        if (cell >= 0) dx[cell]! += dy[(nc * P + p) * Q + q]!;
      }
    }
  }
}

export function averageForward({ x, y }: PoolTensors, dims: PoolDims): void {
  const { N, C, H, W, R, S, P, Q, stride, pad } = dims;
  for (let nc = 0; nc < N * C; nc++) {
    for (let p = 0; p < P; p++) {
      for (let q = 0; q < Q; q++) {
        let sum = 0;
        let count = 0;
        for (let r = 0; r < R; r++) {
          const h = p * stride - pad + r;
          if (h < 0 || h >= H) continue;
          for (let s = 0; s < S; s++) {
            const v = q * stride - pad + s;
            if (v < 0 || v >= W) continue;
            sum += x[(nc * H + h) * W + v]!;
            count++;
          }
        }
        y[(nc * P + p) * Q + q] = count > 0 ? sum / count : 0;
      }
    }
  }
}

export function averageDx({ dx, dy }: PoolTensors, dims: PoolDims): void {
  const { N, C, H, W, R, S, P, Q, stride, pad } = dims;
  dx.fill(0);
  for (let nc = 0; nc < N * C; nc++) {
    for (let p = 0; p < P; p++) {
      for (let q = 0; q < Q; q++) {
        const top = Math.max(0, p * stride - pad);
        const left = Math.max(0, q * stride - pad);
        const bottom = Math.min(H, p * stride - pad + R);
        const right = Math.min(W, q * stride - pad + S);
        const share = dy[(nc * P + p) * Q + q]! / ((bottom - top) * (right - left));
        for (let h = top; h < bottom; h++) {
          for (let v = left; v < right; v++) dx[(nc * H + h) * W + v]! += share;
        }
      }
    }
  }
}

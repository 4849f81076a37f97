/** 2-D depthwise convolution, channels first, each tap tested against the image's edges. */
import type { ConvDims, ConvTensors } from "./conv.js";

/** Here w is [C, R, S], b is [C], z is [N, C, P, Q]. */
export type DepthwiseDims = Omit<ConvDims, "K">;

export function forward({ x, w, b, z }: ConvTensors, dims: DepthwiseDims): void {
  const { N, C, H, W, R, S, P, Q, stride, pad, dilation } = dims;
  for (let n = 0; n < N; n++) {
    for (let c = 0; c < C; c++) {
      for (let p = 0; p < P; p++) {
        for (let q = 0; q < Q; q++) {
          let sum = b[c]!;
          for (let r = 0; r < R; r++) {
            const h = p * stride - pad + r * dilation;
            if (h < 0 || h >= H) continue;
            for (let s = 0; s < S; s++) {
              const v = q * stride - pad + s * dilation;
              if (v < 0 || v >= W) continue;
              sum += x[((n * C + c) * H + h) * W + v]! * w[(c * R + r) * S + s]!;
            }
          }
          z[((n * C + c) * P + p) * Q + q] = sum;
        }
      }
    }
  }
}

export function dx({ w, dx, dz }: ConvTensors, dims: DepthwiseDims): void {
  const { N, C, H, W, R, S, P, Q, stride, pad, dilation } = dims;
  dx.fill(0);
  for (let n = 0; n < N; n++) {
    for (let c = 0; c < C; c++) {
      for (let p = 0; p < P; p++) {
        for (let q = 0; q < Q; q++) {
          const gradient = dz[((n * C + c) * P + p) * Q + q]!;
          for (let r = 0; r < R; r++) {
            const h = p * stride - pad + r * dilation;
            if (h < 0 || h >= H) continue;
            for (let s = 0; s < S; s++) {
              const v = q * stride - pad + s * dilation;
              if (v < 0 || v >= W) continue;
              dx[((n * C + c) * H + h) * W + v]! += gradient * w[(c * R + r) * S + s]!;
            }
          }
        }
      }
    }
  }
}

export function dw({ x, dw, dz }: ConvTensors, dims: DepthwiseDims): void {
  const { N, C, H, W, R, S, P, Q, stride, pad, dilation } = dims;
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
              sum += x[((n * C + c) * H + h) * W + v]! * dz[((n * C + c) * P + p) * Q + q]!;
            }
          }
        }
        dw[(c * R + r) * S + s] = sum;
      }
    }
  }
}

export function db({ db, dz }: ConvTensors, { N, C, P, Q }: DepthwiseDims): void {
  for (let c = 0; c < C; c++) {
    let sum = 0;
    for (let n = 0; n < N; n++) {
      for (let pq = 0; pq < P * Q; pq++) sum += dz[(n * C + c) * P * Q + pq]!;
    }
    db[c] = sum;
  }
}

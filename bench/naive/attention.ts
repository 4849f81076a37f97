/** Scaled dot product attention: y = softmax(q·kᵀ / √D)·v for each of N·H heads. */
export interface AttentionDims {
  N: number;
  H: number;
  L: number;
  S: number;
  D: number;
  C: number;
}
/** q[N, H, L, D], k[N, H, S, D], v[N, H, S, C], y[N, H, L, C] */
export interface AttentionTensors {
  q: Float32Array;
  k: Float32Array;
  v: Float32Array;
  y: Float32Array;
  dq: Float32Array;
  dk: Float32Array;
  dv: Float32Array;
  dy: Float32Array;
  /** The weights [N, H, L, S], kept from the first call for the gradients. */
  weights?: Float32Array;
}

function weightsOf({ q, k }: AttentionTensors, { N, H, L, S, D }: AttentionDims): Float32Array {
  const a = new Float32Array(N * H * L * S);
  for (let head = 0; head < N * H; head++) {
    for (let i = 0; i < L; i++) {
      const row = (head * L + i) * S;
      let max = -Infinity;
      for (let j = 0; j < S; j++) {
        let dot = 0;
        for (let d = 0; d < D; d++) dot += q[(head * L + i) * D + d]! * k[(head * S + j) * D + d]!;
        a[row + j] = dot / Math.sqrt(D);
        max = Math.max(max, a[row + j]!);
      }
      let total = 0;
      for (let j = 0; j < S; j++) total += a[row + j] = Math.exp(a[row + j]! - max);
      for (let j = 0; j < S; j++) a[row + j]! /= total;
    }
  }
  return a;
}

export function forward(tensors: AttentionTensors, dims: AttentionDims): void {
  const { N, H, L, S, C } = dims;
  const { v, y } = tensors;
  const a = weightsOf(tensors, dims);
  for (let head = 0; head < N * H; head++) {
    for (let i = 0; i < L; i++) {
      for (let c = 0; c < C; c++) {
        let sum = 0;
        for (let j = 0; j < S; j++) sum += a[(head * L + i) * S + j]! * v[(head * S + j) * C + c]!;
        y[(head * L + i) * C + c] = sum;
      }
    }
  }
}

export function dv(tensors: AttentionTensors, dims: AttentionDims): void {
  const { N, H, L, S, C } = dims;
  const { dv, dy } = tensors;
  const a = (tensors.weights ??= weightsOf(tensors, dims));
  for (let head = 0; head < N * H; head++) {
    for (let j = 0; j < S; j++) {
      for (let c = 0; c < C; c++) {
        let sum = 0;
        for (let i = 0; i < L; i++) sum += a[(head * L + i) * S + j]! * dy[(head * L + i) * C + c]!;
        dv[(head * S + j) * C + c] = sum;
      }
    }
  }
}

/** ds = a∘(da − Σ a∘da) / √D with da = dy·vᵀ, for one row of one head */
function scoreGradients(tensors: AttentionTensors, dims: AttentionDims, row: number, ds: Float64Array): void {
  const { L, S, D, C } = dims;
  const { v, dy } = tensors;
  const a = (tensors.weights ??= weightsOf(tensors, dims));
  const head = Math.floor(row / L);
  let inner = 0;
  for (let j = 0; j < S; j++) {
    let da = 0;
    for (let c = 0; c < C; c++) da += dy[row * C + c]! * v[(head * S + j) * C + c]!;
    ds[j] = da;
    inner += a[row * S + j]! * da;
  }
  for (let j = 0; j < S; j++) ds[j] = (a[row * S + j]! * (ds[j]! - inner)) / Math.sqrt(D);
}

export function dq(tensors: AttentionTensors, dims: AttentionDims): void {
  const { N, H, L, S, D } = dims;
  const { k, dq } = tensors;
  const ds = new Float64Array(S);
  for (let row = 0; row < N * H * L; row++) {
    scoreGradients(tensors, dims, row, ds);
    const head = Math.floor(row / L);
    for (let d = 0; d < D; d++) {
      let sum = 0;
      for (let j = 0; j < S; j++) sum += ds[j]! * k[(head * S + j) * D + d]!;
      dq[row * D + d] = sum;
    }
  }
}

export function dk(tensors: AttentionTensors, dims: AttentionDims): void {
  const { N, H, L, S, D } = dims;
  const { q, dk } = tensors;
  const ds = new Float64Array(S);
  dk.fill(0);
  for (let row = 0; row < N * H * L; row++) {
    scoreGradients(tensors, dims, row, ds);
    const head = Math.floor(row / L);
    for (let j = 0; j < S; j++) {
      for (let d = 0; d < D; d++) dk[(head * S + j) * D + d]! += ds[j]! * q[row * D + d]!;
    }
  }
}

/** Batch norm over x[N, C, L] and layer norm over x[N, D]; w scales and b shifts. */
export interface NormTensors {
  x: Float32Array;
  w: Float32Array;
  b: Float32Array;
  y: Float32Array;
  dx: Float32Array;
  dw: Float32Array;
  db: Float32Array;
  dy: Float32Array;
  /** Means and reciprocal deviations, kept from the first call for the gradients. */
  statistics?: { mean: Float64Array; rstd: Float64Array };
}
export interface BatchNormDims {
  N: number;
  C: number;
  L: number;
}
export interface LayerNormDims {
  N: number;
  D: number;
}
const eps = 1e-5;

/** `groups` normalised sets of `outer` runs of `inner` neighbours; element (o, i) of g is at `at(g, o) + i`. */
function statisticsOf(x: Float32Array, groups: number, outer: number, inner: number) {
  const mean = new Float64Array(groups);
  const rstd = new Float64Array(groups);
  for (let g = 0; g < groups; g++) {
    let sum = 0;
    for (let o = 0; o < outer; o++) for (let i = 0; i < inner; i++) sum += x[(o * groups + g) * inner + i]!;
    mean[g] = sum / (outer * inner);
    let squares = 0;
    for (let o = 0; o < outer; o++)
      for (let i = 0; i < inner; i++) squares += (x[(o * groups + g) * inner + i]! - mean[g]!) ** 2;
    rstd[g] = 1 / Math.sqrt(squares / (outer * inner) + eps);
  }
  return { mean, rstd };
}

export function batchForward(tensors: NormTensors, { N, C, L }: BatchNormDims): void {
  const { x, w, b, y } = tensors;
  const { mean, rstd } = statisticsOf(x, C, N, L);
  for (let n = 0; n < N; n++) {
    for (let c = 0; c < C; c++) {
      for (let l = 0; l < L; l++) {
        const at = (n * C + c) * L + l;
        y[at] = (x[at]! - mean[c]!) * rstd[c]! * w[c]! + b[c]!;
      }
    }
  }
}

/** dx = w·rstd·(dy − mean(dy) − x̂·mean(dy·x̂)) */
export function batchDx(tensors: NormTensors, { N, C, L }: BatchNormDims): void {
  const { x, w, dx, dy } = tensors;
  const { mean, rstd } = (tensors.statistics ??= statisticsOf(x, C, N, L));
  for (let c = 0; c < C; c++) {
    let sum = 0;
    let product = 0;
    for (let n = 0; n < N; n++) {
      for (let l = 0; l < L; l++) {
        const at = (n * C + c) * L + l;
        sum += dy[at]!;
        product += dy[at]! * (x[at]! - mean[c]!) * rstd[c]!;
      }
    }
    for (let n = 0; n < N; n++) {
      for (let l = 0; l < L; l++) {
        const at = (n * C + c) * L + l;
        const xhat = (x[at]! - mean[c]!) * rstd[c]!;
        dx[at] = w[c]! * rstd[c]! * (dy[at]! - sum / (N * L) - (xhat * product) / (N * L));
      }
    }
  }
}

export function batchDw(tensors: NormTensors, { N, C, L }: BatchNormDims): void {
  const { x, dw, dy } = tensors;
  const { mean, rstd } = (tensors.statistics ??= statisticsOf(x, C, N, L));
  for (let c = 0; c < C; c++) {
    let sum = 0;
    for (let n = 0; n < N; n++) {
      for (let l = 0; l < L; l++) {
        const at = (n * C + c) * L + l;
        sum += dy[at]! * (x[at]! - mean[c]!) * rstd[c]!;
      }
    }
    dw[c] = sum;
  }
}

export function batchDb({ db, dy }: NormTensors, { N, C, L }: BatchNormDims): void {
  for (let c = 0; c < C; c++) {
    let sum = 0;
    for (let n = 0; n < N; n++) for (let l = 0; l < L; l++) sum += dy[(n * C + c) * L + l]!;
    db[c] = sum;
  }
}

export function layerForward(tensors: NormTensors, { N, D }: LayerNormDims): void {
  const { x, w, b, y } = tensors;
  const { mean, rstd } = statisticsOf(x, N, 1, D);
  for (let n = 0; n < N; n++) {
    for (let d = 0; d < D; d++) y[n * D + d] = (x[n * D + d]! - mean[n]!) * rstd[n]! * w[d]! + b[d]!;
  }
}

export function layerDx(tensors: NormTensors, { N, D }: LayerNormDims): void {
  const { x, w, dx, dy } = tensors;
  const { mean, rstd } = (tensors.statistics ??= statisticsOf(x, N, 1, D));
  for (let n = 0; n < N; n++) {
    let sum = 0;
    let product = 0;
    for (let d = 0; d < D; d++) {
      const gradient = dy[n * D + d]! * w[d]!;
      sum += gradient;
      product += gradient * (x[n * D + d]! - mean[n]!) * rstd[n]!;
    }
    for (let d = 0; d < D; d++) {
      const xhat = (x[n * D + d]! - mean[n]!) * rstd[n]!;
      dx[n * D + d] = rstd[n]! * (dy[n * D + d]! * w[d]! - sum / D - (xhat * product) / D);
    }
  }
}

export function layerDw(tensors: NormTensors, { N, D }: LayerNormDims): void {
  const { x, dw, dy } = tensors;
  const { mean, rstd } = (tensors.statistics ??= statisticsOf(x, N, 1, D));
  for (let d = 0; d < D; d++) {
    let sum = 0;
    for (let n = 0; n < N; n++) sum += dy[n * D + d]! * (x[n * D + d]! - mean[n]!) * rstd[n]!;
    dw[d] = sum;
  }
}

export function layerDb({ db, dy }: NormTensors, { N, D }: LayerNormDims): void {
  for (let d = 0; d < D; d++) {
    let sum = 0;
    for (let n = 0; n < N; n++) sum += dy[n * D + d]!;
    db[d] = sum;
  }
}

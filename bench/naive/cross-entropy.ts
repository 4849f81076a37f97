/** Softmax and cross entropy in one, the mean over the rows: x[N, C], t[N], loss. */
export interface CrossEntropyTensors {
  x: Float32Array;
  t: Int32Array;
  loss: Float32Array;
  dx: Float32Array;
  dloss: Float32Array;
}
export interface CrossEntropyDims {
  N: number;
  C: number;
}

export function forward({ x, t, loss }: CrossEntropyTensors, { N, C }: CrossEntropyDims): void {
  let total = 0;
  for (let n = 0; n < N; n++) {
    let max = -Infinity;
    for (let c = 0; c < C; c++) max = Math.max(max, x[n * C + c]!);
    let sum = 0;
    for (let c = 0; c < C; c++) sum += Math.exp(x[n * C + c]! - max);
    total += max + Math.log(sum) - x[n * C + t[n]!]!;
  }
  loss[0] = total / N;
}

/** dx = (softmax(x) − onehot(t))·dloss/N */
export function dx({ x, t, dx, dloss }: CrossEntropyTensors, { N, C }: CrossEntropyDims): void {
  for (let n = 0; n < N; n++) {
    let max = -Infinity;
    for (let c = 0; c < C; c++) max = Math.max(max, x[n * C + c]!);
    let sum = 0;
    for (let c = 0; c < C; c++) sum += Math.exp(x[n * C + c]! - max);
    for (let c = 0; c < C; c++) {
      const probability = Math.exp(x[n * C + c]! - max) / sum;
      dx[n * C + c] = ((probability - (c === t[n] ? 1 : 0)) * dloss[0]!) / N;
    }
  }
}

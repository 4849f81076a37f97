import { describe, expect, test } from "vitest";
import { closed, draws, evaluate, expectClose } from "./support.js";
import { evaluateLayer } from "../../src/verify/evaluate.js";
import { float64 } from "../../src/verify/numbers.js";
import { OutOfBounds } from "../../src/verify/out-of-bounds.js";

/** Element of a row-major array, for hand-written loops. */
const at = (data: readonly number[], shape: readonly number[], ...index: readonly number[]): number =>
  data[index.reduce((offset, i, axis) => offset * (shape[axis] ?? 0) + i, 0)] ?? NaN;

describe("against hand-written loops", () => {
  test("linear", () => {
    const [N, I, O] = [3, 4, 2];
    const [x, w, b] = [draws(N * I, "x"), draws(I * O, "w"), draws(O, "b")];
    const { z } = evaluate(
      "input x[N, I]\nweight w[I, O]\nweight b[O]\noutput z[N, O]\nz[n,o] = sum[i](x[n,i]*w[i,o]) + b[o]",
      { N, I, O },
      { x, w, b },
    );
    const expected: number[] = [];
    for (let n = 0; n < N; n++)
      for (let o = 0; o < O; o++) {
        let total = b[o] ?? 0;
        for (let i = 0; i < I; i++) total += at(x, [N, I], n, i) * at(w, [I, O], i, o);
        expected.push(total);
      }
    expectClose(z, expected);
  });

  test.each([
    { H: 7, R: 3, stride: 2, pad: 1, dilation: 2 },
    { H: 5, R: 2, stride: 3, pad: 4, dilation: 1 },
    { H: 6, R: 3, stride: 1, pad: 0, dilation: 2 },
  ])("a convolution, padded with zeros: %o", ({ H, R, stride, pad, dilation }) => {
    const [C, K] = [2, 3];
    const [x, w] = [draws(C * H, "x"), draws(K * C * R, "w")];
    const { z } = evaluate(
      `param stride = 1
       param pad = 0
       param dilation = 1
       input x[C, H]
       weight w[K, C, R]
       output z[K, P]
       P = floor((H + 2*pad - dilation*(R - 1) - 1) / stride) + 1
       z[k,p] = sum[c,r](x[c, p*stride - pad + r*dilation] * w[k,c,r])`,
      { C, H, K, R, stride, pad, dilation },
      { x, w },
    );
    const P = Math.floor((H + 2 * pad - dilation * (R - 1) - 1) / stride) + 1;
    const expected: number[] = [];
    for (let k = 0; k < K; k++)
      for (let p = 0; p < P; p++) {
        let total = 0;
        for (let c = 0; c < C; c++)
          for (let r = 0; r < R; r++) {
            const h = p * stride - pad + r * dilation;
            if (h >= 0 && h < H) total += at(x, [C, H], c, h) * at(w, [K, C, R], k, c, r);
          }
        expected.push(total);
      }
    expectClose(z, expected);
  });

  test("a transposed convolution by exact division", () => {
    const [P, R, stride, pad] = [4, 3, 2, 1];
    const H = (P - 1) * stride - 2 * pad + R;
    const [x, w] = [draws(P, "x"), draws(R, "w")];
    const { z } = evaluate(
      `param stride = 1
       param pad = 0
       input x[P]
       weight w[R]
       output z[H]
       H = (P - 1)*stride - 2*pad + R
       z[h] = sum[r](x[(h + pad - r)/stride] * w[r])`,
      { P, R, stride, pad },
      { x, w },
    );
    const expected = new Array<number>(H).fill(0);
    for (let p = 0; p < P; p++)
      for (let r = 0; r < R; r++) {
        const h = p * stride - pad + r;
        if (h >= 0 && h < H) expected[h] = (expected[h] ?? 0) + (x[p] ?? 0) * (w[r] ?? 0);
      }
    expectClose(z, expected);
  });

  test("max, mean over the valid cells, and mean that counts the padding", () => {
    const [H, R, stride, pad] = [6, 3, 2, 1];
    const x = draws(H).map((v) => v - 5); // all negative: a padding by zeros would win the max
    const P = Math.floor((H + 2 * pad - R) / stride) + 1;
    const { top, inner, padded } = evaluate(
      `param stride = 1
       param pad = 0
       input x[H]
       output top[P]
       output inner[P]
       output padded[P]
       P = floor((H + 2*pad - 3) / stride) + 1
       top[p] = max[r < 3](x[p*stride - pad + r])
       inner[p] = mean[r < 3](x[p*stride - pad + r])
       padded[p] = mean[r < 3](pad(x[p*stride - pad + r], 0))`,
      { H, stride, pad },
      { x },
    );
    const windows = Array.from({ length: P }, (_, p) =>
      x.filter((_, h) => h >= p * stride - pad && h < p * stride - pad + R),
    );
    expectClose(
      top,
      windows.map((cells) => Math.max(...cells)),
    );
    expectClose(
      inner,
      windows.map((cells) => cells.reduce((a, b) => a + b) / cells.length),
    );
    expectClose(
      padded,
      windows.map((cells) => cells.reduce((a, b) => a + b) / R),
    );
  });

  test("softmax and causal attention", () => {
    const [T, D] = [4, 3];
    const [q, k, v] = [draws(T * D, "q"), draws(T * D, "k"), draws(T * D, "v")];
    const { y } = evaluate(
      `input q[T, D]
       input k[T, D]
       input v[T, D]
       output y[T, D]
       scale = 1/sqrt(D)
       s[i,j] = scale * sum[d](q[i,d]*k[j,d])
       m[i] = max[j <= i](s[i,j])
       u[i,j] = where(j <= i, exp(s[i,j] - m[i]), 0)
       y[i,d] = sum[j <= i](u[i,j]*v[j,d]) / sum[j <= i](u[i,j])`,
      { T, D },
      { q, k, v },
    );
    const expected: number[] = [];
    for (let i = 0; i < T; i++) {
      const weights: number[] = [];
      for (let j = 0; j <= i; j++) {
        let s = 0;
        for (let d = 0; d < D; d++) s += at(q, [T, D], i, d) * at(k, [T, D], j, d);
        weights.push(Math.exp(s / Math.sqrt(D)));
      }
      const total = weights.reduce((a, b) => a + b);
      for (let d = 0; d < D; d++) {
        let sum = 0;
        for (let j = 0; j <= i; j++) sum += ((weights[j] ?? 0) / total) * at(v, [T, D], j, d);
        expected.push(sum);
      }
    }
    expectClose(y, expected);
  });

  test("cross entropy through an index tensor", () => {
    const [N, C] = [4, 3];
    const x = draws(N * C);
    const t = [2, 0, 1, 2];
    const { loss } = evaluate(
      `input x[N, C]
       index t[N] < C
       output loss
       loss = mean[n](log(sum[c](exp(x[n,c]))) - x[n, t[n]])`,
      { N, C },
      { x, t },
    );
    let expected = 0;
    for (let n = 0; n < N; n++) {
      let total = 0;
      for (let c = 0; c < C; c++) total += Math.exp(at(x, [N, C], n, c));
      expected += (Math.log(total) - at(x, [N, C], n, t[n] ?? 0)) / N;
    }
    expectClose(loss, [expected]);
  });

  test("layer norm with a real param", () => {
    const [N, C] = [3, 5];
    const x = draws(N * C);
    const { y } = evaluate(
      `param eps = 1e-5
       input x[N, C]
       output y[N, C]
       μ[n] = mean[c](x[n,c])
       v[n] = mean[c]((x[n,c] - μ[n])^2)
       y[n,c] = (x[n,c] - μ[n]) / sqrt(v[n] + eps)`,
      { N, C, eps: 0.125 },
      { x },
    );
    const expected = Array.from({ length: N }, (_, n) => {
      const row = x.slice(n * C, (n + 1) * C);
      const mean = row.reduce((a, b) => a + b) / C;
      const variance = row.reduce((a, b) => a + (b - mean) ** 2, 0) / C;
      return row.map((value) => (value - mean) / Math.sqrt(variance + 0.125));
    }).flat();
    expectClose(y, expected);
  });

  test("affine left sides: flatten and reverse", () => {
    const [C, H] = [3, 4];
    const x = draws(C * H);
    const { y, z } = evaluate(
      `input x[C, H]
       output y[C*H]
       output z[H]
       y[c*H + h] = 2*x[c,h]
       z[H - 1 - h] = sum[c](x[c,h])`,
      { C, H },
      { x },
    );
    expectClose(
      y,
      x.map((value) => 2 * value),
    );
    const columns = Array.from(
      { length: H },
      (_, h) => at(x, [C, H], 0, h) + at(x, [C, H], 1, h) + at(x, [C, H], 2, h),
    );
    expectClose(z, columns.reverse());
  });

  test("floor and mod in subscripts", () => {
    const H = 3;
    const x = draws(H);
    const { up, around } = evaluate(
      `input x[H]
       output up[2*H]
       output around[2*H]
       up[h] = x[floor(h/2)]
       around[h] = x[mod(h - 1, H)]`,
      { H },
      { x },
    );
    expectClose(
      up,
      [0, 0, 1, 1, 2, 2].map((h) => x[h] ?? NaN),
    );
    expectClose(
      around,
      [2, 0, 1, 2, 0, 1].map((h) => x[h] ?? NaN),
    );
  });

  test("prod, min, argmax over two binders and its use as a subscript", () => {
    const [R, S] = [2, 3];
    const x = [0.5, 3, 0, -1, 3, 2];
    const { whole, least, place, columns } = evaluate(
      `input x[R, S]
       output whole
       output least[R]
       output place
       output columns[R]
       whole = prod[r,s](x[r,s] + 1)
       least[r] = min[s](x[r,s])
       place = argmax[r,s](x[r,s])
       pick[r] = argmin[s](x[r,s])
       columns[r] = x[r, pick[r]]^2`,
      { R, S },
      { x },
    );
    expectClose(whole, [0]); // a factor is -1 + 1
    expectClose(least, [0, -1]);
    expect(place).toEqual([1]);
    expectClose(columns, [0, 1]);
  });

  test("count, any, all and comparisons of data", () => {
    const x = [1, -2, 3, -4, 0.5, 6];
    const { positive, some, every, below } = evaluate(
      `input x[N, C]
       output positive[N]
       output some[N]
       output every[N]
       output below[C]
       positive[n] = count[c](x[n,c] > 0)
       some[n] = where(any[c](x[n,c] < -3), 1, 0)
       every[n] = where(all[c](x[n,c] > -3), 1, 0)
       below[c] = count[j <= c](j > 0)`,
      { N: 2, C: 3 },
      { x },
    );
    expectClose(positive, [2, 2]);
    expectClose(some, [0, 1]);
    expectClose(every, [1, 0]);
    expectClose(below, [0, 1, 2]);
  });
});

describe("what is wrong with the tensors", () => {
  const layer = closed("input x[N]\nindex t[N] < V\noutput y[N]\ny[n] = x[n] * t[n]");
  const run = (tensors: Record<string, number[]>): unknown =>
    evaluateLayer(layer, { N: 2, V: 3 }, new Map(Object.entries(tensors)), float64);
  test("is said by name", () => {
    expect(() => run({ x: [1, 2] })).toThrow(/no values for t/);
    expect(() => run({ x: [1, 2, 3], t: [0, 0] })).toThrow(/x has 3 elements; its shape wants 2/);
    expect(() => run({ x: [1, 2], t: [0, 3] })).toThrow(/element 1 of t is 3; its values lie in 0\.\.2/);
    expect(() => evaluateLayer(layer, { N: 2 }, new Map(), float64)).toThrow(/no size V/);
  });

  test("a read out of bounds names tensor, axis and index", () => {
    const sliding = closed("input x[N]\noutput y[N]\ny[n] = x[n] - x[n + 1]");
    const attempt = (): unknown => evaluateLayer(sliding, { N: 3 }, new Map([["x", [1, 2, 3]]]), float64);
    expect(attempt).toThrow(OutOfBounds);
    expect(attempt).toThrow(/axis 0 of x, of extent 3, is read at 3 at n = 2/);
  });
});

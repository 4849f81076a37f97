/** Work in the right order: the multiply-adds and calls of the kernels are those that a careful person would write. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { cheapestPath } from "../../src/order/path.js";
import type { Work } from "../../src/kernels/count.js";
import { printStatement } from "../../src/language/print.js";
import { compile } from "../support/layers.js";
import { workOf } from "../support/work.js";

const costText = (name: string): string => readFileSync(`test/cases/cost/${name}.layer`, "utf8");
/** The work of both passes. */
function workOfLayer(text: string, sizes: Readonly<Record<string, number>>): Work {
  const { program } = compile(text).programs[0]!;
  return workOf(program, [...program.forward.steps, ...program.backward.steps], sizes);
}
const orderOf = (text: string): string[] =>
  (compile(text).programs[0]!.computed.ordered ?? []).map((s) => printStatement(s));

describe("the counted work", () => {
  it("of a chain of matrices is that of products in pairs", () => {
    const [I, J, K, L] = [24, 48, 36, 60];
    const { multiplyAdds } = workOfLayer(costText("matrix_chain"), { I, J, K, L });
    // y by b·c; da by it; db by dy·cᵀ; dc by a·b
    const pairs = J * K * L + I * J * L + I * J * L + I * K * L + I * J * K + I * J * K + I * K * L;
    expect(multiplyAdds).toBeLessThan(1.25 * pairs);
  });

  it("of a tensor train grows with a core, not with the product of all indices", () => {
    const small = { N: 4, A: 6, B: 6, C: 6, I: 6, J: 6, K: 6, R: 3, S: 3 };
    const { multiplyAdds } = workOfLayer(costText("tensor_train"), small);
    const all = 4 * 6 ** 6 * 3 ** 2;
    expect(multiplyAdds).toBeLessThan(all / 3);
  });

  it("of functions of one side of a sum is a call for each of their points", () => {
    const [N, I, O, K] = [4, 8, 16, 12];
    const { calls } = workOfLayer(costText("kan_chebyshev"), { N, I, O, K });
    // acos(tanh x); cos and sin of each degree; the derivative of acos(tanh x): √, cosh twice
    expect(calls).toBeLessThanOrEqual(2 * N * I + 2 * N * I * K + 4 * N * I);
  });

  it("of functions of indices alone is a table of each", () => {
    const [N, H, W] = [3, 8, 8];
    const { calls, multiplyAdds } = workOfLayer(costText("dct2"), { N, H, W });
    expect(calls).toBeLessThanOrEqual(H * H + W * W + 2 * H + 2 * W);
    // one axis after the other, forward and back
    expect(multiplyAdds).toBeLessThan(1.5 * 4 * N * H * W * H);
  });

  it("of a feature map of keys is a call for each key, not for each pair", () => {
    const [L, S, D] = [64, 48, 8];
    const { calls } = workOfLayer(costText("linear_attention"), { B: 1, H: 1, L, S, D, C: 8 });
    expect(calls).toBeLessThanOrEqual(4 * (L + S) * D);
  });
});

it("a low-rank correction in one sum is two thin products", () => {
  const order = orderOf(`
    input x[N, I]
    weight w[O, I]
    weight a[R, I]
    weight b[O, R]
    output y[N, O]
    y[n,o] = sum[i](x[n,i]*w[o,i]) + sum[i,r](x[n,i]*a[r,i]*b[o,r])
    check N = 16, I = 64, O = 64, R = 2
  `);
  expect(order[0]).toBe("sum_y[n, r] = sum[i < I](a[r, i] * x[n, i])");
  expect(order[1]).toContain("sum[r < R](b[o, r] * sum_y[n, r])");
});

it("attention without softmax takes keys and values first where that is less", () => {
  const text = (check: string): string => `
    input q[L, D]
    input k[S, D]
    input v[S, C]
    output y[L, C]
    y[i,c] = sum[j](sum[d](q[i,d]*k[j,d])*v[j,c])
    check ${check}`;
  expect(orderOf(text("L = 64, S = 64, D = 4, C = 4"))[0]).toContain("sum[j < S](k[j, d] * v[j, c])");
  expect(orderOf(text("L = 4, S = 4, D = 64, C = 64"))[0]).toContain("sum[d < D](k[j, d] * q[i, d])");
});

it("the formula that is told stays as it is written, and reads outside of their guards stay where they are", () => {
  const text = `
    input x[N]
    input a[N, K]
    input b[K, M]
    output y[M]
    y[m] = sum[n,k,r < 3](x[n + r - 1]*a[n,k]*b[k,m])`;
  const { derived, computed } = compile(text).programs[0]!;
  expect(derived.forward).toHaveLength(1);
  expect(computed.forward.length).toBeGreaterThan(1);
  const branch = `
    input x[N]
    input g[M]
    output y[N, M]
    y[n,m] = where(n > 0, exp(x[n - 1])*g[m], where(m == 0, exp(x[n]), 0))`;
  // exp(x[n - 1]) is in bounds under its condition alone, and exp(x[n]) is computed at one m
  expect(orderOf(branch)).toEqual([]);
});

it("the cheapest path of a product of many factors is found by subsets", () => {
  const sets = ["ab", "bc", "cd", "de", "ef"].map((s) => new Set(s));
  const size = new Map([..."abcdef"].map((c, i) => [c, [10, 100, 5, 50, 2, 20][i]!]));
  const found = cheapestPath(sets, new Set("af"), (name) => size.get(name)!);
  // by the recurrence for chains of matrices
  const d = [10, 100, 5, 50, 2, 20];
  const cost = (i: number, j: number): number =>
    i + 1 >= j
      ? 0
      : Math.min(
          ...Array.from({ length: j - i - 1 }, (_, k) => i + 1 + k).map(
            (k) => cost(i, k) + cost(k, j) + d[i]! * d[k]! * d[j]!,
          ),
        );
  expect(found?.cost).toBe(cost(0, 5));
});

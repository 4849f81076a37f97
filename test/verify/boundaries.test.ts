import { describe, expect, test } from "vitest";
import { evaluate, expectClose } from "./support.js";

describe("boundaries", () => {
  test("a point with one read out of bounds contributes nothing at all", () => {
    const { z } = evaluate(
      "input x[N]\ninput y[N]\noutput z[N]\nz[p] = sum[r < 3](x[p + r] + y[p - r])",
      { N: 3 },
      { x: [1, 10, 100], y: [2, 20, 200] },
    );
    expectClose(z, [1 + 2, 10 + 20 + (100 + 2), 100 + 200]);
  });

  test("a read in a branch on indices counts only where the branch is taken", () => {
    const text = (condition: string): string =>
      `input x[N]\noutput z[N]\nz[p] = sum[r < 2](where(${condition}, x[p - r], 5))`;
    expectClose(evaluate(text("r < 1"), { N: 2 }, { x: [1, 2] })["z"], [6, 7]);
    // on data both branches count
    expectClose(evaluate(text("x[p] > 0"), { N: 2 }, { x: [1, 2] })["z"], [1, 3]);
  });

  test("a nested reduction keeps its own boundary", () => {
    const { z } = evaluate(
      "input x[N]\noutput z[N]\nz[p] = sum[r < 2](1 + sum[s < 2](x[p + r + s]))",
      { N: 2 },
      { x: [1, 10] },
    );
    expectClose(z, [2 + 11 + 10, 2 + 10]);
  });

  test("reductions over no points", () => {
    const { s, p, m, l, a, c, v, k, y } = evaluate(
      `input x[N]
       output s[N]
       output p[N]
       output m[N]
       output l[N]
       output a[N]
       output c[N]
       output v[N]
       output k[N]
       output y[N]
       s[i] = sum[j < i](x[j])
       p[i] = prod[j < i](x[j])
       m[i] = max[j < i](x[j])
       l[i] = min[j < i](x[j])
       a[i] = mean[j < i](x[j])
       c[i] = count[j < i](x[j] > 0)
       v[i] = where(any[j < i](x[j] > 0), 1, 0) + where(all[j < i](x[j] > 0), 10, 0)
       k[i] = argmax[j < i](x[j])
       y[i] = x[k[i]]`,
      { N: 2 },
      { x: [3, 4] },
    );
    expect([s, p, m, l]).toEqual([
      [0, 3],
      [1, 3],
      [-Infinity, 3],
      [Infinity, 3],
    ]);
    expect([a, c, v]).toEqual([
      [0, 3],
      [0, 1],
      [10, 11],
    ]);
    expect([k, y]).toEqual([
      [-1, 0],
      [0, 3],
    ]);
  });

  test("where never evaluates the branch not taken", () => {
    const { y } = evaluate(
      "input x[N]\noutput y[N]\ny[n] = where(x[n] > 0, log(x[n]), 0)",
      { N: 2 },
      { x: [-1, 1] },
    );
    expect(y).toEqual([0, 0]);
  });

  test("the first of equal points is the maximum", () => {
    const { k } = evaluate("input x[N]\noutput k\nk = argmax[n](x[n])", { N: 4 }, { x: [1, 7, 7, 2] });
    expect(k).toEqual([1]);
  });

  test("a maximum that is -inf everywhere still has a first point", () => {
    const { k } = evaluate(
      "input x[N]\noutput k\nk = argmax[n](where(x[n] > 9, x[n], -inf))",
      { N: 2 },
      { x: [1, 2] },
    );
    expect(k).toEqual([0]);
  });
});

import { describe, expect, test } from "vitest";
import { printInt } from "../../src/language/print.js";
import { walk } from "../../src/notation/traverse.js";
import { closed, rangeProblems } from "./layers.js";

/** Shapes of the tensors, and ranges of all indices by name. */
function ranges(text: string): { shapes: Record<string, string>; indices: Record<string, string> } {
  const layer = closed(text);
  const shapes = Object.fromEntries(
    layer.tensors.map((t) => [t.name, t.shape.map((v) => printInt(v)).join(", ")]),
  );
  const indices: Record<string, string> = {};
  for (const statement of layer.statements) {
    for (const i of statement.indices) indices[i.name] = printInt(i.extent);
    walk(statement.body, {
      expression: (e) => {
        if (e.kind === "reduction") for (const b of e.binders) indices[b.name] = printInt(b.upper);
      },
    });
  }
  return { shapes, indices };
}

describe("ranges from declared extents", () => {
  test("an index alone on a declared axis has its extent", () => {
    const { indices } = ranges("input x[N, C]\noutput z[N, C]\nz[n, c] = 2*x[n, c]");
    expect(indices).toEqual({ n: "N", c: "C" });
  });
  test("mixed radix gives the ranges in a compound subscript", () => {
    const text = "input x[N, G, K]\noutput y[N, G*K]\ny[n, g*K + k] = x[n, g, k]";
    expect(ranges(text).indices).toEqual({ n: "N", g: "G", k: "K" });
  });
  test("three digits, with the axis a derived size", () => {
    const text = "input x[N, C, H, W]\noutput y[N, L]\nL = C*H*W\ny[n, (c*H + h)*W + w] = x[n, c, h, w]";
    expect(ranges(text).indices).toEqual({ n: "N", c: "C", h: "H", w: "W" });
  });
  test("a subscript that runs backwards", () => {
    expect(ranges("input x[R]\noutput y[R]\ny[R - 1 - r] = x[r]").indices).toEqual({ r: "R" });
  });
  test("a declared extent settles the index against other axes", () => {
    expect(ranges("input x[N]\noutput z[M]\nM = 2\nrequire N >= 2\nz[i] = x[i]").indices).toEqual({ i: "M" });
  });
});

describe("ranges from axes", () => {
  test("a reduced index has the extent of its axis", () => {
    const { indices, shapes } = ranges(
      "input x[N, C]\nweight w[C, K]\noutput z\nz[n, k] = sum[c](x[n, c]*w[c, k])",
    );
    expect(indices).toEqual({ n: "N", k: "K", c: "C" });
    expect(shapes["z"]).toBe("N, K");
  });
  test("extents of defined tensors count", () => {
    const { shapes } = ranges("input x[N]\noutput z\nh[i] = x[i + 1] - x[i]\nz = sum[j](h[j])");
    expect(shapes).toEqual({ x: "N", h: "N - 1", z: "" });
  });
  test("derived sizes agree with what they are", () => {
    expect(
      rangeProblems(
        "input x[N, 2*N]\ninput y[M]\noutput z\nD = 2*N\nz[n, d] = x[n, d]*y[0]*sum[j < D](x[n, j])",
      ),
    ).toEqual([]);
  });
  test("axes that disagree are both named", () => {
    expect(rangeProblems("input x[N, C]\nweight w[K]\noutput z\nz[n] = sum[c](x[n, c]*w[c])")).toEqual([
      "c stands on axis 1 of x (extent C) and on axis 0 of w (extent K), whose extents differ",
    ]);
  });
  test("a stated bound takes no part", () => {
    expect(rangeProblems("input x[N, C]\nweight w[K]\noutput z\nz[n] = sum[c < 1](x[n, c]*w[c])")).toEqual(
      [],
    );
  });
  test("an undeclared left side is cut to what is in bounds", () => {
    expect(ranges("input x[N]\noutput z\nz[i] = x[i + 1] - x[i]").shapes["z"]).toBe("N - 1");
    expect(ranges("input x[N]\noutput z\nz[i] = x[i + 2]*x[i + 1]*x[i]").shapes["z"]).toBe("N - 2");
  });
  test("a read that its condition keeps in bounds does not cut", () => {
    expect(ranges("input x[N]\noutput z\nz[i] = where(i + 1 < N, x[i + 1], 0) - x[i]").shapes["z"]).toBe("N");
  });
  test("a padded read does not cut", () => {
    expect(ranges("input x[N]\noutput z\nz[i] = pad(x[i + 1], 0) - x[i]").shapes["z"]).toBe("N");
  });
});

describe("the largest box", () => {
  test("a valid convolution", () => {
    expect(ranges("input x[N]\nweight w[R]\noutput z\nz[p] = sum[r](x[p + r]*w[r])").shapes["z"]).toBe(
      "N - R + 1",
    );
  });
  test("a stride divides", () => {
    const text = "param s = 2\ninput x[N]\nweight w[R]\noutput z\nz[p] = sum[r](x[p*s + r]*w[r])";
    expect(ranges(text).shapes["z"]).toBe("floor((N - R)/s) + 1");
  });
  test("a floor multiplies", () => {
    expect(ranges("input x[N]\noutput z\nz[i] = x[floor(i/2)]").shapes["z"]).toBe("2*N");
  });
  test("backwards", () => {
    expect(ranges("input x[N]\noutput z\nz[i] = x[N - 1 - i]").shapes["z"]).toBe("N");
  });
  test("a reduced index with a declared left side", () => {
    expect(
      ranges("input x[H, W]\noutput z[H, P]\nP = W - 2\nz[h, p] = sum[r](x[h, p + r])").indices["r"],
    ).toBe("W - P + 1");
  });
  test("no single largest box", () => {
    expect(rangeProblems("input x[N]\noutput z\nz[i, j] = x[i + j]")).toEqual([
      "i has no single largest range for which x[i + j] is in bounds",
    ]);
    expect(rangeProblems("input x[N]\ninput y[M]\noutput z\nz[i, j] = x[i + j]*y[i]*y[j]")).toHaveLength(1);
  });
  test("a read below 0 asks for a declaration", () => {
    expect(
      rangeProblems("param pad = 1\ninput x[N]\nweight w[R]\noutput z\nz[p] = sum[r](x[p + r - pad]*w[r])"),
    ).toEqual(["p has no single largest range for which x[p - pad + r] is in bounds"]);
  });
  test("an index that reads nothing has no range", () => {
    expect(rangeProblems("input x[N]\noutput z\nz[i] = x[i]*sum[j](2)")).toEqual([
      "j has no range: it stands in no subscript of a tensor",
    ]);
  });
});

describe("left-hand sides", () => {
  test.each([
    ["a gap", "input x[N]\noutput y[2*N]\ny[2*i] = x[i]"],
    ["an offset", "input x[N]\noutput y[N]\ny[i + 1] = x[i]"],
    ["an overlap", "input x[N, M]\noutput y[N]\ny[i + j] = x[i, j]"],
    ["a short digit", "input x[N, M]\noutput y[N*M + 1]\ny[i*M + j] = x[i, j]"],
    ["an axis that is not run through", "input x[N]\noutput y[N, 2]\ny[i, 0] = x[i]"],
  ])("%s is no one-to-one cover", (_, text) => {
    expect(rangeProblems(text)[0]).toMatch(
      /^the left-hand side y\[.*\] does not run through axis \d of y exactly once/,
    );
  });
  test("a repeated index", () => {
    expect(rangeProblems("input x[N]\noutput y[N, N]\ny[i, i] = x[i]")).toEqual([
      "i stands on two axes of y[i, i], so the rest of y would never be defined",
    ]);
  });
  test("an undeclared compound axis has the product as its extent", () => {
    expect(ranges("input x[N, H, W]\noutput y\ny[n, h*W + w] = x[n, h, w]").shapes["y"]).toBe("N, H*W");
  });
});

describe("claims", () => {
  test("a gradient has the shape of its tensor, helpers are inferred", () => {
    const layer = closed(
      "input x[N, C]\nweight w[C]\noutput y\ny[n, c] = x[n, c]*w[c]\ng[n, c] = dy[n, c]*w[c]\nclaim dx[n, c] = g[n, c]\nclaim dw[c] = sum[n](dy[n, c]*x[n, c])",
    );
    const extents = [...layer.claimHelpers, ...layer.claims].map((s) =>
      s.indices.map((i) => printInt(i.extent)),
    );
    expect(extents).toEqual([["N", "C"], ["N", "C"], ["C"]]);
  });
});

describe("positions", () => {
  const boundOf = (text: string, name: string): string => {
    const bound = closed(text).tensors.find((t) => t.name === name)?.bound;
    return bound ? printInt(bound) : "unknown";
  };
  test("an argmax is below the product of its binders' extents", () => {
    expect(
      boundOf("input x[N, R, S]\noutput z\na[n] = argmax[r, s](x[n, r, s])\nz[n] = 2*x[n, 0, 0]*a[n]", "a"),
    ).toBe("R*S");
  });
  test("a dependent bound at its greatest", () => {
    expect(
      boundOf(
        "input x[N, M]\nlocal a[N]\noutput z[N]\na[i] = argmax[j <= floor(i/2)](x[i, j])\nz[i] = x[i, 0]*a[i]",
        "a",
      ),
    ).toBe("floor((N - 1)/2) + 1");
  });
  test("the range of an index read through an argmax", () => {
    const text = "input x[N, C]\ninput y[C + 2]\noutput z\na[n] = argmax[c](x[n, c])\nz[n, k] = y[a[n] + k]";
    expect(ranges(text).shapes["z"]).toBe("N, 3");
  });
});

describe("layers of many kinds", () => {
  test.each([
    [
      "group norm",
      "input x[N, C, H]\noutput y[N, C, H]\nD = C/G\nindex g0[G] < G\nmu[n, g] = mean[d < D, h](x[n, g*D + d, h])\ny[n, c, h] = x[n, c, h] - mu[n, floor(c/D)]",
      "mu",
      "N, G",
    ],
    [
      "pixel shuffle",
      "param r = 2\ninput x[N, C*r^2, H, W]\noutput y[N, C, H*r, W*r]\ny[n, c, h*r + i, w*r + j] = x[n, c*r^2 + i*r + j, h, w]",
      "y",
      "N, C, H*r, W*r",
    ],
    [
      "pixel unshuffle",
      "param r = 2\ninput x[N, C, H*r]\ninput w[r]\noutput y\ny[n, c*r + i, h] = x[n, c, h*r + i]*w[i]",
      "y",
      "N, C*r, H",
    ],
    ["running sum", "input x[N, T]\noutput y\ny[n, t] = sum[s <= t](x[n, s])", "y", "N, T"],
    ["outer product", "input x[N]\ninput y[M]\noutput z\nz[i, j] = x[i]*y[j]", "z", "N, M"],
    ["every other", "param s = 2\ninput x[N]\noutput y\ny[i] = x[i*s]", "y", "floor((N - 1)/s) + 1"],
    [
      "windows as rows",
      "param pad = 1\ninput x[C, H]\ninput w[R]\noutput y[C*R, P]\nP = H + 2*pad - R + 1\ny[c*R + r, p] = pad(x[c, p + r - pad], 0)*w[r]",
      "y",
      "C*R, P",
    ],
    ["diagonal", "input x[N, N]\noutput y\ny[i] = x[i, i]", "y", "N"],
  ])("%s", (_, text, tensor, shape) => {
    expect(ranges(text).shapes[tensor]).toBe(shape);
  });
});

describe("reads under conditions", () => {
  test.each([
    [
      "a branch for all large values limits",
      "input x[N]\noutput z\nz[i] = where(i > 0, x[i - 1], 0)",
      "N + 1",
    ],
    ["and cuts", "input x[N]\noutput z\nz[i] = x[i] + where(i > 0, x[i + 1], 0)", "N - 1"],
    [
      "a branch for small values does not",
      "input x[N]\noutput z\nz[i] = x[i] + where(i < 3, x[2*i], 0)",
      "N",
    ],
  ])("%s", (_, text, extent) => {
    expect(ranges(text).shapes["z"]).toBe(extent);
  });
});

test("weights that are sums divide the axis", () => {
  const text = "input x[N, C + 1]\noutput y[N*(C + 1)]\ny[n*(C + 1) + c] = x[n, c]";
  expect(ranges(text).indices).toEqual({ n: "N", c: "C + 1" });
  expect(ranges("input x[N, C + 1]\noutput y[N*C + N]\ny[n*(C + 1) + c] = x[n, c]").indices["n"]).toBe("N");
});

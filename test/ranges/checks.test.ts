import { describe, expect, test } from "vitest";
import { boundsChecks, checkBounds } from "../../src/ranges/checks.js";
import { closed } from "./layers.js";

const checks = (text: string) => boundsChecks(closed(text));
const bounds = (text: string) => checks(text).checks.filter((c) => c.kind === "bounds");

describe("reads outside reductions", () => {
  test.each([
    ["plain", "input x[N]\noutput z[N]\nz[i] = x[i]"],
    ["cut", "input x[N]\noutput z\nz[i] = x[i + 1] - x[i]"],
    ["guarded by where", "input x[N]\noutput z[N]\nz[i] = where(i + 1 < N, x[i + 1], 0)"],
    ["padded", "input x[N]\noutput z[N]\nz[i] = pad(x[i + 1], 0)"],
    ["floor", "input x[N]\noutput z[2*N]\nz[i] = x[floor(i/2)]"],
    ["mod", "input x[N]\noutput z[M]\nM = 3*N\nz[i] = x[mod(i, N)]"],
    [
      "pixel shuffle",
      "param r = 2\ninput x[C*r*r, H, W]\noutput z[C, H*r, W*r]\nz[c, h, w] = x[(c*r + mod(h, r))*r + mod(w, r), floor(h/r), floor(w/r)]",
    ],
    ["gather", "input x[V]\nindex t[N] < V\noutput z[N]\nz[i] = x[t[i]]"],
    ["required", "input x[N]\noutput z[M]\nM = 3\nrequire N >= 3\nz[i] = x[i]"],
    ["unflatten", "input x[C*H*W]\noutput z[C, H, W]\nz[c, h, w] = x[(c*H + h)*W + w]"],
  ])("%s is proved", (_, text) => {
    expect(bounds(text)).toEqual([]);
    expect(checks(text).problems).toEqual([]);
  });

  test("certain failures are problems that name the axis, the sizes and the first index", () => {
    const [problem] = checks("input x[N]\noutput z[N]\nz[i] = x[i + 1]\ncheck N = 5").problems;
    expect(problem?.message).toBe("x[i + 1] reads x[5] at i = 4 when N = 5: axis 0 of x has extent N = 5");
    expect(problem?.span.start).toBeGreaterThan(20);
  });
  test("below zero", () => {
    const [problem] = checks(
      "input x[C, N]\noutput z[C, N]\nz[c, i] = x[c, i - 1]\ncheck C = 2, N = 3",
    ).problems;
    expect(problem?.message).toBe(
      "x[c, i - 1] reads position -1 of axis 1 of x at i = 0 when N = 3: axis 1 of x has extent N = 3",
    );
  });
  test("what depends on the sizes is checked when the plan is made", () => {
    const text = "param k = 1\ninput x[N]\ninput y[M]\noutput z[M]\nz[i] = x[i + k]*y[i]";
    const {
      checks: [check],
      problems,
    } = checks(text);
    expect(problems).toEqual([]);
    if (check?.kind !== "bounds") throw new Error("no check");
    expect(
      checkBounds(
        check,
        new Map([
          ["N", 4],
          ["M", 3],
          ["k", 1],
        ]),
      ),
    ).toBeUndefined();
    const failure = checkBounds(
      check,
      new Map([
        ["N", 4],
        ["M", 4],
        ["k", 2],
      ]),
    );
    expect(failure).toEqual({ point: new Map([["i", 2]]), value: 4, extent: 4 });
  });
  test("each legal value of an index tensor must be in bounds", () => {
    const text = "input x[N]\nindex t[M] < V\noutput z[M]\nz[i] = x[t[i]]*V";
    const [check] = bounds(text);
    if (check?.kind !== "bounds") throw new Error("no check");
    expect(
      checkBounds(
        check,
        new Map([
          ["N", 4],
          ["M", 1],
          ["V", 4],
        ]),
      ),
    ).toBeUndefined();
    expect(
      checkBounds(
        check,
        new Map([
          ["N", 4],
          ["M", 1],
          ["V", 5],
        ]),
      )?.value,
    ).toBe(4);
  });
});

test("an inferred extent is checked to be at least 1", () => {
  const [check] = checks("input x[N]\nweight w[R]\noutput z\nz[p] = sum[r](x[p + r]*w[r])").checks;
  expect(check).toMatchObject({
    kind: "condition",
    message: "axis 0 of z has extent N - R + 1, which must be at least 1",
  });
});

test("a value of an index tensor is named in the message", () => {
  const [problem] = checks(
    "input x[N]\nindex t[M] < N\noutput z\nz[i] = x[t[i] + 1]\ncheck N = 4, M = 2",
  ).problems;
  expect(problem?.message).toBe(
    "x[t[i] + 1] reads x[4] at t[i] = 3 when N = 4: axis 0 of x has extent N = 4",
  );
});
test("claims are checked too", () => {
  const text = "input x[N]\noutput z[N]\nz[i] = 2*x[i]\nclaim dx[i] = dz[i + 1]";
  expect(checks(text).problems[0]?.message).toMatch(/^dz\[i \+ 1\] reads dz\[\d+\] at i = \d+ when N = \d+/);
  expect(bounds(text)).toEqual([]);
});

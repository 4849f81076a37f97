/** A value is called by its name only where it is that value, and what a guard keeps in bounds stays behind it. */
import { describe, expect, it } from "vitest";
import { caseText, everywhere, type Found } from "../support/everywhere.js";
import { backwardOf } from "../support/layers.js";

const close = (found: readonly Found[], name: string, values: readonly number[]): void => {
  expect(found.length).toBeGreaterThanOrEqual(4);
  for (const { by, values: own } of found)
    values.forEach((value, i) => {
      const scale = Math.max(1, Math.abs(value));
      expect(Math.abs(own[name]![i]! - value) / scale, `${name}[${i}] by ${by}`).toBeLessThan(
        by.endsWith("f32") ? 1e-5 : 1e-12,
      );
    });
};

describe("square_reuse", () => {
  const text = caseText("square_reuse");
  it("is printed with s[0], which is no value of y", () => {
    expect(backwardOf(text)).toEqual(["ds[j] = where(j == 0, sum[j'](dy[j'] * s[j']), 0) + dy[j] * s[0]"]);
  });
  it("has its values on every target", async () => {
    const found = await everywhere(text, { sizes: { N: 2 }, values: { s: [0.5, -2], dy: [1, 2] } });
    close(found, "y", [0.25, -1]);
    close(found, "ds", [-3, 1]);
  });
});

describe("dropped_term", () => {
  const text = caseText("dropped_term");
  it("is printed with both reads", () => {
    expect(backwardOf(text)).toEqual([
      "dx[c, j] = where(c + 1 == j, sum[c + 1 <= c' < N](where(c + 1 == argmax_s[c'], ds[c'], 0)), 0) + where(1 <= j and argmax_s[c] == j and j <= c, ds[c], 0)",
    ]);
  });
  it("has its values on every target", async () => {
    // s[1] = x[0, 1] + x[1, 1]; s[2] = max(x[0, 1] + x[2, 1], x[1, 2] + x[2, 2]), the second of which is greater
    const x = [9, 1, 9, 9, 2, 3, 9, 1, 4];
    const found = await everywhere(text, { sizes: { N: 3 }, values: { x, ds: [5, 1, 2] } });
    close(
      found.map((f) => ({ ...f, values: { s: f.values["s"]!.slice(1) } })),
      "s",
      [3, 7],
    );
    close(found, "dx", [0, 1, 0, 0, 1, 2, 0, 0, 2]);
  });
});

describe("local_never_computed", () => {
  it("has its values on every target", async () => {
    const found = await everywhere(caseText("local_never_computed"), {
      sizes: { N: 2 },
      values: { x: [0.5, -2], dy: [1] },
    });
    const [e, sum] = [Math.exp(0.5), -1.5];
    close(found, "y", [e * sum]);
    close(found, "dx", [e + e * sum, e]);
  });
});

describe("nan_outside_guard", () => {
  const at = (N: number, R: number) => ({
    sizes: { N, R, L: 2 },
    values: {
      v: [2, 3, 5].slice(0, N),
      u: [1, -1, 4].slice(0, R),
      b: [1, -2],
      dy: [1, 10],
    },
  });
  it("has no share where the other read is out of bounds", async () => {
    // over n < 2: max(2, -3) = 2 for b = 1, max(-4, 6) = 6 for b = -2
    const longer = await everywhere(caseText("nan_outside_guard"), at(3, 2));
    close(longer, "y", [2, 6]);
    close(longer, "dv", [1, 20, 0]);
    close(longer, "du", [2, -60]);
    const shorter = await everywhere(caseText("nan_outside_guard"), at(2, 3));
    close(shorter, "dv", [1, 20]);
    close(shorter, "du", [2, -60, 0]);
  });
});

describe("symmetric_form", () => {
  const text = caseText("symmetric_form");
  it("is printed with one sum", () => {
    expect(backwardOf(text)).toEqual([
      "ds[i, j] = where(j <= i, where(j < i, 2, 1) * sum[n](dy[n] * v[n, i] * v[n, j]), 0)",
      "dv[n, i] = 2 * dy[n] * sum[j](where(j <= i, s[i, j], s[j, i]) * v[n, j])",
    ]);
  });
  it("has its values on every target", async () => {
    const found = await everywhere(text, {
      sizes: { D: 2, N: 1 },
      values: { s: [2, 99, 3, 5], v: [1, 10], dy: [1] },
    });
    close(found, "y", [2 + 60 + 500]);
    close(found, "ds", [1, 0, 20, 100]);
    close(found, "dv", [4 + 60, 6 + 100]);
  });
});

describe("roll", () => {
  const text = caseText("roll");
  it("is printed as the roll back", () => {
    expect(backwardOf(text)).toEqual(["dx[n, l] = dy[n, mod(l + shift, L)]"]);
  });
  it.each([1, -11])("turns by %d", async (shift) => {
    const shifted = text.replace("shift = 1", `shift = ${shift}`);
    const found = await everywhere(shifted, {
      sizes: { N: 1, L: 4 },
      values: { x: [1, 2, 3, 4], dy: [5, 6, 7, 8] },
    });
    const turned = (data: number[], by: number): number[] =>
      data.map((_, i) => data.at((((i - by) % 4) + 4) % 4)!);
    close(found, "y", turned([1, 2, 3, 4], shift));
    close(found, "dx", turned([5, 6, 7, 8], -shift));
  });
  it("adds up where it is not one-to-one", async () => {
    const dilated = "input x[L]\noutput y[L]\ny[i] = x[mod(2*i - 3, L)]\n";
    const even = await everywhere(dilated, {
      sizes: { L: 4 },
      values: { x: [1, 2, 3, 4], dy: [1, 2, 4, 8] },
    });
    close(even, "y", [2, 4, 2, 4]);
    close(even, "dx", [0, 5, 0, 10]);
    const odd = await everywhere(dilated, { sizes: { L: 3 }, values: { x: [1, 2, 3], dy: [1, 2, 4] } });
    close(odd, "y", [1, 3, 2]);
    close(odd, "dx", [1, 4, 2]);
  });
});

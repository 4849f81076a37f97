/** NaN and infinities in shaders, as the reference evaluator has them: a maximum, a minimum and relu of NaN are NaN. */
import { describe, expect, it } from "vitest";
import { everywhere, type At } from "../../support/everywhere.js";

const none = NaN;
const infinity = Infinity;

async function agrees(text: string, at: At): Promise<void> {
  const [reference, ...others] = await everywhere(text, at);
  const onGpu = others.filter(({ by }) => by.startsWith("wgsl"));
  expect(onGpu.length).toBeGreaterThan(0);
  for (const { by, values } of onGpu) expect({ by, values }).toEqual({ by, values: reference!.values });
}
/** Of that length, with the values at these places. */
const row = (length: number, values: Readonly<Record<number, number>>): readonly number[] =>
  Array.from({ length }, (_, i) => values[i] ?? ((i * 7) % 11) - 5);

it("goes through functions, and fails every comparison", () =>
  agrees(
    `
    input a[N]
    input b[N]
    output r[N]
    output m[N]
    output l[N]
    output f[N]
    output g[N]
    output c[N]
    r[n] = relu(a[n])
    m[n] = max(a[n], b[n])
    l[n] = min(a[n], b[n])
    f[n] = max(a[n], 1) + max(1, b[n])
    g[n] = min(a[n], 1) - min(-1, b[n])
    c[n] = where(a[n] < b[n], 1, 0) + where(a[n] <= b[n], 2, 0) + where(a[n] == b[n], 4, 0) + where(not(a[n] < b[n]), 8, 0) +
      where(a[n] != b[n], 16, 0)`,
    {
      sizes: { N: 8 },
      values: {
        a: [none, 1, none, -infinity, infinity, 2, -3, infinity],
        b: [1, none, none, 2, -infinity, 2, infinity, none],
        ...Object.fromEntries(["r", "m", "l", "f", "g", "c"].map((z) => [`d${z}`, row(8, {})])),
      },
    },
  ));

describe("decides a reduction wherever it stands", () => {
  // whose gradient is wanted, a maximum is found with its position, and then no threads share a row
  const text = (over: string, kept: string, what: "input" | "data"): string => {
    const own = kept.toUpperCase();
    return `
      ${what} x[N, C]
      input a[${own}]
      output m[${own}]
      output l[${own}]
      output s[${own}]
      output i[${own}]
      m[${kept}] = a[${kept}] + max[${over}](x[n,c])
      l[${kept}] = a[${kept}] + min[${over}](x[n,c])
      s[${kept}] = a[${kept}] + max[${over}](where(mod(${over}, 2) == 0, x[n,c], -inf))
      i[${kept}] = argmax[${over}](x[n,c])`;
  };
  const rows = (length: number): readonly number[] =>
    [
      row(length, { 0: none }),
      row(length, { [length - 1]: none }),
      row(length, { 1: none, 2: infinity, 3: none }),
      row(length, { 3: infinity, 4: -infinity }),
      Array.from({ length }, () => -infinity),
    ].flat();
  const others = (length: number) =>
    Object.fromEntries(["a", "dm", "dl", "ds"].map((name) => [name, row(length, {})]));
  it.each([
    { C: 5, what: "input" },
    { C: 300, what: "data" },
  ] as const)("in rows of $C", ({ C, what }) =>
    agrees(text("c", "n", what), { sizes: { N: 5, C }, values: { x: rows(C), ...others(5) } }),
  );
  it("in columns", () =>
    agrees(text("n", "c", "input"), { sizes: { N: 5, C: 8 }, values: { x: rows(8), ...others(8) } }));
  it("in one row of many parts", () => {
    const C = 9000;
    const x = row(C, { 4321: none, 7000: none, 11: infinity });
    return agrees(text("c", "n", "data"), { sizes: { N: 1, C }, values: { x, ...others(1) } });
  });
});

it.each(["max", "min"])(
  "decides each window of a pooling by %s that holds it, and takes the gradient",
  (of) =>
    agrees(
      `
    input x[N, W]
    output y[N, P]
    P = floor((W - 1)/2) + 1
    y[n,p] = ${of}[r < 3](x[n, 2*p + r - 1])`,
      {
        sizes: { N: 4, W: 12 },
        values: {
          x: [
            ...row(12, { 0: none, 5: none, 6: none }),
            ...row(12, { 3: infinity, 11: none }),
            ...row(12, { 2: -infinity, 3: -infinity, 4: -infinity, 5: none }),
            ...row(12, {}),
          ],
          dy: row(24, {}),
        },
      },
    ),
);

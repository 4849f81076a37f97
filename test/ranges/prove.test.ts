import { describe, expect, test } from "vitest";
import { nonNegative } from "../../src/notation/construct.js";
import * as integer from "../../src/notation/integer.js";
import type { Int } from "../../src/notation/integer.js";
import { extreme } from "../../src/ranges/extremes.js";
import { factsInside, layerFacts, positiveIn } from "../../src/ranges/facts.js";
import { noFacts, proves, provesNonNegative, withIndex, type Facts } from "../../src/ranges/prove.js";
import { evaluateInt } from "../../src/ranges/sizes.js";
import { closed, repeatable } from "./layers.js";

const { constant, floorDivide, exactDivide, minus, modulo, plus, scale, times, variable } = integer;
const [N, K, G, s, i, j] = ["N", "K", "G", "s", "i", "j"].map(variable) as [Int, Int, Int, Int, Int, Int];

describe("what is known of sizes", () => {
  const facts = layerFacts(
    closed(
      "param s = 2\nparam pad = 0\ninput x[N, K, H]\nweight w[G, R]\noutput z[N, P]\nD = K/G\nP = floor((H + pad - R)/s) + 1\nrequire N >= 2*G\nz[n, p] = x[n, 0, 0]*sum[j < D](x[n, j, 0])*w[0, 0]*p*s",
    ),
  );
  const inside = factsInside(facts, [
    { name: "i", extent: K },
    { name: "j", extent: variable("D") },
    { name: "g", extent: G },
    { name: "p", extent: variable("P") },
    { name: "r", extent: variable("R") },
  ]);
  const D = variable("D");
  const [g, p, r, pad, H] = ["g", "p", "r", "pad", "H"].map(variable) as [Int, Int, Int, Int, Int];
  test.each<[string, Int, boolean]>([
    ["sizes are at least 1", minus(N, constant(1)), true],
    ["not at least 2", minus(H, constant(2)), false],
    ["params without a default of at least 1 may be negative", pad, false],
    ["requirements hold", minus(N, times(constant(2), G)), true],
    ["groups fill the axis: g*D + j < K", minus(minus(K, constant(1)), plus(times(g, D), j)), true],
    ["⌊i/D⌋ < G", minus(minus(G, constant(1)), floorDivide(i, D)), true],
    ["but not < G - 1", minus(minus(G, constant(2)), floorDivide(i, D)), false],
    ["mod(i, D) < D", minus(minus(D, constant(1)), modulo(i, D)), true],
    ["a window ends in the padded axis", minus(plus(H, pad, constant(-1)), plus(times(p, s), r)), true],
    ["not before", minus(plus(H, pad, constant(-2)), plus(times(p, s), r)), false],
  ])("%s", (_, value, expected) => {
    expect(provesNonNegative(inside, value)).toBe(expected);
  });
});

/** Random values over N, K, s (sizes), i < N, j <= i. */
function randomInt(random: () => number, depth: number): Int {
  const pick = Math.floor(random() * (depth > 0 ? 8 : 3));
  const part = (): Int => randomInt(random, depth - 1);
  const size = (): Int => [N, K, s, constant(2), constant(3)][Math.floor(random() * 5)] ?? N;
  switch (pick) {
    case 0:
      return [i, j][Math.floor(random() * 2)] ?? i;
    case 1:
      return size();
    case 2:
      return constant(Math.floor(random() * 7) - 3);
    case 3:
      return plus(part(), part());
    case 4:
      return minus(part(), part());
    case 5:
      return random() < 0.5 ? times(part(), size()) : scale(part(), 2);
    case 6:
      return random() < 0.7 ? floorDivide(part(), size()) : exactDivide(times(part(), K), K);
    default:
      return random() < 0.5
        ? modulo(part(), size())
        : integer.extremum(random() < 0.5 ? "min" : "max", part(), part());
  }
}
/** A bound less a quotient of an index and of ceilings: what says that a read is in bounds. */
function randomBound(random: () => number): Int {
  const size = (): Int => [N, K, s][Math.floor(random() * 3)] ?? N;
  const few = (): Int => constant(1 + Math.floor(random() * 3));
  const ceiling = (a: Int, b: Int): Int => scale(floorDivide(scale(a, -1), b), -1);
  const part = (): Int =>
    random() < 0.5 ? ceiling(size(), few()) : random() < 0.5 ? floorDivide(size(), few()) : size();
  const index = random() < 0.5 ? i : scale(i, 2);
  const signed = (): Int => scale(part(), random() < 0.5 ? -1 : 1);
  const shift = constant(Math.floor(random() * 7) - 3);
  return plus(part(), shift, scale(floorDivide(plus(index, signed(), signed(), few()), few()), -1), signed());
}
/** All points with sizes up to 4. */
function* environments(): Generator<Map<string, number>> {
  for (let n = 1; n <= 4; n++)
    for (let k = 1; k <= 3; k++)
      for (let t = 1; t <= 3; t++)
        for (let a = 0; a < n; a++)
          for (let b = 0; b <= a; b++)
            yield new Map([
              ["N", n],
              ["K", k],
              ["s", t],
              ["i", a],
              ["j", b],
            ]);
}
const scope = (): Facts => {
  const facts = withIndex({ ...noFacts, sizes: new Set(["N", "K", "G", "s"]) }, "i", N);
  return withIndex(facts, "j", plus(i, constant(1)));
};

describe("soundness on random values", () => {
  const random = repeatable(3);
  const nested = Array.from({ length: 3000 }, () => randomInt(random, 3));
  const values = [...nested, ...Array.from({ length: 6000 }, () => randomBound(random))];
  const points = [...environments()];
  const holds = (value: Int): boolean => points.every((env) => evaluateInt(value, env) >= 0);
  test("what is proved is true", () => {
    const proved = values.filter((v) => provesNonNegative(scope(), v));
    expect(proved.length).toBeGreaterThan(300);
    expect(proved.filter((v) => !holds(v)).map(integer.keyOf)).toEqual([]);
  });
  test("most of what is true is proved", () => {
    const valid = nested.filter(holds);
    const proved = valid.filter((v) => provesNonNegative(scope(), v));
    expect(proved.length / valid.length).toBeGreaterThan(0.9);
  });
  test("clearing divisions keeps the meaning", () => {
    for (const v of values) {
      const cleared = nonNegative(v, positiveIn(scope()));
      if (cleared.kind !== "nonnegative") continue;
      const { value } = cleared;
      const agrees = points.every((env) => evaluateInt(value, env) >= 0 === evaluateInt(v, env) >= 0);
      expect(agrees ? "" : integer.keyOf(v)).toBe("");
    }
  });
  test("extremes bound the value and hold no index", () => {
    let found = 0;
    for (const v of values) {
      const [least, greatest] = [extreme(scope(), v, "least"), extreme(scope(), v, "greatest")];
      for (const [bound, sign] of [
        [least, 1],
        [greatest, -1],
      ] as const) {
        if (!bound) continue;
        found++;
        expect(integer.mentions(bound, "i") || integer.mentions(bound, "j")).toBe(false);
        const slack = scale(minus(v, bound), sign);
        expect(points.every((env) => evaluateInt(slack, env) >= 0)).toBe(true);
      }
    }
    expect(found).toBeGreaterThan(2000);
  });
});

test("conditions are proved part by part", () => {
  const facts = scope();
  expect(
    proves(facts, {
      kind: "and",
      parts: [
        { kind: "nonnegative", value: i },
        { kind: "nonnegative", value: minus(i, j) },
      ],
    }),
  ).toBe(true);
  expect(proves(facts, { kind: "nonnegative", value: minus(j, i) })).toBe(false);
});

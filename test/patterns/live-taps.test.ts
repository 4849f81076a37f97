import { expect, it } from "vitest";
import * as integer from "../../src/notation/integer.js";
import { closedForm, liveTapsIn } from "../../src/patterns/live-taps.js";
import { evaluateInt } from "../../src/ranges/sizes.js";
import * as build from "../../src/notation/construct.js";

const { constant, variable } = integer;

/** Every tap below the extent with d·r = φ + e modulo s. */
const live = (s: number, d: number, right: number, extent: number): number[] =>
  Array.from({ length: extent }, (_, r) => r).filter((r) => (((right - d * r) % s) + s) % s === 0);

it("the closed form gives exactly the taps whose quotient is whole", () => {
  let [met, none] = [0, 0];
  for (let s = 1; s <= 6; s++)
    for (let d = 1; d <= 6; d++)
      for (const offset of [-2, 0, 3])
        for (const extent of [1, 3, 7])
          for (let phase = 0; phase < s; phase++) {
            const taps = { tap: "r", ...sizes(extent, s, d, offset) };
            const form = closedForm(taps, variable("φ"))!;
            const env = new Map([["φ", phase]]);
            const all = live(s, d, phase + offset, extent);
            if ((phase + offset) % form.divisor !== 0) {
              none++;
              expect(all).toEqual([]);
              continue;
            }
            met++;
            const [first, step, count] = [form.first, form.step, form.count].map((v) => evaluateInt(v, env));
            expect(Array.from({ length: Math.max(0, count!) }, (_, t) => first! + step! * t)).toEqual(all);
          }
  expect(met).toBeGreaterThan(500);
  expect(none).toBeGreaterThan(100);
});
const sizes = (extent: number, stride: number, dilation: number, offset: number) => ({
  ...{ extent: constant(extent), stride: constant(stride) },
  ...{ dilation: constant(dilation), offset: constant(offset) },
});

it("is found in a quotient with one tap, whatever the stride and dilation are called", () => {
  const dividend = integer.plus(
    variable("h"),
    variable("pad"),
    integer.negate(integer.times(variable("d"), variable("r"))),
  );
  const binder = { name: "r", lower: constant(0), upper: variable("R") };
  const sum = build.reduction("sum", [binder], build.one);
  const taps = liveTapsIn(sum, dividend, "h", variable("stride"));
  expect(taps).toEqual({
    tap: "r",
    extent: variable("R"),
    stride: variable("stride"),
    dilation: variable("d"),
    offset: variable("pad"),
  });
  // not solved: neither number is known
  expect(closedForm(taps!, variable("φ"))).toBeUndefined();
});

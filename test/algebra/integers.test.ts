/** Integers simplified by what is known of the names in them. */
import { expect, it } from "vitest";
import { simplifyInt } from "../../src/algebra/integers.js";
import * as integer from "../../src/notation/integer.js";
import { noFacts, withIndex } from "../../src/ranges/prove.js";

const { constant, floorDivide, minus, modulo, plus, variable } = integer;
const two = constant(2);
/** 0 <= phase < 2. */
const facts = withIndex(noFacts, "phase", two);
const phase = variable("phase");
const simplified = (value: integer.Int): string => integer.keyOf(simplifyInt(value, facts));

it.each([
  ["⌊phase/2⌋", floorDivide(phase, two), constant(0)],
  ["⌊(3 - phase)/2⌋", floorDivide(minus(constant(3), phase), two), constant(1)],
  ["⌊(phase - 2)/2⌋", floorDivide(minus(phase, two), two), constant(-1)],
  ["⌊(phase - 8)/2⌋ + 4", plus(floorDivide(minus(phase, constant(8)), two), constant(4)), constant(0)],
  ["mod(phase, 2)", modulo(phase, two), phase],
])("%s is a number where the range of the phase says so", (_, before, after) => {
  expect(simplified(before)).toBe(integer.keyOf(after));
});
it.each([
  ["⌊(2 - phase)/2⌋", floorDivide(minus(two, phase), two)],
  ["⌊(phase + 1)/2⌋", floorDivide(plus(phase, constant(1)), two)],
])("%s stays: it has two values", (_, value) => {
  expect(simplified(value)).toBe(integer.keyOf(value));
});

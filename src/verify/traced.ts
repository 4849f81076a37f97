/** float64 that knows which elements of the given tensors a number depends on, as far as derivatives go: bits of a set. */
import type { Layer } from "../notation/layer.js";
import { isFlat } from "../primitives/index.js";
import { lifted } from "./lift.js";
import { float64, type Arithmetic } from "./numbers.js";

export interface Traced {
  readonly value: number;
  readonly from: bigint;
}

/** What the layer is given, each element of one tensor with its own bit: that of its row-major position. */
export const tracedFrom = (
  tensor: string,
  values: ReadonlyMap<string, ArrayLike<number>>,
  layer: Layer,
): ReadonlyMap<string, ArrayLike<Traced | number>> =>
  lifted(layer, values, (data: ArrayLike<number>, name) =>
    Array.from(data, (value, i) => ({ value, from: name === tensor ? 1n << BigInt(i) : 0n })),
  );

const given = (value: number): Traced => ({ value, from: 0n });
const joined =
  (f: (a: number, b: number) => number) =>
  (a: Traced, b: Traced): Traced => ({ value: f(a.value, b.value), from: a.from | b.from });

export const traced: Arithmetic<Traced> = {
  rational: (numerator, denominator) => given(float64.rational(numerator, denominator)),
  named: (name) => given(float64.named(name)),
  add: joined(float64.add),
  multiply: joined(float64.multiply),
  power: ({ value, from }, n) => ({ value: float64.power(value, n), from }),
  raise: () => joined(float64.raise()),
  unary: (name) => {
    const f = float64.unary(name);
    return ({ value, from }) => ({ value: f(value), from: isFlat(name) ? 0n : from });
  },
  binary: (name) => joined(float64.binary(name)),
  compare: (operator) => {
    const compare = float64.compare(operator);
    return (a, b) => compare(a.value, b.value);
  },
  less: (a, b) => a.value < b.value,
  isNaN: ({ value }) => Number.isNaN(value),
  float: ({ value }) => value,
  stop: ({ value }) => given(value),
};

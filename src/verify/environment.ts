/** Sizes, derived sizes and params as numbers. */
import { decimal } from "../notation/construct.js";
import { variablesOf, type Int } from "../notation/integer.js";
import type { Layer } from "../notation/layer.js";
import { asCode, compileInt, type Scope } from "./integers.js";

export interface Environment {
  /** Sizes, derived sizes and integer params. */
  readonly integers: ReadonlyMap<string, number>;
  /** Real params as fractions: 1e-5 is 1/100000. */
  readonly reals: ReadonlyMap<string, readonly [numerator: number, denominator: number]>;
  /** The value of a formula over sizes. */
  readonly int: (value: Int) => number;
}

/** The environment that the caller's sizes and params make. Params left out take their defaults. RangeError for a missing size. */
export function environmentOf(layer: Layer, given: Readonly<Record<string, number>>): Environment {
  const integers = new Map<string, number>();
  const reals = new Map<string, readonly [number, number]>();
  const scope: Scope<never> = { sizes: integers, slots: [], indices: new Map(), tensors: new Map() };
  const int = (value: Int): number => asCode(compileInt(value, scope))();
  const own = (name: string): number | undefined => (Object.hasOwn(given, name) ? given[name] : undefined);
  for (const name of layer.sizes) {
    const value = own(name);
    if (value === undefined) throw new RangeError(`${layer.name}: no size ${name} given`);
    integers.set(name, value);
  }
  for (const param of layer.params) {
    const value = own(param.name) ?? param.value;
    if (param.type === "integer") integers.set(param.name, value);
    else {
      const { numerator, denominator } = decimal(String(Math.abs(value)));
      reals.set(param.name, [value < 0 ? -numerator : numerator, denominator]);
    }
  }
  // a derived size may use others, whatever their order
  let waiting = layer.derived;
  while (waiting.length > 0) {
    const ready = waiting.filter(({ value }) => [...variablesOf(value)].every((name) => integers.has(name)));
    if (ready.length === 0) throw new Error(`${layer.name}: ${waiting[0]?.name} is derived from itself`);
    for (const { name, value } of ready) integers.set(name, int(value));
    waiting = waiting.filter((size) => !ready.includes(size));
  }
  return { integers, reals, int };
}

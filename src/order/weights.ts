/** How large loops are taken to be: sizes are known only when a plan is made, but which order of work is less is chosen before. */
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import type { Layer } from "../notation/layer.js";
import { evaluateInt } from "../ranges/evaluate.js";

/** A size that no `check` line gives. */
const usual = 32;
/** Check lines are small, so that checking is quick: what is run is larger, in proportion. */
const larger = 8;

/** The extent of a loop in numbers: literals and params as they are, sizes by the first `check` line. */
export function weighing(layer: Layer): (extent: Int) => number {
  const given = layer.checks[0]?.values ?? {};
  const env = new Map<string, number>();
  for (const name of layer.sizes) env.set(name, name in given ? larger * (given[name] ?? 1) : usual);
  for (const { name, value } of layer.params) env.set(name, name in given ? (given[name] ?? value) : value);
  for (const { name, value } of layer.derived) env.set(name, numberOf(value, env));
  return (extent) => numberOf(extent, env);
}
const numberOf = (value: Int, env: ReadonlyMap<string, number>): number => {
  if ([...integer.variablesOf(value)].some((name) => !env.has(name)) || integer.holdsElement(value))
    return usual;
  const found = evaluateInt(value, env);
  return Number.isFinite(found) ? Math.max(1, found) : usual;
};

/**
 * Divisors that may be 0. One of sizes and params is required not to be when a plan is made, unless a condition keeps the
 * division from being made; one that an index makes 0 is an error of the text.
 */
import type { Problem } from "../language/problem.js";
import { printExpression } from "../language/print.js";
import * as build from "../notation/construct.js";
import type { Condition } from "../notation/expression.js";
import { keyOfCondition } from "../notation/key.js";
import type { Layer, Requirement } from "../notation/layer.js";
import { namesInCondition } from "../notation/traverse.js";
import { divisorsIn, divisorsInCondition, isStatic, visitAccesses, type Divisor } from "./accesses.js";
import { evaluateReal } from "./evaluate.js";
import { factsInside, layerFacts } from "./facts.js";
import { refutes } from "./prove.js";

/** The layer with what its divisors require first: what it requires itself may divide by them. */
export function requiringDivisors(layer: Layer): { readonly layer: Layer; readonly problems: Problem[] } {
  const facts = layerFacts(layer);
  const names = [layer.sizes, layer.params.map((p) => p.name), layer.derived.map((d) => d.name)];
  const fixed = new Set(names.flat());
  const isFixed = (c: Condition): boolean =>
    isStatic(c) && [...namesInCondition(c)].every((n) => fixed.has(n));
  const stated = layer.requirements.map((r) => r.condition);

  const required = new Map<string, Requirement>();
  const problems = new Map<string, Problem>();
  for (const { divisor, of, scope, given, at } of divisorsOf(layer)) {
    const whole = build.intOf(divisor);
    const isZero = whole ? build.isZero(whole) : build.compare("==", divisor, build.zero);
    // what tensors hold is no matter of a plan, and a number is not 0
    const number = evaluateReal(divisor, new Map()) ?? 0;
    if (!isStatic(isZero) || Math.abs(number) > 0) continue;
    const held = build.and(given, ...stated);
    // where the division is made no range is empty
    const inhabited = scope.map((b) => build.below(b.lower, b.upper));
    const inside = factsInside(facts, scope, build.and(given, ...inhabited));
    if (refutes(inside, isZero) || states(held, build.not(isZero))) continue;
    const [name, text] = [divisor, of].map((e) => printExpression(e)) as [string, string];
    if (isFixed(isZero)) {
      const open = build.conjuncts(given).filter(isFixed);
      const condition = build.or(...open.map(build.not), build.not(isZero));
      const message = `division by zero: ${text} divides by ${name}`;
      required.set(keyOfCondition(condition), { condition, message, at });
    } else
      problems.set(text, {
        code: "division-by-zero",
        message: `${text} divides by ${name}, which may be 0`,
        span: at ?? { start: 0, end: 0 },
        hint: `keep the divisor above 0, as in max(${name}, 1), or divide only where it is: where(${name} > 0, …, …)`,
      });
  }
  const requirements = [...required.values(), ...layer.requirements];
  return { layer: { ...layer, requirements }, problems: [...problems.values()] };
}

const states = (held: Condition, condition: Condition): boolean => {
  const key = keyOfCondition(condition);
  return build.conjuncts(held).some((c) => keyOfCondition(c) === key);
};

/** Every divisor of the layer itself; claims are judged where the layer has values. */
function divisorsOf(layer: Layer): readonly Divisor[] {
  const found: Divisor[] = [];
  const divisor = (d: Divisor): void => void found.push(d);
  for (const { value, at } of layer.derived) found.push(...divisorsIn(build.ofInt(value), at));
  for (const { shape, at } of layer.tensors)
    for (const extent of shape) found.push(...divisorsIn(build.ofInt(extent), at));
  for (const { value, at } of layer.constants) found.push(...divisorsIn(value, at));
  for (const { condition, at } of layer.requirements) found.push(...divisorsInCondition(condition, at));
  for (const statement of layer.statements) visitAccesses(statement, { divisor });
  return found;
}

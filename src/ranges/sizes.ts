/** Sizes and params in numbers: what a plan checks of them before anything runs. */
import { printInt } from "../language/print.js";
import { nearest } from "../language/names.js";
import { variablesOf, type Int } from "../notation/integer.js";
import type { Layer } from "../notation/layer.js";
import type { Condition, Expression } from "../notation/expression.js";
import { namesInCondition, walkCondition } from "../notation/traverse.js";
import { evaluateCondition, evaluateInt, evaluateReal, type Environment } from "./evaluate.js";

export { evaluateInt, type Environment } from "./evaluate.js";

export type Resolved =
  | { readonly ok: true; readonly env: Map<string, number> }
  /** `names` are the sizes and params to change. */
  | { readonly ok: false; readonly message: string; readonly names: readonly string[] };

/**
 * The values of all sizes, params and derived sizes for what the caller gives; params left out take their
 * defaults. Says in the user's own names what is wrong: an unknown or missing name, a size that is no positive
 * integer, a derived size or an extent below 1, a `require` line that does not hold.
 */
export function resolveSizes(layer: Layer, given: Readonly<Record<string, number>>): Resolved {
  const env = new Map<string, number>();
  const problem =
    namesProblem(layer, given) ?? sizesProblem(layer, given, env) ?? paramsProblem(layer, given, env);
  if (problem) return problem;
  for (const { name, value } of layer.derived) env.set(name, evaluateInt(value, env));
  // Preconditions first: their messages are the author's own, and say more than an extent below 1.
  return requirementProblem(layer, env) ?? extentProblem(layer, env) ?? { ok: true, env };
}

/** What is wrong with sizes and params of which some may be left out: only that counts which does not depend on those. */
export function contradiction(layer: Layer, given: Readonly<Record<string, number>>): string | undefined {
  const env = new Map<string, number>();
  for (const name of layer.sizes) if (valueIn(given, name) !== undefined) env.set(name, given[name] ?? NaN);
  const problem = paramsProblem(layer, given, env);
  if (problem?.ok === false) return problem.message;
  for (const { name, value } of layer.derived) env.set(name, evaluateInt(value, env));
  const isKnown = (names: Iterable<string>): boolean => rootsOf(layer, names).every((root) => env.has(root));
  // what a constant rests on is not followed: it counts where every size is given
  const whole = isKnown(layer.sizes);
  const isTold = ({ condition }: Layer["requirements"][number]): boolean => {
    let constant = false;
    const expression = (e: Expression): void =>
      void (constant ||= e.kind === "parameter" && !env.has(e.name));
    walkCondition(condition, { expression });
    return isKnown(namesInCondition(condition)) && (whole || !constant);
  };
  const known: Layer = {
    ...layer,
    requirements: layer.requirements.filter(isTold),
    derived: layer.derived.filter((d) => isKnown(variablesOf(d.value))),
    tensors: layer.tensors.filter((t) => t.shape.every((extent) => isKnown(variablesOf(extent)))),
  };
  const found = requirementProblem(known, env) ?? extentProblem(known, env);
  return found?.ok === false ? found.message : undefined;
}
const wrong = (message: string, names: Iterable<string>): Resolved => ({
  ok: false,
  message,
  names: [...names],
});
const valueIn = (given: Readonly<Record<string, number>>, name: string): number | undefined =>
  Object.hasOwn(given, name) ? given[name] : undefined;

function namesProblem(layer: Layer, given: Readonly<Record<string, number>>): Resolved | undefined {
  const names = [...layer.sizes, ...layer.params.map((p) => p.name)];
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const meant = nearest(unknown, names);
    const mend = meant === undefined ? "" : `; did you mean ${meant}?`;
    return wrong(`unknown size ${unknown}: ${layer.name} takes ${names.join(", ") || "none"}${mend}`, [
      unknown,
    ]);
  }
  const missing = layer.sizes.filter((name) => valueIn(given, name) === undefined);
  if (missing.length === 0) return undefined;
  return wrong(`missing size${missing.length > 1 ? "s" : ""} ${missing.join(", ")}`, missing);
}

function sizesProblem(
  layer: Layer,
  given: Readonly<Record<string, number>>,
  env: Map<string, number>,
): Resolved | undefined {
  for (const name of layer.sizes) {
    const value = valueIn(given, name) ?? NaN;
    if (!Number.isSafeInteger(value) || value < 1)
      return wrong(`${name} must be a positive integer, not ${value}`, [name]);
    env.set(name, value);
  }
  return undefined;
}

function paramsProblem(
  layer: Layer,
  given: Readonly<Record<string, number>>,
  env: Map<string, number>,
): Resolved | undefined {
  for (const { name, type, positive, value: standard } of layer.params) {
    const value = valueIn(given, name) ?? standard;
    if (typeof value !== "number" || Number.isNaN(value))
      return wrong(`${name} must be a number, not ${String(value)}`, [name]);
    if (type === "integer" && !Number.isSafeInteger(value))
      return wrong(`${name} must be an integer, not ${value}`, [name]);
    if (positive && value < 1) return wrong(`${name} must be at least 1, not ${value}`, [name]);
    env.set(name, value);
  }
  return undefined;
}

function requirementProblem(layer: Layer, env: Environment): Resolved | undefined {
  const known = new Map(env);
  for (const { name, value } of layer.constants) known.set(name, evaluateReal(value, known) ?? NaN);
  for (const { condition, message } of layer.requirements) {
    if (evaluateCondition(condition, known) !== false) continue;
    const roots = rootsOf(layer, valuesNamedIn(condition));
    return wrong(roots.length > 0 ? `${message} (${valuesOf(roots, env)})` : message, roots);
  }
  return undefined;
}

/** Sizes, and params of both kinds. */
function valuesNamedIn(condition: Condition): ReadonlySet<string> {
  const names = namesInCondition(condition);
  walkCondition(condition, { expression: (e) => void (e.kind === "parameter" && names.add(e.name)) });
  return names;
}

/** A derived size, or an extent that was inferred (`N - R + 1`), that is below 1 or no whole number. */
function extentProblem(layer: Layer, env: Environment): Resolved | undefined {
  for (const { name, value } of layer.derived) {
    const problem = extentIn(layer, value, env, name, (printed) => `${name} = ${printed}`);
    if (problem) return problem;
  }
  for (const { name, shape } of layer.tensors)
    for (const [axis, value] of shape.entries()) {
      const extent = `the extent of axis ${axis} of ${name}`;
      const text = (printed: string): string => `axis ${axis} of ${name} has the extent ${printed}, which`;
      const problem = extentIn(layer, value, env, extent, text);
      if (problem) return problem;
    }
  return undefined;
}
function extentIn(
  layer: Layer,
  value: Int,
  env: Environment,
  name: string,
  text: (printed: string) => string,
): Resolved | undefined {
  const size = evaluateInt(value, env);
  if (size >= 1 && Number.isSafeInteger(size)) return undefined;
  const roots = rootsOf(layer, variablesOf(value));
  const because = roots.length > 0 ? ` for ${valuesOf(roots, env)}` : "";
  if (Number.isNaN(size))
    return wrong(`${text(printInt(value))} does not come out as a whole number${because}`, roots);
  if (size >= 1) return wrong(`${name} is too large${because}`, roots);
  return wrong(`${name} is ${size}${because}; it must be at least 1`, roots);
}

/** The sizes and params behind names: derived sizes are followed to what they are made of. */
export function rootsOf(layer: Layer, names: Iterable<string>): readonly string[] {
  const definitions = new Map(layer.derived.map((d) => [d.name, d.value]));
  const given = new Set([...layer.sizes, ...layer.params.map((p) => p.name)]);
  const roots = new Set<string>();
  const follow = (name: string): void => {
    const definition = definitions.get(name);
    if (definition) variablesOf(definition).forEach(follow);
    else if (given.has(name)) roots.add(name);
  };
  for (const name of names) follow(name);
  return [...roots];
}
/** `H = 2, R = 3` */
export const valuesOf = (names: readonly string[], env: Environment): string =>
  names.map((name) => `${name} = ${String(env.get(name))}`).join(", ");

/**
 * A small interpreter for the tests of this folder: the boundary rule as the language states it, point by point.
 * It walks the formula at every point and shares nothing with the passes under test but integer evaluation.
 */
import { valueOf } from "../../src/notation/construct.js";
import type { Binder, Condition, Expression, Reduction } from "../../src/notation/expression.js";
import type { Int } from "../../src/notation/integer.js";
import * as integer from "../../src/notation/integer.js";
import type { Layer } from "../../src/notation/layer.js";
import { tensorsInCondition } from "../../src/notation/traverse.js";
import { evaluateInt } from "../../src/ranges/sizes.js";

interface Array_ {
  readonly shape: readonly number[];
  readonly values: number[];
}
export type Tensors = Map<string, Array_>;
type Env = ReadonlyMap<string, number>;

/** How many reductions are around the value being evaluated. */
let reducing = 0;

/**
 * Whether points are left out only by guards, as in kernels: then a read out of bounds in a point that the guard
 * lets in is an error, and a branch not taken is not looked at.
 */
let guardsOnly = false;

/** Thrown where a read is out of bounds; a reduction catches what its points throw. */
class Absent extends Error {}
/** A read through an argmax of -1. */
class Nothing extends Absent {}

/** Evaluates with guards alone deciding which points take part: nothing may be read out of bounds. */
export function evaluateGuarded(layer: Layer, sizes: Env, tensors: Tensors): Tensors {
  guardsOnly = true;
  try {
    return evaluate(layer, sizes, tensors);
  } finally {
    guardsOnly = false;
  }
}

/** Evaluates all statements in order into `tensors`, which holds the given ones. */
export function evaluate(layer: Layer, sizes: Env, tensors: Tensors): Tensors {
  for (const { name, shape } of layer.tensors) {
    if (tensors.has(name)) continue;
    const extents = shape.map((e) => evaluateInt(e, sizes));
    tensors.set(name, { shape: extents, values: new Array(extents.reduce((a, b) => a * b, 1)).fill(NaN) });
  }
  for (const { tensor, indices, subscripts, body } of layer.statements) {
    const target = tensors.get(tensor);
    if (!target) throw new Error(`no tensor ${tensor}`);
    const binders = indices.map((i) => ({ name: i.name, lower: integer.zero, upper: i.extent }));
    for (const env of points(binders, sizes, tensors)) {
      const at = subscripts.map((s) => intOf(s, env, tensors));
      target.values[offsetOf(at, target.shape)] = valueAt(body, env, tensors);
    }
  }
  return tensors;
}

const intOf = (value: Int, env: Env, tensors: Tensors): number => {
  const result = evaluateInt(value, env, (tensor, at) => element(tensor, at, tensors));
  if (Number.isNaN(result)) throw new Absent("an exact division does not come out even");
  return result;
};
function element(tensor: string, at: readonly number[], tensors: Tensors): number {
  const array = tensors.get(tensor);
  if (!array) throw new Error(`no tensor ${tensor}`);
  if (at.some((i, axis) => !(i >= 0 && i < (array.shape[axis] ?? 0))))
    throw new Absent(`${tensor}[${at.join(", ")}]`);
  return array.values[offsetOf(at, array.shape)] ?? NaN;
}
const offsetOf = (at: readonly number[], shape: readonly number[]): number =>
  at.reduce((offset, i, axis) => offset * (shape[axis] ?? 1) + i, 0);

function* points(binders: readonly Binder[], env: Env, tensors: Tensors): Generator<Env> {
  const [first, ...rest] = binders;
  if (!first) return yield env;
  const upper = intOf(first.upper, env, tensors);
  for (let i = intOf(first.lower, env, tensors); i < upper; i++)
    yield* points(rest, new Map(env).set(first.name, i), tensors);
}

export function valueAt(e: Expression, env: Env, tensors: Tensors): number {
  const of = (part: Expression): number => valueAt(part, env, tensors);
  switch (e.kind) {
    case "constant":
      return valueOf(e);
    case "named":
      return e.name === "pi" ? Math.PI : Math.E;
    case "integer":
      return intOf(e.value, env, tensors);
    case "parameter":
      return env.get(e.name) ?? NaN;
    case "read":
      try {
        return element(e.tensor, subscriptsOf(e.subscripts, env, tensors), tensors);
      } catch (problem) {
        // outside reductions a read through an argmax over nothing is 0
        if (problem instanceof Nothing && reducing === 0 && !guardsOnly) return 0;
        throw problem;
      }
    case "pad":
      try {
        return of(e.read);
      } catch (problem) {
        if (problem instanceof Absent) return of(e.value);
        throw problem;
      }
    case "add":
      return e.terms.reduce((sum, t) => sum + of(t), 0);
    case "multiply":
      return e.factors.reduce((product, f) => product * of(f), 1);
    case "raise":
      return of(e.base) ** of(e.exponent);
    case "call":
      return callOf(e.name, e.arguments.map(of));
    case "select": {
      const holds = truthAt(e.condition, env, tensors);
      // In a reduction a condition that reads tensors decides the value, but not which reads count.
      if (reducing > 0 && !guardsOnly && tensorsInCondition(e.condition).size > 0)
        [e.whenTrue, e.whenFalse].forEach(of);
      return of(holds ? e.whenTrue : e.whenFalse);
    }
    case "stop":
      return of(e.argument);
    case "reduction":
      return reduce(e, env, tensors);
  }
}
/** Subscripts of a read; an element of -1 (an argmax over nothing) is out of bounds. */
const subscriptsOf = (subscripts: readonly Int[], env: Env, tensors: Tensors): readonly number[] =>
  subscripts.map((s) => {
    integer.eachAtom(s, (atom) => {
      if (atom.kind !== "element") return;
      if (element(atom.tensor, subscriptsOf(atom.subscripts, env, tensors), tensors) < 0)
        throw new Nothing("-1");
    });
    return intOf(s, env, tensors);
  });

function callOf(name: string, args: readonly number[]): number {
  const [a = NaN, b = NaN] = args;
  if (name === "relu") return a > 0 ? a : 0;
  if (name === "max") return a > b ? a : b;
  if (name === "min") return a < b ? a : b;
  const known = (Math as unknown as Record<string, (x: number) => number>)[name];
  if (!known) throw new Error(`no function ${name}`);
  return known(a);
}

/** The values of a body at the points that take part, with their row-major positions. */
function taking<T>(
  binders: readonly Binder[],
  guard: Condition,
  env: Env,
  tensors: Tensors,
  at: (env: Env) => T,
): readonly [T, number][] {
  const found: [T, number][] = [];
  let position = -1;
  for (const point of points(binders, env, tensors)) {
    position++;
    reducing++;
    try {
      if (!truthAt(guard, point, tensors)) continue;
      found.push([at(point), position]);
    } catch (problem) {
      if (guardsOnly || !(problem instanceof Absent)) throw problem;
    } finally {
      reducing--;
    }
  }
  return found;
}
function reduce(e: Reduction, env: Env, tensors: Tensors): number {
  const found = taking(e.binders, e.guard, env, tensors, (point) => valueAt(e.body, point, tensors));
  const values = found.map(([value]) => value);
  const sum = values.reduce((a, b) => a + b, 0);
  switch (e.name) {
    case "sum":
      return sum;
    case "mean":
      return values.length === 0 ? 0 : sum / values.length;
    case "prod":
      return values.reduce((a, b) => a * b, 1);
    case "max":
      return Math.max(...values);
    case "min":
      return Math.min(...values);
    case "count":
      return values.length;
    case "argmax":
    case "argmin": {
      const best = e.name === "argmax" ? Math.max(...values) : Math.min(...values);
      return found.find(([value]) => value === best)?.[1] ?? -1;
    }
  }
}

export function truthAt(c: Condition, env: Env, tensors: Tensors): boolean {
  switch (c.kind) {
    case "truth":
      return c.value;
    case "nonnegative":
      return intOf(c.value, env, tensors) >= 0;
    case "zero":
      return intOf(c.value, env, tensors) === 0;
    case "compare": {
      const [a, b] = [valueAt(c.left, env, tensors), valueAt(c.right, env, tensors)];
      return c.operator === "<"
        ? a < b
        : c.operator === "<="
          ? a <= b
          : c.operator === "=="
            ? a === b
            : a !== b;
    }
    case "and":
      return c.parts.every((p) => truthAt(p, env, tensors));
    case "or":
      return c.parts.some((p) => truthAt(p, env, tensors));
    case "not":
      return !truthAt(c.part, env, tensors);
    case "any":
    case "all": {
      const found = taking(c.binders, c.guard, env, tensors, (point) => truthAt(c.body, point, tensors));
      const values = found.map(([value]) => value);
      return c.kind === "any" ? values.includes(true) : !values.includes(false);
    }
  }
}

/** Sizes and values for a generated layer, and what its own evaluator says they give. */
import { randomFrom, type Random } from "../../src/verify/random.js";
import type { Layer } from "./ast.js";
import { Draw } from "./draw.js";
import {
  evaluate,
  Illegal,
  isDifferentiated,
  lengthOf,
  resolved,
  shapeAt,
  type Evaluation,
  type Given,
} from "./evaluate.js";
import { sizesOf } from "./sizes.js";

/** `plain` values are normal; `tied` ones are few, 0 among them; `wide` ones large. */
export type Kind = "plain" | "tied" | "wide";

/** A tensor's values, and how far rounding in either type may carry them. */
export interface Expected {
  readonly values: readonly number[];
  readonly shape: readonly number[];
  readonly f64: readonly number[];
  readonly f32: readonly number[];
  /** What its errors are measured by. */
  readonly scale: number;
}
export interface Trial extends Given {
  readonly kind: Kind;
  readonly integers: ReadonlySet<string>;
  readonly cotangents: ReadonlyMap<string, readonly number[]>;
  readonly outputs: ReadonlyMap<string, Expected>;
  /** By the name of the tensor differentiated. */
  readonly gradients: ReadonlyMap<string, Expected>;
  /** The greatest magnitude on the way. */
  readonly largest: number;
}

const mostPoints = 4000;
const mostElements = 60;

/** Sizes that the layer allows; undefined where none are found. */
export function drawNames(layer: Layer, random: Random, equal?: number): Given["names"] | undefined {
  const draw = new Draw(random);
  for (let attempt = 0; attempt < 30; attempt++) {
    const most = attempt < 10 ? 4 : attempt < 20 ? 3 : 2;
    const names: Record<string, number> = {};
    for (const size of sizesOf(layer)) names[size] = equal ?? 1 + draw.integer(most);
    for (const { name, value, others } of layer.params)
      names[name] = draw.oneIn(2) ? value : draw.pick([value, ...others]);
    try {
      const known = resolved(layer, names);
      const lengths = layer.declarations.map((d) => ({ d, length: lengthOf(shapeAt(d.shape, known)) }));
      const differentiated = lengths.reduce((n, { d, length }) => n + (isDifferentiated(d) ? length : 0), 0);
      if (differentiated <= mostElements && pointsAt(layer, known) <= mostPoints) return names;
    } catch (error) {
      if (!(error instanceof Illegal)) throw error;
    }
    if (equal !== undefined) return undefined;
  }
  return undefined;
}

/** A bound of the points that its loops visit. */
function pointsAt(layer: Layer, known: ReadonlyMap<string, number>): number {
  const most = Math.max(...known.values(), 1);
  let total = 0;
  for (const { shape, body } of layer.statements)
    total += lengthOf(shapeAt(shape, known)) * most ** deepest(body);
  return total;
}
function deepest(node: object): number {
  let depth = 0;
  for (const value of Object.values(node))
    if (typeof value === "object" && value !== null) depth = Math.max(depth, deepest(value as object));
  return depth + ("binders" in node ? (node.binders as readonly unknown[]).length : 0);
}

/** @throws Illegal where the layer reads out of bounds at these sizes */
export function makeTrial(layer: Layer, names: Given["names"], kind: Kind, seed: number): Trial {
  const random = randomFrom(seed, "values");
  const draw = new Draw(random);
  const known = resolved(layer, names);
  const pool = [0, 0, 1, -1, 2, 0.5];
  const real = {
    plain: () => Math.fround(random.normal()),
    tied: () => draw.pick(pool),
    wide: () => Math.fround(100 * random.normal()),
  }[kind];
  const tensors = new Map<string, readonly number[]>();
  for (const { name, shape, bound } of layer.declarations) {
    const end = bound ? (shapeAt([bound], known)[0] ?? 1) : 0;
    const length = lengthOf(shapeAt(shape, known));
    tensors.set(name, Array.from({ length }, bound ? () => draw.integer(end) : real));
  }
  const given = { names, tensors };
  const exact = evaluate(layer, given);
  const cotangents = new Map<string, readonly number[]>();
  for (const { name, role, body } of layer.statements) {
    if (role !== "output" || isPosition(body)) continue;
    const whole = (): number => 1 + draw.integer(3);
    const length = exact.tensors.get(name)?.length ?? 0;
    cotangents.set(
      name,
      Array.from({ length }, kind === "tied" ? whole : () => Math.fround(random.normal())),
    );
  }
  const runs = {
    f32: [1, 2, 3].map((n) => evaluate(layer, given, 2 ** -23, seed + n)),
    f64: [4, 5].map((n) => evaluate(layer, given, 2 ** -51, seed + n)),
  };
  const expected = (
    of: (e: Evaluation) => readonly number[],
    shape: readonly number[],
    least: number,
  ): Expected => {
    const values = of(exact);
    const spread = (list: readonly Evaluation[]): readonly number[] => {
      const others = list.map(of);
      return values.map((v, i) =>
        Math.max(...others.map((o) => (Object.is(o[i], v) ? 0 : Math.abs((o[i] ?? NaN) - v)))),
      );
    };
    const finite = values.filter(Number.isFinite).map(Math.abs);
    return { values, shape, f32: spread(runs.f32), f64: spread(runs.f64), scale: Math.max(least, ...finite) };
  };
  // what cancels is no more exact than a hundredth of what it was computed from
  const origin = Math.max(0, ...[...tensors.values()].flat().map(Math.abs)) / 100;
  const outputs = new Map<string, Expected>();
  for (const { name, role, shape } of layer.statements)
    if (role === "output")
      outputs.set(
        name,
        expected((e) => (e.tensors.get(name) ?? []).map((x) => x.v), shapeAt(shape, known), origin),
      );
  const sums = [exact, ...runs.f32, ...runs.f64].map((e) => [e, gradientsOf(e, cotangents)] as const);
  const totals = new Map(sums);
  const size = Math.max(0, ...(totals.get(exact)?.sizes ?? []).filter(Number.isFinite));
  const gradients = new Map<string, Expected>();
  for (const { role, name, shape } of layer.declarations) {
    if (exact.singular || !isDifferentiated({ role })) continue;
    const start = exact.starts.get(name) ?? 0;
    const length = tensors.get(name)?.length ?? 0;
    const of = (e: Evaluation): readonly number[] =>
      Array.from({ length }, (_, i) => totals.get(e)?.values[start + i] ?? NaN);
    gradients.set(name, expected(of, shapeAt(shape, known), Math.max(size, origin)));
  }
  const integers = new Set(layer.declarations.filter((d) => d.role === "index").map((d) => d.name));
  return { ...given, kind, integers, cotangents, outputs, gradients, largest: Math.max(exact.largest, size) };
}
export const isPosition = (body: { readonly kind: string; readonly name?: string }): boolean =>
  body.kind === "reduction" && (body.name ?? "").startsWith("arg");

/** Σ dz ∂z/∂x for every differentiated element, and the same of magnitudes. */
function gradientsOf(
  { tensors, count }: Evaluation,
  cotangents: ReadonlyMap<string, readonly number[]>,
): { readonly values: readonly number[]; readonly sizes: readonly number[] } {
  const [values, sizes] = [new Array<number>(count).fill(0), new Array<number>(count).fill(0)];
  for (const [name, weights] of cotangents)
    for (const [at, { t }] of (tensors.get(name) ?? []).entries())
      for (const [i, slope] of (t ?? []).entries()) {
        if (slope === 0) continue;
        const term = (weights[at] ?? NaN) * slope;
        values[i] = (values[i] ?? 0) + term;
        sizes[i] = (sizes[i] ?? 0) + Math.abs(term);
      }
  return { values, sizes };
}

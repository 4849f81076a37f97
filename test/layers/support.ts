/** Layers against plain loops: what the text says, written a second time by hand, and differences of that. */
import { expect, it } from "vitest";
import { parseLayer, type Plan, type TensorArray } from "../../src/index.js";
import { moduleOf } from "../support/webgpu/compile.js";
import { runOnDawn } from "../support/webgpu/dawn.js";

/** A row-major array that refuses to be read outside. */
export class Grid {
  readonly shape: readonly number[];
  readonly data: Float64Array;

  constructor(
    shape: readonly number[],
    data: Float64Array = new Float64Array(shape.reduce((a, b) => a * b, 1)),
  ) {
    this.shape = shape;
    this.data = data;
  }

  has(...at: readonly number[]): boolean {
    return at.every((i, axis) => Number.isInteger(i) && i >= 0 && i < (this.shape[axis] ?? 0));
  }

  private offset(at: readonly number[]): number {
    if (at.length !== this.shape.length || !this.has(...at))
      throw new RangeError(`[${at.join()}] of [${this.shape.join()}]`);
    return at.reduce((offset, i, axis) => offset * (this.shape[axis] ?? 0) + i, 0);
  }

  at(...at: readonly number[]): number {
    return this.data[this.offset(at)]!;
  }

  /** The element, or `v` outside. */
  or(v: number, ...at: readonly number[]): number {
    return this.has(...at) ? this.at(...at) : v;
  }

  add(v: number, ...at: readonly number[]): void {
    this.data[this.offset(at)]! += v;
  }
}

/** Calls `visit` for every point of the box, the last index fastest. */
export function each(box: readonly number[], visit: (...at: number[]) => void): void {
  const walk = (at: number[]): void => {
    const extent = box[at.length];
    if (extent === undefined) visit(...at);
    else for (let i = 0; i < extent; i++) walk([...at, i]);
  };
  walk([]);
}

/** The array with `f` at each of its places. */
export function grid(shape: readonly number[], f: (...at: number[]) => number): Grid {
  const made = new Grid(shape);
  let next = 0;
  each(shape, (...at) => (made.data[next++] = f(...at)));
  return made;
}

export const scalar = (v: number): Grid => new Grid([], Float64Array.of(v));
export const list = (box: readonly number[], f: (...at: number[]) => number): number[] => [
  ...grid(box, f).data,
];
export const add = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
export const sum = (box: readonly number[], f: (...at: number[]) => number): number => add(list(box, f));
export const product = (box: readonly number[], f: (...at: number[]) => number): number =>
  list(box, f).reduce((a, b) => a * b, 1);
export const max = (box: readonly number[], f: (...at: number[]) => number): number =>
  Math.max(...list(box, f));
export const min = (box: readonly number[], f: (...at: number[]) => number): number =>
  Math.min(...list(box, f));
export const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : add(values) / values.length;
export const mod = (a: number, b: number): number => a - b * Math.floor(a / b);
export const sigmoid = (u: number): number => 1 / (1 + Math.exp(-u));
/** By its series; for the small arguments of these tests. */
export function erf(u: number): number {
  let term = u;
  let total = u;
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(total) && n < 200; n++) {
    term *= -(u * u) / n;
    total += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * total;
}

export type Sizes = Readonly<Record<string, number>>;
export type Tensors<Names extends string> = Readonly<Record<Names, Grid>>;
export interface Loops<S extends Sizes, Names extends string> {
  /** Sizes and params, all of them, one plan each. */
  readonly sizes: readonly S[];
  /** Between which values the elements of a tensor are drawn; -2 and 2 where nothing is said. */
  readonly range?: Readonly<Partial<Record<Names, readonly [number, number]>>>;
  /** The layer by hand. `held` are the tensors as drawn, whatever a difference moves: what `stop` holds. */
  readonly forward: (
    sizes: S,
    tensors: Tensors<Names>,
    held: Tensors<Names>,
  ) => Readonly<Record<string, Grid>>;
}

/** Distinct values, evenly spaced in shuffled order: nothing ties, and no step of a difference reaches the next. */
function draw(length: number, [low, high]: readonly [number, number], random: () => number): Float64Array {
  const order = [...Array(length).keys()];
  for (let i = length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return Float64Array.from(order, (i) => low + ((i + 0.3 + 0.4 * random()) / length) * (high - low));
}

/** mulberry32 */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Declared {
  readonly differentiated: readonly string[];
  readonly given: readonly string[];
  readonly bounds: ReadonlyMap<string, string>;
}
function declared(text: string): Declared {
  const lines = [...text.matchAll(/^ *(input|weight|data|index) +([^\s[]+)[^<#\n]*(?:< *([^#\n]+))?/gmu)];
  const names = (roles: readonly string[]): string[] =>
    lines.filter(([, role]) => roles.includes(role!)).map(([, , name]) => name!);
  return {
    given: names(["input", "weight", "data", "index"]),
    differentiated: names(["input", "weight"]),
    bounds: new Map(
      lines.flatMap(([, role, name, bound]) => (role === "index" ? [[name!, bound!.trim()]] : [])),
    ),
  };
}
function boundOf(bound: string, sizes: Sizes): number {
  const value = sizes[bound] ?? Number(bound);
  if (!Number.isInteger(value)) throw new Error(`no value for the bound ${bound}`);
  return value;
}

function expectClose(
  got: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  expect(got.length, `${what}: length`).toBe(expected.length);
  for (let i = 0; i < got.length; i++) {
    const [a, b] = [got[i]!, expected[i]!];
    const error = Object.is(a, b) || a === b ? 0 : Math.abs(a - b) / Math.max(1, Math.abs(a), Math.abs(b));
    if (!(error <= tolerance)) expect.fail(`${what}, element ${i}: ${a}, by hand ${b}`);
  }
}

/** The layer's plans against the loops: values to 1e-9, gradients to 1e-7 of differences of the loops; in float32 on the CPU and on WebGPU too. */
export function agrees<S extends Sizes, Names extends string>(
  name: string,
  text: string,
  loops: Loops<S, Names>,
): void {
  it(`${name}: values and gradients`, async () => {
    const plans = await parseLayer(text, `${name}.layer`).compile();
    expect(plans).toHaveProperty(name);
    const trials = loops.sizes.map((sizes, trial) => {
      const make = plans[name]!;
      return compare(make(sizes, { dtype: "f64" }), make(sizes), sizes, text, loops, randomFrom(trial + 1));
    });
    await compareOnWebGpu(name, text, trials);
  });
}

type Singles = Readonly<Record<string, Float32Array | Int32Array>>;
/** What went into a plan in float32, and what should come out by hand. */
interface Trial {
  readonly sizes: Sizes;
  readonly inputs: Singles;
  readonly cotangents: Singles;
  readonly outputs: Readonly<Record<string, Float64Array>>;
  readonly gradients: Readonly<Record<string, Float64Array>>;
}

/** With the kernels that a GPU gets, and with those that the adapter here does. */
async function compareOnWebGpu(name: string, text: string, trials: readonly Trial[]): Promise<void> {
  const url = await moduleOf(text, name);
  const both = [true, false].flatMap((asOnGpu) => trials.map((trial) => ({ ...trial, asOnGpu })));
  const results = await runOnDawn(
    both.map(({ sizes, asOnGpu, inputs, cotangents, outputs, gradients }) => ({
      url,
      name,
      sizes,
      asOnGpu,
      steps: [
        { pass: "forward", inputs, results: Object.keys(outputs) },
        { pass: "backward", inputs: cotangents, results: Object.keys(gradients) },
        ...Object.keys(gradients).map((gradient) => ({ pass: gradient, inputs: {}, results: [gradient] })),
      ],
    })),
  );
  for (const [i, { sizes, asOnGpu, outputs, gradients }] of both.entries()) {
    const at = `${JSON.stringify(sizes)} on WebGPU${asOnGpu ? ", as on a GPU" : ""}`;
    expect(results[i]?.error, at).toBeUndefined();
    expect(results[i]?.shaders.filter(({ messages }) => messages.length > 0)).toEqual([]);
    const [forward, backward, ...alone] = results[i]!.outputs;
    for (const [tensor, value] of Object.entries(outputs))
      expectClose(forward![tensor]!, value, 1e-4, `${at} ${tensor}`);
    for (const [k, [gradient, value]] of Object.entries(gradients).entries()) {
      expectClose(backward![gradient]!, value, 2e-4, `${at} ${gradient}`);
      expect(alone[k]![gradient], `${at} plan.${gradient}`).toEqual(backward![gradient]);
    }
  }
}

const isComplete = <Names extends string>(
  tensors: Readonly<Record<string, Grid>>,
  names: readonly string[],
): tensors is Tensors<Names> & Readonly<Record<string, Grid>> =>
  names.every((name) => Object.hasOwn(tensors, name));
const isGradient = (
  method: unknown,
): method is (inputs: Record<string, TensorArray>) => Record<string, TensorArray> =>
  typeof method === "function";

function compare<S extends Sizes, Names extends string>(
  plan: Plan,
  single: Plan,
  sizes: S,
  text: string,
  { range, forward }: Loops<S, Names>,
  random: () => number,
): Trial {
  const at = JSON.stringify(sizes);
  const ranges: Readonly<Partial<Record<string, readonly [number, number]>>> = range ?? {};
  const { given, differentiated, bounds } = declared(text);
  const tensors: Record<string, Grid> = {};
  for (const name of given) {
    const shape = plan.shapes[name]!;
    const length = shape.reduce((a, b) => a * b, 1);
    const bound = bounds.get(name);
    tensors[name] = new Grid(
      shape,
      bound === undefined
        ? draw(length, ranges[name] ?? [-2, 2], random)
        : Float64Array.from({ length }, () => Math.floor(random() * boundOf(bound, sizes))),
    );
  }
  if (!isComplete<Names>(tensors, given)) throw new Error("a tensor is missing");
  const held = tensors;
  const arrays = <A>(Real: { from(data: Float64Array): A }): Record<string, A | Int32Array> =>
    Object.fromEntries(
      given.map((name) => [name, (bounds.has(name) ? Int32Array : Real).from(tensors[name]!.data)]),
    );

  const expected = forward(sizes, held, held);
  const inputs = arrays(Float64Array);
  const result = plan.forward(inputs);
  const inputs32 = arrays(Float32Array);
  const result32 = single.forward(inputs32);
  const cotangents: Record<string, Float64Array> = {};
  for (const [name, value] of Object.entries(expected)) {
    expect(plan.shapes[name], `${at} shape of ${name}`).toEqual(value.shape);
    expectClose(result[name]!, value.data, 1e-9, `${at} ${name}`);
    expectClose(result32[name]!, value.data, 1e-4, `${at} ${name} in f32`);
    if (!(result[name] instanceof Int32Array)) cotangents[name] = draw(value.data.length, [-1, 1], random);
  }
  const outputs = Object.fromEntries(Object.entries(expected).map(([name, { data }]) => [name, data]));
  const cotangents32 = Object.fromEntries(
    Object.entries(cotangents).map(([z, dz]) => [`d${z}`, Float32Array.from(dz)]),
  );
  const trial: Trial = { sizes, inputs: inputs32, cotangents: cotangents32, outputs, gradients: {} };
  if (differentiated.length === 0) return trial;

  const loss = (name: string, element: number, by: number): number => {
    const moved = new Grid(tensors[name]!.shape, tensors[name]!.data.slice());
    moved.data[element]! += by;
    const outputs = forward(sizes, { ...held, [name]: moved }, held);
    return add(
      Object.entries(cotangents).map(([z, dz]) => add([...dz].map((v, i) => v * outputs[z]!.data[i]!))),
    );
  };
  const central = (name: string, element: number, h: number): number =>
    (loss(name, element, h) - loss(name, element, -h)) / (2 * h);
  const h = 2e-3;
  const slopes = Object.entries(cotangents).map(([z, dz]) => [`d${z}`, dz] as const);
  const known = { ...inputs, ...result.saved, ...Object.fromEntries(slopes) };
  const known32 = { ...inputs32, ...result32.saved, ...cotangents32 };
  const gradients = plan.backward(known);
  const gradients32 = single.backward(known32);
  const allByHand: Record<string, Float64Array> = {};
  for (const name of differentiated) {
    const gradient = `d${name}`;
    const byHand = tensors[name]!.data.map((_, i) => (4 * central(name, i, h / 2) - central(name, i, h)) / 3);
    allByHand[gradient] = byHand;
    expectClose(gradients[gradient]!, byHand, 1e-7, `${at} ${gradient}`);
    expectClose(gradients32[gradient]!, byHand, 2e-4, `${at} ${gradient} in f32`);
    const alone = plan[gradient];
    if (!isGradient(alone)) throw new Error(`no plan.${gradient}`);
    expectClose(alone(known)[gradient]!, gradients[gradient]!, 1e-12, `${at} plan.${gradient}`);
  }
  return { ...trial, gradients: allByHand };
}

/** Forward and every gradient in f64 at the numbers given; one flat list a tensor. */
export async function run(
  text: string,
  sizes: Sizes,
  numbers: Readonly<Record<string, readonly number[]>>,
): Promise<Record<string, readonly number[]>> {
  const make = (await parseLayer(text, "tried.layer").compile())["tried"];
  const plan = make(sizes, { dtype: "f64" });
  const { bounds } = declared(text);
  const inputs = Object.fromEntries(
    Object.entries(numbers).map(([name, values]) => [
      name,
      bounds.has(name) ? Int32Array.from(values) : Float64Array.from(values),
    ]),
  );
  const given = Object.entries(inputs).filter(
    ([name]) => !name.startsWith("d") || declared(text).given.includes(name),
  );
  const { saved, ...outputs } = plan.forward(Object.fromEntries(given));
  const gradients = plan.backward({ ...inputs, ...saved });
  return Object.fromEntries(
    Object.entries({ ...outputs, ...gradients }).map(([name, values]) => [name, [...values]]),
  );
}

/** What plans over arrays have besides: calls. */
import {
  arrayGetter,
  arrayOf,
  askedGradients,
  checkNames,
  checkValues,
  lengthOf,
  tagOf,
  type Data,
  type Tensor,
} from "./plans.js";

declare const layerName: string;
declare const tensorNames: ReadonlySet<string>;
/** What each gradient is computed from. */
declare const needs: ReadonlyMap<string, readonly string[]>;
/** Inputs whose very array an output may be. */
declare const inPlace: readonly (readonly [input: string, output: string])[];

export type Arrays = Record<string, Data | undefined>;

/** Where an array lies. */
export const bufferOf = /* @__PURE__ */ arrayGetter("buffer");
export const startOf = /* @__PURE__ */ arrayGetter("byteOffset") as (this: unknown) => number;
export const bytesOf = /* @__PURE__ */ arrayGetter("byteLength") as (this: unknown) => number;

/** What a call reads, writes and hands back, by tensor names. */
export interface Call {
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  readonly results: readonly string[];
  readonly saved?: readonly string[];
  /** Results that are added to what their arrays hold. */
  readonly adds?: readonly string[];
  /** The result of the last call if that wrote into given arrays only: handed out again for the same arrays. */
  last?: Record<string, unknown> | undefined;
}

/** A new array; an error that names it where memory does not allow that. */
export function newArray<D>(Type: new (length: number) => D, name: string, shape: readonly number[]): D {
  const length = lengthOf(name, shape, 0);
  try {
    return new Type(length);
  } catch {
    throw new RangeError(`${layerName}: there is no memory for ${name}[${shape.join(", ")}]`);
  }
}

export const shapesOf = (tensors: ReadonlyMap<string, Tensor>): object =>
  Object.fromEntries([...tensors.values()].map((t) => [t.name, t.shape]));

/** An output may share no memory with an input or another output, but be one that `inPlace` lists. */
export function checkApart(call: Call, name: string, array: Data, other: string, given: unknown): void {
  if (tagOf.call(given) === undefined || bufferOf.call(given) !== bufferOf.call(array)) return;
  const pair = inPlace.some(([input, output]) => input === other && output === name);
  if (pair && given === array && !call.adds?.includes(name)) return;
  const [start, otherStart] = [startOf.call(array), startOf.call(given)];
  const apart = otherStart + bytesOf.call(given) <= start || start + bytesOf.call(array) <= otherStart;
  if (!apart) throw new RangeError(`${layerName}: the output ${name} overlaps ${other} in memory`);
}

/**
 * Checks the arguments of a call, then puts the arrays that it uses into `at`, fresh ones where no output is
 * given. Says whether all were given. Nothing has been written when it throws.
 */
export function bind(
  call: Call,
  tensors: ReadonlyMap<string, Tensor>,
  at: Arrays,
  inputs: object,
  outputs: object,
): boolean {
  checkNames("tensor", inputs, tensorNames);
  checkNames("tensor", outputs, tensorNames);
  for (const name of call.reads) {
    at[name] = arrayOf(tensors.get(name)!, inputs);
    if (at[name] === undefined) throw new TypeError(`${layerName}: ${name} is missing`);
  }
  for (const name of call.writes) at[name] = arrayOf(tensors.get(name)!, outputs);
  for (const name of call.adds ?? noNames)
    if (at[name] === undefined)
      throw new TypeError(`${layerName}: add needs an array ${name} among the outputs`);
  for (const name of call.writes) {
    const array = at[name];
    if (array === undefined) continue;
    for (const other in inputs)
      if (!call.writes.includes(other)) checkApart(call, name, array, other, (inputs as Arrays)[other]);
    for (const other of call.writes) if (other !== name) checkApart(call, name, array, other, at[other]);
  }
  for (const name of call.reads) {
    const { bound } = tensors.get(name)!;
    if (bound !== Infinity) checkValues(tensors.get(name)!, at[name]!);
  }
  let complete = true;
  for (const name of call.writes) {
    if (at[name] !== undefined) continue;
    const { Type, shape } = tensors.get(name)!;
    at[name] = newArray(Type, name, shape);
    complete = false;
  }
  for (const name of call.adds ?? noNames) {
    const { Type, shape } = tensors.get(name)!;
    at[totalOf(name)] = at[name];
    at[name] = at[partOf(name)] ??= newArray(Type, name, shape);
  }
  return complete;
}
/** A gradient of `add` is computed in an array of the plan's, made once. Tensors have no blanks in their names. */
export const partOf = (name: string): string => `${name} part`;
export const totalOf = (name: string): string => `${name} total`;

export const holds = (result: Record<string, unknown>, names: readonly string[], at: Arrays): boolean => {
  for (const name of names) if (result[name] !== at[name]) return false;
  return true;
};
export const pick = (names: readonly string[], at: Arrays): Record<string, unknown> =>
  Object.fromEntries(names.map((name) => [name, at[name]]));

/** The results by name, those of `add` added up. `at` lets go of the arrays. */
export function handBack(
  call: Call,
  at: Arrays,
  complete: boolean,
  addTo?: (total: never, part: never) => void,
): Record<string, unknown> {
  for (const name of call.adds ?? noNames) {
    addTo?.(at[totalOf(name)] as never, at[name] as never);
    at[name] = at[totalOf(name)];
    at[totalOf(name)] = undefined;
  }
  let result = call.last;
  const saved = result?.["saved"] as Record<string, unknown> | undefined;
  if (
    !result ||
    !holds(result, call.results, at) ||
    (call.saved && !(saved && holds(saved, call.saved, at)))
  ) {
    result = pick(call.results, at);
    if (call.saved) result["saved"] = pick(call.saved, at);
  }
  call.last = complete ? result : undefined;
  for (const name of call.reads) at[name] = undefined;
  for (const name of call.writes) at[name] = undefined;
  return result;
}

/** The call that computes these gradients from the tensors that they need. */
export function callFor(gradients: readonly string[]): Call {
  const reads = [...new Set(gradients.flatMap((name) => needs.get(name)!))];
  return { reads, writes: gradients, results: gradients };
}
export const noOptions = {};
export const noNames: readonly string[] = [];
/** The call that the options of `backward` ask for. */
export function chooseCall(all: Call, options: object): Call {
  if (options === noOptions) return all;
  const { results, adds } = askedGradients(options, all.writes);
  return { ...(results === all.writes ? all : callFor(results)), adds };
}

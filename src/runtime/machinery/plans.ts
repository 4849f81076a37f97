/**
 * What every plan has: its settings, its tensors, and the checks of arrays. `index.ts` of a layer has these declarations as its own
 * (scripts/sources.mjs), `runtime.ts` as those of a function of the layer's name.
 */
declare const layerName: string;

export type Real = Float32Array | Float64Array;
export type Data = Real | Int32Array;
export interface Names {
  has(name: string): boolean;
  keys(): Iterable<string>;
}

/** A size or a param; `value` is a param's default. */
export interface Setting {
  readonly name: string;
  readonly kind: "size" | "positive" | "integer" | "real";
  readonly value?: number;
}
/** A tensor under the plan's sizes. Values of an index tensor lie in 0 <= value < bound. */
export interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly length: number;
  readonly Type: new (length: number) => Data;
  readonly bound: number;
  readonly boundText: string;
}

/** What a value is, for messages. A proxy may refuse to be asked. */
export function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (typeof value !== "object") return typeof value;
  try {
    const name: unknown = value.constructor?.name;
    return typeof name === "string" ? name : "object";
  } catch {
    return "object";
  }
}

/** What typed arrays are by themselves: own properties, a subclass or a proxy may say otherwise. */
export const arrayGetter = (key: PropertyKey): ((this: unknown) => unknown) =>
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Float32Array.prototype), key)!.get!;
export const tagOf = /* @__PURE__ */ arrayGetter(Symbol.toStringTag);
export const lengthOfArray = /* @__PURE__ */ arrayGetter("length") as (this: unknown) => number;

/** How many letters to insert, drop or exchange to come from one name to the other, in lower case. */
export function distance(from: string, to: string): number {
  const [a, b] = [from.toLowerCase(), to.toLowerCase()];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const above = row;
    row = [i];
    for (let j = 1; j <= b.length; j++) {
      const exchanged = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(exchanged, above[j]! + 1, row[j - 1]! + 1));
    }
  }
  return row[b.length]!;
}

/** A TypeError for a name that is not known, with the nearest one that is. */
export function unknownName(what: string, name: string, known: Names): TypeError {
  let [nearest, least] = ["", Math.min(2, Math.floor(name.length / 2)) + 1];
  for (const candidate of known.keys()) {
    const steps = distance(name, candidate);
    if (steps < least) [nearest, least] = [candidate, steps];
  }
  const mend =
    nearest === "" ? `known: ${[...known.keys()].join(", ") || "none"}` : `did you mean ${nearest}?`;
  return new TypeError(`${layerName}: there is no ${what} ${JSON.stringify(name)}; ${mend}`);
}

export function checkNames(what: string, given: unknown, known: Names): void {
  if (typeof given !== "object" || given === null || ArrayBuffer.isView(given))
    throw new TypeError(
      `${layerName}: expected an object that gives each ${what} by name, got ${kindOf(given)}`,
    );
  for (const name in given) if (!known.has(name)) throw unknownName(what, name, known);
}

/** What integers are at most, so that those computed from two of them are close to exact. */
export const largestInteger = 0x7fffffff;
export const leastOf = { size: 1, positive: 1, integer: -Infinity };
export const mustBe = {
  size: "a positive integer",
  positive: "a positive integer",
  integer: "an integer",
  real: "a number",
};

/** The sizes and params of a plan, defaults filled in. */
export function readSettings<S extends object>(
  settings: readonly Setting[],
  given: S,
): { readonly [K in keyof S]-?: number } {
  checkNames("size or param", given, new Set(settings.map((s) => s.name)));
  const values: Record<string, number> = {};
  for (const { name, kind, value } of settings) {
    const own = valueIn(given, name);
    const number = own === undefined ? value : own;
    if (number === undefined) throw new TypeError(`${layerName}: the size ${name} is missing`);
    if (typeof number !== "number")
      throw new TypeError(`${layerName}: ${name} must be a number, got ${kindOf(number)}`);
    if (kind === "real" ? Number.isNaN(number) : !Number.isInteger(number) || number < leastOf[kind])
      throw new RangeError(`${layerName}: ${name} = ${number} must be ${mustBe[kind]}`);
    if (kind !== "real" && Math.abs(number) > largestInteger)
      throw new RangeError(
        `${layerName}: ${name} = ${number} is out of range: integers lie within ±${largestInteger}`,
      );
    values[name] = number;
  }
  return values as { readonly [K in keyof S]-?: number };
}

/** Π shape, of integers that are all at least `least`. */
export function lengthOf(name: string, shape: readonly number[], least: number): number {
  const wrong = shape.findIndex((extent) => !Number.isSafeInteger(extent) || extent < least);
  const length = shape.reduce((a, b) => a * b, 1);
  if (wrong < 0 && Number.isSafeInteger(length)) return length;
  const what = wrong < 0 ? "is too large" : `has no positive extent on axis ${wrong}`;
  throw new RangeError(`${layerName}: ${name}[${shape.join(", ")}] ${what}`);
}
export function tensor(
  name: string,
  shape: readonly number[],
  Type: new (length: number) => Data,
  bound = Infinity,
  boundText = "",
): Tensor {
  return { name, shape, length: lengthOf(name, shape, 1), Type, bound, boundText };
}
export const byName = (tensors: readonly Tensor[]): ReadonlyMap<string, Tensor> =>
  new Map(tensors.map((t) => [t.name, t]));

/** What stands in the object under the name; what every object inherits (`toString`) does not. */
export function valueIn(given: object, name: string): unknown {
  const value = (given as Record<string, unknown>)[name];
  return value === (Object.prototype as unknown as Record<string, unknown>)[name] ? undefined : value;
}

/** The array given under the name, of the right type and length; undefined where none is given. */
export function arrayOf({ name, shape, length, Type }: Tensor, given: object): Data | undefined {
  const array = valueIn(given, name);
  if (array === undefined) return undefined;
  const tag = tagOf.call(array);
  if (tag !== Type.name || Object.getPrototypeOf(array) !== Type.prototype) {
    const kind = kindOf(array);
    const found =
      kind !== Type.name
        ? kind
        : tag === undefined
          ? "an object that stands for one"
          : "one of another realm";
    throw new TypeError(`${layerName}: ${name} must be of type ${Type.name}, got ${found}`);
  }
  const own = lengthOfArray.call(array);
  if (own !== length)
    throw new RangeError(`${layerName}: ${name}[${shape.join(", ")}] must have length ${length}, got ${own}`);
  return array as Data;
}

/** Index tensors: every value in range, or an error that names the element. */
export function checkValues({ name, shape, bound, boundText }: Tensor, array: Data): void {
  for (let i = 0; i < array.length; i++) {
    const value = array[i]!;
    if (value >= 0 && value < bound) continue;
    const subscripts: number[] = [];
    let rest = i;
    for (const extent of [...shape].reverse()) {
      subscripts.unshift(rest % extent);
      rest = Math.floor(rest / extent);
    }
    const element = shape.length === 0 ? name : `${name}[${subscripts.join(", ")}]`;
    throw new RangeError(
      `${layerName}: ${element} = ${value} is outside 0 <= ${name} < ${boundText === "" ? "" : `${boundText} = `}${bound}`,
    );
  }
}

export const callOptions: ReadonlySet<string> = new Set(["only", "add"]);
/** The gradients that an option lists, of those that there are, in their order. */
export function listOf(option: string, value: unknown, known: readonly string[]): readonly string[] {
  if (!Array.isArray(value)) throw new TypeError(`${layerName}: ${option} must be a list of gradients`);
  for (const name of value)
    if (!known.includes(name))
      throw unknownName("gradient", typeof name === "string" ? name : kindOf(name), new Set(known));
  return known.filter((name) => value.includes(name));
}
/** Which gradients the options of `backward` ask for, and which of these are added to what is there. */
export function askedGradients(
  options: { readonly only?: unknown; readonly add?: unknown },
  all: readonly string[],
): { readonly results: readonly string[]; readonly adds: readonly string[] } {
  checkNames("option", options, callOptions);
  const { only, add } = options;
  const results = only === undefined ? all : listOf("only", only, all);
  return { results, adds: add === undefined ? [] : listOf("add", add, results) };
}

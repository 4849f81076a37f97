/** The part of a generated file that is the same for every layer: settings, checks of arguments, what a call hands back. */

/** What every plan has: its settings, its tensors, and the checks of arrays. */
export const plans = `
type Real = Float32Array | Float64Array;
type Data = Real | Int32Array;
interface Names {
  has(name: string): boolean;
  keys(): Iterable<string>;
}

/** A size or a param; \`value\` is a param's default. */
interface Setting {
  readonly name: string;
  readonly kind: "size" | "positive" | "integer" | "real";
  readonly value?: number;
}
/** A tensor under the plan's sizes. Values of an index tensor lie in 0 <= value < bound. */
interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly length: number;
  readonly Type: new (length: number) => Data;
  readonly bound: number;
  readonly boundText: string;
}

const kindOf = (value: unknown): string =>
  value === null
    ? "null"
    : typeof value === "object"
      ? \`\${value.constructor?.name ?? "object"}\`
      : typeof value;

/** How many letters to insert, drop or exchange to come from one name to the other, in lower case. */
function distance(from: string, to: string): number {
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
function unknownName(what: string, name: string, known: Names): TypeError {
  let [nearest, least] = ["", Math.min(2, Math.floor(name.length / 2)) + 1];
  for (const candidate of known.keys()) {
    const steps = distance(name, candidate);
    if (steps < least) [nearest, least] = [candidate, steps];
  }
  const mend =
    nearest === ""
      ? \`known: \${[...known.keys()].join(", ") || "none"}\`
      : \`did you mean \${nearest}?\`;
  return new TypeError(\`\${layerName}: there is no \${what} \${JSON.stringify(name)}; \${mend}\`);
}

function checkNames(what: string, given: unknown, known: Names): void {
  if (typeof given !== "object" || given === null || ArrayBuffer.isView(given))
    throw new TypeError(
      \`\${layerName}: expected an object that gives each \${what} by name, got \${kindOf(given)}\`,
    );
  for (const name in given) if (!known.has(name)) throw unknownName(what, name, known);
}

/** The sizes and params of a plan, defaults filled in. */
function readSettings<S extends object>(
  settings: readonly Setting[],
  given: S,
): { readonly [K in keyof S]-?: number } {
  checkNames("size or param", given, new Set(settings.map((s) => s.name)));
  const own = new Map<string, unknown>(Object.entries(given));
  const values: Record<string, number> = {};
  for (const { name, kind, value } of settings) {
    const number = own.get(name) === undefined ? value : own.get(name);
    if (number === undefined) throw new TypeError(\`\${layerName}: the size \${name} is missing\`);
    if (typeof number !== "number")
      throw new TypeError(\`\${layerName}: \${name} must be a number, got \${kindOf(number)}\`);
    const least = kind === "integer" ? -Infinity : 1;
    if (kind === "real" ? Number.isNaN(number) : !Number.isSafeInteger(number) || number < least) {
      const must =
        kind === "real" ? "be a number" : \`be \${kind === "integer" ? "an" : "a positive"} integer\`;
      throw new RangeError(\`\${layerName}: \${name} = \${number} must \${must}\`);
    }
    values[name] = number;
  }
  return values as { readonly [K in keyof S]-?: number };
}

/** Π shape, of integers that are all at least \`least\`. */
function lengthOf(name: string, shape: readonly number[], least: number): number {
  const wrong = shape.findIndex((extent) => !Number.isSafeInteger(extent) || extent < least);
  const length = shape.reduce((a, b) => a * b, 1);
  if (wrong < 0 && Number.isSafeInteger(length)) return length;
  const what = wrong < 0 ? "is too large" : \`has no positive extent on axis \${wrong}\`;
  throw new RangeError(\`\${layerName}: \${name}[\${shape.join(", ")}] \${what}\`);
}
function tensor(
  name: string,
  shape: readonly number[],
  Type: new (length: number) => Data,
  bound = Infinity,
  boundText = "",
): Tensor {
  return { name, shape, length: lengthOf(name, shape, 1), Type, bound, boundText };
}
const byName = (tensors: readonly Tensor[]): ReadonlyMap<string, Tensor> =>
  new Map(tensors.map((t) => [t.name, t]));

/** The array given under the name, of the right type and length; undefined where none is given. */
function arrayOf({ name, shape, length, Type }: Tensor, given: object): Data | undefined {
  const array: unknown = (given as Record<string, unknown>)[name];
  if (array === undefined || typeof array === "function") return undefined;
  if (!(array instanceof Type))
    throw new TypeError(\`\${layerName}: \${name} must be of type \${Type.name}, got \${kindOf(array)}\`);
  if (array.length !== length)
    throw new RangeError(
      \`\${layerName}: \${name}[\${shape.join(", ")}] must have length \${length}, got \${array.length}\`,
    );
  return array;
}

/** Index tensors: every value in range, or an error that names the element. */
function checkValues({ name, shape, bound, boundText }: Tensor, array: Data): void {
  for (let i = 0; i < array.length; i++) {
    const value = array[i]!;
    if (value >= 0 && value < bound) continue;
    const subscripts: number[] = [];
    let rest = i;
    for (const extent of [...shape].reverse()) {
      subscripts.unshift(rest % extent);
      rest = Math.floor(rest / extent);
    }
    const element = shape.length === 0 ? name : \`\${name}[\${subscripts.join(", ")}]\`;
    throw new RangeError(
      \`\${layerName}: \${element} = \${value} is outside 0 <= \${name} < \${boundText === "" ? "" : \`\${boundText} = \`}\${bound}\`,
    );
  }
}
`;

/** What plans over arrays have: calls. */
export const calls = `
type Arrays = Record<string, Data | undefined>;

/** What a call reads, writes and hands back, by tensor names. */
interface Call {
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  readonly results: readonly string[];
  readonly saved?: readonly string[];
  /** The result of the last call if that wrote into given arrays only: handed out again for the same arrays. */
  last?: Record<string, unknown> | undefined;
}

/** Whether the options ask for Float64Array. */
function isDouble(options: { readonly dtype?: unknown }): boolean {
  checkNames("option", options, new Set(["dtype"]));
  const { dtype = "f32" } = options;
  if (dtype !== "f32" && dtype !== "f64")
    throw new TypeError(\`\${layerName}: dtype must be "f32" or "f64", got \${JSON.stringify(dtype)}\`);
  return dtype === "f64";
}

const shapesOf = (tensors: ReadonlyMap<string, Tensor>): object =>
  Object.fromEntries([...tensors.values()].map((t) => [t.name, t.shape]));
const arraysOf = (tensors: ReadonlyMap<string, Tensor>): object =>
  Object.fromEntries([...tensors.values()].map((t) => [t.name, new t.Type(t.length)]));

/** An output may share no memory with an input or another output. */
function checkApart(name: string, array: Data, other: string, given: unknown): void {
  if (!ArrayBuffer.isView(given) || given.buffer !== array.buffer) return;
  const apart =
    given.byteOffset + given.byteLength <= array.byteOffset ||
    array.byteOffset + array.byteLength <= given.byteOffset;
  if (!apart) throw new RangeError(\`\${layerName}: the output \${name} overlaps \${other} in memory\`);
}

/**
 * Checks the arguments of a call, then puts the arrays that it uses into \`at\`, fresh ones where no output is
 * given. Says whether all were given. Nothing has been written when it throws.
 */
function bind(
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
    if (at[name] === undefined) throw new TypeError(\`\${layerName}: \${name} is missing\`);
  }
  for (const name of call.writes) at[name] = arrayOf(tensors.get(name)!, outputs);
  for (const name of call.writes) {
    const array = at[name];
    if (array === undefined) continue;
    for (const other in inputs)
      if (!call.writes.includes(other)) checkApart(name, array, other, (inputs as Arrays)[other]);
    for (const other of call.writes) if (other !== name) checkApart(name, array, other, at[other]);
  }
  for (const name of call.reads) {
    const { bound } = tensors.get(name)!;
    if (bound !== Infinity) checkValues(tensors.get(name)!, at[name]!);
  }
  let complete = true;
  for (const name of call.writes) {
    if (at[name] !== undefined) continue;
    const { Type, length } = tensors.get(name)!;
    at[name] = new Type(length);
    complete = false;
  }
  return complete;
}

const holds = (result: Record<string, unknown>, names: readonly string[], at: Arrays): boolean => {
  for (const name of names) if (result[name] !== at[name]) return false;
  return true;
};
const pick = (names: readonly string[], at: Arrays): Record<string, unknown> =>
  Object.fromEntries(names.map((name) => [name, at[name]]));

/** The results by name. \`at\` lets go of the arrays. */
function handBack(call: Call, at: Arrays, complete: boolean): Record<string, unknown> {
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
function callFor(gradients: readonly string[]): Call {
  const reads = [...new Set(gradients.flatMap((name) => needs.get(name)!))];
  return { reads, writes: gradients, results: gradients };
}
const callOptions: ReadonlySet<string> = new Set(["only"]);
const noOptions = {};
/** The call that the options of \`backward\` ask for. */
function chooseCall(all: Call, options: { readonly only?: unknown }): Call {
  checkNames("option", options, callOptions);
  const { only } = options;
  if (only === undefined) return all;
  if (!Array.isArray(only)) throw new TypeError(\`\${layerName}: only must be a list of gradients\`);
  for (const name of only) if (!needs.has(name)) throw unknownName("gradient", String(name), needs);
  return callFor([...needs.keys()].filter((name) => only.includes(name)));
}
`;

/** Always there. */
export const machinery = `${plans}${calls}`;

/** There where a layer has such checks. */
export const checks = {
  require: `
/** A precondition of the layer. */
function requireThat(condition: boolean, message: string, values: object): void {
  if (!condition) throw new RangeError(\`\${layerName}: \${message} (\${textOf(values)})\`);
}
`,
  derived: `
/** Derived sizes are positive integers. */
function checkDerived(derived: Readonly<Record<string, number>>, values: object): void {
  for (const [name, value] of Object.entries(derived))
    if (!Number.isSafeInteger(value) || value < 1)
      throw new RangeError(
        \`\${layerName}: the derived size \${name} = \${value} must be a positive integer (\${textOf(values)})\`,
      );
}
`,
  bounds: `
function outOfBounds(
  text: string,
  axis: number,
  subscript: number,
  extent: string,
  point: object,
  values: object,
): RangeError {
  return new RangeError(
    \`\${layerName}: \${text} is out of bounds on axis \${axis}: \${subscript} is not in 0 <= … < \${extent}, \` +
      \`first at \${textOf(point) || "its only element"} (\${textOf(values)})\`,
  );
}
`,
  text: `
const textOf = (values: object): string =>
  Object.entries(values)
    .map(([name, value]) => \`\${name} = \${value}\`)
    .join(", ");
`,
} as const;
export type CheckName = keyof typeof checks;

/** Functions and constants of the module that no kernel, size or local may be called. */
export const machineryNames: readonly string[] = [
  ...`${machinery}${Object.values(checks).join("")}`.matchAll(/^(?:const|function|type|interface) (\w+)/gm),
].map((match) => match[1]!);

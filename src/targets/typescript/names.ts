/** What names of a layer are called in TypeScript. */
import { quote } from "../../notation/line-ends.js";
import * as code from "../code/scope.js";

const reservedWords = `
  abstract arguments as async await boolean break case catch class const continue debugger declare default delete
  do else enum eval export extends false finally for function get if implements import in instanceof interface
  let new null of package private protected public return set static super switch this throw true try typeof
  undefined var void while with yield`;
const globals = `
  Array ArrayBuffer Error Float32Array Float64Array Infinity Int32Array Map Math NaN Number Object RangeError Set
  String TypeError globalThis`;
/** What no declaration of generated code may be called. */
export const taken: ReadonlySet<string> = new Set(`${reservedWords} ${globals}`.trim().split(/\s+/));

const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** The name as a property: `.w`, or `["…"]` where it is no identifier. */
export const member = (name: string): string => (identifier.test(name) ? `.${name}` : `[${quote(name)}]`);
/** The name as a key of an object literal or a type. */
export const key = (name: string): string => (identifier.test(name) ? name : quote(name));

/** The names as an array literal. */
export const list = (names: readonly string[]): string => `[${names.map((name) => quote(name)).join(", ")}]`;

/** `batch_norm1d` → `BatchNorm1d`: the prefix of a layer's types. */
export function typePrefix(layer: string): string {
  const parts = layer.split("_").filter((part) => part !== "");
  const joined = parts.map((part) => part.replace(/^./u, (first) => first.toUpperCase())).join("");
  return identifier.test(joined) ? joined : `_${joined}`;
}

/** A scope in which `reserved` identifiers mean something else already, and panels keep the module's names. */
export const makeScope = (reserved: Iterable<string>, panels?: readonly string[]): code.Scope =>
  code.makeScope([...taken, ...reserved], panels);

/** The layer keeps its name inside the module unless something else has it there. */
export function moduleName(layer: string, others: readonly string[]): { name: string; clashes: boolean } {
  const clashes = taken.has(layer) || others.includes(layer);
  return { name: clashes ? makeScope(others).fresh(`${layer}Layer`) : layer, clashes };
}

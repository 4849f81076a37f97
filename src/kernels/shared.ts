/**
 * Kernels that differ by names alone, as those of two calls of one layer do whose sizes play the same roles: the first of them
 * serves all, called with the arrays and numbers of each.
 */
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { rewrite } from "../notation/traverse.js";
import type { Code, Kernel, Program } from "./program.js";
import { mapCode, namesMade, renameBuffers } from "./walk-code.js";

type Names = ReadonlyMap<string, string>;

/** A kernel in place of another: the names there by the names of the kernel that runs. */
export interface Stand {
  readonly kernel: string;
  readonly buffers: Names;
  readonly values: Names;
}
type Shared = Pick<Program, "layer" | "buffers" | "kernels" | "panels" | "planConstants">;

/** By the names of the kernels that need no code of their own. */
export function standIns(program: Shared): ReadonlyMap<string, Stand> {
  const firsts = new Map<string, { readonly kernel: string; readonly outside: Outside }>();
  const found = new Map<string, Stand>();
  for (const kernel of program.kernels) {
    const outside = outsideOf(kernel, program);
    const key = keyOf(kernel, outside, program);
    const first = firsts.get(key);
    if (!first) firsts.set(key, { kernel: kernel.name, outside });
    else
      found.set(kernel.name, {
        kernel: first.kernel,
        buffers: paired(first.outside.buffers, outside.buffers),
        values: paired(first.outside.values, outside.values),
      });
  }
  return found;
}
/**
 * What a kernel computes beside its own formula, for the comment above it.
 * @param runsFor the kernel that runs in place of one
 */
export function alsoComputed(
  kernels: readonly Pick<Kernel, "name" | "formula">[],
  runsFor: (name: string) => string | undefined,
  name: string,
): readonly string[] {
  const others = kernels.filter((k) => runsFor(k.name) === name).map((k) => k.formula);
  if (others.length === 0) return [];
  const shown = others.slice(0, mostShown);
  const rest = others.length - shown.length;
  return [["and so", ...shown, ...(rest > 0 ? [`and ${rest} more`] : [])].join("\n")];
}
const mostShown = 4;

const paired = (from: readonly string[], to: readonly string[]): Names =>
  new Map(from.map((name, i) => [name, to[i]!]));

/** What a kernel takes, in an order that does not depend on names: sizes as they stand in the shapes of its buffers. */
interface Outside {
  readonly buffers: readonly string[];
  readonly values: readonly string[];
}
function outsideOf({ reads, writes, integers, reals }: Kernel, { buffers, panels }: Shared): Outside {
  const known = new Map(buffers.map((b) => [b.name, b]));
  const own = [...new Set([...reads, ...writes])].filter((name) => !panels.some((p) => p.name === name));
  const sizes = own
    .flatMap((name) => known.get(name)?.shape ?? [])
    .flatMap((e) => [...integer.variablesOf(e)]);
  const taken = new Set(integers);
  return {
    buffers: own,
    values: [...new Set([...sizes.filter((s) => taken.has(s)), ...integers, ...reals])],
  };
}

/** Equal for kernels that differ by names alone. */
function keyOf(kernel: Kernel, { buffers, values }: Outside, program: Shared): string {
  const numbered = (names: Iterable<string>, letter: string): Names =>
    new Map([...names].map((name, i) => [name, `${letter}${i}`]));
  const arrays = numbered(buffers, "tensor ");
  const numbers = new Map([...numbered(namesMade(kernel.body), "local "), ...numbered(values, "value ")]);
  const body = renamed(
    renameBuffers(kernel.body, (name) => arrays.get(name) ?? name),
    numbers,
  );
  const types = buffers.map((name) => {
    const buffer = program.buffers.find((b) => b.name === name);
    return [buffer?.type, buffer?.own];
  });
  const edges = kernel.edges?.map(({ extent, at }) => ({ extent: renamedInt(extent, numbers), at }));
  return JSON.stringify([types, values.map((name) => kindOf(name, numbers, program)), body, edges], plain);
}

/** What is known of a number beside its name: targets spell by it. */
function kindOf(name: string, names: Names, { layer, planConstants }: Shared): unknown {
  if (layer.sizes.includes(name) || layer.derived.some((d) => d.name === name)) return "size";
  const constant = planConstants.find((c) => c.name === name);
  if (constant?.kind === "value") return ["constant", renamedInt(constant.value, names)];
  if (constant) return constant.kind;
  const param = layer.params.find((p) => p.name === name);
  return param ? [param.type, param.positive] : "other";
}

const renamedInt = (value: Int, names: Names): Int =>
  integer.substituteInt(value, new Map([...names].map(([from, to]) => [from, integer.variable(to)])));
function renamed(block: readonly Code[], names: Names): readonly Code[] {
  const name = (from: string): string => names.get(from) ?? from;
  const int = (value: Int): Int => renamedInt(value, names);
  return block.map((c) =>
    mapCode(c, {
      expression: (e) =>
        rewrite(e, (part) => (part.kind === "parameter" ? { ...part, name: name(part.name) } : part), int),
      ...{ int, name },
      block: (inner) => renamed(inner, names),
    }),
  );
}

/** Integers by their keys; places in the text left out. */
const plain = (key: string, value: unknown): unknown => {
  if (key === "at") return undefined;
  if (typeof value === "bigint") return String(value);
  return isInt(value) ? integer.keyOf(value) : value;
};
const isInt = (value: unknown): value is Int =>
  typeof value === "object" && value !== null && "kind" in value && value.kind === "int";

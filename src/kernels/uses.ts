/** Which buffers, sizes, params and plan constants a kernel's code uses. */
import type { Condition, Expression } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import type { Layer } from "../notation/layer.js";
import { walk, walkCondition, type Visitor } from "../notation/traverse.js";
import type { PlanConstants } from "./constants.js";
import type { Code, Edge, Kernel } from "./program.js";

/** Sizes, derived sizes, integer params and plan constants. */
const integersOf = (layer: Layer, constants: PlanConstants): ReadonlySet<string> =>
  new Set([
    ...layer.sizes,
    ...layer.derived.map((d) => d.name),
    ...layer.params.filter((p) => p.type === "integer").map((p) => p.name),
    ...constants.list.map((c) => c.name),
    ...(layer.still ?? []).map((index) => index.name),
  ]);

/** Those of the stated edges that sizes alone decide. */
export function edgesOf(stated: readonly Edge[], layer: Layer, constants: PlanConstants): readonly Edge[] {
  const sizes = integersOf({ ...layer, still: [] }, constants);
  return stated.filter(({ extent }) => {
    const names = [...integer.variablesOf(extent)];
    return names.length > 0 && names.every((name) => sizes.has(name)) && !integer.holdsElement(extent);
  });
}

export function usesOf(
  code: readonly Code[],
  layer: Layer,
  constants: PlanConstants,
): Pick<Kernel, "reads" | "writes" | "integers" | "reals"> {
  const [reads, writes, integers, reals] = [
    new Set<string>(),
    new Set<string>(),
    new Set<string>(),
    new Set<string>(),
  ];
  const sizes = integersOf(layer, constants);
  const known = new Set([...layer.params, ...layer.constants].map((p) => p.name));
  const int = (value: Int): void =>
    integer.eachAtom(value, (atom) => {
      if (atom.kind === "element") reads.add(atom.tensor);
      if (atom.kind === "variable" && sizes.has(atom.name)) integers.add(atom.name);
    });
  const visitor: Visitor = {
    int,
    expression: (e) => {
      if (e.kind === "read") reads.add(e.tensor);
      if (e.kind === "parameter" && known.has(e.name)) reals.add(e.name);
    },
  };
  const value = (v: Expression | Int): void => (v.kind === "int" ? int(v) : walk(v, visitor));
  const condition = (c: Condition): void => walkCondition(c, visitor);
  const visit = (c: Code): void => {
    switch (c.kind) {
      case "loop":
        [c.from, c.to, c.step].forEach(int);
        c.body.forEach(visit);
        return;
      case "integer":
      case "counter":
        return int(c.value);
      case "real":
      case "accumulator":
      case "assign":
        return value(c.value);
      case "store":
      case "accumulate":
        writes.add(c.buffer);
        int(c.offset);
        return value(c.value);
      case "call":
        return c.integers.forEach(int);
      case "fill":
        writes.add(c.buffer);
        return value(c.value);
      case "if":
        condition(c.condition);
        c.then.forEach(visit);
        c.otherwise.forEach(visit);
    }
  };
  code.forEach(visit);
  const ordered = (set: Set<string>): readonly string[] => [...set];
  return {
    reads: ordered(reads),
    writes: ordered(writes),
    integers: ordered(integers),
    reals: ordered(reals),
  };
}

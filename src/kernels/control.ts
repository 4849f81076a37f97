/** What decides how often the parts of some code run: the names in limits and conditions, and what these follow from. */
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { namesInCondition } from "../notation/traverse.js";
import type { Code } from "./program.js";
import { eachCode } from "./walk-code.js";

export type Call = Extract<Code, { kind: "call" }>;

/** @param workOf a call's own work, in terms of the integers that it takes */
export function controlling(block: readonly Code[], workOf: (call: Call) => Int): ReadonlySet<string> {
  const found = new Set<string>();
  const add = (value: Int): void => void integer.variablesOf(value, found);
  eachCode(block, (c) => {
    if (c.kind === "loop") [c.from, c.to, c.step].forEach(add);
    if (c.kind === "if") namesInCondition(c.condition, found);
    if (c.kind === "call") add(workOf(c));
  });
  // and what these are defined by, until nothing is new
  for (let known = -1; known < found.size;) {
    known = found.size;
    eachCode(block, (c) => {
      const defines = c.kind === "integer" || c.kind === "counter" || c.kind === "assign";
      if (defines && c.value.kind === "int" && found.has(c.name)) add(c.value);
    });
  }
  return found;
}

/** Whether the code stores integers, which limits may be read from later. */
export function fillsTables(block: readonly Code[]): boolean {
  let fills = false;
  eachCode(block, (c) => (fills ||= c.kind === "store" && c.value.kind === "int"));
  return fills;
}

/** Which tensors code reads and writes. */
import type { Expression } from "../../../notation/expression.js";
import * as integer from "../../../notation/integer.js";
import type { Int } from "../../../notation/integer.js";
import { tensorsIn, tensorsInCondition } from "../../../notation/traverse.js";
import type { Code } from "../../program.js";

export function storedIn(block: readonly Code[]): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (code: Code): void => {
    if (code.kind === "store") found.add(code.buffer);
    if (code.kind === "loop") code.body.forEach(visit);
    if (code.kind === "if") [...code.then, ...code.otherwise].forEach(visit);
  };
  block.forEach(visit);
  return found;
}

/** What is read. */
export function tensorsOf(block: readonly Code[]): ReadonlySet<string> {
  const found = new Set<string>();
  const add = (names: Iterable<string>): void => [...names].forEach((name) => found.add(name));
  const int = (value: Int): void =>
    integer.eachAtom(value, (atom) => {
      if (atom.kind === "element") found.add(atom.tensor);
    });
  const value = (v: Expression | Int): void => (v.kind === "int" ? int(v) : add(tensorsIn(v)));
  const visit = (code: Code): void => {
    if ("value" in code) value(code.value);
    if (code.kind === "store") int(code.offset);
    if (code.kind === "loop") {
      [code.from, code.to, code.step].forEach(int);
      code.body.forEach(visit);
    }
    if (code.kind === "if") {
      add(tensorsInCondition(code.condition));
      [...code.then, ...code.otherwise].forEach(visit);
    }
  };
  block.forEach(visit);
  return found;
}

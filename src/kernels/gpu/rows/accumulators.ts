/** How loops combine what they accumulate: what decides whether their points may be shared. */
import * as build from "../../../notation/construct.js";
import type { Condition, Expression } from "../../../notation/expression.js";
import type { Int } from "../../../notation/integer.js";
import { keyOfCondition } from "../../../notation/key.js";
import type { Code } from "../../program.js";
import { choice, outdoes } from "../../reduce.js";
import { routines } from "../program.js";

export type Combination = "sum" | "product" | "max" | "min";
const neutral: Readonly<Record<Combination, number>> = { sum: 0, product: 1, max: -Infinity, min: Infinity };

/** Whether an accumulator that starts so may start so in each of several threads. */
export const startsNeutral = (start: Expression | undefined, combination: Combination): boolean =>
  start?.kind === "constant" && build.valueOf(start) === neutral[combination];

/** The accumulator combined with one more value. */
export function combine(name: string, combination: Combination, value: Expression): Code {
  const own: Expression = { kind: "parameter", name };
  if (combination === "sum") return { kind: "assign", name, value: build.add(own, value) };
  if (combination === "product") return { kind: "assign", name, value: build.multiply(own, value) };
  return choice(outdoes(combination, value, own), name, value);
}

/** The accumulators of a workgroup's threads combined: `shared` holds one for each, `lane` is the thread's number. */
export const combineLanes = (name: string, combination: Combination, shared: string, lane: Int): Code => ({
  kind: "call",
  routine: routines[combination],
  buffers: [shared],
  integers: [lane],
  reals: [{ kind: "parameter", name }],
});

/** Whether the code changes nothing of outside but buffers and accumulators, inside loops; collects how these are combined. */
export function accumulates(
  block: readonly Code[],
  looped: boolean,
  own: ReadonlySet<string>,
  found: Map<string, Combination>,
): boolean {
  const known = new Set(own);
  const accumulation = (name: string, combination: Combination | undefined): boolean => {
    if (known.has(name)) return true;
    if (!looped || combination === undefined || (found.get(name) ?? combination) !== combination)
      return false;
    found.set(name, combination);
    return true;
  };
  return block.every((code): boolean => {
    switch (code.kind) {
      case "integer":
      case "real":
      case "counter":
      case "accumulator":
        known.add(code.name);
        return true;
      case "assign":
        return accumulation(code.name, combinationOf(code.name, code.value));
      case "store":
        return looped;
      case "loop":
        return accumulates(code.body, true, known, found);
      case "if": {
        const extreme = extremeOf(code);
        if (extreme) return accumulation(extreme.name, extreme.combination);
        return [code.then, code.otherwise].every((part) => accumulates(part, looped, known, found));
      }
      case "accumulate":
      case "call":
      case "fill":
        return false;
    }
  });
}

/** s = s + v, p = p · v. */
function combinationOf(name: string, value: Expression | Int): Combination | undefined {
  if (value.kind !== "add" && value.kind !== "multiply") return undefined;
  const parts = value.kind === "add" ? value.terms : value.factors;
  const itself = parts.filter((p) => p.kind === "parameter" && p.name === name);
  return itself.length === 1 ? (value.kind === "add" ? "sum" : "product") : undefined;
}

/** best = v where v outdoes it. */
function extremeOf({
  condition,
  then,
  otherwise,
}: {
  readonly condition: Condition;
  readonly then: readonly Code[];
  readonly otherwise: readonly Code[];
}): { name: string; combination: Combination } | undefined {
  const [only, more] = then;
  if (only?.kind !== "assign" || more || otherwise.length > 0) return undefined;
  const { name, value } = only;
  if (value.kind === "int") return undefined;
  const best: Expression = { kind: "parameter", name };
  const key = keyOfCondition(condition);
  const combination = (["max", "min"] as const).find(
    (of) => keyOfCondition(outdoes(of, value, best)) === key,
  );
  return combination && { name, combination };
}

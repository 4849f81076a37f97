/**
 * How much arithmetic a kernel does for given sizes: its loops are run over integers only, and each real operation
 * that is reached is counted. A loop whose index decides nothing of what runs inside is run once and counted as often
 * as it has points. Tests use it to see that nothing is computed in vain or twice.
 */
import { gcd, modularInverse } from "../notation/euclid.js";
import type { Condition, Expression } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { walk } from "../notation/traverse.js";
import { evaluateInt } from "../ranges/sizes.js";
import { scalarTile, vectorTile } from "./contraction/tile.js";
import { controlling, fillsTables, type Call } from "./control.js";
import { lanes, sumTaps } from "./stencil/tile.js";
import type { Code, Kernel, PlanConstant } from "./program.js";

/** What a routine multiplies and adds at each of as many steps as its second integer says. */
const widths: ReadonlyMap<string, number> = new Map([
  ...[scalarTile, vectorTile].map((t) => [t.routine.name, t.rows * t.columns] as const),
  [sumTaps.name, lanes],
]);

export interface Work {
  /** Sums and assignments `acc += a*b` of at least one product: the multiply-adds. */
  readonly multiplyAdds: number;
  /** Calls of exp, log and the like. */
  readonly calls: number;
  /** Elements written. */
  readonly stores: number;
}

const workOfRoutine = ({ routine, integers }: Call): Int =>
  integer.scale(integer.extremum("max", integer.zero, integers[1] ?? integer.zero), widths.get(routine) ?? 0);

/**
 * `sizes` holds sizes, derived sizes, params and plan constants. Integers that the kernel stores are remembered (its
 * tables of limits); other elements of integer tensors count as 0.
 * @param workOf the multiply-adds of a call, in terms of the integers that it takes
 * @param lanesOf how many numbers an expression is of
 */
export function countWork(
  { body }: Pick<Kernel, "body">,
  sizes: ReadonlyMap<string, number>,
  workOf: (call: Call) => Int = workOfRoutine,
  lanesOf: (e: Expression) => number = () => 1,
): Work {
  const env = new Map(sizes);
  const work = { multiplyAdds: 0, calls: 0, stores: 0 };
  const decisive = controlling(body, workOf);
  const tables = fillsTables(body);
  /** What is reached counts so many times. */
  let times = 1;
  const stored = new Map<string, Map<number, number>>();
  const int = (value: Int): number =>
    evaluateInt(value, env, (tensor, [at = 0]) => stored.get(tensor)?.get(at) ?? 0);
  const remember = (buffer: string, at: number, value: number): void => {
    const table = stored.get(buffer) ?? new Map<number, number>();
    stored.set(buffer, table.set(at, value));
  };
  const spend = (e: Expression | Int): void => {
    if (e.kind === "int") return;
    walk(e, {
      expression: (part) => {
        if (part.kind === "multiply") work.multiplyAdds += times * lanesOf(part) * (part.factors.length - 1);
        if (part.kind === "call") work.calls += times * lanesOf(part);
      },
    });
  };
  const run = (code: readonly Code[]): void => code.forEach(step);
  const step = (c: Code): void => {
    switch (c.kind) {
      case "loop": {
        const [from, to, by] = [int(c.from), int(c.to), int(c.step)];
        const alike = !tables && !decisive.has(c.index);
        const [turns, weight] = alike ? [1, Math.ceil((to - from) / by)] : [Infinity, 1];
        if (to <= from) return;
        times *= weight;
        for (let i = from, turn = 0; i < to && turn < turns; i += by, turn++) {
          env.set(c.index, i);
          run(c.body);
        }
        times /= weight;
        return;
      }
      case "integer":
      case "counter":
        if (decisive.has(c.name) || tables) env.set(c.name, int(c.value));
        return;
      case "assign":
        if (c.value.kind === "int") env.set(c.name, int(c.value));
        return spend(c.value);
      case "real":
      case "accumulator":
        return spend(c.value);
      case "store":
      case "accumulate":
        if (c.value.kind === "int") remember(c.buffer, int(c.offset), int(c.value));
        work.stores += times * lanesOf({ kind: "read", tensor: c.buffer, subscripts: [c.offset] });
        return spend(c.value);
      case "call":
        work.multiplyAdds += times * int(workOf(c));
        return;
      case "fill":
        return;
      case "if":
        return run(c.rare === undefined && holds(c.condition) ? c.then : c.otherwise);
    }
  };
  /** Conditions on real values are taken to hold. */
  const holds = (c: Condition): boolean => {
    switch (c.kind) {
      case "truth":
        return c.value;
      case "nonnegative":
        return int(c.value) >= 0;
      case "zero":
        return int(c.value) === 0;
      case "and":
        return c.parts.every(holds);
      case "or":
        return c.parts.some(holds);
      case "not":
        return !holds(c.part);
      case "all":
      case "any":
      case "compare":
        return true;
    }
  };
  run(body);
  return work;
}

/** The plan constants' values, in order, added to the sizes. */
export function withPlanConstants(
  constants: readonly PlanConstant[],
  sizes: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const env = new Map(sizes);
  const int = (value: integer.Int): number => evaluateInt(value, env);
  for (const c of constants) env.set(c.name, valueOf(c, int));
  return env;
}
export function valueOf(c: PlanConstant, int: (value: Int) => number): number {
  if (c.kind === "value") return int(c.value);
  if (c.kind === "gcd") return gcd(int(c.left), int(c.right));
  return modularInverse(int(c.value), int(c.modulus));
}

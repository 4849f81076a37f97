/**
 * How much arithmetic a kernel does for given sizes: its loops are run over integers only, and each real operation
 * that is reached is counted. Tests use it to see that nothing is computed in vain or twice.
 */
import { gcd } from "../notation/construct.js";
import type { Condition, Expression } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { walk } from "../notation/traverse.js";
import { evaluateInt } from "../ranges/sizes.js";
import { multiplyTile, tileColumns, tileRows } from "./contraction/tile.js";
import { lanes, sumTaps } from "./stencil/tile.js";
import type { Code, Kernel, PlanConstant } from "./program.js";

/** What a routine multiplies and adds at each of as many steps as its second integer says. */
const widths: ReadonlyMap<string, number> = new Map([
  [multiplyTile.name, tileRows * tileColumns],
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

/**
 * `sizes` holds sizes, derived sizes, params and plan constants. Integers that the kernel stores are remembered (its
 * tables of limits); other elements of integer tensors count as 0.
 */
export function countWork(kernel: Kernel, sizes: ReadonlyMap<string, number>): Work {
  const env = new Map(sizes);
  const work = { multiplyAdds: 0, calls: 0, stores: 0 };
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
        if (part.kind === "multiply") work.multiplyAdds += part.factors.length - 1;
        if (part.kind === "call") work.calls++;
      },
    });
  };
  const run = (code: readonly Code[]): void => code.forEach(step);
  const step = (c: Code): void => {
    switch (c.kind) {
      case "loop": {
        const [to, by] = [int(c.to), int(c.step)];
        for (let i = int(c.from); i < to; i += by) {
          env.set(c.index, i);
          run(c.body);
        }
        return;
      }
      case "integer":
      case "counter":
        env.set(c.name, int(c.value));
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
        work.stores++;
        return spend(c.value);
      case "call":
        work.multiplyAdds += (widths.get(c.routine) ?? 0) * Math.max(0, int(c.integers[1] ?? integer.zero));
        return;
      case "fill":
        return;
      case "if":
        return run(holds(c.condition) ? c.then : c.otherwise);
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
      default:
        return true;
    }
  };
  run(kernel.body);
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
function valueOf(c: PlanConstant, int: (value: Int) => number): number {
  if (c.kind === "value") return int(c.value);
  if (c.kind === "gcd") return gcd(int(c.left), int(c.right));
  const [value, modulus] = [int(c.value), int(c.modulus)];
  for (let x = 0; x < modulus; x++)
    if ((((value * x) % modulus) + modulus) % modulus === 1 % modulus) return x;
  return 0;
}

/**
 * The boundary rule: whether a point of a reduction takes part. It does where every access that stands directly in
 * the body is in bounds and every exact division comes out even.
 */
import type { Condition, Expression } from "../notation/expression.js";
import type { Int } from "../notation/integer.js";
import { eachAtom } from "../notation/integer.js";
import { tensorsInCondition } from "../notation/traverse.js";
import { compileOffset, cellOf, compileInt, staysWithin, type Scope } from "./integers.js";

export type Test = () => boolean;

type Compile = (c: Condition) => Test;

/** A test that all accesses of the body are in bounds; undefined where that is so at every point. */
export const compileDomain = <T>(e: Expression, scope: Scope<T>, condition: Compile): Test | undefined =>
  gather(scope, condition, ({ collect }) => collect(e));

/** The same for the condition under an `any` or `all`. */
export const compileConditionDomain = <T>(
  c: Condition,
  scope: Scope<T>,
  condition: Compile,
): Test | undefined => gather(scope, condition, ({ collectCondition }) => collectCondition(c));

interface Collector {
  readonly collect: (e: Expression) => void;
  readonly collectCondition: (c: Condition) => void;
}
function gather<T>(scope: Scope<T>, condition: Compile, from: (c: Collector) => void): Test | undefined {
  const tests: Test[] = [];
  const require = (test: Test | undefined): void => void (test && tests.push(test));
  const collect = (part: Expression): void => {
    switch (part.kind) {
      case "constant":
      case "named":
      case "parameter":
      case "reduction": // its reads are its own
        return;
      case "integer":
        return require(hasValue(part.value, scope));
      case "read":
        return require(inBounds(part.tensor, part.subscripts, scope));
      case "pad": {
        // its value is read where its read is out of bounds, and counts there alone
        const value = compileDomain(part.value, scope, condition);
        if (!value) return;
        const inside = inBounds(part.read.tensor, part.read.subscripts, scope);
        return inside && require(() => inside() || value());
      }
      case "add":
        return part.terms.forEach(collect);
      case "multiply":
        return part.factors.forEach(collect);
      case "raise":
        return [part.base, part.exponent].forEach(collect);
      case "call":
        return part.arguments.forEach(collect);
      case "stop":
        return collect(part.argument);
      case "select": {
        // a branch counts only where it is taken, if that depends on nothing but indices, sizes and params
        if (tensorsInCondition(part.condition).size > 0) {
          collectCondition(part.condition);
          return [part.whenTrue, part.whenFalse].forEach(collect);
        }
        const [whenTrue, whenFalse] = [part.whenTrue, part.whenFalse].map((branch) =>
          compileDomain(branch, scope, condition),
        );
        if (!whenTrue && !whenFalse) return;
        const taken = condition(part.condition);
        return require(() => (taken() ? (whenTrue?.() ?? true) : (whenFalse?.() ?? true)));
      }
    }
  };
  const collectCondition = (part: Condition): void => {
    switch (part.kind) {
      case "nonnegative":
      case "zero":
        return require(hasValue(part.value, scope));
      case "compare":
        return [part.left, part.right].forEach(collect);
      case "and": {
        // a and b: an access in b counts only where the conditions on indices in a hold
        const held: Test[] = [];
        for (const conjunct of part.parts) {
          const test = compileConditionDomain(conjunct, scope, condition);
          const [given, always] = [[...held], held.length === 0];
          require(test && (always ? test : () => !given.every((holds) => holds()) || test()));
          if (tensorsInCondition(conjunct).size === 0) held.push(condition(conjunct));
        }
        return;
      }
      case "or":
        return part.parts.forEach(collectCondition);
      case "not":
        return collectCondition(part.part);
      case "all":
      case "any":
      case "truth": // truth, and any/all, whose reads are their own
    }
  };
  from({ collect, collectCondition });
  return conjunction(tests);
}

function conjunction(tests: readonly Test[]): Test | undefined {
  const [first, second] = tests;
  if (!first || !second) return first;
  if (tests.length === 2) return () => first() && second();
  return () => tests.every((test) => test());
}

function inBounds<T>(tensor: string, subscripts: readonly Int[], scope: Scope<T>): Test | undefined {
  const cell = cellOf(tensor, scope);
  if (subscripts.every((s, axis) => staysWithin(s, cell.shape[axis] ?? 0, scope))) return undefined;
  const offset = compileOffset(cell, subscripts, scope);
  return () => offset() >= 0;
}

/** Only exact divisions and elements can lack a value. */
function hasValue<T>(value: Int, scope: Scope<T>): Test | undefined {
  let partial = false;
  eachAtom(value, (atom) => {
    if (atom.kind === "exact" || atom.kind === "element") partial = true;
  });
  if (!partial) return undefined;
  const code = compileInt(value, scope);
  if (typeof code === "number") return Number.isNaN(code) ? () => false : undefined;
  return () => !Number.isNaN(code());
}

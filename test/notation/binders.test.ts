import { describe, expect, it } from "vitest";
import {
  changeBinders,
  freeNamesIn,
  freeNamesInCondition,
  rebind,
  renameAllBinders,
  renameApart,
  renameBinders,
  substitute,
  substituteCondition,
  withoutHiding,
} from "../../src/notation/binders.js";
import * as build from "../../src/notation/construct.js";
import type { Binder, Condition, Expression, Reduction } from "../../src/notation/expression.js";
import { constant, floorDivide, plus, times, variable, type Int } from "../../src/notation/integer.js";
import { keyOfExpression } from "../../src/notation/key.js";
import { printCondition, printExpression } from "../../src/language/print.js";

const [i, j, k, n] = ["i", "j", "k", "N"].map(variable) as [Int, Int, Int, Int];
const zero = constant(0);
const one = constant(1);
const x = (...subscripts: Int[]): Expression => build.read("x", subscripts);
const binder = (name: string, upper: Int = n, lower: Int = zero): Binder => ({ name, lower, upper });
const sum = (binders: readonly Binder[], body: Expression, guard?: Condition): Reduction =>
  build.reduction("sum", binders, body, guard);
const any = (binders: readonly Binder[], body: Condition): Condition => ({
  kind: "any",
  binders,
  guard: build.truth,
  body,
});
const positive = (e: Expression): Condition => build.compare("<", build.zero, e);
const put = (e: Expression, by: Readonly<Record<string, Int>>): string =>
  printExpression(substitute(e, new Map(Object.entries(by))));

describe("free names", () => {
  it("are those that no binder hides, bounds and guards included", () => {
    const e = sum([binder("i", j), binder("k", i)], x(i, k), build.below(k, variable("M")));
    expect([...freeNamesIn(e)].toSorted()).toEqual(["M", "j"]);
  });
  it("are free in a binder's own bounds: they stand outside it", () => {
    expect([...freeNamesIn(sum([binder("i", i)], x(i)))]).toEqual(["i"]);
  });
  it("are free beside the binder that hides them", () => {
    expect([...freeNamesIn(build.multiply(x(i), sum([binder("i", n)], x(i))))].toSorted()).toEqual([
      "N",
      "i",
    ]);
  });
  it("look under any and all", () => {
    const e = build.select(any([binder("i")], positive(x(i, j))), x(k), build.zero);
    expect([...freeNamesIn(e)].toSorted()).toEqual(["N", "j", "k"]);
    expect([...freeNamesInCondition(any([binder("i", j)], positive(x(i))))]).toEqual(["j"]);
  });
});

describe("substitution", () => {
  it("renames a binder whose name stands in what is put in", () => {
    expect(put(sum([binder("i")], x(i, j)), { j: i })).toBe("sum[i' < N](x[i', i])");
  });
  it("renames nothing where the name is put in for something that does not occur", () => {
    const e = sum([binder("i")], x(i, j));
    expect(substitute(e, new Map([["k", i]]))).toBe(e);
    expect(put(e, { k: i, j: k })).toBe("sum[i < N](x[i, k])");
  });
  it("leaves a variable that a binder hides", () => {
    const e = sum([binder("i")], x(i, j));
    expect(put(e, { i: k })).toBe("sum[i < N](x[i, j])");
    expect(put(build.multiply(x(i), e), { i: k, j: k })).toBe("x[k] * sum[i < N](x[i, k])");
  });
  it("does not rename for a value of a hidden variable", () => {
    expect(put(sum([binder("i"), binder("j")], x(i, j, k)), { i: j })).toBe("sum[i < N, j < N](x[i, j, k])");
  });
  it("puts into bounds, which see the binders before them", () => {
    const e = sum([binder("i", k), binder("j", plus(i, k), i)], x(i, j, k));
    expect(put(e, { k: i })).toBe("sum[i' < i, i' <= j < i' + i](x[i', j, i])");
    expect(put(e, { i: k })).toBe("sum[i < k, i <= j < i + k](x[i, j, k])");
    expect(put(sum([binder("i", i)], x(i)), { i: k })).toBe("sum[i < k](x[i])");
  });
  it("takes a name that is bound or free nowhere inside", () => {
    const prime = variable("i'");
    const e = sum([binder("i")], build.multiply(x(i, j, prime), sum([binder("i''")], x(i, variable("i''")))));
    expect(put(e, { j: i })).toBe("sum[i''' < N](x[i''', i, i'] * sum[i'' < N](x[i''', i'']))");
  });
  it("renames at every depth", () => {
    const e = sum([binder("i")], sum([binder("k")], x(i, j, k)));
    expect(put(e, { j: plus(i, k) })).toBe("sum[i' < N](sum[k' < N](x[i', i + k, k']))");
  });
  it("puts several values in at once", () => {
    expect(put(sum([binder("k")], x(i, j, k)), { i: j, j: i })).toBe("sum[k < N](x[j, i, k])");
    expect(put(sum([binder("k")], x(i, j, k)), { i: k, j: i, k: j })).toBe("sum[k' < N](x[k, i, k'])");
    const mixed = plus(times(i, constant(2)), floorDivide(k, constant(3)));
    expect(put(sum([binder("i"), binder("k")], x(i, j, k)), { j: mixed })).toBe(
      "sum[i' < N, k' < N](x[i', floor(k/3) + 2*i, k'])",
    );
  });
  it("renames the binders of any and all, in branches and in guards", () => {
    const c = any([binder("i")], positive(x(i, j)));
    expect(printCondition(substituteCondition(c, new Map([["j", plus(i, one)]])))).toBe(
      "any[i' < N](x[i', i + 1] > 0)",
    );
    expect(put(build.select(c, x(j), build.zero), { j: i })).toBe(
      "where(any[i' < N](x[i', i] > 0), x[i], 0)",
    );
    const guarded = sum([binder("k")], x(k), c);
    expect(keyOfExpression(substitute(guarded, new Map([["j", i]])))).toBe(
      keyOfExpression(sum([binder("k")], x(k), any([binder("l")], positive(x(variable("l"), i))))),
    );
  });
});

describe("keys", () => {
  const [a, b] = [sum([binder("i")], x(i, j)), sum([binder("k")], x(k, j))];
  it("are the same whatever bound indices are called", () => {
    expect(keyOfExpression(a)).toBe(keyOfExpression(b));
    expect(keyOfExpression(sum([binder("j")], x(i, j)))).not.toBe(keyOfExpression(b));
  });
  it("tell an index from the one that hides it", () => {
    const hides = sum([binder("i")], build.multiply(x(i), sum([binder("i")], x(i, j))));
    const apart = sum([binder("i")], build.multiply(x(i), sum([binder("k")], x(k, j))));
    const other = sum([binder("i")], build.multiply(x(i), sum([binder("k")], x(i, j))));
    expect(keyOfExpression(hides)).toBe(keyOfExpression(apart));
    expect(keyOfExpression(hides)).not.toBe(keyOfExpression(other));
  });
});

describe("names apart", () => {
  it("renames only what is taken", () => {
    const e = sum([binder("i"), binder("k", i)], x(i, k));
    expect(printExpression(renameApart(e, new Set(["i"])))).toBe("sum[i' < N, k < i'](x[i', k])");
    expect(renameApart(e, new Set(["j"]))).toBe(e);
  });
  it("lets no binder hide an index around it", () => {
    const inner = sum([binder("i")], x(i));
    const e = sum([binder("j")], build.multiply(x(j), inner, sum([binder("j")], x(j, j))));
    expect(printExpression(withoutHiding(e, new Set(["i"])))).toBe(
      "sum[j < N](x[j] * sum[i' < N](x[i']) * sum[j' < N](x[j', j']))",
    );
    expect(withoutHiding(inner, new Set(["j"]))).toBe(inner);
    const c = build.select(any([binder("i")], positive(x(i))), x(i), build.zero);
    expect(printExpression(withoutHiding(c, new Set(["i"])))).toBe("where(any[i' < N](x[i'] > 0), x[i], 0)");
  });
  it("renames every binder, though names are exchanged", () => {
    const swap: Record<string, string> = { i: "j", j: "i", k: "l" };
    const e = sum(
      [binder("i")],
      build.select(any([binder("k", i)], positive(x(k))), sum([binder("j", i)], x(i, j)), x(i)),
    );
    const found = renameAllBinders(e, (old) => swap[old] ?? old);
    expect(printExpression(found)).toBe("sum[j < N](where(any[l < j](x[l] > 0), sum[i < j](x[j, i]), x[j]))");
  });
  it("changes binders one after another", () => {
    const binders = [binder("i", n, k), binder("j", i)];
    const shifted = changeBinders(binders, (b) =>
      b.name === "i" ? [{ ...b, lower: zero, upper: plus(n, times(k, constant(-1))) }, plus(i, k)] : [b],
    );
    expect(printExpression(rebind(sum(binders, x(i, j)), shifted))).toBe(
      "sum[i < N - k, j < i + k](x[i + k, j])",
    );
    expect(renameBinders(binders, (old) => `${old}'`).binders.map((b) => b.name)).toEqual(["i'", "j'"]);
  });
});

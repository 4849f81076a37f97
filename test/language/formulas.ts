/** Random formulas over a fixed layer, for round trips. */
import fc from "fast-check";
import * as build from "../../src/notation/construct.js";
import type { Condition, Expression, ReductionName } from "../../src/notation/expression.js";
import * as integer from "../../src/notation/integer.js";
import type { Int } from "../../src/notation/integer.js";

/** The layer that the formulas stand in; they define z[n, k]. */
export const surroundings = `
param eps = 1e-5
param stride = 2
input x[N, C]
weight w[C]
index t[N] < C
input s
output z[N, C]
check stride = 2
local unused[stride]
unused[i] = 0
`;

const v = integer.variable;
const names = (scope: readonly string[]) => fc.constantFrom(...scope);

/** Affine integers, floors, remainders, elements; exact divisions where a reduction encloses. */
function ints(scope: readonly string[], reduced: boolean): fc.Arbitrary<Int> {
  const affine = fc
    .tuple(
      names(scope),
      fc.integer({ min: -3, max: 3 }),
      fc.integer({ min: -4, max: 4 }),
      fc.constantFrom("N", "stride", "1"),
    )
    .map(([name, a, b, coefficient]) =>
      integer.plus(
        integer.times(integer.constant(a), coefficient === "1" ? integer.one : v(coefficient), v(name)),
        integer.constant(b),
      ),
    );
  const sums = fc.tuple(affine, affine).map(([a, b]) => integer.plus(a, b));
  const divisors = fc.constantFrom(
    integer.constant(2),
    integer.constant(3),
    v("stride"),
    integer.times(v("C"), v("stride")),
  );
  const divided = fc
    .tuple(sums, divisors, fc.constantFrom("floor", "ceil", "mod", reduced ? "exact" : "floor"), affine)
    .map(([n, d, kind, rest]) => {
      const value =
        kind === "floor"
          ? integer.floorDivide(n, d)
          : kind === "ceil"
            ? integer.ceilDivide(n, d)
            : kind === "mod"
              ? integer.modulo(n, d)
              : integer.exactDivide(n, d);
      return integer.plus(value, rest);
    });
  return fc.oneof(
    affine,
    sums,
    divided,
    names(scope).map((name) => integer.element("t", [v(name)])),
  );
}

function reads(scope: readonly string[], reduced: boolean): fc.Arbitrary<Expression> {
  return fc.oneof(
    fc.tuple(ints(scope, reduced), ints(scope, reduced)).map(([i, j]) => build.read("x", [i, j])),
    ints(scope, reduced).map((i) => build.read("w", [i])),
    fc.constant(build.read("s", [])),
  );
}

// No exact divisions here: comparing one as a fraction is the same, and multiplied out.
function conditions(scope: readonly string[], reduced: boolean, depth: number): fc.Arbitrary<Condition> {
  const leaf = fc.oneof(
    fc.tuple(ints(scope, false), ints(scope, false)).map(([a, b]) => build.atMost(a, b)),
    fc.tuple(ints(scope, false), ints(scope, false)).map(([a, b]) => build.equals(a, b)),
    fc
      .tuple(
        fc.constantFrom("<" as const, "<=" as const, "==" as const, "!=" as const),
        expressions(scope, reduced, 0),
        reads(scope, reduced),
      )
      .map(([operator, a, b]) => build.compare(operator, a, b)),
  );
  if (depth === 0) return leaf;
  const inner = conditions(scope, reduced, depth - 1);
  return fc.oneof(
    leaf,
    fc.tuple(inner, inner).map(([a, b]) => build.and(a, b)),
    fc.tuple(inner, inner).map(([a, b]) => build.or(a, b)),
    inner.map(build.not),
  );
}

const constants = fc.oneof(
  fc.integer({ min: -5, max: 5 }).map((n) => build.rational(n)),
  fc
    .tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: 1, max: 12 }))
    .map(([a, b]) => build.rational(a, b)),
  fc.constantFrom("0.044715", "1e-5", "2.5e-7", "123456789", "1e30").map(build.decimal),
);

/** Expressions with reductions whose binders carry explicit ranges. `scope`: the indices that may be used. */
export function expressions(
  scope: readonly string[],
  reduced: boolean,
  depth: number,
): fc.Arbitrary<Expression> {
  const leaf = fc.oneof(
    constants,
    reads(scope, reduced),
    names(scope).map((name) => build.ofInt(v(name))),
    fc.constantFrom<Expression>(
      { kind: "parameter", name: "eps" },
      { kind: "named", name: "pi" },
      build.ofInt(v("N")),
    ),
  );
  if (depth === 0) return leaf;
  const inner = expressions(scope, reduced, depth - 1);
  const binder = `b${depth}`;
  const within = expressions([...scope, binder], true, depth - 1);
  const upper = fc.constantFrom(
    v("C"),
    integer.constant(3),
    integer.plus(v("n"), integer.one),
    integer.minus(v("N"), v("n")),
  );
  // Of these bodies a guard changes nothing, or would be read as part of the guard.
  const body = within.filter((e) => e.kind !== "select" && e.kind !== "constant");
  return fc.oneof(
    leaf,
    fc.tuple(inner, inner).map(([a, b]) => build.add(a, b)),
    fc.tuple(inner, inner).map(([a, b]) => build.subtract(a, b)),
    fc.tuple(inner, inner).map(([a, b]) => build.multiply(a, b)),
    fc.tuple(inner, inner).map(([a, b]) => build.divide(a, b)),
    fc.tuple(inner, fc.integer({ min: -3, max: 3 })).map(([a, n]) => build.raise(a, build.rational(n))),
    fc.tuple(inner, inner).map(([a, b]) => build.raise(a, b)),
    inner.map((a) => build.call("exp", [a])),
    inner.map((a) => build.call("sqrt", [a])),
    fc.tuple(inner, inner).map(([a, b]) => build.call("max", [a, b])),
    inner.map(build.stop),
    fc
      .tuple(reads(scope, reduced), inner)
      .map(([read, value]): Expression =>
        read.kind === "read" && read.subscripts.length > 0 ? { kind: "pad", read, value } : value,
      ),
    fc.tuple(conditions(scope, reduced, 1), inner, inner).map(([c, a, b]) => build.select(c, a, b)),
    fc
      .tuple(
        fc.constantFrom<ReductionName>("sum", "mean", "max", "prod"),
        body,
        upper,
        fc.integer({ min: 0, max: 2 }),
      )
      .map(([name, e, to, from]) =>
        build.reduction(name, [{ name: binder, lower: integer.constant(from), upper: to }], e),
      ),
    fc
      .tuple(
        fc.constantFrom<ReductionName>("sum", "prod", "max", "min"),
        body,
        upper,
        ints([...scope, binder], false),
      )
      .filter(
        ([, , , bound]) =>
          integer.literal(bound) === undefined &&
          ![...integer.variablesOf(bound)].some((n) => n === "t") &&
          !hasElement(bound),
      )
      .map(([name, e, to, bound]) =>
        build.reduction(
          name,
          [{ name: binder, lower: integer.zero, upper: to }],
          e,
          build.nonNegative(bound),
        ),
      ),
  );
}

function hasElement(value: Int): boolean {
  let found = false;
  integer.eachAtom(value, (a) => {
    if (a.kind === "element") found = true;
  });
  return found;
}

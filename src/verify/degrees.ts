/** Degrees of formulas in a size: two polynomials of degree d that agree at more than d values are one. */
import type { Expression } from "../notation/expression.js";
import { variablesOf, type Int } from "../notation/integer.js";
import type { Statement } from "../notation/layer.js";

/** What degree a statement has in a size, at most: that of the size itself and of the indices that run up to it. */
export function degreeIn({ indices, body }: Statement, size: string): number {
  const names = new Set([size]);
  const runs = (name: string, upper: Int): void => {
    if ([...variablesOf(upper)].some((other) => names.has(other))) names.add(name);
  };
  for (const { name, extent } of indices) runs(name, extent);
  const ofInt = (value: Int): number =>
    Math.max(
      0,
      ...value.monomials.map(
        (m) =>
          m.factors.filter((atom) =>
            [...variablesOf({ kind: "int", monomials: [{ coefficient: 1, factors: [atom] }] })].some((n) =>
              names.has(n),
            ),
          ).length,
      ),
    );
  const most = (parts: readonly Expression[]): number => Math.max(0, ...parts.map(of));
  const of = (e: Expression): number => {
    switch (e.kind) {
      case "integer":
        return ofInt(e.value);
      case "add":
        return most(e.terms);
      case "multiply":
        return e.factors.reduce((sum, factor) => sum + of(factor), 0);
      case "raise": {
        const power =
          e.exponent.kind === "constant" ? Math.abs(e.exponent.numerator / e.exponent.denominator) : 1;
        return Math.min(mostCounted, Math.ceil(of(e.base) * Math.max(1, power)));
      }
      case "call":
        return most(e.arguments);
      case "select":
        return most([e.whenTrue, e.whenFalse]);
      case "stop":
        return of(e.argument);
      case "reduction": {
        for (const { name, upper } of e.binders) runs(name, upper);
        return of(e.body) + e.binders.filter(({ upper }) => ofInt(upper) > 0).length;
      }
      case "constant":
      case "named":
      case "pad":
      case "parameter":
      case "read":
        return 0;
    }
  };
  return of(body);
}
const mostCounted = 64;

/** Statements that are no contraction: pooling, reductions, gathers, scatters and pointwise formulas. */
import { freeNamesIn } from "../notation/binders.js";
import * as build from "../notation/construct.js";
import type { Reduction } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { tensorNamed, type Statement } from "../notation/layer.js";
import { walk } from "../notation/traverse.js";
import { outerReductions } from "./contraction.js";
import { directReads, type Scope } from "./scope.js";

export type PlainKind =
  | "pooling" // a reduction over windows
  | "unpooling" // values spread over the windows that they came from, or repeated
  | "reduction"
  | "gather" // reads at positions that another tensor holds
  | "scatter" // writes at such positions
  | "pointwise"
  | "loops"; // a product of several operands under a sum that is no contraction

/** @param statement in canonical form @param pass a window's reduction is pooling forwards, unpooling backwards */
export function plainKindOf(statement: Statement, scope: Scope, pass: "forward" | "backward"): PlainKind {
  const outer = new Set(statement.indices.map((i) => i.name));
  const reductions = outerReductions(statement.body);
  const windowed = reductions.filter((e) => slides(e, outer));
  if (windowed.length > 0) return pass === "backward" || windowed.some(isDivided) ? "unpooling" : "pooling";
  if (reductions.some((e) => isScatter(e, outer))) return "scatter";
  if (reductions.some((e) => isProductOfMany(e, outer))) return "loops";
  if (reductions.length > 0 || holdsQuantifier(statement)) return "reduction";
  if (directReads(statement.body).some((read) => read.subscripts.some(holdsElement))) return "gather";
  return repeats(statement, scope) ? "unpooling" : "pointwise";
}

/** A subscript of a real tensor combines an output index with a reduced one. */
function slides(e: Reduction, outer: ReadonlySet<string>): boolean {
  return directReads(e.body).some((read) =>
    read.subscripts.some((s) => {
      const names = integer.variablesOf(s);
      return (
        [...names].some((n) => outer.has(n)) && e.binders.some((b) => names.has(b.name)) && !holdsElement(s)
      );
    }),
  );
}
const isDivided = (e: Reduction): boolean =>
  directReads(e.body).some((read) => read.subscripts.some((s) => holdsAtom(s, "exact")));
const holdsElement = (value: Int): boolean => holdsAtom(value, "element");
function holdsAtom(value: Int, kind: integer.Atom["kind"]): boolean {
  let found = false;
  integer.eachAtom(value, (atom) => void (found ||= atom.kind === kind));
  return found;
}

/** Σ [t[ρ] = v] F(ρ): each point is added where an integer tensor says. */
const isScatter = (e: Reduction, outer: ReadonlySet<string>): boolean =>
  e.name === "sum" &&
  build
    .conjuncts(e.guard)
    .some(
      (c) =>
        c.kind === "zero" &&
        holdsElement(c.value) &&
        c.value.monomials.some(({ factors: [atom] }) => atom?.kind === "variable" && outer.has(atom.name)),
    );

/** A product of factors with output indices of their own each, more of them than a contraction has. */
function isProductOfMany(e: Reduction, outer: ReadonlySet<string>): boolean {
  if (e.name !== "sum" || e.body.kind !== "multiply") return false;
  const sets = e.body.factors.map((f) => [...freeNamesIn(f)].filter((name) => outer.has(name)));
  const apart = sets.filter((a) =>
    sets.some((b) => a.some((name) => !b.includes(name)) && b.some((name) => !a.includes(name))),
  );
  return apart.length > 1;
}

function holdsQuantifier({ body }: Statement): boolean {
  let found = false;
  walk(body, { condition: (c) => void (found ||= c.kind === "any" || c.kind === "all") });
  return found;
}

/**
 * Every value read stands at several places: y[2·i + j] = x[i], y[h] = x[⌊h/2⌋]. Values that are only broadcast along
 * whole axes are not meant.
 */
function repeats({ subscripts, body, indices }: Statement, scope: Scope): boolean {
  const used = freeNamesIn(body);
  const digit = subscripts.some((s) => {
    const names = indices.map((i) => i.name).filter((name) => integer.mentions(s, name));
    return names.length > 1 && names.some((name) => used.has(name)) && names.some((name) => !used.has(name));
  });
  const reads = directReads(body).filter((r) => tensorNamed(scope.tensors, r.tensor)?.type === "real");
  const rank = Math.max(0, ...reads.map((r) => r.subscripts.length));
  const whole = reads.filter((r) => r.subscripts.length === rank);
  return digit || (rank > 0 && whole.every((r) => r.subscripts.some((s) => holdsAtom(s, "floor"))));
}

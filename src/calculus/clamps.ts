/**
 * Clamped subscripts taken apart, so that each part can be solved: a point reads X at max(a, b) = a where a >= b, and at b
 * elsewhere; likewise min. `x[max(i - 1, 0)]` is x[i - 1] for i >= 1 and x[0] for i < 1.
 */
import { simplifyCondition } from "../algebra/integers.js";
import * as build from "../notation/construct.js";
import type { Condition } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Atom, Int } from "../notation/integer.js";
import { rewrite, rewriteCondition } from "../notation/traverse.js";
import { factsInside } from "../ranges/facts.js";
import type { Facts } from "../ranges/prove.js";
import type { Contribution } from "./adjoint.js";

type Extremum = Extract<Atom, { kind: "min" | "max" }>;

/** More parts than two clamped axes and a nested one have: what is left stays an equality, which is right and slower. */
const mostParts = 32;

/** Contributions that together are this one, without a min or max of the scope's indices in a subscript. */
export function withoutClamps<C extends Contribution>(contribution: C, facts: Facts): readonly C[] {
  const inside = factsInside(facts, contribution.scope);
  let parts: readonly C[] = [contribution];
  for (;;) {
    const split = parts.flatMap((part) => sidesOf(part, inside) ?? [part]);
    if (split.length > mostParts || split.every((part, i) => part === parts[i])) return parts;
    parts = split;
  }
}

/** The two sides of one extremum, those that no point takes left out; undefined where there is none. */
function sidesOf<C extends Contribution>(c: C, facts: Facts): readonly C[] | undefined {
  const names = new Set(c.scope.map((b) => b.name));
  const varies = (value: Int): boolean => [...integer.variablesOf(value)].some((name) => names.has(name));
  const found = c.subscripts.flatMap((s) => innermost(s, varies) ?? [])[0];
  if (!found) return undefined;
  // where both are equal, the side with an index in it reads: it has the longer run
  const { kind, left, right } = found;
  const [first, second] = varies(left) ? [left, right] : [right, left];
  const least = (a: Int, b: Int): Condition => (kind === "max" ? build.atMost(b, a) : build.atMost(a, b));
  const chosen = least(first, second);
  return [
    { value: first, guard: chosen },
    { value: second, guard: build.not(chosen) },
  ].flatMap(({ value, guard }) => {
    const part = replaceAtom(c, found, value);
    const narrowed = simplifyCondition(build.and(part.guard, guard), facts);
    return narrowed.kind === "truth" && !narrowed.value ? [] : [{ ...part, guard: narrowed }];
  });
}

/** An extremum of the scope's indices alone that holds no other; one of data is no equation to be solved. */
function innermost(value: Int, varies: (value: Int) => boolean): Extremum | undefined {
  let found: Extremum | undefined;
  integer.eachAtom(value, (atom) => {
    if (atom.kind !== "min" && atom.kind !== "max") return;
    const whole = integer.plus(atom.left, atom.right);
    // inner ones come later
    if ([atom.left, atom.right].some(varies) && !integer.holdsElement(whole)) found = atom;
  });
  return found;
}

function replaceAtom<C extends Contribution>(c: C, atom: Atom, by: Int): C {
  const key = integer.atomKey(atom);
  const put = (value: Int): Int =>
    integer.mapAtoms(value, (other) => (integer.atomKey(other) === key ? by : undefined));
  return {
    ...c,
    subscripts: c.subscripts.map(put),
    guard: rewriteCondition(c.guard, (e) => e, put),
    adjoint: rewrite(c.adjoint, (e) => e, put),
  };
}

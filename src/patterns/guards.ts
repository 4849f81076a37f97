/** What the boundary rule says by itself: a guard that the reads of the body imply is dropped. */
import * as build from "../notation/construct.js";
import type { Reduction } from "../notation/expression.js";
import { keyOfCondition } from "../notation/key.js";
import { inBoundsOf } from "../language/print-bounds.js";
import { simplifyCondition } from "../algebra/integers.js";
import { factsInside } from "../ranges/facts.js";
import { assuming, proves } from "../ranges/prove.js";
import type { Scope } from "./scope.js";

/** The reduction with the guards alone that its reads do not imply. */
export function withoutImpliedGuards(e: Reduction, scope: Scope): Reduction {
  const inBounds = inBoundsOf(e.body, { tensors: scope.tensors, derived: [] });
  const implied = new Set(inBounds.map(keyOfCondition));
  const facts = factsInside(scope.facts, e.binders);
  const given = assuming(facts, build.and(...inBounds));
  const kept = build.conjuncts(e.guard).filter((c) => !implied.has(keyOfCondition(c)) && !proves(given, c));
  return { ...e, guard: simplifyCondition(build.and(...kept), facts) };
}

/**
 * What is free of a loop leaves it: a function that would be called again at every point of a loop on which it does not depend has a
 * statement of its own; of indices alone that is a table.
 */
import { freeNamesIn, freeNamesInCondition } from "../notation/binders.js";
import type { Expression } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import { holdsReduction, mapChildren, tensorsIn, walk } from "../notation/traverse.js";
import { primitives } from "../primitives/index.js";
import { isStatic } from "../ranges/accesses.js";
import { factsInside } from "../ranges/facts.js";
import { presence } from "../ranges/presence.js";
import type { Place, Room } from "./room.js";

/** A value is taken out where it would be computed so many times as often as it has points. */
const leastSaved = 4;

/** The formula with what would be computed again and again taken out of it. */
export function takenOut(e: Expression, place: Place, room: Room): Expression {
  if (!holdsCostly(e)) return e;
  const { loops } = place;
  const names = freeNamesIn(e);
  const known =
    e.kind === "reduction"
      ? undefined
      : room.recall(
          e,
          loops.filter((b) => names.has(b.name)),
        );
  const taken = known ?? outside(e, place, room);
  if (taken) return taken;
  if (e.kind === "reduction") {
    if (e.binders.some((b) => loops.some((o) => o.name === b.name))) return e;
    const body = takenOut(e.body, { ...place, loops: [...loops, ...e.binders] }, room);
    return body === e.body ? e : { ...e, body };
  }
  // in a branch an index is what its condition says: the branch is taken at few of its points
  const decided = e.kind === "select" && isStatic(e.condition) ? freeNamesInCondition(e.condition) : [];
  const inside = { ...place, decided: new Set([...place.decided, ...decided]) };
  return mapChildren(e, { expression: (part) => takenOut(part, inside, room) });
}

/** A read of the value over the indices that it depends on; undefined where that saves little, or its reads need the loops around it. */
function outside(e: Expression, { loops, decided, owner }: Place, room: Room): Expression | undefined {
  if (e.kind === "reduction" || holdsReduction(e)) return undefined;
  const names = freeNamesIn(e);
  const axes = loops.filter((b) => names.has(b.name));
  const deepest = loops.findLastIndex((b) => names.has(b.name));
  if (axes.length === 0 || axes.length > deepest) return undefined;
  const isBox = axes.every(
    ({ lower, upper }) =>
      integer.literal(lower) === 0 && !integer.someVariable(upper, (v) => loops.some((b) => b.name === v)),
  );
  if (!isBox) return undefined;
  // what stands outside of a loop in any case is computed before it
  const others = loops.slice(0, deepest).filter((b) => !names.has(b.name) && !decided.has(b.name));
  if (others.reduce((product, b) => product * room.points(b), 1) < leastSaved) return undefined;
  const there = presence(e, { facts: factsInside(room.facts, axes), shapeOf: room.shapeOf });
  return there.kind === "truth" && there.value ? room.define(e, axes, owner) : undefined;
}

/** Whether a function is called in it that takes a processor more than a few additions; a table holds any. */
function holdsCostly(e: Expression): boolean {
  let known = costly.get(e);
  if (known === undefined) {
    known = false;
    const isTable = tensorsIn(e).size === 0;
    walk(e, {
      expression: (part) => {
        const isPower = part.kind === "raise" && part.exponent.kind !== "constant";
        known ||= isPower || (part.kind === "call" && (isTable || !primitives[part.name].isCheap));
      },
    });
    costly.set(e, known);
  }
  return known;
}
const costly = new WeakMap<Expression, boolean>();

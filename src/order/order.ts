/**
 * Work in the right order. Formulas are told as they are written; here, behind the derivation, sums of several factors are taken in pairs in the
 * order of least cost, what is free of a loop leaves it, and nothing of this is computed twice.
 */
import type { Derived } from "../calculus/derivation.js";
import type { Expression } from "../notation/expression.js";
import { mapChildren } from "../notation/traverse.js";
import { inOrder } from "./products.js";
import { Room, type Place } from "./room.js";
import { takenOut } from "./values.js";

export const ordered = (derived: Derived): Derived => new Room(derived, improved).run();

function improved(e: Expression, place: Place, room: Room): Expression {
  return takenOut(productsInOrder(e, place, room), place, room);
}

function productsInOrder(e: Expression, place: Place, room: Room): Expression {
  if (e.kind !== "reduction")
    return mapChildren(e, { expression: (part) => productsInOrder(part, place, room) });
  if (e.binders.some((b) => place.loops.some((o) => o.name === b.name))) return e;
  const better = inOrder(e, place, room);
  if (better !== e) return better;
  const body = productsInOrder(e.body, { ...place, loops: [...place.loops, ...e.binders] }, room);
  return body === e.body ? e : { ...e, body };
}

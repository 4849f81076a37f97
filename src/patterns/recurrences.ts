/**
 * Statements of recurrences. A *scan* is linear in the earlier values of its own lane, or a running extreme: it is associative,
 * and told apart from a recurrence of any other kind. Running reductions are scans however they are written.
 */
import { runningIn } from "../algebra/scans.js";
import { componentsOf } from "../notation/components.js";
import type { Expression } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Statement } from "../notation/layer.js";
import { readsIn, tensorsIn } from "../notation/traverse.js";

export type RecurrenceKind = "scan" | "recurrence";

/** By the tensor, for those that are any. */
export function recurrenceKinds(statements: readonly Statement[]): ReadonlyMap<string, RecurrenceKind> {
  const kinds = new Map<string, RecurrenceKind>();
  for (const { statements: group, isRecurrent } of componentsOf(statements)) {
    if (!isRecurrent) {
      for (const s of group) if (runningIn(s)) kinds.set(s.tensor, "scan");
      continue;
    }
    const own = new Set(group.map((s) => s.tensor));
    const kind = group.every((s) => staysInLane(s, own) && isAssociative(s.body, own))
      ? "scan"
      : "recurrence";
    for (const s of group) kinds.set(s.tensor, kind);
  }
  return kinds;
}

/** Every read of the group's lies so many steps from the statement's own point. */
const staysInLane = (s: Statement, group: ReadonlySet<string>): boolean =>
  readsIn(s.body)
    .filter((e) => group.has(e.tensor))
    .every(
      (e) =>
        e.subscripts.length === s.subscripts.length &&
        e.subscripts.every((v, axis) => {
          const from = s.subscripts[axis];
          return from !== undefined && integer.literal(integer.minus(v, from)) !== undefined;
        }),
    );

function isAssociative(e: Expression, group: ReadonlySet<string>): boolean {
  const holds = (part: Expression): boolean => [...tensorsIn(part)].some((t) => group.has(t));
  const linear = (part: Expression): boolean => {
    if (!holds(part)) return true;
    switch (part.kind) {
      case "read":
        return true;
      case "add":
        return part.terms.every(linear);
      case "multiply": {
        const [own, ...others] = part.factors.filter(holds);
        return own !== undefined && others.length === 0 && linear(own);
      }
      case "select":
        return linear(part.whenTrue) && linear(part.whenFalse);
      case "call":
      case "constant":
      case "integer":
      case "named":
      case "pad":
      case "parameter":
      case "raise":
      case "reduction":
      case "stop":
        return false;
    }
  };
  if (linear(e)) return true;
  switch (e.kind) {
    case "call":
      return isExtreme(e.name) ? e.arguments.every((a) => isAssociative(a, group)) : isLogOfSum(e, group);
    case "select":
      return isAssociative(e.whenTrue, group) && isAssociative(e.whenFalse, group);
    case "add":
    case "constant":
    case "integer":
    case "multiply":
    case "named":
    case "pad":
    case "parameter":
    case "raise":
    case "read":
    case "reduction":
    case "stop":
      return false;
  }
}
const isExtreme = (name: string): boolean => name === "max" || name === "min";
/** ln(e^u + e^v): a running log-sum-exp. */
function isLogOfSum(e: Extract<Expression, { kind: "call" }>, group: ReadonlySet<string>): boolean {
  const [sum] = e.name === "log" ? e.arguments : [];
  return (
    sum?.kind === "add" &&
    sum.terms.every(
      (term) => term.kind === "call" && term.name === "exp" && isAssociative(term.arguments[0]!, group),
    )
  );
}

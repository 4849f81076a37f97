/** The statements of a pass in runs: what is no recurrence as it is scheduled, and each recurrence by itself with its order. */
import { componentsOf } from "../../notation/components.js";
import type { Statement } from "../../notation/layer.js";
import { tensorsIn } from "../../notation/traverse.js";
import type { Facts } from "../../ranges/prove.js";
import { isOrder, orderOf, type Order } from "../../ranges/recurrences.js";

export interface Segment {
  readonly statements: readonly Statement[];
  /** Of a recurrence. */
  readonly order?: Order;
  /** What is stored whatever the segment does with it: results, and what other segments read. */
  readonly kept: ReadonlySet<string>;
}

/** @param facts with the shapes of all tensors; @param results what the pass is to give */
export function segmentsOf(
  statements: readonly Statement[],
  results: Iterable<string>,
  facts: Facts,
): readonly Segment[] {
  const runs: { statements: Statement[]; order?: Order }[] = [];
  for (const { statements: members, isRecurrent } of componentsOf(statements)) {
    const last = runs.at(-1);
    if (isRecurrent) runs.push({ statements: [...members], order: knownOrder(members, facts) });
    else if (last && !last.order) last.statements.push(...members);
    else runs.push({ statements: [...members] });
  }
  const wanted = [...results];
  if (runs.length === 1) return runs.map((run) => ({ ...run, kept: new Set(wanted) }));
  return runs.map((run) => {
    const others = runs.flatMap((other) => (other === run ? [] : other.statements));
    return { ...run, kept: new Set([...wanted, ...others.flatMap((s) => [...tensorsIn(s.body)])]) };
  });
}

/** Recurrences have an order when a layer is read, and their adjoints the opposite one. */
export function knownOrder(group: readonly Statement[], facts: Facts): Order {
  const order = orderOf(group, facts);
  if (isOrder(order)) return order;
  throw new Error(`no order for ${group.map((s) => s.tensor).join(", ")}`);
}

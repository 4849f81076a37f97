/**
 * Statements that define each other: the strongly connected components of who reads whom. A component of several
 * statements, or of one that reads its own tensor, is a recurrence; no definition in it may be put in for a read of it.
 */
import type { Statement } from "./layer.js";
import { tensorsIn } from "./traverse.js";

export interface Component {
  readonly statements: readonly Statement[];
  readonly isRecurrent: boolean;
}

/**
 * The components, each after those that it reads; what they leave open is decided by the order of the list. Inside a component
 * the order is the list's. (Tarjan 1972, with a stack of its own in place of calls.)
 */
export function componentsOf(statements: readonly Statement[]): readonly Component[] {
  const place = new Map(statements.map((s, i) => [s.tensor, i]));
  const readBy = statements.map(({ body }) => [...tensorsIn(body)].flatMap((name) => place.get(name) ?? []));
  const isAhead = readBy.some((reads, i) => reads.some((j) => j >= i));
  if (!isAhead) return statements.map((s) => ({ statements: [s], isRecurrent: false }));
  const found: Component[] = [];
  const number = new Map<number, number>();
  const lowest: number[] = [];
  const open: number[] = [];
  const isOpen = new Set<number>();
  for (const root of statements.keys()) {
    const path = number.has(root) ? [] : [{ at: root, next: 0 }];
    while (path.length > 0) {
      const step = path.at(-1)!;
      const { at } = step;
      const reads = readBy[at]!;
      if (step.next === 0) {
        number.set(at, number.size);
        lowest[at] = number.get(at)!;
        open.push(at);
        isOpen.add(at);
      }
      const read = reads[step.next++];
      if (read !== undefined) {
        if (!number.has(read)) path.push({ at: read, next: 0 });
        else if (isOpen.has(read)) lowest[at] = Math.min(lowest[at]!, number.get(read)!);
        continue;
      }
      path.pop();
      const above = path.at(-1);
      if (above) lowest[above.at] = Math.min(lowest[above.at]!, lowest[at]!);
      if (lowest[at] !== number.get(at)) continue;
      const members = open.splice(open.indexOf(at)).sort((a, b) => a - b);
      members.forEach((member) => isOpen.delete(member));
      found.push({
        statements: members.map((member) => statements[member]!),
        isRecurrent: members.length > 1 || reads.includes(at),
      });
    }
  }
  return found;
}

/** The tensors that are defined in recurrences, each with the statements of its own. */
export function recurrencesIn(statements: readonly Statement[]): ReadonlyMap<string, readonly Statement[]> {
  let known = recurrences.get(statements);
  if (!known) {
    const recurrent = componentsOf(statements).filter((c) => c.isRecurrent);
    known = new Map(recurrent.flatMap((c) => c.statements.map((s) => [s.tensor, c.statements])));
    recurrences.set(statements, known);
  }
  return known;
}
const recurrences = new WeakMap<readonly Statement[], ReadonlyMap<string, readonly Statement[]>>();

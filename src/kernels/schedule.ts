/** Which statements become one kernel: epilogues join their contraction, rows their group. */
import { substitute, withoutHiding } from "../notation/binders.js";
import type { Expression } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Statement } from "../notation/layer.js";
import { holdsReduction, readsIn, rewrite, tensorsIn } from "../notation/traverse.js";
import { fromZero } from "../calculus/positions.js";
import { keyOfExpression } from "../notation/key.js";
import { rowsOf, type RowGroup } from "./row-axes.js";

export interface Piece {
  /** The statements computed, in order; the last one names the kernel. */
  readonly statements: readonly Statement[];
  /** Where there are several: how they share their loops. */
  readonly group?: RowGroup;
  /** A max (min) and its position, found together: the statements in this order. */
  readonly extreme?: readonly [Statement, Statement];
}
export interface ScheduleOptions {
  /** Tensors that must be stored: results, and what other passes read. */
  readonly kept: ReadonlySet<string>;
  /** Whether a statement has a kernel of its own kind: a contraction, a scatter. */
  readonly stands: (statement: Statement) => boolean;
  /** For which results a statement is computed: only statements for the same ones may share a kernel. */
  readonly serves: (statement: Statement) => string;
  /** Whether the tensor holds reals. */
  readonly isReal: (tensor: string) => boolean;
}

export function schedule(statements: readonly Statement[], options: ScheduleOptions): readonly Piece[] {
  return groupRows(joinEpilogues(statements, options), options);
}

/** y = f(z) where z = a sum that nothing else reads: f is applied as the sum is stored. */
export function joinEpilogues(
  statements: readonly Statement[],
  { kept }: Pick<ScheduleOptions, "kept">,
): readonly Statement[] {
  let current = [...statements];
  for (const consumer of statements) {
    const now = current.find((s) => s.tensor === consumer.tensor);
    if (!now || holdsReduction(now.body)) continue;
    for (const tensor of tensorsIn(now.body)) {
      const producer = current.find((s) => s.tensor === tensor);
      if (!producer || kept.has(tensor) || !holdsReduction(producer.body)) continue;
      if (current.filter((s) => tensorsIn(s.body).has(tensor)).length !== 1) continue;
      const joined = joinedBody(now, producer);
      if (!joined) continue;
      current = current.flatMap((s) => (s === producer ? [] : s === now ? [{ ...now, body: joined }] : [s]));
      break;
    }
  }
  return current;
}

function joinedBody(consumer: Statement, producer: Statement): Expression | undefined {
  if (producer.body.kind === "reduction" && producer.body.name.startsWith("arg")) return undefined;
  const reads = readsIn(consumer.body).filter((e) => e.tensor === producer.tensor);
  const subscripts = reads[0]?.subscripts;
  if (!subscripts || reads.length !== 1) return undefined;
  const names = subscripts.map((s) => integer.plainVariable(s));
  const all = new Set(names);
  if (names.includes(undefined) || all.size !== consumer.indices.length || names.length !== all.size)
    return undefined;
  if (!producer.subscripts.every((s) => integer.plainVariable(s) !== undefined)) return undefined;
  const sameBox = producer.indices.every((i, at) => {
    const own = consumer.indices.find((c) => c.name === names[at]);
    return own !== undefined && integer.equal(own.extent, i.extent);
  });
  if (!sameBox) return undefined;
  const by = new Map(producer.subscripts.map((s, i) => [integer.plainVariable(s) ?? "", subscripts[i] ?? s]));
  const body = withoutHiding(substitute(producer.body, by), new Set(consumer.indices.map((i) => i.name)));
  return rewrite(consumer.body, (e) => (e.kind === "read" && e.tensor === producer.tensor ? body : e));
}

/** Consecutive statements that run over the same rows, for the same results. */
function groupRows(statements: readonly Statement[], options: ScheduleOptions): readonly Piece[] {
  const pieces: Statement[][] = [];
  const positions = new Map(statements.map((s, i) => [s, extremeBefore(s, statements[i - 1])]));
  for (const s of statements) {
    const last = pieces.at(-1);
    const value = positions.get(s);
    if (value && last?.length === 1) {
      pieces[pieces.length - 1] = [value, s];
      continue;
    }
    const previous = last?.at(-1);
    if (last && !(previous && positions.get(previous)) && canShare([...last, s], options)) last.push(s);
    else pieces.push([s]);
  }
  return pieces.map((members): Piece => {
    const [value, position] = members;
    if (value && position && members.length === 2 && positions.get(position) === value)
      return { statements: members, extreme: [value, position] };
    const rows = members.length > 1 ? rowsOf(members) : undefined;
    if (!rows) return { statements: members };
    const others = statements.filter((s) => !members.includes(s));
    const stored = new Set(
      members
        .map((m) => m.tensor)
        .filter((t) => options.kept.has(t) || others.some((o) => tensorsIn(o.body).has(t))),
    );
    return { statements: members, group: { ...rows, members, stored } };
  });
}

/** A kernel of more statements is no longer read by anyone, and registers run out. */
const longestGroup = 12;

/** The statement before, where it is the max (min) whose position this one is. */
function extremeBefore(s: Statement, before: Statement | undefined): Statement | undefined {
  const { body } = s;
  if (body.kind !== "reduction" || (body.name !== "argmax" && body.name !== "argmin")) return undefined;
  if (before?.body.kind !== "reduction" || before.body.name !== body.name.slice(3)) return undefined;
  const sameBox =
    before.subscripts.length === s.subscripts.length &&
    before.indices.every(
      (i, at) =>
        i === s.indices[at] ||
        (i.name === s.indices[at]?.name && integer.equal(i.extent, s.indices[at].extent)),
    );
  const same = keyOfExpression({ ...fromZero(before.body), name: body.name }) === keyOfExpression(body);
  return sameBox && same ? before : undefined;
}

function canShare(members: readonly Statement[], { stands, serves, isReal }: ScheduleOptions): boolean {
  const [first, last] = [members[0], members.at(-1)];
  if (!first || !last || serves(first) !== serves(last)) return false;
  if (
    members.length > longestGroup ||
    stands(last) ||
    stands(first) ||
    !isReal(last.tensor) ||
    !isReal(first.tensor)
  )
    return false;
  const rows = rowsOf(members);
  if (!rows) return false;
  // what is summed or maximised row by row stays with its row
  const shrinks = members.slice(0, -1).every((m) => m.indices.length > last.indices.length);
  if (shrinks && members.slice(0, -1).some((m) => holdsReduction(m.body))) return false;
  // together because one reads the other, or because they run over the same points
  const before = new Set(members.slice(0, -1).map((m) => m.tensor));
  const reads = [...tensorsIn(last.body)].some((t) => before.has(t));
  return reads || last.indices.length === rows.outer.length;
}

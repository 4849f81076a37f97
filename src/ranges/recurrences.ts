/**
 * The order of a recurrence: which left-hand indices are walked, each upwards or downwards, so that every read of the
 * recurrence comes strictly before the point where it stands, or at the same point where its statement stands above.
 *
 * Level by level an index of each statement is chosen with a direction. A level is good where no read lies behind the point
 * in it; reads that are proved to lie strictly before it need no further level, the others are looked at in the next, at
 * equal values of this one: the order is lexicographic.
 */
import { printInt } from "../language/print.js";
import type { Problem } from "../language/problem.js";
import { componentsOf } from "../notation/components.js";
import { isZero, within } from "../notation/construct.js";
import * as integer from "../notation/integer.js";
import type { Condition } from "../notation/expression.js";
import type { Int } from "../notation/integer.js";
import type { Index, Layer, Statement } from "../notation/layer.js";
import { accessesOf, type Access } from "./accesses.js";
import { factsInside, layerFacts } from "./facts.js";
import { assuming, provesNonNegative, withRange, type Facts } from "./prove.js";

export interface Level {
  readonly direction: "up" | "down";
  /** The axis that is walked, by tensor; a plain index stands on it. */
  readonly axes: ReadonlyMap<string, number>;
}
/** The outermost level first. */
export type Order = readonly Level[];

/** A read of the recurrence, by the statement `from` of the one `to`. */
interface Edge {
  readonly from: number;
  readonly to: number;
  readonly access: Access;
  /** What is known where it stands; at the levels chosen so far it is at the same point. */
  readonly facts: Facts;
}
/** Proofs that may be tried before no order counts as found. */
const mostTries = 2000;

/**
 * An order of the group; else the read that none was found for.
 * @param counts whether a read is one that must come before
 */
export function orderOf(
  group: readonly Statement[],
  facts: Facts,
  counts: (access: Access) => boolean = () => true,
): Order | Access {
  const edges = edgesOf(group, facts).filter((e) => counts(e.access));
  const search = new Search(group);
  return search.levels(edges, []) ?? search.stuck ?? edges[0]!.access;
}

/** The reads of the group by itself, with what is known where they stand. */
function edgesOf(group: readonly Statement[], facts: Facts): readonly Edge[] {
  const place = new Map(group.map((s, i) => [s.tensor, i]));
  const shapes = facts.shapes ?? new Map<string, readonly Int[]>();
  return group.flatMap((s, from) =>
    accessesOf(s).flatMap((access): readonly Edge[] => {
      const to = place.get(access.tensor);
      if (to === undefined) return [];
      // what is out of bounds is not read
      const inside = access.subscripts.flatMap((subscript, axis) => {
        const extent = shapes.get(access.tensor)?.[axis];
        return extent && access.place !== "outside" ? [within(subscript, integer.zero, extent)] : [];
      });
      const there = factsInside(facts, access.scope, access.given);
      return [{ from, to, access, facts: inside.reduce(assuming, there) }];
    }),
  );
}

export const isOrder = (found: Order | Access): found is Order => Array.isArray(found);

class Search {
  /** The read at which the search came to its end in the most promising try. */
  stuck: Access | undefined;
  private fewest = Infinity;
  private tries = 0;
  private readonly group: readonly Statement[];

  constructor(group: readonly Statement[]) {
    this.group = group;
  }

  levels(edges: readonly Edge[], chosen: Order): Order | undefined {
    // at one point the statements run in the order of the text
    const waiting = edges.filter((e) => e.to >= e.from);
    if (waiting.length === 0) return chosen;
    if (waiting.length < this.fewest) [this.fewest, this.stuck] = [waiting.length, waiting[0]?.access];
    for (const direction of ["up", "down"] as const)
      for (const axes of this.assignments(edges, direction, chosen)) {
        const left = edges.flatMap((e) => this.afterLevel(e, direction, axes));
        // a level that settles no read may still tell the next ones where it is at the same point
        if (edges.every((e, i) => e === left[i])) continue;
        const found = this.levels(left, [...chosen, { direction, axes: this.named(axes) }]);
        if (found) return found;
      }
    return undefined;
  }

  private named(axes: readonly number[]): ReadonlyMap<string, number> {
    return new Map(this.group.map((s, i) => [s.tensor, axes[i]!]));
  }

  /** For each statement an axis along which no read lies behind; statements that take no part in a read are along. */
  private *assignments(
    edges: readonly Edge[],
    direction: Level["direction"],
    chosen: Order,
  ): Generator<readonly number[]> {
    const axes: number[] = [];
    const { group } = this;
    const fits = (at: number): boolean =>
      edges.every((e) => Math.max(e.from, e.to) !== at || this.isNotBehind(e, direction, axes));
    function* choose(this: Search, at: number): Generator<readonly number[]> {
      if (at === group.length) {
        yield [...axes];
        return;
      }
      for (const [axis, subscript] of group[at]!.subscripts.entries()) {
        if (this.tries > mostTries) return;
        if (integer.plainVariable(subscript) === undefined) continue;
        if (chosen.some((level) => level.axes.get(group[at]!.tensor) === axis)) continue;
        axes[at] = axis;
        if (fits(at)) yield* choose.call(this, at + 1);
      }
    }
    yield* choose.call(this, 0);
  }

  /** How far before the point the read lies in the level: at least 0 where it is not behind. */
  private distance({ from, to, access }: Edge, direction: Level["direction"], axes: readonly number[]): Int {
    const own = this.group[from]!.subscripts[axes[from]!]!;
    const read = access.subscripts[axes[to]!]!;
    return direction === "up" ? integer.minus(own, read) : integer.minus(read, own);
  }
  private isNotBehind(e: Edge, direction: Level["direction"], axes: readonly number[]): boolean {
    this.tries++;
    const distance = this.distance(e, direction, axes);
    return isAtLeast(0, distance, e.facts) || isAtLeast(1, distance, e.facts);
  }
  /** The edge at equal values of the level; none where it lies strictly before. */
  private afterLevel(e: Edge, direction: Level["direction"], axes: readonly number[]): readonly Edge[] {
    const distance = this.distance(e, direction, axes);
    if (isAtLeast(1, distance, e.facts)) return [];
    if (integer.literal(distance) === 0) return [e];
    const facts = assuming(e.facts, isZero(distance));
    // what is known of s + q is known of q where s is 0
    const name = integer.plainVariable(distance) ?? integer.plainVariable(integer.negate(distance));
    const range = { lower: integer.zero, upper: integer.zero };
    return [
      { ...e, facts: name !== undefined && facts.ranges.has(name) ? withRange(facts, name, range) : facts },
    ];
  }
}

/** Whether v >= least: an integer v is at least 0 where k·v + k - 1 is, and k times a quotient by k has bounds of its own. */
function isAtLeast(least: number, value: Int, facts: Facts): boolean {
  const rest = integer.minus(value, integer.constant(least));
  const factors = new Set([1]);
  for (const v of [rest, ...facts.known])
    integer.eachAtom(v, (atom) => {
      const divisor = integer.divisorOf(atom);
      const number = divisor && integer.literal(divisor);
      if (number !== undefined && number > 1) factors.add(number);
      // what is known of 2·s + r is not known of s + r
      if (atom.kind === "variable") factors.add(2);
    });
  return [...factors].some((k) =>
    provesNonNegative(facts, integer.plus(integer.scale(rest, k), integer.constant(k - 1))),
  );
}

/** The index of a statement that a level walks. */
export function indexAt({ tensor, subscripts, indices }: Statement, level: Level): Index {
  const name = integer.plainVariable(subscripts[level.axes.get(tensor) ?? -1] ?? integer.zero);
  const index = indices.find((i) => i.name === name);
  if (!index) throw new Error(`${tensor} has no index along its recurrence`);
  return index;
}

/**
 * The statements of each recurrence side by side, behind what they read; what is wrong with them: no order, or a call in a
 * recurrence. Ranges must be known.
 */
export function orderRecurrences(layer: Layer): {
  readonly layer: Layer;
  readonly problems: readonly Problem[];
} {
  const problems: Problem[] = [];
  const facts = layerFacts(layer);
  const sorted = (statements: readonly Statement[]): readonly Statement[] =>
    componentsOf(statements).flatMap(({ statements: members, isRecurrent }) => {
      if (isRecurrent) problems.push(...problemsOf(members, facts));
      return members;
    });
  const [statements, claimHelpers, claims] = [layer.statements, layer.claimHelpers, layer.claims].map(sorted);
  return {
    layer: { ...layer, statements: statements!, claimHelpers: claimHelpers!, claims: claims! },
    problems,
  };
}

function problemsOf(group: readonly Statement[], facts: Facts): readonly Problem[] {
  const called = group.find((s) => s.at?.origin);
  const own = group.find((s) => !s.at?.origin);
  if (called && own)
    return [
      {
        code: "call-in-recurrence",
        message: `${own.tensor} and the call that defines ${called.tensor} read each other: a call takes no part in a recurrence`,
        span: called.at ?? { start: 0, end: 0 },
        hint: "write the called layer's formula out for one step",
      },
    ];
  const found = orderOf(group, facts);
  if (isOrder(found)) return [];
  const names = [...new Set(group.map((s) => s.tensor))];
  const reader = group.find((s) => accessesOf(s).some((a) => a.at === found.at && a.tensor === found.tensor));
  const of =
    names.length === 1 ? `${names[0]} is defined by itself` : `${names.join(", ")} are defined by each other`;
  return [
    {
      code: "no-order",
      message: `${of}, and no order of the indices was found in which ${printAccess(found)} always comes before ${reader ? printAccess(reader) : names[0]}`,
      span: found.at ?? reader?.at ?? { start: 0, end: 0 },
      hint: mendOf(group, found, reader, facts),
    },
  ];
}

const printAccess = ({ tensor, subscripts }: Pick<Access, "tensor" | "subscripts">): string =>
  `${tensor}[${subscripts.map((s) => printInt(s)).join(", ")}]`;

/** What gives the group an order, as far as one change does: another order of the text, a `require`, a read less. */
function mendOf(
  group: readonly Statement[],
  stuck: Access,
  reader: Statement | undefined,
  facts: Facts,
): string {
  const defining = group.find((s) => s.tensor === stuck.tensor);
  if (reader && defining && reader !== defining) {
    const others = group.filter((s) => s !== defining);
    const at = others.indexOf(reader);
    const moved = [...others.slice(0, at), defining, ...others.slice(at)];
    if (isOrder(orderOf(moved, facts)))
      return `let the line of ${stuck.tensor} stand above that of ${reader.tensor}: at one point the statements run in the order of the text`;
  }
  for (const back of offsetsOf(group)) {
    const some: Condition = { kind: "nonnegative", value: integer.minus(back, integer.one) };
    if (isOrder(orderOf(group, assuming(facts, some))))
      return `say how far back it reads: require ${printInt(back)} >= 1`;
  }
  const reads = group.flatMap(accessesOf).filter((a) => group.some((s) => s.tensor === a.tensor));
  const other = reads.find(
    (a) =>
      a !== stuck &&
      printAccess(a) !== printAccess(stuck) &&
      isOrder(orderOf(group, facts, (b) => b.at !== a.at)),
  );
  const along = edgesOf(group, facts).find((e) => e.access === stuck || e.access.at === stuck.at);
  const isSelf =
    along &&
    along.from === along.to &&
    reader?.subscripts.some((own, axis) => {
      const distance = integer.minus(own, along.access.subscripts[axis]!);
      const either = [distance, integer.negate(distance)];
      return integer.literal(distance) === undefined && either.some((d) => isAtLeast(0, d, along.facts));
    });
  if (isSelf)
    return `${printAccess(stuck)} may be the point that is defined, ${printAccess(reader!)}: leave it out, as s < t does where s <= t stands`;
  return other
    ? `${printAccess(stuck)} and ${printAccess(other)} ask for opposite orders: let each direction be a tensor of its own`
    : "read an earlier point, as h[t - 1, …] for h[t, …], under a condition that keeps it there: where(t > 0, …), sum[s < t](…)";
}

/** How far before their statement's point the reads of a recurrence lie, where sizes and params alone say so. */
function offsetsOf(group: readonly Statement[]): readonly Int[] {
  const found = new Map<string, Int>();
  for (const s of group) {
    const own = new Set(s.indices.map((i) => i.name));
    for (const a of accessesOf(s))
      for (const [axis, subscript] of group.some((other) => other.tensor === a.tensor)
        ? a.subscripts.entries()
        : []) {
        const left = s.subscripts[axis];
        const name = left && integer.plainVariable(left);
        if (name === undefined || !integer.mentions(subscript, name)) continue;
        const distance = integer.minus(left!, subscript);
        const names = [...integer.variablesOf(distance)];
        if (names.length === 0 || names.some((n) => own.has(n) || a.scope.some((b) => b.name === n)))
          continue;
        for (const back of [distance, integer.negate(distance)]) found.set(integer.keyOf(back), back);
      }
  }
  return [...found.values()];
}

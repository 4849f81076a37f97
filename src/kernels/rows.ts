/**
 * Row groups: statements over the same outer indices as one kernel. Inside, statements that run over the same inner
 * box share its loops; what only the group reads stays in local numbers. A softmax is three loops a row, a layer norm
 * two passes and its result.
 */
import * as build from "../notation/construct.js";
import type { Expression, Read, Reduction } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import type { Index, Statement } from "../notation/layer.js";
import { holdsReduction, mapChildren, rewrite, substitute, tensorsIn, walk } from "../notation/traverse.js";
import { emitOffset, type Shapes } from "./offsets.js";
import { accumulators, type Emitter } from "./reduce.js";

export interface RowGroup {
  /** The indices that all members begin with; each keeps its own names for them. */
  readonly outer: readonly Index[];
  readonly members: readonly Statement[];
  /** Members' tensors that are read outside the group, or are results. */
  readonly stored: ReadonlySet<string>;
}

/** The members as one group; undefined where they do not run over the same outer indices point by point. */
export function outerOf(members: readonly Statement[]): readonly Index[] | undefined {
  const ranks = members.map((m) => m.subscripts.length);
  const rank = Math.min(...ranks);
  const shortest = members[ranks.indexOf(rank)];
  if (!shortest) return undefined;
  const own = new Set(members.map((m) => m.tensor));
  const fits = members.every((m) => {
    if (!m.subscripts.every((s, i) => integer.plainVariable(s) === m.indices[i]?.name)) return false;
    if (!shortest.indices.every((o, i) => integer.equal(o.extent, m.indices[i]?.extent ?? integer.zero)))
      return false;
    return readsStayInRow(m, own, rank);
  });
  return fits ? shortest.indices : undefined;
}

/** Every read of the group's tensors is at the member's own outer indices. */
function readsStayInRow(m: Statement, own: ReadonlySet<string>, rank: number): boolean {
  let stays = true;
  rewrite(
    m.body,
    (e) => {
      if (e.kind === "read" && own.has(e.tensor))
        stays &&= m.indices.slice(0, rank).every((o, i) => {
          const subscript = e.subscripts[i];
          return subscript !== undefined && integer.plainVariable(subscript) === o.name;
        });
      return e;
    },
    (value) => {
      integer.eachAtom(value, (atom) => {
        if (atom.kind === "element" && own.has(atom.tensor)) stays = false;
      });
      return value;
    },
  );
  return stays;
}

/** A member in the group's names: what runs over the inner box, and what is made of it. */
type Item =
  /** A value at every point of the box. */
  | {
      readonly kind: "point";
      readonly member: Statement;
      readonly box: readonly Index[];
      readonly value: Expression;
    }
  /** A reduction over the box, and the value around it. */
  | {
      readonly kind: "total";
      readonly member: Statement;
      readonly box: readonly Index[];
      readonly reduction: Reduction;
      readonly around: Expression;
    }
  /** One value a row. */
  | { readonly kind: "row"; readonly member: Statement; readonly value: Expression };

const inner = "@total";

function itemOf(m: Statement, outer: readonly Index[]): Item {
  const by = new Map(
    m.indices.slice(0, outer.length).map((i, at) => [i.name, integer.variable(outer[at]?.name ?? "")]),
  );
  const body = substitute(m.body, by);
  const member = { ...m, subscripts: m.subscripts.map((s) => integer.substituteInt(s, by)) };
  const box = m.indices.slice(outer.length);
  if (box.length > 0) return { kind: "point", member, box, value: body };
  const found: Reduction[] = [];
  const around = takeOut(body, found);
  const [reduction] = found;
  return reduction && found.length === 1 && isPlainBox(reduction)
    ? {
        kind: "total",
        member,
        box: reduction.binders.map((b) => ({ name: b.name, extent: b.upper })),
        reduction,
        around,
      }
    : { kind: "row", member, value: body };
}
function takeOut(e: Expression, found: Reduction[]): Expression {
  if (e.kind === "reduction") {
    found.push(e);
    return { kind: "parameter", name: inner };
  }
  return holdsReduction(e) ? mapChildren(e, { expression: (part) => takeOut(part, found) }) : e;
}
const isPlainBox = (e: Reduction): boolean =>
  (e.name === "sum" || e.name === "max" || e.name === "min" || e.name === "prod") &&
  e.guard.kind === "truth" &&
  !holdsReduction(e.body) &&
  e.binders.every(
    (b) => b.lower.monomials.length === 0 && !e.binders.some((o) => integer.mentions(b.upper, o.name)),
  );

const readsTensor = (item: Item, tensor: string): boolean =>
  tensorsIn(item.kind === "total" ? item.reduction.body : item.value).has(tensor);

/** Emits the group's loops. */
export function emitRows(group: RowGroup, emitter: Emitter, shapes: Shapes): void {
  const items = group.members.map((m) => itemOf(m, group.outer));
  emitter.builder.loops(group.outer, () => new Row(group, emitter, shapes).emit(items));
}

class Row {
  /** Elements of the row by tensor, as local numbers. */
  private readonly values = new Map<string, { readonly at: readonly Int[]; readonly value: Expression }>();
  private readonly group: RowGroup;
  private readonly emitter: Emitter;
  private readonly shapes: Shapes;
  constructor(group: RowGroup, emitter: Emitter, shapes: Shapes) {
    this.group = group;
    this.emitter = emitter;
    this.shapes = shapes;
  }

  emit(items: readonly Item[]): void {
    let stage: Item[] = [];
    const flush = (): void => {
      if (stage.length > 0) this.stage(stage);
      stage = [];
    };
    for (const item of items) {
      if (item.kind === "row") {
        flush();
        this.finish(item.member, this.emitter.value(this.local(item.value)));
      } else {
        if (!this.joins(item, stage)) flush();
        stage.push(item);
      }
    }
    flush();
  }

  /** Whether the item can run in the stage's loops: same box, and it reads no total that they are making. */
  private joins(item: Item, stage: readonly Item[]): boolean {
    const [first] = stage;
    if (!first) return true;
    if (first.kind === "row" || item.kind === "row") return false;
    if (first.box.length !== item.box.length) return false;
    if (!first.box.every((b, i) => integer.equal(b.extent, item.box[i]?.extent ?? integer.zero)))
      return false;
    const body = item.kind === "point" ? item.value : item.reduction.body;
    if (holdsReduction(body)) return false;
    const reads = tensorsIn(item.kind === "point" ? body : { ...item.reduction, body });
    return stage.every((s) => {
      if (!reads.has(s.member.tensor)) return true;
      return s.kind === "point" && this.readsAtPoint(body, s.member.tensor, item.box);
    });
  }
  private readsAtPoint(body: Expression, tensor: string, box: readonly Index[]): boolean {
    let same = true;
    rewrite(body, (e) => {
      if (e.kind === "read" && e.tensor === tensor)
        same &&= box.every((b, i) => {
          const s = e.subscripts[this.group.outer.length + i];
          return s !== undefined && integer.plainVariable(s) === b.name;
        });
      return e;
    });
    return same;
  }

  /** Loops over one box for all items of the stage. */
  private stage(items: readonly Item[]): void {
    const { builder } = this.emitter;
    const [first] = items;
    if (!first || first.kind === "row") return;
    const box = first.box.map((b) => ({ ...b, name: builder.name(b.name) }));
    this.nameRowValues(items);
    const totals = new Map<Item, string>();
    for (const item of items) {
      if (item.kind !== "total") continue;
      const accumulate = accumulators[item.reduction.name];
      const name = builder.name(accumulate?.name ?? "sum");
      builder.emit({ kind: "accumulator", name, value: accumulate?.initial ?? build.zero });
      totals.set(item, name);
    }
    const points = new Map<string, Expression>();
    builder.loops(box, () => {
      for (const item of items) {
        if (item.kind === "row") continue;
        const by = new Map(item.box.map((b, i) => [b.name, integer.variable(box[i]?.name ?? "")]));
        const total = totals.get(item);
        if (item.kind === "total" && total !== undefined) {
          const value = this.emitter.value(this.local(substitute(item.reduction.body, by), points));
          builder.emit(...(accumulators[item.reduction.name]?.step(total, value) ?? []));
        } else if (item.kind === "point") {
          const later = items.slice(items.indexOf(item) + 1);
          this.point(
            item,
            by,
            points,
            later.some((o) => readsTensor(o, item.member.tensor)),
          );
        }
      }
    });
    for (const item of items) {
      const total = totals.get(item);
      if (item.kind !== "total" || total === undefined) continue;
      const around = rewrite(item.around, (e) =>
        e.kind === "parameter" && e.name === inner ? { kind: "parameter", name: total } : e,
      );
      this.finish(item.member, this.emitter.value(this.local(around)));
    }
  }

  /** What the loops read at the row alone is read once before them. */
  private nameRowValues(items: readonly Item[]): void {
    const { builder } = this.emitter;
    const own = new Set(this.group.members.map((m) => m.tensor));
    const { outer } = this.group;
    const visit = (e: Expression): void => {
      if (e.kind !== "read" || own.has(e.tensor) || this.values.has(e.tensor)) return;
      const rank = this.shapes.get(e.tensor)?.shape.length;
      if (outer.length === 0 || rank !== outer.length) return;
      if (!outer.every((o, i) => integer.plainVariable(e.subscripts[i] ?? integer.zero) === o.name)) return;
      const name = builder.name(`${e.tensor}_row`);
      builder.emit({ kind: "real", name, value: this.emitter.value(e) });
      this.values.set(e.tensor, { at: e.subscripts, value: { kind: "parameter", name } });
    };
    for (const item of items) {
      if (item.kind === "row") continue;
      walk(item.kind === "point" ? item.value : item.reduction.body, {
        enter: (e) => e.kind !== "select" && e.kind !== "reduction",
        expression: visit,
      });
    }
  }

  private point(
    item: Extract<Item, { kind: "point" }>,
    by: ReadonlyMap<string, Int>,
    points: Map<string, Expression>,
    readAgain: boolean,
  ): void {
    const { builder } = this.emitter;
    const { member } = item;
    const value = this.emitter.value(this.local(substitute(item.value, by), points));
    let kept = value;
    if (readAgain && value.kind !== "constant" && value.kind !== "read") {
      const name = builder.name(`${member.tensor}_here`);
      builder.emit({ kind: "real", name, value });
      kept = { kind: "parameter", name };
    }
    points.set(member.tensor, kept);
    this.store(
      member,
      member.subscripts.map((s) => integer.substituteInt(s, by)),
      kept,
    );
  }

  /** A value of the row: named, and stored where something outside wants it. */
  private finish(member: Statement, value: Expression): void {
    const { builder } = this.emitter;
    const name = builder.name(`${member.tensor}_row`);
    builder.emit({ kind: "real", name, value });
    this.values.set(member.tensor, { at: member.subscripts, value: { kind: "parameter", name } });
    this.store(member, member.subscripts, { kind: "parameter", name });
  }
  private store(member: Statement, subscripts: readonly Int[], value: Expression): void {
    if (!this.isStored(member)) return;
    const offset = emitOffset(this.emitter.builder, this.shapes, member.tensor, subscripts);
    this.emitter.builder.emit({ kind: "store", buffer: member.tensor, offset, value });
  }
  /** Results, what others read, and what a later loop of the row reads at its points. */
  private isStored({ tensor, subscripts }: Statement): boolean {
    return this.group.stored.has(tensor) || subscripts.length > this.group.outer.length;
  }

  /** Reads of the row's values, and of the points at hand, as local numbers. */
  private local(e: Expression, points: ReadonlyMap<string, Expression> = new Map()): Expression {
    return rewrite(e, (part) =>
      part.kind === "read" ? (points.get(part.tensor) ?? this.rowValue(part) ?? part) : part,
    );
  }
  /** `v[c]` in row c; `v[C - 1 - c]` lies in another row. */
  private rowValue({ tensor, subscripts }: Read): Expression | undefined {
    const known = this.values.get(tensor);
    return known?.at.every((s, i) => integer.equal(s, subscripts[i] ?? integer.zero))
      ? known.value
      : undefined;
  }
}

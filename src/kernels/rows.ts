/**
 * Row groups: statements over the same outer indices as one kernel. Inside, statements that run over the same inner
 * box share its loops; what only the group reads stays in local numbers. A softmax is three loops a row, a layer norm
 * two passes and its result.
 */
import { substitute, withoutHiding } from "../notation/binders.js";
import * as build from "../notation/construct.js";
import type { Expression, Read, Reduction } from "../notation/expression.js";
import { freshNames } from "../notation/fresh.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import type { Index, Statement } from "../notation/layer.js";
import { holdsReduction, mapChildren, readsIn, rewrite, tensorsIn } from "../notation/traverse.js";
import { emitOffset, type Shapes } from "./offsets.js";
import { boxOf, outerIndices, type RowGroup } from "./row-axes.js";
import { accumulators, emitStep, type Emitter } from "./reduce.js";

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

function itemOf(m: Statement, group: RowGroup): Item {
  const outer = outerIndices(m, group);
  const shared = group.outer.map((i) => i.name);
  // another of its indices may be called like one of the group's
  const fresh = freshNames([...shared, ...m.indices.map((i) => i.name)]);
  const box = boxOf(m.indices, m.tensor, group).map((i) =>
    shared.includes(i.name) ? { ...i, name: fresh.index(i.name) } : i,
  );
  const own = [...outer, ...boxOf(m.indices, m.tensor, group)];
  const names = [...shared, ...box.map((i) => i.name)];
  const by = new Map(own.map((i, at) => [i.name, integer.variable(names[at] ?? "")]));
  const body = withoutHiding(substitute(m.body, by), new Set(names));
  const member = { ...m, subscripts: m.subscripts.map((s) => integer.substituteInt(s, by)) };
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

const bodyOf = (item: Item): Expression => (item.kind === "total" ? item.reduction.body : item.value);
const readsTensor = (item: Item, tensor: string): boolean =>
  tensorsIn(bodyOf(item)).has(tensor) || readsAfterwards(item, tensor);
/** Whether the value around a total reads it: when the loops are done, elements of a row are in memory alone. */
const readsAfterwards = (item: Item, tensor: string): boolean =>
  item.kind === "total" && tensorsIn(item.around).has(tensor);

/** Emits the group's loops. */
export function emitRows(group: RowGroup, emitter: Emitter, shapes: Shapes): void {
  const items = group.members.map((m) => itemOf(m, group));
  emitter.builder.results(group.outer, () => new Row(group, emitter, shapes).emit(items));
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
    const stages: Item[][] = [];
    for (const item of items) {
      const last = stages.at(-1);
      if (last && this.joins(item, last)) last.push(item);
      else stages.push([item]);
    }
    for (const [at, stage] of stages.entries()) {
      const [first] = stage;
      if (first?.kind === "row") this.finish(first.member, this.emitter.value(this.local(first.value)));
      else this.stage(stage, stages.slice(at + 1).flat());
    }
  }

  /** Whether the item can run in the stage's loops: same box, and it reads no total that they are making. */
  private joins(item: Item, stage: readonly Item[]): boolean {
    const [first] = stage;
    if (!first || first.kind === "row" || item.kind === "row") return false;
    if (first.box.length !== item.box.length) return false;
    if (!first.box.every((b, i) => integer.equal(b.extent, item.box[i]?.extent ?? integer.zero)))
      return false;
    const body = bodyOf(item);
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
        same &&= boxOf(e.subscripts, tensor, this.group).every(
          (s, i) => integer.plainVariable(s) === box[i]?.name,
        );
      return e;
    });
    return same;
  }

  /** Loops over one box for all items of the stage; `later` are those of the stages that follow. */
  private stage(items: readonly Item[], later: readonly Item[]): void {
    const { builder } = this.emitter;
    const [first] = items;
    if (!first || first.kind === "row") return;
    const box = first.box.map((b) => ({ ...b, name: builder.name(b.name) }));
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
          emitStep(item.reduction.name, total, value, builder);
        } else if (item.kind === "point") {
          const { tensor } = item.member;
          const isStored =
            this.group.stored.has(tensor) ||
            items.some((o) => readsAfterwards(o, tensor)) ||
            later.some((o) => readsTensor(o, tensor));
          const uses = items
            .slice(items.indexOf(item) + 1)
            .flatMap((o) => readsIn(bodyOf(o)).filter((e) => e.tensor === tensor));
          const kept = this.point(item, by, points, uses.length + (isStored ? 1 : 0));
          if (isStored)
            this.store(
              item.member,
              item.member.subscripts.map((s) => integer.substituteInt(s, by)),
              kept,
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

  /** The value at a point, as a local number where it is used more than once. */
  private point(
    item: Extract<Item, { kind: "point" }>,
    by: ReadonlyMap<string, Int>,
    points: Map<string, Expression>,
    uses: number,
  ): Expression {
    const { builder } = this.emitter;
    const { tensor } = item.member;
    const value = this.emitter.value(this.local(substitute(item.value, by), points));
    let kept = value;
    if (uses > 1 && value.kind !== "constant" && value.kind !== "read") {
      const name = builder.name(`${tensor}_here`);
      builder.emit({ kind: "real", name, value });
      kept = { kind: "parameter", name };
    }
    points.set(tensor, kept);
    return kept;
  }

  /** A value of the row: named, and stored where something outside wants it. */
  private finish(member: Statement, value: Expression): void {
    const { builder } = this.emitter;
    const name = builder.name(`${member.tensor}_row`);
    builder.emit({ kind: "real", name, value });
    this.values.set(member.tensor, { at: member.subscripts, value: { kind: "parameter", name } });
    if (this.group.stored.has(member.tensor))
      this.store(member, member.subscripts, { kind: "parameter", name });
  }
  private store({ tensor }: Statement, subscripts: readonly Int[], value: Expression): void {
    const offset = emitOffset(this.emitter.builder, this.shapes, tensor, subscripts);
    this.emitter.builder.emit({ kind: "store", buffer: tensor, offset, value });
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

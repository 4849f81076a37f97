/**
 * Neighbouring axes that a statement runs over only together are one axis, as they are in memory:
 * sum[n, p, q](dz[n, k, p, q]·x[n, c, p, q]) is sum[n, pq](dz[n, k, pq]·x[n, c, pq]), with longer rows to read vectors
 * from, and fewer indices to tell apart by division. Indices that have one value are left out.
 */
import { substitute } from "../../notation/binders.js";
import type { Binder, Read } from "../../notation/expression.js";
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import type { Index, Statement } from "../../notation/layer.js";
import { namesIn, rewrite, walk } from "../../notation/traverse.js";
import { expand } from "../../ranges/prove.js";
import { layerNames, type Surroundings } from "../lower.js";
import { joinedName } from "./collapse.js";

/** A statement, and around it its tensors with the axes that it sees. */
export interface View {
  readonly statement: Statement;
  readonly around: Surroundings;
}

export function flattened(statement: Statement, around: Surroundings): View {
  let view: View = { statement: withoutPoints(statement), around };
  for (let next: View | undefined = view; next; next = withJoint(view)) view = next;
  return view;
}

/** Indices with one value are 0; the last binder of a reduction stays. */
function withoutPoints(statement: Statement): Statement {
  const zeros = (names: readonly { readonly name: string }[]) =>
    new Map(names.map(({ name }) => [name, integer.zero]));
  const points = statement.indices.filter((i) => integer.literal(i.extent) === 1);
  const body = rewrite(substitute(statement.body, zeros(points)), (e) => {
    if (e.kind !== "reduction" || isPosition(e.name)) return e;
    const isPoint = (b: Binder): boolean => integer.literal(b.lower) === 0 && integer.literal(b.upper) === 1;
    const binders = e.binders.filter((b, at) => !isPoint(b) || (at === 0 && e.binders.every(isPoint)));
    return substitute({ ...e, binders }, zeros(e.binders.filter((b) => !binders.includes(b))));
  });
  return {
    ...statement,
    body,
    indices: statement.indices.filter((i) => !points.includes(i)),
    subscripts: statement.subscripts.map((s) => integer.substituteInt(s, zeros(points))),
  };
}
/** A position counts the points of all binders. */
const isPosition = (name: string): boolean => name === "argmax" || name === "argmin";

/** With one pair of axes fewer; undefined where none is seen together only. */
function withJoint(view: View): View | undefined {
  for (const { subscripts } of readsOf(view.statement))
    for (let axis = 1; axis < subscripts.length; axis++) {
      const [i, j] = subscripts.slice(axis - 1, axis + 1).map((s) => integer.plainVariable(s));
      const found = i !== undefined && j !== undefined && i !== j ? joined(view, i, j) : undefined;
      if (found) return found;
    }
  return undefined;
}

type Place = Pick<Read, "tensor" | "subscripts">;

/** Every read, and the place where the result goes. */
function readsOf(statement: Statement): readonly Place[] {
  const found: Place[] = [statement];
  const element = (value: Int): void =>
    integer.eachAtom(value, (atom) => void (atom.kind === "element" && found.push(atom)));
  walk(statement.body, {
    expression: (e) => void (e.kind === "read" && found.push(e)),
    int: element,
  });
  return found;
}

/** The view with `ij` for both; undefined where something asks for one of them apart, or for a part of an axis. */
function joined({ statement, around }: View, i: string, j: string): View | undefined {
  const { layer, shapes, scope } = around;
  const seams = seamsOf(readsOf(statement), i, j);
  const axes = seams.map(({ tensor, axis }) => shapes.get(tensor)?.shape.slice(axis - 1, axis + 1) ?? []);
  const [outer, inner] = axes[0] ?? [];
  const same = (a: Int | undefined, b: Int): boolean =>
    a !== undefined && integer.equal(expand(scope.facts, a), expand(scope.facts, b));
  if (!outer || !inner || !axes.every(([a, b]) => same(a, outer) && same(b, inner))) return undefined;

  const taken = [...layerNames(layer), ...statement.indices.map((index) => index.name)];
  const name = joinedName(i, j, namesIn(statement.body, new Set(taken)));
  const inOne = (binders: readonly Binder[]): readonly Binder[] => {
    const [first, second] = [i, j].map((n) => binders.find((b) => b.name === n));
    const isWhole = (b: Binder | undefined, extent: Int): boolean =>
      b !== undefined && integer.literal(b.lower) === 0 && same(b.upper, extent);
    if (!second || !isWhole(first, outer) || !isWhole(second, inner)) return binders;
    const both = { ...second, name, upper: integer.times(outer, inner) };
    return binders.flatMap((b) => (b === first ? [] : [b === second ? both : b]));
  };
  const seen = ({ tensor, subscripts }: Place): readonly Int[] => {
    const axis = seams.find((s) => s.tensor === tensor)?.axis;
    return axis === undefined ? subscripts : subscripts.toSpliced(axis - 1, 2, integer.variable(name));
  };
  const next: Statement = {
    ...statement,
    indices: inOne(statement.indices.map(asBinder)).map(asIndex),
    subscripts: seen(statement),
    body: rewrite(statement.body, (e) => {
      if (e.kind === "read") return { ...e, subscripts: seen(e) };
      return e.kind === "reduction" && !isPosition(e.name) ? { ...e, binders: inOne(e.binders) } : e;
    }),
  };
  if (mentions(next, i) || mentions(next, j)) return undefined;
  const changed = seams.flatMap(({ tensor, axis }) => {
    const whole = shapes.get(tensor);
    return whole
      ? [{ ...whole, shape: whole.shape.toSpliced(axis - 1, 2, integer.times(outer, inner)) }]
      : [];
  });
  const views = new Map([...shapes, ...changed.map((t) => [t.name, t] as const)]);
  const tensors = scope.tensors.map((t) => views.get(t.name) ?? t);
  return { statement: next, around: { ...around, shapes: views, scope: { ...scope, tensors } } };
}

const asBinder = ({ name, extent }: Index): Binder => ({ name, lower: integer.zero, upper: extent });
const asIndex = ({ name, upper }: Binder): Index => ({ name, extent: upper });

function mentions({ indices, subscripts, body }: Statement, name: string): boolean {
  const list = indices.some((i) => i.name === name) || subscripts.some((s) => integer.mentions(s, name));
  return list || namesIn(body).has(name);
}

/** The tensors that i or j moves along, each with the axis of j; none where not every read of them has both side by side. */
function seamsOf(
  places: readonly Place[],
  i: string,
  j: string,
): readonly { readonly tensor: string; readonly axis: number }[] {
  const moved = new Set(
    places
      .filter((p) => p.subscripts.some((s) => integer.mentions(s, i) || integer.mentions(s, j)))
      .map((p) => p.tensor),
  );
  const axisIn = ({ subscripts }: Place): number =>
    subscripts.findIndex(
      (s, at) =>
        integer.plainVariable(s) === j && integer.plainVariable(subscripts[at - 1] ?? integer.zero) === i,
    );
  const found = places.filter((p) => moved.has(p.tensor)).map((p) => ({ tensor: p.tensor, axis: axisIn(p) }));
  const agree = found.every(
    ({ tensor, axis }) => axis > 0 && found.every((f) => f.tensor !== tensor || f.axis === axis),
  );
  return agree ? [...new Map(found.map((f) => [f.tensor, f])).values()] : [];
}

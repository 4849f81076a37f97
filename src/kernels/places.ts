/**
 * What is computed anew at every point of a window though it is the place's own: in the gradient of an average,
 *
 *   dx[h, w] = Σ_{r,s} dy[p, q] / count(h − r, w − s)   with p = (h − r + pad)/stride, q = (w − s + pad)/stride,
 *
 * the count is that of the window at p, q. It becomes a statement of its own, each quotient taken once,
 *
 *   dy_each[p, q] = dy[p, q] / count(p, q),   dx[h, w] = Σ_{r,s} dy_each[p, q].
 */
import { simplifyInt } from "../algebra/integers.js";
import type { Derived } from "../calculus/derivation.js";
import type { Expression, Read, Reduction } from "../notation/expression.js";
import { freshNames, type Fresh } from "../notation/fresh.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import type { Index, Statement, Tensor } from "../notation/layer.js";
import { holdsReduction, namesIn, readsIn, rewrite } from "../notation/traverse.js";
import { factsInside, layerFacts } from "../ranges/facts.js";
import { axisName } from "./offsets.js";

/** The layer with such statements added to its backward pass. */
export function withPlaces(derived: Derived): Derived {
  const fresh = freshNames([
    ...[...derived.layer.sizes, ...derived.tensors.map((t) => t.name)],
    ...[...derived.layer.params, ...derived.layer.derived, ...derived.layer.constants].map((n) => n.name),
  ]);
  const added: Tensor[] = [];
  const backward = derived.backward.flatMap((statement): readonly Statement[] => {
    const parted = partedOf(statement, derived, fresh);
    if (!parted) return [statement];
    added.push(parted.tensor);
    return [parted.each, parted.sum];
  });
  return added.length > 0 ? { ...derived, tensors: [...derived.tensors, ...added], backward } : derived;
}

interface Parted {
  readonly tensor: Tensor;
  readonly each: Statement;
  readonly sum: Statement;
}

function partedOf(statement: Statement, { layer, tensors }: Derived, fresh: Fresh): Parted | undefined {
  const { body } = statement;
  if (body.kind !== "reduction" || body.name !== "sum" || holdsReduction(body.body)) return undefined;
  const [read, ...others] = readsIn(body.body);
  const source = tensors.find((t) => t.name === read?.tensor);
  if (!read || !source || others.length > 0 || !isScaled(body, read)) return undefined;
  const met = new Set([...statement.indices, ...body.binders].map((i) => i.name));
  const used = new Set<string>();
  const indices = source.shape.map((extent, axis): Index => {
    const plain = integer.plainVariable(read.subscripts[axis] ?? integer.zero);
    const isOwn = plain !== undefined && !used.has(plain) && statement.indices.some((i) => i.name === plain);
    const name = isOwn ? plain : freshIndex(axisName(source, axis), fresh, new Set([...met, ...used]));
    used.add(name);
    return { name, extent };
  });
  const place = placesOf(read, statement, body, indices);
  const facts = factsInside(layerFacts(layer), indices);
  const int = (value: Int): Int => simplifyInt(integer.substituteInt(value, place), facts);
  const at = indices.map((i) => integer.variable(i.name));
  const value = rewrite(body.body, (e) => (e.kind === "read" ? { ...e, subscripts: at } : e), int);
  const own = new Set(indices.map((i) => i.name));
  const foreign = [...met].filter((name) => !own.has(name));
  if ([...namesIn(value)].some((name) => foreign.includes(name))) return undefined;
  const tensor = fresh.tensor(`${source.name}_each`);
  return {
    tensor: { name: tensor, role: "local", type: "real", shape: source.shape },
    each: { tensor, indices, subscripts: at, body: value, at: statement.at },
    sum: { ...statement, body: { ...body, body: { ...read, tensor } } },
  };
}

/** Index names may be those of other statements. */
const freshIndex = (base: string, { taken }: Fresh, met: ReadonlySet<string>): string =>
  freshNames([...taken, ...met]).index(base);

/** Whether windows read a place again and again, met by something costlier than a number, made of places alone and safe wherever they are. */
function isScaled({ body, binders }: Reduction, read: Read): boolean {
  if (read.subscripts.every((s) => integer.plainVariable(s) !== undefined)) return false;
  const factors = body.kind === "multiply" ? body.factors : [];
  const rest = factors.filter((f) => f !== read);
  const names = new Set(binders.map((b) => b.name));
  const moves = rest.some((f) => [...namesIn(f)].some((name) => names.has(name)));
  return rest.length === factors.length - 1 && moves && rest.every(isPlain);
}
/** Sums, products and powers of integers and parameters. */
function isPlain(e: Expression): boolean {
  switch (e.kind) {
    case "constant":
    case "named":
    case "integer":
    case "parameter":
      return true;
    case "add":
      return e.terms.every(isPlain);
    case "multiply":
      return e.factors.every(isPlain);
    case "raise":
      return isPlain(e.base) && isPlain(e.exponent);
    case "call":
    case "pad":
    case "read":
    case "reduction":
    case "select":
    case "stop":
      return false;
  }
}

/** Each index of the statement and the sum in terms of the read's own axes, where its subscripts say it. */
function placesOf(
  { subscripts }: Read,
  { indices }: Statement,
  { binders }: Reduction,
  axes: readonly Index[],
): ReadonlyMap<string, Int> {
  const place = new Map<string, Int>();
  const outer = new Set(indices.map((i) => i.name));
  subscripts.forEach((subscript, axis) => {
    const value = integer.variable(axes[axis]?.name ?? "");
    const plain = integer.plainVariable(subscript);
    if (plain !== undefined && outer.has(plain)) return void place.set(plain, value);
    const atom = integer.onlyAtom(subscript);
    const divided = atom?.kind === "exact" ? atom : undefined;
    const whole = divided ? integer.times(divided.denominator, value) : value;
    for (const { name } of binders) {
      const affine = integer.affineIn(divided?.numerator ?? subscript, name);
      const slope = affine && integer.literal(affine.coefficient);
      if (!affine || (slope !== 1 && slope !== -1) || place.has(name)) continue;
      // ±r + rest = whole
      place.set(name, integer.scale(integer.minus(whole, affine.rest), slope));
      return;
    }
  });
  return place;
}

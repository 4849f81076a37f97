/**
 * Partial derivatives of terms, as documents write them between ∂L/∂z and ∂L/∂x: by one element of one tensor, all
 * other tensors held fixed. A read of that tensor becomes the condition that it is that element.
 */
import { type Bound, type Comparison, isNumber, namesIn, type Term, walk } from "./term.js";
import { mapParts, substitute, unshadowed } from "./rewrite.js";
import { minus, negative, num, over, plus, power, times, where, zero } from "./make.js";
import { Unreadable } from "../document/unreadable.js";
import { same } from "./print.js";
import { slope } from "./slopes.js";
import { openCall, openFunction } from "./open.js";

/** ∂term/∂tensor[place] */
export const derivative = (term: Term, tensor: string, place: readonly Term[]): Term =>
  // the names of the place are none of the term's binders
  partial(unshadowed(term, new Set(place.flatMap((sub) => [...namesIn(sub)]))), tensor, place);

function partial(term: Term, tensor: string, place: readonly Term[]): Term {
  const by = (inner: Term): Term => partial(inner, tensor, place);
  switch (term.kind) {
    case "number":
    case "name":
    case "gradient":
      return zero;
    case "read":
      if (term.tensor !== tensor) return zero;
      return where(equalities(term.subs, place), num(1));
    case "operation": {
      const { op, left, right } = term;
      const [u, v] = [by(left), by(right)];
      if (op === "+") return sum(u, v);
      if (op === "-") return sum(u, negative(v));
      if (op === "*") return sum(times(u, right), times(left, v));
      if (op === "/") return sum(quotient(u, right), negative(times(v, over(left, power(right, num(2))))));
      if (!isNumber(v, 0)) throw new Unreadable("a derivative by an exponent is not worked out here", 0);
      return times(times(right, power(left, minus(right, num(1)))), u);
    }
    case "call": {
      const [u] = term.arguments;
      const inner = term.arguments.map(by);
      if (inner.every((d) => isNumber(d, 0))) return zero;
      const open = openFunction(term.name);
      const outer =
        u && term.arguments.length === 1
          ? open?.order === 0
            ? openCall(open.letter, u, 1)
            : slope(term.name, u)
          : undefined;
      if (!outer) throw new Unreadable(`the derivative of ${term.name} is not worked out here`, 0);
      return times(outer, inner[0]!);
    }
    case "reduce": {
      const inner = by(term.body);
      if (isNumber(inner, 0)) return zero;
      if (term.op === "mean") return meanOf(term.binders, inner);
      if (term.op !== "sum") throw new Unreadable(`the derivative of a ${term.op} is not worked out here`, 0);
      return sumOver(term.binders, inner);
    }
    case "where":
      return where(term.conditions, by(term.yes), by(term.no));
  }
}
const sum = (u: Term, v: Term): Term => (isNumber(v, 0) ? u : plus(u, v));
const quotient = (u: Term, right: Term): Term =>
  u.kind === "where" && isNumber(u.no, 0) ? { ...u, yes: over(u.yes, right) } : over(u, right);

/** Where two subscripts surely agree there is nothing to ask. */
const equalities = (subs: readonly Term[], place: readonly Term[]): Comparison[] =>
  subs.flatMap((sub, i) =>
    same(sub, place[i]!) ? [] : [{ op: "==" as const, left: sub, right: place[i]! }],
  );
const meanOf = (binders: readonly Bound[], body: Term): Term => {
  const counts = binders.map(({ below }) => {
    if (!below) throw new Unreadable("a mean over an unknown number of points", 0);
    return below;
  });
  return over(sumOver(binders, body), counts.reduce(times));
};

/** Σ over a body that is chosen by conditions: a condition `k == i` puts i for k, within k's range. */
export function sumOver(binders: readonly Bound[], body: Term): Term {
  if (body.kind === "operation" && body.op === "+")
    return plus(sumOver(binders, body.left), sumOver(binders, body.right));
  if (body.kind !== "where" || !isNumber(body.no, 0)) return { kind: "reduce", op: "sum", binders, body };
  for (const condition of body.conditions) {
    const found = condition.op === "==" ? solved(condition, binders) : undefined;
    if (!found) continue;
    const { binder, value } = found;
    const put = (term: Term): Term => substitute(term, new Map([[binder.name, value]]));
    const rest = binders
      .filter((b) => b !== binder)
      .map((b) => ({ ...b, from: b.from && put(b.from), below: b.below && put(b.below) }));
    const conditions = body.conditions
      .filter((c) => c !== condition)
      .map(({ op, left, right }) => ({ op, left: put(left), right: put(right) }));
    const kept = where([...within(binder, value), ...conditions], put(body.yes));
    return rest.length > 0 ? sumOver(rest, kept) : kept;
  }
  // conditions free of the binders stand before the sum
  const free = body.conditions.filter(
    ({ left, right }) => !binders.some((b) => namesIn(left).has(b.name) || namesIn(right).has(b.name)),
  );
  const bound = body.conditions.filter((c) => !free.includes(c));
  return where(free, { kind: "reduce", op: "sum", binders, body: where(bound, body.yes) });
}

/** A bare index within its own range needs no condition. */
function within(binder: Bound, value: Term): Comparison[] {
  const low = binder.from ?? zero;
  const bare = value.kind === "name";
  const above: Comparison[] = bare && isNumber(low, 0) ? [] : [{ op: "<=", left: low, right: value }];
  const below: Comparison[] = bare || !binder.below ? [] : [{ op: "<", left: value, right: binder.below }];
  return [...above, ...below];
}

/** `k == e` or `h + k == e`, solved for a binder k with a known end. */
function solved(
  { left, right }: Comparison,
  binders: readonly Bound[],
): { binder: Bound; value: Term } | undefined {
  for (const binder of binders) {
    if (!binder.below) continue;
    for (const [side, other] of [[left, right], [right, left]] as const) {
      if (namesIn(other).has(binder.name)) continue;
      const value = isolate(side, binder.name, other);
      if (value) return { binder, value };
    }
  } // prettier-ignore
  return undefined;
}

function isolate(side: Term, wanted: string, value: Term): Term | undefined {
  if (side.kind === "name") return side.name === wanted ? value : undefined;
  if (side.kind !== "operation" || (side.op !== "+" && side.op !== "-")) return undefined;
  const inLeft = namesIn(side.left).has(wanted);
  if (inLeft === namesIn(side.right).has(wanted)) return undefined;
  if (side.op === "+")
    return isolate(inLeft ? side.left : side.right, wanted, minus(value, inLeft ? side.right : side.left));
  return inLeft
    ? isolate(side.left, wanted, plus(value, side.right))
    : isolate(side.right, wanted, minus(side.left, value));
}

/** Puts the definitions of tensors in for their reads. */
export function inlined(term: Term, definitions: ReadonlyMap<string, (subs: readonly Term[]) => Term>): Term {
  const inner = mapParts(term, (part) => inlined(part, definitions));
  const definition = inner.kind === "read" ? definitions.get(inner.tensor) : undefined;
  return definition && inner.kind === "read" ? inlined(definition(inner.subs), definitions) : inner;
}

export function readsOf(term: Term): ReadonlySet<string> {
  const found = new Set<string>();
  walk(term, (inner) => {
    if (inner.kind === "read") found.add(inner.tensor);
  });
  return found;
}

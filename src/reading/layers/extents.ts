/** How far an index of a result runs when every read stays in bounds: `z[p] = Σ x[p*s + r] w[r]` has `floor((X - R)/s) + 1`. */
import { type Bound, namesIn, type Term, walk } from "../terms/term.js";
import { print } from "../terms/print.js";
import { call, minus, num, over, plus, times } from "../terms/make.js";

type ShapeOf = (tensor: string) => readonly Term[] | undefined;

export function extentOf(body: Term, index: string, shapeOf: ShapeOf): Term | undefined {
  const found: Term[] = [];
  const visit = (term: Term, bounds: readonly Bound[]): void => {
    if (term.kind === "read") {
      const shape = shapeOf(term.tensor);
      term.subs.forEach((sub, axis) => {
        const extent =
          shape && namesIn(sub).has(index)
            ? within(
                sub,
                index,
                shape[axis]!,
                bounds.map((bound) => bounded(bound, body, shapeOf)),
              )
            : undefined;
        if (extent) found.push(extent);
      });
    }
    const inner = term.kind === "reduce" ? [...bounds, ...term.binders] : bounds;
    const parts = term.kind === "operation" ? [term.left, term.right] : partsOf(term);
    for (const part of parts) visit(part, inner);
  };
  visit(body, []);
  // an axis on which the index stands alone says it best
  return found.toSorted((a, b) => print(a).length - print(b).length)[0];
}
const partsOf = (term: Term): readonly Term[] =>
  term.kind === "reduce"
    ? [term.body]
    : term.kind === "call"
      ? term.arguments
      : term.kind === "where"
        ? [term.yes, term.no]
        : [];

/** A bound that is not written is the extent of the axis on which the index stands alone. */
function bounded(bound: Bound, body: Term, shapeOf: ShapeOf): Bound {
  if (bound.below) return bound;
  let below: Term | undefined;
  walk(body, (term) => {
    if (term.kind !== "read") return;
    const axis = term.subs.findIndex((sub) => sub.kind === "name" && sub.name === bound.name);
    if (axis >= 0) below ??= shapeOf(term.tensor)?.[axis];
  });
  return { ...bound, below };
}

/** The largest range of an index in `a*index + Σ b*k + c`, below the extent. */
function within(sub: Term, index: string, extent: Term, bounds: readonly Bound[]): Term | undefined {
  if (sub.kind === "name") return extent;
  let step: Term | undefined;
  let most: Term = num(0);
  for (const { term, sign } of summands(sub)) {
    if (namesIn(term).has(index)) {
      if (step || sign < 0) return undefined;
      step = coefficient(term, index);
      if (!step) return undefined;
      continue;
    }
    const bound = bounds.find((b) => namesIn(term).has(b.name));
    if (!bound) {
      most = sign > 0 ? plus(most, term) : minus(most, term);
      continue;
    }
    const factor = coefficient(term, bound.name);
    if (!factor || !bound.below) return undefined;
    if (sign > 0) most = plus(most, times(factor, minus(bound.below, num(1))));
  }
  if (!step) return undefined;
  const room = minus(minus(extent, num(1)), most);
  return step.kind === "number" && step.value === 1
    ? plus(minus(extent, most), num(0))
    : plus(call("floor", over(room, step)), num(1));
}

function summands(term: Term, sign = 1): readonly { term: Term; sign: number }[] {
  if (term.kind !== "operation" || (term.op !== "+" && term.op !== "-")) return [{ term, sign }];
  return [...summands(term.left, sign), ...summands(term.right, term.op === "+" ? sign : -sign)];
}

function coefficient(term: Term, index: string): Term | undefined {
  if (term.kind === "name") return term.name === index ? num(1) : undefined;
  if (term.kind !== "operation" || term.op !== "*") return undefined;
  const { left, right } = term;
  if (left.kind === "name" && left.name === index && !namesIn(right).has(index)) return right;
  if (right.kind === "name" && right.name === index && !namesIn(left).has(index)) return left;
  return undefined;
}

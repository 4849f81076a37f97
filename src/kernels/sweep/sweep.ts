/**
 * Sweeps: reductions over a window, computed for a whole row of results at a time. The loop along the innermost output
 * index runs inside the loops over the window,
 *
 *   row[q] += x[p·stride + r − pad, q·stride + s − pad] · w[r, s]   for every r, s and the q at which x is read,
 *
 * so that it is long and tests nothing. A gradient with a stride is swept along the row of its cotangent:
 * with w = q·stride + s − pad every q is a live tap, and nothing is divided or multiplied by an inserted zero.
 */
import { conjuncts } from "../../notation/construct.js";
import type { Expression, Reduction } from "../../notation/expression.js";
import * as integer from "../../notation/integer.js";
import { cotangentName, type Index, type Layer, type Statement } from "../../notation/layer.js";
import { holdsReduction, mapChildren, readsIn, walk } from "../../notation/traverse.js";

export interface Sweep {
  /** The output index that rows run along. */
  readonly along: Index;
  readonly reduction: Reduction;
  /** What is stored, with the parameter `total` for the reduction's value. */
  readonly epilogue: Expression;
}
export const total = "total";

const sweepable: readonly string[] = ["sum", "max", "min", "argmax", "argmin"];

/** The statement as a sweep; undefined where its reduction is none over windows along the innermost output index. */
export function sweepOf(statement: Statement, layer: Layer): Sweep | undefined {
  const last = statement.subscripts.at(-1);
  const along = statement.indices.find((i) => last && integer.plainVariable(last) === i.name);
  const plain = statement.subscripts.every((s) => integer.plainVariable(s) !== undefined);
  const found: Reduction[] = [];
  const epilogue = withoutReductions(statement.body, found);
  const [reduction] = found;
  // a weight's window is short, and its gradient a sum along the long rows already
  if (layer.tensors.some((t) => t.role === "weight" && cotangentName(t.name) === statement.tensor))
    return undefined;
  if (!along || !plain || !reduction || found.length > 1 || !sweepable.includes(reduction.name))
    return undefined;
  if (holdsReduction(reduction.body) || isQuantified(reduction)) return undefined;
  // the position of an argmax must tell whether a point was seen: it is -1 before
  if (reduction.binders.some((b) => (integer.literal(b.lower) ?? -1) < 0)) return undefined;
  if (reduction.binders.some((b) => [b.lower, b.upper].some((v) => integer.mentions(v, along.name))))
    return undefined;
  return slides(reduction, along.name) ? { along, reduction, epilogue } : undefined;
}

/** Whether a tensor is read at a subscript that combines the row's index with one of the window's. */
export const slides = ({ body, binders }: Reduction, along: string): boolean =>
  readsIn(body).some((read) =>
    read.subscripts.some((s) => {
      const names = integer.variablesOf(s);
      return names.has(along) && binders.some((b) => names.has(b.name)) && !integer.holdsElement(s);
    }),
  );

function withoutReductions(e: Expression, found: Reduction[]): Expression {
  if (e.kind === "reduction") {
    found.push(e);
    return { kind: "parameter", name: total };
  }
  return holdsReduction(e) ? mapChildren(e, { expression: (part) => withoutReductions(part, found) }) : e;
}

function isQuantified({ guard, body }: Reduction): boolean {
  let found = conjuncts(guard).some((c) => c.kind === "any" || c.kind === "all");
  walk(body, { condition: (c) => void (found ||= c.kind === "any" || c.kind === "all") });
  return found;
}

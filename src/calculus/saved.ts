/**
 * What forward hands to backward, and what backward computes again. A reduction or an argmax is saved; a
 * pointwise value is computed again where everything it is made of is at hand or of lower rank, as the
 * normalised input is from the mean and the reciprocal deviation.
 */
import { substitute } from "../notation/binders.js";
import type { Expression } from "../notation/expression.js";
import {
  hasPlainAxes,
  indicesAt,
  isGiven,
  type Layer,
  type Statement,
  type Tensor,
} from "../notation/layer.js";
import { countNodes, holdsReduction, readsIn, rewrite, tensorsIn, walk } from "../notation/traverse.js";

/** A pointwise value with more nodes than this is saved. */
const recomputeLimit = 16;
/** And one that comes to more with all that is computed again for it: a chain of values is saved every few steps. */
const writtenLimit = 64;

export interface SavedPlan {
  readonly saved: readonly string[];
  /** Forward tensors that backward computes again, with what they are. */
  readonly recomputed: ReadonlyMap<string, Statement>;
}

export function chooseSaved(layer: Layer, backward: readonly Statement[]): SavedPlan {
  const forward = new Map(layer.statements.map((s) => [s.tensor, s]));
  const tensors = new Map(layer.tensors.map((t) => [t.name, t]));
  const needed = new Set(backward.flatMap((s) => [...readsOf(s)]).filter((name) => forward.has(name)));
  const recomputed = new Map<string, Statement>();
  const short = shortlyWritten(layer, tensors);
  const readers = readersOf(backward);
  for (const statement of [...layer.statements].reverse()) {
    const tensor = tensors.get(statement.tensor);
    if (!tensor || tensor.role !== "local" || !needed.has(tensor.name)) continue;
    const reads = [...tensorsIn(statement.body)];
    const atHand = reads.every((name) => {
      const read = tensors.get(name);
      if (!read) return false;
      return isGiven(read) || needed.has(name) || read.shape.length < tensor.shape.length;
    });
    if (!atHand || !short.has(tensor.name)) continue;
    // inside a wider loop it would be computed once for every point of that loop
    if (!isArithmetic(statement.body) && readers.get(tensor.name)?.some((b) => spreads(b, tensor))) continue;
    needed.delete(tensor.name);
    recomputed.set(tensor.name, statement);
    for (const name of reads) if (forward.has(name)) needed.add(name);
  }
  return { saved: layer.statements.map((s) => s.tensor).filter((name) => needed.has(name)), recomputed };
}

/** The statements by what they read. */
function readersOf(statements: readonly Statement[]): ReadonlyMap<string, readonly Statement[]> {
  const readers = new Map<string, Statement[]>();
  for (const s of statements)
    for (const name of readsOf(s)) {
      const others = readers.get(name);
      if (others) others.push(s);
      else readers.set(name, [s]);
    }
  return readers;
}

/** Values that are short enough even where those that they read are written out in them. */
function shortlyWritten(layer: Layer, tensors: ReadonlyMap<string, Tensor>): ReadonlySet<string> {
  const lengths = new Map<string, number>();
  for (const s of layer.statements) {
    if (tensors.get(s.tensor)?.role !== "local" || !isRepeatable(s)) continue;
    const reads = readsIn(s.body).map(({ tensor }) => lengths.get(tensor) ?? 0);
    const length = reads.reduce((a, b) => a + b, countNodes(s.body));
    if (length <= writtenLimit) lengths.set(s.tensor, length);
  }
  return new Set(lengths.keys());
}

const isRepeatable = (s: Statement): boolean =>
  !holdsReduction(s.body) && countNodes(s.body) <= recomputeLimit && hasPlainAxes(s);

/** Sums and products alone: cheaper than reading the value from memory. */
function isArithmetic(e: Expression): boolean {
  let plain = true;
  walk(e, {
    expression: (part) => {
      if (part.kind === "call" || part.kind === "select" || part.kind === "raise") plain = false;
    },
  });
  return plain;
}

/** Whether the statement reads the tensor in a sum over more indices than the tensor has. */
function spreads(statement: Statement, tensor: Tensor): boolean {
  let found = false;
  walk(statement.body, {
    expression: (part) => {
      if (part.kind !== "reduction" || !tensorsIn(part).has(tensor.name)) return;
      found ||= statement.indices.length + part.binders.length > tensor.shape.length;
    },
  });
  return found;
}

const readsOf = (s: Statement): ReadonlySet<string> => tensorsIn(s.body);

/** The expression with every read of a recomputed tensor replaced by its definition. */
export function recompute(e: Expression, { recomputed }: SavedPlan): Expression {
  if (recomputed.size === 0) return e;
  return rewrite(e, (part) => {
    const statement = part.kind === "read" ? recomputed.get(part.tensor) : undefined;
    if (part.kind !== "read" || !statement) return part;
    const value = substitute(statement.body, indicesAt(statement, part.subscripts));
    return recompute(value, { saved: [], recomputed });
  });
}

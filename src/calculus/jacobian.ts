/**
 * The Jacobian of an output at small sizes, entry by entry: ∂z[α]/∂x[m] is the gradient dx[m] for the cotangent that is
 * 1 at α and 0 elsewhere. It comes from the derived formulas, with elements of tensors as symbols.
 */
import { collectTerms } from "../algebra/terms.js";
import * as build from "../notation/construct.js";
import type { Expression, Read } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { cotangentName, type Statement, type Tensor } from "../notation/layer.js";
import { evaluateInt } from "../ranges/evaluate.js";
import { noFacts } from "../ranges/prove.js";
import type { Derived } from "./derivation.js";
import { instantiate, TooLarge, type Effort, type Values } from "./instantiate.js";

export interface Jacobian {
  readonly output: string;
  readonly by: string;
  /** Sizes and params as given. */
  readonly sizes: Readonly<Record<string, number>>;
  /** The element of the output, or of the tensor, that a row or a column stands for. */
  readonly rows: readonly (readonly number[])[];
  readonly columns: readonly (readonly number[])[];
  /** Axes of the output and of the tensor from the outermost to the innermost: axes that both share come first. */
  readonly rowAxes: readonly number[];
  readonly columnAxes: readonly number[];
  /** How many rows and columns a block has; as many as there are where there is one block. */
  readonly blockRows: number;
  readonly blockColumns: number;
  /** What is not zero, by row and column. */
  readonly entries: ReadonlyMap<string, Expression>;
}
export const entryKey = (row: number, column: number): string => `${row},${column}`;

const mostEntries = 4096;
const mostPoints = 2e6;

/**
 * @param env sizes, derived sizes and params
 * @throws RangeError where it is too large to be printed
 */
export function jacobianOf(
  derived: Derived,
  output: Tensor,
  by: Tensor,
  env: ReadonlyMap<string, number>,
): Jacobian {
  const shape = ({ shape: extents }: Tensor): number[] => extents.map((e) => evaluateInt(e, env));
  const [from, to] = [shape(output), shape(by)];
  const size = (extents: readonly number[]): number => extents.reduce((a, b) => a * b, 1);
  const count = `${size(from)} x ${size(to)}`;
  const limit = `the Jacobian of ${output.name} by ${by.name} has ${count} entries at these sizes`;
  if (size(from) * size(to) > mostEntries)
    throw new RangeError(`${limit}; at most ${mostEntries} are printed: take smaller sizes`);
  const found: { row: readonly number[]; column: readonly number[]; entry: Expression }[] = [];
  const effort: Effort = { points: 0, most: mostPoints };
  try {
    for (const row of points(from)) {
      const gradient = gradientAt(derived, cotangentName(output.name), row, by, env, effort);
      for (const column of points(to)) {
        const entry = gradient(column);
        if (!build.isConstant(entry, 0)) found.push({ row, column, entry });
      }
    }
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error;
    throw new RangeError(`${limit}, which take more than ${mostPoints} terms: take smaller sizes`);
  }
  const named = [...derived.layer.sizes, ...derived.layer.params.map((p) => p.name)];
  const shared = sharedAxes(from, to, found);
  const [rowAxes, columnAxes] = [
    order(
      from,
      shared.map((s) => s.row),
    ),
    order(
      to,
      shared.map((s) => s.column),
    ),
  ];
  const place = (axes: readonly number[], extents: readonly number[], at: readonly number[]): number =>
    axes.reduce((position, axis) => position * (extents[axis] ?? 1) + (at[axis] ?? 0), 0);
  const entries = found.map(
    ({ row, column, entry }) =>
      [entryKey(place(rowAxes, from, row), place(columnAxes, to, column)), entry] as const,
  );
  return {
    output: output.name,
    by: by.name,
    sizes: Object.fromEntries(named.flatMap((name) => (env.has(name) ? [[name, env.get(name) ?? 0]] : []))),
    rows: arranged(from, rowAxes),
    columns: arranged(to, columnAxes),
    rowAxes,
    columnAxes,
    blockRows: blockSize(rowAxes, from, shared.length),
    blockColumns: blockSize(columnAxes, to, shared.length),
    entries: new Map(entries),
  };
}

/** dx as a function of its place, for a cotangent that is 1 at one element of one output. */
function gradientAt(
  derived: Derived,
  cotangent: string,
  unit: readonly number[],
  by: Tensor,
  env: ReadonlyMap<string, number>,
  effort: Effort,
): (at: readonly number[]) => Expression {
  const cotangents = new Set(derived.tensors.filter((t) => t.role === "cotangent").map((t) => t.name));
  const backward = new Map(derived.backward.map((s) => [s.tensor, s]));
  const values: Values = new Map(
    [...env].filter(([, v]) => Number.isInteger(v)).map(([name, v]) => [name, integer.constant(v)]),
  );
  const known = new Map<string, Expression>();
  const valueAt = (statement: Statement, subscripts: readonly Int[]): Expression => {
    const key = `${statement.tensor}[${subscripts.map(integer.keyOf).join(",")}]`;
    const by = statement.indices.map((index, i) => [index.name, subscripts[i] ?? integer.zero] as const);
    const value =
      known.get(key) ??
      collectTerms(instantiate(statement.body, new Map([...values, ...by]), elementOf, effort), noFacts);
    known.set(key, value);
    return value;
  };
  const elementOf = (read: Read): Expression => {
    if (cotangents.has(read.tensor)) {
      if (read.tensor !== cotangent) return build.zero;
      const same = read.subscripts.map((s, i) => build.equals(s, integer.constant(unit[i] ?? 0)));
      return build.select(build.and(...same), build.one, build.zero);
    }
    const statement = backward.get(read.tensor);
    return statement ? valueAt(statement, read.subscripts) : read;
  };
  const gradient = backward.get(cotangentName(by.name));
  return (at) => (gradient ? valueAt(gradient, at.map(integer.constant)) : build.zero);
}

/** Every point of a box, in row-major order. */
function points(extents: readonly number[]): readonly (readonly number[])[] {
  return extents.reduce<readonly (readonly number[])[]>(
    (all, extent) => all.flatMap((point) => Array.from({ length: extent }, (_, i) => [...point, i])),
    [[]],
  );
}
/** Every point of a box, the axes counted in the given order. */
const arranged = (extents: readonly number[], axes: readonly number[]): readonly (readonly number[])[] =>
  points(axes.map((axis) => extents[axis] ?? 1)).map((point) =>
    extents.map((_, axis) => point[axes.indexOf(axis)] ?? 0),
  );

/** Pairs of axes that agree in every entry that is not zero: outermost, they make the matrix block-diagonal. */
function sharedAxes(
  from: readonly number[],
  to: readonly number[],
  entries: readonly { readonly row: readonly number[]; readonly column: readonly number[] }[],
): readonly { readonly row: number; readonly column: number }[] {
  const used = new Set<number>();
  return from.flatMap((extent, row) => {
    const column = to.findIndex(
      (other, axis) =>
        extent === other &&
        extent > 1 &&
        !used.has(axis) &&
        entries.every((e) => e.row[row] === e.column[axis]),
    );
    if (column < 0) return [];
    used.add(column);
    return [{ row, column }];
  });
}
const order = (extents: readonly number[], first: readonly number[]): readonly number[] => [
  ...first,
  ...extents.map((_, axis) => axis).filter((axis) => !first.includes(axis)),
];

/** A block is what is left when the shared axes stand still, and of a longer rest its outermost axis too. */
function blockSize(axes: readonly number[], extents: readonly number[], shared: number): number {
  const inner = axes.slice(shared).filter((axis) => (extents[axis] ?? 1) > 1);
  const kept = inner.length > 2 || (shared === 0 && inner.length > 1) ? inner.slice(1) : inner;
  return kept.reduce((size, axis) => size * (extents[axis] ?? 1), 1);
}

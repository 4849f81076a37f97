/** The convolution family: a contraction one of whose operands is read through windows. */
import type { Reduction } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import type { Statement } from "../notation/layer.js";
import { type Contraction, type Operand } from "./contraction.js";
import { insideStatement, isWeight, type Scope } from "./scope.js";
import { windowsOf, type Window } from "./windows.js";

export interface Convolution {
  readonly contraction: Contraction;
  /** The operand with the windows. */
  readonly data: Operand;
  readonly kernel: Operand;
  /** In the order of the data's axes. */
  readonly windows: readonly Window[];
  /** Whether solving a subscript divided by a stride: a transposed convolution. */
  readonly divided: boolean;
  /** Indices that data, kernel and output share: one convolution for each of their values. */
  readonly groups: readonly string[];
  /** A group each channel: no channel is summed over. */
  readonly depthwise: boolean;
}

/** @returns undefined where no subscript, or one in another way, combines an output index with a reduced one */
export function convolutionOf(
  contraction: Contraction,
  statement: Statement,
  scope: Scope,
): Convolution | undefined {
  const { left, right, batch, sum } = contraction;
  const sides = [
    { data: left, kernel: right, outer: contraction.row },
    { data: right, kernel: left, outer: contraction.column },
  ].toSorted((a, b) => Number(isWeight(scope, a.data.tensor)) - Number(isWeight(scope, b.data.tensor)));
  const { facts } = insideStatement(scope, statement);
  for (const { data, kernel, outer } of sides) {
    const windows = windowsOf(data.read, new Set(outer), sum, facts);
    if (!windows || windows.length === 0) continue;
    const sliding = new Set(windows.map((w) => w.reduced));
    const channels = contraction.reduced.filter((name) => !sliding.has(name));
    return {
      contraction,
      data,
      kernel,
      windows,
      divided: windows.some((w) => w.divided),
      groups: batch,
      depthwise: batch.length > 0 && channels.length === 0,
    };
  }
  return undefined;
}

/** Whether a read of the sum combines an output index with a reduced one, in whatever way. */
export const isWindowed = (contraction: Contraction): boolean => {
  const { left, right, row, column, sum } = contraction;
  return combines(left, row, sum) || combines(right, column, sum);
};
const combines = ({ read }: Operand, outer: readonly string[], { binders }: Reduction): boolean =>
  read.subscripts.some((s) => {
    const names = integer.variablesOf(s);
    return outer.some((name) => names.has(name)) && binders.some((b) => names.has(b.name));
  });

/** How many groups there are. */
export const groupCount = ({ groups }: Convolution, { indices }: Statement): Int =>
  integer.times(
    integer.one,
    ...groups.map((name) => indices.find((i) => i.name === name)?.extent ?? integer.one),
  );

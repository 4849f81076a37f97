/** Contributions with what their cotangents are, and the derivatives that these add up to. */
import { substitute } from "../notation/binders.js";
import * as build from "../notation/construct.js";
import type { Expression, Read } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import type { Index, Statement } from "../notation/layer.js";
import { putCotangent, scaleBy, type Contribution } from "./adjoint.js";

/** The derivative of the loss with respect to a tensor, as a function of its indices. */
export interface Adjoint {
  readonly indices: readonly Index[];
  readonly body: Expression;
}
/** With the name by which contributions and steps call it. */
export interface Named extends Adjoint {
  readonly name: string;
}
/** A contribution whose cotangent has that value. */
export interface Pending extends Contribution {
  readonly value: Named;
}

export const readAt = (tensor: string, indices: readonly Index[]): Read =>
  build.read(
    tensor,
    indices.map((i) => integer.variable(i.name)),
  );

export const isReadOf = (tensor: string, e: Expression): boolean => e.kind === "read" && e.tensor === tensor;

/** The derivative with respect to what reads X, written out. */
const byValue = ({ value: { indices, body } }: Pending, subscripts: readonly Int[]): Expression =>
  substitute(body, new Map(indices.map((index, i) => [index.name, subscripts[i] ?? integer.zero])));

export const productByValue = (c: Pending, subscripts: readonly Int[], partial: Expression): Expression =>
  scaleBy(byValue(c, subscripts), partial);

export const withCotangent = (c: Pending): Contribution => ({
  ...c,
  adjoint: putCotangent(c.adjoint, c.cotangent, (subscripts) => byValue(c, subscripts)),
});

export const statementOf = (tensor: string, { indices, body }: Adjoint): Statement => ({
  tensor,
  indices,
  subscripts: indices.map((i) => integer.variable(i.name)),
  body,
});

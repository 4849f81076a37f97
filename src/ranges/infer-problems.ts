/** What range inference has to say, in the user's own names. */
import type { Problem } from "../language/problem.js";
import type { Int } from "../notation/integer.js";
import type { Role, Statement } from "../notation/layer.js";
import type { Span } from "../notation/span.js";
import type { Axis, Occurrence } from "./infer-rules.js";
import { printInt } from "../language/print.js";

const nowhere: Span = { start: 0, end: 0 };
const axisText = ({ tensor, axis, extent }: Axis): string =>
  `axis ${axis} of ${tensor} (extent ${printInt(extent)})`;
const leftSide = (s: Statement): string =>
  s.subscripts.length === 0 ? s.tensor : `${s.tensor}[${s.subscripts.map((v) => printInt(v)).join(", ")}]`;

export const inferProblem = {
  repeatedIndex: (statement: Statement, name: string): Problem => ({
    code: "repeated-index",
    message: `${name} stands on two axes of ${leftSide(statement)}, so the rest of ${statement.tensor} would never be defined`,
    span: statement.at ?? nowhere,
    hint: `give each axis an index of its own`,
  }),
  notCovered: (statement: Statement, axis: number, extent: Int | undefined): Problem => ({
    code: "left-side-not-one-to-one",
    message:
      `the left-hand side ${leftSide(statement)} does not run through axis ${axis} of ${statement.tensor} exactly once` +
      (extent ? ` (extent ${printInt(extent)})` : ""),
    span: statement.at ?? nowhere,
    hint: "every element must be defined once: use a plain index, or positions like (c*H + h)*W + w whose extents multiply up to the axis",
  }),
  disagree: (statement: Statement, { name, left, at }: Occurrence, first: Axis, second: Axis): Problem => ({
    code: "extents-disagree",
    message: `${name} stands on ${axisText(first)} and on ${axisText(second)}, whose extents differ`,
    span: at ?? statement.at ?? nowhere,
    hint:
      "use the same size for both axes, or " +
      (left
        ? `declare the extents of ${statement.tensor}`
        : `give the range: ${name} < ${printInt(first.extent)}`),
  }),
  noRange: (
    statement: Statement,
    { name, left, at, accesses }: Occurrence,
    role: Role,
    extents?: readonly Int[],
  ): Problem => ({
    code: "no-range",
    message:
      accesses.length === 0
        ? `${name} has no range: it stands in no subscript of a tensor`
        : `${name} has no single largest range for which ${readsText(accesses)} in bounds`,
    span: at ?? statement.at ?? nowhere,
    hint: left
      ? `declare the extents of ${statement.tensor}: ${role} ${declared(statement, extents)}`
      : `give the range in the reduction, for example: ${name} < R`,
    ...(left &&
      extents &&
      role === "local" &&
      statement.at && { mend: lineBefore(statement.at, `local ${declared(statement, extents)}`) }),
  }),
};

const declared = ({ tensor, subscripts }: Statement, extents: readonly Int[] | undefined): string =>
  `${tensor}[${subscripts.map((_, axis) => (extents?.[axis] ? printInt(extents[axis]) : "…")).join(", ")}]`;
const lineBefore = ({ start }: Span, line: string): NonNullable<Problem["mend"]> => [
  { start, end: start, text: `${line}\n` },
];

const readsText = (accesses: Occurrence["accesses"]): string => {
  const reads = accesses.map((a) => `${a.tensor}[${a.subscripts.map((v) => printInt(v)).join(", ")}]`);
  const distinct = [...new Set(reads)];
  return `${distinct.join(" and ")} ${distinct.length === 1 ? "is" : "are"}`;
};

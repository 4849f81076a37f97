/** A document → what its display equations say: layers, claims with verdicts, or why they were not understood. */
import { countsOf, type DocumentReport, type EquationReport, type StatementReport } from "./report/report.js";
import { parsePieces } from "./latex/parsed.js";
import { findShapes } from "./context/declarations.js";
import { findPieces } from "./document/pieces.js";
import { gather, surveyOf } from "./gathering/gather.js";
import { normalised } from "./gathering/normal.js";
import { countsFromOne } from "./meaning/forward.js";
import { positionOf } from "../language/problem.js";
import type { Statement } from "./latex/rows.js";
import type { Kind } from "./gathering/kinds.js";
import type { Context } from "./context/context.js";
import { fitsTransposed } from "./judging/mends.js";
import { forwardStep, functionStep, gradientStep, type Place } from "./judging/steps.js";
import { excerpt } from "./document/excerpt.js";

/** Reads a document. `file` is what messages call it. */
export function readDocument(
  text: string,
  file: string,
  progress: (done: number, all: number) => void = () => {},
): DocumentReport {
  const parsed = parsePieces(findPieces(text));
  const shapes = findShapes(parsed.map(({ piece }) => piece), text); // prettier-ignore
  const extents = shapes.flatMap((shape) => shape.extents);
  const read = normalised(parsed, surveyOf(parsed, extents), text);
  const { context, kinds } = gather(read, shapes, text);
  context.laidOut = [...kinds].some(
    ([statement, kind]) => kind === "gradient" && fitsTransposed(statement, context),
  );
  const equations: EquationReport[] = [];
  const displays = read.filter(({ piece }) => piece.kind === "display").length;
  let base: 0 | 1 = 0;
  for (const { piece, statements } of read) {
    const sides = statements.flatMap((s) =>
      s.kind === "equality" ? [s.left, ...s.steps.flatMap(({ formula }) => formula ?? [])] : [],
    );
    base = countsFromOne(sides) ?? base;
    if (piece.kind !== "display") continue;
    progress(equations.length + 1, displays);
    const { line } = positionOf(text, piece.at + (/^\s*/u.exec(piece.source)?.[0].length ?? 0));
    const number = equations.length + 1;
    const place = {
      file,
      line,
      number,
      section: piece.section,
      source: piece.source,
      offset: piece.at,
      base,
    };
    const reports = statements.map((statement) =>
      reportOf(statement, statement.kind === "equality" ? kinds.get(statement) : undefined, context, place),
    );
    const kind = reports.some((r) => r.kind === "gradient")
      ? "gradient"
      : reports.some((r) => r.kind === "forward")
        ? "forward"
        : "other";
    equations.push({
      number,
      line,
      section: piece.section,
      original: piece.source.trim(),
      kind,
      understood: reports.every((report) => report.kind === "other" || report.understood),
      statements: reports,
    });
  }
  return { document: file, equations, counts: countsOf(equations), macros: read[0]?.piece.macros ?? {} };
}

function reportOf(
  statement: Statement,
  kind: Kind | undefined,
  context: Context,
  place: Place,
): StatementReport {
  const original = excerpt(place.source, statement.at, statement.end);
  const common = { at: place.offset + statement.at, original };
  if (statement.kind === "other" || kind === undefined) {
    const reason =
      statement.kind === "other" ? (statement.reason ?? "this states no equality") : "this is not understood";
    const about =
      statement.kind === "other" && statement.reason !== undefined
        ? lookOf(place.source.slice(statement.at, statement.end))
        : "other";
    return { ...common, kind: about, understood: false, steps: [], reason };
  }
  if (kind === "gradient" || kind === "jacobian" || kind === "slope") {
    const steps = statement.steps.map((step) => gradientStep(statement, step, kind, context, place));
    const understood = steps.some((step) => step.verdict !== undefined);
    return { ...common, kind: "gradient", understood, steps };
  }
  if (kind === "function") {
    const step = statement.steps.map((one) => functionStep(statement, one, context, place));
    if (step.some(({ reading }) => reading !== undefined))
      return { ...common, kind: "forward", understood: true, steps: step };
  }
  if (kind !== "definition") return { ...common, kind: "other", understood: true, steps: [] };
  const steps = statement.steps.map((step) => forwardStep(statement, step, context, place));
  return { ...common, kind: "forward", understood: steps.some((step) => step.reading !== undefined), steps };
}

/** What an equation that cannot be parsed is about. */
const lookOf = (source: string): StatementReport["kind"] =>
  /=/u.test(source) ? (/\\partial|\u2202|\\nabla/u.test(source) ? "gradient" : "forward") : "other";

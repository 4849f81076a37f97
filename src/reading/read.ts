/** A document → what its display equations say: layers, claims with verdicts, or why they were not understood. */
import { excerpt } from "./excerpt.js";
import { positionOf } from "../language/problem.js";
import { findPieces } from "./document.js";
import { extentOf, gather, parsePieces, scopeAt, type Kind } from "./facts.js";
import type { Equality, Formula, ShapeNote, Side } from "./formula.js";
import { allOf, chosen, countsFromOne, forwardOf, leftOf } from "./forward.js";
import { checked, judge, type Judgement } from "./judge.js";
import { layerText, type Claim } from "./layer.js";
import { meanings } from "./meaning.js";
import {
  countsOf,
  type DocumentReport,
  type EquationReport,
  type StatementReport,
  type StepReport,
} from "./report.js";
import type { Statement } from "./rows.js";
import type { Scope } from "./scope.js";
import { isLoss, symbolIn } from "./survey.js";
import { accessOf } from "./tensors.js";
import { times, type Term } from "./term.js";
import { Unreadable } from "./unreadable.js";
import { printShape, sameShape, summed, type Value } from "./value.js";
import type { Context } from "./context.js";

/** Reads a document. `file` is what messages call it. */
export function readDocument(
  text: string,
  file: string,
  progress: (done: number, all: number) => void = () => {},
): DocumentReport {
  const read = parsePieces(findPieces(text));
  const { context, kinds } = gather(read, text);
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
  return { document: file, equations, counts: countsOf(equations) };
}

interface Place {
  readonly file: string;
  readonly line: number;
  readonly number: number;
  readonly section: readonly string[];
  readonly source: string;
  readonly offset: number;
  readonly base: 0 | 1;
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
  if (kind === "gradient" || kind === "jacobian") {
    const steps = statement.steps.map((step) => gradientStep(statement, step, kind, context, place));
    const understood = steps.some((step) => step.verdict !== undefined);
    return { ...common, kind: "gradient", understood, steps };
  }
  if (kind !== "definition") return { ...common, kind: "other", understood: true, steps: [] };
  const steps = statement.steps.map((step) => forwardStep(statement, step, context, place));
  return { ...common, kind: "forward", understood: steps.some((step) => step.reading !== undefined), steps };
}
/** What an equation that cannot be parsed is about. */
const lookOf = (source: string): StatementReport["kind"] =>
  /=/u.test(source) ? (/\\partial|\u2202|\\nabla/u.test(source) ? "gradient" : "forward") : "other";

const commentsOf = ({ file, section, line, number }: Place): readonly string[] => [
  `${[file, ...section].join(", ")}: equation ${number}, line ${line}.`,
];
const scopeOf = (
  context: Context,
  { offset, base }: Place,
  at: number,
  formulas: readonly Formula[],
): Scope => scopeAt(context, offset + at, countsFromOne(formulas) ?? base);

/** A step that was read, or why it was not. */
function attempt(
  step: Side,
  place: Place,
  scope: Scope,
  read: () => Omit<StepReport, "at" | "original" | "notes"> & { notes?: readonly string[] },
): StepReport {
  const at = place.offset + step.at;
  const original = excerpt(place.source, step.at, step.end);
  try {
    const found = read();
    return { at, original, ...found, notes: [...scope.notes, ...(found.notes ?? [])] };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return {
      at: error.at > 0 ? place.offset + error.at : at,
      original,
      notes: [...scope.notes],
      reason: error.message,
    };
  }
}
function formulaOf({ formula, reason }: Side): Formula {
  if (!formula) throw new Unreadable(reason?.message ?? "this is not understood", reason?.at ?? 0);
  return formula;
}

function forwardStep(statement: Equality, step: Side, context: Context, place: Place): StepReport {
  const scope = scopeOf(context, place, statement.at, step.formula ? [step.formula] : []);
  return attempt(step, place, scope, () => {
    const right = formulaOf(step);
    const tensor = accessOf(statement.left, scope).tensor;
    const forward = forwardOf({ tensor, left: statement.left, right, at: scope.at }, scope);
    const layer = layerText(
      { statements: [forward], outputs: new Set([tensor.id]), helpers: [] },
      scope,
      commentsOf(place),
    );
    checked(layer.text);
    return { reading: layer.statements.at(-1)!, layer: layer.text };
  });
}

function gradientStep(
  statement: Equality,
  step: Side,
  kind: "gradient" | "jacobian",
  context: Context,
  place: Place,
): StepReport {
  const scope = scopeOf(context, place, statement.at, step.formula ? [step.formula] : []);
  return attempt(step, place, scope, () => {
    const right = formulaOf(step);
    if (right.kind === "partial" && isLoss(right.of, context.survey)) {
      const again = kind === "gradient" && sameAs(right.by, differentiated(statement.left));
      if (again) return { reading: "the gradient itself" };
    }
    const claims =
      kind === "gradient"
        ? gradientClaims(statement, right, scope)
        : [jacobianClaim(statement, right, scope)];
    // where the signs leave a choice, what is refuted is refuted however it is read
    const judged = (claim: Claim): Judgement => judge(claim, scope, commentsOf(place));
    let judgement = judged(claims[0]!);
    for (const claim of claims.slice(1)) if (judgement.verdict === "refuted") judgement = judged(claim);
    const { layer, tensor, verdict, counterexample, notes } = judgement;
    return { reading: layer.claim!, layer: layer.text, tensor, verdict, counterexample, notes };
  });
}
const sameAs = (a: Formula, b: Formula): boolean => {
  const plain = (formula: Formula): string =>
    JSON.stringify(formula, (key, value: unknown) => (key === "at" ? undefined : value));
  return plain(a) === plain(b);
};

/** The tensor, or its element, of which a left side is the gradient. */
function differentiated(left: Formula): Formula {
  if (left.kind === "partial") return left.by;
  if (left.kind === "differential") return left.of;
  const symbol = symbolIn(left);
  if (symbol?.letter === "d" && symbol.subs?.[0]) return symbol.subs[0];
  if (symbol && symbol.primes > 0) {
    const plain = { ...symbol, primes: symbol.primes - 1 };
    return left.kind === "application" ? { ...left, of: plain } : plain;
  }
  return left;
}

/**
 * The claims that a statement may make. Where its indices fit no axes as they stand, all its tensors may be written with
 * their axes in one other order: then the indices tell the axes.
 */
function gradientClaims(statement: Equality, right: Formula, scope: Scope): readonly Claim[] {
  try {
    return claimsAsWritten(statement, right, scope);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    const orders = new Set<string>();
    const exchanged = attemptClaims(statement, right, { ...scope, orders });
    if (!exchanged) throw error;
    return exchanged;
  }
}
function attemptClaims(statement: Equality, right: Formula, scope: Scope): readonly Claim[] | undefined {
  try {
    const access = accessOf(differentiated(statement.left), scope);
    const left = leftOf(access, { ...scope, introduces: false });
    scope.orders?.clear();
    const values = allOf(meanings(right, left.scope, left.rest), left.rest);
    const [order, ...others] = scope.orders ?? [];
    const inOrder =
      order === undefined ||
      others.length > 0 ||
      order === "" ||
      order ===
        order
          .split(",")
          .toSorted((a, b) => Number(a) - Number(b))
          .join();
    return inOrder || values.length === 0
      ? undefined
      : values.map((value) => ({ tensor: access.tensor, subs: left.subs, body: value.at(left.place) }));
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}
function claimsAsWritten({ left, shapes }: Equality, right: Formula, scope: Scope): readonly Claim[] {
  const access = accessOf(differentiated(left), scope);
  const { subs, rest, place, scope: inner } = leftOf(access, { ...scope, introduces: false });
  const values = meanings(right, inner, rest);
  const stated = shapes?.summed ? summedTo(values, rest) : asStated(values, rest, shapes, scope);
  const all = stated ? [stated] : allOf(values, rest);
  const readings = all.length > 0 ? all : [chosen(values, rest, false, right.at)];
  return readings.map((value) => ({ tensor: access.tensor, subs, body: value.at(place) }));
}
/**
 * Where the document says the shape of the result, and the right side has its axes in another order, it is wrong as it
 * stands, whatever the layout of gradients: it is judged as it stands.
 */
function asStated(
  values: readonly Value[],
  wanted: readonly Term[],
  shapes: ShapeNote | undefined,
  scope: Scope,
): Value | undefined {
  if (!shapes || values.some(({ shape }) => sameShape(shape, wanted))) return undefined;
  const result = shapes.result.map((extent) => extentOf(extent, scope));
  const turned = values.find(({ shape }) => shape.length > 1 && sameShape(shape.toReversed(), wanted));
  if (!turned || !sameShape(result, wanted)) return undefined;
  scope.notes.add(
    `the right side has the shape ${printShape(turned.shape)}, where ${printShape(wanted)} is stated`,
  );
  return { ...turned, shape: wanted };
}
/** `(N, C) → Σ → (C)`: leading axes that the result lacks are summed, as the row beside says. */
function summedTo(values: readonly Value[], wanted: readonly Term[]): Value {
  for (const value of values) {
    const extra = value.shape.slice(0, value.shape.length - wanted.length);
    if (extra.length === 0) continue;
    const body: Value = { shape: wanted, at: (place) => summed(extra, (k) => value.at([...k, ...place])) };
    const fits = attemptChosen(value, extra.length, wanted);
    if (fits) return body;
  }
  return chosen(values, wanted, false, 0);
}
const attemptChosen = (value: Value, skip: number, wanted: readonly Term[]): boolean => {
  try {
    chosen([{ shape: value.shape.slice(skip), at: value.at }], wanted, false, 0);
    return true;
  } catch {
    return false;
  }
};

/** `∂y/∂x = J`: for every gradient of y, the gradient of x is Σ ∂L/∂y · J. */
function jacobianClaim({ left }: Equality, right: Formula, scope: Scope): Claim {
  if (left.kind !== "partial") throw new Unreadable("this is no derivative", left.at);
  const y = leftOf(accessOf(left.of, scope), scope);
  const x = leftOf(accessOf(left.by, y.scope), { ...y.scope, introduces: false });
  const axes = y.subs.map((sub) => (sub.kind === "name" ? sub.name : undefined));
  const shared = x.subs.some((sub) => sub.kind === "name" && axes.includes(sub.name));
  if (shared || axes.includes(undefined))
    throw new Unreadable("this states a part of the derivative only", left.at);
  const value = chosen(
    meanings(right, x.scope, [...y.rest, ...x.rest]),
    [...y.rest, ...x.rest],
    true,
    right.at,
  );
  const { tensor } = y.access;
  const body = times({ kind: "gradient", of: tensor.id, subs: y.subs }, value.at([...y.place, ...x.place]));
  const binders = axes.map((index, axis) => ({
    name: index!,
    below: scope.context.settled(tensor.shape[axis]!),
  }));
  return { tensor: x.access.tensor, subs: x.subs, body: { kind: "reduce", op: "sum", binders, body } };
}

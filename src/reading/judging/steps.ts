/** Steps of equations → readings with verdicts, or why there is none. */
import type { Context } from "../context/context.js";
import { some, type Equality, type Formula, type Side } from "../latex/formula.js";
import { type Scope, scopeAt } from "../context/scope.js";
import { countsFromOne, forwardOf } from "../meaning/forward.js";
import type { StepReport } from "../report/report.js";
import { excerpt } from "../document/excerpt.js";
import { type Term, walk } from "../terms/term.js";
import { isUpdate } from "../gathering/kinds.js";
import { slopeDraft } from "./slopes.js";
import { attempt, Misfit, Unreadable } from "../document/unreadable.js";
import { mendOf } from "./mends.js";
import { gradientFormula } from "./right-gradient.js";
import { printFormula } from "../context/print.js";
import { accessOf } from "../meaning/access.js";
import { functionReading } from "../meaning/defined-functions.js";
import { indexName } from "../context/names.js";
import { print } from "../terms/print.js";
import { layerText } from "../layers/layer.js";
import { checked, judge, type Judgement, judgeDrafts } from "./judge.js";
import { isLoss } from "../context/survey.js";
import { differentiated, gradientClaims, jacobianClaim } from "./gradient-claims.js";
import type { Claim } from "../layers/draft.js";

export interface Place {
  readonly file: string;
  readonly line: number;
  readonly number: number;
  readonly section: readonly string[];
  readonly source: string;
  readonly offset: number;
  readonly base: 0 | 1;
}
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
function stepOf(
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

export function forwardStep(statement: Equality, step: Side, context: Context, place: Place): StepReport {
  const scope = scopeOf(context, place, statement.at, step.formula ? [step.formula] : []);
  return stepOf(step, place, scope, () => {
    const right = formulaOf(step);
    if (isUpdate(statement.left, right, context))
      throw new Unreadable("what stands on the left is made of itself: this is no definition", right.at);
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

/** `σ(x) = 1/(1 + e^{-x})` */
export function functionStep({ left, at }: Equality, step: Side, context: Context, place: Place): StepReport {
  const scope = scopeOf(context, place, at, []);
  return stepOf(step, place, scope, () => {
    const body = formulaOf(step);
    const parameters =
      left.kind === "application" ? left.arguments.flatMap((one) => indexName(one) ?? []) : [];
    const term = functionReading({ parameters, body, at: scope.at }, scope);
    if (!term) throw new Unreadable("this is no function of one number", body.at);
    return { reading: `${printFormula(left)} = ${print(term)}` };
  });
}

export function gradientStep(
  statement: Equality,
  step: Side,
  kind: "gradient" | "jacobian" | "slope",
  context: Context,
  place: Place,
): StepReport {
  const scope = scopeOf(context, place, statement.at, step.formula ? [step.formula] : []);
  return stepOf(step, place, scope, () => {
    const right = formulaOf(step);
    if (kind === "slope") {
      const { draft, scope: own } = slopeDraft(statement.left, right, scope);
      return stepReport(judgeDrafts([draft], own, commentsOf(place)));
    }
    if (right.kind === "partial" && isLoss(right.of, context.survey)) {
      const again = kind === "gradient" && sameAs(right.by, differentiated(statement.left, context));
      if (again) return { reading: "the gradient itself" };
    }
    const verdictBy = (reading: Scope): Judgement => {
      const undone = new Set<string>();
      const claims =
        kind === "gradient"
          ? gradientClaims(statement, right, { ...reading, undone })
          : [jacobianClaim(statement, right, reading)];
      // where the signs leave a choice, what is refuted is refuted however it is read
      const judged = (claim: Claim): Judgement => judge(claim, reading, commentsOf(place));
      let judgement = judged(claims[0]!);
      for (const claim of claims.slice(1)) if (judgement.verdict === "refuted") judgement = judged(claim);
      if (judgement.verdict === "refuted" && isMean(statement, right, reading, judged))
        throw new Unreadable(
          "it is the gradient, but for a mean: whose mean the loss is, is not written",
          right.at,
        );
      if (judgement.verdict === "refuted" && claims.some(({ body }) => comparesValues(body)))
        throw new Unreadable(
          "two values are compared: whether it holds depends on where they are equal",
          right.at,
        );
      return undone.size > 0 ? orAnotherSum(judgement, [...undone]) : judgement;
    };
    try {
      return stepReport(byEitherDerivative(statement, right, scope, verdictBy));
    } catch (error) {
      const mend =
        error instanceof Misfit && kind === "gradient"
          ? mendOf(statement, right, scope, commentsOf(place))
          : undefined;
      if (!mend || !(error instanceof Misfit)) throw error;
      return { ...mend, reason: error.message };
    }
  });
}

/** What holds because an index was put in and cancelled may be a sum over another index that was meant. */
const orAnotherSum = (judgement: Judgement, indices: readonly string[]): Judgement =>
  judgement.verdict === "refuted"
    ? judgement
    : {
        ...judgement,
        verdict: "depends on the reading",
        notes: [...judgement.notes, `it holds where ${indices.join(" and ")} is what goes with the indices summed over; the formula is written for a sum over ${indices.join(" and ")}`], // prettier-ignore
      };

/** ∂y/∂x counts all paths from x to y; where that does not hold, what else y is written with may be held fixed. */
function byEitherDerivative(
  { left }: Equality,
  right: Formula,
  scope: Scope,
  verdictBy: (scope: Scope) => Judgement,
): Judgement {
  const { survey } = scope.context;
  const isChain = (node: Formula): boolean => node.kind === "partial" && !isLoss(node.of, survey);
  const chained = some(right, isChain) || isChain(left);
  let total: Judgement | undefined;
  try {
    total = verdictBy(scope);
    if (total.verdict !== "refuted" || !chained) return total;
  } catch (error) {
    if (!(error instanceof Unreadable) || !chained) throw error;
  }
  const local = attempt(() => verdictBy({ ...scope, local: true }));
  if (local && (local.verdict !== "refuted" || !total)) {
    const note = "the derivatives are local: what else a definition is written with is held fixed";
    // a part of a sum over all paths is local of itself; ∂y/∂x standing alone may be either
    const verdict =
      total && isChain(left) && local.verdict === "proved" ? "depends on the reading" : local.verdict;
    return { ...local, verdict, notes: [...local.notes, note] };
  }
  return total ?? verdictBy(scope);
}

/** `x = y` of two values, as in the mask of a maximum: papers leave open what happens at ties. */
function comparesValues(term: Term): boolean {
  let any = false;
  walk(term, (inner) => {
    if (inner.kind !== "where") return;
    any ||= inner.conditions.some(
      ({ op, left, right }) => ["==", "!="].includes(op) && left.kind === "read" && right.kind === "read",
    );
  });
  return any;
}
function stepReport({
  layer,
  tensor,
  verdict,
  counterexample,
  notes,
}: Judgement): Omit<StepReport, "at" | "original"> {
  const gradient = verdict === "refuted" ? gradientFormula(layer.text, tensor) : undefined;
  return {
    reading: layer.claim!,
    layer: layer.text,
    tensor,
    verdict,
    counterexample,
    notes,
    ...(gradient === undefined ? {} : { gradient }),
  };
}
const sameAs = (a: Formula, b: Formula): boolean => {
  const plain = (formula: Formula): string =>
    JSON.stringify(formula, (key, value: unknown) => (key === "at" ? undefined : value));
  return plain(a) === plain(b);
};

/** `dW = \frac{1}{m} dZ X^T` names no loss: a loss that is a mean over m samples would make it right. */
function isMean(
  statement: Equality,
  right: Formula,
  scope: Scope,
  judged: (claim: Claim) => Judgement,
): boolean {
  const rest = withoutShare(right);
  const bare = statement.left.kind === "differential" && !some(right, ({ kind }) => kind === "partial");
  if (!rest || !bare) return false;
  const claims = attempt(() => gradientClaims(statement, rest, scope));
  return claims?.some((claim) => attempt(() => judged(claim).verdict) === "proved") === true;
}

/** A product without the `1/m` that it begins with. */
function withoutShare(formula: Formula): Formula | undefined {
  if (formula.kind !== "product") return undefined;
  const { left } = formula;
  if (left.kind === "quotient" && left.left.kind === "number" && left.left.value === 1) return formula.right;
  const inner = withoutShare(left);
  return inner && { ...formula, left: inner };
}

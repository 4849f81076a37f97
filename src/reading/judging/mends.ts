/** Products whose factors do not fit: the order and the transposes that would. */
import type { Context } from "../context/context.js";
import { isTransposition, named } from "../context/names.js";
import { printFormula } from "../context/print.js";
import { scopeAt, type Scope } from "../context/scope.js";
import { attempt } from "../document/unreadable.js";
import { some, type Equality, type Formula } from "../latex/formula.js";
import type { StepReport } from "../report/report.js";
import { gradientClaims } from "./gradient-claims.js";
import { judge, type Judgement } from "./judge.js";

/**
 * What does not fit, where with other transposes or in another order it is the gradient. The whole of it transposed is the
 * gradient in another layout, which a document may use throughout.
 */
export function mendOf(
  statement: Equality,
  right: Formula,
  scope: Scope,
  comments: readonly string[],
): Omit<StepReport, "at" | "original"> | undefined {
  const tried = new Set<string>();
  const proved = (formula: Formula): Judgement | undefined => {
    const own = { ...scope, notes: new Set<string>() };
    for (const claim of attempt(() => gradientClaims(statement, formula, own)) ?? []) {
      const key = JSON.stringify(claim.body).replaceAll(/#\d+/gu, "#");
      if (tried.has(key) || tried.size >= mostMends) continue;
      tried.add(key);
      const judgement = attempt(() => judge(claim, own, comments));
      if (judgement?.verdict === "proved") return judgement;
    }
    return undefined;
  };
  const report = (
    verdict: "does not fit" | "depends on the reading",
    { layer, tensor }: Judgement,
    note: string,
  ): Omit<StepReport, "at" | "original"> => ({
    verdict,
    tensor,
    gradient: layer.claim!.replace("claim ", ""),
    notes: [note],
  });
  const spread = asProduct(right, scope.context);
  const whole = transposed(spread);
  const turned = proved(whole);
  if (turned && !scope.context.laidOut)
    return report("depends on the reading", turned, "it holds where gradients are laid out as the transposes of their tensors"); // prettier-ignore
  if (turned) return report("does not fit", turned, `meant is ${printFormula(whole)}`);
  for (const formula of variantsOf(spread)) {
    const found = proved(formula);
    if (found) return report("does not fit", found, `meant is ${printFormula(formula)}`);
  }
  return undefined;
}
const mostMends = 6;

/** `x (a)^T` is x times what stands in the bracket, transposed. */
function asProduct(formula: Formula, context: Context): Formula {
  switch (formula.kind) {
    case "negative":
      return { ...formula, of: asProduct(formula.of, context) };
    case "sum":
    case "product":
    case "quotient":
      return { ...formula, left: asProduct(formula.left, context), right: asProduct(formula.right, context) };
    case "application":
    case "cases":
    case "ceil":
    case "comparison":
    case "differential":
    case "either":
    case "element":
    case "floor":
    case "inner":
    case "number":
    case "partial":
    case "power":
    case "reduction":
    case "root":
    case "slice":
    case "symbol":
    case "text":
    case "tuple": {
      const call = formula.kind === "power" && isTransposition(formula.exponent) ? formula.base : formula;
      if (call.kind !== "application" || call.arguments.length !== 1 || call.of.primes > 0) return formula;
      const text = named(call.of, context.survey)?.name;
      if (!context.tensors.some(({ name }) => name === text)) return formula;
      const [only] = call.arguments;
      const right: Formula = formula.kind === "power" ? { ...formula, base: only! } : only!;
      return { kind: "product", sign: "", left: call.of, right, at: formula.at };
    }
  }
}

/** Whether a gradient of a whole tensor is written with a transpose and fits as it stands. */
export function fitsTransposed({ left, steps, at }: Equality, context: Context): boolean {
  const by = left.kind === "partial" ? left.by : left.kind === "differential" ? left.of : left;
  if (by.kind !== "symbol" || by.subs) return false;
  const isTransposed = (node: Formula): boolean =>
    (node.kind === "power" && isTransposition(node.exponent)) ||
    (node.kind === "symbol" && isTransposition(node.sup));
  return steps.some(
    ({ formula }) =>
      formula &&
      some(formula, isTransposed) &&
      attempt(() => gradientClaims({ kind: "equality", left, steps, at, end: at }, formula, scopeAt(context, Infinity))) !== undefined, // prettier-ignore
  );
}

/** A formula that fits, and how many of its products were changed. */
interface Variant {
  readonly formula: Formula;
  readonly changes: number;
}
const most = 200;

/** The formula with factors of its matrix products transposed or exchanged, the fewest changes first. */
const variantsOf = (formula: Formula): readonly Formula[] =>
  changed(formula)
    .filter(({ changes }) => changes > 0)
    .toSorted((a, b) => a.changes - b.changes)
    .map((variant) => variant.formula);

function changed(formula: Formula): readonly Variant[] {
  const same: Variant = { formula, changes: 0 };
  switch (formula.kind) {
    case "negative":
      return changed(formula.of).map(({ formula: of, changes }) => ({
        formula: { ...formula, of },
        changes,
      }));
    case "sum":
    case "quotient":
      return both(formula.left, formula.right, (left, right) => [{ ...formula, left, right }]);
    case "product":
      return ["", "·", "×", "@"].includes(formula.sign)
        ? both(formula.left, formula.right, (left, right) => [
            { ...formula, left, right },
            { ...formula, left: transposed(left), right },
            { ...formula, left, right: transposed(right) },
            { ...formula, left: right, right: left },
            { ...formula, left: transposed(right), right: left },
            { ...formula, left: right, right: transposed(left) },
          ])
        : both(formula.left, formula.right, (left, right) => [{ ...formula, left, right }]);
    case "application":
    case "cases":
    case "ceil":
    case "comparison":
    case "differential":
    case "either":
    case "element":
    case "floor":
    case "inner":
    case "number":
    case "partial":
    case "power":
    case "reduction":
    case "root":
    case "slice":
    case "symbol":
    case "text":
    case "tuple":
      return [same];
  }
}

function both(
  left: Formula,
  right: Formula,
  make: (left: Formula, right: Formula) => readonly Formula[],
): readonly Variant[] {
  const found: Variant[] = [];
  for (const a of changed(left))
    for (const b of changed(right))
      make(a.formula, b.formula).forEach((formula, i) => {
        if (found.length < most)
          found.push({ formula, changes: a.changes + b.changes + (i > 2 ? 2 : i > 0 ? 1 : 0) });
      });
  return found;
}

/** A formula with a T above it, or without the one that it has. */
function transposed(formula: Formula): Formula {
  if (formula.kind === "power" && isTransposition(formula.exponent)) return formula.base;
  if (formula.kind === "symbol" && isTransposition(formula.sup)) return { ...formula, sup: undefined };
  const { at } = formula;
  return {
    kind: "power",
    base: formula,
    exponent: { kind: "symbol", letter: "T", marks: [], primes: 0, at },
    at,
  };
}

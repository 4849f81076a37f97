/** The steps of a derivation that are told: those that the calculus recorded, then ways to read the result. */
import type { DerivationStep, Gradient } from "../../calculus/derivation.js";
import { rules } from "../../calculus/rules.js";
import type { Statement } from "../../notation/layer.js";
import type { Pattern } from "../../patterns/pattern.js";
import { readingRules, readingsOf, type Reading } from "../../patterns/readings.js";
import type { Scope } from "../../patterns/scope.js";

/** Which steps of a derivation are told: none, those that a paper would write, or each rewrite. */
export const stepDetails = ["none", "main", "all"] as const;
export type StepDetail = (typeof stepDetails)[number];

/** A rewrite that the calculus recorded, or a way to read its result. */
export interface Step
  extends
    Pick<DerivationStep, "statement" | "explicit" | "solved" | "because" | "vanishing">,
    Pick<Reading, "matrices" | "exchanged" | "phases"> {
  readonly rule: DerivationStep["rule"] | Reading["rule"];
}

/** What a rule says, in a line of mathematics. */
export const saysOf = ({ rule }: Step): string =>
  rule in rules ? rules[rule as keyof typeof rules].says : readingRules[rule as keyof typeof readingRules];

const isTold = ({ rule }: DerivationStep, detail: StepDetail): boolean =>
  detail === "all" || rules[rule].detail === "main";

/** @param result the statement that is computed in the end */
export function stepsOf(
  { steps }: Gradient,
  result: Statement,
  pattern: Pattern,
  scope: Scope,
  detail: StepDetail,
): readonly Step[] {
  if (detail === "none") return [];
  const last = steps.at(-1);
  const told = steps.filter((step) => step === last || isTold(step, detail));
  return [...told, ...readingsOf(result, pattern, scope)];
}

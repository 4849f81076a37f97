/** What was read of a document, as plain data. */
import type { Macros } from "../document/macros.js";

/** `does not fit`: as it stands no shapes are right; `depends on the reading`: it holds by some readings and not by others. */
export type Verdict = "proved" | "refuted" | "unproved" | "does not fit" | "depends on the reading";

/** One side of an equation: `= Σ …`. */
export interface StepReport {
  readonly at: number;
  /** As it stands in the document. */
  readonly original: string;
  /** As it was read, in the layer language. */
  readonly reading?: string;
  /** The layer that it was judged against, with the claim. */
  readonly layer?: string;
  readonly verdict?: Verdict;
  /** The gradient that the claim is for: `dw`. */
  readonly tensor?: string;
  readonly counterexample?: Readonly<Record<string, unknown>> | null;
  /** Where it is refuted or does not fit: the gradient as it is. */
  readonly gradient?: string;
  /** What was taken for granted. */
  readonly notes: readonly string[];
  /** Why it was not understood, and where. */
  readonly reason?: string;
}

/** Whether a step is what the exit status tells of. */
export const isWrong = ({ verdict }: StepReport): boolean =>
  verdict === "refuted" || verdict === "does not fit";

export interface StatementReport {
  readonly kind: "forward" | "gradient" | "other";
  readonly at: number;
  readonly original: string;
  readonly understood: boolean;
  readonly steps: readonly StepReport[];
  readonly reason?: string;
}

export interface EquationReport {
  readonly number: number;
  readonly line: number;
  readonly section: readonly string[];
  readonly original: string;
  readonly kind: "forward" | "gradient" | "other";
  /** Whether all that it defines or states was understood. */
  readonly understood: boolean;
  readonly statements: readonly StatementReport[];
}

export interface DocumentReport {
  readonly document: string;
  readonly equations: readonly EquationReport[];
  readonly counts: Counts;
  /** Macros that the document defines. */
  readonly macros: Macros;
}

export interface Counts {
  readonly equations: number;
  readonly forward: number;
  readonly gradient: number;
  readonly other: number;
  /** Of those that define a forward pass or state a gradient. */
  readonly understood: number;
  readonly proved: number;
  readonly unproved: number;
  readonly refuted: number;
  readonly unfitting: number;
  readonly depending: number;
}

export function countsOf(equations: readonly EquationReport[]): Counts {
  const kinds = (kind: EquationReport["kind"]): number => equations.filter((e) => e.kind === kind).length;
  const steps = equations.flatMap(({ statements }) => statements.flatMap((s) => s.steps));
  const verdicts = (verdict: Verdict): number => steps.filter((step) => step.verdict === verdict).length;
  return {
    equations: equations.length,
    forward: kinds("forward"),
    gradient: kinds("gradient"),
    other: kinds("other"),
    understood: equations.filter((e) => e.kind !== "other" && e.understood).length,
    proved: verdicts("proved"),
    unproved: verdicts("unproved"),
    refuted: verdicts("refuted"),
    unfitting: verdicts("does not fit"),
    depending: verdicts("depends on the reading"),
  };
}

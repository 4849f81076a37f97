/** What `derive` tells of a layer, as plain data: the formulas, the gradients and how each was derived. */
import type { Derived, DerivationStep, Gradient } from "../../calculus/derivation.js";
import { printStatement } from "../../language/print.js";
import { tensorsIn } from "../../notation/traverse.js";
import type { Layer, Statement } from "../../notation/layer.js";

/** What a statement was recognised as. */
export interface Pattern {
  readonly kind: "loops";
}
export interface Formula {
  readonly tensor: string;
  /** In the layer language; parses back. */
  readonly formula: string;
  readonly pattern: Pattern;
}
export interface GradientFormula extends Formula {
  /** The tensor whose gradient it is: an input, a weight, or an intermediate that gradients share. */
  readonly of: string;
  readonly steps: readonly { readonly rule: string; readonly formula: string }[];
}
export interface ClaimVerdict {
  /** The gradient claimed, `dw`. */
  readonly tensor: string;
  /** Where the claim stands, counted from 1. */
  readonly line: number;
  readonly verdict: "proved" | "refuted" | "unproved";
  readonly counterexample: Readonly<Record<string, unknown>> | null;
}
export interface Derivation {
  readonly layer: string;
  readonly documentation: string;
  readonly sizes: readonly string[];
  readonly params: Readonly<Record<string, number>>;
  readonly saved: readonly string[];
  readonly forward: readonly Formula[];
  readonly gradients: readonly GradientFormula[];
  readonly claims: readonly ClaimVerdict[];
}

/** Which steps of a derivation are told: none, those that a paper would write, or each rewrite. */
export const stepDetails = ["none", "main", "all"] as const;
export type StepDetail = (typeof stepDetails)[number];

export interface DescribeOptions {
  /** Default `main`. */
  readonly steps?: StepDetail;
  /** The gradient of this tensor only, with the intermediates that it needs. */
  readonly wrt?: string | undefined;
  readonly claims?: readonly ClaimVerdict[];
}

/** Rules that only tidy: `main` leaves them out, unless one gives the result. */
const tidying: ReadonlySet<string> = new Set(["take factors out of sums"]);

export function describe(layer: Layer, derived: Derived, options: DescribeOptions = {}): Derivation {
  const scope: Layer = { ...derived.layer, tensors: derived.tensors };
  const print = (statement: Statement): string => printStatement(statement, scope);
  const gradients = new Map(derived.gradients.map((gradient) => [gradient.tensor, gradient]));
  const wanted = options.wrt === undefined ? undefined : neededFor(options.wrt, derived);
  return {
    layer: layer.name,
    documentation: layer.documentation,
    sizes: layer.sizes,
    params: Object.fromEntries(layer.params.map(({ name, value }) => [name, value])),
    saved: derived.saved,
    forward: derived.forward.map((statement) => formulaOf(statement, print)),
    gradients: derived.backward
      .filter(({ tensor }) => wanted?.has(tensor) ?? true)
      .map((statement) => ({
        ...formulaOf(statement, print),
        of: ownerOf(statement.tensor, gradients),
        steps: chosenSteps(gradients.get(statement.tensor)?.steps ?? [], options.steps ?? "main").map(
          (step) => ({ rule: step.rule, formula: print(step.statement) }),
        ),
      })),
    claims: options.claims ?? [],
  };
}

/** Tensors whose gradient can be asked for with `wrt`. */
export const differentiated = (derived: Derived): string[] => derived.gradients.map(({ of }) => of);

const formulaOf = (statement: Statement, print: (statement: Statement) => string): Formula => ({
  tensor: statement.tensor,
  formula: print(statement),
  pattern: { kind: "loops" },
});

/** `dh` and `total_dz` are what the gradients share: the whole derivatives of `h` and `z`. */
const ownerOf = (tensor: string, gradients: ReadonlyMap<string, Gradient>): string =>
  gradients.get(tensor)?.of ?? tensor.replace(/^(?:total_)?d/u, "");

/** The gradient's tensor and the backward intermediates that it reads, directly or through others. */
function neededFor(of: string, derived: Derived): Set<string> {
  const needed = new Set(derived.gradients.filter((g) => g.of === of).map((g) => g.tensor));
  for (const { tensor, body } of derived.backward.toReversed())
    if (needed.has(tensor)) for (const read of tensorsIn(body)) needed.add(read);
  return needed;
}

function chosenSteps(steps: readonly DerivationStep[], detail: StepDetail): readonly DerivationStep[] {
  if (detail === "none") return [];
  return detail === "all"
    ? steps
    : steps.filter(({ rule }, at) => !tidying.has(rule) || at === steps.length - 1);
}

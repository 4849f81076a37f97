/** What `derive` tells of a layer, as plain data: the formulas, the gradients and how each was derived. */
import type { Derived, DerivationStep, Gradient } from "../../calculus/derivation.js";
import { printExpression, printInt, printStatement } from "../../language/print.js";
import { tensorsIn } from "../../notation/traverse.js";
import type { Layer, Statement } from "../../notation/layer.js";
import { patternsOf, type Pattern } from "../../patterns/pattern.js";

export interface Formula {
  readonly tensor: string;
  /** In the layer language; parses back. */
  readonly formula: string;
  /** What the statement was recognised as. */
  readonly pattern: Pattern;
}
export interface GradientFormula extends Formula {
  /** The input or weight whose gradient it is. */
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
  /** Derived sizes and constants: `P = floor(…) + 1`, `scale = 1/sqrt(D)`. */
  readonly definitions: readonly string[];
  readonly saved: readonly string[];
  readonly forward: readonly Formula[];
  /** Intermediates of the backward pass, read by the gradients. */
  readonly shared: readonly Formula[];
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
  const patterns = patternsOf(derived);
  const words: Words = {
    print: (statement) => printStatement(statement, scope),
    patternOf: ({ tensor }) => patterns.get(tensor) ?? { kind: "loops" },
  };
  const wanted = options.wrt === undefined ? undefined : neededFor(options.wrt, derived);
  const backward = derived.backward.filter(({ tensor }) => wanted?.has(tensor) ?? true);
  const isGradient = ({ tensor }: Statement): boolean => derived.gradients.some((g) => g.tensor === tensor);
  return {
    layer: layer.name,
    documentation: layer.documentation,
    sizes: layer.sizes,
    params: Object.fromEntries(layer.params.map(({ name, value }) => [name, value])),
    definitions: [
      ...layer.derived.map(({ name, value }) => `${name} = ${printInt(value)}`),
      ...layer.constants.map(({ name, value }) => `${name} = ${printExpression(value)}`),
    ],
    saved: derived.saved,
    forward: derived.forward.map((statement) => formulaOf(statement, words)),
    shared: backward.filter((s) => !isGradient(s)).map((statement) => formulaOf(statement, words)),
    gradients: backward.flatMap((statement) => {
      const gradient = derived.gradients.find(({ tensor }) => tensor === statement.tensor);
      return gradient ? [gradientOf(gradient, statement, options.steps ?? "main", words)] : [];
    }),
    claims: options.claims ?? [],
  };
}

/** Tensors whose gradient can be asked for with `wrt`. */
export const differentiated = (derived: Derived): string[] => derived.gradients.map(({ of }) => of);

/** How statements are spelled and named. */
interface Words {
  readonly print: (statement: Statement) => string;
  readonly patternOf: (statement: Statement) => Pattern;
}

const formulaOf = (statement: Statement, { print, patternOf }: Words): Formula => ({
  tensor: statement.tensor,
  formula: print(statement),
  pattern: patternOf(statement),
});

const gradientOf = (
  { of, steps }: Gradient,
  statement: Statement,
  detail: StepDetail,
  words: Words,
): GradientFormula => ({
  ...formulaOf(statement, words),
  of,
  steps: chosenSteps(steps, detail).map((step) => ({
    rule: step.rule,
    formula: words.print(step.statement),
  })),
});

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

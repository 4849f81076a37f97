/** What `derive` tells of a layer, as plain data: the formulas, the gradients and how each was derived. */
import type { Derived, Gradient } from "../../calculus/derivation.js";
import type { Jacobian } from "../../calculus/jacobian.js";
import { neededFor } from "../../calculus/differentiate.js";
import { withGuardsApart } from "../../calculus/guards-apart.js";
import {
  printCondition,
  printExpression,
  printInt,
  printStatement,
  printTensor,
} from "../../language/print.js";
import type { Condition } from "../../notation/expression.js";
import { once } from "../../notation/once.js";
import { tensorsIn } from "../../notation/traverse.js";
import { cotangentName, type Layer, type Statement, type Tensor } from "../../notation/layer.js";
import { patternsOf, type Pattern } from "../../patterns/pattern.js";
import { readingsOf } from "../../patterns/readings.js";
import { scopeOf, type Scope } from "../../patterns/scope.js";
import { tableOf, type JacobianTable } from "./jacobian.js";
import { texCondition } from "./latex/conditions.js";
import { texStatement, texStep } from "./latex/equation.js";
import { texIn, type TexContext } from "./latex/expressions.js";
import { texInt } from "./latex/integers.js";
import { texName } from "./latex/names.js";
import { liveTapsText } from "./taps.js";
import { saysOf, stepsOf, type Step, type StepDetail } from "./steps.js";

export { stepDetails, type StepDetail } from "./steps.js";

/** A formula in both spellings. */
export interface Spelled {
  /** In the layer language; parses back. */
  readonly formula: string;
  /** In the notation of papers; spelled when it is first asked for: text has no need of it. */
  readonly latex: string;
}
interface Named extends Spelled {
  readonly tensor: string;
  /** The matrix form beside the index form, where it is a product of matrices. */
  readonly matrices?: string;
}
export interface Formula extends Named {
  /** What the statement was recognised as. */
  readonly pattern: Pattern;
}
export interface StepFormula extends Spelled {
  readonly rule: string;
  /** The rule in a line of mathematics. */
  readonly says: string;
  /** What holds of this formula beside it: which taps of each phase count. */
  readonly notes?: readonly string[];
}
export interface DerivedFormula extends Named {
  /** The tensor whose gradient it is. */
  readonly of: string;
  /** Nothing for what is never computed on its own. */
  readonly pattern?: Pattern;
  readonly steps: readonly StepFormula[];
  /** Conditions under which it is not finite though the outputs are. */
  readonly singular: readonly Spelled[];
}
export interface GradientFormula extends DerivedFormula {
  readonly pattern: Pattern;
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
  readonly definitions: readonly Spelled[];
  readonly saved: readonly string[];
  /** Declarations of what the formulas define beside outputs and gradients: with them the formulas are a layer. */
  readonly locals: readonly string[];
  readonly forward: readonly Formula[];
  /** Intermediates of the backward pass, read by the gradients. */
  readonly shared: readonly Formula[];
  /** Derivatives with respect to intermediates, stored or not: what the steps call by name. */
  readonly intermediates: readonly DerivedFormula[];
  /** What the steps call by name and is never computed. */
  readonly mentioned: readonly (Spelled & { readonly tensor: string })[];
  readonly gradients: readonly GradientFormula[];
  readonly claims: readonly ClaimVerdict[];
  /** How it is computed, where that is not as the formulas say. */
  readonly ordered: readonly Pick<Spelled, "formula">[];
  /** Where it was asked for. */
  readonly jacobian?: JacobianTable;
}

export interface DescribeOptions {
  /** Default `main`. */
  readonly steps?: StepDetail;
  /** The gradient of this tensor only, with the intermediates that it needs. */
  readonly wrt?: string | undefined;
  readonly claims?: readonly ClaimVerdict[];
  /** What is computed, where it is known. */
  readonly computed?: Derived;
  readonly jacobian?: Jacobian | undefined;
}

export function describe(layer: Layer, derived: Derived, options: DescribeOptions = {}): Derivation {
  const words = wordsFor(derived, options.steps ?? "main");
  const wanted = options.wrt === undefined ? undefined : readFor(options.wrt, derived);
  const isWanted = ({ tensor }: { readonly tensor: string }): boolean => wanted?.has(tensor) ?? true;
  const backward = derived.backward.filter(isWanted);
  const results = new Map(derived.gradients.map((g) => [g.tensor, g]));
  const stored = new Map(derived.backward.map((s) => [s.tensor, s]));
  const gradients = backward.flatMap((statement) => {
    const gradient = results.get(statement.tensor);
    return gradient ? [gradientOf(gradient, statement, words)] : [];
  });
  const shared = backward.filter((s) => !results.has(s.tensor));
  const defined = new Set([...derived.forward, ...shared].map(({ tensor }) => tensor));
  const called = options.steps === "none" ? [] : derived.intermediates.filter(isWanted);
  return {
    layer: layer.name,
    documentation: layer.documentation,
    sizes: layer.sizes,
    params: Object.fromEntries(layer.params.map(({ name, value }) => [name, value])),
    definitions: [
      ...layer.derived.map(({ name, value }) => ({
        formula: `${name} = ${printInt(value)}`,
        latex: `${texName(name)} = ${texInt(value, [])}`,
      })),
      ...layer.constants.map(({ name, value }) => ({
        formula: `${name} = ${printExpression(value)}`,
        latex: `${texName(name)} = ${texIn(value, words.tex)}`,
      })),
    ],
    saved: derived.saved,
    locals: derived.tensors.filter((t) => t.role === "local" && defined.has(t.name)).flatMap(printTensor),
    forward: derived.forward.map((statement) => formulaOf(statement, words)),
    shared: shared.map((statement) => formulaOf(statement, words)),
    intermediates: called.map((gradient) => {
      const computed = stored.get(gradient.tensor);
      return gradientOf(gradient, computed ?? gradient.statement, words, computed !== undefined);
    }),
    mentioned: mentionedIn([...called, ...derived.gradients.filter(isWanted)], derived, words),
    gradients,
    claims: options.claims ?? [],
    ordered: orderedIn(options.computed),
    ...(options.jacobian && { jacobian: tableOf(options.jacobian, words.tex) }),
  };
}

const orderedIn = (computed: Derived | undefined): Derivation["ordered"] =>
  (computed?.ordered ?? []).map((s) => ({
    formula: printStatement(s, { ...computed!.layer, tensors: computed!.tensors }),
  }));

function mentionedIn(
  told: readonly Gradient[],
  { mentioned }: Derived,
  { layer, tex, detail }: Words,
): Derivation["mentioned"] {
  if (detail === "none") return [];
  const called = told.flatMap((g) => g.steps.flatMap((s) => [...tensorsIn(s.statement.body)]));
  return neededFor(mentioned, new Set(called)).map((s) => ({
    tensor: s.tensor,
    formula: printStatement(withGuardsApart(s, layer), layer),
    latex: texStatement(s, tex),
  }));
}

/** Tensors whose gradient can be asked for with `wrt`. */
export const differentiated = (derived: Derived): string[] => derived.gradients.map(({ of }) => of);

/** How statements are spelled and named. */
interface Words {
  readonly layer: Layer;
  readonly scope: Scope;
  readonly tex: TexContext;
  readonly detail: StepDetail;
  readonly patternOf: (statement: Statement) => Pattern;
  readonly singularOf: (gradient: Gradient) => readonly Condition[];
}

function wordsFor(derived: Derived, detail: StepDetail): Words {
  const tensors = new Map(derived.tensors.map((t) => [t.name, t]));
  const unstored = derived.intermediates.flatMap(({ tensor, of }): readonly Tensor[] => {
    const owner = tensors.get(of);
    return owner && !tensors.has(tensor) ? [{ ...owner, name: tensor, role: "local" }] : [];
  });
  const layer: Layer = { ...derived.layer, tensors: [...derived.tensors, ...unstored] };
  const patterns = patternsOf(derived);
  const outputs = derived.layer.tensors.filter((t) => t.role === "output" && t.type === "real");
  // an output that other statements read has its given derivative and a whole one
  const isOutput = ({ of }: Gradient): boolean => tensors.get(of)?.role === "output";
  const pair = ({ tensor, of }: Gradient): readonly [string, string] => [tensor, of];
  const derivatives = new Map([
    ...derived.intermediates.filter((g) => !isOutput(g)).map(pair),
    ...outputs.map((t) => [cotangentName(t.name), t.name] as const),
    ...derived.gradients.map(pair),
  ]);
  const totals = new Map(derived.intermediates.filter(isOutput).map(pair));
  return {
    layer,
    scope: scopeOf(layer),
    tex: { layer, order: [], derivatives, totals },
    detail,
    patternOf: ({ tensor }) => patterns.get(tensor) ?? { kind: "loops" },
    singularOf: ({ of }) => (derived.singular.get(of) ?? []).map(({ condition }) => condition),
  };
}

function formulaOf(statement: Statement, words: Words): Formula {
  const { scope, tex, patternOf } = words;
  const pattern = patternOf(statement);
  const [matrices] = readingsOf(statement, pattern, scope).filter((r) => r.matrices);
  const latex = once(() => texStatement(statement, tex));
  return {
    tensor: statement.tensor,
    formula: printStatement(withGuardsApart(statement, words.layer), words.layer),
    get latex() {
      return latex();
    },
    ...(matrices && { matrices: texStep(matrices, tex) }),
    pattern,
  };
}
function gradientOf(gradient: Gradient, statement: Statement, words: Words): GradientFormula;
function gradientOf(
  gradient: Gradient,
  statement: Statement,
  words: Words,
  isComputed: boolean,
): DerivedFormula;
function gradientOf(
  gradient: Gradient,
  statement: Statement,
  words: Words,
  isComputed = true,
): DerivedFormula {
  const { patternOf, scope, detail } = words;
  const steps = stepsOf(gradient, statement, patternOf(statement), scope, detail).map((step) =>
    step.explicit && !saysMore(step.statement, words) ? { ...step, explicit: false } : step,
  );
  const told = steps.map((step) => spell(step, words));
  // bounds that go without saying may have said nothing
  const isNews = ({ rule, formula }: StepFormula, at: number): boolean =>
    rule !== "bounds of the reads" || formula !== told[at - 1]?.formula;
  const singular = words.singularOf(gradient).map((c) => spellCondition(c, words));
  const result = formulaOf(statement, words);
  const { tensor, formula, matrices, pattern } = result;
  return {
    tensor,
    formula,
    get latex() {
      return result.latex;
    },
    ...(matrices !== undefined && { matrices }),
    ...(isComputed && { pattern }),
    of: gradient.of,
    steps: told.filter(isNews),
    singular,
  };
}
/** Whether a sum has conditions that its reads imply. */
const saysMore = (statement: Statement, { tex }: Words): boolean =>
  texStatement(statement, { ...tex, layer: undefined }) !== texStatement(statement, tex);

const spellCondition = (condition: Condition, { layer, tex }: Words): Spelled => ({
  formula: printCondition(condition, layer),
  latex: texCondition(condition, tex),
});
const spell = (step: Step, { layer, tex }: Words): StepFormula => {
  const because = (step.because ?? []).map((s) => printStatement(s, layer));
  const zeros = (step.vanishing ?? []).map((e) => `${printExpression(e, layer)} = 0`);
  const reason = [because.join(", "), ...(zeros.length > 0 ? [`so ${zeros.join(", ")}`] : [])].join("; ");
  const notes = [...(because.length > 0 ? [`since ${reason}`] : []), ...liveTapsText(step.phases ?? [])];
  const latex = once(() => texStep(step, tex));
  return {
    rule: step.rule,
    says: saysOf(step),
    formula: printStatement(withGuardsApart(step.statement, layer), step.explicit ? undefined : layer),
    get latex() {
      return latex();
    },
    ...(notes.length > 0 && { notes }),
  };
};

/** The gradient's tensor and what it and its steps read of the backward pass, directly or through others. */
function readFor(of: string, derived: Derived): Set<string> {
  const told = [...derived.gradients, ...derived.intermediates];
  const bodies = new Map<string, readonly Statement[]>(
    [...derived.backward, ...told.map((g) => g.statement)].map((s) => [
      s.tensor,
      [
        ...derived.backward.filter(({ tensor }) => tensor === s.tensor),
        ...told
          .filter((g) => g.tensor === s.tensor)
          .flatMap((g) => [g.statement, ...g.steps.map((t) => t.statement)]),
      ],
    ]),
  );
  const needed = new Set<string>();
  const visit = (tensor: string): void => {
    if (needed.has(tensor)) return;
    needed.add(tensor);
    for (const s of bodies.get(tensor) ?? []) for (const read of tensorsIn(s.body)) visit(read);
  };
  for (const g of derived.gradients) if (g.of === of) visit(g.tensor);
  return needed;
}

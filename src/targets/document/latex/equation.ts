/** Statements and steps as displayed equations. */
import type { Step } from "../steps.js";
import * as build from "../../../notation/construct.js";
import type { Condition, Expression, Reduction } from "../../../notation/expression.js";
import * as integer from "../../../notation/integer.js";
import type { Atom, Int } from "../../../notation/integer.js";
import type { Statement } from "../../../notation/layer.js";
import { rewrite } from "../../../notation/traverse.js";
import type { GemmPattern } from "../../../patterns/pattern.js";
import type { Phase } from "../../../patterns/readings.js";
import {
  derivativeOf,
  partial,
  signedTerms,
  texBinders,
  texCases,
  texIn,
  texRead,
  type TexContext,
} from "./expressions.js";
import { texInt } from "./integers.js";
import { brokenProduct, filled, room } from "./lines.js";
import { texName, texTensor } from "./names.js";
import { widthOf } from "./width.js";
import { liveTapsTex } from "../taps.js";

export const texStatement = (statement: Statement, context: TexContext): string =>
  equation(statement, [rightSide(statement, context)], context);

/** The step as a paper would write it. */
export function texStep(step: Step, context: TexContext): string {
  const { statement } = step;
  const within = inside(statement, context);
  if (step.matrices) return texMatrixForm(statement, step.matrices, context);
  if (step.phases) return texPhases(statement, step.phases, context);
  if (step.exchanged) return texExchanged(statement, step.exchanged, context);
  const spelled = step.explicit ? { ...context, layer: undefined } : context;
  const right = rightSide(statement, spelled);
  if (step.rule === "chain rule") {
    const symbols = chainInSymbols(statement, within);
    return equation(statement, symbols === undefined ? [right] : [[symbols], right], context);
  }
  const found = (step.solved ?? []).filter(({ name, value }) => integer.plainVariable(value) !== name);
  const order = [...within.order, ...bindersIn(statement.body)];
  const definitions = (step.because ?? []).map((s) => texStatement(s, context));
  const values = [...new Set(found.map(({ name, value }) => `${texName(name)} = ${texInt(value, order)}`))];
  const zeros = (step.vanishing ?? []).map((e) => `${texIn(e, within)} = 0`);
  const reasons = zeros.length > 0 ? ` \\text{, so } ${zeros.join(",\\ ")}` : "";
  const notes = [
    ...(definitions.length > 0 ? [`\\text{since } ${definitions.join(",\\ ")}${reasons}`] : []),
    ...(values.length > 0 && values.length <= 8 ? [`\\text{with } ${values.join(",\\ ")}`] : []),
  ];
  return equation(statement, [right], context, ...notes);
}

const inside = (statement: Statement, context: TexContext): TexContext => ({
  ...context,
  order: statement.indices.map((i) => i.name),
});
function bindersIn(e: Expression): readonly string[] {
  return e.kind === "reduction"
    ? e.binders.map((b) => b.name)
    : e.kind === "add"
      ? e.terms.flatMap(bindersIn)
      : [];
}

/** left = right, each right-hand side a list of lines. */
function equation(
  statement: Statement,
  sides: readonly (readonly string[])[],
  context: TexContext,
  ...notes: readonly string[]
): string {
  const left = texRead(statement, inside(statement, context));
  const [only] = sides;
  if (sides.length === 1 && only?.length === 1 && notes.length === 0) return `${left} = ${only[0]}`;
  const lines = sides.flatMap((side, at) =>
    side.map((line, row) => (row > 0 ? `&\\quad ${line}` : `${at === 0 ? left : ""} &= ${line}`)),
  );
  lines.push(...notes.map((note) => `&\\quad ${note}`));
  return `\\begin{aligned} ${lines.join(" \\\\ ")} \\end{aligned}`;
}

/** In lines, where it is long. */
function rightSide(statement: Statement, context: TexContext): readonly string[] {
  const within = inside(statement, context);
  const { body } = statement;
  if (body.kind === "select") return [texCases(body, within)];
  const whole = texIn(body, within);
  if (widthOf(whole) <= room) return [whole];
  if (body.kind === "add") return filled(signedTerms(body.terms, within));
  const long = body.kind === "multiply" ? body.factors.find((f) => f.kind === "add") : undefined;
  if (body.kind !== "multiply" || long?.kind !== "add") return brokenProduct(whole);
  const others = build.multiply(...body.factors.filter((f) => f !== long));
  const [first = "", ...rest] = filled(signedTerms(long.terms, within));
  const [last = ""] = rest.splice(-1, 1);
  if (last === "") return [whole];
  // brackets over several lines: of one size, and no pair within a line
  return [`${texIn(others, within)} \\Bigl( ${first}`, ...rest, `${last} \\Bigr)`];
}

/** Σ_α ∂L/∂y_α · ∂y_α/∂x_m for each term Σ_α dy[α]·(…) of the chain rule's formula. */
function chainInSymbols(statement: Statement, context: TexContext): string | undefined {
  const { body } = statement;
  const of = derivativeOf(statement.tensor, context) ?? statement.tensor;
  const by = texTensor(
    of,
    statement.subscripts.map((s) => texInt(s, context.order)),
  );
  const terms = (body.kind === "add" ? body.terms : [body]).map((term) => symbolsOf(term, by, context));
  return terms.every((t) => t !== undefined) ? terms.join(" + ") : undefined;
}
function symbolsOf(term: Expression, by: string, context: TexContext): string | undefined {
  const [sum, body]: [Reduction | undefined, Expression] =
    term.kind === "reduction" ? [term, term.body] : [undefined, term];
  const order = [...context.order, ...(sum?.binders.map((b) => b.name) ?? [])];
  const within = { ...context, order };
  const factors = body.kind === "multiply" ? body.factors : [body];
  const cotangent = factors.find((f) => f.kind === "read" && derivativeOf(f.tensor, context) !== undefined);
  if (cotangent?.kind !== "read") return undefined;
  const read = texTensor(
    derivativeOf(cotangent.tensor, context) ?? cotangent.tensor,
    cotangent.subscripts.map((s) => texInt(s, order)),
  );
  const head = sum ? `${texBinders(sum, context)} ` : "";
  return `${head}${texRead(cotangent, within)} ${partial(read, by)}`;
}

/** With h = stride·h' + φ put in: for each phase φ those taps count whose quotient is whole. */
function texPhases(statement: Statement, phases: readonly Phase[], context: TexContext): string {
  const names = phases.map((phase, at) => ({ ...phase, ...namesOfPhase(phase.index, at) }));
  const split = (value: Int): Int =>
    integer.mapAtoms(value, (atom) => {
      const phase = names.find(({ index, stride }) => isOf(atom, index, stride));
      if (!phase) return undefined;
      if (atom.kind === "floor") return integer.variable(phase.quotient);
      return atom.kind === "modulo" ? integer.variable(phase.remainder) : undefined;
    });
  const by = new Map(
    names.map(({ index, stride, quotient, remainder }) => [
      index,
      integer.plus(integer.times(stride, integer.variable(quotient)), integer.variable(remainder)),
    ]),
  );
  const indices = statement.indices.flatMap((i) => {
    const phase = names.find(({ index }) => index === i.name);
    return phase ? [phase.quotient, phase.remainder].map((name) => ({ ...i, name })) : [i];
  });
  const whole = new Map<string, Condition>();
  const body = rewrite(
    statement.body,
    (e) => e,
    (value) => {
      const result = split(value);
      integer.eachAtom(result, (atom) => {
        if (atom.kind === "exact")
          whole.set(integer.atomKey(atom), build.divides(atom.denominator, atom.numerator));
      });
      return result;
    },
  );
  const guarded =
    body.kind === "reduction" ? { ...body, guard: build.and(body.guard, ...whole.values()) } : body;
  const subscripts = statement.subscripts.map((s) => integer.substituteInt(s, by));
  const told = names.map(({ remainder, stride }) => `0 \\le ${texName(remainder)} < ${texInt(stride, [])}`);
  const phased = { ...statement, indices, subscripts, body: guarded };
  const right = rightSide(phased, { ...context, layer: undefined });
  const live = liveTapsTex(names);
  return equation(phased, [right], context, `\\text{for } ${told.join(",\\ ")}`, ...live);
}
const isOf = (atom: Atom, index: string, stride: Int): boolean => {
  if (atom.kind !== "floor" && atom.kind !== "modulo") return false;
  const [value, divisor] = integer.atomParts(atom);
  return (
    value !== undefined &&
    divisor !== undefined &&
    integer.plainVariable(value) === index &&
    integer.equal(divisor, stride)
  );
};
const namesOfPhase = (index: string, at: number): { quotient: string; remainder: string } => ({
  quotient: `${index}'`,
  remainder: ["φ", "ψ", "χ"][at] ?? `φ_${at}`,
});

/** ∂L/∂w = xᵀ · ∂L/∂z. */
function texMatrixForm(statement: Statement, m: GemmPattern, context: TexContext): string {
  const side = (name: string, transposed: boolean): string => {
    const matrix = texMatrix(name, context);
    const tall = derivativeOf(name, context) !== undefined;
    return transposed ? `${tall ? `\\left(${matrix}\\right)` : matrix}^{\\top}` : matrix;
  };
  const product = `${side(m.left, m.transposeLeft)} \\cdot ${side(m.right, m.transposeRight)}`;
  const { body } = statement;
  const others =
    body.kind === "add"
      ? body.terms.filter((t) => t.kind === "read").map((t) => texMatrix(t.tensor, context))
      : [];
  return `${texMatrix(statement.tensor, context)} = ${[product, ...others].join(" + ")}`;
}
function texMatrix(name: string, context: TexContext): string {
  const bold = (tensor: string): string =>
    `\\mathbf{${texTensor(tensor, []).replace(/^\\mathrm\{(\w+)\}/u, "$1")}}`;
  const of = derivativeOf(name, context);
  return of === undefined ? bold(name) : partial("L", bold(of));
}

/** The formula over tensors with their first two axes exchanged, and what these are. */
function texExchanged(statement: Statement, tensors: readonly string[], context: TexContext): string {
  const letters = new Map(
    tensors.map((name) => [
      name,
      `\\tilde{${context.derivatives.has(name) ? "\\delta" : texTensor(name, [])}}`,
    ]),
  );
  const right = rightSide(statement, { ...context, exchanged: letters });
  const axes = ["i", "j", "\\ldots"];
  const told = [...letters].map(([name, letter]) => {
    const of = context.derivatives.get(name);
    const plain = texTensor(of ?? name, axes);
    return `${letter}_{j,i,\\ldots} = ${of === undefined ? plain : partial("L", plain)}`;
  });
  return equation(statement, [right], context, `\\text{with } ${told.join(",\\ ")}`);
}

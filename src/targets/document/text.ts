/** A derivation for a terminal. */
import { splitAtLineEnds } from "../../notation/line-ends.js";
import { describePattern } from "../../patterns/describe.js";
import type { Derivation, DerivedFormula, Formula, Spelled, StepFormula } from "./derivation.js";
import { jacobianLines, jacobianTitle } from "./jacobian.js";
import { derivationsOf, listParams, singularText, titleOf } from "./outline.js";
import { wrapFormula, wrapRemark } from "./wrap.js";

/** How the parts of the text are set off; each the identity where there are no colours. */
export interface Style {
  readonly heading: (text: string) => string;
  readonly note: (text: string) => string;
  readonly result: (text: string) => string;
}
const plain: Style = { heading: String, note: String, result: String };

/** @param width in columns */
export function toText(derivation: Derivation, width: number, style: Style = plain): string {
  const { layer, documentation, sizes, params, saved, claims } = derivation;
  const formula = (text: string, indent = 2): string => wrapFormula(text, width, indent);
  const pattern = (told: Pick<DerivedFormula, "pattern">): string[] =>
    told.pattern ? remark(describePattern(told.pattern), 2) : [];
  const remark = (text: string, indent: number): string[] => wrapRemark(text, width, indent).map(style.note);
  const notes = (step: StepFormula | undefined, indent: number): string[] =>
    (step?.notes ?? []).flatMap((note) => remark(note, indent));
  const section = (title: string, definitions: readonly Spelled[], told: readonly Formula[]): string =>
    [
      style.heading(title),
      ...definitions.map((d) => formula(d.formula)),
      ...told.flatMap((t) => [...pattern(t), formula(t.formula)]),
    ].join("\n");
  const facts = [
    ...(sizes.length > 0 ? [["sizes", sizes.join(", ")]] : []),
    ...(Object.keys(params).length > 0 ? [["params", listParams(params)]] : []),
    ...(saved.length > 0 ? [["saved", saved.join(", ")]] : []),
  ];
  /** The steps in order; those that only read the result in another way follow it. */
  const gradient = (told: DerivedFormula): string => {
    const { formula: result, steps } = told;
    const singular = singularText(told, (condition) => condition.formula);
    const at = steps.findIndex((step) => step.formula === result);
    const before = at < 0 ? steps : steps.slice(0, at);
    const after = at < 0 ? [] : steps.slice(at + 1).filter((step) => step.formula !== result);
    const spell = (step: (typeof steps)[number]): string[] => [
      style.note(`  by ${step.rule}:`),
      ...notes(step, 4),
      formula(step.formula, 4),
    ];
    return [
      style.heading(titleOf(told)),
      ...before.flatMap(spell),
      ...(steps.length > 0 ? [style.note(at < 0 ? "  result:" : `  by ${steps[at]?.rule}:`)] : []),
      ...notes(steps[at], 2),
      ...pattern(told),
      style.result(formula(result)),
      ...(singular === undefined ? [] : remark(singular, 2)),
      ...after.flatMap(spell),
    ].join("\n");
  };
  const blocks = [
    [
      style.heading(layer),
      ...splitAtLineEnds(documentation)
        .filter(Boolean)
        .map((line) => `  ${line}`),
    ].join("\n"),
    facts.map(([name, value]) => `  ${style.note(`${name}:`.padEnd(8))}${value}`).join("\n"),
    section("Forward", derivation.definitions, derivation.forward),
    ...(derivation.shared.length > 0 ? [section("Shared by the gradients", [], derivation.shared)] : []),
    ...(derivation.mentioned.length > 0
      ? [section("Called by the steps alone", derivation.mentioned, [])]
      : []),
    ...derivationsOf(derivation).map(gradient),
  ];
  if (derivation.jacobian) {
    const { jacobian } = derivation;
    blocks.push(
      [
        style.heading(jacobianTitle(jacobian)),
        style.note(`  # at ${listParams(jacobian.sizes)}`),
        ...jacobianLines(jacobian, width),
      ].join("\n"),
    );
  }
  if (claims.length > 0)
    blocks.push(
      [style.heading("Claims"), ...claims.map((c) => `  line ${c.line}: ${c.tensor} ${c.verdict}`)].join(
        "\n",
      ),
    );
  return blocks.join("\n\n");
}

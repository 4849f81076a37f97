/** Helpers made of the formulas of functions' records, and the text of all that a shader carries. */
import { realText } from "../code/expressions.js";
import { madeBy, withNeeds } from "../code/helpers.js";
import type { Lines } from "../code/lines.js";
import { makeScope } from "../code/scope.js";
import { functionLines, helperNames, helpers, lanesLines, type Helper, type HelperName } from "./helpers.js";
import { wgslIn, type Helpers } from "./words.js";

/** Of the made ones those that any record asks for; no others are needed. */
type Table = Readonly<Record<HelperName, Helper<HelperName>>>;

/** The helpers used and those that they need, always in one order; those of `fours` for vectors as well. */
export function helperLines(used: ReadonlySet<HelperName>, fours: ReadonlySet<HelperName>): readonly Lines[] {
  const table = { ...helpers, ...madeHelpers() } as Table;
  return withNeeds(table, [...used, ...fours]).flatMap((name) => [
    functionLines(name, table[name]),
    ...(fours.has(name) ? [lanesLines(name, table[name])] : []),
  ]);
}

const madeHelpers = madeBy("wgsl", ({ as, says, parameters, formula }): Helper<HelperName> => {
  const scope = makeScope(helperNames);
  parameters.forEach((name) => scope.reserveValue(name));
  const needs: Helpers = { ones: new Set(), fours: new Set(), combinations: new Set(), numbers: new Set() };
  const nothing = new Set<string>();
  const around = { outside: nothing, integerTensors: nothing, natural: nothing, kernel: {} };
  const body = [`return ${realText(formula, wgslIn(scope, around, needs))};`];
  const takes = Object.fromEntries(parameters.map((name) => [name, "f32"] as const));
  return { says, as, parameters: takes, result: "f32", body, needs: [...needs.ones] };
});

/** Helpers made of the formulas of functions' records, and the sources of all that a file carries. */
import { realText } from "../code/expressions.js";
import { madeBy, withNeeds, type Helper } from "../code/helpers.js";
import { makeScope } from "../code/scope.js";
import { helperNames, helpers, type HelperName } from "./helpers.js";
import { typeScriptIn } from "./words.js";

/** Of the made ones those that any record asks for; no others are needed. */
type Table = Readonly<Record<HelperName, Helper<HelperName>>>;

/** The sources of the helpers used and of those that they need, always in one order. */
export function helperSources(used: ReadonlySet<HelperName>): readonly string[] {
  const table = { ...helpers, ...madeHelpers() } as Table;
  return withNeeds(table, used).map((name) => table[name].source);
}

const madeHelpers = madeBy("typescript", ({ as, says, parameters, formula }): Helper<HelperName> => {
  const scope = makeScope(helperNames);
  parameters.forEach((name) => scope.reserveValue(name));
  const needs = new Set<HelperName>();
  const body = realText(formula, typeScriptIn(scope, needs));
  const takes = parameters.map((name) => `${name}: number`).join(", ");
  const source = `/** ${says} */\nfunction ${as}(${takes}): number {\nreturn ${body};\n}`;
  return { source, needs: [...needs] };
});

/** What stands above a layer's exported function: what the layer is, and its formulas. */
import { printExpression, printInt, printStatement } from "../../language/print.js";
import { commentLines } from "../../notation/line-ends.js";
import type { Layer } from "../../notation/layer.js";

/** The lines of the comment, without its stars. */
export function layerDoc(layer: Layer): readonly string[] {
  const formulas = [
    ...layer.derived.map(({ name, value }) => `${name} = ${printInt(value)}`),
    ...layer.constants.map(({ name, value }) => `${name} = ${printExpression(value, layer)}`),
    ...layer.statements.map((statement) => printStatement(statement, layer)),
  ];
  const words = commentLines(layer.documentation || `The layer ${layer.name}.`);
  if (formulas.length === 0) return words;
  return [...words, "", "```layer", ...formulas.flatMap(commentLines), "```"];
}

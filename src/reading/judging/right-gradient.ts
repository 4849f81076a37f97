/** The gradient of a tensor as it is derived: what is shown beside a claim that is refuted. */
import { withGuardsApart } from "../../calculus/guards-apart.js";
import { printStatement } from "../../language/print.js";
import type { Layer, Statement } from "../../notation/layer.js";
import { tensorsIn } from "../../notation/traverse.js";
import { checked } from "./judge.js";

/** The formula of a gradient, `dw`, with the intermediates that it is written with, one a line. */
export function gradientFormula(layerText: string, tensor: string): string | undefined {
  const { derived } = checked(layerText);
  const found = [...derived.gradients, ...derived.intermediates].find((one) => one.tensor === tensor);
  if (!found) return undefined;
  const layer: Layer = { ...derived.layer, tensors: derived.tensors };
  const needed: Statement[] = [];
  const add = (statement: Statement): void => {
    for (const read of tensorsIn(statement.body)) {
      const shared = derived.backward.find((one) => one.tensor === read && one !== statement);
      if (shared && !needed.includes(shared)) add(shared);
    }
    needed.push(statement);
  };
  add(found.statement);
  return needed.map((one) => printStatement(withGuardsApart(one, layer), layer)).join("\n");
}

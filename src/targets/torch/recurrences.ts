/** A recurrence as a Python loop: each step computes its slices as tensor operations, and puts them into the whole tensors. */
import { minus, one, plainVariable } from "../../notation/integer.js";
import type { Statement } from "../../notation/layer.js";
import { knownOrder } from "../../kernels/recurrences/segments.js";
import { layerInStep, still } from "../../kernels/recurrences/still.js";
import { unified } from "../../kernels/recurrences/unified.js";
import { freshNames } from "../../notation/fresh.js";
import { scopeOf } from "../../patterns/scope.js";
import { layerFacts, withTensors } from "../../ranges/facts.js";
import { tensorIn, type Context } from "./context.js";
import { sizeText } from "./integers.js";
import { writeStatement } from "./statements.js";
import { tuple } from "./text.js";

/** @param told writes what stands above a statement; @param taken names of sizes, params and the like */
export function writeRecurrence(
  group: readonly Statement[],
  around: Context,
  taken: readonly string[],
  told: (s: Statement) => void,
): void {
  const { writer, tensors } = around;
  const { steps, statements } = unified(group, knownOrder(group, around.facts), taken);
  const names = freshNames(tensors.keys());
  const inside = still({ steps, statements }, tensors, (t) => names.tensor(`${t}_step`), { anywhere: true });
  const layer = layerInStep(around.layer, steps);
  const all = [...inside.shapes.values()];
  const context: Context = {
    ...around,
    layer,
    tensors: inside.shapes,
    facts: withTensors(layerFacts(layer), all),
    scope: scopeOf({ ...layer, tensors: all }),
  };
  for (const { tensor } of group) {
    const shape = tuple(tensorIn(around, tensor).shape.map((e) => sizeText(e, writer)));
    writer.lines.push(
      `${writer.scope.tensor(tensor)} = torch.zeros(${shape}, dtype=${writer.word("dtype")}, device=${writer.word("device")})`,
    );
  }
  const start = writer.lines.length;
  for (const [i, s] of inside.statements.entries()) {
    const whole = statements[i]!;
    writer.newBlock();
    told(group[i]!);
    const before = writer.lines.length;
    writeStatement(s, context);
    const at = whole.subscripts.map((v) => {
      const name = plainVariable(v);
      return name !== undefined && steps.some((step) => step.index === name) ? writer.scope.value(name) : ":";
    });
    // the last axes need no mark
    while (at.at(-1) === ":") at.pop();
    const place = tuple(at.map((a) => (a === ":" ? "slice(None)" : a)));
    const [own, step] = [whole.tensor, s.tensor].map((t) => writer.scope.tensor(t));
    writer.lines.push(`${own} = ${writer.need("_put")}(${own}, ${place}, ${step})`);
    const shorter = steps.flatMap((step) => {
      const extent = whole.indices.find((index) => index.name === step.index)?.extent;
      return extent && extent !== step.extent && sizeText(extent, writer) !== sizeText(step.extent, writer)
        ? [`${writer.scope.value(step.index)} < ${sizeText(extent, writer)}`]
        : [];
    });
    if (shorter.length > 0) {
      const lines = writer.lines.splice(before).map((line) => `    ${line}`);
      writer.lines.push(`if ${shorter.join(" and ")}:`, ...lines);
    }
  }
  const body = writer.lines.splice(start);
  const heads = steps.map(({ index, extent, direction }) => {
    const range =
      direction === "up" ? sizeText(extent, writer) : `${sizeText(minus(extent, one), writer)}, -1, -1`;
    return `for ${writer.scope.value(index)} in range(${range}):`;
  });
  heads.forEach((head, depth) => writer.lines.push("    ".repeat(depth) + head));
  writer.lines.push(...body.map((line) => "    ".repeat(heads.length) + line));
  writer.newBlock();
}

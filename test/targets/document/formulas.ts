/** A derivation's formulas put back together as a layer: what they say can then be evaluated. */
import { printLayer } from "../../../src/language/print.js";
import { cotangentName, type Layer, type Statement, type Tensor } from "../../../src/notation/layer.js";
import { tensorsIn } from "../../../src/notation/traverse.js";
import type { Compiled } from "../../../src/pipeline.js";
import { describe, type DescribeOptions } from "../../../src/targets/document/derivation.js";
import { closed } from "../../verify/support.js";

export interface Told {
  readonly layer: Layer;
  /** The tensors that hold the value of each step of a derivation, in order; the result is the last one. */
  readonly steps: ReadonlyMap<string, readonly { readonly rule: string; readonly tensor: string }[]>;
}

/**
 * The layer with its cotangents given, all formulas parsed back, and a tensor for each step.
 * @param change plants a mistake
 */
export function told(
  { derived }: Pick<Compiled, "derived">,
  options: DescribeOptions = { steps: "all" },
  change: (formula: string, tensor: string) => string = (formula) => formula,
): Told {
  const document = describe(derived.layer, derived, options);
  const shapes = new Map(derived.tensors.map((t) => [t.name, t.shape]));
  for (const { tensor, of } of derived.intermediates) shapes.set(tensor, shapes.get(of) ?? []);
  const local = (name: string, like: string): Tensor => ({
    name,
    role: "local",
    type: "real",
    shape: shapes.get(like) ?? [],
  });
  const helpers = new Set(derived.layer.claimHelpers.map((s) => s.tensor));
  const declaredTensors = derived.layer.tensors.filter((t) => !helpers.has(t.name));
  const given = declaredTensors.map((t): Tensor =>
    t.role === "input" || t.role === "weight"
      ? { ...t, role: "data" }
      : t.role === "output"
        ? { ...t, role: "local" }
        : t,
  );
  const cotangents = derived.layer.tensors
    .filter((t) => t.role === "output" && t.type === "real")
    .map((t): Tensor => ({ ...t, name: cotangentName(t.name), role: "data" }));
  const statements = inOrder([
    ...derived.layer.statements,
    ...derived.backward,
    ...derived.mentioned.filter((s) => !derived.layer.statements.includes(s)),
    ...derived.intermediates
      .map((g) => g.statement)
      .filter((s) => !derived.backward.some((b) => b.tensor === s.tensor)),
  ]);
  const texts = new Map(
    [
      ...document.forward,
      ...document.shared,
      ...document.mentioned,
      ...document.intermediates,
      ...document.gradients,
    ].map(({ tensor, formula }) => [tensor, formula]),
  );
  const steps = new Map<string, { rule: string; tensor: string }[]>();
  const extra: string[] = [];
  const defined: Tensor[] = statements.map((s) => local(s.tensor, s.tensor));
  for (const { tensor, steps: own } of [...document.intermediates, ...document.gradients]) {
    const names = own.map((step, at) => {
      const name = `step_${tensor}_${at}`;
      extra.push(change(step.formula.replace(tensor, name), name));
      defined.push({ ...local(name, tensor), role: "output" });
      return { rule: step.rule, tensor: name };
    });
    steps.set(tensor, [...names, { rule: "result", tensor }]);
  }
  const integers = new Set(derived.layer.tensors.filter((t) => t.type === "integer").map((t) => t.name));
  // what no formula needs is not told
  const isTold = (t: Tensor): boolean => t.role !== "local" || texts.has(t.name);
  const declared = [...given, ...cotangents, ...defined.filter((t) => !integers.has(t.name))].filter(isTold);
  const tensors = [...new Map(declared.map((t) => [t.name, t])).values()];
  const bare: Layer = {
    ...derived.layer,
    tensors,
    statements: [],
    claims: [],
    claimHelpers: [],
    variants: [],
    checks: [],
  };
  const formulas = statements.flatMap((s) => texts.get(s.tensor) ?? []);
  return { layer: closed([printLayer(bare), ...formulas, ...extra].join("\n"), derived.layer.name), steps };
}

/** Each statement after those that it reads, but for those that read it too. */
function inOrder(statements: readonly Statement[]): readonly Statement[] {
  const ordered = new Set<Statement>();
  const begun = new Set<Statement>();
  const visit = (statement: Statement): void => {
    if (begun.has(statement)) return;
    begun.add(statement);
    for (const name of tensorsIn(statement.body)) {
      const read = statements.find((s) => s.tensor === name);
      if (read) visit(read);
    }
    ordered.add(statement);
  };
  statements.forEach(visit);
  return [...ordered];
}

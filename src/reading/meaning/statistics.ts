/** Means and variances that a document names without writing them out: `μ[x]`, `var[x]` of a normalisation. */
import type { Formula } from "../latex/formula.js";
import type { Scope } from "../context/scope.js";
import { anonymous, type Value } from "../terms/value.js";
import { accessOf } from "./access.js";
import { minus, name, num, power } from "../terms/make.js";
import { type Tensor } from "../context/context.js";
import { Unreadable } from "../document/unreadable.js";
import type { Term } from "../terms/term.js";

const means = new Set(["μ", "mean", "Mean", "E", "avg"]);
const variances = new Set(["var", "Var", "V"]);

/** The mean or the variance of a whole tensor, as an intermediate of its own. */
export function statistic(formula: Formula & { kind: "application" }, scope: Scope): Value | undefined {
  const { of, arguments: list, at } = formula;
  const kind = means.has(of.letter) ? "mean" : variances.has(of.letter) ? "variance" : undefined;
  const [argument, ...rest] = list;
  if (!kind || !argument || rest.length > 0 || of.subs || argument.kind !== "symbol" || argument.subs)
    return undefined;
  const { tensor } = accessOf(argument, scope);
  const kept = keptAxes(tensor, scope, at);
  const shape = tensor.shape.map((extent) => scope.context.settled(extent));
  const made = kind === "mean" ? meanOf(tensor, kept, scope) : varianceOf(tensor, kept, scope);
  const first = Math.min(...kept);
  return {
    shape: shape.slice(first).map((extent, i) => (kept.includes(i + first) ? extent : num(1))),
    at: (place) => ({ kind: "read", tensor: made.id, subs: kept.map((axis) => place[axis - first]!) }),
  };
}

/** Which axes a normalisation keeps apart: channels for a batch normalisation, all but the last for one of layers. */
function keptAxes({ name: text, shape }: Tensor, { context, at }: Scope, place: number): readonly number[] {
  const title = context.titleAt(at);
  if (shape.length > 1 && /batch[\s-]*norm|\bbn\d?d?\b/iu.test(title)) return [1];
  if (shape.length > 1 && /layer[\s-]*norm/iu.test(title)) return shape.slice(0, -1).map((_, axis) => axis);
  throw new Unreadable(`over which axes the mean of ${text} is taken is not said`, place);
}

function meanOf(tensor: Tensor, kept: readonly number[], scope: Scope): Tensor {
  return defined("μ", tensor, kept, scope, (subs) => ({ kind: "read", tensor: tensor.id, subs }));
}

function varianceOf(tensor: Tensor, kept: readonly number[], scope: Scope): Tensor {
  const mean = meanOf(tensor, kept, scope);
  return defined("σ2", tensor, kept, scope, (subs) =>
    power(
      minus(
        { kind: "read", tensor: tensor.id, subs },
        { kind: "read", tensor: mean.id, subs: kept.map((axis) => subs[axis]!) },
      ),
      num(2),
    ),
  );
}

/** A mean over the axes that are not kept, declared once. */
function defined(
  text: string,
  of: Tensor,
  kept: readonly number[],
  { context, at }: Scope,
  body: (subs: readonly Term[]) => Term,
): Tensor {
  const shape = kept.map((axis) => of.shape[axis]!);
  const key = JSON.stringify(shape);
  const known = context
    .tensorsOf(text, at)
    .find(
      (tensor) => JSON.stringify(tensor.shape) === key && context.definitionsOf(tensor.id, at).length > 0,
    );
  if (known) return known;
  const tensor = context.declare({ name: text, shape, weight: false, at, declared: true });
  const subs = of.shape.map(() => anonymous());
  const binders = of.shape.flatMap((below, axis) =>
    kept.includes(axis) ? [] : [{ name: subs[axis]!, below }],
  );
  const indices = kept.map((axis) => subs[axis]!);
  const mean: Term = { kind: "reduce", op: "mean", binders, body: body(subs.map((sub) => name(sub))) };
  const formula: Formula = { kind: "text", text, at: 0 };
  context.definitions.push({
    tensor,
    left: formula,
    right: formula,
    at,
    forward: { tensor, indices, body: mean },
  });
  return tensor;
}

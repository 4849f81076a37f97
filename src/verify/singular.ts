/**
 * Elements at which a gradient is not finite because the layer says so: a condition under which it is singular holds of
 * numbers that depend on them. Where the argument of a root is 0 whatever the tensors hold (a deviation over one element),
 * every draw is such a point.
 */
import type { Singularity } from "../calculus/derivation.js";
import * as build from "../notation/construct.js";
import type { Condition, Expression } from "../notation/expression.js";
import { freshNames } from "../notation/fresh.js";
import { isDifferentiated, type Layer, type Statement, type Tensor } from "../notation/layer.js";
import { variable } from "../notation/integer.js";
import { compileLayer } from "./evaluate.js";
import { traced, tracedFrom, type Traced } from "./traced.js";
import type { Trial } from "./trial.js";

/** By tensor, row-major positions. */
export type SingularElements = ReadonlyMap<string, ReadonlySet<number>>;
export type Singular = ReadonlyMap<string, readonly Singularity[]>;

/** Those among the elements that are not finite. */
export function singularElements(
  layer: Layer,
  singular: Singular,
  { sizes, inputs, gradients }: Pick<Trial, "sizes" | "inputs" | "gradients">,
): SingularElements {
  const found = new Map<string, ReadonlySet<number>>();
  for (const { name } of layer.tensors.filter(isDifferentiated)) {
    const elements = Array.from(gradients.get(name) ?? []).flatMap((v, i) => (Number.isFinite(v) ? [] : [i]));
    const told = singular.get(name) ?? [];
    if (elements.length === 0 || told.length === 0) continue;
    const reached = elementsReached(layer, told, name, { sizes, inputs });
    found.set(name, new Set(elements.filter((i) => (reached & (1n << BigInt(i))) !== 0n)));
  }
  return found;
}

/** The elements of one tensor on which depends what is compared where a condition holds. */
function elementsReached(
  layer: Layer,
  told: readonly Singularity[],
  of: string,
  { sizes, inputs }: Pick<Trial, "sizes" | "inputs">,
): bigint {
  const fresh = freshNames(layer.tensors.map((t) => t.name));
  const statements = told.flatMap(({ condition, places }) =>
    places.map(({ indices, around }): Statement => {
      const body = around.reduceRight<Expression>(
        (inner, reduction) => ({ ...reduction, name: "sum", body: inner }),
        build.select(condition, comparedIn(condition), build.zero),
      );
      const subscripts = indices.map(({ name }) => variable(name));
      return { tensor: fresh.tensor("singular"), indices, subscripts, body };
    }),
  );
  const tensors = statements.map(({ tensor, indices }): Tensor => ({
    name: tensor,
    role: "local",
    type: "real",
    shape: indices.map(({ extent }) => extent),
  }));
  const results = compileLayer(layer, sizes, traced, { statements, tensors }).run(
    tracedFrom(of, inputs, layer),
  );
  return statements
    .flatMap(({ tensor }) => Array.from(results.get(tensor) as ArrayLike<Traced>))
    .reduce((all, { from }) => all | from, 0n);
}

const comparedIn = (condition: Condition): Expression =>
  build.add(...build.conjuncts(condition).flatMap((c) => (c.kind === "compare" ? [c.left, c.right] : [])));

/**
 * Where a claim and the gradient part. Both are linear in the cotangents: with one element of a cotangent 1 and all
 * others 0, each is the coefficient of that element. The first element whose coefficients differ is found, then the
 * term of the sum that it belongs to.
 */
import { and, equals } from "../notation/construct.js";
import type { Expression, Reduction } from "../notation/expression.js";
import { constant, variable } from "../notation/integer.js";
import { cotangentName, type Layer } from "../notation/layer.js";
import { claimLayer, differentiated, isDerived } from "./claims.js";
import { relativeError, subscriptsOf } from "./compare.js";
import { environmentOf } from "./environment.js";
import { compileLayer } from "./evaluate.js";
import { realOutputs } from "./loss.js";
import { float64 } from "./numbers.js";
import type { Trial, Values } from "./trial.js";

/** Cotangent elements tried. */
const most = 600;
const tolerance = 1e-8;

/** In words; undefined where no single element of a cotangent shows a difference. */
export function firstDifference(
  { layer, gradientLayer }: { readonly layer: Layer; readonly gradientLayer: Layer },
  trial: Trial,
  tensor: string,
  element: number,
): string | undefined {
  if (!isDerived(layer, differentiated(tensor))) return undefined;
  const claim: Side = { layer: claimLayer(layer), tensor, element, trial };
  const gradient: Side = { layer: gradientLayer, tensor: `g_${differentiated(tensor)}`, element, trial };
  const [claimed, derived] = [coefficientsOf(claim), coefficientsOf(gradient)];
  let tried = 0;
  for (const { name } of realOutputs(layer)) {
    const length = trial.cotangents.get(cotangentName(name))?.length ?? 0;
    for (let at = 0; at < length && tried < most; at++, tried++) {
      const cotangents = unit(trial.cotangents, cotangentName(name), at);
      const [a, b] = [claimed(cotangents), derived(cotangents)];
      if (relativeError(a, b, 0) <= tolerance) continue;
      const place = subscriptsOf(at, trial.shapes.get(name) ?? []).join(", ");
      const read = `${cotangentName(name)}${place === "" ? "" : `[${place}]`}`;
      const term = (side: Side): string | undefined => termOf(side, cotangents);
      return describe(a, b, read, a === 0 ? term(gradient) : term(claim));
    }
  }
  return undefined;
}

function describe(claimed: number, derived: number, read: string, term: string | undefined): string {
  const what = term === undefined ? `the term of ${read}` : `the term ${term}`;
  if (claimed === 0) return `the claim misses ${what}`;
  if (derived === 0) return `the claim has ${what}, which the gradient has not`;
  return `${what} counts ${short(claimed)} times ${read} in the claim, and ${short(derived)} times in the gradient`;
}
const short = (value: number): string => String(Number(value.toPrecision(6)));

/** A formula whose value at one element is looked at. */
interface Side {
  readonly layer: Layer;
  readonly tensor: string;
  readonly element: number;
  readonly trial: Trial;
}
function coefficientsOf({ layer, tensor, element, trial }: Side): (cotangents: Values) => number {
  const { run } = compileLayer(layer, trial.sizes, float64);
  return (cotangents) => run(new Map([...trial.inputs, ...cotangents])).get(tensor)?.[element] ?? NaN;
}
const unit = (cotangents: Values, name: string, at: number): Values =>
  new Map(
    [...cotangents].map(([other, data]) => [
      other,
      Array.from(data, (_, i) => (other === name && i === at ? 1 : 0)),
    ]),
  );

/** The values of a sum's indices at which it has its one term that does not vanish: `r = 0`. */
function termOf(side: Side, cotangents: Values): string | undefined {
  const statement = side.layer.statements.find((s) => s.tensor === side.tensor);
  const greatest = Math.max(...environmentOf(side.layer, side.trial.sizes).integers.values());
  for (const sum of statement ? sumsIn(statement.body) : []) {
    const valueWith = (body: Expression): number => {
      const statements = side.layer.statements.map((s) => (s === statement ? { ...s, body } : s));
      return coefficientsOf({ ...side, layer: { ...side.layer, statements } })(cotangents);
    };
    if (valueWith(sum) === 0) continue;
    const values = sum.binders.map(({ name }) => {
      const tried = Array.from({ length: Math.min(greatest, 32) + 1 }, (_, v) => v);
      return { name, value: tried.find((v) => valueWith(only(sum, name, v)) !== 0) };
    });
    const found = values.filter(({ value }) => value !== undefined);
    if (found.length > 0) return found.map(({ name, value }) => `${name} = ${value}`).join(", ");
  }
  return undefined;
}
const only = (sum: Reduction, name: string, value: number): Reduction => ({
  ...sum,
  guard: and(sum.guard, equals(variable(name), constant(value))),
});

/** The sums that stand outside others. */
function sumsIn(e: Expression): readonly Reduction[] {
  switch (e.kind) {
    case "reduction":
      return e.name === "sum" || e.name === "mean" ? [e] : [];
    case "add":
      return e.terms.flatMap(sumsIn);
    case "multiply":
      return e.factors.flatMap(sumsIn);
    case "select":
      return [...sumsIn(e.whenTrue), ...sumsIn(e.whenFalse)];
    case "call":
    case "constant":
    case "integer":
    case "named":
    case "pad":
    case "parameter":
    case "raise":
    case "read":
    case "stop":
      return [];
  }
}

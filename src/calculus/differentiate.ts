/** A layer to its gradients: the passes before reverse mode, reverse mode, and what is computed where. */
import { substitute, withoutHiding } from "../notation/binders.js";
import { recurrencesIn } from "../notation/components.js";
import { freshNames } from "../notation/fresh.js";
import * as integer from "../notation/integer.js";
import { indicesAt, isGiven, type Layer, type Statement, type Tensor } from "../notation/layer.js";
import * as build from "../notation/construct.js";
import type { Expression } from "../notation/expression.js";
import { keyOfExpression } from "../notation/key.js";
import { runPasses, type Pass, type Watch } from "../notation/pass.js";
import { rewrite, tensorsIn } from "../notation/traverse.js";
import {
  definitionsOf,
  fold,
  foldValues,
  valueDefinitions,
  type Definition,
} from "../algebra/definitions.js";
import { mayHaveNoPoints, mayOverflow } from "../algebra/finite.js";
import { foldProducts, productDefinitions, type ProductDefinition } from "../algebra/products.js";
import { collectTerms } from "../algebra/terms.js";
import { knownInside, knownOf, type Known } from "../algebra/real-signs.js";
import { withScans } from "../algebra/scans.js";
import { simplifySums } from "../algebra/sums.js";
import { factsInside, GrowingFacts, layerFacts, withTensors } from "../ranges/facts.js";
import type { Facts } from "../ranges/prove.js";
import { rewritten } from "../rewrite/engine.js";
import { shortForms } from "../rewrite/rules/forms.js";
import { explicitBounds } from "../ranges/bounds.js";
import { activeTensors } from "./active.js";
import type { Derived, Gradient } from "./derivation.js";
import { guardsApart } from "./guards-apart.js";
import { hoistReductions, reservedNames } from "./hoist.js";
import { reverse } from "./reverse.js";
import { splitDeep } from "./split.js";
import { singularities, singularTensors } from "./singular.js";
import { chooseSaved, recompute } from "./saved.js";

/** What reverse mode starts from: a layer, and the argmax or argmin of each max or min of it that carries a derivative. */
type Prepared = ReturnType<typeof hoistReductions>;
const ofLayer =
  (run: (layer: Layer) => Layer) =>
  (prepared: Prepared): Prepared => ({ ...prepared, layer: run(prepared.layer) });
/** What makes a layer ready for reverse mode. */
export const preparing: readonly Pass<Prepared>[] = [
  {
    name: "scan",
    says: "running products, extremes and weighted sums are recurrences, whose derivatives are as short as they are",
    run: ofLayer(scanned),
  },
  {
    name: "hoist",
    says: "a reduction stands only where its statement is linear in it; the others are statements",
    run: ({ layer }) => hoistReductions(layer),
  },
  {
    name: "bounds",
    says: "conditions say which points take part: those at which every read is in bounds",
    run: ofLayer(explicitBounds),
  },
  {
    name: "split",
    says: "no formula is so deep that its derivative would grow with its square",
    run: ofLayer(splitDeep),
  },
  { name: "simplify", says: "sums are told by their rules", run: ofLayer(simplified) },
];

export function differentiate(closed: Layer, watch?: Watch<Layer>): Derived {
  const { layer, selectors } = runPasses(preparing, { layer: closed, selectors: new Map() }, (name, made) =>
    watch?.(name, made.layer),
  );
  const { tensors, backward, gradients, intermediates } = reverse(inNamedFunctions(layer), selectors);
  const results = new Set(gradients.map((g) => g.tensor));
  const useful = neededFor(shareSums(backward, knownBy(layer, tensors), results), results);
  const called = new Set([...outputsOf(tensors), ...useful.flatMap((s) => [...tensorsIn(s.body)])]);
  const forward = neededFor(layer.statements, called);
  const derived = gradients.map((g) => finished(g, useful));
  const through = intermediates.map((g) => finished(g, useful));
  const told = new Set(
    [...forward, ...useful, ...[...derived, ...through].map((g) => g.statement)].map((s) => s.tensor),
  );
  const others = [...layer.statements, ...backward].filter((s) => !told.has(s.tensor));
  const inSteps = [...derived, ...through].flatMap((g) =>
    g.steps.flatMap((s) => [...tensorsIn(s.statement.body)]),
  );
  return {
    layer,
    tensors,
    selectors: new Set(selectors.values()),
    forward,
    backward: useful,
    gradients: derived,
    intermediates: through,
    mentioned: neededFor(others, new Set(inSteps)),
    singular: singularities(closed),
    saved: chooseSaved(layer, useful).saved,
  };
}

/**
 * What is computed where: the backward pass reads what is saved, and computes cheap values again in place of reading them.
 * The formulas that are told call both by their names.
 */
export function stored(derived: Derived): Derived {
  const { layer, tensors, gradients, backward } = derived;
  const results = new Set(gradients.map((g) => g.tensor));
  const plan = chooseSaved(layer, backward);
  const recomputed = backward.map((s): Statement => {
    const indices = new Set(s.indices.map((i) => i.name));
    return { ...s, body: withoutHiding(recompute(s.body, plan), indices) };
  });
  return {
    ...derived,
    backward: neededFor(shareSums(recomputed, knownBy(layer, tensors), results), results),
    forward: neededFor(layer.statements, new Set([...outputsOf(tensors), ...plan.saved])),
  };
}

function scanned(layer: Layer): Layer {
  const options = {
    facts: layerFacts(layer),
    known: knownOf(layer),
    fresh: freshNames(reservedNames(layer)),
    plainSums: false,
  };
  const { statements, tensors } = withScans(layer.statements, layer.tensors, options);
  return tensors.length === layer.tensors.length && statements.every((s, i) => s === layer.statements[i])
    ? layer
    : { ...layer, statements, tensors };
}

/** Running sums as recurrences: what is told stays a sum. */
export function withRunningSums(derived: Derived): Derived {
  const { layer, tensors } = derived;
  const fresh = freshNames([...reservedNames(layer), ...tensors.map((t) => t.name)]);
  const known = knownBy(layer, tensors);
  const options = { facts: known.facts, known, fresh, plainSums: true };
  const forward = withScans(derived.forward, tensors, options);
  const backward = withScans(derived.backward, forward.tensors, options);
  return {
    ...derived,
    tensors: backward.tensors,
    forward: forward.statements,
    backward: backward.statements,
  };
}

function knownBy(layer: Layer, tensors: readonly Tensor[]): Known {
  const declared = knownOf(layer);
  return knownInside(declared, withTensors(declared.facts, tensors));
}

/** The layer with the logistic function and its kin called by their names: the derivative of y = 1/(1 + e^-x) is y·(1 - y). */
const inNamedFunctions = (layer: Layer): Layer => ({
  ...layer,
  statements: layer.statements.map((s) => {
    const body = rewritten(s.body, shortForms);
    return body === s.body ? s : { ...s, body };
  }),
});

/** The gradient as it is computed, with the steps that led from the derivation to it. */
function finished(gradient: Gradient, shared: readonly Statement[]): Gradient {
  const statement = shared.find((s) => s.tensor === gradient.tensor);
  const last = gradient.steps.at(-1)?.statement;
  if (!statement || !last || keyOfExpression(last.body) === keyOfExpression(statement.body))
    return { ...gradient, statement: statement ?? gradient.statement };
  const steps = [...gradient.steps, { rule: "share what is already computed", statement } as const];
  return { ...gradient, statement, steps };
}

/**
 * Sums by their rules; conditions of integers decided where they can be. A factor that may be infinite stays in a sum that
 * may have no points, and where a derivative may be, so does what is differentiated: ∂√(w·Σ_∅ x)/∂w is 0 by its
 * terms, and ∞·0 as a product.
 */
function simplified(layer: Layer): Layer {
  const declared = knownOf(layer);
  const staying = new Set(singularTensors(layer).size > 0 ? activeTensors(layer) : []);
  const tensors = new Map(layer.tensors.map((t) => [t.name, t]));
  const growing = new GrowingFacts(declared.facts, layer.tensors);
  const statements = layer.statements.map((s): Statement => {
    const facts = inside(s, growing.facts);
    const body = simplifySums(s.body, {
      ...facts,
      unbounded: new Set([...(facts.unbounded ?? []), ...staying]),
    });
    const tensor = tensors.get(s.tensor);
    if (tensor?.type === "real" && mayHaveNoPoints(body, facts)) {
      const unbounded = { ...tensor, unbounded: true };
      tensors.set(s.tensor, unbounded);
      growing.take(unbounded);
    }
    if (mayOverflow(body, knownInside(declared, facts))) staying.add(s.tensor);
    return { ...s, body };
  });
  return { ...layer, statements, tensors: [...tensors.values()] };
}
const inside = (s: Statement, facts: Facts): Facts => factsInside(facts, s.indices);

/** What an earlier statement has computed is read from there; what turned out to be zero is zero wherever it is read. */
function shareSums(
  statements: readonly Statement[],
  declared: Known,
  results: ReadonlySet<string>,
): readonly Statement[] {
  const known: Definition[] = [];
  const products: ProductDefinition[] = [];
  const values: Statement[] = [];
  /** What is 0, or is another tensor, wherever it is read. */
  const plain: Statement[] = [];
  const recurrences = recurrencesIn(statements);
  /** In a recurrence a value may be read only where it has been computed: its own statements do without its definitions. */
  let own: Statement[] = [];
  const learn = (done: readonly Statement[]): void => {
    known.push(...definitionsOf(done, declared));
    products.push(...productDefinitions(done));
    values.push(...valueDefinitions(done));
  };
  return statements.map((s) => {
    const group = recurrences.get(s.tensor);
    if (own[0] && recurrences.get(own[0].tensor) !== group) {
      learn(own);
      own = [];
    }
    const here = inside(s, declared.facts);
    const simple = collectTerms(simplifySums(writtenOut(s.body, plain), here), here);
    const folded = fold(foldProducts(foldValues(simple, values, here), products, here), known, here);
    const body = rewritten(folded, shortForms);
    const shared = { ...s, body };
    // a result is not read by another: one gradient alone has no place for it
    if (results.has(s.tensor)) return shared;
    if (build.isConstant(body, 0) || (body.kind === "read" && !group)) plain.push(shared);
    if (group) own.push(shared);
    else learn([shared]);
    return shared;
  });
}
/** These definitions in place of what reads them. */
function writtenOut(e: Expression, definitions: readonly Statement[]): Expression {
  if (definitions.length === 0) return e;
  return rewrite(e, (part) => {
    const found = part.kind === "read" ? definitions.find((s) => s.tensor === part.tensor) : undefined;
    return found && part.kind === "read" ? substitute(found.body, indicesAt(found, part.subscripts)) : part;
  });
}

const outputsOf = (tensors: readonly Tensor[]): readonly string[] =>
  tensors.filter((t) => t.role === "output").map((t) => t.name);

/** The statements that the results depend on, in order. */
export function neededFor(
  statements: readonly Statement[],
  results: ReadonlySet<string>,
): readonly Statement[] {
  const definitions = new Map(statements.map((s) => [s.tensor, s]));
  const needed = new Set(results);
  // a set grows while it is walked
  for (const name of needed)
    for (const read of tensorsIn(definitions.get(name)?.body ?? build.zero)) needed.add(read);
  return statements.filter((s) => needed.has(s.tensor));
}

/**
 * The gradients as a layer of their own: its inputs are the layer's and the cotangents, its outputs `g_x`.
 * It can be printed, parsed back, evaluated and differentiated again.
 */
export function gradientLayer(derived: Derived): Layer {
  const results = new Map(derived.gradients.map((g) => [g.tensor, `g_${g.of}`]));
  // a gradient differentiated again has a g_x of its own already
  const fresh = freshNames([...derived.tensors.map((t) => t.name), ...results.values()]);
  const taken = new Set(results.values());
  const moved = derived.tensors
    .filter((t) => taken.has(t.name))
    .map((t) => [t.name, fresh.tensor(t.name)] as const);
  const renamed = new Map([...results, ...moved]);
  const nameOf = (name: string): string => renamed.get(name) ?? name;
  const statements = neededFor(
    [...derived.forward, ...derived.backward].map((s) => renameTensors(s, nameOf)),
    new Set(results.values()),
  );
  const used = new Set(statements.flatMap((s) => [s.tensor, ...tensorsIn(s.body)]));
  const tensors = derived.tensors.flatMap((t): readonly Tensor[] => {
    const named = { ...t, name: nameOf(t.name) };
    if (isGiven(t)) return [named];
    if (t.role === "cotangent") return [{ ...named, role: "input" }];
    if (t.role === "gradient") return [{ ...named, role: "output" }];
    return used.has(named.name) ? [{ ...named, role: "local" }] : [];
  });
  return guardsApart({
    ...derived.layer,
    name: `${derived.layer.name}_gradient`,
    tensors,
    statements,
    claims: [],
    claimHelpers: [],
    variants: [],
  });
}

function renameTensors(s: Statement, nameOf: (name: string) => string): Statement {
  const body = rewrite(
    s.body,
    (e) => (e.kind === "read" ? { ...e, tensor: nameOf(e.tensor) } : e),
    (value) =>
      integer.mapAtoms(value, (atom) =>
        atom.kind === "element" ? integer.element(nameOf(atom.tensor), atom.subscripts) : undefined,
      ),
  );
  return { ...s, tensor: nameOf(s.tensor), body };
}

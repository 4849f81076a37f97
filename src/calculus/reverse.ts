/**
 * Reverse mode over statements: dX[m] = Σ over every read X[f] of Σ_{points with f = m} dT · ∂T/∂X[f],
 * first written with the indicator as the papers do, then solved to a gather, then simplified.
 */
import { pruneBranches, restrictSums, supportsOf, type Supports } from "../algebra/branches.js";
import { definitionsOf, fold } from "../algebra/definitions.js";
import { expandProducts, foldProducts, productDefinitions } from "../algebra/products.js";
import { collectTerms } from "../algebra/terms.js";
import { simplifySums, splitSums, sum } from "../algebra/sums.js";
import * as build from "../notation/construct.js";
import type { Expression } from "../notation/expression.js";
import { freshNames, type Fresh } from "../notation/fresh.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { keyOfExpression } from "../notation/key.js";
import {
  cotangentName,
  isDifferentiated,
  type Index,
  type Layer,
  type Statement,
  type Tensor,
} from "../notation/layer.js";
import {
  countNodes,
  holdsReduction,
  mapChildren,
  namesIn,
  rewrite,
  substitute,
  substituteCondition,
  tensorsIn,
} from "../notation/traverse.js";
import { factsInside, layerFacts } from "../ranges/facts.js";
import { reservedWords } from "../language/names.js";
import type { Facts } from "../ranges/prove.js";
import { contributionsOf, type Contribution } from "./adjoint.js";
import type { DerivationStep, Gradient } from "./derivation.js";
import { reservedNames } from "./hoist.js";
import { targetIndices } from "./indices.js";
import { solve } from "./solve.js";

export interface Reversed {
  readonly tensors: readonly Tensor[];
  readonly backward: readonly Statement[];
  readonly gradients: readonly Gradient[];
}

/** Small enough to be written out where it is used instead of stored. */
const inlineLimit = 40;

/** `layer` has explicit bounds and hoisted reductions; `selectors` names the argmax of each max. */
export function reverse(layer: Layer, selectors: ReadonlyMap<string, string>): Reversed {
  const pass = new Reverse(layer, selectors);
  for (const statement of [...layer.statements].reverse()) pass.visit(statement);
  for (const tensor of layer.tensors) if (isDifferentiated(tensor)) pass.finish(tensor);
  return { tensors: pass.tensors, backward: pass.backward, gradients: pass.gradients };
}

/** The derivative of the loss with respect to a tensor, as a function of its indices. */
interface Adjoint {
  readonly indices: readonly Index[];
  readonly body: Expression;
}

class Reverse {
  readonly tensors: Tensor[];
  readonly backward: Statement[] = [];
  readonly gradients: Gradient[] = [];
  private readonly pending = new Map<string, Contribution[]>();
  private readonly active: ReadonlySet<string>;
  private readonly facts: Facts;
  private readonly fresh: Fresh;
  private readonly reserved: ReadonlySet<string>;
  private readonly selectors: ReadonlyMap<string, string>;
  private readonly definitions: ReturnType<typeof definitionsOf>;
  private readonly supports: Supports;
  private readonly products: ReturnType<typeof productDefinitions>;

  constructor(layer: Layer, selectors: ReadonlyMap<string, string>) {
    this.selectors = selectors;
    this.facts = layerFacts(layer);
    this.fresh = freshNames(reservedNames(layer));
    this.reserved = new Set([
      ...reservedWords,
      ...layer.sizes,
      ...[...layer.params, ...layer.derived, ...layer.constants].map((named) => named.name),
      ...layer.tensors.filter((t) => t.shape.length === 0).map((t) => t.name),
    ]);
    this.active = activeTensors(layer);
    this.definitions = definitionsOf(layer.statements);
    this.products = productDefinitions(layer.statements);
    this.supports = supportsOf(layer.statements);
    const cotangents = layer.tensors
      .filter((t) => t.role === "output" && t.type === "real")
      .map((t): Tensor => ({ ...t, name: cotangentName(t.name), role: "cotangent" }));
    this.tensors = [...layer.tensors, ...cotangents];
  }

  /** Passes the cotangent of what the statement defines on to what it reads. */
  visit(statement: Statement): void {
    const { tensor } = statement;
    if (!this.active.has(tensor)) return;
    const owner = this.tensors.find((t) => t.name === tensor);
    if (!owner) return;
    const adjoint = this.adjointOf(owner, statement);
    if (!adjoint) return;
    const { indices, body } = adjoint;
    const by = new Map(indices.map((index, i) => [index.name, statement.subscripts[i] ?? integer.zero]));
    const cotangent = substitute(body, by);
    const selector = this.selectors.get(tensor);
    const found = contributionsOf(statement, cotangent, {
      active: this.active,
      selector,
      fresh: this.fresh,
      facts: this.facts,
    });
    for (const c of found) this.pending.set(c.tensor, [...(this.pending.get(c.tensor) ?? []), c]);
  }

  /** The whole derivative with respect to an intermediate or output; stored as a statement unless small and pointwise. */
  private adjointOf(owner: Tensor, statement: Statement): Adjoint | undefined {
    const contributions = this.pending.get(owner.name) ?? [];
    const given = owner.role === "output" ? cotangentName(owner.name) : undefined;
    if (contributions.length === 0 && !given) return undefined;
    const total = this.total(owner, contributions, statement, given);
    if (build.isConstant(total.body, 0)) return undefined;
    const pointwise = !holdsReduction(total.body);
    const small = countNodes(total.body) <= inlineLimit;
    const spreads = holdsReduction(statement.body) && !isPlainProduct(total.body);
    if (pointwise && small && !spreads) return total;
    const scaled = this.storeSum(owner, total);
    if (scaled) return scaled;
    const name = this.fresh.tensor(given ? `total_${given}` : cotangentName(owner.name));
    this.tensors.push({ ...owner, name, role: "local", at: undefined });
    this.backward.push(statementOf(name, total));
    return {
      indices: total.indices,
      body: build.read(
        name,
        total.indices.map((i) => integer.variable(i.name)),
      ),
    };
  }

  /** A scaled sum a·Σ F: only the sum is stored, so that a can meet the factors of what uses it. */
  private storeSum(owner: Tensor, { indices, body }: Adjoint): Adjoint | undefined {
    if (body.kind !== "multiply") return undefined;
    const [sum, ...others] = body.factors.filter(holdsReduction);
    const scale = build.multiply(...body.factors.filter((f) => f !== sum));
    if (!sum || others.length > 0 || countNodes(scale) > 8) return undefined;
    const name = this.fresh.tensor(`sum_${cotangentName(owner.name)}`);
    this.tensors.push({ ...owner, name, role: "local", at: undefined });
    this.backward.push(statementOf(name, { indices, body: sum }));
    const read = build.read(
      name,
      indices.map((i) => integer.variable(i.name)),
    );
    return { indices, body: build.multiply(scale, read) };
  }

  /** The gradient of an input or weight. */
  finish(tensor: Tensor): void {
    const contributions = this.pending.get(tensor.name) ?? [];
    const steps: DerivationStep[] = [];
    const total = this.total(tensor, contributions, undefined, undefined, steps);
    const name = cotangentName(tensor.name);
    const statement = statementOf(name, total);
    this.tensors.push({ ...tensor, name, role: "gradient", at: undefined });
    this.backward.push(statement);
    this.gradients.push({ tensor: name, of: tensor.name, statement, steps });
  }

  private total(
    tensor: Tensor,
    contributions: readonly Contribution[],
    definition: Statement | undefined,
    given: string | undefined,
    steps: DerivationStep[] = [],
  ): Adjoint {
    const indices = targetIndices(tensor, contributions, definition, this.reserved);
    const facts = factsInside(this.facts, indices);
    const own = given
      ? [
          build.read(
            given,
            indices.map((i) => integer.variable(i.name)),
          ),
        ]
      : [];
    const name = cotangentName(tensor.name);
    const record = (rule: string, body: Expression): Expression => {
      const last = steps.at(-1);
      if (!last || keyOfExpression(last.statement.body) !== keyOfExpression(body))
        steps.push({ rule, statement: statementOf(name, { indices, body: wholeDivisions(body) }) });
      return body;
    };
    const renamed = contributions.map(renameTemporarily);
    record("chain rule", build.add(...own, ...renamed.map((c) => this.withIndicator(c, indices))));
    const solved = build.add(...own, ...renamed.map((c) => this.solved(c, indices, facts)));
    record("solve the indicator", solved);
    const restricted = restrictSums(pruneBranches(solved, facts), this.supports);
    const simplified = record("take factors out of sums", simplifySums(restricted, facts));
    const cancelled = record("terms that cancel", this.cancelled(simplified, facts, indices.length));
    const folded = fold(foldProducts(collectTerms(cancelled), this.products, facts), this.definitions);
    const final = record("use defined values", collectTerms(simplifySums(folded, facts)));
    return { indices, body: wholeDivisions(final) };
  }

  /** Σ_{scope} [f = m] · adjoint, as the papers write it. */
  private withIndicator(c: Contribution, indices: readonly Index[]): Expression {
    const equal = c.subscripts.map((s, i) => build.equals(s, integer.variable(indices[i]?.name ?? "")));
    return this.restoreNames(
      { binders: c.scope, guard: build.and(c.guard, ...equal), body: c.adjoint },
      indices,
      (solved) =>
        solved.binders.length === 0
          ? build.select(solved.guard, solved.body, build.zero)
          : build.reduction("sum", solved.binders, solved.body, solved.guard),
    );
  }

  private solved(c: Contribution, indices: readonly Index[], facts: Facts): Expression {
    const equations = c.subscripts.map((s, i) => integer.minus(s, integer.variable(indices[i]?.name ?? "")));
    const solution = solve(
      { unknowns: c.scope, equations, guard: c.guard, body: c.adjoint },
      facts,
      (base) => `${this.fresh.index(base)}~`,
    );
    return this.restoreNames(solution, indices, ({ binders, guard, body }) =>
      binders.length === 0 ? build.select(guard, body, build.zero) : sum(binders, guard, body, facts),
    );
  }

  /** Temporary names `c~` back to `c`, with primes where that is taken. */
  private restoreNames(
    solution: ReturnType<typeof solve>,
    indices: readonly Index[],
    make: (solution: ReturnType<typeof solve>) => Expression,
  ): Expression {
    const names = freshNames([...indices.map((i) => i.name), ...this.reserved, ...namesIn(solution.body)]);
    const by = new Map<string, Int>();
    const binders = solution.binders.map((b) => {
      const name = names.index(b.name.replace(/['~].*$/u, ""));
      const bound = {
        ...b,
        name,
        lower: integer.substituteInt(b.lower, by),
        upper: integer.substituteInt(b.upper, by),
      };
      by.set(b.name, integer.variable(name));
      return bound;
    });
    return make({
      binders,
      guard: substituteCondition(solution.guard, by),
      body: substitute(solution.body, by),
    });
  }

  /**
   * Terms that vanish through a definition: Σ(x - μ) = 0, and the shift of a softmax. Small stored adjoints are
   * written out, sums split and folded; kept only where everything cancels.
   */
  private cancelled(body: Expression, facts: Facts, rank: number): Expression {
    if (!holdsReduction(body) || countNodes(body) > 200) return body;
    const written = expandProducts(this.writeOut(body, rank), this.products);
    const split = (e: Expression): Expression =>
      fold(simplifySums(restrictSums(splitSums(e, facts), this.supports), facts), this.definitions);
    const whole = split(written);
    if (build.isConstant(whole, 0)) return build.zero;
    // a single term may vanish on its own
    if (body.kind !== "add") return body;
    const kept = body.terms.filter(
      (term) => !build.isConstant(split(expandProducts(this.writeOut(term, rank), this.products)), 0),
    );
    return kept.length === body.terms.length ? body : build.add(...kept);
  }

  /** Stored adjoints of no more indices than `rank`, written out. */
  private writeOut(e: Expression, rank: number): Expression {
    return rewrite(e, (part) => {
      if (part.kind !== "read") return part;
      const statement = this.backward.find((s) => s.tensor === part.tensor);
      if (!statement || statement.indices.length > rank || countNodes(statement.body) > inlineLimit)
        return part;
      const by = new Map(
        statement.indices.map((index, i) => [index.name, part.subscripts[i] ?? integer.zero]),
      );
      return substitute(statement.body, by);
    });
  }
}

/** Outside reductions a division that comes out even where it is read is written with floor. */
function wholeDivisions(e: Expression): Expression {
  if (e.kind === "reduction") return e;
  return mapChildren(e, {
    expression: wholeDivisions,
    int: (value) =>
      integer.mapAtoms(value, (atom) =>
        atom.kind === "exact" ? integer.floorDivide(atom.numerator, atom.denominator) : undefined,
      ),
  });
}

/** A product of values and whole powers of them: no more work than the product it will become part of. */
function isPlainProduct(e: Expression): boolean {
  const factors = e.kind === "multiply" ? e.factors : [e];
  return factors.every((f) => {
    const base = f.kind === "raise" && f.exponent.kind === "constant" ? f.base : f;
    return (
      base.kind === "read" || base.kind === "constant" || base.kind === "integer" || base.kind === "parameter"
    );
  });
}

/** Names of the scope that cannot meet the target's: `c` becomes `c~`. */
function renameTemporarily(c: Contribution): Contribution {
  const by = new Map(c.scope.map((b) => [b.name, integer.variable(`${b.name}~`)]));
  return {
    ...c,
    subscripts: c.subscripts.map((s) => integer.substituteInt(s, by)),
    scope: c.scope.map((b) => ({
      ...b,
      name: `${b.name}~`,
      lower: integer.substituteInt(b.lower, by),
      upper: integer.substituteInt(b.upper, by),
    })),
    guard: substituteCondition(c.guard, by),
    adjoint: substitute(c.adjoint, by),
  };
}

const statementOf = (tensor: string, { indices, body }: Adjoint): Statement => ({
  tensor,
  indices,
  subscripts: indices.map((i) => integer.variable(i.name)),
  body,
});

/** Inputs, weights and whatever real is computed from them. */
export function activeTensors(layer: Layer): Set<string> {
  const active = new Set(layer.tensors.filter(isDifferentiated).map((t) => t.name));
  const integers = new Set(layer.tensors.filter((t) => t.type === "integer").map((t) => t.name));
  for (const s of layer.statements)
    if (!integers.has(s.tensor) && [...tensorsIn(s.body)].some((name) => active.has(name)))
      active.add(s.tensor);
  return active;
}

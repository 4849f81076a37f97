/**
 * Nested reductions become statements of their own, so that the calculus meets a reduction only where the
 * statement is linear in it: `y = exp(x) / sum(exp(x))` becomes `sum_y[n] = sum[j](exp(x[n,j]))`,
 * `y[n,c] = exp(x[n,c]) / sum_y[n]`. Equal reductions share one statement. A max or min that carries
 * a derivative stands alone and gets its argmax beside it. Bounds are not explicit yet: formulas stay as they are written.
 */
import { substitute } from "../notation/binders.js";
import * as build from "../notation/construct.js";
import type { Binder, Condition, Expression, Reduction } from "../notation/expression.js";
import { freshNames, type Fresh } from "../notation/fresh.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { asWritten } from "../language/written.js";
import { keyOfExpression } from "../notation/key.js";
import {
  cotangentName,
  isDifferentiated,
  type Index,
  type Layer,
  type Statement,
  type Tensor,
} from "../notation/layer.js";
import { holdsReduction, mapChildren, namesIn, tensorsIn, tensorsInCondition } from "../notation/traverse.js";
import { recurrencesIn } from "../notation/components.js";
import { layerFacts } from "../ranges/facts.js";
import { activeTensors } from "./active.js";
import { boxExtents, fromZero, greatestOver, leastOver } from "./positions.js";
import { provesNonNegative, type Facts } from "../ranges/prove.js";

export interface Hoisted {
  readonly layer: Layer;
  /** For each tensor that is a max or min and carries a derivative: its argmax or argmin. */
  readonly selectors: ReadonlyMap<string, string>;
}

export function hoistReductions(layer: Layer): Hoisted {
  const hoist = new Hoist(layer);
  layer.statements.forEach((s) => hoist.statement(s));
  return {
    layer: { ...layer, tensors: hoist.tensors, statements: hoist.statements },
    selectors: hoist.selectors,
  };
}

class Hoist {
  readonly tensors: Tensor[];
  readonly statements: Statement[] = [];
  readonly selectors = new Map<string, string>();
  private readonly shared = new Map<string, string>();
  private readonly active: Set<string>;
  private readonly fresh: Fresh;
  private readonly facts: Facts;

  constructor(layer: Layer) {
    this.tensors = [...layer.tensors];
    const recurrent = recurrencesIn(layer.statements);
    const active = recurrent.size > 0 ? activeTensors(layer) : new Set<string>();
    this.active = new Set([
      ...layer.tensors.filter(isDifferentiated).map((t) => t.name),
      // what is read before it is defined
      ...[...recurrent.keys()].filter((name) => active.has(name)),
    ]);
    this.fresh = freshNames(reservedNames(layer));
    this.facts = layerFacts(layer);
  }

  statement(statement: Statement): void {
    const scope = scopeOf(statement);
    const body = standsAlone(statement.body)
      ? {
          ...statement.body,
          body: this.nonlinear(statement.body.body, [...scope, ...statement.body.binders], statement),
        }
      : this.linear(statement.body, scope, statement);
    const kept = body === statement.body ? statement : { ...statement, body };
    this.statements.push(kept);
    if (this.isActive(body)) this.active.add(statement.tensor);
    this.addSelector(kept);
  }

  /** The tensor of an argmax; no bound of its values may call an index of the statement by its name. */
  private positionsOf(
    statement: Statement,
    { binders }: Reduction,
    tensor: Pick<Tensor, "name" | "shape">,
  ): Tensor {
    const extents = boxExtents(binders, this.facts, [...scopeOf(statement), ...binders]);
    const bound = integer.times(integer.one, ...extents);
    return { ...tensor, role: "local", type: "integer", bound, lowest: -1 };
  }

  private isActive(e: Expression): boolean {
    return [...tensorsIn(e)].some((name) => this.active.has(name));
  }

  /** A max or min statement over active tensors gets its argmax or argmin. */
  private addSelector(statement: Statement): void {
    const { body, tensor } = statement;
    if (!isExtreme(body) || !this.isActive(body.body)) return;
    const name = this.fresh.tensor(`arg${body.name}_${tensor}`);
    const owner = this.tensors.find((t) => t.name === tensor);
    if (!owner) return;
    this.tensors.push(this.positionsOf(statement, fromZero(body), { name, shape: owner.shape }));
    const kind = body.name === "max" ? "argmax" : "argmin";
    this.statements.push({ ...statement, tensor: name, body: { ...fromZero(body), name: kind } });
    this.selectors.set(tensor, name);
  }

  /** Keeps sums where the result is linear in them; anything else goes out. */
  private linear(e: Expression, scope: readonly Binder[], owner: Statement): Expression {
    switch (e.kind) {
      case "add":
        return mapChildren(e, {
          expression: (term) => this.linear(term, scope, owner),
          construct: asWritten,
        });
      case "multiply": {
        const holding = e.factors.filter((f) => holdsReduction(f) && this.isActive(f));
        if (holding.length > 1) return this.nonlinear(e, scope, owner);
        return mapChildren(e, {
          expression: (f) =>
            f === holding[0] ? this.linear(f, scope, owner) : this.nonlinear(f, scope, owner),
          construct: asWritten,
        });
      }
      case "select":
        return mapChildren(e, {
          expression: (branch) => this.linear(branch, scope, owner),
          condition: (c) => this.condition(c, scope, owner),
          construct: asWritten,
        });
      case "reduction": {
        if (e.name !== "sum" && e.name !== "mean") return this.takeOut(e, scope, owner);
        const inner = [...scope, ...e.binders];
        const guard = this.condition(e.guard, inner, owner);
        const body = this.linear(e.body, inner, owner);
        return guard === e.guard && body === e.body ? e : { ...e, guard, body };
      }
      case "call":
      case "constant":
      case "integer":
      case "named":
      case "pad":
      case "parameter":
      case "raise":
      case "read":
      case "stop":
        return this.nonlinear(e, scope, owner);
    }
  }

  private nonlinear(e: Expression, scope: readonly Binder[], owner: Statement): Expression {
    if (e.kind === "reduction") return this.takeOut(e, scope, owner);
    return mapChildren(e, {
      expression: (part) => this.nonlinear(part, scope, owner),
      condition: (part) => this.condition(part, scope, owner),
      construct: asWritten,
    });
  }

  private condition(c: Condition, scope: readonly Binder[], owner: Statement): Condition {
    if (tensorsInCondition(c).size === 0) return c;
    const wrapped: Expression = { kind: "select", condition: c, whenTrue: build.one, whenFalse: build.zero };
    const hoisted = mapChildren(wrapped, {
      condition: (part) =>
        part.kind === "any" || part.kind === "all" ? part : this.conditionParts(part, scope, owner),
      construct: asWritten,
    });
    return hoisted.kind === "select" ? hoisted.condition : c;
  }
  private conditionParts(c: Condition, scope: readonly Binder[], owner: Statement): Condition {
    if (c.kind !== "compare") return c;
    return build.compare(
      c.operator,
      this.nonlinear(c.left, scope, owner),
      this.nonlinear(c.right, scope, owner),
    );
  }

  /** reduction ↦ a read of the statement that computes it, over the indices it depends on. */
  private takeOut(reduction: Reduction, scope: readonly Binder[], owner: Statement): Expression {
    const used = namesIn(reduction);
    const free = scope.filter((b) => used.has(b.name)).map((b) => this.fromZero(b, scope));
    const key = `${keyOver(reduction, free)} ${free.map((f) => integer.keyOf(f.least)).join()}`;
    const known = this.shared.get(key) ?? this.define(reduction, scope, free, owner);
    this.shared.set(key, known);
    return build.read(
      known,
      free.map((f) => integer.minus(integer.variable(f.name), f.least)),
    );
  }

  /** An index of the scope as an axis: name = least + 0..extent-1; at least one element, also where no point is. */
  private fromZero(b: Binder, scope: readonly Binder[]): Axis {
    const others = scope.filter((o) => o !== b);
    const upper = greatestOver(b.upper, others, this.facts);
    const lower = leastOver(b.lower, others, this.facts);
    const least = provesNonNegative(this.facts, lower) ? integer.zero : lower;
    const extent = integer.minus(upper, least);
    const some = provesNonNegative(this.facts, integer.minus(extent, integer.one));
    return { name: b.name, least, extent: some ? extent : integer.extremum("max", extent, integer.one) };
  }

  /** A new statement that computes the reduction; the tensor's name. */
  private define(
    reduction: Reduction,
    scope: readonly Binder[],
    free: readonly Axis[],
    owner: Statement,
  ): string {
    const inner = [...scope, ...reduction.binders];
    const own: Reduction = {
      ...reduction,
      body: this.nonlinear(reduction.body, inner, owner),
      guard: this.condition(reduction.guard, inner, owner),
    };
    const moved = new Map(
      free
        .filter((f) => f.least.monomials.length > 0)
        .map((f) => [f.name, integer.plus(integer.variable(f.name), f.least)]),
    );
    const tensor = this.fresh.tensor(`${reduction.name}_${owner.tensor}`);
    const body = substitute(own, moved, asWritten);
    const statement: Statement = {
      tensor,
      indices: free.map((f) => ({ name: f.name, extent: f.extent })),
      subscripts: free.map((f) => integer.variable(f.name)),
      body,
      at: owner.at,
    };
    const shape = free.map((f) => f.extent);
    this.tensors.push(
      body.kind === "reduction" && (body.name === "argmax" || body.name === "argmin")
        ? this.positionsOf(statement, body, { name: tensor, shape })
        : { name: tensor, role: "local", type: "real", shape },
    );
    this.statements.push(statement);
    if (this.isActive(statement.body)) this.active.add(tensor);
    this.addSelector(statement);
    return tensor;
  }
}

/** The indices on the left with their ranges. */
export const scopeOf = ({ indices }: Statement): readonly Binder[] =>
  indices.map((i) => ({ name: i.name, lower: integer.zero, upper: i.extent }));

/** Equal for formulas that are one but for the names of the axes that they are over. */
export const keyOver = (e: Expression, axes: readonly Index[]): string => {
  const positions = new Map(axes.map(({ name }, i) => [name, integer.variable(`@${i}`)]));
  return [keyOfExpression(substitute(e, positions)), ...axes.map((a) => integer.keyOf(a.extent))].join();
};

interface Axis {
  readonly name: string;
  readonly least: Int;
  readonly extent: Int;
}

/** A max, prod, argmax… that is the whole right-hand side needs no statement of its own. */
const standsAlone = (e: Expression): e is Reduction =>
  e.kind === "reduction" && e.name !== "sum" && e.name !== "mean";
const isExtreme = (e: Expression): e is Reduction =>
  e.kind === "reduction" && (e.name === "max" || e.name === "min");

/** Every name that a new tensor must not take. */
export function reservedNames(layer: Layer): Set<string> {
  const names = new Set<string>([...layer.sizes, "saved", ...layer.variants.map((v) => v.name)]);
  for (const list of [layer.params, layer.derived, layer.constants, layer.tensors])
    for (const { name } of list) names.add(name);
  for (const tensor of layer.tensors)
    if (isDifferentiated(tensor) || tensor.role === "output") names.add(cotangentName(tensor.name));
  for (const statement of [...layer.statements, ...layer.claimHelpers, ...layer.claims]) {
    for (const index of statement.indices) names.add(index.name);
    namesIn(statement.body, names);
  }
  return names;
}

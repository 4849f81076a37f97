/**
 * Deep formulas in named parts. A derivative is as long as the way to what it is taken by: of f(f(…f(x)…)), written out, it
 * doubles with each f that reads its argument twice, and that of a product of n factors is n products of n - 1. Of
 * parts with names, each met once, both grow with the text. What is as short as a formula that people write stays whole.
 */
import { freeNamesIn } from "../notation/binders.js";
import * as build from "../notation/construct.js";
import type { Binder, Condition, Expression } from "../notation/expression.js";
import { freshNames, type Fresh } from "../notation/fresh.js";
import * as integer from "../notation/integer.js";
import type { Index, Layer, Statement, Tensor } from "../notation/layer.js";
import { holdsReduction, mapChildren, mapConditionChildren } from "../notation/traverse.js";
import { factsInside, layerFacts } from "../ranges/facts.js";
import { isStatic } from "../ranges/accesses.js";
import { presence } from "../ranges/presence.js";
import { assuming, type Facts } from "../ranges/prove.js";
import { keyOver, reservedNames, scopeOf } from "./hoist.js";
import { readAt } from "./pending.js";

/** A formula whose derivatives have more nodes together is parted, into parts that have about so many. */
const [longest, longestOfPart] = [1500, 150];

export function splitDeep(layer: Layer): Layer {
  const lengths = new Lengths();
  if (layer.statements.every((s) => lengths.derivativeOf(s.body) <= longest)) return layer;
  const split = new Split(layer, lengths);
  for (const s of layer.statements) split.visit(s);
  return { ...layer, tensors: split.tensors, statements: split.statements };
}

/** What a formula and its derivative come to, in nodes. */
interface Length {
  readonly nodes: number;
  /** Reads by which it is differentiated. */
  readonly reads: number;
  /** Each read's derivative is as long as what stands beside it on the way. */
  readonly derivative: number;
}

/** Lengths of formulas; one that stands in several places is measured once. */
class Lengths {
  private readonly known = new Map<Expression, Length>();

  derivativeOf(e: Expression): number {
    return this.of(e).derivative;
  }

  private of(e: Expression): Length {
    let known = this.known.get(e);
    if (!known) {
      known = this.measure(e);
      this.known.set(e, known);
    }
    return known;
  }

  private measure(e: Expression): Length {
    if (e.kind === "read") return { nodes: 1, reads: 1, derivative: 1 };
    const parts: Length[] = [];
    const take = (part: Expression): Expression => (parts.push(this.of(part)), part);
    // what a branch asks stands beside every read of it
    const asked = (c: Condition): Condition =>
      mapConditionChildren(c, { condition: asked, expression: take });
    mapChildren(e, { expression: take, condition: asked });
    const sum = (of: (part: Length) => number): number => parts.reduce((total, part) => total + of(part), 0);
    const nodes = 1 + sum((part) => part.nodes);
    const beside = (part: Length): number =>
      e.kind === "add" ? 0 : e.kind === "multiply" ? nodes - part.nodes : nodes;
    return {
      nodes,
      reads: sum((part) => part.reads),
      derivative: sum((part) => part.derivative + part.reads * beside(part)),
    };
  }
}

class Split {
  readonly tensors: Tensor[];
  readonly statements: Statement[] = [];
  private readonly lengths: Lengths;
  private readonly fresh: Fresh;
  private readonly facts: Facts;
  private readonly shapes = new Map<string, Tensor["shape"]>();
  /** The parts by what they are. */
  private readonly parts = new Map<string, string>();

  constructor(layer: Layer, lengths: Lengths) {
    this.lengths = lengths;
    this.tensors = [...layer.tensors];
    this.fresh = freshNames(reservedNames(layer));
    this.facts = layerFacts(layer);
    for (const { name, shape } of layer.tensors) this.shapes.set(name, shape);
  }

  visit(statement: Statement): void {
    const { body } = statement;
    const scope = scopeOf(statement);
    const isLong = this.lengths.derivativeOf(body) > longest;
    this.statements.push(
      isLong
        ? { ...statement, body: this.shorter(body, { scope, given: build.truth, owner: statement }) }
        : statement,
    );
  }

  /** The formula with parts in the place of what is long in it; it is not one itself. */
  private shorter(e: Expression, place: Place): Expression {
    if (this.isShort(e)) return e;
    switch (e.kind) {
      case "reduction": {
        const inner = {
          ...place,
          scope: [...place.scope, ...e.binders],
          given: build.and(place.given, e.guard),
        };
        return { ...e, body: this.shorter(e.body, inner) };
      }
      case "select": {
        const branch = (part: Expression, condition: Condition): Expression =>
          this.part(
            part,
            isStatic(condition) ? { ...place, given: build.and(place.given, condition) } : place,
          );
        const whenTrue = branch(e.whenTrue, e.condition);
        return build.select(e.condition, whenTrue, branch(e.whenFalse, build.not(e.condition)));
      }
      case "add":
        return this.inGroups(e.terms, build.add, place);
      case "multiply":
        return this.inGroups(e.factors, build.multiply, place);
      case "call":
      case "constant":
      case "integer":
      case "named":
      case "pad":
      case "parameter":
      case "raise":
      case "read":
      case "stop":
        return mapChildren(e, { expression: (part) => this.part(part, place) });
    }
  }

  /** Of many terms or factors some at a time. */
  private inGroups(
    operands: readonly Expression[],
    join: (...parts: Expression[]) => Expression,
    place: Place,
  ): Expression {
    const parts = operands.map((operand) => this.part(operand, place));
    const groups: Expression[][] = [];
    for (const part of parts) {
      const group = groups.at(-1);
      if (group && (group.length < 2 || this.isShort(join(...group, part)))) group.push(part);
      else groups.push([part]);
    }
    if (groups.length < 2) return join(...parts);
    const joined = groups.map((group) => this.named(join(...group), place));
    const isFewer = groups.length < parts.length;
    return isFewer && !this.isShort(join(...joined)) ? this.inGroups(joined, join, place) : join(...joined);
  }

  /** A part with a name, where it is long even with its own parts named. */
  private part(e: Expression, place: Place): Expression {
    if (this.isShort(e)) return e;
    return this.named(this.shorter(e, place), place);
  }

  /** A read of the statement that computes it, or the formula itself where it cannot stand for itself. */
  private named(e: Expression, { scope, given, owner }: Place): Expression {
    if (e.kind === "read" || holdsReduction(e)) return e;
    const facts = factsInside(this.facts, scope);
    // a part is computed at every point of its axes: what decides whether its reads are in bounds goes with it
    const isInside = this.isInBounds(e, facts);
    if (!isInside && !this.isInBounds(e, assuming(facts, given))) return e;
    const body = isInside ? e : build.select(given, e, build.zero);
    const used = freeNamesIn(body);
    const own = scope.filter((b) => used.has(b.name));
    const isBox = own.every(
      ({ lower, upper }) =>
        integer.literal(lower) === 0 && !scope.some((b) => integer.mentions(upper, b.name)),
    );
    if (!isBox) return e;
    const indices = own.map(({ name, upper }): Index => ({ name, extent: upper }));
    const key = keyOver(body, indices);
    const tensor = this.parts.get(key) ?? this.define(body, indices, owner);
    this.parts.set(key, tensor);
    return readAt(tensor, indices);
  }

  private define(body: Expression, indices: readonly Index[], owner: Statement): string {
    const tensor = this.fresh.tensor(`part_${owner.tensor}`);
    const shape = indices.map((i) => i.extent);
    this.shapes.set(tensor, shape);
    this.tensors.push({ name: tensor, role: "local", type: "real", shape });
    const subscripts = indices.map((i) => integer.variable(i.name));
    this.statements.push({ tensor, indices, subscripts, body, at: owner.at });
    return tensor;
  }

  private isShort(e: Expression): boolean {
    return this.lengths.derivativeOf(e) <= longestOfPart;
  }

  private isInBounds(e: Expression, facts: Facts): boolean {
    const there = presence(e, { facts, shapeOf: (tensor) => this.shapes.get(tensor) ?? [] });
    return there.kind === "truth" && there.value;
  }
}

/** Where a formula stands: the indices there, the conditions on them under which it is read, and whose it is. */
interface Place {
  readonly scope: readonly Binder[];
  readonly given: Condition;
  readonly owner: Statement;
}

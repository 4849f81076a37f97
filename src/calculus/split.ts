/**
 * Deep formulas in named parts. A derivative is as long as the way to what it is taken by: of f(f(…f(x)…)), written out, it
 * doubles with each f that reads its argument twice, and that of a product of n factors is n products of n - 1. Of
 * parts with names, each met once, both grow with the text. What is as short as a formula that people write stays whole.
 */
import { substitute } from "../notation/binders.js";
import * as build from "../notation/construct.js";
import type { Binder, Condition, Expression } from "../notation/expression.js";
import { freshNames, type Fresh } from "../notation/fresh.js";
import * as integer from "../notation/integer.js";
import { keyOfExpression } from "../notation/key.js";
import type { Layer, Statement, Tensor } from "../notation/layer.js";
import { mapChildren, mapConditionChildren, namesIn, readsIn } from "../notation/traverse.js";
import { factsInside, layerFacts } from "../ranges/facts.js";
import { proves, type Facts } from "../ranges/prove.js";
import { reservedNames } from "./hoist.js";

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
  private readonly parts = new Map<string, Expression>();

  constructor(layer: Layer, lengths: Lengths) {
    this.lengths = lengths;
    this.tensors = [...layer.tensors];
    this.fresh = freshNames(reservedNames(layer));
    this.facts = layerFacts(layer);
    for (const { name, shape } of layer.tensors) this.shapes.set(name, shape);
  }

  visit(statement: Statement): void {
    const { body, indices } = statement;
    if (this.lengths.derivativeOf(body) <= longest) return void this.statements.push(statement);
    const scope = indices.map((i) => ({ name: i.name, lower: integer.zero, upper: i.extent }));
    const met = new Map<Expression, Expression>();
    const shorter = (e: Expression): Expression => {
      const known = met.get(e);
      if (known) return known;
      const found = this.isShort(e) ? e : this.named(this.inGroups(e, shorter, named), named);
      met.set(e, found);
      return found;
    };
    const named = (e: Expression): Expression => this.part(e, scope, statement);
    const whole = this.isShort(body) ? body : this.inGroups(body, shorter, named);
    this.statements.push({ ...statement, body: whole });
  }

  /** The formula with its parts shortened; of a sum or product of many, some at a time. */
  private inGroups(
    e: Expression,
    shorter: (e: Expression) => Expression,
    named: (e: Expression) => Expression,
  ): Expression {
    if (e.kind === "reduction") return e;
    if (e.kind !== "add" && e.kind !== "multiply") return mapChildren(e, { expression: shorter });
    const join = e.kind === "add" ? build.add : build.multiply;
    const groups: Expression[] = [];
    let group: Expression[] = [];
    for (const part of (e.kind === "add" ? e.terms : e.factors).map(shorter)) {
      if (!this.isShort(join(...group, part)) && group.length > 1) {
        groups.push(named(join(...group)));
        group = [];
      }
      group.push(part);
    }
    const rest = join(...groups, ...group);
    return groups.length > 1 ? this.inGroups(rest, (part) => part, named) : rest;
  }
  private named(e: Expression, named: (e: Expression) => Expression): Expression {
    return this.isShort(e) ? e : named(e);
  }

  private isShort(e: Expression): boolean {
    return this.lengths.derivativeOf(e) <= longestOfPart;
  }

  /** A read of the statement that computes the part, or the part itself where it cannot stand for itself. */
  private part(e: Expression, scope: readonly Binder[], owner: Statement): Expression {
    if (!this.isInBounds(e, scope)) return e;
    const used = namesIn(e);
    const free = scope.filter((b) => used.has(b.name));
    const key = keyOfExpression(
      substitute(e, new Map(free.map((f, i) => [f.name, integer.variable(`@${i}`)]))),
    );
    const known = this.parts.get(`${key} ${free.map((f) => integer.keyOf(f.upper)).join()}`);
    const subscripts = free.map((f) => integer.variable(f.name));
    const shape = free.map((f) => f.upper);
    if (known?.kind === "read") return build.read(known.tensor, subscripts);
    const tensor = this.fresh.tensor(`part_${owner.tensor}`);
    this.shapes.set(tensor, shape);
    this.tensors.push({ name: tensor, role: "local", type: "real", shape });
    const indices = free.map((f) => ({ name: f.name, extent: f.upper }));
    this.statements.push({ tensor, indices, subscripts, body: e, at: owner.at });
    const read = build.read(tensor, subscripts);
    this.parts.set(`${key} ${shape.map(integer.keyOf).join()}`, read);
    return read;
  }

  /** A part is computed at every point; in a branch it may have been read at some alone. */
  private isInBounds(e: Expression, scope: readonly Binder[]): boolean {
    const facts = factsInside(this.facts, scope);
    return readsIn(e).every(({ tensor, subscripts }) => {
      const shape = this.shapes.get(tensor) ?? [];
      return subscripts.every((s, axis) => {
        const extent = shape[axis];
        return extent !== undefined && proves(facts, build.within(s, integer.zero, extent));
      });
    });
  }
}

/**
 * Where gradients are not finite though the outputs are: √u at u = 0, a norm at the origin. A pole of a function's
 * derivative counts where an output that the function reaches stays finite, and for what the function is computed from;
 * on both ways only those branches are gone that are taken at the pole.
 */
import {
  isImpossible,
  isNeverZero,
  knownInside,
  knownOf,
  signsOf,
  supposing,
  type Known,
} from "../algebra/real-signs.js";
import { primitives } from "../primitives/index.js";
import type { Value } from "../primitives/record.js";
import { hasSigns, real, sign, without } from "../primitives/signs.js";
import { substitute, substituteCondition } from "../notation/binders.js";
import * as build from "../notation/construct.js";
import type { Condition, Expression, Reduction } from "../notation/expression.js";
import { recurrencesIn } from "../notation/components.js";
import { keyOfCondition, keyOfExpression } from "../notation/key.js";
import { hasPlainAxes, indicesAt, isDifferentiated, type Layer, type Statement } from "../notation/layer.js";
import { tensorsIn, tensorsInCondition } from "../notation/traverse.js";
import { factsInside } from "../ranges/facts.js";
import { activeTensors } from "./active.js";
import type { Derived, Singularity } from "./derivation.js";
import { activeArguments, polesOf, risen, type Pole } from "./poles.js";

/** Formulas looked at for one pole; beyond that it is taken to matter. */
const budget = 400;

/** @param layer as it is written, with every range known */
export const singularities = (layer: Layer): Derived["singular"] => new Search(layer).found().singular;
/** Tensors in whose formulas a derivative may be infinite though the outputs are finite, be it that a branch makes what it is multiplied by 0. */
export const singularTensors = (layer: Layer): ReadonlySet<string> => new Search(layer).found().tensors;

/** A formula within a statement: under which conditions it is evaluated, and what the statement's value is then. */
interface Place {
  readonly conditions: readonly Condition[];
  /** The reductions that it stands in, the outermost first. */
  readonly around: readonly Reduction[];
  /** @param branches as for `fates` */
  readonly rise: (value: Value, branches: boolean) => Value;
}
const root: Place = { conditions: [], around: [], rise: (value) => value };

/** Outputs that a value reaches: those that it leaves finite, and those that it makes infinite. */
interface Fates {
  readonly finite: Set<string>;
  readonly infinite: Set<string>;
  /** Tensors of recurrences with the values that they have been followed with. */
  readonly rounds: Set<string>;
}

class Search {
  private readonly singular = new Map<string, Map<string, Singularity>>();
  private readonly tensors = new Set<string>();
  private readonly statements: ReadonlyMap<string, Statement>;
  private readonly readers = new Map<string, Statement[]>();
  private readonly outputs: ReadonlySet<string>;
  private readonly given: ReadonlySet<string>;
  private readonly layer: Layer;
  private readonly known: Known;
  private readonly active: ReadonlySet<string>;
  private readonly recurrences: ReadonlyMap<string, unknown>;
  private fuel = 0;

  constructor(layer: Layer) {
    [this.layer, this.known, this.active] = [layer, knownOf(layer), activeTensors(layer)];
    this.statements = new Map(layer.statements.map((s) => [s.tensor, s]));
    this.recurrences = recurrencesIn(layer.statements);
    this.outputs = new Set(layer.tensors.filter((t) => t.role === "output").map((t) => t.name));
    this.given = new Set(layer.tensors.filter(isDifferentiated).map((t) => t.name));
    for (const s of layer.statements)
      for (const tensor of tensorsIn(s.body))
        this.readers.set(tensor, [...(this.readers.get(tensor) ?? []), s]);
  }

  found(): { readonly singular: Derived["singular"]; readonly tensors: ReadonlySet<string> } {
    for (const statement of this.layer.statements) {
      if (!this.active.has(statement.tensor)) continue;
      const known = this.inside(statement);
      this.eachPlace(statement.body, root, (e, place) => {
        for (const pole of polesOf(e, supposingAll(known, place.conditions)))
          this.judge(pole, place, statement);
      });
    }
    const listed = [...this.singular].map(
      ([tensor, conditions]) => [tensor, [...conditions.values()]] as const,
    );
    return { singular: new Map(listed), tensors: this.tensors };
  }

  private judge(pole: Pole, { conditions, around, rise }: Place, statement: Statement): void {
    const known = this.inside(statement);
    const all = [pole.condition, ...conditions];
    if (isImpossible(all, known)) return;
    const isFinite = (branches: boolean): boolean => {
      this.fuel = budget;
      const found: Fates = { finite: new Set(), infinite: new Set(), rounds: new Set() };
      this.fates(statement, rise(pole.value, branches), all, branches, found);
      return [...found.finite].some((output) => !found.infinite.has(output));
    };
    if (!isFinite(false)) return;
    this.tensors.add(statement.tensor);
    if (!isFinite(true)) return;
    this.fuel = budget;
    const condition = build.and(...conditions, pole.condition);
    for (const e of pole.breaks)
      for (const tensor of this.sources(e, all, known)) {
        const list = this.singular.get(tensor) ?? new Map<string, Singularity>();
        const key = keyOfCondition(condition);
        const places = [...(list.get(key)?.places ?? []), { indices: statement.indices, around }];
        this.singular.set(tensor, list.set(key, { condition, places }));
      }
  }

  /**
   * What becomes of the outputs where the statement has this value.
   * @param branches whether those branches count as gone that a value of 0 does not take
   */
  private fates(
    { tensor, indices, subscripts }: Statement,
    value: Value,
    conditions: readonly Condition[],
    branches: boolean,
    found: Fates,
  ): void {
    if (this.outputs.has(tensor)) (isInfinite(value) ? found.infinite : found.finite).add(tensor);
    // round a recurrence once, whatever the point
    const isRecurrent = this.recurrences.has(tensor);
    const round = `${tensor} ${value}`;
    if (isRecurrent && found.rounds.has(round)) return;
    if (isRecurrent) found.rounds.add(round);
    // what is not looked at is taken to matter
    if (this.fuel-- < 0) found.finite.add("");
    if (this.fuel < 0) return;
    for (const reader of this.readers.get(tensor) ?? []) {
      if (!this.active.has(reader.tensor)) continue;
      const seen = new Set<string>();
      this.eachPlace(reader.body, root, (e, place) => {
        if (e.kind !== "read" || e.tensor !== tensor) return;
        const outcome = place.rise(value, branches);
        const key = `${keyOfExpression(e)} ${outcome} ${place.conditions.map(keyOfCondition).join()}`;
        if (seen.has(key)) return;
        seen.add(key);
        // the pole's condition at the point that is read
        const plain = !isRecurrent && hasPlainAxes({ tensor, indices, subscripts, body: e });
        const by = indicesAt({ tensor, indices, subscripts, body: e }, e.subscripts);
        const moved = plain ? conditions.map((c) => substituteCondition(c, by)) : [];
        const known = branches && value === "zero" ? [isZero(e)] : [];
        const there = [...moved, ...place.conditions, ...known];
        if (isImpossible(there, this.inside(reader))) return;
        // infinite only if the branch is taken, which values decide, or at some points of a recurrence
        const isOpen = !branches && place.conditions.some((c) => tensorsInCondition(c).size > 0);
        const open = isOpen || isRecurrent;
        const own = open ? { ...found, infinite: new Set<string>() } : found;
        this.fates(reader, outcome, there, branches, own);
        if (open) for (const output of own.infinite) found.finite.add(output);
      });
    }
  }

  /** The given tensors that the formula depends on by branches that are taken under the conditions. */
  private sources(e: Expression, conditions: readonly Condition[], known: Known): ReadonlySet<string> {
    const found = new Set<string>();
    const descend = (part: Expression, held: readonly Condition[]): void => {
      const open = [...tensorsIn(part)].filter((t) => this.active.has(t));
      if (open.length === 0 || isImpossible(held, known)) return;
      if (this.fuel-- < 0) {
        for (const tensor of open) this.dependencies(tensor, found);
        return;
      }
      if (part.kind === "read") {
        const statement = this.statements.get(part.tensor);
        if (this.given.has(part.tensor)) found.add(part.tensor);
        else if (statement && hasPlainAxes(statement) && !this.recurrences.has(part.tensor)) {
          const body = substitute(statement.body, indicesAt(statement, part.subscripts));
          descend(body, isZeroUnder(part, held) ? [...held, isZero(body)] : held);
        } else this.dependencies(part.tensor, found);
        return;
      }
      for (const { argument, conditions: more } of activeArguments(part)) {
        const zeros = isZeroUnder(part, held) && makesZero(part, argument, known) ? [isZero(argument)] : [];
        descend(argument, [...held, ...more, ...zeros]);
      }
    };
    descend(e, conditions);
    return found;
  }

  private dependencies(tensor: string, into: Set<string>, seen: Set<string> = new Set()): void {
    if (seen.has(tensor) || !this.active.has(tensor)) return;
    seen.add(tensor);
    if (this.given.has(tensor)) into.add(tensor);
    for (const read of tensorsIn(this.statements.get(tensor)?.body ?? build.zero))
      this.dependencies(read, into, seen);
  }

  /** Every part of a formula that carries a derivative. */
  private eachPlace(e: Expression, place: Place, visit: (e: Expression, place: Place) => void): void {
    if (![...tensorsIn(e)].some((t) => this.active.has(t))) return;
    visit(e, place);
    for (const { argument, conditions } of activeArguments(e))
      this.eachPlace(
        argument,
        {
          conditions: [...place.conditions, ...conditions],
          around: e.kind === "reduction" ? [...place.around, e] : place.around,
          rise: (value, branches) => place.rise(risen(e, argument, value, this.known, branches), branches),
        },
        visit,
      );
  }

  private readonly inside = (s: Statement): Known =>
    knownInside(this.known, factsInside(this.known.facts, s.indices));
}

const isInfinite = (value: Value): boolean => value === "plus" || value === "minus" || value === "infinite";
const isZero = (e: Expression): Condition => build.compare("==", e, build.zero);
const supposingAll = (known: Known, conditions: readonly Condition[]): Known =>
  conditions.reduce(supposing, known);
const isZeroUnder = (e: Expression, held: readonly Condition[]): boolean => {
  const key = keyOfCondition(isZero(e));
  return held.some((c) => build.conjuncts(c).some((part) => keyOfCondition(part) === key));
};

/** Whether the argument is 0 where the formula is: a sum of what is never negative, a positive power, c·u. */
function makesZero(e: Expression, argument: Expression, known: Known): boolean {
  const neverNegative = (part: Expression): boolean =>
    !hasSigns(signsOf(part, known), sign.negative | sign.pole);
  switch (e.kind) {
    case "add":
      return e.terms.every(neverNegative);
    case "reduction":
      return e.name === "sum" && neverNegative(e.body);
    case "raise":
      return argument === e.base;
    case "multiply":
      return e.factors.every((f) => f === argument || isNeverZero(f, known));
    case "call": {
      // f(0) = 0, and 0 at nothing else
      const { limits, signs } = primitives[e.name];
      return limits.zero === "zero" && !hasSigns(signs(without(real, sign.zero), real), sign.zero);
    }
    case "constant":
    case "integer":
    case "named":
    case "pad":
    case "parameter":
    case "read":
    case "select":
    case "stop":
      return false;
  }
}

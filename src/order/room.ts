/** Where parts of formulas become statements of their own: equal ones once, in the forward pass where that has them. */
import type { Derived } from "../calculus/derivation.js";
import { neededFor } from "../calculus/differentiate.js";
import { keyOver, reservedNames, scopeOf } from "../calculus/hoist.js";
import { readAt } from "../calculus/pending.js";
import { freeNamesIn } from "../notation/binders.js";
import type { Binder, Expression } from "../notation/expression.js";
import { freshNames, type Fresh } from "../notation/fresh.js";
import { variable, type Int } from "../notation/integer.js";
import type { Index, Statement, Tensor } from "../notation/layer.js";
import { tensorsIn } from "../notation/traverse.js";
import { layerFacts, withTensors } from "../ranges/facts.js";
import type { Facts } from "../ranges/prove.js";
import { weighing } from "./weights.js";

/** Where a formula stands: the loops around it, outermost first, and in whose statement. */
export interface Place {
  readonly loops: readonly Binder[];
  /** Indices of which a branch around it decides. */
  readonly decided: ReadonlySet<string>;
  readonly owner: string;
}

export class Room {
  readonly facts: Facts;
  private readonly weigh: (extent: Int) => number;
  private readonly derived: Derived;
  private readonly tensors: Tensor[];
  private readonly shapes: Map<string, Tensor["shape"]>;
  private readonly fresh: Fresh;
  private readonly improve: (e: Expression, place: Place, room: Room) => Expression;
  /** Tensors of parts by what they are, with the place of each of their axes in the order of the key. */
  private readonly known = new Map<string, { readonly tensor: string; readonly places: readonly number[] }>();
  private made: Statement[] = [];

  constructor(derived: Derived, improve: Room["improve"]) {
    const { layer, tensors } = derived;
    [this.derived, this.tensors, this.improve] = [derived, [...tensors], improve];
    this.facts = withTensors(layerFacts(layer), tensors);
    this.weigh = weighing(layer);
    this.shapes = new Map(tensors.map((t) => [t.name, t.shape]));
    this.fresh = freshNames([...reservedNames(layer), ...tensors.map((t) => t.name)]);
  }

  readonly shapeOf = (tensor: string): readonly Int[] => this.shapes.get(tensor) ?? [];
  readonly points = ({ upper }: Binder): number => this.weigh(upper);

  /** The derivation with each statement improved, and what was taken out of it before it. */
  run(): Derived {
    const improved = (statements: readonly Statement[]): readonly Statement[] => {
      this.made = [];
      for (const s of statements) {
        const body = this.improve(s.body, { loops: scopeOf(s), decided: noNames, owner: s.tensor }, this);
        this.made.push(body === s.body ? s : { ...s, body });
      }
      return this.made;
    };
    const { derived } = this;
    const forward = improved(derived.forward);
    const backward = neededFor(improved(derived.backward), new Set(derived.gradients.map((g) => g.tensor)));
    if (this.known.size === 0) return derived;
    const told = new Set([...derived.forward, ...derived.backward]);
    const read = new Set(backward.flatMap((s) => [...tensorsIn(s.body)]));
    const saved = forward.map((s) => s.tensor).filter((name) => read.has(name));
    const outputs = this.tensors.filter((t) => t.role === "output").map((t) => t.name);
    return {
      ...derived,
      ...{ tensors: this.tensors, saved, backward },
      forward: neededFor(forward, new Set([...outputs, ...saved])),
      ordered: [...forward, ...backward].filter((s) => !told.has(s)),
    };
  }

  /** A read of the tensor that holds the value over these indices. */
  define(value: Expression, axes: readonly Binder[], owner: string): Expression {
    const known = this.recall(value, axes);
    if (known) return known;
    const tensor = this.fresh.tensor(`${baseOf(value)}_${owner}`);
    const indices = axes.map(indexOf);
    const { key, order } = keyOf(value, axes);
    const shape = indices.map((i) => i.extent);
    this.shapes.set(tensor, shape);
    this.tensors.push({ name: tensor, role: "local", type: "real", shape });
    const subscripts = indices.map((i) => variable(i.name));
    const statement: Statement = { tensor, indices, subscripts, body: value };
    const body = this.improve(value, { loops: scopeOf(statement), decided: noNames, owner }, this);
    this.made.push({ ...statement, body });
    this.known.set(key, { tensor, places: axes.map((b) => order.indexOf(b)) });
    return readAt(tensor, indices);
  }

  /** A read of the value, where a statement has it already. */
  recall(value: Expression, axes: readonly Binder[]): Expression | undefined {
    const { key, order } = keyOf(value, axes);
    const known = this.known.get(key);
    return (
      known &&
      readAt(
        known.tensor,
        known.places.map((place) => indexOf(order[place]!)),
      )
    );
  }
}

const noNames: ReadonlySet<string> = new Set();
const indexOf = ({ name, upper }: Binder): Index => ({ name, extent: upper });

/** Equal for parts that are one but for the names and the order of their axes: these are taken in the order in which they are read. */
function keyOf(value: Expression, axes: readonly Binder[]): { key: string; order: readonly Binder[] } {
  const read = [...freeNamesIn(value)];
  const order = axes.toSorted((a, b) => read.indexOf(a.name) - read.indexOf(b.name));
  const indices = order.map(indexOf);
  return { key: keyOver(value, indices), order };
}

/** What a part is called by. */
function baseOf(e: Expression): string {
  return e.kind === "call" || e.kind === "reduction" ? e.name : e.kind === "raise" ? "power" : "part";
}

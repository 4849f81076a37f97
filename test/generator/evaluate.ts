/**
 * What a generated layer means, by plain loops over the generator's own tree. It knows neither the text nor any other
 * representation of it, so that what the compiler and its reference evaluator have in common (parsing, ranges, bounds) is judged too.
 */
import { randomFrom } from "../../src/verify/random.js";
import {
  readsTensor,
  type Binder,
  type Condition,
  type Int,
  type Layer,
  type Real,
  type Reduction,
} from "./ast.js";
import { Numbers, type Value } from "./number.js";

/** Sizes and params by name, and given tensors, row-major. */
export interface Given {
  readonly names: Readonly<Record<string, number>>;
  readonly tensors: ReadonlyMap<string, readonly number[]>;
}
export interface Evaluation {
  readonly tensors: ReadonlyMap<string, readonly Value[]>;
  /** Where the derivatives by each differentiated tensor begin. */
  readonly starts: ReadonlyMap<string, number>;
  readonly count: number;
  readonly largest: number;
  readonly singular: boolean;
}
/** The layer has no meaning at these sizes: a plan has to refuse them. */
export class Illegal extends Error {
  override readonly name = "Illegal";
}

interface Cell {
  readonly shape: readonly number[];
  readonly data: readonly Value[] | undefined;
  /** Values of an argmax may be -1, which is no place. */
  readonly position: boolean;
}

export const isDifferentiated = ({ role }: { readonly role: string }): boolean =>
  role === "input" || role === "weight";

/** Names to values, derived sizes included. @throws Illegal */
export function resolved(layer: Layer, names: Given["names"]): ReadonlyMap<string, number> {
  const known = new Map(Object.entries(names));
  const machine = new Machine(known, new Numbers(0, 0, randomFrom(0)), layer);
  for (const { name, value } of layer.derived) {
    const size = machine.int(value);
    if (!(size >= 1)) throw new Illegal(`${name} = ${size}`);
    known.set(name, size);
  }
  for (const [i, c] of layer.requirements.entries())
    if (!machine.holds(c)) throw new Illegal(`requirement ${i}`);
  return known;
}
export const shapeAt = (shape: readonly Int[], known: ReadonlyMap<string, number>): readonly number[] => {
  const machine = new Machine(new Map(known), new Numbers(0, 0, randomFrom(0)));
  return shape.map((extent) => machine.int(extent));
};
export const lengthOf = (shape: readonly number[]): number => shape.reduce((n, extent) => n * extent, 1);

/** @param noise the relative rounding of an operation. @throws Illegal */
export function evaluate(layer: Layer, { names, tensors }: Given, noise = 0, seed = 0): Evaluation {
  const known = new Map(resolved(layer, names));
  const starts = new Map<string, number>();
  let count = 0;
  for (const declaration of layer.declarations) {
    if (!isDifferentiated(declaration)) continue;
    starts.set(declaration.name, count);
    count += lengthOf(shapeAt(declaration.shape, known));
  }
  const numbers = new Numbers(count, noise, randomFrom(seed, "rounding"));
  const machine = new Machine(known, numbers, layer);
  for (const { name, value } of layer.constants) machine.reals.set(name, machine.real(value));
  for (const { name, shape } of layer.declarations) {
    const start = starts.get(name);
    const data = (tensors.get(name) ?? []).map((v, i) =>
      start === undefined ? numbers.constant(v) : numbers.variable(v, start + i),
    );
    machine.cells.set(name, { shape: shapeAt(shape, known), data, position: false });
  }
  for (const statement of layer.statements) {
    const shape = shapeAt(statement.shape, known);
    if (shape.some((extent) => extent < 1)) throw new Illegal(`${statement.name} is empty`);
    const data: Value[] = new Array<Value>(lengthOf(shape)).fill(numbers.constant(NaN));
    const { indices, subscripts, body, name } = statement;
    const position = body.kind === "reduction" && body.name.startsWith("arg");
    const binders = indices.map(({ name, extent }): Binder => ({
      name,
      lower: { kind: "integer", value: 0 },
      upper: extent,
      style: "<",
    }));
    for (const _ of machine.points(binders)) {
      if (!machine.isInside(body, true)) throw new Illegal(`a read of ${name} is out of bounds`);
      const at = machine.offset(shape, subscripts);
      if (at < 0) throw new Error(`${name} is written out of bounds`);
      data[at] = machine.real(body);
    }
    machine.cells.set(name, { shape, data, position });
  }
  const results = [...machine.cells].map(([name, { data }]) => [name, data ?? []] as const);
  return { tensors: new Map(results), starts, count, largest: numbers.largest, singular: numbers.singular };
}

class Machine {
  readonly cells = new Map<string, Cell>();
  readonly reals = new Map<string, Value>();
  private readonly integers: Map<string, number>;
  private readonly n: Numbers;
  private readonly layer: Layer | undefined;

  constructor(integers: Map<string, number>, numbers: Numbers, layer?: Layer) {
    this.integers = integers;
    this.n = numbers;
    this.layer = layer;
  }

  /** NaN where a quotient does not come out even, or an element is none. */
  int(e: Int): number {
    switch (e.kind) {
      case "integer":
        return e.value;
      case "named": {
        const value = this.integers.get(e.name);
        if (value === undefined) throw new Error(`${e.name} is not known`);
        return value;
      }
      case "element": {
        const cell = this.cell(e.tensor);
        const at = this.offset(cell.shape, e.subscripts);
        return at < 0 ? NaN : (cell.data?.[at]?.v ?? NaN);
      }
      case "ceiled":
      case "exact":
      case "floored":
      case "larger":
      case "minus":
      case "modulo":
      case "plus":
      case "smaller":
      case "times":
        return arithmetic[e.kind](this.int(e.a), this.int(e.b));
    }
  }

  /** The row-major place; -1 where the subscripts are out of bounds. */
  offset(shape: readonly number[], subscripts: readonly Int[]): number {
    let at = 0;
    for (const [axis, extent] of shape.entries()) {
      const subscript = subscripts[axis];
      const value = subscript ? this.int(subscript) : NaN;
      if (!(value >= 0 && value < extent)) return -1;
      at = at * extent + value;
    }
    return at;
  }
  private cell(name: string): Cell {
    const cell = this.cells.get(name);
    if (!cell) throw new Error(`${name} is not defined`);
    return cell;
  }

  /** Every point of a box; later binders may depend on earlier ones. */
  *points(binders: readonly Binder[]): Generator<void> {
    const [first, ...rest] = binders;
    if (!first) return void (yield);
    const [from, end] = [this.int(first.lower), this.int(first.upper)];
    for (let i = from; i < end; i++) {
      this.integers.set(first.name, i);
      yield* this.points(rest);
    }
    this.integers.delete(first.name);
  }

  /** Whether every read that counts is in bounds. `outside` reductions a read at an argmax over nothing is allowed. */
  isInside(e: Real, outside = false): boolean {
    switch (e.kind) {
      case "decimal":
      case "constant":
      case "symbol":
      case "reduction": // what it reads is its own affair
      case "count":
        return true;
      case "whole":
        return this.hasElements(e.value);
      case "read":
        return (
          this.offset(this.cell(e.tensor).shape, e.subscripts) >= 0 ||
          (outside && e.subscripts.some((s) => this.isEmptyPosition(s)))
        );
      case "pad":
        return (
          this.offset(this.cell(e.read.tensor).shape, e.read.subscripts) >= 0 ||
          this.isInside(e.value, outside)
        );
      case "binary":
        return this.isInside(e.a, outside) && this.isInside(e.b, outside);
      case "negative":
        return this.isInside(e.a, outside);
      case "call":
        return e.arguments.every((a) => this.isInside(a, outside));
      case "where":
        if (readsTensor(e.condition))
          return (
            this.isConditionInside(e.condition, outside) &&
            this.isInside(e.a, outside) &&
            this.isInside(e.b, outside)
          );
        return this.isInside(this.holds(e.condition) ? e.a : e.b, outside);
    }
  }
  private isConditionInside(c: Condition, outside: boolean): boolean {
    switch (c.kind) {
      case "compare":
        return this.isInside(c.a, outside) && this.isInside(c.b, outside);
      case "and":
        // where a condition on indices fails on the left, what stands on the right is not read
        return (
          this.isConditionInside(c.a, outside) &&
          (!this.indexConditions(c.a).every((part) => this.holds(part)) ||
            this.isConditionInside(c.b, outside))
        );
      case "or":
        return this.isConditionInside(c.a, outside) && this.isConditionInside(c.b, outside);
      case "not":
        return this.isConditionInside(c.a, outside);
      case "any":
      case "all":
        return true;
    }
  }
  private indexConditions(c: Condition): readonly Condition[] {
    if (!readsTensor(c)) return [c];
    return c.kind === "and" ? [...this.indexConditions(c.a), ...this.indexConditions(c.b)] : [];
  }
  private hasElements(e: Int): boolean {
    return !Number.isNaN(this.int(e));
  }
  private isEmptyPosition(e: Int): boolean {
    if (e.kind === "element") return this.cell(e.tensor).position && this.int(e) === -1;
    return "a" in e && (this.isEmptyPosition(e.a) || this.isEmptyPosition(e.b));
  }

  real(e: Real): Value {
    const { n } = this;
    switch (e.kind) {
      case "decimal":
        return n.constant(Number(e.text));
      case "constant":
        return n.constant({ pi: Math.PI, e: Math.E, inf: Infinity }[e.name]);
      case "symbol": {
        const own = this.reals.get(e.name);
        if (own) return own;
        const value = this.integers.get(e.name);
        if (value === undefined) throw new Error(`${e.name} is not known`);
        return n.constant(value);
      }
      case "whole":
        return n.constant(this.int(e.value));
      case "read": {
        const { shape, data } = this.cell(e.tensor);
        const at = this.offset(shape, e.subscripts);
        return data?.[at] ?? n.constant(0);
      }
      case "pad": {
        const { shape, data } = this.cell(e.read.tensor);
        const at = this.offset(shape, e.read.subscripts);
        return at < 0 ? this.real(e.value) : (data?.[at] ?? n.constant(NaN));
      }
      case "binary": {
        const [a, b] = [this.real(e.a), this.real(e.b)];
        switch (e.operator) {
          case "+":
            return n.add(a, b);
          case "-":
            return n.subtract(a, b);
          case "*":
            return n.multiply(a, b);
          case "/":
            return n.divide(a, b);
          case "^":
            return n.power(a, b);
        }
        return e.operator;
      }
      case "negative":
        return n.negative(this.real(e.a));
      case "call":
        return this.call(
          e.name,
          e.arguments.map((a) => this.real(a)),
        );
      case "where":
        return this.real(this.holds(e.condition) ? e.a : e.b);
      case "reduction":
        return this.reduce(e);
      case "count": {
        let count = 0;
        for (const _ of this.points(e.binders))
          if (this.isConditionInside(e.condition, false) && this.holds(e.condition)) count++;
        return n.constant(count);
      }
    }
  }

  private call(name: string, args: readonly Value[]): Value {
    const helper = this.layer?.helpers.find((h) => h.name === name);
    if (!helper) return this.n.call(name, args);
    const hidden = helper.parameters.map((p) => [p, this.reals.get(p)] as const);
    for (const [i, p] of helper.parameters.entries()) this.reals.set(p, args[i] ?? this.n.constant(NaN));
    const result = this.real(helper.body);
    for (const [p, before] of hidden)
      if (before) this.reals.set(p, before);
      else this.reals.delete(p);
    return result;
  }

  private reduce({ name, binders, body }: Reduction): Value {
    const { n } = this;
    let [count, position] = [0, -1];
    let result: Value | undefined;
    for (const _ of this.points(binders)) {
      if (!this.isInside(body)) continue;
      count++;
      const value = this.real(body);
      const best = result;
      if (!best) [result, position] = [value, this.place(binders)];
      else if (name === "sum" || name === "mean") result = n.add(best, value);
      else if (name === "prod") result = n.multiply(best, value);
      else {
        const wins = /max/u.test(name) ? value.v > best.v : value.v < best.v;
        // a NaN stays
        if (wins || (Number.isNaN(value.v) && !Number.isNaN(best.v)))
          [result, position] = [value, this.place(binders)];
      }
    }
    switch (name) {
      case "sum":
        return result ?? n.constant(0);
      case "prod":
        return result ?? n.constant(1);
      case "mean":
        return result ? n.divide(result, n.constant(count)) : n.constant(0);
      case "max":
        return result ?? n.constant(-Infinity);
      case "min":
        return result ?? n.constant(Infinity);
      case "argmax":
      case "argmin":
        return n.constant(position);
    }
  }
  /** The row-major position in the binders' box. */
  private place(binders: readonly Binder[]): number {
    let place = 0;
    for (const [i, { name, upper }] of binders.entries())
      place = (i === 0 ? 0 : place * this.int(upper)) + (this.integers.get(name) ?? NaN);
    return place;
  }

  holds(c: Condition): boolean {
    switch (c.kind) {
      case "compare": {
        const [a, b] = [this.real(c.a).v, this.real(c.b).v];
        return { "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b, "==": a === b, "!=": a !== b }[
          c.operator
        ];
      }
      case "and":
        return this.holds(c.a) && this.holds(c.b);
      case "or":
        return this.holds(c.a) || this.holds(c.b);
      case "not":
        return !this.holds(c.a);
      case "any":
      case "all":
        for (const _ of this.points(c.binders))
          if (this.isConditionInside(c.condition, false) && this.holds(c.condition) === (c.kind === "any"))
            return c.kind === "any";
        return c.kind === "all";
    }
  }
}

type Arithmetic = Exclude<Int["kind"], "integer" | "named" | "element">;
const arithmetic: Readonly<Record<Arithmetic, (a: number, b: number) => number>> = {
  plus: (a, b) => a + b,
  minus: (a, b) => a - b,
  times: (a, b) => a * b,
  floored: (a, b) => Math.floor(a / b),
  ceiled: (a, b) => Math.ceil(a / b),
  modulo: (a, b) => a - b * Math.floor(a / b),
  exact: (a, b) => (Number.isInteger(a / b) ? a / b : NaN),
  smaller: Math.min,
  larger: Math.max,
};

/** Subscripts: those that are in bounds for sure, those that may miss, and conditions that keep them inside. */
import {
  int,
  minus,
  named,
  plus,
  sameNode,
  times,
  type Condition,
  type Int,
  type Read,
  type Real,
} from "./ast.js";
import type { Draw } from "./draw.js";

export interface Tensor {
  readonly name: string;
  readonly shape: readonly Int[];
  readonly integer: boolean;
  /** Values of an integer tensor are below it, and not below 0 unless `empty`. */
  readonly bound?: Int | undefined;
}
export interface ScopeIndex {
  readonly name: string;
  /** Its values are in 0..within-1; undefined where they may be negative. */
  readonly within: Int | undefined;
}
export interface Scope {
  readonly indices: readonly ScopeIndex[];
  /** Inside a reduction reads may miss their tensor. */
  readonly reduced: boolean;
  /** Integer params by what they may stand for. */
  readonly params: readonly string[];
}

export class Subscripts {
  private readonly draw: Draw;
  private readonly tensors: readonly Tensor[];
  constructor(draw: Draw, tensors: readonly Tensor[]) {
    this.draw = draw;
    this.tensors = tensors;
  }

  /** A read of the tensor; where it `mayMiss`, the boundary rule or what stands around it has to see to that. */
  read(tensor: Tensor, scope: Scope, mayMiss = scope.reduced): Read | undefined {
    const subscripts: Int[] = [];
    for (const extent of tensor.shape) {
      const missing = mayMiss && this.draw.oneIn(3);
      const subscript = (missing && this.free(extent, scope)) || this.inside(extent, scope);
      if (!subscript) return undefined;
      subscripts.push(subscript);
    }
    return { kind: "read", tensor: tensor.name, subscripts };
  }

  /** 0 <= s < extent at all sizes. */
  inside(extent: Int, scope: Scope, depth = 0): Int | undefined {
    const { draw } = this;
    const last = minus(extent, int(1));
    const fitting = scope.indices.filter(({ within }) => within && sameNode(within, extent));
    const index = fitting.length > 0 ? named(draw.pick(fitting).name) : undefined;
    const any = scope.indices.length > 0 ? named(draw.pick(scope.indices).name) : undefined;
    const nonnegative = scope.indices.filter(({ within }) => within);
    const other = nonnegative.length > 0 ? named(draw.pick(nonnegative).name) : undefined;
    const clamp = (a: Int): Int => ({
      kind: "smaller",
      a: { kind: "larger", a, b: int(0) },
      b: last,
    });
    const X = process.env["NOX"] ? 0 : 1;
    return draw.weighted<Int>([
      [12, () => index],
      [2, () => index && minus(last, index)],
      [1, () => index && { kind: "modulo", a: plus(index, this.shift(scope)), b: extent }],
      [
        X,
        () =>
          X > 0
            ? index &&
              draw.pick<Int>([
                { kind: "smaller", a: plus(index, int(1)), b: last },
                { kind: "larger", a: minus(index, int(1)), b: int(0) },
              ])
            : undefined,
      ],
      [X, () => (X > 0 ? any && clamp(plus(any, this.shift(scope))) : undefined)],
      [X, () => (X > 0 ? other && { kind: "smaller", a: other, b: last } : undefined)],
      [1, () => any && { kind: "modulo", a: any, b: extent }],
      [0.4, () => int(0)],
      [0.4, () => last],
      [index ? 2 : 6, () => (depth < 2 ? this.element(extent, scope, depth) : undefined)],
      [6, () => this.compound(extent, scope)],
      [2, () => this.part(extent, scope)],
    ]);
  }

  /** What may be out of bounds. */
  free(extent: Int, scope: Scope): Int | undefined {
    const { draw } = this;
    const [first, second = first] = draw.shuffled(scope.indices);
    if (!first || !second) return undefined;
    const [a, b] = [named(first.name), named(second.name)];
    const param = (name: string, otherwise: number): Int =>
      scope.params.includes(name) ? named(name) : int(otherwise);
    const step = draw.pick([param("stride", 2), param("dilation", 2), int(2), int(3)]);
    const reach = draw.pick([b, times(b, param("dilation", 2))]);
    return draw.weighted<Int>([
      [2, () => minus(a, b)],
      [2, () => plus(a, reach)],
      [1, () => plus(a, this.shift(scope))],
      [3, () => minus(plus(times(a, step), reach), draw.pick([param("pad", 1), int(1), int(0)]))],
      [1, () => minus(minus(plus(times(a, step), b), param("pad", 1)), int(1))],
      [2, () => (scope.reduced ? this.quotient(plus(a, b), b, step) : undefined)],
      [1, () => ({ kind: "floored", a: plus(a, b), b: step })],
      [1, () => minus(minus(extent, int(1)), plus(a, b))],
      [1, () => a],
      [
        1,
        () => {
          const element = this.element(extent, scope, 1);
          return element && (draw.oneIn(2) ? minus(element, b) : plus(element, this.shift(scope)));
        },
      ],
    ]);
  }
  private quotient(sum: Int, b: Int, step: Int): Int {
    const { draw } = this;
    return { kind: "exact", a: draw.oneIn(2) ? sum : minus(sum, times(int(2), b)), b: step };
  }
  private shift({ params }: Scope): Int {
    return this.draw.pick([int(1), int(1), int(2), params.includes("shift") ? named("shift") : int(-1)]);
  }

  /** An element of an integer tensor with this bound. */
  private element(extent: Int, scope: Scope, depth: number): Int | undefined {
    const fitting = this.tensors.filter((t) => t.integer && t.bound && sameNode(t.bound, extent));
    if (fitting.length === 0) return undefined;
    const { name, shape } = this.draw.pick(fitting);
    const subscripts = shape.map((axis) => this.inside(axis, scope, depth + 1));
    if (subscripts.some((s) => !s)) return undefined;
    return { kind: "element", tensor: name, subscripts: subscripts as readonly Int[] };
  }
  /** `a*B + b` on an axis of extent `A*B`. */
  private compound(extent: Int, scope: Scope): Int | undefined {
    if (extent.kind !== "times") return undefined;
    const [a, b] = [this.inside(extent.a, scope, 2), this.inside(extent.b, scope, 2)];
    return a && b && plus(times(a, extent.b), b);
  }
  /** `floor(i/B)` and `mod(i, B)` of an index below `A*B`. */
  private part(extent: Int, scope: Scope): Int | undefined {
    const found: Int[] = [];
    for (const { name, within } of scope.indices) {
      if (within?.kind !== "times") continue;
      if (sameNode(within.a, extent)) found.push({ kind: "floored", a: named(name), b: within.b });
      if (sameNode(within.b, extent)) found.push({ kind: "modulo", a: named(name), b: within.b });
    }
    return found.length > 0 ? this.draw.pick(found) : undefined;
  }

  /** A read that may miss under the condition that it does not; or in `pad`. */
  guarded(tensor: Tensor, scope: Scope, otherwise: () => Real): Real | undefined {
    const read = this.read(tensor, { ...scope, reduced: false }, true);
    if (!read) return undefined;
    if (this.draw.oneIn(2)) return { kind: "pad", read, value: otherwise() };
    const conditions = read.subscripts.flatMap((s, axis) => this.boundsOf(s, tensor.shape[axis] ?? int(1)));
    // an element in a condition makes it one on data, which guards nothing
    if (conditions.some((c) => JSON.stringify(c).includes('"element"'))) return undefined;
    const [first, ...rest] = conditions;
    if (!first) return read;
    const condition = rest.reduce<Condition>((a, b) => ({ kind: "and", a, b }), first);
    return { kind: "where", condition, a: read, b: otherwise() };
  }
  private boundsOf(subscript: Int, extent: Int): readonly Condition[] {
    if (subscript.kind === "named" || subscript.kind === "smaller" || subscript.kind === "modulo") {
      // in bounds as it stands, unless a lone index runs over another extent
      if (subscript.kind !== "named") return [];
    }
    const value: Real = { kind: "whole", value: subscript };
    return [
      { kind: "compare", operator: ">=", a: value, b: { kind: "whole", value: int(0) } },
      { kind: "compare", operator: "<", a: value, b: { kind: "whole", value: extent } },
    ];
  }
}

/**
 * The axes over which a formula is evaluated. Each index has an axis of its own: the last index of a left-hand side has the
 * last axis, the indices of a reduction have axes in front of those around it, so that what stands around a reduction
 * broadcasts against what stands inside.
 */
import type { Binder } from "../../notation/expression.js";
import type { Int } from "../../notation/integer.js";

/** An index with the values from..end-1; neither bound depends on other indices. */
export interface Axis {
  readonly name: string;
  readonly from: Int;
  readonly end: Int;
}

export class Box {
  /** The last axis first. */
  readonly axes: readonly Axis[];
  constructor(axes: readonly Axis[]) {
    this.axes = axes;
  }

  /** @param axes in the order of their axes, the first one first */
  static of(axes: readonly Axis[]): Box {
    return new Box(axes.toReversed());
  }
  /** The box with more axes in front. */
  inside(axes: readonly Axis[]): Box {
    return new Box([...this.axes, ...axes.toReversed()]);
  }
  /** How many axes come after it; -1 where it is none of this box. */
  place(name: string): number {
    return this.axes.findIndex((axis) => axis.name === name);
  }
  axis(name: string): Axis | undefined {
    return this.axes[this.place(name)];
  }
  /** Those of the names that have axes here, the first axis first. */
  inOrder(names: ReadonlySet<string>): readonly string[] {
    return this.axes
      .map(({ name }) => name)
      .filter((name) => names.has(name))
      .reverse();
  }
  /** Only these axes. */
  only(names: ReadonlySet<string>): Box {
    return new Box(this.axes.filter(({ name }) => names.has(name)));
  }
  get binders(): readonly Binder[] {
    return this.axes.toReversed().map(({ name, from, end }) => ({ name, lower: from, upper: end }));
  }
}

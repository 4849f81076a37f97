/** Random layers: statements over three axes, with windows, masks, branches to infinity and every kind of reduction. */
import { randomFrom, type Random } from "../../src/verify/random.js";

const axes = { n: "N", c: "C", h: "H" } as const;
type Axis = keyof typeof axes;

/** A tensor and the axes that its subscripts run over. */
interface Tensor {
  readonly name: string;
  readonly axes: readonly (Axis | "r")[];
}
/** Indices in scope by their axis; `reduced` says whether a read may miss its tensor. */
interface Scope {
  readonly indices: Readonly<Partial<Record<Axis | "r", string>>>;
  readonly reduced: boolean;
}

/** The text of a layer, the same for the same seed. */
export const randomLayer = (seed: number): string => new Writer(randomFrom(seed, "layer"), false).layer();
/** The same with an index tensor `t[N] < H` in subscripts and conditions. */
export const randomIndexedLayer = (seed: number): string =>
  new Writer(randomFrom(seed, "indexed layer"), true).layer();

class Writer {
  private readonly random: Random;
  private readonly indexed: boolean;
  private count = 0;
  private readonly tensors: Tensor[] = [
    { name: "x", axes: ["n", "c", "h"] },
    { name: "y", axes: ["n", "h"] },
    { name: "w", axes: ["c", "r"] },
    { name: "v", axes: ["c"] },
    { name: "m", axes: ["n", "c"] },
  ];

  constructor(random: Random, indexed: boolean) {
    this.random = random;
    this.indexed = indexed;
  }

  layer(): string {
    const lines = [
      `param stride = ${1 + this.random.integer(2)}`,
      "input x[N, C, H]",
      "input y[N, H]",
      "weight w[C, R]",
      "weight v[C]",
      "data m[N, C]",
      "output z",
      ...(this.indexed ? ["index t[N] < H"] : []),
    ];
    const statements = 1 + this.random.integer(3);
    for (let i = 0; i < statements; i++) {
      const own = this.some(["n", "c", "h"] as const, i === statements - 1 ? 1 : 0);
      const name = i === statements - 1 ? "z" : `a${i}`;
      const indices = Object.fromEntries(own.map((axis) => [axis, axis]));
      // a statement without an index is a scalar, and must read something
      const body = this.expression({ indices, reduced: false }, 3);
      const reads = own.length > 0 ? body : `${body} + sum[c](v[c])`;
      const brackets = own.length > 0 ? `[${own.join(", ")}]` : "";
      const shape = own.length > 0 ? `[${own.map((axis) => axes[axis]).join(", ")}]` : "";
      if (name === "z") lines[6] = `output z${shape}`;
      else lines.push(`local ${name}${shape}`);
      lines.push(`${name}${brackets} = ${reads}`);
      this.tensors.push({ name, axes: own });
    }
    return `${lines.join("\n")}\n`;
  }

  private pick<T>(items: readonly T[]): T {
    return items[this.random.integer(items.length)]!;
  }
  private some<T>(items: readonly T[], least: number): T[] {
    const chosen = items.filter(() => this.random.integer(2) === 0);
    return chosen.length >= least ? chosen : [this.pick(items)];
  }

  private expression(scope: Scope, depth: number): string {
    if (depth === 0) return this.leaf(scope);
    const inner = (): string => this.expression(scope, depth - 1);
    switch (this.random.integer(10)) {
      case 0:
      case 1:
        return this.leaf(scope);
      case 2:
        return `(${inner()} ${this.pick(["+", "-"])} ${inner()})`;
      case 3:
        return `${this.factor(inner())} * ${this.factor(inner())}`;
      case 4:
        return `${this.pick(["tanh", "sigmoid", "relu", "abs", "square", "sin", "softplus"])}(${inner()})`;
      case 5:
        return `where(${this.condition(scope)}, ${inner()}, ${this.pick([inner(), "0", "1"])})`;
      case 6: {
        // an infinity that never wins
        const [name, limit] = this.pick([
          ["min", "inf"],
          ["max", "-inf"],
        ]);
        return `${name}(${inner()}, where(${this.condition(scope)}, ${inner()}, ${limit}))`;
      }
      default:
        return this.reduction(scope, depth);
    }
  }
  private factor(text: string): string {
    return `(${text})`;
  }

  private reduction(scope: Scope, depth: number): string {
    const free = (["n", "c", "h", "r"] as const).filter((axis) => scope.indices[axis] === undefined);
    if (free.length === 0) return this.leaf(scope);
    const chosen = this.some(free, 1).slice(0, 2);
    const names = chosen.map((axis) => [axis, `${axis}${this.count++}`] as const);
    const indices = { ...scope.indices, ...Object.fromEntries(names) };
    const binders = names.map(([axis, name]) => {
      const { h } = scope.indices;
      if (axis === "r") return `${name} < R`;
      if (axis === "h" && h !== undefined && this.random.integer(2) === 0) return `${name} <= ${h}`;
      return `${name} < ${axes[axis]}`;
    });
    const inside: Scope = { indices, reduced: true };
    const body = this.expression(inside, depth - 1);
    const name = this.pick(["sum", "sum", "sum", "mean", "max", "min", "prod"] as const);
    const neutral = { sum: "0", mean: "0", max: "-inf", min: "inf", prod: "1" }[name];
    const masked =
      this.random.integer(3) === 0 ? `where(${this.condition(inside)}, ${body}, ${neutral})` : body;
    const reduced = `${name}[${binders.join(", ")}](${masked})`;
    // over no point it is infinite
    return name === "max" ? `max(${reduced}, -9)` : name === "min" ? `min(${reduced}, 9)` : reduced;
  }

  private condition(scope: Scope): string {
    const { n, h } = scope.indices;
    if (this.indexed && n !== undefined && h !== undefined && this.random.integer(2) === 0)
      return this.pick([`t[${n}] == ${h}`, `t[${n}] + 1 == ${h}`, `t[${n}] <= ${h}`, `${h} < t[${n}]`]);
    const names = Object.values(scope.indices);
    const side = (): string => (names.length > 0 ? this.pick([...names, "1"]) : "R");
    switch (this.random.integer(4)) {
      case 0:
        return `${side()} ${this.pick(["<", "<=", ">", "=="])} ${side()} + ${this.random.integer(2)}`;
      case 1:
        return `mod(${side()}, 2) == 0`;
      case 2:
        return `${this.leaf(scope)} ${this.pick(["<", ">"])} ${this.leaf(scope)}`;
      default:
        return `${side()} < ${this.pick(["R", "C", "2"])} and ${side()} >= ${side()}`;
    }
  }

  /** A read whose axes are all in scope, or a number. */
  private leaf(scope: Scope): string {
    const readable = this.tensors.filter((t) => t.axes.every((axis) => scope.indices[axis] !== undefined));
    if (readable.length === 0 || this.random.integer(8) === 0) return this.pick(["0.5", "2", "1"]);
    const { name, axes: own } = this.pick(readable);
    const subscripts = own.map((axis) => this.subscript(axis, scope));
    return subscripts.length === 0 ? name : `${name}[${subscripts.join(", ")}]`;
  }

  private subscript(axis: Axis | "r", { indices, reduced }: Scope): string {
    const own = indices[axis]!;
    const { n, r } = indices;
    if (this.indexed && axis === "h" && n !== undefined && this.random.integer(2) === 0)
      return reduced && r !== undefined ? this.pick([`t[${n}]`, `t[${n}] - ${r}`]) : `t[${n}]`;
    if (axis === "r") return this.pick([own, own, `R - 1 - ${own}`]);
    const turned = `${axes[axis]} - 1 - ${own}`;
    if (!reduced || r === undefined || axis !== "h") return this.pick([own, own, own, turned]);
    return this.pick([own, `${own}*stride + ${r} - 1`, `${own} - ${r}`, `(${own} + ${r})/stride`, turned]);
  }
}

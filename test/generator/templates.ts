/** Statements of known kinds, which chance alone seldom writes: windows, products, rows, positions, rearrangements. */
import {
  binary,
  call,
  decimal,
  int,
  minus,
  named,
  plus,
  times,
  type Binder,
  type Int,
  type Real,
  type ReductionName,
  type Statement,
} from "./ast.js";
import type { Draw } from "./draw.js";
import type { Expressions, World } from "./expressions.js";
import type { ScopeIndex, Tensor } from "./subscripts.js";

type Made = Omit<Statement, "role" | "name">;
interface Derived {
  readonly name: string;
  readonly value: Int;
}

const isNamed = (extent: Int): boolean => extent.kind === "named";
const read = (tensor: Tensor, subscripts: readonly Int[]): Real => ({
  kind: "read",
  tensor: tensor.name,
  subscripts,
});
const open = (name: string, upper: Int): Binder => ({ name, lower: int(0), upper, style: "open" });
const reduced = (name: ReductionName, binders: readonly Binder[], body: Real): Real => ({
  kind: "reduction",
  name,
  binders,
  body,
});

export class Templates {
  private readonly draw: Draw;
  private readonly world: World;
  private readonly make: Expressions;
  private readonly derive: (value: Int) => Derived;
  constructor(world: World, make: Expressions, derive: (value: Int) => Derived) {
    this.draw = world.draw;
    this.world = world;
    this.make = make;
    this.derive = derive;
  }

  /** An index a name, none twice. */
  private names(count: number): readonly string[] {
    return this.draw.shuffled(this.world.indexNames).slice(0, count);
  }
  private plain(extents: readonly Int[], names: readonly string[], body: Real, open: boolean): Made {
    const indices = extents.map((extent, i) => ({ name: names[i] ?? "", extent }));
    return { indices, subscripts: indices.map(({ name }) => named(name)), shape: extents, open, body };
  }
  private tensor(fits: (t: Tensor) => boolean): Tensor | undefined {
    const fitting = this.world.tensors.filter((t) => !t.integer && fits(t));
    return fitting.length > 0 ? this.draw.pick(fitting) : undefined;
  }

  any(): Made | undefined {
    return this.draw.weighted<Made>([
      [3, () => this.window()],
      [2, () => this.product()],
      [2, () => this.rows()],
      [2, () => this.position()],
      [2, () => this.rearranged()],
      [1, () => this.difference()],
      [1, () => this.valid()],
      [1, () => this.running()],
    ]);
  }

  /** A convolution, a pooling, or what adds up to a transposed one, with weights or without. */
  private window(): Made | undefined {
    const { draw } = this;
    const data = this.tensor((t) => t.shape.length >= 1 && t.shape.length <= 3);
    if (!data) return undefined;
    const axis = draw.integer(data.shape.length);
    const extent = data.shape[axis] ?? int(1);
    const [r = "r", p = "p", k = "k", ...others] = this.names(8);
    const has = (name: string, otherwise: number): Int =>
      this.world.integerParams.includes(name) ? named(name) : int(otherwise);
    const weight = this.tensor((t) => t.name !== data.name && t.shape.length <= 2 && t.shape.every(isNamed));
    const withWeight = weight && weight.shape.length > 0 && !draw.oneIn(3) ? weight : undefined;
    const taps = withWeight?.shape.at(-1) ?? int(2 + draw.integer(2));
    const channel = withWeight?.shape.length === 2 ? withWeight.shape[0] : undefined;
    const stride = draw.pick([has("stride", 2), int(1)]);
    const dilation = draw.pick([has("dilation", 2), int(1), int(1)]);
    const pad = draw.pick([has("pad", 1), int(0), int(1)]);
    const transposed = draw.oneIn(4);
    const step = (by: Int, index: string): Int =>
      by.kind === "integer" && by.value === 1 ? named(index) : times(named(index), by);
    const place: Int = transposed
      ? { kind: "exact", a: minus(plus(named(p), pad), step(dilation, r)), b: stride }
      : plus(minus(step(stride, p), pad), step(dilation, r));
    const reach = times(dilation, minus(taps, int(1)));
    const outer: Int = draw.pick<() => Int>([
      () => extent,
      () =>
        named(
          this.derive(
            transposed
              ? plus(plus(times(minus(extent, int(1)), stride), reach), int(1))
              : plus(
                  {
                    kind: "floored",
                    a: minus(minus(plus(extent, times(int(2), pad)), reach), int(1)),
                    b: stride,
                  },
                  int(1),
                ),
          ).name,
        ),
      () => named(this.derive({ kind: "ceiled", a: extent, b: stride }).name),
    ])();
    // the other axes of the data: kept, or summed
    const kept: { name: string; extent: Int }[] = [];
    const summed: Binder[] = [];
    const subscripts = data.shape.map((e, i) => {
      if (i === axis) return place;
      const name = others.pop() ?? "q";
      if (draw.oneIn(3)) summed.push(open(name, e));
      else kept.push({ name, extent: e });
      return named(name);
    });
    const value = read(data, subscripts);
    const factor = withWeight && read(withWeight, channel ? [named(k), named(r)] : [named(r)]);
    const binders = draw.shuffled([...summed, { ...open(r, taps), style: factor ? "open" : "<" } as const]);
    const pool = draw.pick(["sum", "mean", "max", "min", "prod"] as const);
    const body = factor
      ? reduced("sum", binders, binary("*", ...(draw.shuffled([value, factor]) as [Real, Real])))
      : reduced(pool, binders, transposed || !draw.oneIn(3) ? value : this.padded(value));
    const safe =
      pool === "max" || pool === "min"
        ? call(pool, body, pool === "max" ? { kind: "negative", a: decimal("9") } : decimal("9"))
        : body;
    const left = draw.shuffled([
      ...kept,
      ...(channel ? [{ name: k, extent: channel }] : []),
      { name: p, extent: outer },
    ]);
    return this.plain(
      left.map((l) => l.extent),
      left.map((l) => l.name),
      this.finished(factor ? body : safe),
      false,
    );
  }
  private padded = (value: Real): Real =>
    value.kind === "read"
      ? { kind: "pad", read: value, value: this.draw.pick([decimal("0"), decimal("0.5")]) }
      : value;
  private finished = (sum: Real): Real =>
    this.draw.weighted<Real>([
      [3, () => sum],
      [1, () => call(this.draw.pick(["relu", "tanh", "sigmoid", "gelu"]), sum)],
      [1, () => binary("-", binary("*", decimal("2"), sum), decimal("1"))],
    ]) ?? sum;

  /** `sum[c](a[n, c] * b[c, k])` of any two tensors with a common axis, and of three. */
  private product(): Made | undefined {
    const { draw } = this;
    const a = this.tensor((t) => t.shape.length > 0);
    const common = a && draw.pick(a.shape);
    const key = JSON.stringify(common);
    const b = this.tensor((t) => t.shape.some((e) => JSON.stringify(e) === key));
    if (!a || !b || !common) return undefined;
    const names = [...this.names(8)];
    const shared = names.pop() ?? "c";
    const left: { name: string; extent: Int }[] = [];
    const subscripts = (t: Tensor): readonly Int[] => {
      let used = false;
      return t.shape.map((extent) => {
        if (!used && JSON.stringify(extent) === key) {
          used = true;
          return named(shared);
        }
        const again = left.find((l) => JSON.stringify(l.extent) === JSON.stringify(extent));
        if (again && draw.oneIn(2)) return named(again.name);
        const name = names.pop() ?? "k";
        left.push({ name, extent });
        return named(name);
      });
    };
    const factors = [read(a, subscripts(a)), read(b, subscripts(b))] as const;
    if (left.length > 3) return undefined;
    const body = reduced("sum", [open(shared, common)], binary("*", ...factors));
    const order = draw.shuffled(left);
    return this.plain(
      order.map((l) => l.extent),
      order.map((l) => l.name),
      this.finished(body),
      draw.oneIn(2),
    );
  }

  /** Rows of a softmax, of deviations, of a norm; the last axis may be any. */
  private rows(): Made | undefined {
    const { draw } = this;
    const x = this.tensor((t) => t.shape.length > 0);
    if (!x) return undefined;
    const axis = draw.integer(x.shape.length);
    const extent = x.shape[axis] ?? int(1);
    const [bound = "j", ...names] = this.names(5);
    const own = names.slice(0, x.shape.length);
    const at = (index: string): Real =>
      read(
        x,
        own.map((name, i) => named(i === axis ? index : name)),
      );
    const here = at(own[axis] ?? "i");
    const over = (name: ReductionName, body: Real): Real => reduced(name, [open(bound, extent)], body);
    const body = draw.pick<() => Real>([
      () => binary("/", call("exp", here), over("sum", call("exp", at(bound)))),
      () => binary("-", here, over("mean", at(bound))),
      () =>
        binary(
          "/",
          here,
          call("sqrt", binary("+", over("mean", binary("^", at(bound), decimal("2"))), decimal("0.1"))),
        ),
      () => binary("-", here, call("stop", over("max", at(bound)))),
      () => binary("-", here, over(draw.pick(["max", "min"]), at(bound))),
      () => binary("-", here, call("log", over("sum", call("exp", at(bound))))),
      () => binary("*", here, over("prod", at(bound))),
    ])();
    return this.plain(x.shape, own, body, draw.oneIn(2));
  }

  /** An argmax, to be read through later. */
  private position(): Made | undefined {
    const { draw } = this;
    const x = this.tensor((t) => t.shape.length > 0);
    if (!x) return undefined;
    const axis = draw.integer(x.shape.length);
    const names = this.names(x.shape.length);
    const bound = names[axis] ?? "c";
    const value = read(x, names.map(named));
    const rest = x.shape.flatMap((extent, i) => (i === axis ? [] : [{ extent, name: names[i] ?? "" }]));
    const scored = draw.pick([value, value, binary("*", value, value)]);
    const body = reduced(draw.pick(["argmax", "argmin"]), [open(bound, x.shape[axis] ?? int(1))], scored);
    return this.plain(
      rest.map((r) => r.extent),
      rest.map((r) => r.name),
      body,
      draw.oneIn(2),
    );
  }

  /** A compound left-hand side, or a turned one. */
  private rearranged(): Made | undefined {
    const { draw } = this;
    const extents = this.world.extents.filter(isNamed);
    const [i = "i", j = "j", n = "n"] = this.names(3);
    const [a, b, c] = [draw.pick(extents), draw.pick(extents), draw.pick(extents)];
    const indices = (list: readonly (readonly [string, Int])[]): readonly ScopeIndex[] =>
      list.map(([name, within]) => ({ name, within }));
    const lefts: readonly (() => Omit<Made, "body" | "open">)[] = [
      () => ({
        indices: [{ name: i, extent: a }],
        subscripts: [minus(minus(a, int(1)), named(i))],
        shape: [a],
      }),
      () => ({
        indices: [
          { name: n, extent: c },
          { name: i, extent: a },
          { name: j, extent: b },
        ],
        subscripts: [named(n), plus(times(named(i), b), named(j))],
        shape: [c, times(a, b)],
      }),
      () => ({
        indices: [
          { name: i, extent: a },
          { name: j, extent: b },
        ],
        subscripts: [plus(named(j), times(b, named(i)))],
        shape: [times(a, b)],
      }),
    ];
    const left = draw.pick(lefts)();
    const scope = this.make.scope(indices(left.indices.map((x) => [x.name, x.extent] as const)));
    return { ...left, open: false, body: this.make.real(scope, draw.integer(3)) };
  }

  /** `x[i + 1] - x[i]`: one fewer than x has, which the text does not say. */
  private difference(): Made | undefined {
    const x = this.tensor((t) => t.shape.length === 1 && t.shape.every(isNamed));
    const extent = x?.shape[0];
    if (!x || !extent) return undefined;
    const [i = "i"] = this.names(1);
    const shift = 1 + this.draw.integer(2);
    const shape = [minus(extent, int(shift))];
    const later = read(x, [plus(named(i), int(shift))]);
    const body = binary(this.draw.pick(["-", "*"]), later, read(x, [named(i)]));
    return { ...this.plain(shape, [i], body, false), inferred: true };
  }
  /** `sum[r](x[p + r] * w[r])`: N - R + 1 of them, which the text does not say. */
  private valid(): Made | undefined {
    const x = this.tensor((t) => t.shape.length === 1 && t.shape.every(isNamed));
    const w = this.tensor((t) => t.shape.length === 1 && t.shape.every(isNamed) && t.name !== x?.name);
    const [extent, taps] = [x?.shape[0], w?.shape[0]];
    if (!x || !w || !extent || !taps) return undefined;
    const [p = "p", r = "r"] = this.names(2);
    const step = this.draw.pick([1, 1, 2]);
    const place = step === 1 ? plus(named(p), named(r)) : plus(times(int(2), named(p)), named(r));
    const span = minus(extent, taps);
    const shape = [plus(step === 1 ? span : { kind: "floored", a: span, b: int(step) }, int(1))];
    const body = reduced("sum", [open(r, taps)], binary("*", read(x, [place]), read(w, [named(r)])));
    return { ...this.plain(shape, [p], body, false), inferred: true };
  }

  /** Running sums, products and maxima. */
  private running(): Made | undefined {
    const { draw } = this;
    const x = this.tensor((t) => t.shape.length > 0);
    if (!x) return undefined;
    const axis = draw.integer(x.shape.length);
    const [j = "j", ...names] = this.names(5);
    const own = names.slice(0, x.shape.length);
    const last = own[axis] ?? "i";
    const value = read(
      x,
      own.map((name, i) => named(i === axis ? j : name)),
    );
    const binder: Binder = { name: j, lower: int(0), upper: plus(named(last), int(1)), style: "<=" };
    const name = draw.pick(["sum", "prod", "max", "min", "mean"] as const);
    return this.plain(x.shape, own, reduced(name, [binder], value), false);
  }
}

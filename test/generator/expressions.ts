/** Expressions and conditions at random, every function kept where it is defined. */
import {
  binary,
  call,
  decimal,
  int,
  minus,
  named,
  nodesOf,
  plus,
  times,
  type Binder,
  type Condition,
  type Int,
  type Real,
  type ReductionName,
} from "./ast.js";
import type { Draw } from "./draw.js";
import { Subscripts, type Scope, type ScopeIndex, type Tensor } from "./subscripts.js";

export interface World {
  readonly draw: Draw;
  /** What may be read; it grows by every statement. */
  readonly tensors: readonly Tensor[];
  /** Extents that indices run over. */
  readonly extents: readonly Int[];
  readonly integerParams: readonly string[];
  /** Real params and constants. */
  readonly symbols: readonly string[];
  readonly helpers: readonly { readonly name: string; readonly count: number }[];
  readonly indexNames: readonly string[];
}

export class Expressions {
  private readonly world: World;
  private readonly draw: Draw;
  readonly subscripts: Subscripts;
  constructor(world: World) {
    this.world = world;
    this.draw = world.draw;
    this.subscripts = new Subscripts(world.draw, world.tensors);
  }

  scope = (indices: readonly ScopeIndex[], reduced = false): Scope => ({
    indices,
    reduced,
    params: this.world.integerParams,
  });

  real(scope: Scope, depth: number): Real {
    if (depth <= 0) return this.leaf(scope);
    const { draw } = this;
    const part = (): Real => this.real(scope, depth - 1);
    const made = draw.weighted<Real>([
      [3, () => this.leaf(scope)],
      [3, () => binary(draw.pick(["+", "-"]), part(), part())],
      [3, () => binary("*", part(), part())],
      [1, () => this.quotient(part, part)],
      [1, () => this.power(scope, part)],
      [3, () => this.function(part)],
      [1, () => call(draw.pick(["min", "max"]), part(), part())],
      [0.5, () => this.pair(part)],
      [2, () => ({ kind: "where", condition: this.condition(scope, depth - 1), a: part(), b: part() })],
      [0.5, () => this.neverTaken(scope, depth)],
      [1, () => this.guarded(scope)],
      [4, () => this.reduction(scope, depth)],
      [0.4, () => this.count(scope, depth)],
      [0.5, () => ({ kind: "negative", a: part() })],
      [0.4, () => call("stop", part())],
      [0.7, () => this.helped(part)],
    ]);
    return made ?? this.leaf(scope);
  }

  leaf(scope: Scope): Real {
    const { draw } = this;
    const { symbols, integerParams } = this.world;
    const made = draw.weighted<Real>([
      [9, () => this.read(scope)],
      [0.6, () => decimal(draw.pick(["0.5", "2", "1", "3", "0.25", "1.5", "0", "1e-3"]))],
      [0.3, () => this.whole(scope)],
      [0.2, () => (symbols.length > 0 ? { kind: "symbol", name: draw.pick(symbols) } : undefined)],
      [
        0.1,
        () =>
          integerParams.length > 0 ? { kind: "whole", value: named(draw.pick(integerParams)) } : undefined,
      ],
      // where an index may be called e, that is what it means
      [
        0.1,
        () => ({
          kind: "constant",
          name: this.world.indexNames.includes("e") ? "pi" : draw.pick(["pi", "e"]),
        }),
      ],
    ]);
    return made ?? decimal("1");
  }
  read(scope: Scope, tensors = this.world.tensors): Real | undefined {
    for (const tensor of this.draw.shuffled(tensors.filter((t) => !t.integer || this.draw.oneIn(5)))) {
      const read = this.subscripts.read(tensor, scope);
      if (read) return read;
    }
    return undefined;
  }
  private guarded(scope: Scope): Real | undefined {
    const reals = this.world.tensors.filter((t) => !t.integer && t.shape.length > 0);
    if (reals.length === 0 || scope.indices.length === 0) return undefined;
    return this.subscripts.guarded(this.draw.pick(reals), scope, () => this.leaf(scope));
  }
  /** An index, a size, or what is computed of them. */
  private whole({ indices }: Scope): Real | undefined {
    const { draw } = this;
    const values: Int[] = [...indices.map(({ name }) => named(name)), draw.pick(this.world.extents)];
    const [a, b] = [draw.pick(values), draw.pick(values)];
    const value = draw.pick<Int>([
      a,
      a,
      plus(a, b),
      minus(a, b),
      { kind: "floored", a, b: int(2) },
      { kind: "modulo", a, b: int(3) },
    ]);
    return { kind: "whole", value };
  }

  private quotient(a: () => Real, b: () => Real): Real {
    const { draw } = this;
    const below = draw.weighted<Real>([
      [2, () => binary("+", decimal("1.5"), call("square", b()))],
      [1, () => binary("+", decimal("2"), call("tanh", b()))],
      [1, () => binary("+", call("exp", call("tanh", b())), decimal("0.5"))],
      [1, () => decimal(draw.pick(["2", "3", "0.7"]))],
      [0.5, b],
    ]);
    return binary("/", a(), below ?? decimal("2"));
  }
  private power(scope: Scope, base: () => Real): Real | undefined {
    const { draw } = this;
    const positive = (): Real => binary("+", call("abs", base()), decimal("0.25"));
    const { indices } = scope;
    return draw.weighted<Real>([
      [4, () => binary("^", base(), decimal(draw.pick(["2", "2", "3", "1", "0"])))],
      [1, () => binary("^", positive(), { kind: "negative", a: decimal(draw.pick(["1", "2", "0.5"])) })],
      [1, () => binary("^", positive(), decimal(draw.pick(["0.5", "1.5", "2.5"])))],
      [1, () => binary("^", positive(), call("tanh", base()))],
      [1, () => binary("^", decimal("2"), call("tanh", base()))],
      [
        1,
        () =>
          indices.length > 0
            ? binary("^", base(), { kind: "whole", value: this.exponent(draw.pick(indices)) })
            : undefined,
      ],
    ]);
  }
  private exponent = ({ name, within }: ScopeIndex): Int =>
    within ? { kind: "modulo", a: named(name), b: int(4) } : { kind: "larger", a: named(name), b: int(0) };

  private function(part: () => Real): Real {
    const { draw } = this;
    const tame = (): Real => call("tanh", part());
    const made = draw.weighted<Real>([
      [
        10,
        () =>
          call(
            draw.pick([
              ...["tanh", "sigmoid", "relu", "abs", "square", "sin", "cos", "softplus", "gelu", "erf"],
              ...["atan", "sign", "floor", "ceil", "round", "tanh", "relu", "square"],
            ]),
            part(),
          ),
      ],
      [1, () => call("exp", draw.pick([tame, () => call("min", part(), decimal("1")), part])())],
      [1, () => call("exp", { kind: "negative", a: call(draw.pick(["square", "abs"]), part()) })],
      [1, () => call("log", binary("+", call(draw.pick(["square", "abs"]), part()), decimal("0.5")))],
      [0.5, () => call("log1p", call("square", part()))],
      [0.5, () => call(draw.pick(["expm1", "sinh", "cosh", "tan"]), tame())],
      [1, () => call("sqrt", binary("+", call("square", part()), decimal("0.25")))],
      [0.5, () => call("sqrt", call("abs", part()))],
      [0.5, () => call(draw.pick(["asin", "acos"]), binary("*", decimal("0.75"), tame()))],
      [0.3, () => call("log", call("sigmoid", part()))],
    ]);
    return made ?? call("tanh", part());
  }
  private pair(part: () => Real): Real {
    const { draw } = this;
    const below = binary("+", call("square", part()), decimal("0.5"));
    return draw.oneIn(2)
      ? call("atan2", part(), below)
      : call("mod", part(), draw.pick([below, decimal("2"), decimal("0.75")]));
  }
  private helped(part: () => Real): Real | undefined {
    const { helpers } = this.world;
    if (helpers.length === 0) return undefined;
    const { name, count } = this.draw.pick(helpers);
    return call(name, ...Array.from({ length: count }, part));
  }
  /** An infinity that never wins. */
  private neverTaken(scope: Scope, depth: number): Real {
    const part = (): Real => this.real(scope, depth - 1);
    const infinity: Real = { kind: "constant", name: "inf" };
    const least = this.draw.oneIn(2);
    const never: Real = least ? infinity : { kind: "negative", a: infinity };
    const condition = this.condition(scope, 0);
    return call(least ? "min" : "max", part(), { kind: "where", condition, a: part(), b: never });
  }

  binder(scope: Scope): { readonly binder: Binder; readonly index: ScopeIndex } | undefined {
    const { draw } = this;
    const taken = new Set(scope.indices.map((i) => i.name));
    const free = this.world.indexNames.filter((name) => !taken.has(name));
    if (free.length === 0) return undefined;
    const name = draw.pick(free);
    const extent = draw.pick(this.world.extents);
    const outer = scope.indices.filter((i) => i.within);
    const enclosing = outer.length > 0 ? draw.pick(outer) : undefined;
    const range = (lower: Int, upper: Int, within: Int | undefined, style: Binder["style"] = "<") => ({
      binder: { name, lower, upper, style },
      index: { name, within },
    });
    const below = draw.pick(["<", "<="] as const);
    return draw.weighted([
      [8, () => range(int(0), extent, extent, draw.pick(["open", "open", "<"]))],
      [2, () => enclosing && range(int(0), plus(named(enclosing.name), int(1)), enclosing.within, "<=")],
      [1, () => enclosing && range(int(1), plus(named(enclosing.name), int(1)), enclosing.within, "<=")],
      [1, () => enclosing && range(int(0), named(enclosing.name), enclosing.within)],
      [1, () => enclosing?.within && range(named(enclosing.name), enclosing.within, enclosing.within, below)],
      [1, () => range(int(1), extent, extent, below)],
      [1, () => range(int(-1), draw.pick([int(2), extent]), undefined, below)],
      [0.5, () => range(int(0), int(2 + draw.integer(2)), undefined, below)],
    ]);
  }
  /** A few binders and the scope inside them. */
  private bound(scope: Scope): { binders: readonly Binder[]; inner: Scope } | undefined {
    const binders: Binder[] = [];
    let inner: Scope = { ...scope, reduced: true };
    for (let i = this.draw.oneIn(3) ? 2 : 1; i > 0; i--) {
      const made = this.binder(inner);
      if (!made) break;
      binders.push(made.binder);
      inner = { ...inner, indices: [...inner.indices, made.index] };
    }
    return binders.length > 0 && inner.indices.length <= 6 ? { binders, inner } : undefined;
  }

  reduction(scope: Scope, depth: number): Real | undefined {
    const { draw } = this;
    const made = this.bound(scope);
    if (!made) return undefined;
    const { binders, inner } = made;
    const name = draw.pick([
      ...(["sum", "sum", "sum", "sum", "mean", "max", "min", "prod"] as const),
      draw.pick(["argmax", "argmin"] as const),
    ] as readonly ReductionName[]);
    let body = this.real(inner, depth - 1);
    // what speaks of no binder is a product with their count; one of a few may
    if (!mentionsAny(body, binders) && !draw.oneIn(4)) body = binary("*", body, this.leaf(inner));
    const limit: Readonly<Partial<Record<ReductionName, Real>>> = {
      sum: decimal("0"),
      prod: decimal("1"),
      max: { kind: "negative", a: { kind: "constant", name: "inf" } },
      min: { kind: "constant", name: "inf" },
    };
    const neutral = limit[name];
    if (neutral && draw.oneIn(4))
      body = { kind: "where", condition: this.condition(inner, 1), a: body, b: neutral };
    const isPosition = name === "argmax" || name === "argmin";
    if (isPosition && binders.length > 1) return undefined;
    const reduced: Real = { kind: "reduction", name, binders, body };
    // over no point it is infinite
    if (name === "max") return call("max", reduced, { kind: "negative", a: decimal("9") });
    return name === "min" ? call("min", reduced, decimal("9")) : reduced;
  }
  private count(scope: Scope, depth: number): Real | undefined {
    const made = this.bound(scope);
    if (!made) return undefined;
    return { kind: "count", binders: made.binders, condition: this.condition(made.inner, depth - 1) };
  }

  condition(scope: Scope, depth: number): Condition {
    const { draw } = this;
    const part = (): Condition => this.condition(scope, depth - 1);
    const made = draw.weighted<Condition>([
      [4, () => this.ofIndices(scope)],
      [3, () => this.ofData(scope)],
      [1, () => this.ofElements(scope)],
      [1.5, () => (depth > 0 ? { kind: draw.pick(["and", "and", "or"]), a: part(), b: part() } : undefined)],
      [0.5, () => (depth > 0 ? { kind: "not", a: part() } : undefined)],
      [
        0.4,
        () => {
          const made = depth > 0 ? this.bound(scope) : undefined;
          return (
            made && {
              kind: draw.pick(["any", "all"]),
              binders: made.binders,
              condition: this.condition(made.inner, 0),
            }
          );
        },
      ],
    ]);
    return made ?? this.ofIndices(scope);
  }
  private ofIndices({ indices, params }: Scope): Condition {
    const { draw } = this;
    const values: Int[] = [...indices, ...indices].map(({ name }) => named(name));
    const a = draw.pick<Int>([...values, ...(values.length > 0 ? [] : [draw.pick(this.world.extents)])]);
    const others: Int[] = [...values, int(1), int(0), minus(draw.pick(this.world.extents), int(1))];
    if (params.length > 0) others.push(named(draw.pick(params)));
    const b = draw.pick(others);
    const whole = (value: Int): Real => ({ kind: "whole", value });
    const compare = (operator: "<" | "<=" | ">" | ">=" | "==" | "!=", x: Int, y: Int): Condition => ({
      kind: "compare",
      operator,
      a: whole(x),
      b: whole(y),
    });
    return draw.pick<() => Condition>([
      () => compare(draw.pick(["<", "<=", ">", ">=", "==", "!="]), a, b),
      () => compare(draw.pick(["<", ">="]), plus(a, draw.pick(others)), b),
      () => compare("==", { kind: "modulo", a, b: int(2) }, int(0)),
      () => compare(draw.pick(["<=", ">", "=="]), times(int(2), a), b),
    ])();
  }
  private ofData(scope: Scope): Condition | undefined {
    const { draw } = this;
    const a = this.read(scope);
    if (!a) return undefined;
    const b = draw.pick([() => decimal("0"), () => decimal("0.5"), () => this.leaf(scope)])();
    return { kind: "compare", operator: draw.pick(["<", ">", "<=", ">="]), a, b };
  }
  private ofElements(scope: Scope): Condition | undefined {
    const { draw } = this;
    const a = this.read(
      scope,
      this.world.tensors.filter((t) => t.integer),
    );
    if (!a || scope.indices.length === 0) return undefined;
    const b: Real = { kind: "whole", value: named(draw.pick(scope.indices).name) };
    return { kind: "compare", operator: draw.pick(["==", "==", "!=", "<", "<=", ">"]), a, b };
  }
}

const mentionsAny = (e: Real, binders: readonly Binder[]): boolean =>
  [...nodesOf(e)].some((n) => n.kind === "named" && binders.some((b) => b.name === n.name));

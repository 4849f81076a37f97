/** A well-formed layer at random: what sections 1 to 6 of the language offer, in any mixture. */
import { randomFrom } from "../../src/verify/random.js";
import {
  binary,
  call,
  decimal,
  int,
  minus,
  named,
  nodesOf,
  plus,
  sameNode,
  times,
  type Declaration,
  type Int,
  type Layer,
  type Node,
  type Param,
  type Real,
  type Statement,
} from "./ast.js";
import { Draw } from "./draw.js";
import { Expressions, type World } from "./expressions.js";
import type { Tensor } from "./subscripts.js";
import { Templates } from "./templates.js";

/** The same for the same seed. */
export const generate = (seed: number): Layer =>
  trimmed(new Generator(new Draw(randomFrom(seed, "generator"))).layer());

const sizes = ["N", "C", "H", "W", "K", "R", "L", "T"];
const tensorNames = [
  "x",
  "y",
  "w",
  "v",
  "m",
  "a",
  "u",
  "γ",
  "x̂",
  "h",
  "q",
  "key",
  "val",
  "W",
  "float",
  "let",
  "out",
];
/** A scalar tensor is a value, as sizes and indices are. */
const scalarNames = ["μ", "tau", "total", "b0", "this", "in0", "loss", "exp1"];
/** Short lists, so that neighbouring statements share names on purpose. */
const indexNames = [
  ["n", "c", "h", "k", "r", "p"],
  ["i", "j", "k", "l", "i'", "j'"],
  ["n", "c", "i", "j", process.env["NOX"] ? "f" : "e", "t", "n'"],
  ["x", "y", "w", "r", "s", "i0", "ν"],
  ["a", "b", "c", "c'", "c''", "sum0", "p"],
];
const params: readonly Param[] = [
  { name: "stride", value: 2, others: [1, 3] },
  { name: "dilation", value: 1, others: [2, 3] },
  { name: "pad", value: 1, others: [0, 2] },
  { name: "shift", value: 1, others: [-1, 0, 2] },
];
const realParams: readonly Param[] = [
  { name: "eps", value: 1e-3, others: [0.5] },
  { name: "beta", value: 2, others: [0.5, -1] },
  { name: "alpha", value: 0.3, others: [0, 1] },
];

class Generator {
  private readonly draw: Draw;
  private readonly derived: { name: string; value: Int }[] = [];
  constructor(draw: Draw) {
    this.draw = draw;
  }

  layer(): Layer {
    const { draw } = this;
    const own = draw.shuffled(sizes).slice(0, 2 + draw.integer(3));
    const integerParams = params.filter(() => draw.oneIn(3));
    const reals = realParams.filter(() => draw.oneIn(5));
    const free = draw.shuffled(tensorNames);
    const scalars = draw.shuffled(scalarNames);
    const next = (scalar: boolean): string => (scalar ? scalars : free).pop() ?? (scalar ? "zz" : "zzz");
    const declarations = this.declarations(own, next);
    const introduced = own.filter((size) =>
      declarations.some(({ shape, bound }) =>
        [...shape, ...(bound ? [bound] : [])].some((e) =>
          [...nodesOf(e)].some((n) => n.kind === "named" && n.name === size),
        ),
      ),
    );
    const extents = introduced.map(named);
    if (draw.oneIn(4)) extents.push(named(this.derive(this.derivation(extents, integerParams)).name));
    const tensors: Tensor[] = declarations.map(({ role, name, shape, bound }) => ({
      name,
      shape,
      integer: role === "index",
      bound,
    }));
    const constants = this.constants(introduced);
    const helpers = draw.oneIn(4) ? [this.helper(reals)] : [];
    const world: World = {
      draw,
      tensors,
      extents,
      integerParams: integerParams.map((p) => p.name),
      symbols: [...reals, ...constants].map((s) => s.name),
      helpers: helpers.map(({ name, parameters }) => ({ name, count: parameters.length })),
      indexNames: draw.pick(indexNames),
    };
    const statements = this.statements(world, tensors, next);
    const requirements = draw.oneIn(8)
      ? [
          {
            kind: "compare",
            operator: ">=",
            a: { kind: "whole", value: plus(draw.pick(extents), int(draw.integer(2))) },
            b: { kind: "whole", value: int(draw.integer(3)) },
          } as const,
        ]
      : [];
    return {
      params: [...integerParams, ...reals],
      declarations,
      derived: this.derived,
      constants,
      helpers,
      requirements,
      statements,
    };
  }

  private declarations(own: readonly string[], next: (scalar: boolean) => string): readonly Declaration[] {
    const { draw } = this;
    const shape = (most: number): Int[] => {
      const axes = Array.from({ length: draw.integer(most + 1) }, () => named(draw.pick(own)));
      // an axis of two sizes, now and then
      const last = axes.at(-1);
      return last && draw.oneIn(8) ? [...axes.slice(0, -1), times(named(draw.pick(own)), last)] : axes;
    };
    const found: Declaration[] = [];
    const add = (role: Declaration["role"], axes: readonly Int[], bound?: Int): void =>
      void found.push({ role, name: next(axes.length === 0), shape: axes, ...(bound && { bound }) });
    add("input", [named(own[0] ?? "N"), ...shape(2)]);
    for (let i = 1 + draw.integer(3); i > 0; i--)
      add(draw.pick(["input", "weight", "weight", "data"]), shape(3));
    for (let i = draw.integer(3) - 1; i > 0; i--) add("index", shape(2), named(draw.pick(own)));
    return found;
  }

  private derive(value: Int): { name: string; value: Int } {
    const known = this.derived.find((d) => sameNode(d.value, value));
    const made = known ?? { name: ["P", "Q", "S", "D", "E", "F", "G"][this.derived.length] ?? "Z", value };
    if (!known) this.derived.push(made);
    return made;
  }
  private derivation(extents: readonly Int[], integerParams: readonly Param[]): Int {
    const { draw } = this;
    const [a, b] = [draw.pick(extents), draw.pick(extents)];
    const step = integerParams.some((p) => p.name === "stride") ? named("stride") : int(2);
    return draw.pick<Int>([
      { kind: "ceiled", a, b: step },
      plus({ kind: "floored", a: minus(a, int(1)), b: step }, int(1)),
      plus(times(int(2), a), int(1)),
      { kind: "larger", a, b },
      { kind: "smaller", a, b },
      plus({ kind: "modulo", a, b: int(3) }, int(1)),
      times(a, b),
      plus(a, b),
    ]);
  }
  private constants(own: readonly string[]): readonly { name: string; value: Real }[] {
    const { draw } = this;
    if (!draw.oneIn(4)) return [];
    const size: Real = { kind: "whole", value: named(draw.pick(own)) };
    const index: Real = { kind: "whole", value: named("i") };
    const value = draw.pick<Real>([
      binary("/", decimal("1"), call("sqrt", size)),
      call("log", binary("+", size, decimal("1"))),
      {
        kind: "reduction",
        name: draw.pick(["sum", "max", "prod", "mean"]),
        binders: [{ name: "i", lower: int(0), upper: named(draw.pick(own)), style: "<" }],
        body: binary("/", decimal("1"), binary("+", index, decimal("1"))),
      },
    ]);
    return [{ name: "scale", value }];
  }
  private helper(reals: readonly Param[]): Layer["helpers"][number] {
    const u: Real = { kind: "symbol", name: "z" };
    const [first] = reals;
    const factor: Real = first ? { kind: "symbol", name: first.name } : decimal("0.5");
    const other: Real = { kind: "symbol", name: "g" };
    return this.draw.pick([
      { name: "act", parameters: ["z"], body: binary("*", u, call("sigmoid", binary("*", factor, u))) },
      {
        name: "bend",
        parameters: ["z"],
        body: binary("-", call("square", u), binary("*", factor, call("tanh", u))),
      },
      {
        name: "blend",
        parameters: ["z", "g"],
        body: binary("+", binary("*", other, u), binary("*", binary("-", decimal("1"), other), factor)),
      },
    ]);
  }

  private statements(
    world: World,
    tensors: Tensor[],
    next: (scalar: boolean) => string,
  ): readonly Statement[] {
    const { draw } = this;
    const count = 1 + draw.integer(4);
    const found: Statement[] = [];
    for (let i = 0; i < count; i++) {
      const make = new Expressions(world);
      const templates = new Templates(world, make, (value) => this.derive(value));
      const last = i === count - 1;
      const made = (draw.oneIn(2) ? templates.any() : undefined) ?? this.free(world, make, last);
      const name = last ? "z" : next(made.shape.length === 0);
      const role = last || draw.oneIn(5) ? "output" : "local";
      found.push({ ...made, role, name });
      const { body } = made;
      const position = body.kind === "reduction" && body.name.startsWith("arg");
      const bound = position ? body.binders[0]?.upper : undefined;
      tensors.push({
        name,
        shape: made.shape,
        integer: position,
        bound: bound && !mentionsIndex(bound, made) ? bound : undefined,
      });
    }
    return found;
  }

  private free(world: World, make: Expressions, last: boolean): Omit<Statement, "role" | "name"> {
    const { draw } = this;
    const names = draw.shuffled(world.indexNames);
    const count = draw.pick(last ? [1, 1, 2, 2, 3, 0] : [0, 1, 1, 2, 2]);
    const shape = Array.from({ length: count }, () => draw.pick(world.extents));
    const indices = shape.map((extent, i) => ({ name: names[i] ?? "", extent }));
    const scope = make.scope(indices.map(({ name, extent }) => ({ name, within: extent })));
    const depth = 2 + draw.integer(3);
    let body = count > 0 ? make.real(scope, depth) : this.scalar(make, depth);
    // seldom a copy or a number alone
    for (let attempt = 0; attempt < 3 && !("a" in body || "body" in body || "arguments" in body); attempt++)
      body = count > 0 ? make.real(scope, depth) : body;
    return { indices, shape, subscripts: indices.map(({ name }) => named(name)), open: draw.oneIn(2), body };
  }
  /** Without an index it has to read something. */
  private scalar(make: Expressions, depth: number): Real {
    const scope = make.scope([]);
    for (let attempt = 0; attempt < 20; attempt++) {
      const body = make.reduction(scope, depth);
      if (body && hasSubscript(body)) return body;
    }
    return make.leaf(scope);
  }
}
const hasSubscript = (e: Node): boolean =>
  [...nodesOf(e)].some((n) => n.kind === "read" && n.subscripts.length > 0);
const mentionsIndex = (bound: Int, { indices }: Pick<Statement, "indices">): boolean =>
  [...nodesOf(bound)].some((n) => n.kind === "named" && indices.some((i) => i.name === n.name));

/** Without the params, sizes, constants, helpers and requirements that nothing mentions. */
export function trimmed(layer: Layer): Layer {
  const { params, declarations, derived, constants, helpers, requirements, statements } = layer;
  const texts = (nodes: readonly unknown[]): string => JSON.stringify(nodes);
  const uses = (text: string, name: string): boolean => text.includes(`"name":"${name}"`);
  const body = texts([
    declarations.map(({ shape, bound }) => [shape, bound]),
    statements.map(({ indices, subscripts, shape, body }) => [
      indices.map((i) => i.extent),
      subscripts,
      shape,
      body,
    ]),
  ]);
  const usedHelpers = helpers.filter((h) => uses(body, h.name));
  const inHelpers = texts(usedHelpers.map((h) => h.body));
  const usedConstants = constants.filter((c) => uses(body, c.name) || uses(inHelpers, c.name));
  const text = body + inHelpers + texts(usedConstants.map((c) => c.value));
  const usedDerived = derived.filter((d) => uses(text, d.name));
  const all = text + texts(usedDerived.map((d) => d.value));
  const sizesLeft = texts(declarations.map(({ shape, bound }) => [shape, bound]));
  return {
    params: params.filter((p) => uses(all, p.name)),
    declarations,
    derived: usedDerived,
    constants: usedConstants,
    helpers: usedHelpers,
    requirements: requirements.filter((c) =>
      [...nodesOf(c)].every(
        (n) => n.kind !== "named" || uses(sizesLeft, n.name) || usedDerived.some((d) => d.name === n.name),
      ),
    ),
    statements,
  };
}

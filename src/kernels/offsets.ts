/** Flat row-major offsets, with what does not change in the innermost loop computed before it. */
import { simplifyInt } from "../algebra/integers.js";
import type { Expression, Read } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Atom, Int } from "../notation/integer.js";
import type { Statement, Tensor } from "../notation/layer.js";
import type { Builder } from "./block.js";

/** A tensor, or a slice of one, `whole`, that begins at an offset. */
export type Shape = Tensor & { readonly base?: Int; readonly whole?: string };
export type Shapes = ReadonlyMap<string, Shape>;

/** The shapes with a slice by itself, which begins at 0: what is computed of it before it goes to its place. */
export function byItself(shapes: Shapes, tensor: string): Shapes {
  const shape = shapes.get(tensor);
  return shape?.base ? new Map([...shapes, [tensor, { ...shape, base: integer.zero }]]) : shapes;
}

/** The tensor's subscripts as one offset: ((s0·E1 + s1)·E2 + s2)… */
export function flatOffset(tensor: Shape, subscripts: readonly Int[]): Int {
  const offset = subscripts.reduce(
    (offset, s, axis) =>
      axis === 0 ? s : integer.plus(integer.times(offset, tensor.shape[axis] ?? integer.one), s),
    integer.zero,
  );
  return tensor.base ? integer.plus(tensor.base, offset) : offset;
}

/** The offset of a read or store, with divisions and elements named and the loop-invariant part hoisted. */
export function emitOffset(builder: Builder, shapes: Shapes, name: string, subscripts: readonly Int[]): Int {
  const tensor = shapes.get(name);
  if (!tensor) throw new Error(`no buffer ${name}`);
  return hoistInvariant(
    builder,
    name,
    flatOffset(tensor, namedSubscripts(builder, shapes, tensor, subscripts)),
  );
}

/** Stores a value at the statement's place, which is found first. */
export function emitStore(
  builder: Builder,
  shapes: Shapes,
  { tensor, subscripts }: Pick<Statement, "tensor" | "subscripts">,
  find: () => Expression,
): void {
  const offset = emitOffset(builder, shapes, tensor, subscripts);
  const value = find();
  builder.emit({
    kind: "store",
    buffer: tensor,
    offset,
    value: value.kind === "integer" ? value.value : value,
  });
}

/** Quotients, remainders and elements become local integers: `const p = (h + pad - r) / stride`. */
export function nameAtoms(builder: Builder, shapes: Shapes, value: Int, base?: string): Int {
  const named = (atom: Atom): Int => {
    if (atom.kind === "variable") return integer.variable(atom.name);
    if (atom.kind === "element")
      return builder.define(elementAt(builder, shapes, atom), `${atom.tensor}_value`);
    const parts = integer.atomParts(atom).map((part) => nameAtoms(builder, shapes, part, undefined));
    const rebuilt = integer.rebuildAtom(atom, parts);
    return dependsOnLoop(builder, rebuilt) ? builder.define(rebuilt, base ?? atomNames[atom.kind]) : rebuilt;
  };
  return integer.plus(
    ...value.monomials.map((m) => integer.times(integer.constant(m.coefficient), ...m.factors.map(named))),
  );
}
const atomNames = {
  floor: "quotient",
  exact: "quotient",
  modulo: "remainder",
  min: "least",
  max: "most",
  power: "power",
} as const;

/** The subscripts of a tensor, each named after its axis where it is a quotient or the like. */
function namedSubscripts(
  builder: Builder,
  shapes: Shapes,
  tensor: Tensor,
  subscripts: readonly Int[],
): Int[] {
  return subscripts.map((s, axis) =>
    nameAtoms(builder, shapes, simplifyInt(s, builder.facts), axisName(tensor, axis)),
  );
}

/** An integer tensor's element with its flat offset. */
function elementAt(builder: Builder, shapes: Shapes, atom: Extract<Atom, { kind: "element" }>): Int {
  const tensor = shapes.get(atom.tensor);
  if (!tensor) throw new Error(`no buffer ${atom.tensor}`);
  const named = namedSubscripts(builder, shapes, tensor, atom.subscripts);
  return integer.element(atom.tensor, [hoistInvariant(builder, atom.tensor, flatOffset(tensor, named))]);
}

const dependsOnLoop = (builder: Builder, value: Int): boolean =>
  [...integer.variablesOf(value)].some((name) => builder.isLocal(name));

/** What the innermost index does not touch is computed once outside, where it costs a multiplication. */
function hoistInvariant(builder: Builder, tensor: string, offset: Int): Int {
  const moving = offset.monomials.filter((m) => m.factors.some((f) => atomMoves(builder, f)));
  // a literal stays with what moves: neighbours share one base
  const fixed = offset.monomials.filter((m) => !moving.includes(m) && m.factors.length > 0);
  const costs = fixed.length > 1 || fixed.some((m) => m.factors.length > 1);
  if (moving.length === 0 || !costs) return offset;
  const base: Int = { kind: "int", monomials: fixed };
  const rest = offset.monomials.filter((m) => !fixed.includes(m));
  return integer.plus(builder.define(base, `${tensor}_at`), { kind: "int", monomials: rest });
}
function atomMoves(builder: Builder, atom: Atom): boolean {
  if (atom.kind === "variable") return builder.isInnermost(atom.name);
  return integer.atomParts(atom).some((p) => [...integer.variablesOf(p)].some((n) => builder.isInnermost(n)));
}

/** `p` for an axis of extent `P`, else the tensor's name and axis. */
export function axisName(tensor: Tensor, axis: number): string {
  const size = integer.plainVariable(tensor.shape[axis] ?? integer.one)?.toLowerCase();
  return size && /^[a-z]$/.test(size) ? size : `${tensor.name}${axis}`;
}

export const readOf = (tensor: string, offset: Int): Read => ({ kind: "read", tensor, subscripts: [offset] });

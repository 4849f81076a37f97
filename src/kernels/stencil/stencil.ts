/**
 * Stencils: sums over the taps of a window that slides over one operand, while the other gives the taps' weights,
 *
 *   z[c, p, q] = Σ_{r,s} x[c, p·stride − pad + r, q·stride − pad + s] · w[c, r, s].
 *
 * Where few results share a weight's row there is nothing for a matrix product to reuse, but neighbours share points:
 * each plane of x is copied once, with margins of zeros, and read in place by every tap.
 */
import { extremeOver, isPositive, simplifyInt } from "../../algebra/integers.js";
import * as build from "../../notation/construct.js";
import type { Binder, Expression } from "../../notation/expression.js";
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import type { Index, Statement } from "../../notation/layer.js";
import { factsInside } from "../../ranges/facts.js";
import { assuming, proves, withRange, type Facts } from "../../ranges/prove.js";
import { gainsOf } from "../contraction/odometer.js";
import {
  inTermsOfQuotients,
  isDivisibility,
  phasesOf,
  resolvable,
  type Phase,
} from "../contraction/phases.js";
import type { Operand, Term, TiledSums } from "../contraction/terms.js";
import type { Shapes } from "../offsets.js";

/** A subscript that the window slides along, and the range of values that it takes. */
export interface Slide {
  readonly axis: number;
  readonly low: Int;
  readonly high: Int;
}
export interface Stencil {
  /** Its rows are the operand that the window slides over, its columns the weights. */
  readonly term: Term;
  readonly epilogue: Expression;
  /** Output indices that say which plane is meant: all others of that operand move on it, the last one fastest. */
  readonly still: readonly Index[];
  readonly moving: readonly Index[];
  /** Summed indices that choose a plane, and those that choose a point of it: the taps. */
  readonly planes: readonly Binder[];
  readonly taps: readonly Binder[];
  /** The plane's axes, the one that the last output index moves along fastest. */
  readonly slides: readonly Slide[];
}

/** The sums as a stencil; undefined where no window slides along the last output index. */
export function stencilOf(
  statement: Statement,
  { terms, epilogue }: TiledSums,
  shapes: Shapes,
  facts: Facts,
): Stencil | undefined {
  const [last] = statement.subscripts.slice(-1);
  const along = last && integer.plainVariable(last);
  const [only, ...others] = terms;
  if (!only || others.length > 0 || along === undefined) return undefined;
  const term = only.rows.outer.some((i) => i.name === along) ? only : turned(only);
  const { batch, rows, columns, reduced } = term;
  const phases = phasesOf(term, facts);
  if (rows.outer.at(-1)?.name !== along || columns.guard.length > 0 || !resolvable(term, facts))
    return undefined;
  const read = rows.read.subscripts.map((s) => [...integer.variablesOf(s)]);
  const among = (names: readonly { readonly name: string }[], axis: readonly string[] = []): boolean =>
    axis.some((name) => names.some((n) => n.name === name));
  const slid = read.flatMap((axis, i) => (among(rows.outer, axis) && among(reduced, axis) ? [i] : []));
  const isSlid = ({ name }: { readonly name: string }): boolean => slid.some((i) => read[i]?.includes(name));
  const moving = rows.outer.filter(isSlid);
  const taps = reduced.filter(isSlid);
  const still = [...batch, ...rows.outer.filter((i) => !isSlid(i))];
  const planes = reduced.filter((b) => !isSlid(b));
  const fastest = slid.filter((i) => read[i]?.includes(along));
  // what moves on the plane must not choose it too
  const apart = read.every((axis, i) =>
    slid.includes(i) ? !among([...still, ...planes], axis) : !among([...moving, ...taps], axis),
  );
  const alone = rows.outer.every((i) => i.name === along || !fastest.some((f) => read[f]?.includes(i.name)));
  // margins stand for what lies out of bounds where the window slides, and nowhere else
  const inside = factsInside(facts, [...[...batch, ...rows.outer, ...columns.outer].map(ranged), ...reduced]);
  const safe =
    isInBounds(rows, shapes, inside, (axis) => !slid.includes(axis)) && isInBounds(columns, shapes, inside);
  // neighbours in a phase are neighbours on the plane only where the subscript is divided by the phases' stride
  const divides = fastest.every((i) => integer.someAtom(rows.read.subscripts[i]!, (a) => a.kind === "exact"));
  if (phases.length > 0 && !divides) return undefined;
  if (fastest.length !== 1 || !safe || !alone || !apart || !isSwept(term, phases, along, shapes, facts))
    return undefined;
  const slides = [...slid.filter((i) => !fastest.includes(i)), ...fastest].flatMap(
    (axis) => slideOf(axis, rows, [...moving.map(ranged), ...taps], factsInside(facts, still)) ?? [],
  );
  return slides.length === slid.length ? { term, epilogue, still, moving, planes, taps, slides } : undefined;
}

/** Whether the read's subscripts, or those on some axes, are in bounds at every point. */
function isInBounds(
  { read }: Operand,
  shapes: Shapes,
  facts: Facts,
  on: (axis: number) => boolean = () => true,
): boolean {
  const shape = shapes.get(read.tensor)?.shape;
  return read.subscripts.every(
    (s, axis) => !on(axis) || proves(facts, build.within(s, integer.zero, shape?.[axis] ?? integer.zero)),
  );
}

const turned = (term: Term): Term => ({ ...term, rows: term.columns, columns: term.rows });
const ranged = ({ name, extent }: Index): Binder => ({ name, lower: integer.zero, upper: extent });

/** Whether the index map is affine, runs forwards, and nothing but the tensor's bounds decides which points count. */
function isSwept(term: Term, phases: readonly Phase[], along: string, shapes: Shapes, facts: Facts): boolean {
  const { batch, rows, reduced } = term;
  const names = [...[...batch, ...rows.outer].map(ranged), ...reduced];
  const shape = shapes.get(rows.read.tensor)?.shape;
  const { operand, quotients } = inTermsOfQuotients(rows, phases);
  const inside = quotients.reduce((f, name) => withRange(f, name, {}), factsInside(facts, names));
  const subscripts = operand.read.subscripts;
  const inBounds = subscripts.map((s, axis) => build.within(s, integer.zero, shape?.[axis] ?? integer.one));
  const known = assuming(inside, build.and(...inBounds));
  const rate = subscripts.flatMap((s) => integer.affineIn(s, along)?.coefficient ?? []);
  return (
    shape !== undefined &&
    subscripts.every((s) => gainsOf(s, names) !== undefined && !integer.someAtom(s, isDivided)) &&
    rate.every((a) => a.monomials.length === 0 || isPositive(a, facts)) &&
    operand.guard.every((c) => !isDivisibility(c) && proves(known, c))
  );
}
const isDivided = ({ kind }: { readonly kind: string }): boolean => kind !== "variable" && kind !== "power";

/** The values that a subscript takes; a quotient by a stride takes those of its numerator, divided. */
function slideOf(axis: number, rows: Operand, names: readonly Binder[], facts: Facts): Slide | undefined {
  const subscript = rows.read.subscripts[axis] ?? integer.zero;
  const atom = integer.onlyAtom(subscript);
  const divided = atom?.kind === "exact" ? atom : undefined;
  const ends = (["lower", "upper"] as const).flatMap((side) => {
    const end = extremeOver(divided?.numerator ?? subscript, side, names, facts);
    return end ? [simplifyInt(divided ? integer.floorDivide(end, divided.denominator) : end, facts)] : [];
  });
  const [low, high] = ends;
  return low && high && ends.length === 2 ? { axis, low, high } : undefined;
}

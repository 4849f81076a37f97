/** The four results of a strip: what is theirs alone in lanes, all else once. */
import { simplifyCondition, simplifyInt } from "../../../algebra/integers.js";
import { boxExtents, flatPosition } from "../../../calculus/positions.js";
import { substitute } from "../../../notation/binders.js";
import * as build from "../../../notation/construct.js";
import { conjuncts } from "../../../notation/construct.js";
import type { Condition, Expression, Reduction } from "../../../notation/expression.js";
import * as integer from "../../../notation/integer.js";
import type { Int, Monomial } from "../../../notation/integer.js";
import type { Index } from "../../../notation/layer.js";
import { rewrite } from "../../../notation/traverse.js";
import { factsInside } from "../../../ranges/facts.js";
import { checksOfWindow } from "../../contraction/checks.js";
import type { Work } from "../../contraction/phases.js";
import { total } from "../../contraction/terms.js";
import { emitStore, type Shapes } from "../../offsets.js";
import { accumulators, emitArg, emitStep, type Emitter } from "../../reduce.js";
import { inRow, withShared } from "./once.js";
import { emitTaps, type Point } from "./taps.js";
import type { Window } from "./window.js";

const { constant, plus, variable, zero } = integer;
/** Results of a thread. */
export const width = 4;

/** One of the results: the last index by its value there, and what is accumulated. */
interface Lane {
  readonly suffix: string;
  readonly by: ReadonlyMap<string, Int>;
  readonly sum: string;
  readonly position: string | undefined;
}

/** The results from `first` on along the work's last index; those behind its end are the last one once more. */
export function emitLanes(
  { reduction, best, isLong }: Window,
  { term, body, subscripts, epilogue }: Work,
  tensor: string,
  first: Int,
  emitter: Emitter,
  shapes: Shapes,
): void {
  const { builder } = emitter;
  const { rows, reduced } = term;
  const last = rows.outer.at(-1);
  if (!last) throw new Error(`${tensor} has no axis to slide along`);
  const places = Array.from({ length: width }, (_, e) => placeAt(last, plus(first, constant(e)), `${e}`));
  const checks = checksOfWindow(rows, shapes, factsInside(builder.facts, [...rows.outer, ...reduced]));
  const own = checks.filter((c) => integer.mentions(c.value, last.name));
  const lanes = places.map((place, e) => laneAt(place, `${e}`));
  if (reduction && body) {
    const conditions = checks.filter((c) => !own.includes(c)).map((c) => c.holds(c.value));
    // long loops have limits, so that nothing is tested in them
    const limits = isLong ? conditions.flatMap(conjuncts) : conditions;
    emitTaps(reduced, limits, emitter, (at) => {
      const here = rewrite(body, itself, (i) => simplifyInt(integer.substituteInt(i, at), builder.facts));
      const { shared, rows: starts } = withShared(here, last.name, emitter, shapes);
      const moving = new Set([...starts, ...reduced.map((b) => b.name)]);
      for (const lane of lanes) emitTap(reduction.name, lane, shared, at, moving);
    });
  }
  for (const lane of lanes) emitResults(lane);

  function placeAt({ name, extent }: Index, at: Int, suffix: string): Int {
    const end = integer.minus(extent, integer.one);
    const place = builder.define(suffix === "0" ? at : integer.extremum("min", at, end), `${name}${suffix}`);
    builder.know(integer.plainVariable(place) ?? "", { lower: zero, upper: end });
    return place;
  }
  function laneAt(place: Int, suffix: string): Lane {
    const { name, initial } = accumulators[reduction?.name ?? "sum"] ?? { name: "sum", initial: build.zero };
    const by = new Map([[last?.name ?? "", place]]);
    const sum = builder.name(`${name}${suffix}`);
    if (reduction) builder.emit({ kind: "accumulator", name: sum, value: initial });
    const isPosition = reduction?.name.startsWith("arg");
    const position = isPosition ? builder.counter(`position${suffix}`, constant(-1)) : undefined;
    return { suffix, by, sum, position };
  }

  function emitTap(
    of: Reduction["name"],
    lane: Lane,
    shared: Expression,
    at: Point,
    moving: ReadonlySet<string>,
  ): void {
    const placed = (value: Int): Int => placeOf(value, lane, moving);
    const checked = own.map((c) => c.holds(placed(integer.substituteInt(c.value, at))));
    const inside = simplifyCondition(build.and(...checked), builder.facts);
    const here = rewrite(shared, itself, placed);
    const { counts, value } = of === "sum" ? parted(here, inside) : { counts: inside, value: here };
    const { sum, position } = lane;
    const taken = emitter.value(value);
    const test = emitter.condition(counts);
    if (position === undefined) return emitStep(of, sum, taken, builder, test);
    const flat = flatPosition(reduced, boxExtents(reduced, builder.facts, builder.scope()));
    const tap = integer.substituteInt(flat, at);
    emitArg({ best: sum, position }, taken, tap, of === "argmax", builder, test);
  }

  /** The value in a lane's terms; where the lane's window begins is found once, before the loops. */
  function placeOf(value: Int, lane: Lane, moving: ReadonlySet<string>): Int {
    const { by, suffix } = lane;
    const [last = ""] = by.keys();
    if (!integer.mentions(value, last)) return value;
    const place = (s: Int): Int => placeOf(s, lane, moving);
    const elements = integer.mapAtoms(value, (atom) =>
      atom.kind === "element" ? integer.element(atom.tensor, atom.subscripts.map(place)) : undefined,
    );
    const own = simplifyInt(integer.substituteInt(elements, by), builder.facts);
    const isFixed = ({ factors }: Monomial): boolean =>
      factors.length > 0 && factors.every((f) => f.kind === "variable" && !moving.has(f.name));
    const fixed: Int = { kind: "int", monomials: own.monomials.filter(isFixed) };
    const [only, more] = fixed.monomials;
    const isPlain = !only || (!more && only.factors.length < 2);
    const isLanes = [...by.values()].some((v) => integer.mentions(fixed, integer.plainVariable(v) ?? ""));
    if (isPlain || !isLanes) return own;
    return plus(integer.minus(own, fixed), builder.define(fixed, `begin${suffix}`));
  }

  function emitResults({ by, sum, position }: Lane): void {
    const found: Expression = { kind: "parameter", name: sum };
    const value: Expression = position ? { kind: "integer", value: variable(position) } : found;
    const store = (name: string, result: Expression): void => {
      const { row, own } = inRow(name, subscripts, last?.name ?? "", builder, shapes);
      const at = plus(row, integer.substituteInt(own, by));
      emitStore(builder, shapes, { tensor: name, subscripts: [at] }, () => result);
    };
    if (best) store(best.tensor, found);
    const finished = rewrite(substitute(epilogue, by), (e) =>
      e.kind === "parameter" && e.name === total ? value : e,
    );
    store(tensor, emitter.value(finished));
  }
}

const itself = <T>(value: T): T => value;

/** An addend that is 0 but for where it counts. */
function parted(value: Expression, inside: Condition): { counts: Condition; value: Expression } {
  if (value.kind !== "select" || !build.isConstant(value.whenFalse, 0)) return { counts: inside, value };
  return { counts: build.and(inside, value.condition), value: value.whenTrue };
}

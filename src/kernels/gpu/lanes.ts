/** The four results of a strip: what is theirs alone in lanes, all else once. */
import { simplifyInt } from "../../algebra/integers.js";
import { boxExtents, flatPosition } from "../../calculus/positions.js";
import * as build from "../../notation/construct.js";
import type { Condition, Expression } from "../../notation/expression.js";
import * as integer from "../../notation/integer.js";
import type { Int, Monomial } from "../../notation/integer.js";
import type { Index } from "../../notation/layer.js";
import { rewrite, substitute } from "../../notation/traverse.js";
import { factsInside } from "../../ranges/facts.js";
import { checksOf, type Check } from "../contraction/checks.js";
import type { Work } from "../contraction/phases.js";
import { total } from "../contraction/terms.js";
import { emitStore, flatOffset, nameAtoms, type Shapes } from "../offsets.js";
import { accumulators, emitArg, emitLoops, emitStep, type Emitter } from "../reduce.js";
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
  { reduction, best }: Window,
  { term, body = reduction.body, subscripts, epilogue }: Work,
  tensor: string,
  first: Int,
  emitter: Emitter,
  shapes: Shapes,
): void {
  const { builder } = emitter;
  const { rows, reduced } = term;
  const last = rows.outer.at(-1);
  if (!last) throw new Error(`${tensor} has no axis to slide along`);
  const lanes = Array.from({ length: width }, (_, e) => laneAt(last, plus(first, constant(e)), `${e}`));
  const checks = checksOf(rows, shapes, factsInside(builder.facts, [...rows.outer, ...reduced]));
  const own = checks.filter((c) => integer.mentions(c.value, last.name));
  const conditions = checks.filter((c) => !own.includes(c)).map((c) => c.holds(c.value));
  emitLoops(reduced, conditions, emitter, () => {
    const { shared, rows: starts } = withShared(body, last.name, emitter, shapes);
    const moving = new Set([...starts, ...reduced.map((b) => b.name)]);
    for (const lane of lanes) emitTap(lane, shared, own, moving);
  });
  for (const lane of lanes) emitResults(lane);

  function laneAt({ name, extent }: Index, at: Int, suffix: string): Lane {
    const inside = integer.extremum("min", at, integer.minus(extent, integer.one));
    const place = builder.define(suffix === "0" ? at : inside, `${name}${suffix}`);
    builder.know(integer.plainVariable(place) ?? "", {
      lower: zero,
      upper: integer.minus(extent, integer.one),
    });
    const { name: base, initial } = accumulators[reduction.name] ?? { name: "sum", initial: build.zero };
    const sum = builder.name(`${base}${suffix}`);
    builder.emit({ kind: "accumulator", name: sum, value: initial });
    const isPosition = reduction.name.startsWith("arg");
    const position = isPosition ? builder.counter(`position${suffix}`, constant(-1)) : undefined;
    return { suffix, by: new Map([[name, place]]), sum, position };
  }

  function emitTap(lane: Lane, body: Expression, own: readonly Check[], moving: ReadonlySet<string>): void {
    const placed = (value: Int): Int => placeOf(value, lane, moving);
    const inside = build.and(...own.map((c) => c.holds(placed(c.value))));
    const here = rewrite(body, itself, placed);
    const { counts, value } =
      reduction.name === "sum" ? parted(here, inside) : { counts: inside, value: here };
    const { sum, position } = lane;
    const taken = emitter.value(value);
    const test = emitter.condition(counts);
    if (position === undefined) return emitStep(reduction.name, sum, taken, builder, test);
    const flat = flatPosition(reduced, boxExtents(reduced, builder.facts, builder.scope()));
    emitArg({ best: sum, position }, taken, flat, reduction.name === "argmax", builder, test);
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
      factors.every((f) => f.kind === "variable" && !moving.has(f.name));
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
    const at = subscripts.map((s) => integer.substituteInt(s, by));
    if (best) emitStore(builder, shapes, { tensor: best.tensor, subscripts: at }, () => found);
    const finished = rewrite(substitute(epilogue, by), (e) =>
      e.kind === "parameter" && e.name === total ? value : e,
    );
    emitStore(builder, shapes, { tensor, subscripts: at }, () => emitter.value(finished));
  }
}

const itself = <T>(value: T): T => value;

/** An addend that is 0 but for where it counts. */
function parted(value: Expression, inside: Condition): { counts: Condition; value: Expression } {
  if (value.kind !== "select" || !build.isConstant(value.whenFalse, 0)) return { counts: inside, value };
  return { counts: build.and(inside, value.condition), value: value.whenTrue };
}

/**
 * The body with what no lane moves found once: reads of it, and in reads that a lane moves the place of the row. Their
 * subscripts are flat then.
 */
function withShared(
  body: Expression,
  last: string,
  { builder, value }: Emitter,
  shapes: Shapes,
): { readonly shared: Expression; readonly rows: ReadonlySet<string> } {
  const rows = new Set<string>();
  const inRow = (name: string, subscripts: readonly Int[]): readonly Int[] => {
    const tensor = shapes.get(name);
    if (!tensor || !subscripts.some((s) => integer.mentions(s, last))) return subscripts;
    const part = (moves: boolean): Int =>
      flatOffset(
        tensor,
        subscripts.map((s) => (integer.mentions(s, last) === moves ? s : zero)),
      );
    const row = builder.named(nameAtoms(builder, shapes, part(false)), `${name}_row`);
    for (const used of integer.variablesOf(row)) rows.add(used);
    return [plus(row, part(true))];
  };
  const shared = rewrite(
    body,
    (e) => {
      if (e.kind !== "read") return e;
      if (e.subscripts.some((s) => integer.mentions(s, last)))
        return { ...e, subscripts: inRow(e.tensor, e.subscripts) };
      const name = builder.name(`${e.tensor}Here`);
      builder.emit({ kind: "real", name, value: value(e) });
      return { kind: "parameter", name };
    },
    (i) =>
      integer.mapAtoms(i, (atom) =>
        atom.kind === "element"
          ? integer.element(atom.tensor, inRow(atom.tensor, atom.subscripts))
          : undefined,
      ),
  );
  return { shared, rows };
}

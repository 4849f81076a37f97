/**
 * Which loops take several points in one turn: long sums in lanes, sums down columns four columns at once, and short
 * bodies over long axes, where an engine spends as much on the loop as on the point.
 */
import { primitives } from "../primitives/index.js";
import * as integer from "../notation/integer.js";
import type { Atom, Int } from "../notation/integer.js";
import type { Layer, Role } from "../notation/layer.js";
import { pointsInTurn, turnsOf, type Loop, type Turns } from "./copies.js";
import { isOverColumns, jammed } from "./jam.js";
import { gatheredIn, inLanes } from "./lanes.js";
import type { Code } from "./program.js";
import { eachCode, walkCode } from "./walk-code.js";

export interface Unrolling {
  /** A name not used in the kernel yet. */
  readonly fresh: (base: string) => string;
  /** Is told how long the loops are. */
  readonly states: (extent: Int, at: number) => void;
  /** That all sums of a point are products of two: four columns are summed at once wherever they lie. */
  readonly products?: boolean;
}

/** The code with such loops unrolled. */
export function unroll(
  code: readonly Code[],
  layer: Layer,
  { fresh, states, products = false }: Unrolling,
): readonly Code[] {
  const long = longSizes(layer);
  const locals = new Map<string, Int>();
  const indices = new Map<string, Int>();
  const tables = new Map<string, Int>();
  const first: Code[] = [];
  const ends = new Map<string, Int>();
  const meaning = (value: Int): Int => integer.substituteInt(value, locals);
  const body = inBlock(code);
  return [...first, ...body];

  function inBlock(block: readonly Code[]): readonly Code[] {
    return block.flatMap((c): readonly Code[] => {
      if (c.kind === "integer") locals.set(c.name, meaning(c.value));
      if (c.kind === "store" && c.value.kind === "int") tables.set(c.buffer, meaning(c.value));
      if (c.kind === "if") return [{ ...c, then: inBlock(c.then), otherwise: inBlock(c.otherwise) }];
      return c.kind === "loop" ? inLoop(c) : [c];
    });
  }
  function inLoop(loop: Loop): readonly Code[] {
    indices.set(loop.index, meaning(loop.to));
    if (loop.vector) return [loop];
    if (integer.literal(loop.step) === 1 && isLong(meaning(loop.to)) && isSmall(loop)) {
      const gathered = gatheredIn(loop.body);
      if (gathered && (gathered.length > 0 || storesReals(loop)))
        return split(loop, (turns) => inLanes(loop, gathered, turns, fresh));
      const anywhere = products && loop.body.some((c) => c.kind === "accumulator");
      if (isOverColumns(loop, meaning, anywhere))
        return split(loop, (turns) => {
          const [main, ...rest] = jammed(loop, turns, fresh);
          return main ? [main, ...(anywhere ? rest.flatMap(inRest) : rest)] : [];
        });
    }
    return [{ ...loop, body: inBlock(loop.body) }];
  }

  /** The sums of the columns that are left. */
  function inRest(c: Code): readonly Code[] {
    return c.kind === "loop" ? [{ ...c, body: inBlock(c.body) }] : [c];
  }

  /** The loop by `make`, after where its whole turns end; that of sizes alone is found once for the kernel. */
  function split(loop: Loop, make: (turns: Turns) => readonly Code[]): readonly Code[] {
    const { index, from, to } = loop;
    states(longest(integer.minus(to, from)), pointsInTurn);
    const end = turnsOf(loop);
    const number = integer.literal(end);
    const least = integer.literal(from);
    if (number !== undefined && least !== undefined)
      return make({ whole: end, rest: integer.constant(Math.max(least, number)) });
    const known = ends.get(integer.keyOf(end));
    if (known) return make({ whole: known, rest: known });
    const name = fresh(`${index.replace(/(_\d+|')+$/, "")}Whole`);
    const whole = integer.variable(name);
    const definition: Code = { kind: "integer", name, value: end };
    const isNeverEmpty = least === 0 && to.monomials.every((m) => m.coefficient > 0 && isSize(m.factors));
    const turns: Turns = { whole, rest: isNeverEmpty ? whole : integer.extremum("max", from, whole) };
    const isFixed = [...integer.variablesOf(end)].every((used) => !locals.has(used) && !indices.has(used));
    if (!isFixed) return [definition, ...make(turns)];
    first.push(definition);
    if (isNeverEmpty) ends.set(integer.keyOf(end), whole);
    return make(turns);
  }
  /** Where indices of outer loops decide, the most that it comes to as they grow. */
  function longest(extent: Int): Int {
    const last = new Map([...indices].map(([name, end]) => [name, integer.minus(end, integer.one)] as const));
    let value = meaning(extent);
    for (let i = 0; i < last.size; i++) value = meaning(integer.substituteInt(value, last));
    return value;
  }
  /** Positive: a size, or the index of a loop. */
  function isSize(factors: readonly Atom[]): boolean {
    return factors.every((f) => f.kind === "variable" && !locals.has(f.name));
  }

  /** Whether as many points are likely as pay for the rest: an axis of the data, not of a window. */
  function isLong(end: Int): boolean {
    const number = integer.literal(end);
    if (number !== undefined) return number >= 16;
    return end.monomials.some((m) => m.coefficient > 0 && m.factors.some(isLongAtom));
  }
  function isLongAtom(atom: Atom): boolean {
    switch (atom.kind) {
      case "variable": {
        const last = indices.get(atom.name);
        return long.has(atom.name) || (last !== undefined && isLong(last));
      }
      case "element": {
        const entry = tables.get(atom.tensor);
        return entry !== undefined && isLong(entry);
      }
      case "floor":
      case "exact":
        return isLong(atom.numerator);
      case "min":
        return isLong(atom.left) && isLong(atom.right);
      case "max":
        return isLong(atom.left) || isLong(atom.right);
      case "modulo":
      case "power":
        return false;
    }
  }
}

/**
 * Sizes that are an extent of what is given or of a result: those of weights alone are windows. Those of weights and of
 * intermediates are not: so wide is a hidden layer.
 */
export function longSizes(layer: Layer): ReadonlySet<string> {
  const sizesWhere = (holds: (role: Role) => boolean): Set<string> => {
    const names = new Set<string>();
    for (const { role, shape } of layer.tensors)
      if (holds(role)) shape.forEach((extent) => integer.variablesOf(extent, names));
    return names;
  };
  const inner = sizesWhere((role) => role === "local");
  const hidden = [...sizesWhere((role) => role === "weight")].filter((size) => inner.has(size));
  return new Set([...sizesWhere((role) => role !== "weight" && role !== "local"), ...hidden]);
}

const storesReals = ({ body }: Loop): boolean =>
  body.some((c) => c.kind === "store" && c.value.kind !== "int");

/** Whether four copies of the innermost loops keep to the registers, and no call takes longer than what they save. */
function isSmall(loop: Loop): boolean {
  let nodes = 0;
  let cheap = true;
  eachCode(loop.body, (c) => {
    walkCode(c, {
      expression: (e) => {
        nodes++;
        cheap &&= e.kind !== "call" || primitives[e.name].isCheap === true;
      },
    });
  });
  return cheap && nodes <= mostNodes;
}
const mostNodes = 40;

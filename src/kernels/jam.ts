/**
 * Column sums: where a sum runs down the columns of row-major data, four neighbouring columns are summed at once, so
 * that each line of memory that is fetched serves all four, and no addition waits for another.
 */
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import type { Expression } from "../notation/expression.js";
import { rewrite } from "../notation/traverse.js";
import { allCopies, inTurns, type Loop, type Turns } from "./copies.js";
import { lifting } from "./invariants.js";
import { gatheredIn } from "./lanes.js";
import type { Code } from "./program.js";
import {
  buffersRead,
  buffersWritten,
  eachCode,
  mapCode,
  namesMade,
  namesUsedBy,
  readsInCode,
} from "./walk-code.js";

/**
 * Whether the loop is over the columns of what the loops in it sum. `meaning` writes local integers out. In row-major data columns
 * are neighbours; `anywhere`: they need not be, so that what all of them are multiplied by is read once.
 */
export function isOverColumns(loop: Loop, meaning: (value: Int) => Int, anywhere = false): boolean {
  const locals = new Map<string, Int>();
  let plain = true;
  const sums: Loop[] = [];
  eachCode(loop.body, (c) => {
    if (c.kind === "integer") locals.set(c.name, written(c.value));
    if (c.kind === "loop") {
      plain &&= ![c.from, c.to, c.step].some((limit) => integer.mentions(written(limit), loop.index));
      if (!c.body.some((part) => part.kind === "loop")) sums.push(c);
    }
    plain &&=
      c.kind !== "if" &&
      c.kind !== "call" &&
      c.kind !== "fill" &&
      c.kind !== "accumulate" &&
      c.kind !== "counter";
  });
  function written(value: Int): Int {
    return meaning(integer.substituteInt(value, locals));
  }
  if (!plain) return false;
  const stored = buffersWritten(loop.body);
  if ([...buffersRead(loop.body)].some((name) => stored.has(name))) return false;
  return sums.length > 0 && sums.every(isColumnSum);

  function isColumnSum(sum: Loop): boolean {
    if (!gatheredIn(sum.body)?.length) return false;
    const reads = readsInCode(sum.body).map((e) => written(e.subscripts[0] ?? integer.zero));
    const alongColumns = reads.map((offset) => strides(offset, loop.index));
    const alongSum = reads.map((offset) => strides(offset, sum.index));
    const moves = alongColumns.map((stride) => stride !== 0);
    return (
      moves.includes(true) &&
      (anywhere || reads.every((_, i) => !moves[i] || (alongColumns[i] === 1 && alongSum[i] === undefined)))
    );
  }
}
/** By how much the offset grows with the index: a number, or undefined where it takes sizes to say. */
function strides(offset: Int, index: string): number | undefined {
  const affine = integer.affineIn(offset, index);
  return affine && integer.literal(affine.coefficient);
}

/** The loop over whole turns, everything in it done for four columns at a time, and the one over the rest. */
export function jammed(loop: Loop, turns: Turns, fresh: (base: string) => string): readonly Code[] {
  const all = allCopies(loop.index, fresh);
  const varying = new Set([loop.index]);
  return inTurns(loop, turns, inCopies(loop.body));

  /** What depends on the column once for each copy, all else and the loops once. */
  function inCopies(block: readonly Code[]): readonly Code[] {
    const shared: Code[] = [];
    const offsets = new Map<string, Int>();
    const lift = lifting({
      moving: varying,
      written: buffersWritten(block),
      assigned: namesMade(block),
      known: new Map(),
      before: shared,
      fresh,
    });
    return block.flatMap((c): readonly Code[] => {
      if (c.kind === "loop") return [{ ...c, body: inCopies(c.body) }];
      const depends = [...namesUsedBy(c)].some((name) => varying.has(name));
      if (!depends && (c.kind === "integer" || c.kind === "real")) return [c];
      if (c.kind === "integer" || c.kind === "real" || c.kind === "accumulator") {
        varying.add(c.name);
        all.forEach((copy) => copy.own(c.name));
      }
      const one = lift.code(mapCode(c, { expression: atColumn, block: (inner) => inner }));
      return [...shared.splice(0), ...all.map((copy) => copy.code(one))];
    });

    /** Offsets of neighbouring columns from one that is computed once. */
    function atColumn(e: Expression): Expression {
      return rewrite(e, (part) => {
        const [offset] = part.kind === "read" ? part.subscripts : [];
        if (part.kind !== "read" || !offset || offset.monomials.length < 2) return part;
        const affine = integer.affineIn(offset, loop.index);
        if (!affine || integer.literal(affine.coefficient) !== 1) return part;
        // a local that depends on the column moves the offset too: v[mod(i, N)·K + i] of each copy lies elsewhere
        if ([...integer.variablesOf(affine.rest)].some((name) => varying.has(name))) return part;
        return { ...part, subscripts: [columnOf(offset, part.tensor)] };
      });
    }
    function columnOf(offset: Int, tensor: string): Int {
      const key = integer.keyOf(offset);
      const known = offsets.get(key);
      if (known) return known;
      const name = fresh(`${tensor}_at`);
      shared.push({ kind: "integer", name, value: offset });
      varying.add(name);
      all.forEach((copy) => copy.shift(name));
      const at = integer.variable(name);
      offsets.set(key, at);
      return at;
    }
  }
}

/**
 * Neighbouring indices that code uses only as one, i·E + j with j < E, become one index ij: threads need no division to
 * tell them apart, and two loops are one long loop over the same points in the same order.
 */
import { freshNames } from "../../notation/fresh.js";
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import type { Index } from "../../notation/layer.js";
import type { Code } from "../program.js";
import { eachCode, namesMade, namesUsedBy, substituteCode } from "../walk-code.js";

type Loop = Extract<Code, { kind: "loop" }>;

export interface Collapsed {
  readonly box: readonly Index[];
  readonly body: readonly Code[];
}

/** @param taken names that the new indices may not have, beside those of the box and the body */
export function collapsed(box: readonly Index[], body: readonly Code[], taken: Iterable<string>): Collapsed {
  let calls = false;
  eachCode(body, (c) => (calls ||= c.kind === "call"));
  if (calls) return { box, body };
  const names = new Set([...taken, ...box.map((i) => i.name), ...namesMade(body)]);
  return inBox(box, inBlock(body, names), names);
}

function inBox(box: readonly Index[], body: readonly Code[], names: Set<string>): Collapsed {
  for (let at = box.length - 2; at >= 0; at--) {
    const [i, j] = [box[at], box[at + 1]];
    const found = i && j && joined(body, i, j, names);
    if (found) return inBox(box.toSpliced(at, 2, found.index), found.body, names);
  }
  return { box, body };
}

function inBlock(block: readonly Code[], names: Set<string>): readonly Code[] {
  const inside = (part: readonly Code[]): readonly Code[] => inBlock(part, names);
  return block.flatMap((c): readonly Code[] => {
    if (c.kind === "if") return [{ ...c, then: inside(c.then), otherwise: inside(c.otherwise) }];
    if (c.kind !== "loop") return [c];
    const loop = { ...c, body: inside(c.body) };
    return joinedLoops(loop, names) ?? [loop];
  });
}

/** Both loops as one; what is computed between them goes before, the outer index's part of it to where it is used. */
function joinedLoops(outer: Loop, names: Set<string>): readonly Code[] | undefined {
  const inner = outer.body.at(-1);
  if (inner?.kind !== "loop" || !isWhole(outer) || !isWhole(inner)) return undefined;
  const between = outer.body.slice(0, -1);
  const moved = withoutIndex(between, outer.index);
  const own = new Set([outer.index, ...namesMade(between)]);
  if (!moved || [...integer.variablesOf(inner.to)].some((n) => own.has(n))) return undefined;
  const [i, j] = [outer, inner].map(({ index, to }): Index => ({ name: index, extent: to }));
  const found = i && j && joined(substituteCode(inner.body, moved.parts), i, j, names);
  if (!found) return undefined;
  const { index, body } = found;
  return [...moved.definitions, { ...inner, index: index.name, to: index.extent, body }];
}
const isWhole = ({ from, step }: Loop): boolean => integer.literal(from) === 0 && integer.literal(step) === 1;

/** Integers that are affine in the index as definitions free of it, and what each use stands for now. */
function withoutIndex(
  block: readonly Code[],
  index: string,
): { readonly definitions: readonly Code[]; readonly parts: ReadonlyMap<string, Int> } | undefined {
  const definitions: Code[] = [];
  const parts = new Map<string, Int>();
  for (const c of block) {
    if (c.kind !== "integer") return undefined;
    const value = integer.affineIn(integer.substituteInt(c.value, parts), index);
    if (!value) return undefined;
    const moving = integer.times(value.coefficient, integer.variable(index));
    // a name or a number alone is no more to compute where it is used
    const short = value.rest.monomials.length <= 1 && (value.rest.monomials[0]?.factors.length ?? 0) <= 1;
    if (!short) definitions.push({ ...c, value: value.rest });
    parts.set(c.name, integer.plus(moving, short ? value.rest : integer.variable(c.name)));
  }
  return { definitions, parts };
}

/** The code with j written as ij - i·E; undefined where that leaves an i. */
function joined(
  block: readonly Code[],
  i: Index,
  j: Index,
  names: Set<string>,
): { readonly index: Index; readonly body: readonly Code[] } | undefined {
  const name = joinedName(i.name, j.name, names);
  const inner = integer.minus(integer.variable(name), integer.times(integer.variable(i.name), j.extent));
  const body = substituteCode(block, new Map([[j.name, inner]]));
  if (body.some((c) => namesUsedBy(c).has(i.name))) return undefined;
  names.add(name);
  return { index: { name, extent: integer.times(i.extent, j.extent) }, body };
}

/** `pq` for p and q, and for p_2 and q_2, where there is none yet. */
export function joinedName(i: string, j: string, taken: ReadonlySet<string>): string {
  const base = [i, j].map((n) => n.replace(/_\d+$/, "")).join("");
  return freshNames(taken).local(base);
}

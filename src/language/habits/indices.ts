/** Indices for tensors that are written whole, as libraries calculate with them: here every index is named. */
import { isReduction, meant } from "../names.js";
import { isOwn } from "./names.js";
import { indicesFor } from "./overview.js";
import type { Found, Piece, Statement } from "./rewrite.js";
import { closeOf, isSign, type Run } from "./tools.js";

/** The extents of a bare tensor's name. */
export function bareShape({ tokens, overview }: Statement, [from, to]: Run): readonly string[] | undefined {
  const token = tokens[from];
  return to === from + 1 && token?.kind === "name" && !isSign(tokens[to], "[", "(")
    ? overview.shapes.get(token.text)
    : undefined;
}
/** Of what is not declared, papers call the index over C c. */
const defined = (s: Statement): readonly string[] | undefined =>
  s.overview.shapes.get(s.defines ?? "") ?? s.left?.map((name) => name.toUpperCase());

/** Indices of a tensor's axes: those of the left-hand side where extents agree, else new ones. */
export function indicesLike(
  s: Statement,
  shape: readonly string[],
  left: readonly string[],
): readonly string[] {
  const extents = defined(s);
  const free = new Map(left.map((name, axis) => [name, extents?.[axis]]));
  const taken: string[] = [];
  const matched = shape.map((extent) => {
    const name = [...free].find(([, e]) => e === extent)?.[0];
    if (name !== undefined) free.delete(name);
    if (name !== undefined) taken.push(name);
    return name;
  });
  const fresh = indicesFor(shape, s.overview, [...left, ...taken]);
  return matched.map((name, axis) => name ?? fresh[axis] ?? "i");
}

/** The pieces of a statement's end with its left-hand side put in where that has no subscripts: `y = x @ w`. */
export function withLeft(
  s: Statement,
  run: Run,
  pieces: readonly Piece[],
  left: readonly string[],
): Pick<Found, "run" | "pieces"> {
  const bare = s.left === undefined && isSign(s.tokens[1], "=") && left.length > 0;
  if (!bare) return { run, pieces };
  return {
    run: [0, run[1]],
    pieces: [
      [0, 1],
      `[${left.join(", ")}] `,
      [1, run[0]],
      isSign(s.tokens[run[0] - 1], "(", "[") ? "" : " ",
      ...pieces,
    ],
  };
}
/** The indices on the left, or those that it gets. */
export const leftIndices = (s: Statement): readonly string[] | undefined =>
  s.left ?? (isSign(s.tokens[1], "=") ? indicesFor(defined(s) ?? [], s.overview) : undefined);

/** Names that stand in subscripts, bound by no reduction inside. */
export function looseIndices({ tokens, overview }: Statement, [from, to]: Run): readonly string[] {
  const bound = new Set<string>();
  const found = new Set<string>();
  for (let i = from; i < to; i++) {
    const [head, open] = [tokens[i], tokens[i + 1]];
    if (head?.kind !== "name" || !isSign(open, "[")) continue;
    const close = closeOf(tokens, i + 1) ?? to;
    for (const t of tokens.slice(i + 2, close))
      if (t.kind === "name" && !overview.shapes.has(t.text) && !isOwn(t.text) && /^\p{Ll}'*$/u.test(t.text))
        (isReduction(meant(head.text)) ? bound : found).add(t.text);
  }
  return [...found].filter((n) => !bound.has(n));
}

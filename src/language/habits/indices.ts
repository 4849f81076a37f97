/** Indices for tensors that are written whole, as libraries calculate with them: here every index is named. */
import { isReduction, meant } from "../names.js";
import { isOwn, sumCalled } from "./names.js";
import { indicesFor } from "./overview.js";
import type { Found, Piece, Statement } from "./rewrite.js";
import { argumentsOf, closeOf, isSign, termEnd, type Run } from "./tools.js";

/** The extents of a bare tensor's name. */
export function bareShape({ tokens, overview }: Statement, [from, to]: Run): readonly string[] | undefined {
  const token = tokens[from];
  return to === from + 1 && token?.kind === "name" && !isSign(tokens[to], "[", "(")
    ? overview.shapes.get(token.text)
    : undefined;
}
/** Of what is not declared, papers call the index over C c. */
export const defined = (s: Statement): readonly string[] | undefined =>
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

/** A tensor read at all of an axis: `x[n, :]`, `x[n]` of a matrix, `x_n`. */
interface Access {
  readonly name: string;
  readonly run: Run;
  /** By axis; undefined where all of the axis is meant. */
  readonly subscripts: readonly (Run | string | undefined)[];
  readonly shape: readonly string[];
}
export function accessAt(s: Statement, at: number): Access | undefined {
  const { tokens, overview } = s;
  const token = tokens[at];
  if (token?.kind !== "name") return undefined;
  const [, base = "", letters = ""] = /^(.+)_(\p{Ll}+)$/u.exec(token.text) ?? [];
  const bracketed = isSign(tokens[at + 1], "[", "(");
  const latex = !overview.shapes.has(token.text) && !bracketed;
  const name = latex ? base : token.text;
  const shape = overview.shapes.get(name);
  if (!shape) return undefined;
  const close = bracketed ? closeOf(tokens, at + 1) : at;
  if (close === undefined || isSign(tokens[close + 1], "[")) return undefined;
  const given: readonly (Run | string)[] = latex ? [...letters] : (argumentsOf(tokens, at + 1) ?? []);
  const written = close > at || latex ? given : [];
  if (written.length > shape.length) return undefined;
  const isWhole = (a: Run | string | undefined, extent: string): boolean =>
    typeof a === "object" &&
    [":", `1:${extent}`, `0:${extent}`, "1:end"].includes(s.text(a).replaceAll(" ", ""));
  const subscripts = shape.map((extent, axis) =>
    isWhole(written[axis], extent) ? undefined : written[axis],
  );
  return { name, run: [at, close + 1], subscripts, shape };
}

/** Past the brackets of a call that walks axes of its own, where one stands at a place: a reduction, a norm. */
export function pastOwnAxes({ tokens }: Statement, at: number): number {
  const name = tokens[at]?.text ?? "";
  const walks = isSign(tokens[at + 1], "(") && (isReduction(meant(name)) || sumCalled(name) !== undefined);
  return (walks ? closeOf(tokens, at + 1) : undefined) ?? at;
}

/** A formula with an index in each place where all of an axis is meant. */
export interface Opened {
  readonly pieces: readonly Piece[];
  /** The indices that it got and that are not on the left. */
  readonly over: readonly string[];
}
/** Undefined where no axis is meant whole. Axes of one extent are walked together; a tensor without subscripts runs along the left-hand side. */
export function opened(s: Statement, [from, to]: Run): Opened | undefined {
  const left = leftIndices(s) ?? [];
  const used = new Set(s.tokens.filter((t) => t.kind === "name").map((t) => t.text));
  const names = new Map<string, string>();
  const nameOf = (extent: string, nth: number): string => {
    const key = `${extent} ${nth}`;
    const [fresh = "i"] = names.has(key) ? [names.get(key)] : indicesFor([extent], s.overview, used);
    used.add(fresh);
    names.set(key, fresh);
    return fresh;
  };
  const pieces: Piece[] = [];
  let kept = from;
  for (let i = from; i < to; i++) {
    i = pastOwnAxes(s, i);
    const access = accessAt(s, i);
    if (!access || access.shape.length === 0 || access.subscripts.every((a) => a !== undefined)) continue;
    const { name, run, subscripts, shape } = access;
    if (run[1] > to) continue;
    const along = subscripts.every((a) => a === undefined) ? indicesLike(s, shape, left) : [];
    const seen: string[] = [];
    const put = subscripts.map((given, axis): string => {
      if (given !== undefined) return typeof given === "string" ? given : s.text(given);
      const [extent = "", own] = [shape[axis], along[axis]];
      if (own !== undefined && left.includes(own)) return own;
      seen.push(extent);
      return nameOf(extent, seen.filter((e) => e === extent).length);
    });
    if (run[0] > kept) pieces.push([kept, run[0]]);
    pieces.push(`${name}[${put.join(", ")}]`);
    kept = run[1];
    i = run[1] - 1;
  }
  if (kept === from) return undefined;
  if (kept < to) pieces.push([kept, to]);
  return { pieces, over: [...new Set(names.values())] };
}
/** The right-hand side from a place on, a sum over what `of` says around each of its terms. */
export function aroundTerms(s: Statement, from: number, of: (term: Run) => Opened): readonly Piece[] {
  const { tokens } = s;
  const pieces: Piece[] = [];
  for (let at = from; at < tokens.length;) {
    const end = Math.max(termEnd(tokens, at), at + 1);
    // a term begins with its sign
    const signed = isSign(tokens[at], "+", "-");
    const { over, pieces: body } = of([signed ? at + 1 : at, end]);
    if (signed) pieces.push(...(at > from ? [" "] : []), [at, at + 1], ...(over.length > 0 ? [" "] : []));
    pieces.push(...(over.length > 0 ? [`sum[${over.join(", ")}](`, ...body, ")"] : body));
    at = end;
  }
  return pieces;
}
/** Pieces as text. */
export const textOfPieces = (s: Statement, pieces: readonly Piece[]): string =>
  pieces.map((p) => (typeof p === "string" ? p : s.text(p))).join("");

/** Subscripts in other notations, and brackets that are missing. */
import { isReduction, meant } from "../names.js";
import { say } from "../messages.js";
import type { Token } from "../tokens.js";
import { isOwn } from "./names.js";
import { aroundTerms, defined, pastOwnAxes } from "./indices.js";
import { indicesFor } from "./overview.js";
import type { Found, Piece, Rule, Statement } from "./rewrite.js";
import { argumentsOf, closeOf, closes, isSign, opens, type Run } from "./tools.js";

/** Whether subscripts may follow: a name that is no function. */
const isTensor = (s: Statement, token: Token | undefined): boolean =>
  token?.kind === "name" && !isOwn(token.text) && !s.overview.helpers.has(token.text);

/** `x[n][c]`. */
export const chained: Rule = (s, at) => {
  const { tokens } = s;
  if (!isTensor(s, tokens[at]) || !isSign(tokens[at + 1], "[")) return undefined;
  const pieces: Piece[] = [[at, at + 1], "["];
  let [end, groups] = [at + 1, 0];
  for (
    let close = closeOf(tokens, end);
    close !== undefined && isSign(tokens[end], "[");
    close = closeOf(tokens, end)
  ) {
    if (groups++ > 0) pieces.push(", ");
    pieces.push([end + 1, close]);
    end = close + 1;
  }
  return groups > 1
    ? { run: [at, end], pieces: [...pieces, "]"], complaint: say.chainedSubscripts() }
    : undefined;
};

/** `x(n, c)` of a tensor that is declared; `y(n) = …` of one that is an output. */
export const roundSubscripts: Rule = (s, at) => {
  const { tokens, overview } = s;
  const name = tokens[at]?.text ?? "";
  if (!isTensor(s, tokens[at]) || !isSign(tokens[at + 1], "(") || !overview.shapes.has(name))
    return undefined;
  const close = closeOf(tokens, at + 1);
  return close === undefined
    ? undefined
    : {
        run: [at, close + 1],
        pieces: [[at, at + 1], "[", [at + 2, close], "]"],
        at: tokens[at] ?? { start: 0, end: 0 },
        complaint: say.calledTensor(name),
      };
};

/** `y[n, :] = x[n, :]`: each `:` gets the index of its axis; all of a statement are one mistake. */
export const colons: Rule = (s, at) => {
  const { tokens, overview } = s;
  if (!isSign(tokens[at], ":") || isOperandOfArrays(s, at)) return undefined;
  const complaint = say.wholeAxis();
  const extents = overview.shapes.get(s.defines ?? "") ?? [];
  const used = new Set(tokens.filter((t) => t.kind === "name").map((t) => t.text));
  const names = new Map<string, string>();
  const put = new Map<number, string>();
  const equals = tokens.findIndex((t) => t.text === "=");
  // an index on the left that the right does not name yet
  const right = tokens.slice(Math.max(equals, 0));
  for (const [axis, name] of (s.left ?? []).entries())
    if (!right.some((t) => t.text === name)) names.set(defined(s)?.[axis] ?? "", name);
  for (let i = 0; i < tokens.length; i++) {
    i = pastOwnAxes(s, i);
    if (!isSign(tokens[i], "[") || !isTensor(s, tokens[i - 1])) continue;
    const shape =
      i === 1 && s.tokens[0]?.text === s.defines ? extents : overview.shapes.get(tokens[i - 1]?.text ?? "");
    for (const [axis, [from, to]] of (argumentsOf(tokens, i) ?? []).entries()) {
      if (to !== from + 1 || !isSign(tokens[from], ":")) continue;
      const extent = shape?.[axis];
      if (extent === undefined)
        return {
          run: [at, at + 1],
          pieces: undefined,
          complaint: { ...complaint, hint: "name the index: y[n, c] = x[n, c]" },
        };
      let name = names.get(extent);
      if (name === undefined) {
        [name = "i"] = indicesFor([extent], overview, used);
        used.add(name);
        names.set(extent, name);
      }
      put.set(from, name);
    }
  }
  if (!put.has(at)) return undefined;
  if (equals >= 0 && [...put.keys()].every((i) => i > equals)) return summed(s, put, equals + 1);
  const last = Math.max(...put.keys());
  const pieces: Piece[] = [];
  let from = at;
  for (const [i, name] of [...put].filter(([i]) => i >= at)) {
    if (i > from) pieces.push([from, i]);
    pieces.push(name);
    from = i + 1;
  }
  return { run: [at, last + 1], pieces, at: tokens[at] ?? { start: 0, end: 0 }, whole: true, complaint };
};

/** Whether the subscripts around a place are those of an operand of `@`, or of what a method is called of: these name all axes at once. */
function isOperandOfArrays({ tokens }: Statement, at: number): boolean {
  if (tokens.some((t) => isSign(t, "@"))) return true;
  const close = tokens.findIndex((t, i) => i > at && isSign(t, "]"));
  return isSign(tokens[close + 1], ".") && isSign(tokens[close + 3], "(");
}
/** `y[n] = abs(x[n, :])`: what is not on the left is summed, around each term that has it. */
function summed(s: Statement, put: ReadonlyMap<number, string>, from: number): Found {
  const { tokens } = s;
  const pieces = aroundTerms(s, from, ([start, end]) => {
    const own = [...put].filter(([i]) => i >= start && i < end);
    const parts: Piece[] = [];
    let kept = start;
    for (const [i, name] of own) {
      parts.push([kept, i], name);
      kept = i + 1;
    }
    if (kept < end) parts.push([kept, end]);
    const over = own.map(([, name]) => name).filter((name) => !s.left?.includes(name));
    return { over: [...new Set(over)], pieces: parts };
  });
  const first = tokens[Math.min(...put.keys())];
  return { run: [from, tokens.length], pieces, ...(first && { at: first }), complaint: say.wholeAxis() };
}

/** `y n, k] = …`, `y[n, k = …`, `sum[c](x[n, c * w[c, k])`: the one place where a bracket makes all subscripts fit. */
export const brackets: Rule = (s, at) => {
  const { tokens } = s;
  // once a statement, at its first token
  if (at > 0 || tokens.length > 300) return undefined;
  const broken = brokenAt(tokens);
  if (!broken) return undefined;
  const equals = tokens.findIndex((t) => t.text === "=");
  const extra = [...tokens.slice(0, broken.at), ...tokens.slice(broken.at + 1)];
  if (broken.missing === "(" && fits(s, extra))
    return { run: [broken.at, broken.at + 1], pieces: [""], complaint: broken.complaint };
  const tries =
    broken.missing === "]" || broken.missing === ")" ? [broken.at, tokens.length + 1] : [0, broken.at + 1];
  const places: number[] = [];
  for (let i = tries[0] ?? 0; i < (tries[1] ?? 0); i++) {
    const put: Token = { kind: "operator", text: broken.missing, space: "", start: 0, end: 0 };
    const candidate = [...tokens.slice(0, i), put, ...tokens.slice(i)];
    if (fits(s, candidate) && (equals < 0 || isTopLevelEquals(candidate))) places.push(i);
  }
  const place =
    broken.missing === ")" || broken.missing === "("
      ? broken.missing === ")"
        ? places.at(-1)
        : places[0]
      : places[0];
  const token = tokens[broken.at];
  if (!token) return undefined;
  if (place === undefined) return broken.missing === "[" ? grownTogether(s, broken) : undefined;
  const run: Run = place === 0 ? [0, 1] : [place - 1, place];
  return {
    run,
    pieces: place === 0 ? [broken.missing, run] : [run, broken.missing],
    at: token,
    whole: true,
    complaint: broken.complaint,
  };
};

/** `xn, c]`: the bracket is missing inside a name. */
function grownTogether(
  s: Statement,
  { at, complaint }: NonNullable<ReturnType<typeof brokenAt>>,
): Found | undefined {
  const { tokens } = s;
  for (let i = at - 1; i >= 0; i--) {
    const token = tokens[i];
    const head = [...s.overview.shapes.keys()].find(
      (t) => token?.kind === "name" && token.text !== t && token.text.startsWith(t),
    );
    if (!token || head === undefined) continue;
    const parts = [head, "[", token.text.slice(head.length)];
    const put = parts.map((text): Token => ({
      kind: text === "[" ? "operator" : "name",
      text,
      space: "",
      start: 0,
      end: 0,
    }));
    if (fits(s, [...tokens.slice(0, i), ...put, ...tokens.slice(i + 1)]))
      return { run: [i, i + 1], pieces: [parts.join("")], at: tokens[at] ?? token, whole: true, complaint };
  }
  return undefined;
}

/** The first bracket without a partner, and the bracket that is missing. */
function brokenAt(
  tokens: readonly Token[],
): { at: number; missing: string; complaint: ReturnType<typeof say.unclosed> } | undefined {
  const open: number[] = [];
  const partner: Readonly<Record<string, string>> = { "(": ")", "[": "]", ")": "(", "]": "[" };
  for (const [i, token] of tokens.entries()) {
    if (!isSign(token, "(", "[", ")", "]")) {
      // `y[n, k = …`
      if (isSign(token, "=") && open.length === 1 && open[0] === 1 && isSign(tokens[1], "["))
        return { at: 1, missing: "]", complaint: say.unclosed("[") };
      continue;
    }
    if (opens(token)) open.push(i);
    else if (closes(token)) {
      const from = open.pop();
      const before = from === undefined ? undefined : tokens[from]?.text;
      if (before === undefined)
        return { at: i, missing: partner[token.text] ?? "(", complaint: say.unopened(token.text) };
      if (partner[before] === token.text) continue;
      // a bracket opened further out fits: this one lacks its end; else the one here lacks its beginning
      const outer = open.some((o) => tokens[o]?.text === partner[token.text]);
      return outer
        ? { at: from ?? i, missing: partner[before] ?? ")", complaint: say.mismatched(before, token.text) }
        : { at: i, missing: partner[token.text] ?? "(", complaint: say.mismatched(before, token.text) };
    }
  }
  const last = open.at(-1);
  const text = last === undefined ? undefined : tokens[last]?.text;
  return last === undefined || text === undefined
    ? undefined
    : { at: last, missing: partner[text] ?? ")", complaint: say.unclosed(text) };
}

/** Whether brackets match and each access has as many subscripts as its tensor has axes. */
function fits(s: Statement, tokens: readonly Token[]): boolean {
  if (brokenAt(tokens)) return false;
  for (const [i, token] of tokens.entries()) {
    const [before, after] = [tokens[i - 1], tokens[i + 1]];
    if (isSign(token, "(", "[", ",", "=") && isSign(after, ")", "]", ",", "*", "/", "^")) return false;
    if (isSign(token, "+", "-", "*", "/", "^", "=") && (isSign(after, ")", "]", ",") || !after)) return false;
    if (isSign(token, ")", "]") && (after?.kind === "name" || after?.kind === "number")) return false;
    if (isSign(token, "]") && isSign(after, "[")) return false;
    if (!isSign(token, "[")) {
      if (
        isSign(token, "(") &&
        before?.kind === "name" &&
        !isOwn(before.text) &&
        !s.overview.helpers.has(before.text)
      )
        return false;
      continue;
    }
    if (before?.kind !== "name") return false;
    const close = closeOf(tokens, i);
    if (isReduction(meant(before.text)) ? !isSign(tokens[(close ?? 0) + 1], "(") : false) return false;
    const rank = s.overview.shapes.get(before.text)?.length;
    if (rank !== undefined && argumentsOf(tokens, i)?.length !== rank) return false;
  }
  return true;
}
function isTopLevelEquals(tokens: readonly Token[]): boolean {
  let depth = 0;
  for (const t of tokens) {
    if (opens(t)) depth++;
    if (closes(t)) depth--;
    if (t.text === "=") return depth === 0;
  }
  return true;
}

/** Sums as LaTeX and others write them. */
import { isBuiltIn, isReduction, meant } from "../names.js";
import { say } from "../messages.js";
import type { Piece, Rule, Statement } from "./rewrite.js";
import { closeOf, closes, isSign, isWord, operandEnd, termEnd, type Run } from "./tools.js";

const reductionSigns: Readonly<Record<string, string>> = {
  "∑": "sum",
  "∏": "prod",
  "\\sum": "sum",
  "\\prod": "prod",
  "\\max": "max",
  "\\min": "min",
};

/** `\sum_{c}`, `sum_{c=1}^{C}`, `sum_c`, `∑_c`, `∑[c]`: a head, and what it says of its indices. */
export const signedSums: Rule = (s, at) => {
  const { tokens } = s;
  const head = tokens[at];
  if (!head) return undefined;
  const parts = /^(\p{L}+)_(\p{L}?)$/u.exec(head.kind === "name" ? head.text : "");
  const own = meant(parts?.[1] ?? head.text);
  const name = Object.hasOwn(reductionSigns, own) ? reductionSigns[own] : isReduction(own) ? own : undefined;
  if (name === undefined) return undefined;
  const plain = head.kind === "name" && !parts;
  let [from, binders] = [at + 1, parts?.[2] ?? ""];
  if (isSign(tokens[from], "\\limits", "\\nolimits")) from++;
  if (isSign(tokens[from], "_") || /^_\p{L}$/u.test(tokens[from]?.text ?? "")) {
    binders = (tokens[from]?.text ?? "").slice(1);
    from++;
  } else if (
    plain ||
    (!parts && isSign(tokens[from], "(")) ||
    s.overview.helpers.has(head.text) ||
    s.overview.shapes.has(head.text)
  )
    return undefined;
  const complaint = say.otherSum(s.text([at, at + 1]));
  if (isSign(tokens[from], "[")) {
    const close = closeOf(tokens, from);
    return close === undefined || binders !== ""
      ? undefined
      : { run: [at, at + 1], pieces: [name], complaint };
  }
  if (binders === "" && isSign(tokens[from], "{")) {
    const close = closeOf(tokens, from);
    if (close === undefined) return undefined;
    binders = s.text([from + 1, close]);
    from = close + 1;
  }
  let upper = "";
  if (isSign(tokens[from], "^")) {
    const close = isSign(tokens[from + 1], "{") ? closeOf(tokens, from + 1) : operandEnd(tokens, from + 1);
    if (close === undefined) return undefined;
    const braced = isSign(tokens[from + 1], "{");
    upper = s.text([from + (braced ? 2 : 1), close]);
    from = braced ? close + 1 : close;
  }
  const range = binderText(binders, upper);
  const body = bodyOf(s, from);
  return range === undefined || !body
    ? undefined
    : { run: [at, body.end], pieces: [`${name}[${range}](`, ...body.pieces, ")"], complaint };
};

/** What is summed: one pair of brackets, or the product that follows, whose factors LaTeX puts side by side. */
function bodyOf(s: Statement, from: number): { end: number; pieces: readonly Piece[] } | undefined {
  const { tokens } = s;
  const close = isSign(tokens[from], "(") ? closeOf(tokens, from) : undefined;
  const end = termEnd(tokens, from);
  if (end <= from) return undefined;
  if (close !== undefined && close + 1 === end) return { end, pieces: [[from + 1, close]] };
  const pieces: Piece[] = [];
  for (let i = from; i < end;) {
    const factor = operandEnd(tokens, i) ?? i + 1;
    const to = Math.min(factor, end);
    pieces.push([i, to]);
    const next = tokens[to];
    if (
      to < end &&
      tokens[to - 1]?.text !== "*" &&
      (next?.kind === "name" || next?.kind === "number" || isSign(next, "("))
    ) {
      const operator =
        isSign(tokens[to - 1], "*", "/", "^", ".") ||
        isWord(next, "mod") ||
        (tokens[to - 1]?.kind === "strange" && !closes(tokens[to - 1]));
      if (!operator) pieces.push(" * ");
    }
    i = to;
  }
  return { end, pieces };
}

/** `c`, `c, r`, `c=1` to C: indices count from 0 here, so 1 to C is all of C. */
function binderText(lower: string, upper: string): string | undefined {
  const text = lower.replaceAll(/\s+/g, " ").trim();
  const bounded = /^(\p{L}\p{Nd}?'*)\s*=\s*(.+)$/u.exec(text);
  if (!bounded)
    return upper === "" && text !== "" && !text.includes("=")
      ? text.replaceAll(/\\in.*/g, "").trim()
      : undefined;
  const [, name = "", from = ""] = bounded;
  const to = upper.replaceAll(/\s+/g, " ").trim();
  if (to === "") return name;
  if (from === "1") return `${name} < ${to}`;
  const below = /^(.+?)\s*-\s*1$/.exec(to)?.[1];
  const start = from === "0" ? "" : `${from} <= `;
  return below === undefined ? `${start}${name} <= ${to}` : `${start}${name} < ${below}`;
}

/** `sum[c] x[n, c]`, `exp x[n]`, `sum(c)(x[n, c])`, `exp[x[n]]`: brackets are missing, or of the other kind. */
export const bareCalls: Rule = (s, at) => {
  const { tokens, overview } = s;
  const head = tokens[at];
  if (head?.kind !== "name" || overview.helpers.has(head.text) || overview.shapes.has(head.text))
    return undefined;
  const next = tokens[at + 1];
  const lower = meant(head.text.toLowerCase());
  if (isReduction(lower) && isSign(next, "[", "{")) {
    const close = closeOf(tokens, at + 1);
    if (close === undefined) return undefined;
    const after = tokens[close + 1];
    if (isSign(next, "{"))
      return {
        run: [at, close + 1],
        pieces: [`${lower}[`, [at + 2, close], "]"],
        complaint: say.reductionBrackets(head.text),
      };
    const braced = isSign(after, "{") ? closeOf(tokens, close + 1) : undefined;
    if (braced !== undefined)
      return {
        run: [close + 1, braced + 1],
        pieces: ["(", [close + 2, braced], ")"],
        complaint: say.reductionBrackets(head.text),
      };
    if (isSign(after, "("))
      return lower === meant(head.text)
        ? undefined
        : { run: [at, at + 1], pieces: [lower], complaint: say.otherName(head.text, lower) };
    if (after?.kind !== "name" && after?.kind !== "number") return undefined;
    const end = termEnd(tokens, close + 1);
    return {
      run: [at, end],
      pieces: [lower, [at + 1, close + 1], "(", [close + 1, end], ")"],
      complaint: say.reductionBrackets(head.text),
    };
  }
  if (isReduction(lower) && isSign(next, "(")) {
    const close = closeOf(tokens, at + 1);
    const inner: Run = [at + 2, close ?? at + 2];
    if (close === undefined || !isSign(tokens[close + 1], "(")) return undefined;
    const names = tokens.slice(...inner).every((t, i) => (i % 2 === 0 ? t.kind === "name" : t.text === ","));
    return names
      ? {
          run: [at, close + 1],
          pieces: [lower, "[", inner, "]"],
          complaint: say.reductionBrackets(head.text),
        }
      : undefined;
  }
  if (!isBuiltIn(head.text) || isReduction(head.text) || head.text === "mod") return undefined;
  if (isSign(next, "[")) {
    const close = closeOf(tokens, at + 1);
    if (close === undefined || isSign(tokens[close + 1], "=")) return undefined;
    return {
      run: [at, close + 1],
      pieces: [[at, at + 1], "(", [at + 2, close], ")"],
      complaint: say.callBrackets(head.text),
    };
  }
  if (next?.kind !== "name" || isWord(next, "and", "or", "if", "else", "mod", "to", "in", "xor", "for"))
    return undefined;
  const end = operandEnd(tokens, at + 1);
  return end === undefined
    ? undefined
    : {
        run: [at, end],
        pieces: [[at, at + 1], "(", [at + 1, end], ")"],
        complaint: say.callBrackets(head.text),
      };
};

/** `c=1..C`, `c = 0:C` as a binder. */
export function rangeText(part: string): string | undefined {
  const [, bound, from, dots, to = ""] =
    /^\s*(\p{L}\p{Nd}?'*)\s*=\s*([^:.]+?)\s*(:|\.\.\.?)\s*(.+?)\s*$/u.exec(part) ?? [];
  if (bound === undefined) return undefined;
  return binderText(`${bound}=${from}`, dots === ":" && from === "0" ? `${to} - 1` : to);
}

/** `sum[c=1:C](…)`, `sum[c in range(C)](…)`, `sum[c in C](…)`, `sum[c: C](…)`, `sum[c=0..C-1](…)` */
export const binderForms: Rule = (s, at) => {
  const { tokens } = s;
  if (!isSign(tokens[at], "[") || !isReduction(meant(tokens[at - 1]?.text.toLowerCase() ?? "")))
    return undefined;
  const close = closeOf(tokens, at);
  if (close === undefined) return undefined;
  // blanks in a row would be tried in every way
  const text = s.text([at + 1, close]).replaceAll(/\s+/g, " ");
  const parts = text.split(/,(?![^(]*\))/).map((part) => {
    const [, name, range, ,] =
      /^\s*(\p{L}\p{Nd}?'*)\s+in\s+(.+)$/u.exec(part) ??
      /^\s*(\p{L}\p{Nd}?'*)\s*[:∈]\s*(.+)$/u.exec(part) ??
      [];
    const dotted = range?.includes("..") ? rangeText(`${name}=${range}`) : undefined;
    if (dotted !== undefined) return dotted;
    if (name !== undefined && range !== undefined) {
      const called = /^range\s*\(\s*([^,]+?)\s*(?:,\s*(.+?)\s*)?\)$/.exec(range.trim());
      const [a = range.trim(), b] = called?.slice(1) ?? [];
      return b === undefined ? `${name} < ${a}` : `${a} <= ${name} < ${b}`;
    }
    return rangeText(part) ?? part;
  });
  const meantText = parts.join(",");
  return meantText === text
    ? undefined
    : { run: [at + 1, close], pieces: [meantText], complaint: say.binderForm() };
};

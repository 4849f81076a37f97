/** What is said in words: `sum over c of x[n, c]`, `the mean of x[n, c] over c`, `lambda u: u*u`. */
import { reductionNames } from "../../notation/expression.js";
import { isReduction, meant, nearest } from "../names.js";
import { say } from "../messages.js";
import { withLeft } from "./indices.js";
import type { Found, Piece, Rule, Statement } from "./rewrite.js";
import { argumentEnd, argumentsOf, closeOf, closes, isSign, isWord, termEnd, type Run } from "./tools.js";

const reductions: Readonly<Record<string, string>> = {
  total: "sum",
  average: "mean",
  maximum: "max",
  minimum: "min",
  product: "prod",
};

/** `sum over c of …`, `sum of … over c`, `sum(…) over c`, `sum c in C of …`, each with `the` before it. */
export const wordedSums: Rule = (s, at) => {
  const { tokens, overview } = s;
  const head = tokens[at];
  if (head?.kind !== "name" || overview.shapes.has(head.text)) return undefined;
  const lower = meant(head.text.toLowerCase());
  const name = Object.hasOwn(reductions, lower) ? reductions[lower] : lower;
  if (name === undefined || !isReduction(name)) return undefined;
  const from = isWord(tokens[at - 1], "the") ? at - 1 : at;
  const sum = (over: Run, body: Run, end: number): Found | undefined => {
    const names = tokens.slice(...over).filter((t) => t.kind === "name" && !isWord(t, "and", "all"));
    if (names.length === 0 || body[0] >= body[1]) return undefined;
    return {
      run: [from, end],
      pieces: [`${name}[${names.map((t) => t.text).join(", ")}](`, body, ")"],
      complaint: say.otherSum(s.text([at, at + 2])),
    };
  };
  const next = at + 1;
  // in the same brackets
  const overAfter = (from: number): number => {
    const end = argumentEnd(tokens, from);
    return tokens.findIndex((t, i) => i > from && i < end && isWord(t, "over"));
  };
  if (isSign(tokens[next], "(")) {
    const close = closeOf(tokens, next);
    if (close === undefined || !isWord(tokens[close + 1], "over")) return undefined;
    const end = namesEnd(s, close + 2);
    return sum([close + 2, end], [next + 1, close], end);
  }
  if (isWord(tokens[next], "of")) {
    const over = overAfter(next);
    if (over < 0) return undefined;
    const end = namesEnd(s, over + 1);
    return sum([over + 1, end], [next + 1, over], end);
  }
  const names = isWord(tokens[next], "over", "for") ? next + 1 : next;
  const end = namesEnd(s, names);
  const of = isWord(tokens[end], "in") ? end + 2 : end;
  if (end > names && isWord(tokens[of], "of")) {
    const stop = termEnd(tokens, of + 1);
    return sum([names, end], [of + 1, stop], stop);
  }
  // `sum x[n, c] over c`, `sum c x[n, c]`
  const over = names === next && !isSign(tokens[next], "[") ? overAfter(next) : -1;
  if (over > next) {
    const last = namesEnd(s, over + 1);
    return sum([over + 1, last], [next, over], last);
  }
  const index = tokens[next];
  const bare = index?.kind === "name" && /^\p{Ll}'*$/u.test(index.text) && !overview.shapes.has(index.text);
  if (!bare || tokens[next + 1]?.kind !== "name") return undefined;
  const stop = termEnd(tokens, next + 1);
  return sum([next, next + 1], [next + 1, stop], stop);
};
/** `summ[c](…)`, `average[c](…)` */
export const namedReductions: Rule = ({ tokens, overview }, at) => {
  const head = tokens[at];
  const close = isSign(tokens[at + 1], "[") ? closeOf(tokens, at + 1) : undefined;
  if (head?.kind !== "name" || close === undefined || !isSign(tokens[close + 1], "(")) return undefined;
  const lower = head.text.toLowerCase();
  if (isReduction(meant(lower)) || overview.shapes.has(head.text)) return undefined;
  const name = Object.hasOwn(reductions, lower) ? reductions[lower] : nearest(lower, reductionNames);
  return name === undefined
    ? undefined
    : { run: [at, at + 1], pieces: [name], complaint: say.otherName(head.text, name) };
};
/** After `c`, `c, r`, `c and r`, `all c`. */
function namesEnd({ tokens }: Statement, from: number): number {
  let at = from;
  while (isSign(tokens[at], ",") || (tokens[at]?.kind === "name" && !isWord(tokens[at], "in", "of"))) at++;
  return at;
}

/** `(lambda u: u*u)(x[n])`, `lambda x: x[n]`; one that has a name stands in `lines.ts`. */
export const bareLambdas: Rule = (s, at) => {
  const { tokens } = s;
  if (!isWord(tokens[at], "lambda") || tokens[at + 1]?.kind !== "name") return undefined;
  const colon = tokens.findIndex((t, i) => i > at && isSign(t, ":"));
  const parameters = tokens.slice(at + 1, colon).filter((t) => t.kind === "name");
  if (colon < 0) return undefined;
  const body: Run = [colon + 1, argumentEnd(tokens, colon + 1)];
  const complaint = say.definedFunction();
  const hint = `give it a line of its own: f(${parameters.map((t) => t.text).join(", ")}) = ${s.text(body)}`;
  if (at > 0 && isSign(tokens[at - 1], "=")) return { run: [at, body[1]], pieces: [body], complaint };
  const close = isSign(tokens[at - 1], "(") && closes(tokens[body[1]]) ? body[1] : undefined;
  const given =
    close !== undefined && isSign(tokens[close + 1], "(") ? argumentsOf(tokens, close + 1) : undefined;
  if (close === undefined || given?.length !== parameters.length)
    return { run: [at, body[1]], pieces: undefined, complaint: { ...complaint, hint } };
  const pieces: Piece[] = [];
  for (let i = body[0]; i < body[1]; i++) {
    const argument = given[parameters.findIndex((p) => p.text === tokens[i]?.text)];
    pieces.push(...(argument ? ["(", argument, ")"] : [[i, i + 1] as const]));
  }
  return {
    run: [at - 1, (closeOf(tokens, close + 1) ?? close) + 1],
    pieces: ["(", ...pieces, ")"],
    complaint,
  };
};

/** `[relu(x[n]) for n in range(N)]` */
export const comprehensions: Rule = (s, at) => {
  const { tokens } = s;
  const close =
    isSign(tokens[at], "[") && tokens[at - 1]?.kind === "operator" ? closeOf(tokens, at) : undefined;
  if (close === undefined || closes(tokens[at - 1])) return undefined;
  const loops = [...tokens.keys()].filter((i) => i > at && i < close && isWord(tokens[i], "for"));
  const [first] = loops;
  if (first === undefined) return undefined;
  const names = loops.map((i) => tokens[i + 1]?.text ?? "i");
  return { ...withLeft(s, [at, close + 1], [[at + 1, first]], names), complaint: say.noLine("for") };
};

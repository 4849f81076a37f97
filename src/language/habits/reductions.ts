/** Reductions of whole axes: `sum(x, axis=1)`, `x.mean()`, softmax; and other methods. */
import { say } from "../messages.js";
import { isReduction, meant } from "../names.js";
import { bareShape, indicesLike, leftIndices, looseIndices, opened, withLeft } from "./indices.js";
import { calledAt, modules } from "./names.js";
import { indicesFor } from "./overview.js";
import type { Found, Piece, Rule, Statement } from "./rewrite.js";
import { rangeText } from "./sums.js";
import { argumentsOf, closeOf, isSign, isWord, operandStart, type Run } from "./tools.js";

const reductions: Readonly<Record<string, string>> = {
  average: "mean",
  avg: "mean",
  amax: "max",
  amin: "min",
  product: "prod",
  logsumexp: "logsumexp",
};
const reductionCalled = (name: string): string | undefined => {
  const own = Object.hasOwn(reductions, name) ? reductions[name] : meant(name);
  return own !== undefined && isReduction(own) ? own : undefined;
};

/** `sum(x, axis=1)`, `mean(x)`, `sum(x[n, c])`, `sum(x[n, c], c)`, `sum(x[n, c] for c in range(C))`. */
export const reductionCalls: Rule = (s, at) => {
  const { tokens } = s;
  const called = calledAt(s, at);
  const name = called && reductionCalled(called.name.toLowerCase());
  if (!called || name === undefined) return undefined;
  const [args, close] = [argumentsOf(tokens, called.open), closeOf(tokens, called.open)];
  const [given, ...rest] = args ?? [];
  if (!args || !given || close === undefined) return undefined;
  const body = rest.length === 0 ? innermost(s, called.name, given) : given;
  // of a whole tensor, max(x, 0) is one number for each element where the left-hand side has them all, else that of an axis
  const whole = bareShape(s, body);
  const pair =
    (name === "max" || name === "min") &&
    rest.length === 1 &&
    !isSetting(s, rest[0]) &&
    (!whole || whole.length === leftIndices(s)?.length);
  if (pair) return undefined;
  return reduced(s, name, [called.head[0], close + 1], body, rest);
};
/** Of all axes, as MATLAB has it: `sum(sum(x))`. */
function innermost(s: Statement, name: string, body: Run): Run {
  const open = body[0] + 1;
  const whole = s.tokens[body[0]]?.text === name && isSign(s.tokens[open], "(");
  const [inner, more] =
    whole && closeOf(s.tokens, open) === body[1] - 1 ? (argumentsOf(s.tokens, open) ?? []) : [];
  return inner && !more ? innermost(s, name, inner) : body;
}
/** `x.sum(axis=1)`, `x.mean()`. */
export const reductionMethods: Rule = (s, at) => {
  const { tokens } = s;
  const name = isSign(tokens[at], ".") ? reductionCalled(tokens[at + 1]?.text ?? "") : undefined;
  const [from, close] = [operandStart(tokens, at), closeOf(tokens, at + 2)];
  if (name === undefined || from === undefined || close === undefined || !isSign(tokens[at + 2], "("))
    return undefined;
  if (isWord(tokens[at - 1], ...modules)) return undefined;
  return reduced(s, name, [from, close + 1], [from, at], argumentsOf(tokens, at + 2) ?? []);
};
/** `1`, `-1`, `(0, 1)` */
const isAxis = (s: Statement, run: Run): boolean => /^[-\d(]/.test(s.text(run));
const isSetting = ({ tokens }: Statement, run: Run | undefined): boolean =>
  run !== undefined && isSign(tokens[run[0] + 1], "=");

/** What is reduced, each axis under a name, and the indices that are reduced away. */
export interface Element {
  readonly pieces: readonly Piece[];
  readonly over: readonly string[];
  /** The indices of the result, where the left-hand side has none. */
  readonly left: readonly string[];
}
/**
 * @param rows whether a tensor without subscripts runs along the left-hand side where no axis is named; else all of its axes are reduced
 */
export function elementOf(s: Statement, body: Run, rest: readonly Run[], rows = false): Element | undefined {
  const left = leftIndices(s) ?? [];
  const shape = bareShape(s, body);
  if (shape && !(rows && rest.length === 0)) {
    const axes = axesOf(s, rest, shape.length);
    const kept = shape.filter((_, axis) => !axes.includes(axis));
    const declared = s.overview.shapes.has(s.defines ?? "") && left.length > 0;
    const along = declared ? indicesLike(s, kept, left) : indicesFor(kept, s.overview);
    const given = kept.length === left.length ? left : along;
    const over = indicesFor(
      axes.map((a) => shape[a] ?? ""),
      s.overview,
      [...left, ...given],
    );
    let [k, b] = [0, 0];
    const subscripts = shape.map((_, axis) => (axes.includes(axis) ? over[b++] : given[k++]));
    return { pieces: [body, `[${subscripts.join(", ")}]`], over, left: declared ? left : given };
  }
  const open = opened(s, body);
  const loose = looseIndices(s, body).filter((n) => !left.includes(n) && !s.overview.values.has(n));
  const over = [...new Set([...(open?.over ?? []), ...loose])];
  return over.length > 0 ? { pieces: open?.pieces ?? [body], over, left } : undefined;
}

/** `c=1..C`, or `c, 1, C`, before what is reduced or after it. */
function rangedBinder(
  s: Statement,
  all: readonly Run[],
): { readonly binder: string; readonly body: Run } | undefined {
  const isName = (r: Run | undefined): boolean =>
    r !== undefined && r[1] === r[0] + 1 && s.tokens[r[0]]?.kind === "name";
  const [first, second] = all;
  if (all.length === 2 && first && second)
    for (const [range, body] of [
      [first, second],
      [second, first],
    ] as const) {
      const binder = isSetting(s, range) ? rangeText(s.text(range)) : undefined;
      if (binder !== undefined) return { binder, body };
    }
  if (all.length !== 4) return undefined;
  for (const [name, from, to, body] of [all, [...all.slice(1), ...all.slice(0, 1)]])
    if (name && from && to && body && isName(name)) {
      const binder = rangeText(`${s.text(name)}=${s.text(from)}..${s.text(to)}`);
      if (binder !== undefined) return { binder, body };
    }
  return undefined;
}

function reduced(s: Statement, name: string, run: Run, body: Run, rest: readonly Run[]): Found | undefined {
  const complaint = say.reductionWithoutBinders(name);
  const left = s.left ?? [];
  const ranged = rangedBinder(s, [body, ...rest]);
  if (ranged) return { run, pieces: [`${name}[${ranged.binder}](`, ranged.body, ")"], complaint };
  const open = bareShape(s, body) ?? opened(s, body);
  const element = open && rest.every((r) => isSetting(s, r) || isAxis(s, r)) && elementOf(s, body, rest);
  if (element) {
    const pieces: Piece[] = [`${name}[${element.over.join(", ")}](`, ...element.pieces, ")"];
    return { ...withLeft(s, run, pieces, element.left), complaint };
  }
  const generator = [...s.tokens.keys()].find(
    (i) => i >= body[0] && i < body[1] && isWord(s.tokens[i], "for"),
  );
  if (generator !== undefined) {
    const binders = generatorBinders(s, generator, body[1]);
    if (binders === undefined) return undefined;
    return { run, pieces: [`${name}[${binders}](`, [body[0], generator], ")"], complaint };
  }
  // `sum(c, x[n, c])`
  const [after] = rest;
  if (
    after &&
    rest.length === 1 &&
    body[1] === body[0] + 1 &&
    s.tokens[body[0]]?.kind === "name" &&
    !isSetting(s, after)
  )
    return { run, pieces: [`${name}[${s.text(body)}](`, after, ")"], complaint };
  const named = rest
    .filter((r) => r[1] === r[0] + 1 && s.tokens[r[0]]?.kind === "name")
    .map((r) => s.text(r));
  const settings = rest.filter((r) => isSetting(s, r));
  if (named.length + settings.length < rest.length) return undefined;
  const inside = looseIndices(s, body);
  const over = named.length > 0 ? named : inside.filter((n) => !left.includes(n));
  const last = left.findLast((n) => inside.includes(n));
  // of an element: all of the axis that it stands on; a max may lack its second argument
  if (over.length === 0 && (last === undefined || name === "max" || name === "min")) return undefined;
  if (over.length === 0 && last !== undefined) {
    const other = renamed(s.text(body), last);
    return { run, pieces: [`${name}[${last}'](${other})`], complaint };
  }
  return { run, pieces: [`${name}[${over.join(", ")}](`, body, ")"], complaint };
}
/** The axes that `axis=1`, `dim=-1`, `(0, 1)` or a bare number names; all of them where none is named. */
function axesOf(s: Statement, rest: readonly Run[], rank: number): readonly number[] {
  const setting =
    rest.find((r) => /^(?:axis|axes|dim|dims)\s*=/.test(s.text(r))) ?? rest.find((r) => isAxis(s, r));
  const all = [...Array(rank).keys()];
  const numbers = setting && s.text(setting).match(/-?\d+/g);
  if (!numbers) return all;
  const axes = numbers.map(Number).map((a) => (a < 0 ? a + rank : a));
  return all.filter((a) => axes.includes(a));
}
/** `for c in range(C) for r in range(R)` */
function generatorBinders(s: Statement, from: number, to: number): string | undefined {
  const found = [
    ...s.text([from, to]).matchAll(/\bfor\s+(\p{L}[\p{L}\p{Nd}_]*)\s+in\s+range\s*\(([^()]*)\)/gu),
  ];
  const binders = found.map(([, name, range = ""]) => {
    const [a = "", b] = range.split(",").map((r) => r.trim());
    return b === undefined ? `${name} < ${a}` : `${a} <= ${name} < ${b}`;
  });
  return binders.length > 0 ? binders.join(", ") : undefined;
}
/** The text with a prime to an index. */
const renamed = (text: string, index: string): string =>
  text.replaceAll(new RegExp(`(?<![\\p{L}\\p{Nd}_])${index}(?![\\p{L}\\p{Nd}_'])`, "gu"), `${index}'`);

/** softmax needs a sum, so it is no function of one number. */
export const softmax: Rule = (s, at) => {
  const called = calledAt(s, at);
  const name = called?.name.toLowerCase().replaceAll("_", "");
  if (!called || (name !== "softmax" && name !== "logsoftmax")) return undefined;
  const [args, close] = [argumentsOf(s.tokens, called.open), closeOf(s.tokens, called.open)];
  const [body, ...rest] = args ?? [];
  const left = leftIndices(s);
  const complaint = say.softmax(called.name);
  const unknown: Found = {
    run: [at, (close ?? at) + 1],
    pieces: undefined,
    complaint: { ...complaint, hint: "y[n, c] = exp(x[n, c]) / sum[c'](exp(x[n, c']))" },
  };
  if (!body || close === undefined || !left || left.length === 0) return unknown;
  const shape = bareShape(s, body);
  const [axis = left.length - 1] = rest.length > 0 ? axesOf(s, rest, left.length) : [];
  const index = left[rest.length > 0 ? axis : left.length - 1];
  if (index === undefined || (shape && shape.length !== left.length)) return unknown;
  const element = shape ? `${s.text(body)}[${left.join(", ")}]` : s.text(body);
  const other = `${index}'`;
  const primed = shape
    ? `${s.text(body)}[${left.map((n) => (n === index ? other : n)).join(", ")}]`
    : renamed(s.text(body), index);
  if (primed === element) return unknown;
  const text =
    name === "softmax"
      ? `exp(${element}) / sum[${other}](exp(${primed}))`
      : `${element} - log(sum[${other}](exp(${primed})))`;
  // `softmax(x)[n, c]` names its indices
  const named = shape && isSign(s.tokens[close + 1], "[") ? closeOf(s.tokens, close + 1) : undefined;
  const end = (named ?? close) + 1;
  const alone = isSign(s.tokens[at - 1], "=") && end === s.tokens.length;
  return { ...withLeft(s, [at, end], [alone ? text : `(${text})`], left), complaint };
};

/** `x[n, c].exp()`, `x[n, c].relu()`: a function of what stands before. */
export const methods: Rule = (s, at) => {
  const { tokens } = s;
  const name = tokens[at + 1];
  if (!isSign(tokens[at], ".") || name?.kind !== "name" || !isSign(tokens[at + 2], "(")) return undefined;
  const [from, close] = [operandStart(tokens, at), closeOf(tokens, at + 2)];
  if (from === undefined || close === undefined || isWord(tokens[at - 1], ...modules)) return undefined;
  const inside: Run = [at + 3, close];
  return {
    run: [from, close + 1],
    pieces: [name.text, "(", [from, at], ...(close > at + 3 ? [", ", inside] : []), ")"],
    complaint: say.method(name.text),
  };
};

/** Whole arrays, as libraries calculate with them: here every index is named. */
import { isReduction, meant } from "../names.js";
import { say } from "../messages.js";
import { calledAt, isOwn, modules } from "./names.js";
import { indicesFor } from "./overview.js";
import type { Found, Piece, Rule, Statement } from "./rewrite.js";
import { argumentsOf, closeOf, isSign, isWord, operandEnd, operandStart, type Run } from "./tools.js";

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
function withLeft(
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

// --- products of matrices

/** `x @ w`, `x.w`, `x.dot(w)`, `matmul(x, w)`. */
export const products: Rule = (s, at) => {
  const { tokens } = s;
  const called = calledAt(s, at);
  if (called && ["matmul", "dot", "mm", "bmm", "inner", "mv"].includes(called.name)) {
    const args = argumentsOf(tokens, called.open);
    const close = closeOf(tokens, called.open);
    const [a, b] = args ?? [];
    if (!a || !b || args?.length !== 2 || close === undefined) return undefined;
    return productOf(s, [called.head[0], close + 1], a, b, `${called.name}(…)`);
  }
  const dotted = isSign(tokens[at], ".") && tokens[at + 1]?.kind === "name";
  const method = dotted && isWord(tokens[at + 1], "dot", "matmul", "mm") && isSign(tokens[at + 2], "(");
  if (method) {
    const [from, close] = [operandStart(tokens, at), closeOf(tokens, at + 2)];
    if (from === undefined || close === undefined) return undefined;
    return productOf(s, [from, close + 1], [from, at], [at + 3, close], `${tokens[at + 1]?.text}(…)`);
  }
  const between = dotted && bareShape(s, [at - 1, at]) && bareShape(s, [at + 1, at + 2]);
  if (!isSign(tokens[at], "@") && !between) return undefined;
  const turned = isTransposition(s, at - 2) ? at - 2 : at;
  const [from, end] = [operandStart(tokens, turned), operandEnd(tokens, at + 1)];
  if (from === undefined || end === undefined) return undefined;
  const to = isTransposition(s, end) ? end + 2 : end;
  return productOf(s, [from, to], [from, at], [at + 1, to], tokens[at]?.text ?? "@");
};

function productOf(s: Statement, run: Run, a: Run, b: Run, sign: string): Found {
  const complaint = say.wholeProduct(sign);
  const [x, y] = [transposable(s, a), transposable(s, b)];
  const left = leftIndices(s);
  const unknown: Found = {
    run,
    pieces: undefined,
    complaint: { ...complaint, hint: "name the indices: y[n, k] = sum[c](x[n, c] * w[c, k])" },
  };
  if (!x || !y || !left) return unknown;
  const [m, k] = [x.shape.length, y.shape.length];
  const shared = k === 1 ? 0 : k - 2;
  if (m === 0 || k === 0 || x.shape[m - 1] !== y.shape[shared]) return unknown;
  // x[…, c] · y[batch…, c, k]: what is left of both, in order
  const batch = Math.max(0, k - 2);
  const outside = [...x.shape.slice(0, -1), ...(k === 1 ? [] : y.shape.slice(-1))];
  const result = indicesLike(s, outside, left);
  const [summed = "c"] = indicesFor(x.shape.slice(-1), s.overview, [...left, ...result]);
  const first = [...result.slice(0, m - 1), summed];
  const second = k === 1 ? [summed] : [...result.slice(0, batch), summed, ...result.slice(-1)];
  const read = (t: NonNullable<typeof x>, names: readonly string[]): string =>
    `${t.name}[${(t.turned ? [...names.slice(0, -2), ...names.slice(-2).reverse()] : names).join(", ")}]`;
  const pieces = [`sum[${summed}](${read(x, first)} * ${read(y, second)})`];
  return { ...withLeft(s, run, pieces, left.length > 0 ? left : result), complaint };
}

/** A bare tensor, or one transposed: `x^T`, `x.T`. */
function transposable(
  s: Statement,
  [from, to]: Run,
): { readonly name: string; readonly shape: readonly string[]; readonly turned: boolean } | undefined {
  const name = s.tokens[from]?.text ?? "";
  const turned = to === from + 3 && isTransposition(s, from + 1);
  const shape = to === from + 1 || turned ? s.overview.shapes.get(name) : undefined;
  if (!shape) return undefined;
  return { name, turned, shape: turned ? [...shape.slice(0, -2), ...shape.slice(-2).reverse()] : shape };
}
const isTransposition = ({ tokens, overview }: Statement, at: number): boolean =>
  isSign(tokens[at], ".", "^") &&
  isWord(tokens[at + 1], "T", "t", "mT", "transpose") &&
  !overview.shapes.has(tokens[at + 1]?.text ?? "") &&
  overview.shapes.has(tokens[at - 1]?.text ?? "");

/** `x^T`, `x.T`, `transpose(x)` where it is no operand of a product. */
export const transposes: Rule = (s, at) => {
  const { tokens } = s;
  const called = calledAt(s, at);
  let [run, operand]: (Run | undefined)[] = [undefined, undefined];
  if (isTransposition(s, at)) {
    const end = isSign(tokens[at + 2], "(") ? (closeOf(tokens, at + 2) ?? at + 2) + 1 : at + 2;
    [run, operand] = [
      [at - 1, end],
      [at - 1, at],
    ];
    // the product it stands in names its indices
    if (isSign(tokens[end], "@") || isSign(tokens[at - 2], "@")) return undefined;
  } else if (called && ["transpose", "permute", "swapaxes"].includes(called.name)) {
    const close = closeOf(tokens, called.open);
    if (close !== undefined)
      [run, operand] = [
        [at, close + 1],
        [called.open + 1, called.open + 2],
      ];
  }
  if (!run || !operand) return undefined;
  const complaint = say.transposed();
  const shape = s.overview.shapes.get(tokens[operand[0]]?.text ?? "");
  const left = leftIndices(s);
  if (shape?.length !== 2 || left?.length !== 2)
    return { run, pieces: undefined, complaint: { ...complaint, hint: "exchange the indices: x[c, n]" } };
  const pieces: Piece[] = [operand, `[${[...left].reverse().join(", ")}]`];
  return { ...withLeft(s, run, pieces, left), complaint };
};

/** `einsum("nc,ck->nk", x, w)`. */
export const einsum: Rule = (s, at) => {
  const { tokens } = s;
  const called = calledAt(s, at);
  if (called?.name !== "einsum") return undefined;
  const [args, close] = [argumentsOf(tokens, called.open), closeOf(tokens, called.open)];
  const [formula, ...operands] = args ?? [];
  const form = formula && /^["']([a-zA-Z,\s]+)->([a-zA-Z\s]*)["']$/.exec(s.text(formula));
  const complaint = say.einsum();
  const letters = (t: string): string[] => [...t.replaceAll(/\s/g, "")];
  const terms = form?.[1]?.split(",").map(letters) ?? [];
  const result = letters(form?.[2] ?? "");
  if (!form || close === undefined || terms.length !== operands.length)
    return {
      run: [at, (close ?? at) + 1],
      pieces: undefined,
      complaint: { ...complaint, hint: "y[n, k] = sum[c](x[n, c] * w[c, k])" },
    };
  const left = s.left && s.left.length === result.length ? s.left : result;
  const called_ = (letter: string): string => left[result.indexOf(letter)] ?? letter;
  const summed = [...new Set(terms.flat())].filter((l) => !result.includes(l));
  const product = operands.flatMap((run, i): Piece[] => [
    ...(i > 0 ? [" * "] : []),
    run,
    `[${(terms[i] ?? []).map(called_).join(", ")}]`,
  ]);
  const pieces = summed.length > 0 ? [`sum[${summed.join(", ")}](`, ...product, ")"] : product;
  return { ...withLeft(s, [at, close + 1], pieces, left), complaint };
};

// --- reductions over axes

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
  const [body, ...rest] = args ?? [];
  if (!args || !body || close === undefined) return undefined;
  const pair =
    (name === "max" || name === "min") && rest.length === 1 && !isSetting(s, rest[0]) && !bareShape(s, body);
  if (pair) return undefined;
  return reduced(s, name, [called.head[0], close + 1], body, rest);
};
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
const isSetting = ({ tokens }: Statement, run: Run | undefined): boolean =>
  run !== undefined && isSign(tokens[run[0] + 1], "=");

function reduced(s: Statement, name: string, run: Run, body: Run, rest: readonly Run[]): Found | undefined {
  const complaint = say.reductionWithoutBinders(name);
  const left = s.left ?? [];
  const shape = bareShape(s, body);
  if (shape) {
    const axes = axesOf(s, rest, shape.length);
    const kept = shape.filter((_, axis) => !axes.includes(axis));
    const given = kept.length === left.length ? left : indicesFor(kept, s.overview);
    const over = indicesFor(
      axes.map((a) => shape[a] ?? ""),
      s.overview,
      [...left, ...given],
    );
    let [k, b] = [0, 0];
    const subscripts = shape.map((_, axis) => (axes.includes(axis) ? over[b++] : given[k++]));
    const pieces: Piece[] = [`${name}[${over.join(", ")}](`, body, `[${subscripts.join(", ")}])`];
    return { ...withLeft(s, run, pieces, given), complaint };
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
  const over = named.length > 0 ? named : looseIndices(s, body).filter((n) => !left.includes(n));
  if (over.length === 0) return undefined;
  return { run, pieces: [`${name}[${over.join(", ")}](`, body, ")"], complaint };
}
/** The axes that `axis=1`, `dim=-1`, `(0, 1)` or a bare number names; all of them where none is named. */
function axesOf(s: Statement, rest: readonly Run[], rank: number): readonly number[] {
  const setting =
    rest.find((r) => /^(?:axis|axes|dim|dims)\s*=/.test(s.text(r))) ??
    rest.find((r) => /^[-\d(]/.test(s.text(r)));
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

// --- softmax

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
    : s.text(body).replaceAll(new RegExp(`(?<![\\p{L}\\p{Nd}_])${index}(?![\\p{L}\\p{Nd}_'])`, "gu"), other);
  if (primed === element) return unknown;
  const text =
    name === "softmax"
      ? `exp(${element}) / sum[${other}](exp(${primed}))`
      : `${element} - log(sum[${other}](exp(${primed})))`;
  const alone = isSign(s.tokens[at - 1], "=") && close + 1 === s.tokens.length;
  return { ...withLeft(s, [at, close + 1], [alone ? text : `(${text})`], left), complaint };
};

// --- methods

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

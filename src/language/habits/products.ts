/** Products without indices: `x @ w`, `x.T`, einsum. */
import { say } from "../messages.js";
import { accessAt, bareShape, indicesLike, leftIndices, withLeft } from "./indices.js";
import { calledAt } from "./names.js";
import { indicesFor } from "./overview.js";
import type { Found, Piece, Rule, Statement } from "./rewrite.js";
import { argumentsOf, closeOf, isSign, isWord, operandEnd, operandStart, type Run } from "./tools.js";

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
  const read = (t: Operand, names: readonly string[]): string => {
    const own = t.turned ? [...names.slice(0, -2), ...names.slice(-2).reverse()] : names;
    const [k, all] = [[...own], t.subscripts ?? own];
    return `${t.name}[${all.map((given) => given ?? k.shift() ?? "i").join(", ")}]`;
  };
  const pieces = [`sum[${summed}](${read(x, first)} * ${read(y, second)})`];
  return { ...withLeft(s, run, pieces, left.length > 0 ? left : result), complaint };
}

interface Operand {
  readonly name: string;
  readonly shape: readonly string[];
  readonly turned: boolean;
  /** Those given; undefined for an axis of the shape. */
  readonly subscripts?: readonly (string | undefined)[];
}
/** A bare tensor, one transposed: `x^T`, `x.T`; or some of its axes: `x[n, :]`, `x[n]`. */
function transposable(s: Statement, [from, to]: Run): Operand | undefined {
  const name = s.tokens[from]?.text ?? "";
  const turned = to === from + 3 && isTransposition(s, from + 1);
  const shape = to === from + 1 || turned ? s.overview.shapes.get(name) : undefined;
  if (shape)
    return { name, turned, shape: turned ? [...shape.slice(0, -2), ...shape.slice(-2).reverse()] : shape };
  const access = accessAt(s, from);
  if (access?.run[1] !== to) return undefined;
  const subscripts = access.subscripts.map((a) => (typeof a === "object" ? s.text(a) : a));
  const open = access.shape.filter((_, axis) => subscripts[axis] === undefined);
  return { name: access.name, turned: false, shape: open, subscripts };
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

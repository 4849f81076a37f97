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
  // `w_k^T x_n`
  const rows = isSign(tokens[at], "^") && isWord(tokens[at + 1], "T") ? accessAt(s, at - 1) : undefined;
  const columns = rows && !s.overview.values.has("T") ? accessAt(s, at + 2) : undefined;
  if (rows && columns && rows.run[1] === at)
    return productOf(s, [at - 1, columns.run[1]], rows.run, columns.run, "a^T b");
  const dotted = isSign(tokens[at], ".") && tokens[at + 1]?.kind === "name";
  const method = dotted && isWord(tokens[at + 1], "dot", "matmul", "mm") && isSign(tokens[at + 2], "(");
  if (method) {
    const [from, close] = [operandStart(tokens, at), closeOf(tokens, at + 2)];
    if (from === undefined || close === undefined) return undefined;
    return productOf(s, [from, close + 1], [from, at], [at + 3, close], `${tokens[at + 1]?.text}(…)`);
  }
  const vectors = bareShape(s, [at - 1, at]) && bareShape(s, [at + 1, at + 2]);
  const scalar = isSign(tokens[at], "·", "⋅", "\\cdot") && leftIndices(s)?.length === 0;
  const between = vectors && (dotted || scalar);
  if (!isSign(tokens[at], "@") && !between) return undefined;
  const turned = isTransposition(s, at - 2) ? at - 2 : at;
  const [from, end] = [operandStart(tokens, turned), operandEnd(tokens, at + 1)];
  if (from === undefined || end === undefined) return undefined;
  const to = isTransposition(s, end) ? end + 2 : end;
  return productOf(s, [from, to], [from, at], [at + 1, to], tokens[at]?.text ?? "@");
};

const angles = new Map([
  ["\\langle", "\\rangle"],
  ["⟨", "⟩"],
  ["<", ">"],
]);
/** `⟨a, b⟩`, `\langle a, b\rangle`, `<a, b>`. */
export const innerProducts: Rule = (s, at) => {
  const { tokens } = s;
  const open = tokens[at];
  const closing = open && open.kind !== "name" ? angles.get(open.text) : undefined;
  if (closing === undefined || operandStart(tokens, at) !== undefined) return undefined;
  const close = tokens.findIndex((t, i) => i > at && isSign(t, closing));
  let depth = 0;
  const comma = tokens.findIndex((t, i) => {
    if (i > at && isSign(t, "(", "[", "{")) depth++;
    if (i > at && isSign(t, ")", "]", "}")) depth--;
    return i > at && i < close && depth === 0 && isSign(t, ",", "|", "\\mid");
  });
  if (comma < 0) return undefined;
  return productOf(s, [at, close + 1], [at + 1, comma], [comma + 1, close], "⟨a, b⟩");
};

function productOf(s: Statement, run: Run, a: Run, b: Run, sign: string): Found {
  const complaint = say.wholeProduct(sign);
  const [x, written] = [transposable(s, a), transposable(s, b)];
  const left = leftIndices(s);
  const unknown: Found = {
    run,
    pieces: undefined,
    complaint: { ...complaint, hint: "name the indices: y[n, k] = sum[c](x[n, c] * w[c, k])" },
  };
  if (!x || !written || !left) return unknown;
  const [m, k] = [x.shape.length, written.shape.length];
  const shared = k === 1 ? 0 : k - 2;
  const fits = (t: Operand): boolean => x.shape[m - 1] === t.shape[shared];
  // the axes in common are what is summed, whether a transposition was written or not
  const y = [written, ...(k > 1 ? [transposed(written)] : [])].find(fits);
  if (m === 0 || k === 0 || !y) return unknown;
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
const transposed = (t: Operand): Operand => ({
  ...t,
  turned: !t.turned,
  shape: [...t.shape.slice(0, -2), ...t.shape.slice(-2).reverse()],
});
/** A bare tensor, one transposed: `x^T`, `x.T`; or some of its axes: `x[n, :]`, `x[n]`. */
function transposable(s: Statement, [from, to]: Run): Operand | undefined {
  const name = s.tokens[from]?.text ?? "";
  const turned = to === from + 3 && isTransposition(s, from + 1);
  const shape = to === from + 1 || turned ? s.overview.shapes.get(name) : undefined;
  if (shape) {
    const plain = { name, turned: false, shape };
    return turned ? transposed(plain) : plain;
  }
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

/** `x[n, c].T`, where an element is meant. */
function ofElement(s: Statement, at: number): Found | undefined {
  const { tokens, overview } = s;
  const word = tokens[at + 1];
  const sign = isSign(tokens[at], ".", "^") && isWord(word, "T", "mT", "t") && isSign(tokens[at - 1], "]");
  const from = sign ? operandStart(tokens, at) : undefined;
  if (
    from === undefined ||
    overview.values.has(word?.text ?? "") ||
    !overview.shapes.has(tokens[from]?.text ?? "")
  )
    return undefined;
  const end = isSign(tokens[at + 2], "(") ? (closeOf(tokens, at + 2) ?? at + 2) + 1 : at + 2;
  return isSign(tokens[end], "@") || isSign(tokens[from - 1], "@")
    ? undefined
    : { run: [from, end], pieces: [[from, at]], complaint: say.transposed() };
}

/** `x^T`, `x.T`, `x'`, `transpose(x)` where it is no operand of a product. */
export const transposes: Rule = (s, at) => {
  const { tokens } = s;
  const element = ofElement(s, at);
  if (element) return element;
  const called = calledAt(s, at);
  const [, primed] = /^(.+)'$/.exec(tokens[at]?.text ?? "") ?? [];
  let [run, operand]: (Run | undefined)[] = [undefined, undefined];
  if (primed !== undefined && s.overview.shapes.get(primed)?.length === 2 && !isSign(tokens[at + 1], "["))
    [run, operand] = [
      [at, at + 1],
      [at, at + 1],
    ];
  else if (isTransposition(s, at)) {
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
  const name = primed ?? tokens[operand[0]]?.text ?? "";
  const shape = s.overview.shapes.get(name);
  const left = leftIndices(s);
  // `x.T[c, n]` names its indices
  const given = isSign(tokens[run[1]], "[") ? argumentsOf(tokens, run[1]) : undefined;
  const close = given && closeOf(tokens, run[1]);
  const [c, n] = given ?? [];
  if (shape?.length === 2 && close !== undefined && c && n && given?.length === 2)
    return { run: [run[0], close + 1], pieces: [`${name}[`, n, ", ", c, "]"], complaint };
  if (shape?.length !== 2 || left?.length !== 2)
    return { run, pieces: undefined, complaint: { ...complaint, hint: "exchange the indices: x[c, n]" } };
  const pieces: Piece[] = [`${name}[${[...left].reverse().join(", ")}]`];
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

/** Norms, variances and the like, which are sums over an index and are written out. */
import { say } from "../messages.js";
import { textOfPieces, withLeft } from "./indices.js";
import { calledAt, modules, sumCalled } from "./names.js";
import { elementOf } from "./reductions.js";
import type { Found, Rule, Statement } from "./rewrite.js";
import { argumentEnd, argumentsOf, closeOf, isSign, isWord, operandStart, type Run } from "./tools.js";

/** Of an element, as an operand and bare, and of that at other indices. */
interface Parts {
  readonly over: string;
  readonly bare: string;
  readonly operand: string;
  readonly others: string;
  readonly other: string;
}
const variance = ({ over, operand, others, other }: Parts): string =>
  `mean[${over}]((${operand} - mean[${others}](${other}))^2)`;
const forms: Readonly<Record<string, (parts: Parts) => string>> = {
  norm: ({ over, operand }) => `sqrt(sum[${over}](${operand}^2))`,
  logsumexp: ({ over, bare }) => `logsumexp[${over}](${bare})`,
  var: variance,
  std: (parts) => `sqrt(${variance(parts)})`,
};
function writtenOut(
  s: Statement,
  form: string,
  sign: string,
  run: Run,
  body: Run,
  rest: readonly Run[],
): Found {
  const complaint = say.noFunction(sign);
  const hint = `write it as a formula: ${forms[form]?.({ over: "c", bare: "x[n, c]", operand: "x[n, c]", others: "c'", other: "x[n, c']" })}`;
  const unknown: Found = { run, pieces: undefined, complaint: { ...complaint, hint } };
  const text = (r: Run): string => s.text(r);
  // which norm it is, and whether a variance is divided by one less
  const isUsual = (r: Run): boolean =>
    form === "norm"
      ? /^(?:(?:ord|p)\s*=\s*)?["']?(?:2|fro)["']?$|^(?:axis|dim|keepdims?)\s*=/.test(text(r))
      : !/^(?:ddof|correction|unbiased)\s*=/.test(text(r));
  const axes = form === "norm" ? rest.filter((r) => /^(?:axis|dim)\s*=/.test(text(r))) : rest;
  const element = rest.every(isUsual) ? elementOf(s, body, axes, true) : undefined;
  if (!element) return unknown;
  const bare = textOfPieces(s, element.pieces);
  const operand = operandStart(s.tokens, body[1]) === body[0] ? bare : `(${bare})`;
  const names = element.over.join("|");
  const other = operand.replaceAll(
    new RegExp(`(?<![\\p{L}\\p{Nd}_])(?:${names})(?![\\p{L}\\p{Nd}_'(])`, "gu"),
    (name) => `${name}'`,
  );
  const over = element.over.join(", ");
  const others = element.over.map((n) => `${n}'`).join(", ");
  const pieces = [forms[form]?.({ over, bare, operand, others, other }) ?? ""];
  return { ...withLeft(s, run, pieces, element.left), complaint };
}

/** `norm(x)`, `np.linalg.norm(x, axis=1)`, `std(x[n, :])`, `x[n].norm()`. */
export const norms: Rule = (s, at) => {
  const { tokens } = s;
  const call = calledAt(s, at);
  const name = call && sumCalled(call.name);
  if (call && name !== undefined && !s.overview.shapes.has(call.name)) {
    const [args, close] = [argumentsOf(tokens, call.open), closeOf(tokens, call.open)];
    const [body, ...rest] = args ?? [];
    if (!body || close === undefined) return undefined;
    return writtenOut(s, name, s.text(call.head), [call.head[0], close + 1], body, rest);
  }
  const method = isSign(tokens[at], ".") && isSign(tokens[at + 2], "(") ? tokens[at + 1] : undefined;
  const form = method && sumCalled(method.text);
  const [from, close] = [operandStart(tokens, at), closeOf(tokens, at + 2)];
  if (!method || form === undefined || from === undefined || close === undefined) return undefined;
  if (isWord(tokens[at - 1], ...modules)) return undefined;
  const rest = argumentsOf(tokens, at + 2) ?? [];
  return writtenOut(s, form, method.text, [from, close + 1], [from, at], rest);
};

const doubled = new Map([
  ["||", "||"],
  ["\\|", "\\|"],
  ["‖", "‖"],
  ["\\lVert", "\\rVert"],
]);
/** `||x||`, `\|x\|`, with or without `_2`. */
export const doubleBars: Rule = (s, at) => {
  const { tokens } = s;
  const sign = tokens[at];
  const closing = doubled.get(sign?.text ?? "");
  if (!sign || closing === undefined || operandStart(tokens, at) !== undefined) return undefined;
  const end = argumentEnd(tokens, at + 1);
  let close = at + 1;
  while (close < end && tokens[close]?.text !== closing) close++;
  if (close >= end || close === at + 1) return undefined;
  const after = tokens[close + 1]?.text === "_2" ? close + 2 : close + 1;
  return writtenOut(s, "norm", s.text([at, after]), [at, after], [at + 1, close], []);
};

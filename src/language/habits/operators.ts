/** Operators that other notations have. */
import { say } from "../messages.js";
import type { Found, Rule } from "./rewrite.js";
import {
  argumentEnd,
  argumentsOf,
  argumentStart,
  closeOf,
  isSign,
  isWord,
  operandEnd,
  operandStart,
  termStart,
  type Run,
} from "./tools.js";

/** Other spellings of an operator. */
const spelled = new Map([
  ["**", "^"],
  [".*", "*"],
  ["./", "/"],
  [".^", "^"],
  ["&&", "and"],
  ["&", "and"],
  ["||", "or"],
  ["<>", "!="],
  ["=>", ">="],
  ["=<", "<="],
  ["===", "=="],
  ["!==", "!="],
  ["×", "*"],
  ["·", "*"],
  ["⋅", "*"],
  ["∗", "*"],
  ["÷", "/"],
  ["−", "-"],
  ["–", "-"],
  ["≤", "<="],
  ["≥", ">="],
  ["≠", "!="],
  ["∞", "inf"],
  ["∧", "and"],
  ["∨", "or"],
  [";", ","],
  ["²", "^2"],
  ["³", "^3"],
]);
export const spelling: Rule = ({ tokens }, at) => {
  const token = tokens[at];
  const meant = token?.kind === "strange" ? spelled.get(token.text) : undefined;
  return token && meant !== undefined
    ? {
        run: [at, at + 1],
        pieces: [/^[a-z]/.test(meant) ? ` ${meant} ` : meant],
        complaint: say.strangeCharacter(token.text),
      }
    : undefined;
};

/** `a % b`, `a mod b`, `a // b`: functions here. The left operand is all of the product so far, as in Python and C. */
export const divisions: Rule = ({ tokens }, at) => {
  const token = tokens[at];
  const word = isWord(token, "mod") && !isSign(tokens[at + 1], "(", "[", "=") && at > 0;
  if (!token || !(word || isSign(token, "%", "//"))) return undefined;
  const [from, to] = [termStart(tokens, at), operandEnd(tokens, at + 1)];
  if (to === undefined || from >= at) return undefined;
  const [left, right]: Run[] = [
    [from, at],
    [at + 1, to],
  ];
  if (!left || !right) return undefined;
  const pieces = token.text === "//" ? ["floor(", left, " / ", right, ")"] : ["mod(", left, ", ", right, ")"];
  return {
    run: [from, to],
    pieces: tokens[from - 1]?.kind === "name" ? [" ", ...pieces] : pieces,
    at: token,
    complaint: word ? say.infix(token.text) : say.strangeCharacter(token.text),
  };
};

/** `!c` and `~c`, and `not c` without parentheses. */
export const negations: Rule = ({ tokens }, at) => {
  const token = tokens[at];
  const word = isWord(token, "not") && !isSign(tokens[at + 1], "(");
  if (!token || !(word || isSign(token, "!", "~"))) return undefined;
  // Python's not takes the comparison after it, C's ! the operand
  const end = word ? comparisonEnd(tokens, at + 1) : operandEnd(tokens, at + 1);
  if (end === undefined || end <= at + 1) return undefined;
  const bare = isSign(tokens[at + 1], "(") && closeOf(tokens, at + 1) === end - 1;
  const operand: Run = bare ? [at + 2, end - 1] : [at + 1, end];
  return {
    run: [at, end],
    pieces: ["not(", operand, ")"],
    at: token,
    complaint: word ? say.bareNot() : say.strangeCharacter(token.text),
  };
};
function comparisonEnd(tokens: Parameters<Rule>[0]["tokens"], from: number): number {
  const end = argumentEnd(tokens, from);
  for (let i = from, depth = 0; i < end; i++) {
    if (isSign(tokens[i], "(", "[")) depth++;
    if (isSign(tokens[i], ")", "]")) depth--;
    if (depth === 0 && isWord(tokens[i], "and", "or")) return i;
  }
  return end;
}

/** `a if c else b` and `c ? a : b`. */
export const choices: Rule = ({ tokens }, at) => {
  const python = isWord(tokens[at], "if") && at > 0;
  const prefix = python && isSign(tokens[at - 1], "=", "(", ",", "+", "-", "*", "/");
  if (prefix && isSign(tokens[at + 1], "(") && argumentsOf(tokens, at + 1)?.length === 3)
    return { run: [at, at + 1], pieces: ["where"], complaint: say.choice("if(c, a, b)") };
  const then = prefix ? tokens.findIndex((t, i) => i > at && isWord(t, "then")) : -1;
  const other = then < 0 ? -1 : tokens.findIndex((t, i) => i > then && isWord(t, "else"));
  if (other > then + 1) {
    const end = argumentEnd(tokens, other + 1);
    return {
      run: [at, end],
      pieces: ["where(", [at + 1, then], ", ", [then + 1, other], ", ", [other + 1, end], ")"],
      complaint: say.choice("if c then a else b"),
    };
  }
  if (!python && !isSign(tokens[at], "?")) return undefined;
  const [from, end] = [argumentStart(tokens, at), argumentEnd(tokens, at + 1)];
  const middle = partner(tokens, at, end, python);
  const complaint = say.choice(python ? "a if c else b" : "c ? a : b");
  if (middle === undefined || from >= at)
    return {
      run: [at, at + 1],
      pieces: undefined,
      complaint: { ...complaint, hint: "write where(c, a, b)" },
    };
  const [first, second, third]: Run[] = [
    [from, at],
    [at + 1, middle],
    [middle + 1, end],
  ];
  if (!first || !second || !third) return undefined;
  const [condition, yes] = python ? [second, first] : [first, second];
  return { run: [from, end], pieces: ["where(", condition, ", ", yes, ", ", third, ")"], complaint };
};
/** The `else` or `:` that belongs to the `if` or `?` at a place. */
function partner(
  tokens: Parameters<Rule>[0]["tokens"],
  at: number,
  end: number,
  python: boolean,
): number | undefined {
  for (let i = at + 1, depth = 0; i < end; i++) {
    if (isSign(tokens[i], "(", "[") || (python ? isWord(tokens[i], "if") : isSign(tokens[i], "?"))) depth++;
    const middle = python ? isWord(tokens[i], "else") : isSign(tokens[i], ":");
    if (middle && depth === 0) return i;
    if (isSign(tokens[i], ")", "]") || middle) depth--;
  }
  return undefined;
}

/** `|x|`. Two bars in one argument are a magnitude; a bar alone is `or`. */
export const bars: Rule = ({ tokens }, at) => {
  if (!isSign(tokens[at], "|")) return undefined;
  const end = argumentEnd(tokens, at + 1);
  let close: number | undefined;
  for (let i = at + 1, depth = 0; i < end && close === undefined; i++) {
    if (isSign(tokens[i], "(", "[")) depth++;
    if (isSign(tokens[i], ")", "]")) depth--;
    if (depth === 0 && isSign(tokens[i], "|")) close = i;
  }
  const magnitude = close !== undefined && close > at + 1 && operandStart(tokens, at) === undefined;
  return magnitude && close !== undefined
    ? { run: [at, close + 1], pieces: ["abs(", [at + 1, close], ")"], complaint: say.strangeCharacter("|") }
    : { run: [at, at + 1], pieces: [" or "], complaint: say.strangeCharacter("|") };
};

/** `√x` */
export const roots: Rule = ({ tokens }, at) => {
  const token = tokens[at];
  if (isSign(token, "√")) {
    const end = operandEnd(tokens, at + 1);
    if (end === undefined) return undefined;
    const bare = isSign(tokens[at + 1], "(") && closeOf(tokens, at + 1) === end - 1;
    return {
      run: [at, end],
      pieces: bare ? ["sqrt", [at + 1, end]] : ["sqrt(", [at + 1, end], ")"],
      complaint: say.strangeCharacter("√"),
    };
  }
  return undefined;
};

/** `2 x[n]`, `(a + b)(a - b)`: what stands side by side is multiplied. */
export const sideBySide: Rule = ({ tokens }, at) => {
  const [before, token] = [tokens[at - 1], tokens[at]];
  const equals = tokens.findIndex((t) => t.text === "=");
  if (!before || !token || equals < 0 || at < equals + 2) return undefined;
  const ends = before.kind === "name" || before.kind === "number" || isSign(before, ")", "]");
  const call = isSign(token, "(") && (before.kind === "name" || isSign(before, "]"));
  const starts = token.kind === "name" || token.kind === "number" || isSign(token, "(");
  if (!ends || !starts || call || isWord(before, ...words) || isWord(token, ...words)) return undefined;
  if (before.text === "0" && token.kind === "name") return undefined; // 0x1F
  return {
    run: [at - 1, at + 1],
    pieces: [[at - 1, at], " * ", [at, at + 1]],
    complaint: say.implicitProduct(before.text, token.text),
  };
};
/** Words that are no operands. */
const words = ["and", "or", "not", "if", "else", "for", "in", "to", "mod", "xor", "lambda", "range"];

/** `+x`, `2.`: what may be left out or must be put in. */
export const trifles: Rule = ({ tokens }, at): Found | undefined => {
  const token = tokens[at];
  if (token?.kind === "number" && /\.(?!\d)/.test(token.text))
    return {
      run: [at, at + 1],
      pieces: [token.text.replace(/\.(?!\d)/, ".0")],
      complaint: say.bareDot(token.text),
    };
  // C's float
  const next = tokens[at + 1];
  if (
    token?.kind === "number" &&
    isWord(next, "f", "F") &&
    token.end === next?.start &&
    /\./.test(token.text)
  )
    return { run: [at, at + 2], pieces: [[at, at + 1]], complaint: say.strangeCharacter("f") };
  return undefined;
};

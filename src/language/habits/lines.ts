/** Kinds of lines that other languages have, and other ways to declare. */
import { isTensorRole, lineKeywords } from "../keywords.js";
import { nearest } from "../names.js";
import { say } from "../messages.js";
import type { Found, Piece, Rule, Statement } from "./rewrite.js";
import { argumentsOf, closeOf, isSign, isWord, type Run } from "./tools.js";

/** Words that others begin a declaration with. */
const keywords: Readonly<Record<string, string>> = {
  inputs: "input",
  in: "input",
  arg: "input",
  tensor: "input",
  tensors: "input",
  variable: "input",
  placeholder: "input",
  float: "input",
  float32: "input",
  double: "input",
  array: "input",
  outputs: "output",
  out: "output",
  result: "output",
  weights: "weight",
  parameter: "weight",
  parameters: "weight",
  learnable: "weight",
  bias: "weight",
  params: "param",
  hyperparameter: "param",
  constant: "param",
  indices: "index",
  int: "index",
  int32: "index",
  integer: "index",
  long: "index",
  temp: "local",
  tmp: "local",
  buffer: "local",
  intermediate: "local",
  assert: "require",
  requires: "require",
  checks: "check",
  claims: "claim",
  variants: "variant",
};
/** Words before a definition that say nothing here. */
const fillers = [
  "let",
  "const",
  "var",
  "def",
  "val",
  "auto",
  "set",
  "where",
  "with",
  "then",
  "and",
  "double",
  "float",
];
/** Lines that say nothing here. */
const empties = [
  "import",
  "from",
  "for",
  "while",
  "return",
  "print",
  "end",
  "endfor",
  "begin",
  "pass",
  "size",
  "sizes",
  "dim",
  "dims",
  "axis",
  "axes",
  "shape",
  "layer",
  "class",
  "module",
];

const whole = ({ tokens }: Statement): Run => [0, tokens.length];
const isDefinition = ({ tokens }: Statement): boolean => tokens.some((t) => /^[-+*/:]?=$/.test(t.text));

/** `inputs x[N]`, `Input x[N]`, `outptu y[N]`, `param w[C, K]`. */
export const lineKeyword: Rule = (s, at) => {
  const { tokens, overview } = s;
  const [word, name] = tokens;
  if (at > 0 || word?.kind !== "name" || name?.kind !== "name") return undefined;
  const tensor = isSign(tokens[2], "[", "(", "<", ":") || tokens.length === 2;
  if (word.text === "param")
    return isSign(tokens[2], "[") && !isDefinition(s)
      ? { run: [0, 1], pieces: ["weight"], complaint: say.paramTensor(name.text) }
      : undefined;
  if (lineKeywords.has(word.text) || overview.shapes.has(word.text)) return undefined;
  const lower = word.text.toLowerCase();
  const known = Object.hasOwn(keywords, lower)
    ? keywords[lower]
    : lineKeywords.has(lower)
      ? lower
      : nearest(lower, lineKeywords);
  if (known === undefined || (fillers.includes(word.text) && isDefinition(s))) return undefined;
  const settings =
    known === "param" || known === "require" || known === "check" || known === "claim" || known === "variant";
  if (settings ? false : !tensor || isDefinition(s)) return undefined;
  if (known === "index" && !tokens.some((t) => t.text === "<")) return undefined;
  return {
    run: [0, 1],
    pieces: [overview.defined.has(name.text) && known === "input" ? "output" : known],
    at: { start: word.start, end: tokens.at(-1)?.end ?? word.end },
    complaint: say.notAStatement(word.text),
  };
};

/** `x: float[N]`, `x[N, C]` alone, `[N, C] x`, `x = input(N, C)`. */
export const declarations: Rule = (s, at) => {
  const { tokens, overview } = s;
  if (at > 0) return undefined;
  const role = (name: string | undefined): string =>
    overview.defined.has(name ?? "") ? "output " : "input ";
  const [first, second] = tokens;
  if (isSign(first, "[")) {
    const close = closeOf(tokens, 0);
    const name = close === undefined ? undefined : tokens[close + 1];
    if (close === undefined || name?.kind !== "name" || tokens.length !== close + 2) return undefined;
    return {
      run: whole(s),
      pieces: [role(name.text), [close + 1, close + 2], [0, close + 1]],
      complaint: say.bareDeclaration(),
    };
  }
  if (first?.kind !== "name" || lineKeywords.has(first.text)) return undefined;
  if (isSign(second, ":") && !isDefinition(s)) {
    const open = tokens.findIndex((t) => t.text === "[" || t.text === "(");
    const close = open < 0 ? undefined : closeOf(tokens, open);
    if (close !== tokens.length - 1 || open > 5) return undefined;
    return {
      run: whole(s),
      pieces: [role(first.text), [0, 1], "[", [open + 1, close], "]"],
      complaint: say.bareDeclaration(),
    };
  }
  if (isSign(second, "[") && closeOf(tokens, 1) === tokens.length - 1)
    return { run: whole(s), pieces: [role(first.text), whole(s)], complaint: say.bareDeclaration() };
  const word = tokens[2];
  if (
    isSign(second, "=") &&
    isWord(word, "input", "weight", "output", "data", "Input", "Tensor") &&
    isSign(tokens[3], "(", "[")
  ) {
    const close = closeOf(tokens, 3);
    if (close !== tokens.length - 1) return undefined;
    const known = word && lineKeywords.has(word.text) ? `${word.text} ` : role(first.text);
    return { run: whole(s), pieces: [known, [0, 1], "[", [4, close], "]"], complaint: say.bareDeclaration() };
  }
  return undefined;
};

/** `input x: float[N]`, `input x(N, C)`, `input x: [N, C]`, `input float x[N]`. */
export const typedDeclarations: Rule = (s, at) => {
  const { tokens } = s;
  if (at === 0 && isTensorRole(tokens[0]?.text ?? "") && isSign(tokens[1], ":") && !isDefinition(s))
    return { run: [1, 2], pieces: [""], complaint: say.noTypes() };
  if (at !== 1 || !["input", "weight", "data", "output", "local", "index"].includes(tokens[0]?.text ?? ""))
    return undefined;
  const [, name, next, after] = tokens;
  if (name?.kind !== "name" || isDefinition(s)) return undefined;
  if (next?.kind === "name" && Object.hasOwn(keywords, name.text) && !isSign(after, "("))
    return { run: [1, 3], pieces: [[2, 3]], complaint: say.noTypes() };
  if (isSign(next, "(")) {
    const close = closeOf(tokens, 2);
    return close === undefined
      ? undefined
      : {
          run: [1, close + 1],
          pieces: [[1, 2], "[", [3, close], "]"],
          complaint: say.tensorForm(tokens[0]?.text ?? "input"),
        };
  }
  if (!isSign(next, ":")) return undefined;
  const open = tokens.findIndex((t) => t.text === "[" || t.text === "(");
  const close = open < 0 ? undefined : closeOf(tokens, open);
  if (close === undefined) return { run: [1, tokens.length], pieces: [[1, 2]], complaint: say.noTypes() };
  return { run: [1, close + 1], pieces: [[1, 2], "[", [open + 1, close], "]"], complaint: say.noTypes() };
};

/** `input x[N], y[M]`. */
export const listedDeclarations: Rule = (s, at) => {
  const { tokens } = s;
  const role = tokens[0]?.text ?? "";
  if (at !== 0 || !["input", "weight", "data", "output", "local", "index"].includes(role) || isDefinition(s))
    return undefined;
  let depth = 0;
  const commas = [...tokens.keys()].filter((i) => {
    if (isSign(tokens[i], "(", "[")) depth++;
    if (isSign(tokens[i], ")", "]")) depth--;
    return depth === 0 && isSign(tokens[i], ",");
  });
  const [first] = commas;
  if (first === undefined || tokens[1]?.kind !== "name") return undefined;
  const ends = [...commas, tokens.length];
  const more = ends.slice(1).map((end, i): Run => [(commas[i] ?? 0) + 1, end]);
  const pieces = more.flatMap((run): Piece[] => (run[0] < run[1] ? [`\n${role} `, run] : []));
  return {
    run: [first, tokens.length],
    pieces,
    at: tokens[first] ?? { start: 0, end: 0 },
    complaint: say.onePerLine(role),
  };
};

/** `let y[n] = x[n]`, `float s = 2`, `def f(x): …`. */
export const filled: Rule = (s, at): Found | undefined => {
  const { tokens, overview } = s;
  const [word, name] = tokens;
  if (at > 0 || word?.kind !== "name" || name?.kind !== "name" || !fillers.includes(word.text))
    return undefined;
  const close = isSign(tokens[2], "(") ? closeOf(tokens, 2) : undefined;
  if (word.text === "def" && close !== undefined) {
    const body = isSign(tokens[close + 1], ":") ? close + 2 : close + 1;
    const after = isWord(tokens[body], "return") ? body + 1 : body;
    if (after >= tokens.length)
      return {
        run: whole(s),
        pieces: undefined,
        complaint: { ...say.definedFunction(), hint: `write ${s.text([1, close + 1])} = …` },
      };
    // a function of the inputs is the layer itself
    const output = undefinedOutput(s);
    const takes = argumentsOf(tokens, 2)?.map(([from]) => tokens[from]?.text ?? "") ?? [];
    if (output !== undefined && takes.length > 0 && takes.every((n) => overview.shapes.has(n)))
      return {
        run: whole(s),
        pieces: [`${output} = `, [after, tokens.length]],
        complaint: say.definedFunction(),
      };
    const parameters =
      argumentsOf(tokens, 2)
        ?.map(([from]) => tokens[from]?.text ?? "u")
        .join(", ") ?? "u";
    return {
      run: whole(s),
      pieces: [[1, 2], `(${parameters}) = `, [after, tokens.length]],
      complaint: say.definedFunction(),
    };
  }
  if (!isDefinition(s) || overview.shapes.has(word.text)) return undefined;
  return { run: [0, 2], pieces: [[1, 2]], at: word, complaint: say.noWord(word.text) };
};
/** `f = lambda u: u*2` */
export const lambdas: Rule = (s, at) => {
  const { tokens } = s;
  if (at > 0 || !isSign(tokens[1], "=") || !isWord(tokens[2], "lambda")) return undefined;
  const colon = tokens.findIndex((t) => t.text === ":");
  return colon < 0
    ? undefined
    : {
        run: whole(s),
        pieces: [[0, 1], "(", [3, colon], ") = ", [colon + 1, tokens.length]],
        complaint: say.definedFunction(),
      };
};

/** The one output that no line defines. */
function undefinedOutput({ overview }: Statement): string | undefined {
  const [first, more] = [...overview.outputs].filter((name) => !overview.defined.has(name));
  return more === undefined ? first : undefined;
}
/** `return y`, `for n in range(N):`, `import numpy as np`, `size N`: such a line is left out. */
export const superfluous: Rule = (s, at) => {
  const { tokens, overview } = s;
  const [word, name] = tokens;
  if (at === 0 && isSign(word, "}") && tokens.length === 1)
    return { run: whole(s), pieces: [""], complaint: say.noLine("}") };
  if (at > 0 || word?.kind !== "name") return undefined;
  if (["if", "elif", "else"].includes(word.text) && tokens.at(-1)?.text === ":")
    return {
      run: whole(s),
      pieces: undefined,
      complaint: { ...say.noLine(word.text), hint: "write where(c, a, b)" },
    };
  if (!empties.includes(word.text)) return undefined;
  // what a loop in one line does
  const colon = word.text === "for" || word.text === "while" ? tokens.findIndex((t) => isSign(t, ":")) : -1;
  const brace = colon > 0 ? -1 : tokens.findIndex((t) => isSign(t, "{"));
  const [from, to] =
    brace > 0 ? [brace + 1, closeOf(tokens, brace) ?? tokens.length] : [colon + 1, tokens.length];
  const loop = word.text === "for" || word.text === "while";
  if (loop && from > 0 && tokens.slice(from, to).some((t) => isSign(t, "=")))
    return { run: whole(s), pieces: [[from, to]], complaint: say.noLine(word.text) };
  if (isSign(name, "=", "[", "(") && word.text !== "for" && word.text !== "print" && word.text !== "return")
    return undefined;
  if (overview.shapes.has(word.text)) return undefined;
  const output = undefinedOutput(s);
  if (word.text === "return" && tokens.length > 2 && output !== undefined)
    return { run: [0, 1], pieces: [`${output} =`], at: word, complaint: say.noLine(word.text) };
  if (word.text === "return" && tokens.length > 2)
    return {
      run: whole(s),
      pieces: undefined,
      complaint: { ...say.noLine(word.text), hint: "outputs have lines: output y[N] · y[n] = …" },
    };
  return { run: whole(s), pieces: [""], complaint: say.noLine(word.text) };
};

/** `y[n] := x[n]`, `y[n] <- x[n]`, `y[n] == x[n]`, `y[n] ← x[n]`. */
export const definitions: Rule = (s, at) => {
  const { tokens } = s;
  const token = tokens[at];
  if (!token || at === 0 || tokens.some((t) => t.text === "=")) return undefined;
  const arrow = isSign(token, "<") && isSign(tokens[at + 1], "-") && token.end === tokens[at + 1]?.start;
  if (!arrow && !isSign(token, ":=", "←", "≔", "==", "->", "≡")) return undefined;
  const head = isSign(tokens[1], "[") ? closeOf(tokens, 1) : 0;
  if (head !== at - 1) return undefined;
  return {
    run: [at, arrow ? at + 2 : at + 1],
    pieces: ["="],
    complaint: say.strangeCharacter(arrow ? "<-" : token.text),
  };
};

/** `param eps := 1e-5`, `param eps: 1e-5`, `param eps 1e-5` */
export const paramForms: Rule = (s, at) => {
  const [word, name, sign] = s.tokens;
  if (at > 0 || !isWord(word, "param") || name?.kind !== "name" || s.tokens.some((t) => isSign(t, "=")))
    return undefined;
  const from = isSign(sign, ":=", ":") ? 3 : 2;
  const value = s.tokens[isSign(s.tokens[from], "-") ? from + 1 : from];
  return value?.kind === "number"
    ? { run: whole(s), pieces: [[0, 2], " = ", [from, s.tokens.length]], complaint: say.settingForm() }
    : undefined;
};

/** `param K` without a value: an axis or size needs no line. */
export const bareParams: Rule = (s, at) => {
  const { tokens } = s;
  if (at > 0 || !isWord(tokens[0], "param") || tokens.length < 2 || isDefinition(s)) return undefined;
  const names = tokens.slice(1).filter((t) => t.kind === "name");
  const plain = tokens.slice(1).every((t, i) => (i % 2 === 0 ? t.kind === "name" : t.text === ","));
  const typed = isSign(tokens[2], ":");
  if (!plain && !typed) return undefined;
  const sizes = names.every((n) => isAxis(n.text, s));
  if (plain && sizes)
    return { run: whole(s), pieces: [""], complaint: say.sizeAsParam(names.map((n) => n.text).join(", ")) };
  const [name] = names;
  if (!name || (names.length > 1 && plain)) return undefined;
  return { run: whole(s), pieces: [`param ${name.text} = 1`], complaint: say.paramValue(name.text) };
};
const isAxis = (name: string, { overview }: Statement): boolean =>
  [...overview.shapes].some(([tensor, extents]) => !overview.defined.has(tensor) && extents.includes(name));

/** LaTeX: subscripts in braces, fractions and roots, words with a backslash. What a statement has of it is one mistake. */
import { isReduction, meant } from "../names.js";
import { say } from "../messages.js";
import { isOwn } from "./names.js";
import type { Piece, Rule } from "./rewrite.js";
import { closeOf, isSign, operandEnd, type Run } from "./tools.js";

/** How many subscripts stand in `mu[n]`. */
const subscriptsOf = (left: string): number => (left.includes("[") ? left.split(",").length : 0);
/** `x_{n,c}`, `x_{n c}`, `x_{nc}`, and `b_k` of a tensor b. */
export const latexSubscripts: Rule = (s, at) => {
  const { tokens, overview } = s;
  const [head, brace] = [tokens[at], tokens[at + 1]];
  const [, base = "", letters = ""] = /^(.+)_(\p{Ll}+)$/u.exec(head?.kind === "name" ? head.text : "") ?? [];
  const rank = overview.shapes.get(base)?.length ?? subscriptsOf(overview.defined.get(base)?.left ?? "");
  const plain =
    !overview.shapes.has(head?.text ?? "") &&
    !overview.values.has(head?.text ?? "") &&
    !isSign(brace, "[", "(");
  if (plain && rank === letters.length && letters.length > 0)
    return {
      run: [at, at + 1],
      pieces: [`${base}[${[...letters].join(", ")}]`],
      complaint: say.latex(head?.text ?? ""),
    };
  const [name = ""] = /^.*(?=_$)/u.exec(head?.text ?? "") ?? [];
  if (head?.kind !== "name" || name === "" || !isSign(brace, "{") || isReduction(meant(name)))
    return undefined;
  const close = closeOf(tokens, at + 1);
  if (close === undefined) return undefined;
  const inner = s.text([at + 2, close]);
  const apart = /^\p{Ll}+$/u.test(inner) && overview.shapes.get(name)?.length === inner.length;
  const listed = inner.includes(",") || /[-+*/()]/.test(inner);
  const subscripts = listed ? inner : (apart ? [...inner] : inner.trim().split(/\s+/)).join(", ");
  return { run: [at, close + 1], pieces: [`${name}[${subscripts}]`], complaint: say.latex("x_{n,c}") };
};

/** `\frac{a}{b}`, `\frac12`, `\sqrt{x}`. */
export const latexForms: Rule = ({ tokens }, at) => {
  const digits = tokens[at + 1]?.text ?? "";
  if (isSign(tokens[at], ...fractions) && /^\d\d$/.test(digits))
    return {
      run: [at, at + 2],
      pieces: [`(${digits[0]} / ${digits[1]})`],
      complaint: say.latex(`${tokens[at]?.text}${digits}`),
    };
  const [head, next] = [tokens[at], at + 1];
  const close = isSign(tokens[next], "{") ? closeOf(tokens, next) : undefined;
  if (close === undefined) return undefined;
  if (isSign(head, "\\sqrt"))
    return {
      run: [at, close + 1],
      pieces: ["sqrt(", [next + 1, close], ")"],
      complaint: say.latex("\\sqrt{x}"),
    };
  const under = isSign(tokens[close + 1], "{") ? closeOf(tokens, close + 1) : undefined;
  if (!isSign(head, ...fractions) || under === undefined) return undefined;
  return {
    run: [at, under + 1],
    pieces: ["((", [next + 1, close], ") / (", [close + 2, under], "))"],
    complaint: say.latex("\\frac{a}{b}"),
  };
};

const fractions = ["\\frac", "\\dfrac", "\\tfrac"];
/** Words about how a formula looks. */
const looks = [
  ",",
  ";",
  ":",
  "!",
  "",
  "left",
  "right",
  "big",
  "Big",
  "bigl",
  "bigr",
  "Bigl",
  "Bigr",
  "displaystyle",
  "quad",
  "qquad",
];
/** Words about how what stands in their braces looks. */
const styles = [
  "mathrm",
  "mathbf",
  "mathit",
  "mathsf",
  "mathcal",
  "text",
  "textrm",
  "operatorname",
  "boldsymbol",
  "bm",
];
const greek: Readonly<Record<string, string>> = Object.fromEntries(
  [
    "alpha α, beta β, gamma γ, delta δ, epsilon ε, varepsilon ε, zeta ζ, eta η, theta θ, iota ι, kappa κ, lambda λ, mu μ, nu ν",
    "xi ξ, pi π, rho ρ, sigma σ, tau τ, phi φ, varphi φ, chi χ, psi ψ, omega ω, Gamma Γ, Delta Δ, Theta Θ, Lambda Λ, Phi Φ, Omega Ω",
  ].flatMap((row) => row.split(", ").map((pair) => pair.split(" "))),
);
/** Other words, by what they mean here. */
const operators: Readonly<Record<string, string>> = {
  cdot: "*",
  times: "*",
  odot: "*",
  le: "<=",
  leq: "<=",
  ge: ">=",
  geq: ">=",
  neq: "!=",
  infty: "inf",
  "{": "(",
  "}": ")",
  lfloor: "floor(",
  rfloor: ")",
  lceil: "ceil(",
  rceil: ")",
  lvert: "|",
  rvert: "|",
};

/** `\left(`, `x^{2}`, `\exp(x)` and other words with a backslash; `\,`, `$`. */
export const latexWords: Rule = (s, at) => {
  const { tokens, overview } = s;
  const token = tokens[at];
  const braced = isSign(tokens[at + 1], "{") ? closeOf(tokens, at + 1) : undefined;
  if (isSign(token, "^") && braced !== undefined && braced > at + 2) {
    const power: Run = [at + 2, braced];
    const pieces: Piece[] = operandEnd(tokens, at + 2) === braced ? ["^", power] : ["^(", power, ")"];
    return { run: [at, braced + 1], pieces, whole: true, complaint: say.latex("x^{2}") };
  }
  if (isSign(token, "$")) return { run: [at, at + 1], pieces: [""], complaint: say.latex("$") };
  if (token?.kind !== "strange" || !token.text.startsWith("\\")) return undefined;
  const word = token.text.slice(1);
  const complaint = say.latex(token.text);
  if (word === "left") {
    const right = tokens.findIndex((t, i) => i > at && t.text === "\\right");
    if (right > at + 1)
      return {
        run: [at, right + 1],
        pieces: [[at + 1, right]],
        at: token,
        complaint: say.latex("\\left … \\right"),
      };
  }
  if (looks.includes(word)) return { run: [at, at + 1], pieces: [""], complaint };
  if (styles.includes(word) && braced !== undefined) {
    // `\mathbf{x}_n` is x_n
    const tail = /^_\p{L}+$/u.test(tokens[braced + 1]?.text ?? "") ? tokens[braced + 1]?.text : undefined;
    return {
      run: [at, braced + (tail === undefined ? 1 : 2)],
      pieces: tail === undefined ? [[at + 2, braced]] : [`${s.text([at + 2, braced])}${tail}`],
      complaint: say.latex(`${token.text}{…}`),
    };
  }
  const letter = Object.hasOwn(greek, word) ? greek[word] : undefined;
  const known = [word, letter ?? word].find((n) => overview.names.has(n)) ?? word;
  const tail = letter === undefined ? undefined : /^_(\p{Ll}+)$/u.exec(tokens[at + 1]?.text ?? "")?.[1];
  if (tail !== undefined) {
    // `\mu_n = …` defines mu[n]
    const defines = at === 0 && isSign(tokens[2], "=");
    const name = defines ? `${known}[${[...tail].join(", ")}]` : `${known}_${tail}`;
    return { run: [at, at + 2], pieces: [name], complaint: say.latex(`${token.text}_${tail}`) };
  }
  const instead = Object.hasOwn(operators, word)
    ? operators[word]
    : isOwn(word)
      ? word
      : word === "ln"
        ? "log"
        : letter && known;
  if (instead === undefined)
    return {
      run: [at, at + 1],
      pieces: undefined,
      complaint: { ...complaint, hint: "write it in the words of this language" },
    };
  return { run: [at, at + 1], pieces: [instead], complaint };
};
/** `{a + b}` that groups, once the words before it are read. */
export const latexGroups: Rule = ({ tokens }, at) => {
  const close = isSign(tokens[at], "{") ? closeOf(tokens, at) : undefined;
  if (close === undefined || close === at + 1 || tokens[at - 1]?.text.endsWith("_")) return undefined;
  return { run: [at, close + 1], pieces: ["(", [at + 1, close], ")"], complaint: say.latex("{…}") };
};

/**
 * The tokens of a statement, and the forms that are refused before mathjs sees them: mathjs would accept most of
 * them and read them otherwise than people do.
 */
import { say, type Complaint } from "./messages.js";
import type { Span } from "../notation/span.js";

export interface Token extends Span {
  /** `strange`: what may not stand in a formula. */
  readonly kind: "name" | "number" | "operator" | "strange";
  readonly text: string;
  /** The white space before it. */
  readonly space: string;
  /** Where a mend put it in: the place that all it put in there shares. */
  readonly made?: Span;
}
export type Report = (span: Span, complaint: Complaint) => void;

export const maximumDepth = 200;

/** A letter, then letters, combining marks, digits and `_`, as far as JavaScript has them in identifiers; then primes. */
const namePattern = /(?=\p{ID_Start})\p{L}(?:(?=\p{ID_Continue})[\p{L}\p{M}\p{Nd}_])*'*/uy;
const numberPattern = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const operatorPattern = /<=|>=|==|!=|[-+*/^<>()[\],=]/y;
const spacePattern = /[\s\uFEFF]+/y;
/** Longest first: what may not stand in a formula, taken as one piece for the message. */
const strangePattern =
  /\.[*/^']|\.\.\.?|\*\*|\/\/|[-+*/:]=(?!=)|[!=]==|->|&&|\|\||<>|=[<>](?!=)|\?\.|\\(?:[|,;:!{}]|[a-zA-Z]*)|_[\p{L}\p{M}\p{Nd}_]*|"[^"\n]*"?|'[\p{L},]+->[\p{L}]*'|[^]/uy;

/** The tokens of `text`, which begins at `offset` of the file. */
export function tokenize(text: string, offset: number): readonly Token[] {
  const tokens: Token[] = [];
  let [at, space] = [0, ""];
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  while (at < text.length) {
    const blank = take(spacePattern);
    if (blank) {
      at += blank.length;
      space = blank;
      continue;
    }
    const [name, number] = [take(namePattern), take(numberPattern)];
    const operator = take(operatorPattern);
    const strange = take(strangePattern);
    const doubled = strange && strange.length > 1 && !number ? strange : undefined;
    const piece = name ?? number ?? doubled ?? operator ?? strange ?? "";
    const kind = name ? "name" : number ? "number" : operator && !doubled ? "operator" : "strange";
    tokens.push({ start: offset + at, end: offset + at + piece.length, kind, text: piece, space });
    at += piece.length;
    space = "";
  }
  return tokens;
}

/** Whether nothing strange stands among the tokens; each strange piece is reported once, brackets by their first. */
export function checkStrange(tokens: readonly Token[], report: Report): boolean {
  const told = new Set<string>();
  for (const token of tokens) {
    if (token.kind !== "strange" || told.has(token.text)) continue;
    if (!(token.text === "}" && told.has("{")) && !(token.text === ":" && told.has("?")))
      report(token, say.strangeCharacter(token.text));
    told.add(token.text);
  }
  return told.size === 0;
}

const endsOperand = (t: Token | undefined): boolean =>
  t !== undefined && (t.kind === "operator" ? t.text === ")" || t.text === "]" : !isConnective(t));
const startsOperand = (t: Token): boolean =>
  t.kind === "operator" ? t.text === "(" || t.text === "[" : t.text === "not" || !isConnective(t);
export const isConnective = (t: Token): boolean => t.text === "and" || t.text === "or" || t.text === "not";
/** Names that mathjs reads as infix operators. */
const infixNames = new Set(["mod", "to", "in", "xor"]);

/**
 * Whether the tokens may be given to mathjs; reports every form that may not: implicit products, brackets that do
 * not match, matrices, nesting over 200 deep, a bare `not`, `=` inside an expression.
 * @param layers whose calls may name their arguments
 */
export function checkTokens(
  tokens: readonly Token[],
  report: Report,
  layers: ReadonlySet<string> = noLayers,
): boolean {
  let good = true;
  const complain: Report = (span, complaint) => {
    good = false;
    report(span, complaint);
  };
  checkBrackets(tokens, complain);
  if (good) checkDepth(tokens, complain);
  const named = layers.size > 0 ? namedArguments(tokens, layers) : noPlaces;
  tokens.forEach((token, i) => {
    const previous = tokens[i - 1];
    const next = tokens[i + 1];
    if (token.text === "=" && !named.has(i)) complain(token, say.assignmentInside());
    if (token.text === "+" && !endsOperand(previous) && next)
      complain(token, { ...say.unaryPlus(), mend: [{ start: token.start, end: token.end, text: "" }] });
    if (token.text === "not" && next?.text !== "(") complain(token, say.bareNot());
    if (token.kind === "number" && /\.(?!\d)/.test(token.text)) complain(token, say.bareDot(token.text));
    if (token.text === "[" && !endsOperand(previous)) complain(token, say.matrix());
    if (endsOperand(previous) && previous && startsOperand(token))
      checkAdjacent(previous, token, next, complain);
  });
  return good;
}

const noLayers: ReadonlySet<string> = new Set();
const noPlaces: ReadonlySet<number> = new Set();
/** The places of each `=` after an argument's name: `f(x, w = a)`, `f` being a layer. */
function namedArguments(tokens: readonly Token[], layers: ReadonlySet<string>): ReadonlySet<number> {
  const found = new Set<number>();
  const open: boolean[] = [];
  for (const [i, token] of tokens.entries()) {
    if (token.text === "(" || token.text === "[")
      open.push(token.text === "(" && layers.has(tokens[i - 1]?.text ?? ""));
    if (token.text === ")" || token.text === "]") open.pop();
    const [before, name] = [tokens[i - 2]?.text, tokens[i - 1]];
    if (token.text === "=" && open.at(-1) && name?.kind === "name" && (before === "(" || before === ","))
      found.add(i);
  }
  return found;
}

/** `a b`: allowed only as `name(`, `name[` and `](`. */
function checkAdjacent(previous: Token, token: Token, next: Token | undefined, complain: Report): void {
  const call = token.text === "(" && (previous.kind === "name" || previous.text === "]");
  const access = token.text === "[" && previous.kind === "name";
  if (call || access) return;
  if (token.text === "[") return complain(token, say.indexedExpression());
  for (const t of [previous, token])
    if (infixNames.has(t.text) && (t === previous || startsInfix(next)))
      return complain(t, say.infix(t.text));
  if (
    previous.kind === "number" &&
    token.kind === "name" &&
    /^[xXbBoO]/.test(token.text) &&
    previous.text === "0"
  )
    return complain(previous, say.decimalOnly());
  const mend = [{ start: previous.end, end: token.start, text: " * " }];
  const complaint = say.implicitProduct(previous.text, token.text);
  complain({ start: previous.start, end: token.end }, { ...complaint, mend });
}
const startsInfix = (next: Token | undefined): boolean =>
  next !== undefined && (next.kind !== "operator" || next.text === "(" || next.text === "-");

function checkBrackets(tokens: readonly Token[], complain: Report): void {
  const open: Token[] = [];
  for (const token of tokens) {
    if (token.text === "(" || token.text === "[") {
      open.push(token);
      if (open.length > maximumDepth) return complain(token, say.tooDeep());
    } else if (token.text === ")" || token.text === "]") {
      const partner = open.pop();
      if (!partner) return complain(token, say.unopened(token.text));
      if ((partner.text === "(") !== (token.text === ")"))
        return complain(token, say.mismatched(partner.text, token.text));
    }
  }
  const last = open.pop();
  if (last) complain(last, say.unclosed(last.text));
}

/** Signs and powers nest without brackets: `--a`, `a^b^c`. Counted together with the brackets around them. */
function checkDepth(tokens: readonly Token[], complain: Report): void {
  const outer: number[] = [];
  let depth = 0;
  let towers = 0;
  for (const [i, token] of tokens.entries()) {
    if (token.kind !== "operator") continue;
    if (token.text === "(" || token.text === "[") {
      outer.push(towers);
      depth += towers + 1;
      towers = 0;
    } else if (token.text === ")" || token.text === "]") {
      towers = outer.pop() ?? 0;
      depth -= towers + 1;
    } else if (token.text === "^" || token.text === "-" || token.text === "+") towers++;
    if (/^[*/,=<>!]/.test(token.text)) towers = 0;
    if ((token.text === "-" || token.text === "+") && endsOperand(tokens[i - 1])) towers = 0;
    if (depth + towers > maximumDepth) return complain(token, say.tooDeep());
  }
}

/** For each opening bracket's offset the end of its closing one. */
export function closingBrackets(tokens: readonly Token[]): ReadonlyMap<number, number> {
  const closing = new Map<number, number>();
  const open: Token[] = [];
  for (const token of tokens) {
    if (token.text === "(" || token.text === "[") open.push(token);
    const partner = token.text === ")" || token.text === "]" ? open.pop() : undefined;
    if (partner) closing.set(partner.start, token.end);
  }
  return closing;
}

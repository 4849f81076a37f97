/**
 * The syntax of an expression, with places. mathjs parses; its nodes carry no positions, so each operand of the
 * text goes in under an alias of its own of the same length, and the alias leads back to the token.
 */
import { create, parseDependencies } from "mathjs/number";
import type { FactoryFunctionMap, MathNode } from "mathjs";
import { reductionNames } from "../notation/expression.js";
import type { Span } from "../notation/span.js";
import { say } from "./messages.js";
import { checkTokens, closingBrackets, isConnective, tokenize, type Report, type Token } from "./tokens.js";

export type Operator = "<" | "<=" | ">" | ">=" | "==" | "!=";
export type Tree = Span &
  (
    | { readonly kind: "number"; readonly text: string }
    | { readonly kind: "name"; readonly name: string }
    /** name[arguments] */
    | {
        readonly kind: "access";
        readonly name: string;
        readonly head: Span;
        readonly arguments: readonly Tree[];
      }
    /** name(arguments) */
    | {
        readonly kind: "call";
        readonly name: string;
        readonly head: Span;
        readonly arguments: readonly Tree[];
      }
    /** name[binders](body) */
    | {
        readonly kind: "reduction";
        readonly name: string;
        readonly head: Span;
        readonly binders: readonly Tree[];
        readonly arguments: readonly Tree[];
      }
    | { readonly kind: "sum"; readonly terms: readonly { readonly negative: boolean; readonly tree: Tree }[] }
    | {
        readonly kind: "product";
        readonly factors: readonly { readonly inverse: boolean; readonly tree: Tree }[];
      }
    | { readonly kind: "negate"; readonly argument: Tree }
    | { readonly kind: "power"; readonly base: Tree; readonly exponent: Tree }
    | {
        readonly kind: "compare";
        readonly operators: readonly Operator[];
        readonly operands: readonly Tree[];
      }
    | { readonly kind: "and" | "or"; readonly parts: readonly Tree[] }
    | { readonly kind: "not"; readonly part: Tree }
  );

const math = create(parseDependencies as FactoryFunctionMap, {});
const parse = math.parse as typeof math.parse & {
  isAlpha: (c: string, before: string, after: string) => boolean;
};
// Aliases are one CJK character, filled up with underscores; a statement has at most 10,000 operands.
const firstAlias = 0x4e00;
const lastAlias = 0x9fff;
const plainAlpha = parse.isAlpha;
parse.isAlpha = (c, before, after) =>
  (c.charCodeAt(0) >= firstAlias && c.charCodeAt(0) <= lastAlias) || plainAlpha.call(parse, c, before, after);

/** Parses the expression `text`, which begins at `offset` of the file. Undefined where a problem was reported. */
export function parseTree(text: string, offset: number, report: Report): Tree | undefined {
  let good = true;
  const complain: Report = (span, complaint) => {
    good = false;
    report(span, complaint);
  };
  const tokens = tokenize(text, offset, complain);
  if (!good) return undefined;
  if (tokens.length === 0) {
    report({ start: offset, end: offset + text.length }, say.missingExpression());
    return undefined;
  }
  return parseTokens(text, offset, tokens, report);
}

/** As `parseTree`, for a text whose tokens are known. */
export function parseTokens(
  text: string,
  offset: number,
  tokens: readonly Token[],
  report: Report,
): Tree | undefined {
  if (!checkTokens(tokens, report)) return undefined;
  try {
    const node = parse(aliased(text, offset, tokens));
    return convert(node, { tokens, closing: closingBrackets(tokens) });
  } catch (error) {
    report(...explain(error, text, offset, tokens));
    return undefined;
  }
}

/** The text with every operand under its alias; line ends and tabs become blanks. */
function aliased(text: string, offset: number, tokens: readonly Token[]): string {
  let result = "";
  tokens.forEach((token, i) => {
    result = result.padEnd(token.start - offset, " ");
    const operand = token.kind !== "operator" && !isConnective(token);
    result += operand ? String.fromCharCode(firstAlias + i).padEnd(token.text.length, "_") : token.text;
  });
  return result.padEnd(text.length, " ");
}

class Misplaced extends Error {
  readonly span: Span;
  readonly complaint: ReturnType<typeof say.misplaced>;
  constructor(span: Span, complaint: ReturnType<typeof say.misplaced>) {
    super(complaint.message);
    this.span = span;
    this.complaint = complaint;
  }
}

function explain(error: unknown, text: string, offset: number, tokens: readonly Token[]): Parameters<Report> {
  if (error instanceof Misplaced) return [error.span, error.complaint];
  const whole = { start: tokens[0]?.start ?? offset, end: tokens.at(-1)?.end ?? offset + text.length };
  if (error instanceof RangeError) return [whole, say.tooDeep()];
  const character = (error as { char?: unknown }).char;
  if (typeof character !== "number") return [whole, say.misplaced()];
  const at = offset + character - 1;
  const token = tokens.find((t) => t.start <= at && at < t.end);
  const last = tokens.at(-1);
  if (!token && last && at >= last.end)
    return [{ start: last.start, end: last.end }, say.endsEarly(last.text)];
  return [token ?? { start: at, end: at + 1 }, say.misplaced(token?.text)];
}

interface Places {
  readonly tokens: readonly Token[];
  readonly closing: ReadonlyMap<number, number>;
}
/** The parts of mathjs's nodes that are read here. */
type Node = MathNode & {
  readonly fn: string | Node;
  readonly args: readonly Node[];
  readonly name: string;
  readonly content: Node;
  readonly object: Node;
  readonly index: { readonly dimensions: readonly Node[] };
  readonly conditionals: readonly string[];
  readonly params: readonly Node[];
};

const comparisons = new Map<string, Operator>([
  ["smaller", "<"],
  ["smallerEq", "<="],
  ["larger", ">"],
  ["largerEq", ">="],
  ["equal", "=="],
  ["unequal", "!="],
]);

function tokenOf(node: Node, { tokens }: Places): Token {
  const token = node.type === "SymbolNode" ? tokens[node.name.charCodeAt(0) - firstAlias] : undefined;
  const [first] = tokens;
  if (!token) throw new Misplaced(first ?? { start: 0, end: 0 }, say.misplaced());
  return token;
}

function convert(mathNode: MathNode, places: Places): Tree {
  const node = mathNode as Node;
  const go = (n: Node): Tree => convert(n, places);
  switch (node.type) {
    case "SymbolNode": {
      const { start, end, kind, text } = tokenOf(node, places);
      return kind === "number" ? { kind, text, start, end } : { kind: "name", name: meant(text), start, end };
    }
    case "ParenthesisNode":
      return go(node.content);
    case "AccessorNode":
      if (node.object.type !== "SymbolNode") throw new Misplaced(go(node.object), say.indexedExpression());
      return headed("access", tokenOf(node.object, places), node.index.dimensions.map(go), places);
    case "FunctionNode": {
      const fn = node.fn as Node;
      const args = node.args.map(go);
      if (fn.type === "SymbolNode") return headed("call", tokenOf(fn, places), args, places);
      if (fn.type !== "AccessorNode" || fn.object.type !== "SymbolNode")
        throw new Misplaced(go(fn), say.misplaced());
      return reductionOf(fn, args, places);
    }
    case "RelationalNode": {
      const operators = node.conditionals.map((c) => comparisons.get(c) ?? "==");
      return { kind: "compare", operators, ...hull("operands", node.params.map(go)) };
    }
    case "OperatorNode":
      return operation(node, go);
    default:
      throw new Misplaced(places.tokens[0] ?? { start: 0, end: 0 }, say.misplaced());
  }
}

/** The token after one: the opening bracket after a name. */
function after(token: Token, { tokens }: Places): Token | undefined {
  let [low, high] = [0, tokens.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tokens[middle]?.start ?? Infinity) < token.end) low = middle + 1;
    else high = middle;
  }
  return tokens[low];
}
/** `Σ` is another spelling of `sum`. */
export const meant = (name: string): string => (name === "Σ" ? "sum" : name);

function headed(kind: "access" | "call", head: Token, args: readonly Tree[], places: Places): Tree {
  const bracket = after(head, places);
  const end = (bracket && places.closing.get(bracket.start)) ?? head.end;
  return { kind, name: meant(head.text), head, arguments: args, start: head.start, end };
}

function reductionOf(fn: Node, args: readonly Tree[], places: Places): Tree {
  const head = tokenOf(fn.object, places);
  const name = meant(head.text);
  const binders = fn.index.dimensions.map((b) => convert(b, places));
  const bracket = after(head, places);
  const closed = (bracket && places.closing.get(bracket.start)) ?? head.end;
  const parenthesis = after({ ...head, end: closed }, places);
  const end = (parenthesis && places.closing.get(parenthesis.start)) ?? closed;
  if (!(reductionNames as readonly string[]).includes(name))
    throw new Misplaced({ start: head.start, end }, say.calledAccess(head.text));
  return { kind: "reduction", name, head, binders, arguments: args, start: head.start, end };
}

function operation(node: Node, go: (n: Node) => Tree): Tree {
  const [first, second] = node.args;
  const fn = node.fn as string;
  if (first && !second) {
    const argument = go(first);
    if (fn === "unaryMinus") return { kind: "negate", argument, start: argument.start, end: argument.end };
    if (fn === "unaryPlus") return argument;
    if (fn === "not") return { kind: "not", part: argument, start: argument.start, end: argument.end };
  }
  if (first && second) {
    if (fn === "add" || fn === "subtract")
      return {
        kind: "sum",
        ...spine(
          node,
          ["add", "subtract"],
          "terms",
          (fn, tree) => ({ negative: fn === "subtract", tree }),
          go,
        ),
      };
    if (fn === "multiply" || fn === "divide")
      return {
        kind: "product",
        ...spine(
          node,
          ["multiply", "divide"],
          "factors",
          (fn, tree) => ({ inverse: fn === "divide", tree }),
          go,
        ),
      };
    if (fn === "and" || fn === "or") {
      const { parts, start, end } = spine(node, [fn], "parts", (_, tree) => ({ tree }), go);
      return { kind: fn, parts: parts.map((p) => p.tree), start, end };
    }
    const [left, right] = [go(first), go(second)];
    if (fn === "pow")
      return { kind: "power", base: left, exponent: right, start: left.start, end: right.end };
    const operator = comparisons.get(fn);
    if (operator) return { kind: "compare", operators: [operator], ...hull("operands", [left, right]) };
  }
  throw new Misplaced(first ? go(first) : { start: 0, end: 0 }, say.misplaced());
}

/** The operands of a left-leaning chain such as a + b - c + d, gathered without recursion: chains may be long. */
function spine<K extends string, P extends { readonly tree: Tree }>(
  node: Node,
  names: readonly string[],
  key: K,
  part: (fn: string, tree: Tree) => P,
  go: (n: Node) => Tree,
): Record<K, readonly P[]> & Span {
  const parts: P[] = [];
  let at = node;
  while (at.type === "OperatorNode" && names.includes(at.fn as string) && at.args.length === 2) {
    const [left, right] = at.args;
    if (!left || !right) break;
    parts.push(part(at.fn as string, go(right)));
    at = left;
  }
  parts.push(part("", go(at)));
  parts.reverse();
  return hull(key, parts, (p) => p.tree);
}

function hull<K extends string, P>(
  key: K,
  parts: readonly P[],
  tree: (part: P) => Span = (p) => p as Span,
): Record<K, readonly P[]> & Span {
  const [first, last] = [parts[0], parts.at(-1)];
  const span = { start: first ? tree(first).start : 0, end: last ? tree(last).end : 0 };
  return { [key]: parts, ...span } as Record<K, readonly P[]> & Span;
}

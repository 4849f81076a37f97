/**
 * Tokens to trees. mathjs parses; its nodes carry no positions, so each operand goes in under an alias of its own, one
 * character, which leads back to the token.
 */
import type { MathNode } from "mathjs";
import { create, parseDependencies, type FactoryFunctionMap } from "mathjs/number";
import type { Span } from "../notation/span.js";
import { say, type Complaint } from "./messages.js";
import { isReduction, meant } from "./names.js";
import { checkTokens, closingBrackets, isConnective, type Report, type Token } from "./tokens.js";
import type { NamedTree, Operator, ReductionTree, Tree } from "./tree.js";

const factories: FactoryFunctionMap = { parseDependencies: parseDependencies ?? {} };
const math = create(factories, {});
const { parse } = math;
// Aliases are CJK characters; a statement has at most 10,000 operands.
const firstAlias = 0x4e00;
const lastAlias = 0x9fff;
// Besides aliases only `and`, `or` and `not` are left of letters.
parse.isAlpha = (c) => /[a-z]/.test(c) || (c.charCodeAt(0) >= firstAlias && c.charCodeAt(0) <= lastAlias);

/**
 * The tree of an expression. Undefined where a problem was reported.
 * @param tokens at least one
 * @param layers whose calls may name their arguments
 */
export function parseTokens(
  tokens: readonly Token[],
  report: Report,
  layers?: ReadonlySet<string>,
): Tree | undefined {
  if (!checkTokens(tokens, report, layers)) return undefined;
  try {
    return new TreeBuilder(tokens).tree(parse(aliased(tokens)));
  } catch (error) {
    report(...explain(error, tokens));
    return undefined;
  }
}

/** The tokens parted by blanks, every operand under its alias. */
const aliased = (tokens: readonly Token[]): string =>
  tokens
    .map((token, i) =>
      token.kind !== "operator" && !isConnective(token) ? String.fromCharCode(firstAlias + i) : token.text,
    )
    .join(" ");

/** A form that mathjs accepts and the language does not. */
class Misplaced extends Error {
  readonly span: Span;
  readonly complaint: Complaint;
  constructor(span: Span, complaint: Complaint) {
    super(complaint.message);
    this.span = span;
    this.complaint = complaint;
  }
}

/** What an exception of the parser says, at its place and without an alias. */
function explain(error: unknown, tokens: readonly Token[]): Parameters<Report> {
  if (error instanceof Misplaced) return [error.span, error.complaint];
  const whole = hull(tokens);
  if (error instanceof RangeError) return [whole, say.tooDeep()];
  const character = error instanceof SyntaxError && "char" in error ? error.char : undefined;
  if (typeof character !== "number") return [whole, say.misplaced()];
  // the lengths of what `aliased` made of the tokens
  let end = -1;
  const token = tokens.find((t) => {
    end += 1 + (t.kind !== "operator" && !isConnective(t) ? 1 : t.text.length);
    return character - 1 < end;
  });
  const last = tokens.at(-1);
  if (!token && last) return [last, say.endsEarly(last.text)];
  return [token ?? whole, say.misplaced(token?.text)];
}

const comparisons = new Map<string, Operator>([
  ["smaller", "<"],
  ["smallerEq", "<="],
  ["larger", ">"],
  ["largerEq", ">="],
  ["equal", "=="],
  ["unequal", "!="],
]);

/** Turns mathjs's nodes into trees with places. */
class TreeBuilder {
  private readonly tokens: readonly Token[];
  private readonly closing: ReadonlyMap<number, number>;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
    this.closing = closingBrackets(tokens);
  }

  tree(node: MathNode): Tree {
    if (math.isSymbolNode(node)) {
      const { start, end, kind, text } = this.token(node);
      return kind === "number" ? { kind, text, start, end } : { kind: "name", name: meant(text), start, end };
    }
    if (math.isParenthesisNode(node)) return this.tree(node.content);
    if (math.isAccessorNode(node)) {
      if (!math.isSymbolNode(node.object))
        throw new Misplaced(this.tree(node.object), say.indexedExpression());
      const head = this.token(node.object);
      const args = this.trees(node.index.dimensions);
      return {
        kind: "access",
        name: meant(head.text),
        head,
        arguments: args,
        start: head.start,
        end: this.close(head),
      };
    }
    if (math.isFunctionNode(node)) {
      const fn: MathNode = node.fn;
      if (!math.isSymbolNode(fn)) return this.reduction(fn, this.trees(node.args));
      const args = this.trees(node.args.filter((a) => !math.isAssignmentNode(a)));
      const named = node.args.flatMap((a) => this.namedArgument(a));
      const head = this.token(fn);
      return {
        kind: "call",
        name: meant(head.text),
        head,
        arguments: args,
        named,
        start: head.start,
        end: this.close(head),
      };
    }
    if (math.isRelationalNode(node)) {
      const operands = this.trees(node.params);
      const operators = node.conditionals.map((c) => comparisons.get(c) ?? "==");
      return { kind: "compare", operators, operands, ...hull(operands) };
    }
    if (math.isOperatorNode(node)) return this.operation(node);
    throw this.misplaced();
  }

  private trees(nodes: readonly MathNode[]): Tree[] {
    return nodes.map((n) => this.tree(n));
  }

  /** `w = tree` among the arguments; nothing where it is none. Positional ones after it are told where the call is read. */
  private namedArgument(node: MathNode): NamedTree[] {
    if (!math.isAssignmentNode(node)) return [];
    if (!math.isSymbolNode(node.object)) throw this.misplaced();
    const { text, start, end } = this.token(node.object);
    const tree = this.tree(node.value);
    return [{ name: text, head: { start, end }, tree, start, end: tree.end }];
  }

  private misplaced(): Misplaced {
    return new Misplaced(this.tokens[0] ?? { start: 0, end: 0 }, say.misplaced());
  }

  private token(node: MathNode): Token {
    const token = math.isSymbolNode(node) ? this.tokens[node.name.charCodeAt(0) - firstAlias] : undefined;
    if (!token) throw this.misplaced();
    return token;
  }

  /** The end of the brackets that follow a place. */
  private close({ end }: Span): number {
    let [low, high] = [0, this.tokens.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.tokens[middle]?.start ?? Infinity) < end) low = middle + 1;
      else high = middle;
    }
    const bracket = this.tokens[low];
    return (bracket && this.closing.get(bracket.start)) ?? end;
  }

  /** name[binders](body) */
  private reduction(fn: MathNode, args: readonly Tree[]): ReductionTree {
    if (!math.isAccessorNode(fn) || !math.isSymbolNode(fn.object))
      throw new Misplaced(this.tree(fn), say.misplaced());
    const head = this.token(fn.object);
    const name = meant(head.text);
    const binders = this.trees(fn.index.dimensions);
    const end = this.close({ start: head.start, end: this.close(head) });
    if (!isReduction(name)) throw new Misplaced({ start: head.start, end }, say.calledAccess(head.text));
    return { kind: "reduction", name, head, binders, arguments: args, start: head.start, end };
  }

  private operation(node: MathNode): Tree {
    if (!math.isOperatorNode(node)) throw this.misplaced();
    const fn: string = node.fn;
    const [first, second] = node.args;
    if (first && !second) {
      const argument = this.tree(first);
      const { start, end } = argument;
      if (fn === "unaryMinus") return { kind: "negate", argument, start, end };
      if (fn === "unaryPlus") return argument;
      if (fn === "not") return { kind: "not", part: argument, start, end };
    }
    if (!first || !second) throw this.misplaced();
    if (fn === "add" || fn === "subtract") {
      const parts = this.chain(node, ["add", "subtract"]);
      const terms = parts.map(({ fn: by, tree }) => ({ negative: by === "subtract", tree }));
      return { kind: "sum", terms, ...hull(parts.map((p) => p.tree)) };
    }
    if (fn === "multiply" || fn === "divide") {
      const parts = this.chain(node, ["multiply", "divide"]);
      const factors = parts.map(({ fn: by, tree }) => ({ inverse: by === "divide", tree }));
      return { kind: "product", factors, ...hull(parts.map((p) => p.tree)) };
    }
    if (fn === "and" || fn === "or") {
      const parts = this.chain(node, [fn]).map((p) => p.tree);
      return { kind: fn, parts, ...hull(parts) };
    }
    const operands = this.trees([first, second]);
    const [left, right] = operands;
    const operator = comparisons.get(fn);
    if (operator) return { kind: "compare", operators: [operator], operands, ...hull(operands) };
    if (fn !== "pow" || !left || !right) throw this.misplaced();
    return { kind: "power", base: left, exponent: right, ...hull(operands) };
  }

  /** The operands of a left-leaning chain such as a + b - c + d, gathered without recursion: chains may be long. */
  private chain(node: MathNode, names: readonly string[]): { fn: string; tree: Tree }[] {
    const parts: { fn: string; tree: Tree }[] = [];
    let at = node;
    while (math.isOperatorNode(at) && names.includes(at.fn) && at.args.length === 2) {
      const [left, right]: readonly MathNode[] = at.args;
      if (!left || !right) break;
      parts.push({ fn: at.fn, tree: this.tree(right) });
      at = left;
    }
    parts.push({ fn: "", tree: this.tree(at) });
    return parts.reverse();
  }
}

function hull(parts: readonly Span[]): Span {
  const [first, last] = [parts[0], parts.at(-1)];
  // a mend may have exchanged them
  return first && last
    ? { start: Math.min(first.start, last.start), end: Math.max(first.end, last.end) }
    : { start: 0, end: 0 };
}

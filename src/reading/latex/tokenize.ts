/**
 * LaTeX → tokens. KaTeX parses (its tree is that of the formula as it is set, macros expanded, each node with its place);
 * here spaces, fonts and styles are dropped, and letters that make a word are joined.
 */
import { joined, spanOf, type Token } from "./token.js";
import { type Node, parseTree } from "./katex.js";
import { ones } from "./formula.js";
import type { Macros } from "../document/macros.js";
import { Unreadable } from "../document/unreadable.js";
import { accentName, bigOperators, letters, symbols } from "./symbols.js";

/** @throws Unreadable where the source is no LaTeX */
export function tokenize(source: string, macros: Macros = {}): readonly Token[] {
  checkDepth(source);
  let nodes: readonly Node[];
  try {
    nodes = parseTree(source, macros);
  } catch (error) {
    const { rawMessage, position } = error as { rawMessage?: string; position?: number };
    if (rawMessage === undefined) throw error;
    throw new Unreadable(`this is no LaTeX: ${rawMessage}`, position ?? 0);
  }
  const place = { at: 0 };
  return joined(nodes.flatMap((node) => convert(withOwnPlaces(node, source), place)));
}

const deepest = 200;

/** @throws Unreadable at the bracket that is nested too deep, before any parser descends */
function checkDepth(source: string): void {
  let depth = 0;
  for (const { 0: sign, index } of source.matchAll(/\\[a-zA-Z]+|\\[^]|[([{)\]}]/gu)) {
    if (["(", "[", "{", "\\{", "\\begin", "\\langle"].includes(sign)) depth++;
    else if ([")", "]", "}", "\\}", "\\end", "\\rangle"].includes(sign)) depth = Math.max(0, depth - 1);
    if (depth > deepest) throw new Unreadable(`brackets are nested over ${deepest} deep`, index);
  }
}

/** Without the places that are in the expansion of a macro. */
function withOwnPlaces<T>(tree: T, source: string): T {
  if (Array.isArray(tree)) return tree.map((part: unknown) => withOwnPlaces(part, source)) as T;
  if (typeof tree !== "object" || tree === null) return tree;
  return Object.fromEntries(
    Object.entries(tree).map(([key, value]: [string, unknown]) => {
      if (key !== "loc") return [key, withOwnPlaces(value, source)];
      const loc = value as Node["loc"];
      return [
        key,
        loc && (loc.lexer === undefined || loc.lexer.input === source)
          ? { start: loc.start, end: loc.end }
          : null,
      ];
    }),
  ) as T;
}
const listOf = (node: Node | undefined): readonly Node[] => {
  if (!node) return [];
  return node.type === "ordgroup" || node.type === "styling"
    ? (node.body as readonly Node[]).flatMap(listOf)
    : [node];
};

function convert(node: Node, place: { at: number }): Token[] {
  const [at, end] = placeOf(node) ?? [place.at, place.at];
  place.at = at;
  const make = (kind: Token["kind"], text: string, rest: Partial<Token> = {}): Token[] => [
    { kind, text, at, end, marks: [], primes: 0, parts: [], rows: [], ...rest },
  ];
  const inside = (inner: Node | undefined): Token[] =>
    joined(listOf(inner).flatMap((n) => convert(n, place)));
  const body = (): Token[] =>
    joined(
      [node.body ?? []]
        .flat(2)
        .flatMap(listOf)
        .flatMap((n) => convert(n, place)),
    );
  switch (node.type) {
    case "mathord":
    case "textord":
    case "atom": {
      const text = node.text ?? "";
      const letter = letters.get(text);
      if (letter !== undefined) return make("name", letter);
      if (bigOperators.has(text)) return make("big", bigOperators.get(text)!);
      if (/^[0-9]$/u.test(text)) return make("number", text);
      if (text === ".") return make("symbol", ".");
      if (/^\p{L}$/u.test(text) && text !== "∂") return make("name", text);
      return make("symbol", symbols[text] ?? text);
    }
    case "ordgroup":
      return make("group", "", { parts: [body()] });
    case "styling":
    case "color":
    case "mclass":
    case "htmlmathml":
    case "sizing":
    case "phantom":
    case "lap":
    case "raisebox":
    case "smash":
    case "enclose":
    case "href":
    case "html": {
      if (node.type === "phantom") return [];
      const inner = node.html ? joined(node.html.flatMap((n) => convert(n, place))) : body();
      // an annotated relation: \overset{def}{=}
      const relation = node.type === "mclass" && relationIn(inner);
      return relation ? make("symbol", relation) : inner;
    }
    case "font": {
      const only = body();
      // \mathbf{1}, \mathbb{1}: an indicator, or a vector of ones
      if (
        only.length === 1 &&
        only[0]!.kind === "number" &&
        only[0]!.text === "1" &&
        /bb|bf|bold/u.test(node.font ?? "")
      )
        return make("name", ones);
      const inner = body().flatMap((token) =>
        token.kind === "group" && !token.sub && !token.sup ? token.parts[0]! : [token],
      );
      const word = inner.every(({ kind, sub, sup }) => kind === "name" && !sub && !sup);
      if (word && inner.length > 1)
        return make("name", functionNamed(inner.map(({ text }) => text).join("")), spanOf(inner));
      const bold = /bf|bold/u.test(node.font ?? "") && inner.length === 1 && inner[0]!.kind === "name";
      return bold ? [{ ...inner[0]!, bold }] : inner;
    }
    case "operatorname":
    case "text": {
      const text = rawText(node);
      const name = text.trim();
      // \text{act(}z)
      if (/^\p{L}[\p{L}-]*\($/u.test(name))
        return [...make("name", name.slice(0, -1)), ...make("symbol", "(")];
      if (node.type === "operatorname" && bigOperators.has(`\\${name.replaceAll(/\s/gu, "")}`))
        return make("big", name.replaceAll(/\s/gu, ""));
      return make(
        node.type === "operatorname" || /^[\p{L}][\p{L}\p{N}_-]*$/u.test(name) ? "name" : "text",
        functionNamed(name),
      );
    }
    case "op": {
      if (node.body) return body();
      const name = node.name ?? rawText(node);
      if (bigOperators.has(name)) return make("big", bigOperators.get(name)!);
      return make("name", name.replace("\\", ""));
    }
    case "accent":
    case "accentUnder":
    case "overline": {
      const mark = node.type === "overline" ? "bar" : accentName(node.label ?? "");
      const inner = node.type === "overline" ? body() : inside(node.base);
      const [first, ...rest] = inner.length === 1 && inner[0]!.kind === "group" ? inner[0]!.parts[0]! : inner;
      if (!first || rest.length > 0) throw new Unreadable("an accent over several letters", at);
      return [{ ...first, marks: [...first.marks, mark] }];
    }
    case "horizBrace":
      return inside(node.base);
    case "supsub":
      // what is written below a brace is a remark
      return node.base?.type === "horizBrace" ? convert(node.base, place) : withScripts(node, place);
    case "genfrac":
      return make("fraction", "", { parts: [inside(node.numer), inside(node.denom)] });
    case "sqrt":
      return make("root", "", { parts: [body(), inside(node.index)] });
    case "leftright": {
      const delimiter = (text: string | undefined): Token[] =>
        text === undefined || text === "." ? [] : make("symbol", symbols[text] ?? text);
      const inner = body();
      const system =
        inner.length === 1 && inner[0]!.kind === "array" && node.left === "\\{" && node.right === ".";
      return system ? inner : [...delimiter(node.left), ...inner, ...delimiter(node.right)];
    }
    case "delimsizing":
      // \Big/ divides all that stands before it
      if (node.delim === "/") return make("symbol", "÷");
      return node.delim === undefined || node.delim === "."
        ? []
        : make("symbol", symbols[node.delim] ?? node.delim);
    case "middle":
      return make("symbol", symbols[node.delim ?? ""] ?? node.delim ?? "");
    case "array":
      return make("array", "", {
        rows: (node.body as readonly (readonly Node[])[]).map((row) => row.map((cell) => inside(cell))),
      });
    case "tag":
      return joined([node.body ?? []].flat(2).flatMap((n) => convert(n, place)));
    case "cr":
      return make("break", "");
    case "xArrow":
      return make("symbol", "→", { parts: [body()] });
    case "kern":
    case "spacing": {
      const { number = 0, unit = "mu" } = node.dimension ?? {};
      const wide = (unit === "em" && number >= 1) || (unit === "mu" && number >= 18);
      return wide ? make("symbol", "quad") : [];
    }
    case "rule":
    case "internal":
    case "cr-label":
      return [];
    default:
      throw new Unreadable(`${node.type} has no meaning here that is known`, at);
  }
}

const functions = new Set(
  "exp log ln sqrt tanh sigmoid relu softplus softmax gelu sin cos max min".split(" "),
);

/** A function by its name in any capitals. */
const functionNamed = (name: string): string => {
  const plain = name.replaceAll(/[-\s]/gu, "").toLowerCase();
  return name.length > 1 && functions.has(plain) ? plain : name;
};

function withScripts(node: Node, place: { at: number }): Token[] {
  const base = node.base ? convert(node.base, place) : [];
  const scripts = (script: Node | undefined): Token[] =>
    joined(listOf(script).flatMap((n) => convert(n, place)));
  const sub = scripts(node.sub);
  let sup = scripts(node.sup);
  const primes = sup.filter(({ text }) => text === "′").length;
  sup = sup.filter(({ text }) => text !== "′");
  const [, end] = placeOf(node) ?? [0, place.at];
  const last = base.at(-1) ?? {
    kind: "group", text: "", at: place.at, end: place.at, marks: [], primes: 0, parts: [[]], rows: [],
  }; // prettier-ignore
  const relation = relationIn([last]);
  if (relation) return [{ ...last, text: relation }];
  // a group of one token is that token, unless it has scripts of its own that these would replace
  const only = last.kind === "group" && last.parts[0]?.length === 1 ? last.parts[0][0]! : last;
  const target = (only.sub && sub.length > 0) || (only.sup && sup.length > 0) ? last : only;
  return [
    ...base.slice(0, -1),
    {
      ...target,
      end: Math.max(target.end, end),
      primes: target.primes + primes,
      sub: sub.length > 0 ? sub : target.sub,
      sup: sup.length > 0 ? sup : target.sup,
    },
  ];
}
const relationIn = (tokens: readonly Token[]): string | undefined =>
  tokens.length === 1 && tokens[0]!.kind === "symbol" && ["=", "→"].includes(tokens[0]!.text)
    ? tokens[0]!.text
    : undefined;

/** Where a node begins and ends, by its own account or that of what is in it. */
function placeOf(node: Node): readonly [number, number] | undefined {
  if (node.loc) return [node.loc.start, node.loc.end];
  const { base, numer, denom, index, sub, sup, body, value } = node;
  const inner = [base, numer, denom, index, sub, sup, ...[body ?? []].flat(2), ...(value ?? [])];
  const places = inner.flatMap((child) => (child ? [placeOf(child)] : [])).filter((one) => one !== undefined);
  if (places.length === 0) return undefined;
  return [Math.min(...places.map(([from]) => from)), Math.max(...places.map(([, to]) => to))];
}
const rawText = (node: Node): string =>
  node.type === "spacing" || node.text === "\\ "
    ? " "
    : (node.text ??
      [node.body ?? []]
        .flat(2)
        .map((n) => rawText(n))
        .join(""));

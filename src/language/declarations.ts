/** Logical lines to declarations: what kind of line it is and the trees of its parts. Nothing is resolved yet. */
import type { Role } from "../notation/layer.js";
import type { Span } from "../notation/span.js";
import type { Line } from "./lines.js";
import { isTensorRole, LineReader, lineKeywords } from "./line-reader.js";
import { say } from "./messages.js";
import { maximumDepth, type Report } from "./tokens.js";
import type { Tree } from "./tree.js";

/** A name where it is introduced. */
export interface Name extends Span {
  readonly text: string;
}
/** name = tree; of a variant, a check or a param. */
export interface Setting {
  readonly name: Name;
  readonly tree: Tree;
}
export interface Equation {
  readonly name: Name;
  readonly subscripts: readonly Tree[] | undefined;
  readonly tree: Tree;
}
export type Declaration = Span &
  (
    | ({ readonly kind: "param" } & Setting)
    | {
        readonly kind: "tensor";
        readonly role: Role;
        readonly name: Name;
        /** Undefined where the brackets are left out. */
        readonly shape: readonly Tree[] | undefined;
        readonly bound: Tree | undefined;
      }
    | {
        readonly kind: "helper";
        readonly name: Name;
        readonly parameters: readonly Name[];
        readonly tree: Tree;
      }
    /** `name = tree`: a size, a constant or a scalar; or `name[subscripts] = tree`. */
    | ({ readonly kind: "definition" } & Equation)
    | ({ readonly kind: "claim" } & Equation)
    | { readonly kind: "requirement"; readonly tree: Tree; readonly message: string }
    | { readonly kind: "variant"; readonly name: Name; readonly settings: readonly Setting[] }
    | { readonly kind: "check"; readonly settings: readonly Setting[] }
  );
export type DeclarationOf<K extends Declaration["kind"]> = Extract<Declaration, { readonly kind: K }>;

const maximumStatement = 20_000;

/** Reads one line; undefined where a problem was reported. */
export function parseDeclaration(line: Line, report: Report): Declaration | undefined {
  const text = line.text.trimEnd();
  const lead = text.length - text.trimStart().length;
  const span = { start: line.start + lead, end: line.start + text.length };
  if (text.length - lead > maximumStatement) {
    const deep = deepBracket(text);
    if (deep >= 0) report({ start: line.start + deep, end: line.start + deep + 1 }, say.tooDeep());
    else report({ start: span.start, end: span.start + 1 }, say.tooLong(maximumStatement));
    return undefined;
  }
  const reader = new LineReader(text, line.start, span, report);
  const keyword = reader.keyword();
  const declaration = keyword === undefined ? reader.definition() : reader.declaration(keyword);
  return reader.good ? declaration : undefined;
}

/** Where brackets are first nested deeper than the language allows; -1 where they are not. */
function deepBracket(text: string): number {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "(" || text[i] === "[") depth++;
    if (text[i] === ")" || text[i] === "]") depth--;
    if (depth > maximumDepth) return i;
  }
  return -1;
}

/** The names that a line would introduce if it could be read: they are not reported again as unknown. */
export function introducedNames({ text }: Line): readonly string[] {
  const names = text.match(/\p{L}[\p{L}\p{M}\p{Nd}_]*/gu) ?? [];
  const [first = "", second = ""] = names;
  const declares = isTensorRole(first) || !text.includes("=");
  return declares ? names.slice(0, 20) : lineKeywords.has(first) ? [second] : [first];
}

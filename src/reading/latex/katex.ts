/** KaTeX, loaded where a document is read: commands that read none do without. */
import { createRequire } from "node:module";
import type { Macros } from "../document/macros.js";

/** Commands of packages that KaTeX does not have, as far as they only spell formulas. */
const packages: Macros = {
  "\\pdv": "\\frac{\\partial #1}{\\partial #2}",
  "\\dv": "\\frac{d #1}{d #2}",
  "\\vb": "\\mathbf{#1}",
  "\\va": "\\vec{#1}",
  "\\mathds": "\\mathbb{#1}",
  "\\norm": "\\lVert #1 \\rVert",
  "\\qty": "#1",
};

/** A node of KaTeX's tree; which fields there are depends on its type. */
export interface Node {
  readonly type: string;
  readonly text?: string;
  readonly name?: string;
  readonly font?: string;
  readonly label?: string;
  readonly left?: string;
  readonly right?: string;
  readonly delim?: string;
  readonly body?: Node | readonly Node[] | readonly (readonly Node[])[];
  readonly value?: readonly Node[];
  readonly base?: Node;
  readonly sub?: Node;
  readonly sup?: Node;
  readonly numer?: Node;
  readonly denom?: Node;
  readonly index?: Node;
  readonly html?: readonly Node[];
  readonly mathml?: readonly Node[];
  readonly dimension?: { readonly number: number; readonly unit: string };
  readonly loc?: {
    readonly start: number;
    readonly end: number;
    readonly lexer?: { readonly input: string };
  } | null;
}

/** The tree of a formula. KaTeX keeps it for extensions; it is what the formula is set from, so every document has it. */
export function parseTree(source: string, macros: Macros): readonly Node[] {
  const { __parse: parse } = load() as unknown as {
    __parse: (text: string, options: object) => readonly Node[];
  };
  return parse(source, {
    displayMode: true,
    throwOnError: true,
    strict: false,
    maxExpand: 1000,
    macros: { ...packages, ...macros },
  });
}

/** A formula as MathML. */
export function mathMl(source: string, macros: Macros): string {
  const { renderToString } = load();
  return renderToString(source, {
    displayMode: true,
    output: "mathml",
    throwOnError: false,
    strict: false,
    trust: false,
    macros: { ...packages, ...macros },
  });
}
const load = (): typeof import("katex").default =>
  createRequire(import.meta.url)("katex") as typeof import("katex").default;

/** What a file seems to declare, told from its lines before any is parsed: mends are made of it. */
import type { Line } from "../lines.js";
import { isTaken } from "../names.js";

export interface Overview {
  /** The extents of tensors, as written. */
  readonly shapes: ReadonlyMap<string, readonly string[]>;
  /** Tensors declared without brackets. */
  readonly scalars: ReadonlySet<string>;
  readonly outputs: ReadonlySet<string>;
  /** Functions of the file, and the layers that it uses. */
  readonly helpers: ReadonlySet<string>;
  /** Names that a line defines, and the first such line. */
  readonly defined: ReadonlyMap<string, Definition>;
  /** Sizes, params and names without subscripts that a line defines. */
  readonly values: ReadonlySet<string>;
  /** Every name of the file. */
  readonly names: ReadonlySet<string>;
}

/** `left = right`, each at its place in the file. */
export interface Definition {
  readonly start: number;
  readonly end: number;
  readonly left: string;
  readonly right: string;
  /** Whether it is written `=`, not `+=`. */
  readonly plain: boolean;
}

const name = "\\p{L}[\\p{L}\\p{M}\\p{Nd}_]*";
const declared = new RegExp(
  `^\\s*(?!return\\b)${name}\\s+(${name})\\s*(?:[\\[(]([^\\])]*)[\\])])?\\s*(?:<|$)`,
  "u",
);
const typed = new RegExp(`^\\s*(?:${name}\\s+)?(${name})\\s*:\\s*(?:${name})?\\s*\\[([^\\]]*)\\]`, "u");
const before = new RegExp(`^\\s*\\[([^\\]]*)\\]\\s*(${name})\\s*$`, "u");
const helper = new RegExp(`^\\s*(${name})\\s*\\([^()]*\\)\\s*=(?!=)`, "u");
const definition = new RegExp(
  `^\\s*(?!for\\b)(?:${name}\\s+)?(${name})\\s*(?:\\[[^=]*)?(?:[-+*/:]?=(?!=)|<-)`,
  "u",
);

export function overviewOf(lines: readonly Line[], layers: ReadonlySet<string>): Overview {
  const shapes = new Map<string, readonly string[]>();
  const defined = new Map<string, Definition>();
  const [scalars, outputs, helpers, values, names] = [
    new Set<string>(),
    new Set<string>(),
    new Set<string>(layers),
    new Set<string>(),
    new Set<string>(),
  ];
  for (const { text, start } of lines) {
    for (const word of text.match(new RegExp(name, "gu")) ?? []) names.add(word);
    const [, called = "", extents] = declared.exec(text) ?? typed.exec(text) ?? [];
    if (called && /^\s*output\b/.test(text)) outputs.add(called);
    const param = /^\s*params?\b/.test(text);
    if (called && extents === undefined) (param ? values : scalars).add(called);
    if (called && extents !== undefined) shapes.set(called, partsOf(extents));
    const [, first, behind] = before.exec(text) ?? [];
    if (behind && first !== undefined) shapes.set(behind, partsOf(first));
    const [, function_] = helper.exec(text) ?? [];
    if (function_) helpers.add(function_);
    const [head = "", result] = definition.exec(text) ?? [];
    if (!result || function_) continue;
    const left = head.replace(/(?:[-+*/:]?=|<-)$/, "").trim();
    if (!left.includes("[")) values.add(result);
    const lead = text.length - text.trimStart().length;
    if (!defined.has(result))
      defined.set(result, {
        start: start + lead,
        end: start + text.trimEnd().length,
        left,
        right: text.slice(head.length).trim(),
        plain: /[^-+*/]=$/.test(head),
      });
  }
  // `y_n = …` of a vector y is LaTeX
  for (const [written, definition] of [...defined]) {
    const [, base = "", letters = ""] = /^(.+)_(\p{Ll}+)$/u.exec(written) ?? [];
    if (shapes.has(written) || shapes.get(base)?.length !== letters.length) continue;
    values.delete(written);
    if (!defined.has(base)) defined.set(base, definition);
  }
  // `y(n) = …` of an output y is no helper
  for (const tensor of shapes.keys()) if (helpers.delete(tensor)) defined.set(tensor, nowhere);
  for (const [tensor, extents] of shapes)
    if (!defined.has(tensor)) for (const extent of extents) if (isName(extent)) values.add(extent);
  return { shapes, scalars, outputs, helpers, defined, values, names };
}
const nowhere: Definition = { start: 0, end: 0, left: "", right: "", plain: false };
const isName = (text: string): boolean => new RegExp(`^${name}$`, "u").test(text);
const partsOf = (extents: string): readonly string[] =>
  extents.trim() === "" ? [] : extents.split(",").map((e) => e.trim());

/** Names for indices over these extents, as papers choose them: c over C; none is `taken`. */
export function indicesFor(
  extents: readonly string[],
  { names }: Overview,
  taken: Iterable<string> = [],
): readonly string[] {
  const used = new Set(taken);
  return extents.map((extent) => {
    const own = /^\p{Lu}\d*$/u.test(extent) ? extent.toLowerCase() : "";
    const free = (n: string): boolean => n !== "" && !used.has(n) && !isTaken(n);
    const chosen =
      [own, own && `${own}'`].find(free) ??
      ["i", "j", "k", "l", "m", "p", "q", "r", "u", "v"].find((n) => free(n) && !names.has(n)) ??
      `i${used.size}`;
    used.add(chosen);
    return chosen;
  });
}

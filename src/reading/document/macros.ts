/** Macros that a document defines: `\newcommand`, `\def`, `\DeclareMathOperator`, `\DeclarePairedDelimiter`. */

/** What a macro stands for, with `#1`, `#2` for its arguments, by its name with the backslash. */
export type Macros = Readonly<Record<string, string>>;

const definition =
  /\\(?:(?<command>(?:re)?newcommand|providecommand|DeclareMathOperator|DeclarePairedDelimiter)\*?|(?<def>[gex]?def))\s*(?:\{\s*(?<braced>\\[a-zA-Z]+)\s*\}|(?<bare>\\[a-zA-Z]+))\s*/gu;

/** The macros, and the document without their definitions: of the same length, so that places stay. */
export function withoutMacros(document: string): { readonly text: string; readonly macros: Macros } {
  const macros: Record<string, string> = {};
  let text = document;
  for (const match of document.matchAll(definition)) {
    const { command, braced, bare } = match.groups ?? {};
    const name = braced ?? bare;
    if (name === undefined) continue;
    let end = match.index + match[0].length;
    // the number of arguments is that of the highest #n; a default for the first is no formula's business
    const parameters = /^(?:\[\d\]|(?:#\d)*)\s*/u.exec(document.slice(end))![0];
    end += parameters.length;
    const groups: string[] = [];
    const wanted = command === "DeclarePairedDelimiter" ? 2 : 1;
    while (groups.length < wanted) {
      const group = groupAt(document, end);
      if (group === undefined) break;
      groups.push(group);
      end += group.length + 2;
    }
    if (groups.length < wanted) continue;
    const [body = "", close = ""] = groups;
    macros[name] =
      command === "DeclareMathOperator"
        ? `\\operatorname{${body}}`
        : command === "DeclarePairedDelimiter"
          ? `\\left${body} #1 \\right${close}`
          : body;
    text = text.slice(0, match.index) + blank(document.slice(match.index, end)) + text.slice(end);
  }
  return { text, macros };
}

/** What stands between the braces at a place. */
function groupAt(text: string, at: number): string | undefined {
  if (text[at] !== "{") return undefined;
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === "{") depth++;
    else if (text[i] === "}" && --depth === 0) return text.slice(at + 1, i);
  }
  return undefined;
}

/** Spaces for all but line ends. */
export const blank = (text: string): string => text.replace(/[^\n]/gu, " ");

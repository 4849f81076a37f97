/** The source of a part of a formula, from the places of what is in it. */

const letters = String.raw`\\[a-zA-Z]+\s*$`;

/** The text between two places, with the braces and commands that belong to its ends. */
export function excerpt(source: string, from: number, to: number): string {
  let start = Math.max(0, from);
  let end = Math.min(source.length, to);
  while (depthOf(source.slice(start, end)) > 0 && end < source.length) end++;
  while (source[end] === "'") end++;
  for (;;) {
    if (lowest(source.slice(start, end)) < 0) {
      const open = source.lastIndexOf("{", start - 1);
      if (open < 0) break;
      start = open;
      continue;
    }
    const before = source.slice(0, start);
    const command = new RegExp(letters, "u").exec(before);
    // \frac{…, \hat x; not the end of what stands before
    const belongs =
      command &&
      (source[start] === "{" ||
        /^\\(?:hat|tilde|bar|check|ddot|dot|vec|left|mathcal|mathbf|mathrm|boldsymbol)\b/u.test(command[0]));
    if (!belongs) break;
    start = command.index;
  }
  while (depthOf(source.slice(start, end)) > 0 && end < source.length) end++;
  end = closed(source, start, end);
  return source.slice(start, end).trim();
}

/** Where `\left` and `\begin` that are open at the end are closed. */
function closed(source: string, from: number, to: number): number {
  const pairs =
    /\\(?:(?<open>left|begin)|(?<close>right|end))(?![a-zA-Z])\s*(?:\{[a-zA-Z*]+\}|\\?[^\\\s]|\\[a-zA-Z]+)?/gu;
  let depth = 0;
  for (const match of source.slice(from).matchAll(pairs)) {
    const at = from + match.index;
    if (at >= to && depth <= 0) break;
    depth += match.groups?.["open"] ? 1 : -1;
    if (at >= to && depth === 0) return at + match[0].length;
  }
  return to;
}
const depthOf = (text: string): number =>
  [...text.replaceAll(/\\[{}]/gu, "")].reduce((depth, c) => depth + (c === "{" ? 1 : c === "}" ? -1 : 0), 0);

function lowest(text: string): number {
  let depth = 0;
  let least = 0;
  for (const c of text.replaceAll(/\\[{}]/gu, "")) {
    if (c === "{") depth++;
    if (c === "}") depth--;
    least = Math.min(least, depth);
  }
  return least;
}

/** How wide a piece of LaTeX is set, roughly, in widths of a letter: where a line must break. */
export function widthOf(tex: string): number {
  // of rows above one another the widest counts
  const rows = /\\begin\{(array|cases)\}(?:\{l\})?((?:(?!\\begin).)*?)\\end\{\1\}/u.exec(tex);
  if (rows) {
    const inner = (rows[2] ?? "").split(" \\\\ ").toSorted((a, b) => widthOf(b) - widthOf(a));
    return widthOf(tex.replace(rows[0], () => inner[0] ?? ""));
  }
  const flat = tex
    .replaceAll(/\\begin\{[^}]*\}|\\end\{[^}]*\}/gu, "")
    .replaceAll(/\\(?:left|right|mathrm|text|mathbf|mathbb|hat|bar)\b/gu, "");
  let width = 0;
  let depth = 0;
  const scripts: number[] = [];
  for (let at = 0; at < flat.length; at++) {
    const rest = flat.slice(at);
    const command = /^\\[A-Za-z]+/u.exec(rest)?.[0];
    if (command !== undefined) {
      width += (command === "\\sum" ? 2 : command === "\\frac" ? 0.5 : 1) * scale(scripts.length);
      at += command.length - 1;
    } else if (/^[_^]\{/u.test(rest)) {
      scripts.push(++depth);
      at++;
    } else if (flat[at] === "{") depth++;
    else if (flat[at] === "}") {
      if (scripts.at(-1) === depth) scripts.pop();
      depth--;
    } else if (/[^\s&\\]/u.test(flat[at] ?? "")) width += scale(scripts.length);
  }
  return width;
}
const scale = (depth: number): number => (depth === 0 ? 1 : depth === 1 ? 0.7 : 0.55);

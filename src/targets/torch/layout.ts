/** Long lines of Python, broken where brackets are open. */

const width = 100;

/** The line indented; one that is too long is broken inside its widest brackets. */
export function laidOut(line: string, indent: number): readonly string[] {
  const group = fits(line, indent) ? undefined : widestGroup(line);
  if (!group) return [" ".repeat(indent) + line];
  const { open, close } = group;
  return [
    " ".repeat(indent) + line.slice(0, open + 1),
    ...insideBrackets(line.slice(open + 1, close), indent + 4),
    ...laidOut(line.slice(close), indent),
  ];
}
const fits = (line: string, indent: number): boolean => indent + line.length <= width || line.startsWith("#");

/** Where brackets are open lines end anywhere: at commas, else before the operators that bind weakest. */
function insideBrackets(text: string, indent: number): readonly string[] {
  const items = splitAt(text, [", "], false);
  if (items.length > 1) return items.flatMap((item) => insideBrackets(`${item},`, indent));
  if (fits(text, indent)) return [" ".repeat(indent) + text];
  for (const operators of [
    [" if ", " else "],
    [" & ", " | "],
    [" + ", " - "],
    [" * ", " / "],
  ]) {
    const parts = splitAt(text, operators, true);
    if (parts.length > 1) return parts.flatMap((part) => insideBrackets(part, indent));
  }
  return laidOut(text, indent);
}

const isQuote = (c: string): boolean => c === '"' || c === "'";

/** Calls `visit` with each character that stands in no string, and how many brackets are open before it. */
function eachPlain(text: string, visit: (c: string, at: number, depth: number) => void): void {
  let depth = 0;
  let quote = "";
  for (let i = 0; i < text.length; i++) {
    const c = text.charAt(i);
    if (quote !== "") {
      if (c === "\\") i++;
      else if (c === quote) quote = "";
      continue;
    }
    if (isQuote(c)) quote = c;
    if (")]}".includes(c)) depth--;
    visit(c, i, depth);
    if ("([{".includes(c)) depth++;
  }
}

/** The longest of the outermost pairs of brackets. */
function widestGroup(line: string): { readonly open: number; readonly close: number } | undefined {
  let best: { open: number; close: number } | undefined;
  let open = -1;
  eachPlain(line, (c, at, depth) => {
    if (depth !== 0) return;
    if ("([{".includes(c)) open = at;
    if (")]}".includes(c) && at - open > 1 && (!best || at - open > best.close - best.open))
      best = { open, close: at };
  });
  return best;
}

/** The parts between marks that stand in no brackets; a mark leads the part after it where `leads`. */
function splitAt(text: string, marks: readonly string[], leads: boolean): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  eachPlain(text, (_, at, depth) => {
    const mark = depth === 0 && marks.find((m) => text.startsWith(m, at));
    if (!mark) return;
    parts.push(text.slice(start, at).trim());
    start = leads ? at + 1 : at + mark.length;
  });
  return [...parts, text.slice(start).trim()];
}

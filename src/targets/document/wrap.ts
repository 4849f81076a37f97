/** Long formulas over several lines. */

interface Break {
  /** Where the next line would start. */
  readonly at: number;
  /** How tightly its sides belong together: brackets open there, then how strongly the operator binds. */
  readonly strength: number;
}

/**
 * The formula with every line indented and, where possible, no longer than the width. Lines end in an operator, a
 * comma or `=`, or with a bracket open, so that the text still parses.
 * @param width in columns
 * @param indent of the first line; the others are indented by four more
 */
export function wrapFormula(formula: string, width: number, indent: number): string {
  const [breaks, inner] = breaksOf(formula);
  const lines: string[] = [];
  let start = 0;
  for (;;) {
    const margin = lines.length === 0 ? indent : indent + 4;
    const room = width - margin;
    const rest = breaks.filter(({ at }) => at > start);
    const fits = formula.length - start <= room;
    const within = inner.filter(({ at }) => at > start);
    const next = fits ? undefined : (best(rest, start, room) ?? best(within, start, room) ?? rest[0]);
    lines.push(" ".repeat(margin) + formula.slice(start, next?.at).trimEnd());
    if (!next) return lines.join("\n");
    start = next.at;
  }
}

/** Words after `# `, on lines no longer than the width. */
export function wrapRemark(text: string, width: number, indent: number): string[] {
  const lines: string[] = [];
  const first = `${" ".repeat(indent)}# `;
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`${first}${lines.length > 0 ? "  " : ""}${word}`);
  }
  return lines;
}

/** The weakest break, the last of these; a line is at least a third full. */
function best(rest: readonly Break[], start: number, room: number): Break | undefined {
  const possible = rest.filter(({ at }) => at - 1 - start <= room);
  const full = possible.filter(({ at }) => at - start > room / 3);
  const candidates = full.length > 0 ? full : possible;
  const least = Math.min(...candidates.map(({ strength }) => strength));
  return candidates.findLast(({ strength }) => strength === least);
}

/** After each operator, comma or `=`; those within a read's subscripts or a list of binders apart, for where there are no others. */
function breaksOf(formula: string): readonly [Break[], Break[]] {
  const [breaks, inner]: [Break[], Break[]] = [[], []];
  let [round, square, word] = [0, 0, 0];
  for (let at = 0; at < formula.length; at++) {
    const character = formula[at]!;
    if (character === "(") round++;
    else if (character === ")") round--;
    else if (character === "[") square++;
    else if (character === "]") square--;
    else if (character === " ") {
      const binds = bindingOf(formula.slice(word, at));
      if (binds !== undefined) (square === 0 ? breaks : inner).push({ at: at + 1, strength: round + binds });
      word = at + 1;
    }
  }
  return [breaks, inner];
}

/** From 0, a separator, to below 1; undefined where the word ends in no operator. */
function bindingOf(word: string): number | undefined {
  if (word === "=" || word.endsWith(",")) return 0;
  if (word === "and" || word === "or") return 0.2;
  if (word === "+" || word === "-") return 0.4;
  return word === "*" || word === "/" || word === "^" ? 0.6 : undefined;
}

/** Code line by line: a brace or parenthesis at the end of a line opens a block, one at its beginning closes it. */
export interface Line {
  readonly depth: number;
  readonly code: string;
}

/** The lines without their white space, and how deep each stands; the first at `depth`. */
export function linesOf(text: string, depth = 0): readonly Line[] {
  let current = depth;
  return text.split("\n").map((line) => {
    const code = line.trim();
    if (/^[)}]/u.test(code)) current--;
    const placed = { depth: current, code };
    if (/[({]$/u.test(code)) current++;
    return placed;
  });
}

export const indentOf = ({ depth }: Line): string => "  ".repeat(depth);
export const textOf = (line: Line): string => (line.code === "" ? "" : indentOf(line) + line.code);

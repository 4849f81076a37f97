/** Code as lines, and blocks of lines between a head and an end. */
export type Lines = readonly (string | Block)[];
export interface Block {
  /** `for (…) {` */
  readonly head: string;
  readonly inside: Lines;
  /** What comes after `} else {`. */
  readonly otherwise?: Lines;
  readonly end: string;
}
export const block = (head: string, inside: Lines, end = "}"): Block => ({ head, inside, end });

/** A line in its place. */
export interface Line {
  readonly depth: number;
  readonly code: string;
  /** Whether it is a statement by itself, the head of a block, or what ends one. */
  readonly kind: "statement" | "head" | "end";
}
/** The lines in their order; the first at `depth`. */
export const linesOf = (code: Lines, depth = 0): readonly Line[] =>
  code.flatMap((line): readonly Line[] => {
    if (typeof line === "string") return [{ depth, code: line, kind: "statement" }];
    const { head, inside, otherwise, end } = line;
    return [
      { depth, code: head, kind: "head" },
      ...linesOf(inside, depth + 1),
      ...(otherwise
        ? [{ depth, code: "} else {", kind: "end" } as const, ...linesOf(otherwise, depth + 1)]
        : []),
      { depth, code: end, kind: "end" },
    ];
  });

export const indentOf = ({ depth }: Line): string => "  ".repeat(depth);
export const textOf = (line: Line): string => (line.code === "" ? "" : indentOf(line) + line.code);

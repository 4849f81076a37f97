/** Text of the user's in Python. */
import { splitAtLineEnds } from "../../notation/line-ends.js";

/** The lines of a comment; source text must not hold all characters. */
export const comment = (text: string): readonly string[] =>
  splitAtLineEnds(text).map((line) => `# ${line.replaceAll(/\p{Cc}/gu, " ")}`.trimEnd());

/** A line that says what a function or a class is, made of names and of nothing that would have to be escaped. */
export const docstring = (line: string): string => `"""${line}"""`;

/** `(a, b)`, and `(a,)` of one. */
export const tuple = (parts: readonly string[]): string =>
  parts.length === 1 ? `(${parts[0]},)` : `(${parts.join(", ")})`;

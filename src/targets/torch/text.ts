/** Text of the user's in Python. */
import { splitAtLineEnds } from "../../notation/line-ends.js";

/** What a docstring or a comment says of characters that source text must not hold. */
const visible = (text: string): string =>
  text.replaceAll(/\p{Cc}/gu, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`);

/** The lines of a docstring, quotes and all. */
export function docstring(text: string): readonly string[] {
  const lines = splitAtLineEnds(text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')).map((line) =>
    visible(line.trimEnd()),
  );
  const plain = lines.map((line) => line.replaceAll(/\\"(?!\\"\\"|$)/gu, '"'));
  return plain.length === 1 ? [`"""${plain[0]}"""`] : [`"""${plain[0]}`, ...plain.slice(1), `"""`];
}
/** The lines of a comment. */
export const comment = (text: string): readonly string[] =>
  splitAtLineEnds(text).map((line) => `# ${visible(line)}`.trimEnd());

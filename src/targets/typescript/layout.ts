/**
 * Kernels laid out as prettier would. Their code is spelled one statement a line, so nearly every line is right once it
 * is indented; prettier is asked about the others only, each by itself: over whole kernels it takes longer than the
 * rest of the compiler.
 */
import { formatTypeScript, lineWidth } from "./format.js";

/** The comment above a declaration. */
export function commentText(text: string): string {
  const lines = text.replaceAll("*/", "* /").split("\n");
  if (lines.length === 1) return `/** ${text.replaceAll("*/", "* /")} */`;
  return ["/**", ...lines.map((line) => ` * ${line}`.trimEnd()), " */"].join("\n");
}

/** A list in brackets, on one line where that fits. */
export function listText(before: string, items: readonly string[], after: string): string {
  const line = `${before}${items.join(", ")}${after}`;
  if (line.length <= lineWidth) return line;
  return `${before}\n${items.map((item) => `  ${item},\n`).join("")}${after}`;
}

/** Statements, one a line, as the body of a function of the module. */
export async function bodyText(code: string): Promise<string> {
  const laidOut: (string | Promise<string>)[] = [];
  let depth = 1;
  for (const line of code.split("\n")) {
    if (line.startsWith("}")) depth--;
    const indent = "  ".repeat(depth);
    const fits = indent.length + line.length <= lineWidth;
    laidOut.push(fits && !unsettled.test(line) ? indent + line : reformatted(line, indent));
    if (line.endsWith("{")) depth++;
  }
  return (await Promise.all(laidOut)).join("\n");
}

/** What prettier may spell otherwise: it puts parentheses into mixed operators, and shortens 1e+21. */
const unsettled = /%|\*\*|\/.*\*|\*.*\/|&&.*\|\||\|\|.*&&|\?.*\?|e\+/;

async function reformatted(line: string, indent: string): Promise<string> {
  const opens = line.endsWith("{");
  const text = await formatTypeScript(opens ? `${line}${inside}` : line, lineWidth - indent.length);
  const own = opens ? text.slice(0, -inside.length - 1) : text.trimEnd();
  return own.replaceAll(/^(?=.)/gm, indent);
}
/** Stands for the body of a loop or branch, laid out already. */
const inside = "\n  0;\n}";

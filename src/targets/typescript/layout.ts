/**
 * Kernels laid out as prettier would. Their code is spelled one statement a line, so nearly every line is right once it
 * is indented; prettier is asked about the others only: over whole kernels it takes longer than the rest of the compiler.
 */
import { commentLines } from "../../notation/line-ends.js";
import { indentOf, linesOf, textOf, type Line } from "../code/lines.js";
import { formatTypeScript, lineWidth } from "./format.js";

/** A function of the module: all before its statements, and these, one a line. */
export interface FunctionText {
  readonly head: string;
  readonly body: string;
}

/** The comment above a declaration. */
export function commentText(text: string): string {
  const lines = commentLines(text);
  return lines.length === 1
    ? `/** ${lines.join("")} */`
    : ["/**", ...lines.map((line) => ` * ${line}`.trimEnd()), " */"].join("\n");
}

/** A list in brackets, on one line where that fits. */
export function listText(before: string, items: readonly string[], after: string): string {
  const line = `${before}${items.join(", ")}${after}`;
  if (line.length <= lineWidth) return line;
  return `${before}\n${items.map((item) => `  ${item},\n`).join("")}${after}`;
}

export async function layOut(functions: readonly FunctionText[]): Promise<readonly string[]> {
  const bodies = functions.map(({ body }) => linesOf(body, 1));
  const settled = await settle(bodies.flat().filter((line) => !isSettled(line)));
  return functions.map(({ head }, i) => {
    const lines = (bodies[i] ?? []).map((line) => settled.get(textOf(line)) ?? textOf(line));
    return `${head}\n${lines.join("\n")}\n}\n`;
  });
}

/** A brace alone is no statement, and stays as it is however deep it stands. */
const isSettled = (line: Line): boolean =>
  isBrace.test(line.code) || (textOf(line).length <= lineWidth && !respelled.test(line.code));
const isBrace = /^[)}\];]*$|^\} else \{$/;
/** What prettier may spell otherwise: it puts parentheses into mixed operators, and shortens 1e+21. */
const respelled = /%|\*\*|\/.*\*|\*.*\/|&&.*\|\||\|\|.*&&|\?.*\?|e\+/;

/** The lines by their text as prettier lays them out, in one run for each depth. */
async function settle(lines: readonly Line[]): Promise<ReadonlyMap<string, string>> {
  const distinct = [...new Map(lines.map((line) => [textOf(line), line])).values()];
  const settled = new Map<string, string>();
  for (const depth of new Set(distinct.map((line) => line.depth))) {
    const alike = distinct.filter((line) => line.depth === depth);
    const source = alike.map(({ code }) => (code.endsWith("{") ? code + inside : code)).join(between);
    const text = await formatTypeScript(source, Math.max(leastWidth, lineWidth - 2 * depth));
    const parts = text.trimEnd().split(between);
    alike.forEach((line, i) => {
      const part = (parts[i] ?? "").replaceAll(/^(?=.)/gm, indentOf(line));
      settled.set(textOf(line), line.code.endsWith("{") ? part.slice(0, part.lastIndexOf("{") + 1) : part);
    });
  }
  return settled;
}
/** What deep nests are laid out in. */
const leastWidth = 40;
/** Stands for the body of a loop or branch. */
const inside = "\n0;\n}";
const between = "\n//\n";

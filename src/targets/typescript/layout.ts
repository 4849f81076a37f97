/**
 * Kernels laid out as prettier would. Their code is spelled one statement a line, so nearly every line is right once it
 * is indented; prettier is asked about those only that are too long: over whole kernels it takes longer than the rest of the compiler.
 */
import { commentLines } from "../../notation/line-ends.js";
import { indentOf, linesOf, textOf, type Line, type Lines } from "../code/lines.js";
import { formatTypeScript, lineWidth } from "./format.js";

/** A function of the module that returns nothing, over arrays of one type of reals or the other. */
export interface FunctionCode {
  readonly comment: string;
  readonly name: string;
  /** With their types; `real` is the type of arrays of reals. */
  readonly parameters: (real: string) => readonly string[];
  readonly body: Lines;
}
export interface LaidOut extends FunctionCode {
  /** The body as text. */
  readonly text: string;
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

/** The bodies laid out. */
export async function layOut(functions: readonly FunctionCode[]): Promise<readonly LaidOut[]> {
  const bodies = functions.map(({ body }) => linesOf(body, 1));
  const settled = await settle(bodies.flat().filter((line) => !isSettled(line)));
  return functions.map((code, i) => {
    const lines = (bodies[i] ?? []).map((line) => settled.get(textOf(line)) ?? textOf(line));
    return { ...code, text: lines.join("\n") };
  });
}

/** The declaration over arrays of a type: `function kernel32(x: Float32Array): void { … }`. */
export function functionText({ name, parameters, text }: LaidOut, real: string, suffix = ""): string {
  const heading = listText(`function ${name}${suffix}(`, parameters(real), "): void {");
  return `${heading}\n${text}\n}\n`;
}
export const withComment = (code: LaidOut, text: string): string => `${commentText(code.comment)}\n${text}`;

/** What ends a block is no statement, and stays as it is however deep it stands. */
const isSettled = (line: Line): boolean => line.kind === "end" || textOf(line).length <= lineWidth;

/** The lines by their text as prettier lays them out, in one run for each depth. */
async function settle(lines: readonly Line[]): Promise<ReadonlyMap<string, string>> {
  const distinct = [...new Map(lines.map((line) => [textOf(line), line])).values()];
  const settled = new Map<string, string>();
  for (const depth of new Set(distinct.map((line) => line.depth))) {
    const alike = distinct.filter((line) => line.depth === depth);
    const source = alike.map(({ code, kind }) => (kind === "head" ? code + inside : code)).join(between);
    const text = await formatTypeScript(source, Math.max(leastWidth, lineWidth - 2 * depth));
    const parts = text.trimEnd().split(between);
    alike.forEach((line, i) => {
      const part = (parts[i] ?? "").replaceAll(/^(?=.)/gm, indentOf(line));
      settled.set(textOf(line), line.kind === "head" ? part.slice(0, part.lastIndexOf("{") + 1) : part);
    });
  }
  return settled;
}
/** What deep nests are laid out in. */
const leastWidth = 40;
/** Stands for the body of a loop or branch. */
const inside = "\n0;\n}";
const between = "\n//\n";

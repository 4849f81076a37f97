/** Entries separated by commas: subscripts, arguments. */
import type { Token } from "./token.js";
import type { Formula } from "./formula.js";
import { Cursor } from "./cursor.js";
import { Unreadable } from "../document/unreadable.js";
import { parseComparison } from "./parse.js";

export const unexpected = ({ text, kind }: Token): string =>
  [")", "]", "}"].includes(text)
    ? `${text} closes nothing`
    : `${text === "" ? `a ${kind}` : text} is not understood here`;

/** Entries separated by commas: subscripts, arguments. */
export function parseList(tokens: readonly Token[], end: number): readonly Formula[] {
  const cursor = new Cursor(tokens, end, true);
  const entries = listUntil(cursor, undefined);
  if (!cursor.done) throw new Unreadable(unexpected(cursor.peek()!), cursor.at);
  return entries;
}

export function listUntil(cursor: Cursor, close: string | undefined): Formula[] {
  const entries: Formula[] = [];
  const ended = (): boolean => cursor.done || (close !== undefined && cursor.sees(close));
  while (!ended()) {
    entries.push(parseSlice(cursor) ?? parseEinsum(cursor) ?? parseComparison(cursor));
    if (!cursor.take(",")) break;
  }
  return entries;
}

/** `"nk,km->nm"`, set as text. */
function parseEinsum(cursor: Cursor): Formula | undefined {
  const token = cursor.peek();
  const text = token?.kind === "text" ? token.text.replaceAll(/["'`\s\u2018\u2019\u201c\u201d]/gu, "") : "";
  if (!token || !/^[a-zA-Z]+(?:,[a-zA-Z]+)*(?:->|\u2192)[a-zA-Z]*$/u.test(text)) return undefined;
  return { kind: "text", text: text.replace("\u2192", "->"), at: cursor.next().at };
}

/** `*`, `:` or `·` alone where an index is expected: the whole axis. */
const parseSlice = (cursor: Cursor): Formula | undefined =>
  cursor.attempt(() => {
    const { at, text, kind } = cursor.next();
    const alone = cursor.done || cursor.sees(",", ")", "]");
    return kind === "symbol" && ["*", ":", "·"].includes(text) && alone ? { kind: "slice", at } : undefined;
  });

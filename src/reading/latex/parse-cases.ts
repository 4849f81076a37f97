/** `\begin{cases}`: rows of a value and its condition. */
import type { Token } from "./token.js";
import type { Formula } from "./formula.js";
import { parseFormula } from "./parse.js";
import { Unreadable } from "../document/unreadable.js";

/** Rows of a value and its condition. */
export function parseCases(token: Token): Formula {
  const rows = token.rows.map((cells): [Formula, Formula | undefined] => {
    const tokens = cells.flat().filter(({ text, kind }) => !(kind === "symbol" && text === "quad"));
    const comma = tokens.findIndex(
      ({ kind, text }, i) => kind === "symbol" && [",", ";"].includes(text) && depthAt(tokens, i) === 0,
    );
    const split = comma >= 0 ? comma : (cells[0]?.length ?? 0);
    const value = parseFormula(tokens.slice(0, split), token.end);
    const rest = tokens
      .slice(comma >= 0 ? split + 1 : split)
      .filter(({ text }) => !/^(?:if|when|for)$/u.test(text.trim()));
    while (rest.at(-1)?.kind === "symbol" && [".", ",", ";"].includes(rest.at(-1)!.text)) rest.pop();
    const otherwise = rest.some(({ text }) => /^\s*(?:otherwise|else)/u.test(text)) || rest.length === 0;
    return [value, otherwise ? undefined : parseFormula(rest, token.end)];
  });
  if (rows.length < 2 || rows.some(([, condition], i) => !condition && i < rows.length - 1))
    throw new Unreadable("these rows are no cases with conditions", token.at);
  return { kind: "cases", rows, at: token.at };
}

function depthAt(tokens: readonly Token[], index: number): number {
  let depth = 0;
  for (const { kind, text } of tokens.slice(0, index)) {
    if (kind !== "symbol") continue;
    if (["(", "[", "{"].includes(text)) depth++;
    if ([")", "]", "}"].includes(text)) depth--;
  }
  return depth;
}

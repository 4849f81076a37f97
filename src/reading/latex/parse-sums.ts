/** Sums, products and maxima with their limits, from tokens. */
import type { Token } from "./token.js";
import type { Cursor } from "./cursor.js";
import type { Binder, Formula, Reducing, Symbol_ } from "./formula.js";
import { Unreadable } from "../document/unreadable.js";
import { listUntil, parseList } from "./parse-lists.js";
import { parseTerm } from "./parse.js";

export function parseReduction(token: Token, cursor: Cursor): Formula {
  const { at, text } = token;
  const op = text as Reducing;
  const bindersOf = (): Binder[] => {
    if (!token.sub) throw new Unreadable(`${text} does not say over what`, at);
    const uppers = token.sup ? parseList(token.sup, token.end) : [];
    const lowers = parseList(token.sub, token.end);
    if (uppers.length > 0 && uppers.length !== lowers.length)
      throw new Unreadable(`${text} has ${lowers.length} indices and ${uppers.length} upper limits`, at);
    return lowers.flatMap((lower, i) => binderOf(lower, uppers[i]));
  };
  if (!token.sub && op !== "sum" && op !== "prod") {
    // max(a, b) of two numbers
    cursor.expect("(");
    const list = listUntil(cursor, ")");
    cursor.expect(")");
    const of: Symbol_ = { kind: "symbol", letter: text, marks: [], primes: 0, at };
    return { kind: "application", of, arguments: list, at };
  }
  return { kind: "reduction", op, binders: bindersOf(), body: cursor.ofSum(() => parseTerm(cursor)), at };
}

function binderOf(lower: Formula, to: Formula | undefined): Binder[] {
  if (lower.kind !== "comparison") {
    // Σ_{ij}: two indices
    if (lower.kind === "product" && lower.sign === "")
      return [...binderOf(lower.left, to), ...binderOf(lower.right, to)];
    return [{ index: lower, to, at: lower.at }];
  }
  const [first, second, third] = lower.terms;
  const [sign, next] = lower.relations;
  if (first && second && third && ["≤", "<"].includes(sign!) && ["≤", "<"].includes(next!))
    return [{ index: second, from: above(first, sign!), to: below(third, next!), at: lower.at }];
  if (first && second && !third && sign === "≠") return [{ index: first, except: second, to, at: lower.at }];
  if (first && second && !third && sign === "=") return [{ index: first, from: second, to, at: lower.at }];
  if (first && second && !third && ["≤", "<"].includes(sign!))
    return [{ index: first, to: below(second, sign!), at: lower.at }];
  throw new Unreadable("these limits are not understood", lower.at);
}
const one = (at: number): Formula => ({ kind: "number", value: 1, at });
const below = (to: Formula, sign: string): Formula =>
  sign === "<" ? { kind: "sum", left: to, right: one(to.at), sign: "-", at: to.at } : to;
const above = (from: Formula, sign: string): Formula =>
  sign === "<" ? { kind: "sum", left: from, right: one(from.at), sign: "+", at: from.at } : from;

/** Makers of terms, which simplify. */
import { type Comparison, isNumber, type Term } from "./term.js";
import { same } from "./print.js";

export const num = (value: number): Term => ({ kind: "number", value });
export const name = (text: string): Term => ({ kind: "name", name: text });
export const zero = num(0);

/** A sum's terms and its constant: `t + 1 + a - 2` is `t + a` and -1. */
function split(term: Term): readonly [Term | undefined, number] {
  if (term.kind === "number") return [undefined, term.value];
  if (term.kind !== "operation" || (term.op !== "+" && term.op !== "-")) return [term, 0];
  const [left, a] = split(term.left);
  const [right, b] = split(term.right);
  return term.op === "+" ? [join(left, right, "+"), a + b] : [join(left, right, "-"), a - b];
}

export function join(left: Term | undefined, right: Term | undefined, op: "+" | "-"): Term | undefined {
  if (!right) return left;
  if (!left) return op === "+" ? right : times(num(-1), right);
  if (op === "-" && same(left, right)) return undefined;
  return { kind: "operation", op, left, right };
}
const sumOf = (terms: Term | undefined, constant: number): Term => {
  if (!terms) return num(constant);
  if (constant === 0) return terms;
  if (constant > 0 && terms.kind === "operation" && terms.op === "*" && isNumber(terms.left, -1))
    return { kind: "operation", op: "-", left: num(constant), right: terms.right };
  return { kind: "operation", op: constant > 0 ? "+" : "-", left: terms, right: num(Math.abs(constant)) };
};

/** Sums keep one constant, at the end. */
export function plus(left: Term, right: Term): Term {
  const [a, m] = split(left);
  const [b, n] = split(right);
  return sumOf(join(a, b, "+"), m + n);
}

export function minus(left: Term, right: Term): Term {
  const [a, m] = split(left);
  const [b, n] = split(right);
  return sumOf(join(a, b, "-"), m - n);
}

export function times(left: Term, right: Term): Term {
  if (isNumber(left, 0) || isNumber(right, 0)) return zero;
  if (isNumber(left, 1)) return right;
  if (isNumber(right, 1)) return left;
  // a choice between a value and nothing takes factors in
  if (right.kind === "where" && isNumber(right.no, 0)) return { ...right, yes: times(left, right.yes) };
  if (left.kind === "where" && isNumber(left.no, 0)) return { ...left, yes: times(left.yes, right) };
  return { kind: "operation", op: "*", left, right };
}
export const over = (left: Term, right: Term): Term =>
  isNumber(right, 1) || isNumber(left, 0) ? left : { kind: "operation", op: "/", left, right };
export const power = (left: Term, right: Term): Term =>
  isNumber(right, 1) ? left : isNumber(right, 0) ? num(1) : { kind: "operation", op: "^", left, right };
export const negative = (term: Term): Term =>
  term.kind === "number" ? num(-term.value) : times(num(-1), term);
export const call = (fn: string, ...list: readonly Term[]): Term => ({
  kind: "call",
  name: fn,
  arguments: list,
});
export const where = (conditions: readonly Comparison[], yes: Term, no: Term = zero): Term => {
  if (conditions.length === 0) return yes;
  if (isNumber(yes, 0) && isNumber(no, 0)) return zero;
  if (yes.kind === "where" && isNumber(yes.no, 0) && isNumber(no, 0))
    return { kind: "where", conditions: [...conditions, ...yes.conditions], yes: yes.yes, no };
  return { kind: "where", conditions, yes, no };
};
export const operation = (op: "+" | "-" | "*" | "/" | "^", left: Term, right: Term): Term =>
  ({ "+": plus, "-": minus, "*": times, "/": over, "^": power })[op](left, right);

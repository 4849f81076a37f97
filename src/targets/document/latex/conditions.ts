/** Conditions as LaTeX. */
import { sides } from "../../../language/print-conditions.js";
import { and, conjuncts, not, or } from "../../../notation/construct.js";
import type { Condition, IsZero, NonNegative } from "../../../notation/expression.js";
import * as integer from "../../../notation/integer.js";
import type { Int } from "../../../notation/integer.js";
import { texIn, type TexContext } from "./expressions.js";
import { texInt } from "./integers.js";
import { widthOf } from "./width.js";

export function texCondition(c: Condition, context: TexContext, nested = false): string {
  switch (c.kind) {
    case "truth":
      return `\\text{${String(c.value)}}`;
    case "nonnegative":
      return atLeastZero(c, context);
    case "zero":
      return equality(c, "=", context);
    case "compare": {
      const turned = c.left.kind === "constant" && c.operator.startsWith("<");
      const sign = { "<": "<", "<=": "\\le", "==": "=", "!=": "\\ne" }[c.operator];
      const [left, right] = [texIn(c.left, context), texIn(c.right, context)];
      if (!turned) return `${left} ${sign} ${right}`;
      return `${right} ${c.operator === "<" ? ">" : "\\ge"} ${left}`;
    }
    case "and":
    case "or": {
      const between = c.kind === "and" ? ",\\ " : " \\lor ";
      const text = ranges(c.parts, c.kind, context).join(between);
      return nested ? `\\left(${text}\\right)` : text;
    }
    case "not":
      return c.part.kind === "zero"
        ? equality(c.part, "\\ne", context)
        : `\\lnot\\left(${texCondition(c.part, context)}\\right)`;
    case "any":
    case "all": {
      const inner = { ...context, order: [...context.order, ...c.binders.map((b) => b.name)] };
      const body = c.kind === "any" ? and(c.guard, c.body) : or(not(c.guard), c.body);
      const names = c.binders.map((b) => texInt(integer.variable(b.name), [])).join(",");
      return `\\${c.kind === "any" ? "exists" : "forall"} ${names}: ${texCondition(body, inner, true)}`;
    }
  }
}

/** 𝕀[…]: 1 where the condition holds, else 0; a long one over several lines. */
export function texIndicator(c: Condition, context: TexContext): string {
  const parts = ranges(conjuncts(c), "and", context);
  const lines: string[] = [];
  for (const part of parts) {
    const joined = lines.length > 0 ? `${lines.at(-1)},\\ ${part}` : part;
    if (lines.length > 0 && widthOf(joined) > 40) lines.push(part);
    else lines.splice(-1, 1, joined);
  }
  const inside =
    lines.length === 1 ? lines.join("") : `\\begin{array}{l} ${lines.join(" \\\\ ")} \\end{array}`;
  return `\\mathbb{I}\\left[${inside}\\right]`;
}

/** The parts in their order; 0 <= e and e < E are one: 0 ≤ e < E. */
function ranges(parts: readonly Condition[], kind: "and" | "or", context: TexContext): readonly string[] {
  if (kind === "or") return parts.map((p) => texCondition(p, context, true));
  const used = new Set<Condition>();
  return parts.flatMap((part) => {
    if (used.has(part)) return [];
    const above =
      part.kind === "nonnegative"
        ? parts.find((p) => !used.has(p) && isOpposite(part, p, context))
        : undefined;
    if (part.kind !== "nonnegative" || above?.kind !== "nonnegative")
      return [texCondition(part, context, true)];
    used.add(above);
    return [between(part, above, context)];
  });
}
/** a·i + … >= 0 beside … - a·i >= 0, over the same indices. */
function isOpposite(a: NonNegative, b: Condition, { order }: TexContext): boolean {
  if (b.kind !== "nonnegative") return false;
  const moving = indexTerms(a.value, order);
  return moving.monomials.length > 0 && integer.equal(moving, integer.negate(indexTerms(b.value, order)));
}
const indexTerms = ({ monomials }: Int, order: readonly string[]): Int => {
  const moves = (m: Int["monomials"][number]): boolean =>
    order.some((name) => integer.mentions({ kind: "int", monomials: [m] }, name));
  return { kind: "int", monomials: monomials.filter(moves) };
};
/** lower <= e < upper, from e - lower >= 0 and upper - 1 - e >= 0. */
function between(low: NonNegative, high: NonNegative, { order }: TexContext): string {
  const middle = indexTerms(low.value, order);
  const least = integer.minus(middle, low.value);
  const most = integer.plus(high.value, middle);
  const inclusive = most.monomials.some((m) => m.factors.length === 0 && m.coefficient === -1);
  const end = inclusive
    ? `< ${texInt(integer.plus(most, integer.one), order)}`
    : `\\le ${texInt(most, order)}`;
  return `${texInt(least, order)} \\le ${texInt(middle, order)} ${end}`;
}

/** value >= 0 with its negative terms on the left. */
function atLeastZero({ value }: NonNegative, { order }: TexContext): string {
  const { above, below, constant } = sides(value);
  const side = (monomials: typeof above, c: number): string =>
    texInt(integer.plus({ kind: "int", monomials }, integer.constant(c)), order);
  if (below.length === 0) return `${side(above, 0)} \\ge ${-constant + 0}`;
  if (constant < 0) return `${side(below, -constant - 1)} < ${side(above, 0)}`;
  return `${side(below, 0)} \\le ${side(above, constant)}`;
}

/** d | e for mod(e, d) = 0; else the negative terms on the right. */
function equality({ value }: IsZero, sign: string, { order }: TexContext): string {
  const [m] = value.monomials;
  const [atom] = m?.factors ?? [];
  if (value.monomials.length === 1 && m?.factors.length === 1 && atom?.kind === "modulo")
    return `${texInt(atom.modulus, order)} ${sign === "=" ? "\\mid" : "\\nmid"} ${texInt(atom.value, order)}`;
  const { above, below, constant } = sides(value);
  const side = (monomials: typeof above, c: number): string =>
    texInt(integer.plus({ kind: "int", monomials }, integer.constant(c)), order);
  return constant < 0
    ? `${side(above, 0)} ${sign} ${side(below, -constant)}`
    : `${side(above, constant)} ${sign} ${side(below, 0)}`;
}

/** Expressions as LaTeX in the notation of papers. */
import { leftOut } from "../../../notation/reductions.js";
import { guardLeft } from "../../../language/print-bounds.js";
import {
  isNegative,
  isReciprocal,
  type PrintContext,
  type Raise,
} from "../../../language/print-expressions.js";
import { Level } from "../../../language/print-integers.js";
import { printConstant, printFraction } from "../../../language/print-numbers.js";
import * as build from "../../../notation/construct.js";
import type { Binder, Expression, Read, Reduction, Select } from "../../../notation/expression.js";
import { primitives, type FunctionName } from "../../../primitives/index.js";
import * as integer from "../../../notation/integer.js";
import { holdsReduction } from "../../../notation/traverse.js";
import { texCondition, texIndicator } from "./conditions.js";
import { brackets, juxtapose, texInt } from "./integers.js";
import { texName, texTensor } from "./names.js";

export interface TexContext extends PrintContext {
  /** `dw` ↦ `w`: read as ∂L/∂w. */
  readonly derivatives: ReadonlyMap<string, string>;
  /** `total_dz` ↦ `z`: read as dL/dz, for an output that others read too. */
  readonly totals: ReadonlyMap<string, string>;
  /** Tensors written by a letter of their own, with their first two axes exchanged. */
  readonly exchanged?: ReadonlyMap<string, string>;
}

export function texIn(e: Expression, context: TexContext, needed: Level = Level.sum): string {
  const part = (p: Expression, level: Level = Level.sum): string => texIn(p, context, level);
  switch (e.kind) {
    case "constant":
      return texConstant(e, needed);
    case "named":
      // upright where an index of that name is about
      return e.name === "pi" ? "\\pi" : context.order.includes("e") ? "\\mathrm{e}" : "e";
    case "parameter":
      return texName(e.name);
    case "integer":
      return texInt(e.value, context.order, needed);
    case "read":
      return texRead(e, context);
    case "pad":
      return `\\mathrm{pad}\\left(${part(e.read)}, ${part(e.value)}\\right)`;
    case "add":
      return brackets(texSum(e.terms, context), Level.sum, needed);
    case "multiply":
    case "raise":
      return texProduct(e, context, needed);
    case "call":
      return texCall(e.name, e.arguments, context);
    case "select":
      return texSelect(e, context, needed);
    case "stop":
      return `\\mathrm{stop}\\left(${part(e.argument)}\\right)`;
    case "reduction":
      return brackets(texReduction(e, context), Level.product, needed);
  }
}

function texConstant(e: Extract<Expression, { kind: "constant" }>, needed: Level): string {
  const { top, bottom } = printFraction(e);
  const { text } = printConstant(e);
  const plain = bottom === undefined ? texNumber(text) : `\\tfrac{${top}}{${bottom}}`;
  return build.valueOf(e) < 0 ? brackets(`-${plain}`, Level.sign, needed) : plain;
}
/** inf, and 1e-5 as a power of ten. */
const texNumber = (text: string): string => {
  if (text === "inf") return "\\infty";
  const [digits = "", exponent] = text.split("e");
  if (exponent === undefined) return text;
  return `${digits === "1" ? "" : `${digits} \\cdot `}10^{${exponent}}`;
};

/** x_{n,c}, or ∂L/∂x_{n,c}. */
export function texRead(e: Pick<Read, "tensor" | "subscripts">, context: TexContext): string {
  const subscripts = e.subscripts.map((s) => texInt(s, context.order));
  const letter = context.exchanged?.get(e.tensor);
  const [first = "", second = "", ...rest] = subscripts;
  if (letter !== undefined) return `${letter}_{${[second, first, ...rest].join(",")}}`;
  const [of, total] = [context.derivatives.get(e.tensor), context.totals.get(e.tensor)];
  if (total !== undefined) return `\\frac{\\mathrm{d}L}{\\mathrm{d}${texTensor(total, subscripts)}}`;
  return of === undefined ? texTensor(e.tensor, subscripts) : partial("L", texTensor(of, subscripts));
}
/** `w` for `dw`; undefined for what is no derivative. */
export const derivativeOf = (tensor: string, { derivatives, totals }: TexContext): string | undefined =>
  derivatives.get(tensor) ?? totals.get(tensor);
export const partial = (of: string, by: string): string => `\\frac{\\partial ${of}}{\\partial ${by}}`;

/** The terms with their signs; a positive one goes first where there is one. */
export function signedTerms(terms: readonly Expression[], context: TexContext): readonly string[] {
  const at = Math.max(
    0,
    terms.findIndex((t) => !isNegative(t)),
  );
  const first = terms[at];
  if (!first) return ["0"];
  return [
    texIn(first, context, Level.product),
    ...terms
      .filter((_, i) => i !== at)
      .map((term) =>
        isNegative(term)
          ? `- ${texIn(build.negate(term), context, Level.product)}`
          : `+ ${texIn(term, context, Level.product)}`,
      ),
  ];
}
const texSum = (terms: readonly Expression[], context: TexContext): string =>
  signedTerms(terms, context).join(" ");

/** Factors side by side, what is divided by below a line; ∂L/∂y stands beside it, and a sum last. */
function texProduct(e: Expression, context: TexContext, needed: Level): string {
  if (e.kind === "raise" && !isReciprocal(e)) return texPower(e, context, needed);
  const factors = e.kind === "multiply" ? e.factors : [e];
  const divided = factors.some(isReciprocal);
  const [above, below, beside, last]: [string[], string[], string[], string[]] = [[], [], [], []];
  let negative = false;
  for (const factor of factors) {
    if (factor.kind === "constant") {
      negative = build.valueOf(factor) < 0;
      const { top, bottom } = printFraction(factor);
      if (top !== "1") above.push(texNumber(top));
      if (bottom !== undefined) below.push(bottom);
    } else if (isReciprocal(factor)) {
      const alone = factors.filter(isReciprocal).length === 1;
      const lowered = build.negate(factor.exponent);
      const power: Expression = build.isConstant(lowered, 1)
        ? factor.base
        : { kind: "raise", base: factor.base, exponent: lowered };
      below.push(texIn(power, context, alone ? Level.sum : Level.product));
    } else if (factor.kind === "reduction" || (divided && factor.kind === "select"))
      last.push(texIn(factor, context, last.length > 0 ? Level.power : Level.product));
    else if (divided && factor.kind === "read" && derivativeOf(factor.tensor, context) !== undefined)
      beside.push(texIn(factor, context));
    else if (divided && factor.kind === "add" && holdsReduction(factor))
      last.push(texIn(factor, context, Level.power));
    else if (divided && factor.kind === "add" && factors.filter((f) => !isReciprocal(f)).length === 1)
      above.push(texIn(factor, context));
    else above.push(texIn(factor, context, factor.kind === "select" ? Level.product : Level.power));
  }
  const top = above.length > 0 ? juxtapose(above) : "1";
  const fraction = below.length > 0 ? `\\frac{${top}}{${juxtapose(below)}}` : above.length > 0 ? top : "";
  const text = [fraction, ...beside, ...last].filter((t) => t !== "").join(" ");
  return brackets(negative ? `-${text}` : text, Level.product, needed);
}

function texPower(e: Raise, context: TexContext, needed: Level): string {
  if (build.isConstant(e.exponent, 1 / 2)) return `\\sqrt{${texIn(e.base, context)}}`;
  const base = texIn(e.base, context, Level.atom);
  const plain =
    e.base.kind === "read" && derivativeOf(e.base.tensor, context) !== undefined
      ? `\\left(${base}\\right)`
      : base;
  return brackets(`${plain}^{${texIn(e.exponent, context)}}`, Level.power, needed);
}

function texCall(name: FunctionName, args: readonly Expression[], context: TexContext): string {
  const inside = args.map((a) => texIn(a, context)).join(", ");
  const { tex } = primitives[name];
  if (typeof tex !== "string") return `${tex[0]}${inside}${tex[1]}`;
  if (name === "exp" && args[0]?.kind === "read") return `e^{${inside}}`;
  return `${tex}\\left(${inside}\\right)`;
}

/** where(c, a, 0) is 𝕀[c]·a; any other choice is written by cases. */
function texSelect(e: Select, context: TexContext, needed: Level): string {
  if (!build.isConstant(e.whenFalse, 0)) return texCases(e, context);
  const indicator = texIndicator(e.condition, context);
  if (build.isConstant(e.whenTrue, 1)) return indicator;
  const value = texIn(e.whenTrue, context, isNegative(e.whenTrue) ? Level.power : Level.product);
  return brackets(`${indicator} ${value}`, Level.product, needed);
}
export function texCases(e: Select, context: TexContext): string {
  const rows: string[] = [];
  let rest: Expression = e;
  while (rest.kind === "select") {
    rows.push(`${texIn(rest.whenTrue, context)} & \\text{if } ${texCondition(rest.condition, context)}`);
    rest = rest.whenFalse;
  }
  rows.push(`${texIn(rest, context)} & \\text{otherwise}`);
  return `\\begin{cases} ${rows.join(" \\\\ ")} \\end{cases}`;
}

const reductionSigns: Readonly<Record<Reduction["name"], string>> = {
  sum: "\\sum",
  prod: "\\prod",
  max: "\\max",
  min: "\\min",
  mean: "\\mathrm{mean}",
  argmax: "\\mathrm{argmax}",
  argmin: "\\mathrm{argmin}",
  count: "\\mathrm{count}",
};
function texReduction(e: Reduction, context: TexContext): string {
  const inner = { ...context, order: [...context.order, ...e.binders.map((b) => b.name)] };
  const head = texBinders(e, context);
  if (e.name === "count") return `${head}\\left[${texCondition(e.guard, inner)}\\right]`;
  const guard = context.layer ? guardLeft(e, context.layer) : e.guard;
  const neutral = build.rational(leftOut[e.name]);
  const body = guard.kind === "truth" && guard.value ? e.body : build.select(guard, e.body, neutral);
  return `${head} ${texIn(body, inner, isNegative(body) ? Level.power : Level.product)}`;
}

/** One sign for each index with its range; many indices stand below one sign. */
export function texBinders(e: Pick<Reduction, "name" | "binders">, context: TexContext): string {
  const sign = reductionSigns[e.name];
  let order = context.order;
  const ranges = e.binders.map((b) => {
    const range = rangeOf(b, order);
    order = [...order, b.name];
    return range;
  });
  if ((e.name === "sum" || e.name === "prod") && ranges.length <= 4)
    return ranges.map(({ name, first, last }) => `${sign}_{${name}=${first}}^{${last}}`).join(" ");
  const below = ranges.map(({ text }) => text);
  const rows = below.length <= 2 ? [below.join(",\\ ")] : pairs(below);
  const under = rows.length === 1 ? rows.join("") : `\\substack{${rows.join(" \\\\ ")}}`;
  return sign.startsWith("\\mathrm") ? `\\mathop{${sign}}\\limits_{${under}}` : `${sign}_{${under}}`;
}
const pairs = (items: readonly string[]): readonly string[] =>
  items.flatMap((item, i) => (i % 2 === 0 ? [[item, ...items.slice(i + 1, i + 2)].join(",\\ ")] : []));
function rangeOf({ name, lower, upper }: Binder, order: readonly string[]) {
  const last = integer.minus(upper, integer.one);
  const [own, first, end] = [texName(name), texInt(lower, order), texInt(upper, order)];
  return { name: own, first, last: texInt(last, order), text: `${first} \\le ${own} < ${end}` };
}

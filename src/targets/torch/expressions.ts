/** Real expressions and conditions over a box, as Python over tensors that broadcast. */
import { intOf, inverseOf, isConstant, not, splitCoefficient, valueOf } from "../../notation/construct.js";
import type { Condition, Constant, Expression } from "../../notation/expression.js";
import { u, v } from "../../primitives/formulas.js";
import { primitives, type FunctionName } from "../../primitives/index.js";
import {
  atom,
  equalityOf,
  productOf,
  relationOf,
  strengths,
  sumOf,
  within,
  type Signed,
  type Term,
} from "../code/term.js";
import { assuming } from "../../ranges/prove.js";
import { tensorIn, type Context } from "./context.js";
import { mayBlowUp } from "./danger.js";
import { asTensor, callValue } from "./functions.js";
import { intValue, nonNegativeValue, read, zeroValue } from "./integers.js";
import { quantifiedValue, reductionValue, sizeOf } from "./reductions.js";
import { madeOf, number, tensor, unionOf, type Value } from "./value.js";

export function realValue(e: Expression, context: Context): Value {
  const { writer } = context;
  switch (e.kind) {
    case "constant":
    case "multiply":
      return sumValue([e], context);
    case "add":
      return sumValue(e.terms, context);
    case "named":
      return number(`torch.${e.name}`);
    case "integer":
      return asReal(intValue(e.value, context), context);
    case "parameter":
      return context.given?.get(e.name) ?? number(writer.scope.value(e.name));
    case "read": {
      const found = read(e.tensor, e.subscripts, context);
      return tensorIn(context, e.tensor).type === "integer" ? asReal(found, context) : held(found, context);
    }
    case "raise":
      return powerValue(e.base, e.exponent, context);
    case "call":
      return calledValue(
        e.name,
        e.arguments.map((a) => realValue(a, context)),
        context,
      );
    case "select":
      return selectValue(e, context);
    case "stop": {
      const { term, ...value } = realValue(e.argument, context);
      return value.isNumber ? { term, ...value } : { ...value, term: methodOf(term, "detach()") };
    }
    case "reduction":
      return reductionValue(e, context);
    case "pad":
      throw new Error("a pad has been made a where before");
  }
}

/** The function of these values, by its formula where PyTorch has none. */
function calledValue(name: FunctionName, args: readonly Value[], context: Context): Value {
  const { torch } = primitives[name].spelled;
  if (!("formula" in torch)) return callValue(name, args, context.writer);
  const [first, second = first] = args.map((a) => named(a, "u", context)) as [Value, Value?];
  const given = new Map([
    ["u", first],
    ["v", second],
  ]);
  return realValue(torch.formula(u, v), { ...context, given });
}

export const methodOf = (term: Term, call: string): Term => atom(`${within(term, strengths.atom)}.${call}`);

/** A tensor of integers as reals. */
export const asReal = (value: Value, { writer }: Context): Value =>
  value.isNumber ? value : { ...value, term: methodOf(value.term, `to(${writer.word("dtype")})`) };

/** What is read where the conditions that are held are true, and 1 elsewhere. */
function held(value: Value, { held: conditions }: Context): Value {
  const [first, ...rest] = conditions;
  if (!first) return value;
  return tensor(
    callOfWhere(rest.reduce((all, c) => conjunction([all, c]), first).term, value.term, atom("1")),
    unionOf([value, ...conditions]),
  );
}
export const callOfWhere = (condition: Term, yes: Term, no: Term): Term =>
  atom(`torch.where(${condition.text}, ${yes.text}, ${no.text})`);

// --- sums, products, powers ----------------------------------------------------------------------------------

function sumValue(terms: readonly Expression[], context: Context): Value {
  const parts = terms.map((t) => signedValue(t, context));
  return madeOf(
    parts.map((p) => p.value),
    sumOf(parts.map((p): Signed => ({ negative: p.negative, term: p.value.term }))),
  );
}

/** A term of a sum, its sign apart: ±|coefficient| · Π top / Π bottom. */
function signedValue(e: Expression, context: Context): { readonly negative: boolean; readonly value: Value } {
  const [coefficient, core] = splitCoefficient(e);
  const factors = (core.kind === "multiply" ? core.factors : [core]).filter((f) => f.kind !== "constant");
  return {
    negative: valueOf(coefficient) < 0,
    value: quotientValue(
      coefficient,
      factors.map((f) => ({ base: inverseOf(f) ?? f, isBelow: inverseOf(f) !== undefined })),
      (f) => realValue(f, context),
    ),
  };
}
function quotientValue(
  coefficient: Constant,
  factors: readonly { readonly base: Expression; readonly isBelow: boolean }[],
  spell: (e: Expression) => Value,
): Value {
  const numerator = Math.abs(coefficient.numerator);
  const above = factors.filter((f) => !f.isBelow).map((f) => spell(f.base));
  const below = factors.filter((f) => f.isBelow).map((f) => spell(f.base));
  if (coefficient.denominator !== 1) below.unshift(number(numberText(coefficient.denominator)));
  if (numerator !== 1 || above.length === 0) above.unshift(number(numberText(numerator)));
  const all = [...above, ...below];
  return madeOf(
    all,
    productOf(
      above.map((v) => v.term),
      below.map((v) => v.term),
    ),
  );
}
export const numberText = (value: number): string => (value === Infinity ? "torch.inf" : String(value));

function powerValue(base: Expression, exponent: Expression, context: Context): Value {
  const inverse = inverseOf({ kind: "raise", base, exponent });
  if (inverse) return sumValue([{ kind: "raise", base, exponent }], context);
  const under = realValue(base, context);
  if (exponent.kind === "constant" && valueOf(exponent) === 0.5)
    return callValue("sqrt", [under], context.writer);
  const over = realValue(exponent, context);
  return madeOf([under, over], {
    text: `${within(under.term, strengths.atom)} ** ${within(over.term, strengths.atom)}`,
    strength: strengths.unary,
  });
}

// --- choices -------------------------------------------------------------------------------------------------

function selectValue(e: Extract<Expression, { kind: "select" }>, context: Context): Value {
  const { writer } = context;
  const condition = conditionValue(e.condition, context);
  if (condition.isNumber) {
    const where = (c: Condition): Context => ({ ...context, facts: assuming(context.facts, c) });
    const yes = realValue(e.whenTrue, where(e.condition));
    const no = realValue(e.whenFalse, where(not(e.condition)));
    const choice = `(${yes.term.text} if ${condition.term.text} else ${no.term.text})`;
    if (yes.isNumber && no.isNumber) return number(choice);
    const support = unionOf([yes, no]);
    return tensor(spread(asTensorIfNumber(yes, no, choice, writer), support, context), support);
  }
  if (isConstant(e.whenTrue, 1) && isConstant(e.whenFalse, 0)) return asReal(condition, context);
  const risky = mayBlowUp(e.whenTrue) || mayBlowUp(e.whenFalse);
  const test = risky ? named(condition, "holds", context) : condition;
  const branch = (part: Expression, when: Value): Value =>
    realValue(part, mayBlowUp(part) ? { ...context, held: [...context.held, when] } : context);
  const [yes, no] = [branch(e.whenTrue, test), branch(e.whenFalse, negation(test))];
  const first = no.isNumber ? asTensor(yes.term, yes, writer) : yes.term;
  return tensor(callOfWhere(test.term, first, no.term), unionOf([test, yes, no]));
}
const asTensorIfNumber = (yes: Value, no: Value, choice: string, writer: Context["writer"]): Term =>
  yes.isNumber || no.isNumber
    ? atom(`torch.as_tensor(${choice}, dtype=${writer.word("dtype")}, device=${writer.word("device")})`)
    : atom(choice);

/** A condition that is used more than once, under a name. */
export const named = (value: Value, hint: string, { writer }: Context): Value =>
  /^\w+$/u.test(value.term.text) ? value : { ...value, term: atom(writer.local(hint, value.term.text)) };

/** The extents of these indices in the box from the first of them on, 1 for others. */
function extentsOf(names: ReadonlySet<string>, { box, writer }: Context): readonly string[] {
  const [first] = box.inOrder(names);
  return box.axes
    .slice(0, box.place(first ?? "") + 1)
    .toReversed()
    .map((axis) => (names.has(axis.name) ? sizeOf(axis, writer) : "1"));
}
/** The value, a tensor, with the extents of all these indices. */
export const spread = (term: Term, names: ReadonlySet<string>, context: Context): Term =>
  names.size === 0
    ? term
    : atom(`${context.writer.need("_spread")}(${[term.text, ...extentsOf(names, context)].join(", ")})`);

// --- conditions ----------------------------------------------------------------------------------------------

export function conditionValue(c: Condition, context: Context): Value {
  switch (c.kind) {
    case "truth":
      return number(c.value ? "True" : "False");
    case "nonnegative":
      return nonNegativeValue(c.value, context);
    case "zero":
      return zeroValue(c.value, context);
    case "compare": {
      const [left, right] = [c.left, c.right].map((side) => comparedValue(side, context)) as [Value, Value];
      const equality = c.operator === "==" || c.operator === "!=";
      const spell = equality ? equalityOf : relationOf;
      return madeOf([left, right], spell(left.term, c.operator, right.term));
    }
    case "and":
      return conjunction(c.parts.map((p) => conditionValue(p, context)));
    case "or":
      return joined(
        c.parts.map((p) => conditionValue(p, context)),
        "or",
        "|",
      );
    case "not":
      return negation(conditionValue(c.part, context));
    case "any":
    case "all":
      return quantifiedValue(c, context);
  }
}
/** A side of a comparison; integers stay integers. */
function comparedValue(e: Expression, context: Context): Value {
  const whole = intOf(e);
  return whole ? intValue(whole, context) : realValue(e, context);
}

/** Python's own words bind weaker than comparisons, those for tensors bind stronger. */
function joined(parts: readonly Value[], word: "and" | "or", sign: "&" | "|"): Value {
  const [only] = parts;
  if (only && parts.length === 1) return only;
  const isNumber = parts.every((p) => p.isNumber);
  const texts = parts.map((p) => within(p.term, isNumber ? strengths.equality : strengths.unary));
  return madeOf(parts, { text: texts.join(` ${isNumber ? word : sign} `), strength: strengths[word] });
}
export const conjunction = (parts: readonly Value[]): Value => joined(parts, "and", "&");
export function negation(value: Value): Value {
  if (value.isNumber)
    return { ...value, term: { text: `not (${value.term.text})`, strength: strengths.and } };
  return { ...value, term: { text: `~${within(value.term, strengths.atom)}`, strength: strengths.unary } };
}

/**
 * Keys of expressions and conditions: equal strings for formulas equal up to order of terms, order of factors, order and
 * names of bound indices, and which branch of a `where` stands first.
 */
import { freeNamesIn, freeNamesInCondition, substitute } from "./binders.js";
import { not } from "./construct.js";
import type { Binder, Condition, Expression, Reduction, Select } from "./expression.js";
import * as integer from "./integer.js";
import { keyOf, type Int } from "./integer.js";
import { tensorsIn } from "./traverse.js";

const expressionKeys = new WeakMap<Expression, string>();
const conditionKeys = new WeakMap<Condition, string>();

/** Bound names by what they are called in a key. */
type Names = ReadonlyMap<string, Int>;
const plain: Names = new Map();

export const keyOfExpression = (e: Expression): string => keyIn(e, plain);
export const keyOfCondition = (c: Condition): string => conditionKeyIn(c, plain);

/** The key under other names; the formula's own, which is remembered, where it mentions none of them. */
function keyIn(e: Expression, names: Names): string {
  if (names.size > 0 && mentionsAny(freeNamesIn(e), names)) return spell(e, names);
  let key = expressionKeys.get(e);
  if (key === undefined) {
    key = spell(e, plain);
    expressionKeys.set(e, key);
  }
  return key;
}
function conditionKeyIn(c: Condition, names: Names): string {
  if (names.size > 0 && mentionsAny(freeNamesInCondition(c), names)) return spellCondition(c, names);
  let key = conditionKeys.get(c);
  if (key === undefined) {
    key = spellCondition(c, plain);
    conditionKeys.set(c, key);
  }
  return key;
}
const mentionsAny = (free: ReadonlySet<string>, names: Names): boolean => {
  for (const name of names.keys()) if (free.has(name)) return true;
  return false;
};

function spell(e: Expression, names: Names): string {
  const key = (part: Expression): string => keyIn(part, names);
  const int = (value: Int): string => keyOf(integer.substituteInt(value, names));
  switch (e.kind) {
    case "constant":
      return e.exact ? `${e.exact.top}/${e.exact.bottom}` : `${e.numerator}/${e.denominator}`;
    case "named":
      return `\\${e.name}`;
    case "integer":
      return `int(${int(e.value)})`;
    case "parameter":
      return `$${e.name}`;
    case "read":
      return `${e.tensor}[${e.subscripts.map(int).join(",")}]`;
    case "pad":
      return `pad(${key(e.read)},${key(e.value)})`;
    case "add":
      return `(${e.terms.map(key).sort().join("+")})`;
    case "multiply":
      return `(${e.factors.map(key).sort().join("*")})`;
    case "raise":
      return `(${key(e.base)}^${key(e.exponent)})`;
    case "call":
      return `${e.name}(${e.arguments.map(key).join(",")})`;
    case "select":
      return spellSelect(e, names);
    case "stop":
      return `stop(${key(e.argument)})`;
    case "reduction":
      return least(ordersOf(e, names).map((binders) => spellReduction({ ...e, binders }, names)));
  }
}

/**
 * where(c, a, b) is where(not c, b, a); where(i >= j, a, b) is where(i > j, a, b) too if a and b agree where i is j, as
 * the two triangles of a symmetric matrix do on its diagonal.
 */
function spellSelect({ condition, whenTrue: a, whenFalse: b }: Select, names: Names): string {
  const [whenTrue, whenFalse] = [keyIn(a, names), keyIn(b, names)];
  const spelled = (c: Condition): string => {
    const [holds, fails] = [conditionKeyIn(c, names), conditionKeyIn(not(c), names)];
    return least([`where(${holds},${whenTrue},${whenFalse})`, `where(${fails},${whenFalse},${whenTrue})`]);
  };
  const same = [condition];
  if (condition.kind === "nonnegative")
    for (const step of [1, -1]) {
      // e >= 0 and e >= 1 differ at e = 0, e >= 0 and e >= -1 at e = -1
      const edge = step === 1 ? condition.value : integer.plus(condition.value, integer.one);
      const moved = integer.minus(condition.value, integer.constant(step));
      if (agreeWhere(edge, a, b)) same.push({ kind: "nonnegative", value: moved });
    }
  return least(same.map(spelled));
}
/** Whether two formulas are one where the value, which holds a variable with a coefficient of ±1, is zero. */
function agreeWhere(value: Int, a: Expression, b: Expression): boolean {
  const [left, right] = [tensorsIn(a), tensorsIn(b)];
  if (left.size === 0 || left.size !== right.size || [...left].some((t) => !right.has(t))) return false;
  for (const name of integer.variablesOf(value)) {
    const parts = integer.affineIn(value, name);
    const unit = parts && integer.literal(parts.coefficient);
    if (!parts || (unit !== 1 && unit !== -1)) continue;
    const by = new Map([[name, integer.scale(parts.rest, -unit)]]);
    return keyOfExpression(substitute(a, by)) === keyOfExpression(substitute(b, by));
  }
  return false;
}

function spellReduction(e: Reduction, names: Names): string {
  const { ranges, inside } = neutral(e.binders, height(e.body) + conditionHeight(e.guard), names);
  return `${e.name}[${ranges}](${conditionKeyIn(e.guard, inside)};${keyIn(e.body, inside)};${e.binders.length})`;
}

/**
 * The orders in which the binders may stand: sums and products have the same value in each. A max has not, as the first
 * point of a tie takes the gradient.
 */
function ordersOf({ name, binders }: Reduction, names: Names): readonly (readonly Binder[])[] {
  const range = (b: Binder): string => rangeOf(b, names);
  const isBound = (value: Int): boolean => binders.some((b) => integer.mentions(value, b.name));
  const free =
    name === "sum" || name === "prod" || name === "mean" || name === "count"
      ? !binders.some((b) => isBound(b.lower) || isBound(b.upper))
      : false;
  if (!free || binders.length > mostPermuted) return [binders];
  const inOrder = (all: readonly Binder[]): boolean =>
    all.every((b, i) => i === 0 || range(all[i - 1]!) <= range(b));
  return permutations(binders).filter(inOrder);
}
/** More binders are compared in the order in which they stand. */
const mostPermuted = 4;
const permutations = <T>(items: readonly T[]): T[][] =>
  items.length < 2
    ? [[...items]]
    : items.flatMap((item, i) =>
        permutations(items.filter((_, j) => j !== i)).map((rest) => [item, ...rest]),
      );

const least = (spellings: readonly string[]): string => spellings.reduce((a, b) => (b < a ? b : a));

function spellCondition(c: Condition, names: Names): string {
  switch (c.kind) {
    case "truth":
      return String(c.value);
    case "nonnegative":
      return `${keyOf(integer.substituteInt(c.value, names))}>=0`;
    case "zero": {
      // its sign is that of the first term, which other names may make another one
      const value = integer.substituteInt(c.value, names);
      const first = value.monomials[0]?.coefficient ?? 1;
      return `${keyOf(first < 0 ? integer.negate(value) : value)}==0`;
    }
    case "compare":
      return `${keyIn(c.left, names)}${c.operator}${keyIn(c.right, names)}`;
    case "and":
    case "or":
      return `${c.kind}(${c.parts
        .map((part) => conditionKeyIn(part, names))
        .sort()
        .join(",")})`;
    case "not":
      return `not(${conditionKeyIn(c.part, names)})`;
    case "any":
    case "all": {
      const { ranges, inside } = neutral(
        c.binders,
        conditionHeight(c.body) + conditionHeight(c.guard),
        names,
      );
      return `${c.kind}[${ranges}](${conditionKeyIn(c.guard, inside)};${conditionKeyIn(c.body, inside)})`;
    }
  }
}

/** The binders called `#height.position`: inner reductions are lower, so each name is met once on any way inwards. */
function neutral(binders: readonly Binder[], level: number, outer: Names) {
  const inside = new Map(outer);
  const ranges = binders.map((b, at) => {
    const range = rangeOf(b, inside);
    inside.set(b.name, integer.variable(`#${level}.${at}`));
    return range;
  });
  return { ranges: ranges.join(","), inside };
}
const rangeOf = ({ lower, upper }: Binder, names: Names): string =>
  `${keyOf(integer.substituteInt(lower, names))}..${keyOf(integer.substituteInt(upper, names))}`;

const heights = new WeakMap<object, number>();
/** How deep reductions nest in it. */
function height(e: Expression): number {
  let known = heights.get(e);
  if (known === undefined) {
    known = measure(e);
    heights.set(e, known);
  }
  return known;
}
const highest = (values: readonly number[]): number => Math.max(0, ...values);
function measure(e: Expression): number {
  switch (e.kind) {
    case "add":
      return highest(e.terms.map(height));
    case "multiply":
      return highest(e.factors.map(height));
    case "raise":
      return Math.max(height(e.base), height(e.exponent));
    case "call":
      return highest(e.arguments.map(height));
    case "select":
      return Math.max(conditionHeight(e.condition), height(e.whenTrue), height(e.whenFalse));
    case "stop":
      return height(e.argument);
    case "pad":
      return height(e.value);
    case "reduction":
      return 1 + height(e.body) + conditionHeight(e.guard);
    case "constant":
    case "integer":
    case "named":
    case "parameter":
    case "read":
      return 0;
  }
}
function conditionHeight(c: Condition): number {
  switch (c.kind) {
    case "compare":
      return Math.max(height(c.left), height(c.right));
    case "and":
    case "or":
      return highest(c.parts.map(conditionHeight));
    case "not":
      return conditionHeight(c.part);
    case "any":
    case "all":
      return 1 + conditionHeight(c.body) + conditionHeight(c.guard);
    case "nonnegative":
    case "truth":
    case "zero":
      return 0;
  }
}

/** Cases and indicators: conditions on indices and on values. */
import { some, type Condition, type Formula } from "../latex/formula.js";
import type { Scope } from "../context/scope.js";
import { commonShape, scalar, stretched, type Value } from "../terms/value.js";
import { meanings } from "./meaning.js";
import { attempt, Unreadable } from "../document/unreadable.js";
import { pairs } from "./pairs.js";
import { num, where, zero } from "../terms/make.js";
import type { Comparison, Term } from "../terms/term.js";
import { integer } from "../context/integers.js";
import { named } from "../context/names.js";

/** Conditions at each place of a shape. */
interface Conditions {
  readonly shape: readonly Term[];
  readonly at: (place: readonly Term[]) => readonly Comparison[];
}

export function casesOf(formula: Formula & { kind: "cases" }, scope: Scope): readonly Value[] {
  return formula.rows.reduceRight<readonly Value[]>(
    (otherwise, [value, condition]) => {
      const yes = meanings(value, scope);
      if (!condition) return yes;
      if (condition.kind !== "comparison") throw new Unreadable("this is no condition", condition.at);
      const conditions = conditionsOf(condition, scope);
      return pairs(
        yes,
        otherwise,
        (a, b) => {
          const both = commonShape(a.shape, b.shape);
          const shape = both && commonShape(both, conditions.shape);
          return [shape && choice(shape, conditions, a, b)];
        },
        formula.at,
        "cannot be chosen between",
      );
    },
    [scalar(zero)],
  );
}
const choice = (shape: readonly Term[], conditions: Conditions, yes: Value, no: Value): Value => ({
  shape,
  at: (place) => {
    const own = conditions.at(place.slice(place.length - conditions.shape.length));
    return where(own, stretched(yes, place), stretched(no, place));
  },
});

/** `[i = j]`, `\mathbf{1}[z > 0]`: 1 where it holds, else 0. */
export function indicator(formula: Condition, scope: Scope): Value {
  const { shape, at } = conditionsOf(formula, scope);
  return { shape, at: (place) => where(at(place), num(1)) };
}
const comparisons: Readonly<Record<string, Comparison["op"]>> = {
  "=": "==",
  "≠": "!=",
  "<": "<",
  ">": ">",
  "≤": "<=",
  "≥": ">=",
};

/** `a ≤ i < b`, `(i, j) ∈ [a, b] × [c, d]`, `z > 0` */
function conditionsOf(formula: Condition, scope: Scope): Conditions {
  const all = formula.relations.map((relation, k): Conditions => {
    const left = formula.terms[k]!;
    const right = formula.terms[k + 1]!;
    if (relation === "∈") {
      const list = membership(left, right, scope);
      return { shape: [], at: () => list };
    }
    const op = comparisons[relation];
    if (!op) throw new Unreadable(`${relation} is no condition`, formula.at);
    const [a, b] = [compared(left, scope), compared(right, scope)];
    const shape = commonShape(a.shape, b.shape);
    if (!shape) throw new Unreadable("these cannot be compared", formula.at);
    return { shape, at: (place) => [{ op, left: stretched(a, place), right: stretched(b, place) }] };
  });
  const shape = all.reduce<readonly Term[] | undefined>(
    (found, one) => found && commonShape(found, one.shape),
    [],
  );
  if (!shape) throw new Unreadable("these conditions are on values of several shapes", formula.at);
  return { shape, at: (place) => all.flatMap((one) => one.at(place.slice(place.length - one.shape.length))) };
}

/** An integer of indices, or a value. */
function compared(formula: Formula, scope: Scope): Value {
  const { tensors, survey } = scope.context;
  const isTensor = some(formula, (inner) => {
    const text = inner.kind === "symbol" ? named({ ...inner, primes: 0 }, survey)?.name : undefined;
    const known =
      inner.kind === "symbol" && (scope.indices.has(inner.letter) || survey.sizes.has(inner.letter));
    return !known && tensors.some((tensor) => tensor.name === text);
  });
  const whole = isTensor ? undefined : attempt(() => integer(formula, scope));
  return whole ? scalar(whole) : meanings(formula, scope)[0]!;
}

function membership(left: Formula, right: Formula, scope: Scope): readonly Comparison[] {
  if (left.kind === "tuple" && right.kind === "product" && right.sign === "×" && left.entries.length === 2)
    return [
      ...membership(left.entries[0]!, right.left, scope),
      ...membership(left.entries[1]!, right.right, scope),
    ];
  if (right.kind !== "tuple" || right.entries.length !== 2 || right.open !== "[")
    throw new Unreadable("this is no interval", right.at);
  const value = integer(left, scope);
  const [low, high] = right.entries.map((entry) => integer(entry, scope));
  return [...atLeast(value, low!), ...atMost(value, high!)];
}

/** `max(0, a) ≤ v`: both. The language has no max of indices in conditions. */
const atLeast = (value: Term, low: Term): readonly Comparison[] =>
  low.kind === "call" && low.name === "max"
    ? low.arguments.flatMap((a) => atLeast(value, a))
    : [{ op: "<=", left: low, right: value }];
const atMost = (value: Term, high: Term): readonly Comparison[] =>
  high.kind === "call" && high.name === "min"
    ? high.arguments.flatMap((a) => atMost(value, a))
    : [{ op: "<=", left: value, right: high }];

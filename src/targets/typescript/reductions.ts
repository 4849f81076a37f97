/**
 * Reductions over sizes and params, computed when a plan is made: what constants and `require` lines may hold.
 *
 *     sum[q < N](q)    fold(0, N, 0, (value, q) => value + q)
 */
import { boxExtents, flatPosition } from "../../calculus/positions.js";
import type { Binder, Condition, Expression, Quantified, Reduction } from "../../notation/expression.js";
import { one } from "../../notation/construct.js";
import { noFacts } from "../../ranges/prove.js";
import { conditionText, realText, spellCondition, spellReal } from "../code/expressions.js";
import { intText } from "../code/integers.js";
import type { Speller } from "../code/speller.js";
import { atom, productOf, strengths, sumOf, within, type Term } from "../code/term.js";
import type { TypeScriptSpeller } from "./words.js";

export const reductionsIn = (
  speller: () => TypeScriptSpeller,
): Pick<Speller, "reduction" | "quantified"> => ({
  reduction: (e) => spellReduction(e, speller()),
  quantified: (c) => spellQuantified(c, speller()),
});

function spellReduction(e: Reduction, speller: TypeScriptSpeller): Term {
  const { binders, guard, body } = e;
  const fold = (start: string, next: (value: string) => string): Term =>
    folded(binders, guard, start, next, speller);
  const plus =
    (term: Expression) =>
    (value: string): string =>
      sumOf([atom(value), spellReal(term, speller)].map((t) => ({ negative: false, term: t }))).text;
  switch (e.name) {
    case "sum":
      return fold("0", plus(body));
    case "count":
      return fold("0", plus(one));
    case "mean": {
      // over no points the sum is 0, and so is the mean
      const points = fold("0", plus(one));
      return productOf([fold("0", plus(body))], [atom(`Math.max(${points.text}, 1)`)]);
    }
    case "prod":
      return fold("1", (value) => productOf([atom(value), spellReal(body, speller)]).text);
    case "max":
    case "min":
      return fold(
        e.name === "max" ? "-Infinity" : "Infinity",
        (value) => `Math.${e.name}(${value}, ${realText(body, speller)})`,
      );
    case "argmax":
    case "argmin": {
      const [worst, better] = e.name === "argmax" ? ["-Infinity", ">"] : ["Infinity", "<"];
      const at = flatPosition(binders, boxExtents(binders, noFacts));
      const best = fold(`{ at: -1, best: ${worst} }`, (held) => {
        const found = within(spellReal(body, speller), strengths.sum);
        const taken = `{ at: ${intText(at, speller)}, best: ${found} }`;
        return `${held}.at < 0 || ${found} ${better} ${held}.best ? ${taken} : ${held}`;
      });
      return atom(`${best.text}.at`);
    }
  }
}

function spellQuantified(c: Quantified, speller: TypeScriptSpeller): Term {
  const [start, connective] = c.kind === "any" ? (["false", "||"] as const) : (["true", "&&"] as const);
  return folded(
    c.binders,
    c.guard,
    start,
    (value) => `${value} ${connective} ${within(spellCondition(c.body, speller), strengths.equality)}`,
    speller,
  );
}

/** `next` for each point of the box at which the guard holds, begun with `start`. */
function folded(
  binders: readonly Binder[],
  guard: Condition,
  start: string,
  next: (value: string) => string,
  speller: TypeScriptSpeller,
  depth = 0,
): Term {
  const { scope } = speller;
  const [binder, ...inner] = binders;
  if (!binder) {
    const always = guard.kind === "truth" && guard.value;
    return atom(always ? next(start) : `${conditionText(guard, speller)} ? ${next(start)} : ${start}`);
  }
  const [from, to] = [intText(binder.lower, speller), intText(binder.upper, speller)];
  // names with a space in them are no layer's
  const value = scope.declare(depth === 0 ? "so far" : `so far ${depth}`);
  const index = scope.declare(binder.name);
  const step = folded(inner, guard, value, next, speller, depth + 1).text;
  return atom(`${speller.need("fold")}(${from}, ${to}, ${start}, (${value}, ${index}) => ${step})`);
}

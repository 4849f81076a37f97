/** TypeScript's words for what kernels are made of. */
import { primitives } from "../../primitives/index.js";
import { wordOf } from "../code/helpers.js";
import { intText } from "../code/integers.js";
import { realText, spellAlike, spellCondition } from "../code/expressions.js";
import type { Scope } from "../code/scope.js";
import type { Speller } from "../code/speller.js";
import { atom, callOf, equalityOf, productOf, strengths, within, type Term } from "../code/term.js";
import type { HelperName, OwnHelper } from "./helpers.js";
import { reductionsIn } from "./reductions.js";

export interface TypeScriptSpeller extends Speller {
  /** The name of a helper, which the module then carries. */
  readonly need: (helper: OwnHelper) => string;
}

/** The words in what makes a plan: reductions over sizes are computed there. */
export const typeScriptInPlan = (scope: Scope, helpers: Set<HelperName>): TypeScriptSpeller =>
  typeScriptIn(scope, helpers, reductionsIn);

/** The words in a function; the helpers that it comes to need are put into `helpers`. */
export function typeScriptIn(
  scope: Scope,
  helpers = new Set<HelperName>(),
  further: (speller: () => TypeScriptSpeller) => Partial<TypeScriptSpeller> = () => ({}),
): TypeScriptSpeller {
  const need = (name: OwnHelper): string => (helpers.add(name), name);
  const speller: TypeScriptSpeller = {
    scope,
    need,
    natural: new Set(),
    name: (name) => atom(scope.value(name)),
    element: (tensor, offset) => atom(`${tensor}[${offset}]!`),
    // prettier puts mixed operators in parentheses
    product: (top, bottom = []) => productOf(top, bottom, true),
    floor: (a, b) => callOf("Math.floor", speller.product([a], [b])),
    modulo: (a, b) => callOf(need("mod"), a, b),
    extremum: (name, a, b) => callOf(`Math.${name}`, a, b),
    integerPower: (a, b) => callOf("Math.pow", a, b),

    constant: "const",
    variable: "let",
    equality: "===",
    unequal: (left, right) => equalityOf(left, "!==", right),

    kernel: {},
    widen: itself,

    number: (value) => atom(String(value).replace("e+", "e")),
    named: (name) => atom(name === "pi" ? "Math.PI" : "Math.E"),
    integerTensors: new Set(),
    real: itself,
    rounded: itself,
    call: (name, terms) => {
      if (name === "cube") return callOf(need(name), ...terms);
      const made = (helper: HelperName, as: string) => (helpers.add(helper), as);
      return callOf(wordOf(name, primitives[name].spelled.typescript, made), ...terms);
    },
    power: (base, exponent) => callOf("Math.pow", ...spellAlike([base, exponent], speller)),
    choice: (condition) => spellCondition(condition, speller),
    select: (condition, yes, no) => ({
      text: `${within(condition, strengths.or)} ? ${within(yes, strengths.or)} : ${no.text}`,
      strength: strengths.conditional,
    }),

    statement: (code) => {
      if (code.kind === "call")
        return [`${code.routine}(${code.integers.map((i) => intText(i, speller)).join(", ")});`];
      const array = scope.tensor(code.buffer);
      const value = realText(code.value, speller);
      if (code.kind === "fill") return [`${array}.fill(${value});`];
      return [`${array}[${intText(code.offset, speller)}]! += ${value};`];
    },
    ...further(() => speller),
  };
  return speller;
}
const itself = (term: Term): Term => term;

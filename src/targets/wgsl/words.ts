/** WGSL's words for what kernels are made of: integers are i32, reals are f32. */
import { isVector, isVectorCondition, type Vectors } from "../../kernels/gpu/vectors.js";
import type { Code } from "../../kernels/program.js";
import { valueOf } from "../../notation/construct.js";
import type { Condition, Expression } from "../../notation/expression.js";
import { primitives, type FunctionName } from "../../primitives/index.js";
import { spellAlike, spellCondition, spellReal } from "../code/expressions.js";
import { wordOf } from "../code/helpers.js";
import { spellInt } from "../code/integers.js";
import type { Lines } from "../code/lines.js";
import type { Scope } from "../code/scope.js";
import type { Speller } from "../code/speller.js";
import { newValueText } from "../code/statements.js";
import { atom, callOf, equalityOf, productOf, strengths, within, type Term } from "../code/term.js";
import { fourOf, type HelperName, type OwnHelper } from "./helpers.js";
import { callLines } from "./routines.js";

/** What a shader's code stands in. */
export interface Surroundings {
  /** Sizes, params and constants: members of the uniform `plan`. */
  readonly outside: ReadonlySet<string>;
  /** Their elements are i32. */
  readonly integerTensors: ReadonlySet<string>;
  /** Names known to be never negative. */
  readonly natural: ReadonlySet<string>;
  /** Which of its expressions are vectors. */
  readonly kernel: Vectors;
}
/** The helpers that code comes to need, and those for four numbers at once. */
export interface Helpers {
  readonly ones: Set<HelperName>;
  readonly fours: Set<HelperName>;
  /** Routines that combine the values of all threads. */
  readonly combinations: Set<string>;
  /** Numbers that the plan gives though the kernel does not name them. */
  readonly numbers: Set<"inf">;
}

/** Built-ins that have no value for every number: what compilers would compute themselves, and refuse. */
const partial: Partial<Record<FunctionName | "cube", (u: number) => number>> = {
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
};

/** The words in a shader's function. */
export function wgslIn(scope: Scope, around: Surroundings, helpers: Helpers): Speller {
  const { outside, integerTensors, natural, kernel } = around;
  const vector = (e: Expression): boolean => isVector(e, kernel);
  const need = (name: OwnHelper): string => (helpers.ones.add(name), name);
  /** What a helper is called for these arguments. */
  const needIn =
    (args: readonly Expression[]) =>
    (helper: HelperName, as: string): string =>
      args.some(vector) ? (helpers.fours.add(helper), fourOf(as)) : (helpers.ones.add(helper), as);
  const callHelper = (name: OwnHelper, args: readonly Expression[], terms: readonly Term[]): Term =>
    callOf(needIn(args)(name, name), ...terms);

  const speller: Speller = {
    scope,
    natural: new Set(natural),
    name: (name) => atom(outside.has(name) ? `plan.${scope.value(name)}` : scope.value(name)),
    element: (tensor, offset) => atom(`${tensor}[${offset}]`),
    product: productOf,
    floor: (a, b, safe) => (safe ? productOf([a], [b]) : callOf(need("floorDivide"), a, b)),
    modulo: (a, b, safe) => (safe ? remainderOf(a, b) : callOf(need("modulo"), a, b)),
    extremum: callOf,
    integerPower: (a, b) => callOf(need("integerPower"), a, b),

    constant: "let",
    variable: "var",
    equality: "==",
    // compilers take `!=` of reals for "less or greater", which a NaN is not
    unequal: (left, right) => ({
      text: `!(${equalityOf(left, "==", right).text})`,
      strength: strengths.unary,
    }),

    kernel,
    widen: (number) => callOf("vec4<f32>", number),

    number: (value) => numberOf(value, helpers),
    named: (name) => numberOf(name === "pi" ? Math.PI : Math.E, helpers),
    integerTensors,
    real: (integer) => callOf("f32", integer),
    rounded: (real) => callOf("i32", real),
    call: (name, terms, args) => {
      const [first] = args;
      if (first?.kind === "constant") {
        const value = partial[name]?.(valueOf(first));
        if (value !== undefined && !Number.isFinite(Math.fround(value))) return numberOf(value, helpers);
      }
      if (name === "cube") return callHelper(name, args, terms);
      return callOf(wordOf(name, primitives[name].spelled.wgsl, needIn(args)), ...terms);
    },
    // WGSL's own `pow` takes no negative base
    power: (base, exponent) => {
      const whole = wholeExponent(exponent, speller);
      if (whole) return callHelper("wholePower", [base], [spellReal(base, speller), whole]);
      return callHelper("power", [base, exponent], spellAlike([base, exponent], speller));
    },
    choice: (condition) => spellChoice(condition, speller),
    select: (condition, yes, no) => callOf("select", no, yes, condition),

    statement: (code) => {
      if (code.kind === "call") return callLines(code, speller, (name) => helpers.combinations.add(name));
      throw new Error(`a ${code.kind} is left in a kernel of a GPU`);
    },
    branchless: (code) => choicesLines(code, speller),
  };
  return speller;
}

/** In parentheses, so that it may stand in a product. */
const remainderOf = (value: Term, modulus: Term): Term =>
  atom(`(${within(value, strengths.product)} % ${within(modulus, strengths.unary)})`);

/**
 * A number as f32. WGSL has no literal for infinity, and what is known when a shader is compiled must be finite:
 * it comes with the plan's numbers.
 */
function numberOf(value: number, { numbers }: Helpers): Term {
  const single = Math.fround(value);
  if (!Number.isFinite(single)) numbers.add("inf");
  if (Number.isNaN(single)) return atom("(plan.inf - plan.inf)");
  if (!Number.isFinite(single))
    return single > 0 ? atom("plan.inf") : { text: "-plan.inf", strength: strengths.unary };
  // too small for f32, it would be an error in some compilers
  const text = String(single === 0 ? 0 : value);
  return atom(text.includes(".") || text.includes("e") ? text : `${text}.0`);
}

/** An exponent that is an integer, as i32. */
function wholeExponent(exponent: Expression, speller: Speller): Term | undefined {
  if (exponent.kind === "integer") return spellInt(exponent.value, speller);
  const n = exponent.kind === "constant" ? valueOf(exponent) : NaN;
  return Number.isInteger(n) && n < 2 ** 31 ? atom(String(n)) : undefined;
}

/** The condition of a `select`: both values are computed anyway, so no part of it needs a branch of its own. */
function spellChoice(c: Condition, speller: Speller): Term {
  if (c.kind === "not") {
    const part = within(spellChoice(c.part, speller), strengths.unary);
    return { text: `!${part}`, strength: strengths.unary };
  }
  if (c.kind !== "and" && c.kind !== "or") return spellCondition(c, speller);
  const vector = isVectorCondition(c, speller.kernel);
  const parts = c.parts.map((p) => {
    const term = spellChoice(p, speller);
    const alike = vector && !isVectorCondition(p, speller.kernel) ? callOf("vec4<bool>", term) : term;
    return within(alike, strengths.atom);
  });
  return { text: parts.join(c.kind === "and" ? " & " : " | "), strength: strengths[c.kind] };
}

/** `best = select(best, value, best < value);` for each assignment. */
function choicesLines({ condition, then }: Extract<Code, { kind: "if" }>, speller: Speller): Lines {
  const { scope } = speller;
  let test = spellChoice(condition, speller).text;
  const before: string[] = [];
  if (then.length > 1) {
    const name = scope.fresh("taken");
    before.push(`let ${name} = ${test};`);
    test = name;
  }
  const choices = then.map((c) => {
    if (c.kind !== "assign") throw new Error(`a ${c.kind} takes a branch`);
    const target = scope.declare(c.name);
    return `${target} = select(${target}, ${newValueText(c, speller)}, ${test});`;
  });
  return [...before, ...choices];
}

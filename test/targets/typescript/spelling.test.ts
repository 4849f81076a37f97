/** Any formula, spelled as JavaScript, has the value that it has by definition: parentheses, signs and factoring are right. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import * as build from "../../../src/notation/construct.js";
import type { Condition, Expression } from "../../../src/notation/expression.js";
import * as integer from "../../../src/notation/integer.js";
import type { Atom, Int } from "../../../src/notation/integer.js";
import { conditionText, realText } from "../../../src/targets/code/expressions.js";
import { intText } from "../../../src/targets/code/integers.js";
import { helpers, type OwnHelper } from "../../../src/targets/typescript/helpers.js";
import { helperSources } from "../../../src/targets/typescript/made.js";
import { format } from "../../../src/targets/typescript/format.js";
import { stripTypes } from "../../../src/targets/typescript/javascript.js";
import { makeScope } from "../../../src/targets/typescript/names.js";
import { typeScriptIn } from "../../../src/targets/typescript/words.js";

const values: Readonly<Record<string, number>> = { i: 3, j: -4, k: 7, u: 0.75, v: -1.5 };
const array = [2, -3, 5];
const speller = typeScriptIn(makeScope([]));
speller.scope.declare("i");

// --- formulas ----------------------------------------------------------------------------------------------

const { ints } = fc.letrec<{ ints: Int }>((tie) => ({
  ints: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom("i", "j", "k").map(integer.variable),
    fc.integer({ min: -3, max: 3 }).map(integer.constant),
    fc.constantFrom(0, 1, 2).map((at) => integer.element("a", [integer.constant(at)])),
    fc.tuple(tie("ints"), tie("ints")).map(([a, b]) => integer.plus(a, b)),
    fc.tuple(tie("ints"), tie("ints")).map(([a, b]) => integer.minus(a, b)),
    fc.tuple(tie("ints"), tie("ints")).map(([a, b]) => integer.times(a, b)),
    fc.tuple(tie("ints"), fc.constantFrom(2, 3)).map(([a, d]) => integer.floorDivide(a, integer.constant(d))),
    fc.tuple(tie("ints"), fc.constantFrom("i", "k")).map(([a, d]) => integer.modulo(a, integer.variable(d))),
    fc
      .tuple(tie("ints"), fc.constantFrom("i", "k"))
      .map(([a, d]) => integer.exactDivide(a, integer.variable(d))),
    fc.tuple(tie("ints"), tie("ints")).map(([a, b]) => integer.extremum("max", a, b)),
  ),
}));
const pair = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<[T, T]> => fc.tuple(of, of);
const { reals, conditions } = fc.letrec<{ reals: Expression; conditions: Condition }>((tie) => ({
  reals: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom("u", "v").map((name): Expression => ({ kind: "parameter", name })),
    fc
      .tuple(fc.integer({ min: -5, max: 5 }), fc.integer({ min: 1, max: 6 }))
      .map(([n, d]) => build.rational(n, d)),
    ints.map(build.ofInt),
    fc.constantFrom(0, 1, 2).map((at) => build.read("a", [integer.constant(at)])),
    pair(tie("reals")).map(([a, b]) => build.add(a, b)),
    pair(tie("reals")).map(([a, b]) => build.subtract(a, b)),
    pair(tie("reals")).map(([a, b]) => build.multiply(a, b)),
    pair(tie("reals")).map(([a, b]) => build.divide(a, b)),
    tie("reals").map(build.negate),
    fc.tuple(tie("reals"), fc.constantFrom(2, 3, 4, -2)).map(([a, n]) => build.raise(a, build.rational(n))),
    pair(tie("reals")).map(([a, b]) => build.call("max", [a, b])),
    tie("reals").map((a) => build.call("abs", [a])),
    fc.tuple(tie("conditions"), tie("reals"), tie("reals")).map(([c, a, b]) => build.select(c, a, b)),
  ),
  conditions: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    ints.map((value): Condition => ({ kind: "nonnegative", value })),
    ints.map((value): Condition => ({ kind: "zero", value })),
    fc
      .tuple(
        fc.constantFrom("<" as const, "<=" as const, "==" as const, "!=" as const),
        tie("reals"),
        tie("reals"),
      )
      .map(([operator, a, b]) => build.compare(operator, a, b)),
    pair(tie("conditions")).map(([a, b]) => build.and(a, b)),
    pair(tie("conditions")).map(([a, b]) => build.or(a, b)),
    tie("conditions").map((part): Condition => ({ kind: "not", part })),
  ),
}));

// --- what they mean ----------------------------------------------------------------------------------------

const valueOf = (name: string): number => values[name] ?? NaN;
const int = (value: Int): number =>
  value.monomials.reduce((sum, m) => sum + m.factors.reduce((p, f) => p * atomValue(f), m.coefficient), 0);
function atomValue(atom: Atom): number {
  switch (atom.kind) {
    case "variable":
      return valueOf(atom.name);
    case "floor":
      return Math.floor(int(atom.numerator) / int(atom.denominator));
    case "exact":
      return int(atom.numerator) / int(atom.denominator);
    case "modulo":
      return int(atom.value) - int(atom.modulus) * Math.floor(int(atom.value) / int(atom.modulus));
    case "min":
    case "max":
      return Math[atom.kind](int(atom.left), int(atom.right));
    case "power":
      return int(atom.base) ** int(atom.exponent);
    case "element":
      return array[int(atom.subscripts[0] ?? integer.zero)] ?? NaN;
  }
}
function real(e: Expression): number {
  switch (e.kind) {
    case "constant":
      return e.numerator / e.denominator;
    case "integer":
      return int(e.value);
    case "parameter":
      return valueOf(e.name);
    case "read":
      return array[int(e.subscripts[0] ?? integer.zero)] ?? NaN;
    case "add":
      return e.terms.reduce((sum, t) => sum + real(t), 0);
    case "multiply":
      return e.factors.reduce((product, f) => product * real(f), 1);
    case "raise":
      return real(e.base) ** real(e.exponent);
    case "select":
      return truth(e.condition) ? real(e.whenTrue) : real(e.whenFalse);
    case "call": {
      const [a = NaN, b = NaN] = e.arguments.map(real);
      return e.name === "abs" ? Math.abs(a) : a > b ? a : b;
    }
    case "named":
    case "pad":
    case "reduction":
    case "stop":
      return NaN;
  }
}
function truth(c: Condition): boolean {
  switch (c.kind) {
    case "truth":
      return c.value;
    case "nonnegative":
      return int(c.value) >= 0;
    case "zero":
      return int(c.value) === 0;
    case "compare": {
      const [a, b] = [real(c.left), real(c.right)];
      return c.operator === "<"
        ? a < b
        : c.operator === "<="
          ? a <= b
          : c.operator === "=="
            ? a === b
            : a !== b;
    }
    case "and":
      return c.parts.every(truth);
    case "or":
      return c.parts.some(truth);
    case "not":
      return !truth(c.part);
    case "all":
    case "any":
      throw new Error(c.kind);
  }
}

// --- both compared -----------------------------------------------------------------------------------------

/** The values of all texts, computed by one module. */
async function run(texts: readonly string[]): Promise<unknown[]> {
  const names = Object.entries(values).map(([name, value]) => `const ${name} = ${value};`);
  const source = [
    ...helperSources(new Set(Object.keys(helpers) as readonly OwnHelper[])),
    ...names,
    `const a = ${JSON.stringify(array)};`,
    `export default [\n${texts.join(",\n")}\n];`,
  ];
  const url = `data:text/javascript;base64,${Buffer.from(stripTypes(source.join("\n"))).toString("base64")}`;
  const module: { default: unknown[] } = await import(url);
  return module.default;
}
/** Differences of rounding are allowed: sums are ordered, quotients gathered. */
const isNear = (a: number, b: number): boolean =>
  Object.is(a, b) || a === b || Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b), 1);
/** Where rounding decides a comparison, or a huge intermediate cancels, nothing is compared. */
const isTame = (value: number): boolean => Number.isFinite(value) && Math.abs(value) < 1e6;

test("integers", async () => {
  const sample = fc.sample(ints, { numRuns: 3000, seed: 1 }).filter((value) => isTame(int(value)));
  expect(sample.length).toBeGreaterThan(1500);
  const texts = sample.map((value) => intText(value, speller));
  const results = await run(texts);
  sample.forEach((value, i) =>
    expect([texts[i], isNear(Number(results[i]), int(value))]).toEqual([texts[i], true]),
  );
});

test("conditions over integers", async () => {
  const sample = fc.sample(
    conditions.filter(
      (c) => !JSON.stringify(c).includes('"compare"') && !JSON.stringify(c).includes('"exact"'),
    ),
    { numRuns: 1500, seed: 2 },
  );
  const texts = sample.map((c) => conditionText(c, speller));
  const results = await run(texts);
  sample.forEach((c, i) => expect([texts[i], results[i]]).toEqual([texts[i], truth(c)]));
});

test("reals", async () => {
  const sample = fc.sample(
    reals.filter((e) => !JSON.stringify(e).includes('"compare"') && !JSON.stringify(e).includes('"exact"')),
    { numRuns: 3000, seed: 3 },
  );
  const texts = sample.map((e) => realText(e, speller));
  const results = await run(texts);
  const tame = sample
    .map((e, i) => [real(e), results[i], texts[i]] as const)
    .filter(([value]) => isTame(value));
  expect(tame.length).toBeGreaterThan(1500);
  for (const [value, result, text] of tame)
    expect([text, isNear(Number(result), value)]).toEqual([text, true]);
});

test("spelled as prettier prints it", async () => {
  const texts = [
    ...fc.sample(ints, { numRuns: 800, seed: 4 }).map((value) => intText(value, speller)),
    ...fc.sample(reals, { numRuns: 1500, seed: 5 }).map((e) => realText(e, speller)),
    ...fc.sample(conditions, { numRuns: 800, seed: 6 }).map((c) => conditionText(c, speller)),
    realText(build.rational(1e21), speller),
  ];
  const source = texts.map((text) => `out[i] = ${text};\n`).join("");
  // wider than any of them: what is too long is laid out elsewhere
  const printed = await format(source, { parser: "babel-ts", printWidth: 100_000 });
  const lines = printed.trimEnd().split("\n");
  expect(lines).toEqual(source.trimEnd().split("\n"));
});

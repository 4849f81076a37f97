/** What the routines of a GPU's code are in WGSL. A thread's sums are vectors of four, one a row, or two of eight. */
import { routines } from "../../kernels/gpu/program.js";
import type { Code } from "../../kernels/program.js";
import type { Expression } from "../../notation/expression.js";
import { literal, zero } from "../../notation/integer.js";
import { realText } from "../code/expressions.js";
import { intText } from "../code/integers.js";
import { block, type Block, type Lines } from "../code/lines.js";
import type { Speller } from "../code/speller.js";

const lanes = [0, 1, 2, 3];
const sum = (row: number): string => `sums${row}`;
/** The vectors of a thread's sums, `size` rows and columns of them: which row, and which columns. */
function sumsOf(
  size: number,
): readonly { readonly name: string; readonly row: number; readonly from: number }[] {
  const rows = Array.from({ length: size }, (_, row) => row);
  if (size === 4) return rows.map((row) => ({ name: sum(row), row, from: 0 }));
  return rows.flatMap((row) => [
    { name: `left${row}`, row, from: 0 },
    { name: `right${row}`, row, from: 4 },
  ]);
}
const component = ["x", "y", "z", "w"];
/** Names that the routines declare. */
export const takenByRoutines: readonly string[] = [
  "a",
  "b",
  "part",
  ...[4, 8].flatMap((size) => sumsOf(size).map(({ name }) => name)),
  ...lanes.map((i) => `part${i}`),
];

/** @param combine is told of the routines that combine the values of all threads */
export function callLines(
  call: Extract<Code, { kind: "call" }>,
  speller: Speller,
  combine: (routine: string) => void,
): Lines {
  const integers = call.integers.map((value) => intText(value, speller));
  const reals = (call.reals ?? []).map((value) => realText(value, speller));
  const buffers = (call.buffers ?? []).map((name) => speller.scope.tensor(name));
  const [first = zero] = call.integers;
  const size = literal(first) ?? 0; // rows and columns of a thread's sums, where there are some
  switch (call.routine) {
    case routines.barrier:
      return ["workgroupBarrier();"];
    case routines.storageBarrier:
      return ["storageBarrier();"];
    case routines.sum:
    case routines.product:
    case routines.max:
    case routines.min:
      combine(call.routine);
      return [`${reals[0]} = ${call.routine}(${integers[0]}, ${reals[0]});`];
    case routines.start:
      return sumsOf(size).map(({ name }) => `var ${name} = vec4<f32>();`);
    case routines.storeVector:
      return [
        `${buffers[0]}[${integers[0]}] = ${isName(call.reals) ? reals[0] : `vec4<f32>(${reals.join(", ")})`};`,
      ];
    case routines.multiplyVectors: {
      const both = 2 * size;
      const points = Array.from({ length: reals.length / both }, (_, k) =>
        reals.slice(both * k, both * (k + 1)),
      );
      const products = (row: number, from: number): string =>
        points
          .map((at) => `${at[row]} * vec4<f32>(${at.slice(size + from, size + from + 4).join(", ")})`)
          .join(" + ");
      return sumsOf(size).map(({ name, row, from }) => `${name} += ${products(row, from)};`);
    }
    case routines.multiplyShared:
      return multiplyShared(buffers, integers);
    case routines.multiplyDeepRows:
      return multiplyDeep(buffers, integers, { rows: true, columns: false });
    case routines.multiplyDeepColumns:
      return multiplyDeep(buffers, integers, { rows: false, columns: true });
    case routines.multiplyDeep:
      return multiplyDeep(buffers, integers, { rows: true, columns: true });
    case routines.collect: {
      const all = sumsOf(size).map(({ name }) => component.map((c) => `${name}.${c}`).join(", "));
      const head = `var ${buffers[0]} = array<f32, ${4 * all.length}>(`;
      return size === 4
        ? [`${head}${all.join(", ")});`]
        : [
            block(
              head,
              all.map((four) => `${four},`),
              ");",
            ),
          ];
    }
    default:
      throw new Error(`a shader has no routine ${call.routine}`);
  }
}

/** A vector by its name. */
const isName = ([only, more]: readonly Expression[] = []): boolean => only?.kind === "parameter" && !more;

/** Summed by themselves first: rounding then grows with the number of tiles, not with the depth. */
const inParts = (loop: Block): Lines => [
  block("{", [
    ...lanes.map((i) => `var part${i} = vec4<f32>();`),
    loop,
    ...lanes.map((i) => `${sum(i)} += part${i};`),
  ]),
];

const multiplyShared = ([rows, columns]: readonly string[], [row, column, side]: readonly string[]): Lines =>
  inParts(
    block(`for (var k = 0; k < ${side}; k++) {`, [
      `let a = ${rows}[k * ${side} + ${row}];`,
      `let b = ${columns}[k * ${side} + ${column}];`,
      ...lanes.map((i) => `part${i} += a.${component[i]} * b;`),
    ]),
  );

/** Four points of the depth at a turn: a[i] are those of row i; those of column j are column j of b, else row j. */
function multiplyDeep(
  [rows, columns]: readonly string[],
  [row, column, side]: readonly string[],
  deep: { readonly rows: boolean; readonly columns: boolean },
): Lines {
  const four = (buffer = "", at = ""): string =>
    `mat4x4<f32>(${lanes.map((i) => `${buffer}[${i === 0 ? "k" : `(k + ${i})`} * ${side} + ${at}]`).join(", ")})`;
  const a = deep.rows ? four(rows, row) : `transpose(${four(rows, row)})`;
  return inParts(
    block(`for (var k = 0; k < ${side}; k += 4) {`, [
      `let a = ${a};`,
      `let b = ${four(columns, column)};`,
      ...lanes.map((i) => `part${i} += ${deep.columns ? `a[${i}] * b` : `b * a[${i}]`};`),
    ]),
  );
}

const combined: Readonly<Record<string, (a: string, b: string) => string>> = {
  [routines.sum]: (a, b) => `${a} + ${b}`,
  [routines.product]: (a, b) => `${a} * ${b}`,
  [routines.max]: (a, b) => `select(${b}, ${a}, (${a} > ${b}) | !(${a} == ${a}))`,
  [routines.min]: (a, b) => `select(${b}, ${a}, (${a} < ${b}) | !(${a} == ${a}))`,
};

/** The functions that combine the accumulators of `size` threads, those that are used. */
export const combinations = (used: ReadonlySet<string>, shared: string, size: number): readonly Lines[] =>
  Object.entries(combined)
    .filter(([name]) => used.has(name))
    .map(([name, of]) => [
      "// The values of all threads as one, by a tree.",
      block(`fn ${name}(lane: i32, value: f32) -> f32 {`, [
        `${shared}[lane] = value;`,
        "workgroupBarrier();",
        block(`for (var step = ${size / 2}; step > 0; step /= 2) {`, [
          block("if (lane < step) {", [
            `${shared}[lane] = ${of(`${shared}[lane]`, `${shared}[lane + step]`)};`,
          ]),
          "workgroupBarrier();",
        ]),
        `let all = ${shared}[0];`,
        "workgroupBarrier();",
        "return all;",
      ]),
    ]);
/** Names of these functions. */
export const takenByCombinations: readonly string[] = Object.keys(combined);

/**
 * The product of a tile by vectors of four float32: sums[i, at + j] = Σ_k rows[i, k] · columns[start + k, j]. All sums stay in registers; a
 * depth takes a vector for each four of the columns and one number of each row, in all four lanes.
 */
import { panels } from "../../kernels/contraction/tile.js";
import type { Routine } from "../../kernels/program.js";
import { addressOf } from "./context.js";
import {
  constant,
  get,
  load,
  operation,
  repeat,
  set,
  store,
  when,
  type Instruction,
  type Local,
  type WasmFunction,
} from "./encode/instructions.js";

const wrapped = (name: string): Instruction => operation("i32.wrap_i64", get(`${name} i64`));
const plus = (a: Instruction, b: Instruction | number): Instruction =>
  operation("i32.add", a, typeof b === "number" ? constant("i32", b) : b);
const times = (a: Instruction, b: number): Instruction => operation("i32.mul", a, constant("i32", b));

export function spellTile(
  { name, integers }: Routine,
  { rows, columns, depth, block }: NonNullable<Routine["tile"]>,
): { readonly spelled: WasmFunction; readonly owners: readonly string[] } {
  const owners = [panels.rows, panels.columns, panels.sums];
  const range = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);
  const vectors = columns / 4;
  const pairs = range(rows).flatMap((i) => range(vectors).map((j) => [i, j] as const));
  const sum = (i: number, j: number): string => `sum ${i} ${j}`;
  /** The products of the depth that lies so many behind the pointers. */
  const depthAt = (ahead: number): readonly Instruction[] => [
    ...range(vectors).map((j) =>
      set(`column ${j}`, load("v128.load", get("columns"), 4 * (ahead * columns + 4 * j))),
    ),
    ...range(rows).flatMap((i) => [
      set("row", load("v128.load32_splat", get("rows"), 4 * (i * depth + ahead))),
      ...range(vectors).map((j) =>
        set(
          sum(i, j),
          // in this order engines with relaxed multiply-adds have one in its place (`relaxed` of runtime/machinery/memory.ts)
          operation("f32x4.add", operation("f32x4.mul", get("row"), get(`column ${j}`)), get(sum(i, j))),
        ),
      ),
    ]),
  ];
  const advance = (depths: number): readonly Instruction[] => [
    set("rows", plus(get("rows"), 4 * depths)),
    set("columns", plus(get("columns"), 4 * depths * columns)),
  ];
  const left = operation("i32.lt_u", get("rows"), get("end"));
  const body: readonly Instruction[] = [
    set("rows", get(addressOf(panels.rows))),
    set("columns", plus(get(addressOf(panels.columns)), times(wrapped("start"), 4 * columns))),
    set("end", plus(get("rows"), times(wrapped("depth"), 4))),
    ...pairs.map(([i, j]) => set(sum(i, j), operation("f32x4.splat", constant("f32", 0)))),
    when(operation("i32.and", wrapped("depth"), constant("i32", 1)), ...depthAt(0), ...advance(1)),
    repeat("depths", left, [...depthAt(0), ...depthAt(1), ...advance(2)]),
    set("rows", plus(get(addressOf(panels.sums)), times(wrapped("at"), 4))),
    ...pairs.map(([i, j]) => store("v128.store", get("rows"), get(sum(i, j)), 4 * (i * block + 4 * j))),
  ];
  const local = (type: Local["type"], names: readonly string[]): readonly Local[] =>
    names.map((name) => ({ name, type }));
  const spelled: WasmFunction = {
    name,
    parameters: [
      ...local("i32", owners.map(addressOf)),
      ...local(
        "i64",
        integers.map((i) => `${i} i64`),
      ),
    ],
    locals: [
      ...local("i32", ["rows", "columns", "end"]),
      ...local("v128", [
        "row",
        ...range(vectors).map((j) => `column ${j}`),
        ...pairs.map(([i, j]) => sum(i, j)),
      ]),
    ],
    body,
  };
  return { spelled, owners };
}

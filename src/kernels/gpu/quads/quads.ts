/**
 * Four neighbouring points a thread: where a kernel uses the last index of its box only to read and store one element after the
 * other, a quarter as many threads read and store vectors. Memory then moves 16 bytes at a time, and what each thread spends on
 * finding its place, and on what does not depend on the last index, serves four points.
 */
import * as build from "../../../notation/construct.js";
import type { Condition, Expression } from "../../../notation/expression.js";
import { freshNames } from "../../../notation/fresh.js";
import * as integer from "../../../notation/integer.js";
import type { Int } from "../../../notation/integer.js";
import { rewrite } from "../../../notation/traverse.js";
import { layerNames, type Surroundings } from "../../lower.js";
import type { Code } from "../../program.js";
import { eachCode, mapCode, namesMade, namesUsedBy, readsInCode, substituteCode } from "../../walk-code.js";
import { kernelOf } from "../lower.js";
import type { GpuKernel } from "../program.js";
import { isVector, isVectorCondition, type Vectors } from "../vectors.js";

const four = integer.constant(4);
/** Stands for a quarter of the extent until it is known that it will be used. */
const quarter = "quarter'";

export interface Quads {
  readonly kernel: GpuKernel;
  /** The last axis of the box has a length divisible by four. */
  readonly when: Condition;
}

/**
 * The kernel with four points a thread; undefined where the last index of its box is used in another way.
 * @param integers buffers whose elements are integers
 */
export function quadsOf(
  kernel: GpuKernel,
  { layer, constants }: Surroundings,
  integers: ReadonlySet<string>,
): Quads | undefined {
  const { name, formula, threads } = kernel;
  const last = threads.box.at(-1);
  if (threads.kind !== "points" || !last) return undefined;
  const length = integer.literal(last.extent);
  if (length !== undefined && length % 4 !== 0) return undefined;
  const fresh = freshNames([
    ...[...layerNames(layer), ...constants.list.map((c) => c.name), ...namesMade(kernel.body)],
    ...threads.box.map((i) => i.name),
  ]);
  const index = fresh.index(`${last.name}4`);
  const moved = inQuarters(kernel.body, last.name, last.extent, index);
  const vectors = moved && vectorsOf(moved, index, integers);
  if (!moved || !vectors) return undefined;
  const wide = wideLocals(moved, vectors);
  if (branches(moved, { vectors, wide })) return undefined;
  const quads = constants.value(integer.floorDivide(last.extent, four), "quads");
  const box = [...threads.box.slice(0, -1), { name: index, extent: quads }];
  const says = { name: `${name}Quads`, formula: `${formula}\nfour points a thread` };
  return {
    kernel: {
      ...kernelOf(
        says,
        substituteCode(moved, new Map([[quarter, quads]])),
        { ...threads, box },
        { layer, constants },
        kernel.edges,
      ),
      vectors,
      wide,
    },
    when: build.isZero(integer.modulo(last.extent, four)),
  };
}

/**
 * Offsets index + extent·q are index4 + quarter·q; what is defined in between by the index is written out in them.
 * Undefined where the index is used elsewhere.
 */
function inQuarters(
  body: readonly Code[],
  index: string,
  extent: Int,
  index4: string,
): readonly Code[] | undefined {
  const defined = new Map<string, Int>();
  eachCode(body, (c) => {
    if (c.kind === "integer" && !integer.holdsElement(c.value))
      defined.set(c.name, integer.substituteInt(c.value, defined));
  });
  const moving = new Map([...defined].filter(([, value]) => integer.mentions(value, index)));
  const moved = (offset: Int): Int => {
    const inPlace = integer.substituteInt(offset, moving);
    if (!integer.mentions(inPlace, index)) return offset;
    const rows = [inPlace, integer.substituteInt(offset, defined)].flatMap((value) => {
      const row = integer.minus(value, integer.variable(index));
      return integer.mentions(row, index) ? [] : (integer.quotient(row, extent) ?? []);
    });
    const [row] = rows;
    return row
      ? integer.plus(integer.variable(index4), integer.times(row, integer.variable(quarter)))
      : offset;
  };
  const change = (e: Expression): Expression =>
    e.kind === "read" ? build.read(e.tensor, e.subscripts.map(moved)) : e;
  const inBlock = (block: readonly Code[]): readonly Code[] =>
    block.flatMap((c): readonly Code[] => {
      if (c.kind === "integer" && moving.has(c.name)) return [];
      const mapped = mapCode(c, { expression: (e) => rewrite(e, change), block: inBlock });
      return [mapped.kind === "store" ? { ...mapped, offset: moved(mapped.offset) } : mapped];
    });
  const result = inBlock(body);
  const gone = [index, ...moving.keys()];
  return result.some((c) => gone.some((name) => namesUsedBy(c).has(name))) ? undefined : result;
}

/** The buffers that are read and stored by fours alone; undefined where something is stored otherwise, or a buffer is used in both ways. */
function vectorsOf(
  body: readonly Code[],
  index: string,
  integers: ReadonlySet<string>,
): ReadonlySet<string> | undefined {
  const [vectors, numbers] = [new Set<string>(), new Set<string>()];
  const use = (buffer: string, offset: Int): unknown =>
    (integer.mentions(offset, index) ? vectors : numbers).add(buffer);
  let fits = true;
  for (const { tensor, subscripts } of readsInCode(body)) use(tensor, subscripts[0] ?? integer.zero);
  eachCode(body, (c) => {
    if (c.kind === "call" || c.kind === "fill" || c.kind === "accumulate") fits = false;
    if (c.kind !== "store") return;
    use(c.buffer, c.offset);
    fits &&= c.value.kind !== "int" && vectors.has(c.buffer);
  });
  const mixed = [...vectors].some((buffer) => numbers.has(buffer) || integers.has(buffer));
  return fits && !mixed && vectors.size > 0 ? vectors : undefined;
}

/** Locals that are given a vector anywhere, or something where a vector says so. */
function wideLocals(body: readonly Code[], vectors: ReadonlySet<string>): ReadonlySet<string> {
  const wide = new Set<string>();
  for (let before = -1; before < wide.size;) {
    before = wide.size;
    eachCode(body, (c) => {
      if (c.kind === "real" || c.kind === "accumulator" || c.kind === "assign") {
        if (c.value.kind !== "int" && isVector(c.value, { vectors, wide })) wide.add(c.name);
      } else if (c.kind === "if" && isVectorCondition(c.condition, { vectors, wide }))
        for (const chosen of c.then) if (chosen.kind === "assign") wide.add(chosen.name);
    });
  }
  return wide;
}

/** Whether a branch depends on a vector, or a local integer does. */
function branches(block: readonly Code[], vectors: Vectors): boolean {
  let found = false;
  eachCode(block, (c) => {
    if (c.kind !== "if" || !isVectorCondition(c.condition, vectors)) return;
    const chosen = c.then.every((part) => part.kind === "assign" && part.value.kind !== "int");
    found ||= !c.branchless || !chosen;
  });
  return found;
}

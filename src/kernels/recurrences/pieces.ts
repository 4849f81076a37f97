/** The pieces of the schedule with where they run: those of a recurrence in its lanes, or in the loops of its steps. */
import { and, below, truth } from "../../notation/construct.js";
import type { Condition } from "../../notation/expression.js";
import { freshNames } from "../../notation/fresh.js";
import { keyOfCondition } from "../../notation/key.js";
import * as integer from "../../notation/integer.js";
import type { Statement } from "../../notation/layer.js";
import { tensorsIn } from "../../notation/traverse.js";
import { scopeOf } from "../../patterns/scope.js";
import { accessesOf, type Access } from "../../ranges/accesses.js";
import { layerNames, type Surroundings } from "../lower.js";
import type { Kernel, StepLoop } from "../program.js";
import { joinEpilogues, schedule, type Piece, type ScheduleOptions } from "../schedule.js";
import { renameBuffers } from "../walk-code.js";
import { counted, lanesOf, type Lanes } from "./lanes.js";
import type { Segment } from "./segments.js";
import { layerInStep, still } from "./still.js";
import { unified } from "./unified.js";

export interface PlacedPiece {
  readonly piece: Piece;
  /** What lowering knows of the layer there. */
  readonly around: Surroundings;
  /** The tensors that it computes, the last one names the kernel; and what is told of it. */
  readonly computes: readonly string[];
  readonly formulas: readonly Statement[];
  /** Of a recurrence that is walked lane by lane. */
  readonly lanes?: Lanes;
  /** In the steps of a recurrence. */
  readonly loops?: readonly StepLoop[];
  readonly when?: Condition;
  /** The statements that it was scheduled with, and which of them are stored whatever is done with them. */
  readonly among: readonly Statement[];
  readonly kept: ReadonlySet<string>;
  /** Slices of tensors by their names, to be called by what they are parts of. */
  readonly slices?: ReadonlyMap<string, string>;
}

type Options = Pick<ScheduleOptions, "serves"> & {
  /** Whether a statement has a kernel of its own kind. */
  readonly stands: (s: Statement, around: Surroundings) => boolean;
  /** How many tensors one kernel may touch. */
  readonly most?: number;
};

export function piecesOf(
  { statements, order, kept }: Segment,
  around: Surroundings,
  { serves, stands, most = Infinity }: Options,
): readonly PlacedPiece[] {
  const isReal = (tensor: string): boolean => around.shapes.get(tensor)?.type === "real";
  const plain = (piece: Piece): PlacedPiece => ({
    piece,
    around,
    computes: piece.statements.map((s) => s.tensor),
    formulas: piece.statements,
    among: statements,
    kept,
  });
  if (!order)
    return schedule(statements, {
      kept,
      stands: remembered((s) => stands(s, around)),
      serves,
      isReal,
    }).map(plain);

  const joined = joinEpilogues(statements, { kept });
  const group = unified(joined, order, layerNames(around.layer));
  const touched = new Set(joined.flatMap((s) => [s.tensor, ...tensorsIn(s.body)]));
  const lanes = touched.size <= most ? lanesOf(group) : undefined;
  if (lanes) return [{ ...plain({ statements: joined }), lanes: counted(lanes) }];

  const names = freshNames([...around.shapes.keys(), ...layerNames(around.layer)]);
  const { shapes, slices, statements: inner } = still(group, around.shapes, (t) => names.tensor(`${t}_step`));
  const layer = layerInStep(around.layer, group.steps);
  const scope = scopeOf({ ...layer, tensors: [...shapes.values()] });
  const there: Surroundings = { ...around, layer, shapes, scope };
  const recurrent = new Set(joined.map((s) => s.tensor));
  const original = new Map(inner.map((s, i) => [s.tensor, joined[i]!]));
  // what may read its own step through a whole tensor has a kernel by itself; h[t - 1] is another step
  const isOther = ({ tensor, subscripts }: Access): boolean => {
    const axis = order[0]?.axes.get(tensor);
    const first = integer.variable(group.steps[0]!.index);
    const apart = integer.literal(integer.minus(subscripts[axis ?? -1] ?? first, first));
    return apart !== undefined && apart !== 0;
  };
  const readsWhole = (s: Statement): boolean =>
    accessesOf(s).some((a) => recurrent.has(a.tensor) && !isOther(a));
  const stored = new Set([...inner.map((s) => s.tensor), ...slices.keys()]);
  const loops = group.steps;
  // only statements that run in the same steps may share a kernel: c has T + 1 of them beside the T of r
  const shorter = new Map(
    inner.map((s, i) => {
      const extents = new Map(group.statements[i]!.indices.map((own) => [own.name, own.extent]));
      const ends = loops.flatMap(({ index, extent }) => {
        const own = extents.get(index);
        return own && !integer.equal(own, extent) ? [below(integer.variable(index), own)] : [];
      });
      return [s, and(...ends)];
    }),
  );
  const whenOf = (s: Statement | undefined): Condition => (s && shorter.get(s)) ?? truth;
  const pieces = runsOf(inner, (s) => keyOfCondition(whenOf(s))).flatMap((run) =>
    schedule(run, {
      // each step's values are read by the next
      kept: stored,
      stands: remembered((s) => readsWhole(s) || stands(s, there)),
      serves: () => "",
      isReal: (tensor) => shapes.get(tensor)?.type === "real",
    }),
  );
  return pieces.map((piece): PlacedPiece => {
    const formulas = piece.statements.map((s) => original.get(s.tensor) ?? s);
    const when = whenOf(piece.statements[0]);
    return {
      piece,
      around: there,
      computes: formulas.map((s) => s.tensor),
      formulas,
      among: inner,
      kept: stored,
      loops,
      slices,
      ...(when.kind !== "truth" && { when }),
    };
  });
}

/** Neighbours with the same key, together. */
function runsOf<T>(items: readonly T[], keyOf: (item: T) => string): readonly (readonly T[])[] {
  const runs: { readonly key: string; readonly items: T[] }[] = [];
  for (const item of items) {
    const key = keyOf(item);
    const last = runs.at(-1);
    if (last?.key === key) last.items.push(item);
    else runs.push({ key, items: [item] });
  }
  return runs.map((run) => run.items);
}

/** Kernels made where the steps' indices are numbers, with the slices called by what they are parts of. */
export function inStep<L extends { readonly kernel: Kernel; readonly instead?: { readonly kernel: Kernel } }>(
  { around, loops, slices }: PlacedPiece,
  lower: () => L,
): L {
  const made = around.constants.during(loops?.map((l) => l.index) ?? [], lower);
  if (!slices) return made;
  const { instead } = made;
  return {
    ...made,
    kernel: ofWhole(made.kernel, slices),
    ...(instead && { instead: { ...instead, kernel: ofWhole(instead.kernel, slices) } }),
  };
}

export function ofWhole<K extends Kernel>(kernel: K, slices: ReadonlyMap<string, string>): K {
  const whole = (name: string): string => slices.get(name) ?? name;
  const all = (names: readonly string[]): readonly string[] => [...new Set(names.map(whole))];
  const body = renameBuffers(kernel.body, whole);
  return { ...kernel, reads: all(kernel.reads), writes: all(kernel.writes), body };
}

/** The answer for a statement, found once: recognising a contraction is the costly part of a schedule. */
export function remembered(test: (s: Statement) => boolean): (s: Statement) => boolean {
  const known = new Map<Statement, boolean>();
  return (s) => {
    const answer = known.get(s) ?? test(s);
    known.set(s, answer);
    return answer;
  };
}

/** A derived layer to its program for a GPU: buffers, kernels, and which of them each pass and each gradient runs. */
import type { Derived } from "../../calculus/derivation.js";
import type { Condition } from "../../notation/expression.js";
import { keyOfCondition } from "../../notation/key.js";
import type { Layer, Statement } from "../../notation/layer.js";
import { tensorsIn } from "../../notation/traverse.js";
import {
  bufferOf,
  kernelName,
  namesInStatements,
  neededBy,
  outputs,
  passOf,
  remembered,
  requirementChecks,
  servedBy,
  type Prefix,
  type ProgramOptions,
} from "../build.js";
import { scopeOf } from "../../patterns/scope.js";
import { PlanConstants } from "../constants.js";
import { scalarMachine } from "../machine.js";
import { layerNames, standsAlone, type Surroundings } from "../lower.js";
import type { Pass } from "../program.js";
import { rowsOf } from "../row-axes.js";
import { schedule, type Piece } from "../schedule.js";
import { flattened } from "./flatten.js";
import { lowerTiled } from "./tiles/contraction.js";
import { lowerPoints } from "./lower.js";
import { buffersOf, mostBuffers } from "./pack.js";
import type { Choice, GpuKernel, GpuPass, GpuProgram, Ways } from "./program.js";
import { tileable } from "./tiles/tileable.js";
import { waysOf } from "./ways.js";

interface LoweredPiece extends Ways {
  readonly piece: Piece;
  readonly kernel: GpuKernel;
}

export function buildGpuProgram(
  derived: Derived,
  { checks, print, inPlace }: ProgramOptions & Pick<GpuProgram, "inPlace">,
): GpuProgram {
  const { layer } = derived;
  const shapes = new Map(derived.tensors.map((t) => [t.name, t]));
  const constants = new PlanConstants([...layerNames(layer), ...namesInStatements(derived)]);
  const printed: Layer = { ...layer, tensors: derived.tensors };
  const scope = scopeOf(printed);
  const around: Surroundings = {
    ...{ layer, scope, shapes, constants, gathered: derived.selectors },
    machine: scalarMachine, // a GPU has kernels of its own
  };
  const names = new Set<string>();
  const results = derived.gradients.map((g) => g.tensor);
  const outcomes = [...new Set([...outputs(derived.tensors), ...derived.saved])];

  const lowered = (statements: readonly Statement[], wanted: readonly string[], prefix: Prefix) => {
    const needed = neededBy(statements, wanted);
    const serving = servedBy(statements, needed);
    const kept = new Set(wanted);
    const pieces = schedule(statements, {
      kept,
      // a sum over everything in the rows of others would leave them one thread
      stands: remembered((s) => s.indices.length === 0 || standsAlone(s, around)),
      serves: (s) => (prefix === "forward" ? "" : (serving.get(s.tensor) ?? []).join()),
      isReal: (tensor) => shapes.get(tensor)?.type === "real",
    });
    const lower = (piece: Piece): readonly LoweredPiece[] => {
      const last = piece.statements.at(-1)?.tensor ?? "";
      const formula = piece.statements.map((s) => print(s, printed)).join("\n");
      const name = kernelName(results.includes(last) ? "gradient" : prefix, last, names);
      const kernel = lowerPoints({ name, formula, piece }, around);
      if (buffersOf(kernel, shapes).size > mostBuffers && piece.group) {
        names.delete(name);
        return halves(piece, kept, statements).flatMap(lower);
      }
      const [only, other] = piece.statements;
      const view = only && !other ? flattened(only, around) : undefined;
      const contraction = view && tileable(view.statement, view.around);
      if (contraction) {
        const tiled = lowerTiled({ name, formula }, view.statement, contraction, kernel, view.around);
        if (tiled.kernels.every((k) => buffersOf(k, shapes).size < mostBuffers))
          return [{ piece, kernel, ...possible(tiled) }];
      }
      return [{ piece, kernel, ...possible(waysOf({ name, formula, piece }, kernel, around)) }];
    };
    const all = pieces.flatMap(lower);
    return { pieces: all, pass: withChoices(passOf(all, needed, serving, derived), all) };
  };
  const forward = lowered(derived.forward, outcomes, "forward");
  const backward = lowered(derived.backward, results, "backward");
  const pieces = [...forward.pieces, ...backward.pieces];
  const kernels = pieces.flatMap((p) => p.kernels);
  const used = new Set(kernels.flatMap((k) => [...k.reads, ...k.writes]));
  return {
    layer,
    buffers: [
      ...derived.tensors.flatMap((t) => bufferOf(t, derived, used)),
      ...pieces.flatMap((p) => p.buffers),
    ],
    planConstants: constants.list,
    checks: [...requirementChecks(layer), ...checks],
    forward: forward.pass,
    backward: backward.pass,
    kernels,
    inPlace,
  };
}

/** The steps are the pieces, one to one. */
const withChoices = ({ needs, steps }: Pass, pieces: readonly LoweredPiece[]): GpuPass => ({
  needs,
  steps: steps.map((step, i) => ({ for: step.for, choices: pieces[i]?.choices ?? [] })),
});

/** The ways that some sizes take: a choice that is never right, or behind one that is right wherever it is, is none. */
function possible({ kernels, choices, buffers }: Ways): Ways {
  const open: Choice[] = [];
  for (const choice of choices) {
    const isBehind = open.some(
      ({ when, software }) =>
        (!software || choice.software) &&
        (isAlways(when) || keyOfCondition(when) === keyOfCondition(choice.when)),
    );
    if (!isBehind && !(choice.when.kind === "truth" && !choice.when.value)) open.push(choice);
  }
  const used = kernels.filter((k) => open.some((c) => c.kernels.includes(k.name)));
  const touched = new Set(used.flatMap((k) => [...k.reads, ...k.writes]));
  return { kernels: used, choices: open, buffers: buffers.filter((b) => touched.has(b.name)) };
}
const isAlways = (c: Condition): boolean => c.kind === "truth" && c.value;

/** The members of a group as two pieces; what the second reads of the first goes through memory. */
function halves(piece: Piece, kept: ReadonlySet<string>, all: readonly Statement[]): readonly Piece[] {
  const middle = Math.ceil(piece.statements.length / 2);
  const parts = [piece.statements.slice(0, middle), piece.statements.slice(middle)];
  return parts.flatMap((members): readonly Piece[] => {
    if (members.length === 1) return [{ statements: members }];
    const rows = rowsOf(members);
    if (!rows) return halves({ statements: members }, kept, all);
    const others = all.filter((s) => !members.includes(s));
    const read = new Set(others.flatMap((s) => [...tensorsIn(s.body)]));
    const stored = new Set(members.map((m) => m.tensor).filter((t) => kept.has(t) || read.has(t)));
    return [{ statements: members, group: { ...rows, members, stored } }];
  });
}

/** A derived layer to its program for a GPU: buffers, kernels, and which of them each pass and each gradient runs. */
import type { Derived } from "../../calculus/derivation.js";
import type { Condition } from "../../notation/expression.js";
import { keyOfCondition } from "../../notation/key.js";
import type { Layer, Statement } from "../../notation/layer.js";
import { truth } from "../../notation/construct.js";
import { namesInCondition, tensorsIn } from "../../notation/traverse.js";
import {
  bufferOf,
  kernelName,
  namesInStatements,
  neededBy,
  outputs,
  passOf,
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
import { ofWhole, piecesOf, type PlacedPiece } from "../recurrences/pieces.js";
import { segmentsOf } from "../recurrences/segments.js";
import type { Piece } from "../schedule.js";
import { flattened } from "./flatten.js";
import { lowerTiled } from "./tiles/contraction.js";
import { lowerLanes, lowerPoints } from "./lower.js";
import { buffersOf, mostBuffers, packed } from "./pack.js";
import type { Choice, GpuKernel, GpuPass, GpuProgram, Ways } from "./program.js";
import { tileable } from "./tiles/tileable.js";
import { waysOf } from "./ways.js";

interface LoweredPiece extends Ways, PlacedPiece {
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
    const pieces = segmentsOf(statements, wanted, scope.facts).flatMap((segment) =>
      piecesOf(segment, around, {
        serves: (s) => (prefix === "forward" ? "" : (serving.get(s.tensor) ?? []).join()),
        // a sum over everything in the rows of others would leave them one thread
        stands: (s, there) => s.indices.length === 0 || standsAlone(s, there),
        most: mostBuffers,
      }),
    );
    const lower = (placed: PlacedPiece): readonly LoweredPiece[] => {
      const { piece, computes, formulas, around: there, loops, slices, lanes } = placed;
      const last = computes.at(-1) ?? "";
      const formula = formulas.map((s) => print(s, printed)).join("\n");
      const name = kernelName(results.includes(last) ? "gradient" : prefix, last, names);
      const source = { name, formula, piece };
      const made = <T>(make: () => T): T => constants.during(loops?.map((l) => l.index) ?? [], make);
      const whole = (k: GpuKernel): GpuKernel => (slices ? ofWhole(k, slices) : k);
      const kernel = made(() => whole(lanes ? lowerLanes(source, lanes, there) : lowerPoints(source, there)));
      if (buffersOf(kernel, shapes).size > mostBuffers && piece.group) {
        names.delete(name);
        return halves(piece, placed.kept, placed.among)
          .map((half) => withPiece(placed, half))
          .flatMap(lower);
      }
      const [only, other] = piece.statements;
      const view = !lanes && only && !other ? flattened(only, there) : undefined;
      const contraction = view && tileable(view.statement, view.around);
      if (contraction) {
        const tiled = made(() =>
          lowerTiled({ name, formula }, view.statement, contraction, kernel, view.around),
        );
        const kernels = tiled.kernels.map(whole);
        if (kernels.every((k) => buffersOf(k, shapes).size < mostBuffers))
          return [{ ...placed, kernel, ...possible(settled({ ...tiled, kernels }, loops)) }];
      }
      if (!loops && !lanes) return [{ ...placed, kernel, ...possible(waysOf(source, kernel, there)) }];
      const { kernels, buffers } = packed(kernel, shapes, there.layer, constants);
      const choices: readonly Choice[] = [{ when: truth, kernels: kernels.map((k) => k.name) }];
      return [{ ...placed, kernel, kernels, buffers, choices }];
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
  steps: steps.map(({ kernel: _, instead: __, ...step }, i) => ({
    ...step,
    choices: pieces[i]?.choices ?? [],
  })),
});

/** A part of a placed piece. */
function withPiece(placed: PlacedPiece, piece: Piece): PlacedPiece {
  const at = piece.statements.map((s) => placed.piece.statements.indexOf(s));
  return {
    ...placed,
    piece,
    computes: at.map((i) => placed.computes[i] ?? ""),
    formulas: at.flatMap((i) => placed.formulas[i] ?? []),
  };
}

/** Choices are made when a plan is: in the steps of a recurrence those are left that do not depend on the step. */
function settled(ways: Ways, loops: PlacedPiece["loops"]): Ways {
  const moving = new Set(loops?.map((l) => l.index));
  const isFixed = ({ when }: Choice): boolean =>
    ![...namesInCondition(when)].some((name) => moving.has(name));
  return { ...ways, choices: ways.choices.filter(isFixed) };
}

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

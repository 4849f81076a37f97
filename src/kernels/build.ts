/** A derived layer to its program: buffers, kernels, and which of them each pass and each gradient runs. */
import type { Derived } from "../calculus/derivation.js";
import { neededFor } from "../calculus/differentiate.js";
import { take } from "../notation/fresh.js";
import { isGiven, type Layer, type Statement, type Tensor } from "../notation/layer.js";
import { namesIn, tensorsIn } from "../notation/traverse.js";
import { scopeOf } from "../patterns/scope.js";
import type { Scratch } from "./block.js";
import { panels } from "./contraction/tile.js";
import { scalarMachine, type Machine } from "./machine.js";
import { stencilPanel, stencilPanels, sumTaps } from "./stencil/tile.js";
import { PlanConstants } from "./constants.js";
import { lowerPiece } from "./choose.js";
import { layerNames, standsAlone, type Lowered, type Surroundings } from "./lower.js";
import { inStep, piecesOf, type PlacedPiece } from "./recurrences/pieces.js";
import { segmentsOf } from "./recurrences/segments.js";
import { resultsEarly } from "./lifetimes.js";
import { withPlaces } from "./places.js";
import type { Buffer, BufferRole, Pass, PlanCheck, Program, Step } from "./program.js";

export interface ProgramOptions {
  readonly checks: readonly PlanCheck[];
  /** The statement in the layer language, for the comment above its kernel. */
  readonly print: (statement: Statement, layer: Layer) => string;
  readonly machine?: Machine;
}

export function buildProgram(
  original: Derived,
  { checks, print, machine = scalarMachine }: ProgramOptions,
): Program {
  const derived = withPlaces(original);
  const { layer } = derived;
  const shapes = new Map(derived.tensors.map((t) => [t.name, t]));
  const constants = new PlanConstants([...layerNames(layer), ...namesInStatements(derived)]);
  const printed: Layer = { ...layer, tensors: derived.tensors };
  const names = new Set<string>();
  const scope = scopeOf(printed);
  const around: Surroundings = { layer, scope, shapes, constants, machine, gathered: derived.selectors };
  const results = derived.gradients.map((g) => g.tensor);
  const outcomes = [...new Set([...outputs(derived.tensors), ...derived.saved])];
  const lowered = (statements: readonly Statement[], wanted: readonly string[], prefix: Prefix) => {
    const needed = neededBy(statements, wanted);
    const serving = servedBy(statements, needed);
    const pieces = segmentsOf(statements, wanted, scope.facts).flatMap((segment) =>
      piecesOf(segment, around, {
        serves: (s) => (prefix === "forward" ? "" : (serving.get(s.tensor) ?? []).join()),
        stands: standsAlone,
      }),
    );
    const kernels = pieces.map((placed): Lowered & PlacedPiece => {
      const { piece, computes, formulas } = placed;
      const last = computes.at(-1) ?? "";
      const name = kernelName(results.includes(last) ? "gradient" : prefix, last, names);
      const formula = formulas.map((s) => print(s, printed)).join("\n");
      const lower = (): Lowered => lowerPiece({ name, formula, piece }, placed.around, placed.lanes);
      return { ...placed, ...inStep(placed, lower) };
    });
    return { pieces: kernels, pass: passOf(kernels, needed, serving, derived) };
  };
  const forward = lowered(derived.forward, outcomes, "forward");
  const backward = lowered(derived.backward, results, "backward");
  const pieces = [...forward.pieces, ...backward.pieces];
  const kernels = pieces.flatMap((p) => [p.kernel, ...(p.instead ? [p.instead.kernel] : [])]);
  const used = new Set(kernels.flatMap((k) => [...k.reads, ...k.writes]));
  const buffers = derived.tensors.flatMap((t) => bufferOf(t, derived, used));
  return {
    layer,
    buffers: [...buffers, ...pieces.flatMap((p) => p.scratch).map(scratchBuffer)],
    planConstants: constants.list,
    checks: [...requirementChecks(layer), ...checks],
    forward: forward.pass,
    backward: resultsEarly(backward.pass, kernels, new Set(results)),
    kernels,
    panels: [...machine.tile.panels, ...stencilPanels].filter((p) => used.has(p.name)),
    routines: [
      ...(used.has(panels.sums) ? [machine.tile.routine] : []),
      ...(used.has(stencilPanel.sums) ? [sumTaps] : []),
    ],
  };
}

/** Tensors and indices: what a plan constant must not be called. */
export const namesInStatements = (derived: Derived): readonly string[] => [
  ...derived.tensors.map((t) => t.name),
  ...[...derived.forward, ...derived.backward].flatMap((s) => [
    ...s.indices.map((i) => i.name),
    ...namesIn(s.body),
  ]),
];

const scratchBuffer = ({ name, type, extent }: Scratch): Buffer => ({
  name,
  role: "workspace",
  type,
  shape: [extent],
  own: true,
});

export const outputs = (tensors: readonly Tensor[]): readonly string[] =>
  tensors.filter((t) => t.role === "output").map((t) => t.name);

export function bufferOf(t: Tensor, derived: Derived, used: ReadonlySet<string>): readonly Buffer[] {
  const role = roleOf(t, derived);
  if (role === "workspace" && !used.has(t.name)) return [];
  const { name, type, shape, bound } = t;
  return [{ name, role, type, shape, ...(t.role === "index" && bound && { bound }) }];
}
function roleOf(t: Tensor, derived: Derived): BufferRole {
  if (isGiven(t)) return "given";
  if (t.role === "output" || t.role === "cotangent" || t.role === "gradient") return t.role;
  return derived.saved.includes(t.name) ? "saved" : "workspace";
}

export type Prefix = "forward" | "backward";

/** What is computed for each result. */
export type Needed = ReadonlyMap<string, readonly Statement[]>;
export const neededBy = (statements: readonly Statement[], results: readonly string[]): Needed =>
  new Map(results.map((result) => [result, neededFor(statements, new Set([result]))]));

/** For each statement's tensor the results that depend on it. */
export function servedBy(
  statements: readonly Statement[],
  needed: Needed,
): ReadonlyMap<string, readonly string[]> {
  const serves = new Map<string, string[]>(statements.map((s) => [s.tensor, []]));
  for (const [result, computed] of needed) for (const s of computed) serves.get(s.tensor)?.push(result);
  return serves;
}

/** For each result the tensors it needs from the caller, and for each kernel the results it serves. */
export function passOf(
  pieces: readonly (Pick<PlacedPiece, "computes" | "loops" | "when"> & {
    readonly kernel: { readonly name: string };
    readonly instead?: Lowered["instead"];
  })[],
  needed: Needed,
  serves: ReadonlyMap<string, readonly string[]>,
  derived: Derived,
): Pass {
  const needs: Record<string, readonly string[]> = {};
  for (const [result, computed] of needed) {
    const read = new Set(computed.flatMap((s) => [...tensorsIn(s.body)]).filter((name) => !serves.has(name)));
    needs[result] = derived.tensors.map((t) => t.name).filter((name) => read.has(name));
  }
  const steps = pieces.map(({ computes, kernel, instead, loops, when }): Step => {
    const served = new Set(computes.flatMap((tensor) => serves.get(tensor) ?? []));
    const choice = instead && { when: instead.when, kernel: instead.kernel.name };
    return {
      kernel: kernel.name,
      for: [...needed.keys()].filter((r) => served.has(r)),
      ...(choice && { instead: choice }),
      ...(loops && { loops }),
      ...(when && { when }),
    };
  });
  return { needs, steps };
}

export function requirementChecks(layer: Layer): readonly PlanCheck[] {
  return layer.requirements.map((r) => ({ kind: "condition", condition: r.condition, message: r.message }));
}

/** `forward` + `h_t` ↦ `forwardHT`, unique in the program. */
export function kernelName(prefix: string, tensor: string, names: Set<string>): string {
  const bare =
    prefix === "gradient" || (prefix === "backward" && tensor.startsWith("d")) ? tensor.slice(1) : tensor;
  const camel = bare
    .split("_")
    .filter((word) => word !== "")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
  return take(names, (i) => prefix + camel + (i === 0 ? "" : i + 1));
}

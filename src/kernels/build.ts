/** A derived layer to its program: buffers, kernels, and which of them each pass and each gradient runs. */
import type { Derived } from "../calculus/derivation.js";
import { neededFor } from "../calculus/differentiate.js";
import * as integer from "../notation/integer.js";
import { isGiven, type Layer, type Statement, type Tensor } from "../notation/layer.js";
import { namesIn, tensorsIn } from "../notation/traverse.js";
import type { Table } from "./block.js";
import { panels } from "./contraction/emit.js";
import { multiplyTile, packedColumns, packedDepth, tileColumns, tileRows } from "./contraction/tile.js";
import { PlanConstants } from "./constants.js";
import { layerNames, lowerPiece, standsAlone, type Surroundings } from "./lower.js";
import { schedule, type Piece } from "./schedule.js";
import type { Buffer, BufferRole, Kernel, Pass, PlanCheck, Program } from "./program.js";

export interface ProgramOptions {
  readonly checks: readonly PlanCheck[];
  /** The statement in the layer language, for the comment above its kernel. */
  readonly print: (statement: Statement, layer: Layer) => string;
}

export function buildProgram(derived: Derived, { checks, print }: ProgramOptions): Program {
  const { layer } = derived;
  const shapes = new Map([...derived.tensors, ...panelTensors].map((t) => [t.name, t]));
  const constants = new PlanConstants([...layerNames(layer), ...namesInStatements(derived)]);
  const printed: Layer = { ...layer, tensors: derived.tensors };
  const names = new Set<string>();
  const around: Surroundings = { layer, shapes, constants, gathered: derived.selectors };
  const results = derived.gradients.map((g) => g.tensor);
  const outcomes = [...new Set([...outputs(derived.tensors), ...derived.saved])];
  const kernelsOf = (statements: readonly Statement[], wanted: readonly string[], prefix: Prefix) => {
    const serving = servedBy(statements, wanted);
    const pieces = schedule(statements, {
      kept: new Set(wanted),
      stands: remembered((s) => standsAlone(s, around)),
      serves: (s) => (prefix === "forward" ? "" : (serving.get(s.tensor) ?? []).join()),
      isReal: (tensor) => shapes.get(tensor)?.type === "real",
    });
    return pieces.map((piece) => {
      const last = piece.statements.at(-1)?.tensor ?? "";
      const name = kernelName(results.includes(last) ? "gradient" : prefix, last, names);
      const formula = piece.statements.map((s) => print(s, printed)).join("\n");
      return { piece, ...lowerPiece({ name, formula, piece }, around) };
    });
  };
  const forwardPieces = kernelsOf(derived.forward, outcomes, "forward");
  const backwardPieces = kernelsOf(derived.backward, results, "backward");
  const pieces = [...forwardPieces, ...backwardPieces];
  const kernels = pieces.map((p) => p.kernel);
  const used = new Set(kernels.flatMap((k) => [...k.reads, ...k.writes]));
  const buffers = derived.tensors.flatMap((t) => bufferOf(t, derived, used));
  const realNames = new Set(kernels.flatMap((k) => k.reals));
  return {
    layer,
    buffers: [...buffers, ...panelBuffers(used), ...pieces.flatMap((p) => p.tables).map(tableBuffer)],
    realConstants: layer.constants.filter((c) => realNames.has(c.name)),
    planConstants: constants.list,
    checks: [...requirementChecks(layer), ...checks],
    forward: passOf(forwardPieces, derived.forward, outcomes, derived),
    backward: passOf(backwardPieces, derived.backward, results, derived),
    kernels,
    routines: used.has(panels.tile) ? [multiplyTile] : [],
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

/** The panels under the names that kernels use. */
const panelTensors: readonly Tensor[] = Object.values(panels).map((name) => ({
  name,
  role: "local",
  type: "real",
  shape: [],
}));
const panelLengths: Readonly<Record<string, number>> = {
  [panels.rows]: tileRows * packedDepth,
  [panels.columns]: packedColumns * packedDepth,
  [panels.tile]: tileRows * tileColumns,
};
const panelBuffers = (used: ReadonlySet<string>): readonly Buffer[] =>
  Object.values(panels)
    .filter((name) => used.has(name))
    .map((name) => ({
      name,
      role: "workspace",
      type: "panel",
      shape: [integer.constant(panelLengths[name] ?? 1)],
    }));

const tableBuffer = ({ name, extent }: Table): Buffer => ({
  name,
  role: "workspace",
  type: "integer",
  shape: [extent],
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

/** The answer for a statement, found once: recognising a contraction is the costly part of a schedule. */
export function remembered(test: (s: Statement) => boolean): (s: Statement) => boolean {
  const known = new Map<Statement, boolean>();
  return (s) => {
    const answer = known.get(s) ?? test(s);
    known.set(s, answer);
    return answer;
  };
}

/** For each statement's tensor the results that depend on it. */
export function servedBy(
  statements: readonly Statement[],
  results: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const serves = new Map<string, string[]>(statements.map((s) => [s.tensor, []]));
  for (const result of results)
    for (const s of neededFor(statements, new Set([result]))) serves.get(s.tensor)?.push(result);
  return serves;
}

/** For each result the tensors it needs from the caller, and for each kernel the results it serves. */
export function passOf(
  pieces: readonly { readonly piece: Piece; readonly kernel: Kernel }[],
  statements: readonly Statement[],
  results: readonly string[],
  derived: Derived,
): Pass {
  const made = new Set(statements.map((s) => s.tensor));
  const serves = servedBy(statements, results);
  const needs: Record<string, readonly string[]> = {};
  for (const result of results) {
    const needed = neededFor(statements, new Set([result]));
    const read = new Set(needed.flatMap((s) => [...tensorsIn(s.body)]).filter((name) => !made.has(name)));
    needs[result] = derived.tensors.map((t) => t.name).filter((name) => read.has(name));
  }
  const steps = pieces.map(({ piece, kernel }) => {
    const served = new Set(piece.statements.flatMap((s) => serves.get(s.tensor) ?? []));
    return { kernel: kernel.name, for: results.filter((r) => served.has(r)) };
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
  let name = prefix + camel;
  for (let i = 2; names.has(name); i++) name = `${prefix}${camel}${i}`;
  names.add(name);
  return name;
}

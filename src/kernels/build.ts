/** A derived layer to its program: buffers, kernels, and which of them each pass and each gradient runs. */
import type { Derived } from "../calculus/derivation.js";
import { neededFor } from "../calculus/differentiate.js";
import * as integer from "../notation/integer.js";
import { isGiven, type Layer, type Statement, type Tensor } from "../notation/layer.js";
import { namesIn, tensorsIn } from "../notation/traverse.js";
import { panels } from "./contraction/emit.js";
import { multiplyTile, packedColumns, packedDepth, tileColumns, tileRows } from "./contraction/tile.js";
import { PlanConstants } from "./constants.js";
import { layerNames, lowerStatement } from "./lower.js";
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
  const lower = (prefix: string) => (statement: Statement) => {
    const name = kernelName(prefix, statement.tensor, names);
    const source = { name, formula: print(statement, printed), statement };
    return lowerStatement(source, layer, shapes, constants, derived.selectors);
  };
  const forward = derived.forward.map(lower("forward"));
  const backward = derived.backward.map((s) =>
    lower(derived.gradients.some((g) => g.tensor === s.tensor) ? "gradient" : "backward")(s),
  );
  const kernels = [...forward, ...backward];
  const used = new Set(kernels.flatMap((k) => [...k.reads, ...k.writes]));
  const buffers = derived.tensors.flatMap((t) => bufferOf(t, derived, used));
  const realNames = new Set(kernels.flatMap((k) => k.reals));
  return {
    layer,
    buffers: [...buffers, ...panelBuffers(used)],
    realConstants: layer.constants.filter((c) => realNames.has(c.name)),
    planConstants: constants.list,
    checks: [...requirementChecks(layer), ...checks],
    forward: passOf(
      forward,
      derived.forward,
      [...new Set([...outputs(derived.tensors), ...derived.saved])],
      derived,
    ),
    backward: passOf(
      backward,
      derived.backward,
      derived.gradients.map((g) => g.tensor),
      derived,
    ),
    kernels,
    routines: used.has(panels.tile) ? [multiplyTile] : [],
  };
}

/** Tensors and indices: what a plan constant must not be called. */
const namesInStatements = (derived: Derived): readonly string[] => [
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

const outputs = (tensors: readonly Tensor[]): readonly string[] =>
  tensors.filter((t) => t.role === "output").map((t) => t.name);

function bufferOf(t: Tensor, derived: Derived, used: ReadonlySet<string>): readonly Buffer[] {
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

/** For each result the tensors it needs from the caller, and for each kernel the results it serves. */
function passOf(
  kernels: readonly Kernel[],
  statements: readonly Statement[],
  results: readonly string[],
  derived: Derived,
): Pass {
  const made = new Set(statements.map((s) => s.tensor));
  const needs: Record<string, readonly string[]> = {};
  const serves = new Map<string, string[]>(kernels.map((k) => [k.name, []]));
  for (const result of results) {
    const needed = neededFor(statements, new Set([result]));
    const read = new Set(needed.flatMap((s) => [...tensorsIn(s.body)]).filter((name) => !made.has(name)));
    needs[result] = derived.tensors.map((t) => t.name).filter((name) => read.has(name));
    for (const s of needed) {
      const kernel = kernels[statements.indexOf(s)];
      if (kernel) serves.get(kernel.name)?.push(result);
    }
  }
  return { needs, steps: kernels.map((k) => ({ kernel: k.name, for: serves.get(k.name) ?? [] })) };
}

function requirementChecks(layer: Layer): readonly PlanCheck[] {
  return layer.requirements.map((r) => ({ kind: "condition", condition: r.condition, message: r.message }));
}

/** `forward` + `h_t` ↦ `forwardHT`, unique in the program. */
function kernelName(prefix: string, tensor: string, names: Set<string>): string {
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

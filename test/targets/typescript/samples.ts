/** The programs of these tests by name, and how a test gets at their plans. */
import { emitTypeScript } from "../../../src/targets/typescript/index.js";
import { loadPlan } from "../../../src/targets/typescript/load.js";
import type { Program } from "../../../src/kernels/program.js";
import { awkward, fixed, settings } from "./odd-programs.js";
import { embedding, globalMax, linear, loss } from "./programs.js";

export const samples = {
  linear: linear(),
  embedding: embedding(),
  globalMax: globalMax(),
  loss: loss(),
  settings: settings(),
  awkward: awkward(),
  fixed: fixed(),
} as const;

export type Arrays = Record<string, Float32Array | Float64Array | Int32Array>;
type Call = (inputs: unknown, outputs?: unknown, options?: unknown) => Arrays & { saved: Arrays };
/** What tests call; arguments are unknown, so that wrong ones can be passed. */
export interface Plan {
  readonly shapes: Record<string, number[]>;
  readonly workspaceBytes: number;
  readonly forward: Call;
  readonly backward: Call;
  readonly allocate: () => Arrays;
  readonly dw: Call;
  readonly dtable: Call;
}
export type MakePlan = (sizes?: unknown, options?: unknown) => Plan;

export async function planOf(program: Program): Promise<MakePlan> {
  const text = await emitTypeScript(program, { spec: "x.layer", hash: "0", version: "0.1.0" });
  const made = await loadPlan(text, program.layer.name);
  if (!isMakePlan(made)) throw new Error("no function");
  return made;
}
const isMakePlan = (made: unknown): made is MakePlan => typeof made === "function";
export const f64 = { dtype: "f64" };
export const doubles = (...values: number[]): Float64Array => new Float64Array(values);

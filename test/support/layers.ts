/** Compiling layers in tests, from text to kernels. */
import { compileText, type Compiled } from "../../src/pipeline.js";
import { printStatement } from "../../src/language/print.js";
import type { Layer } from "../../src/notation/layer.js";
import { emitTypeScript } from "../../src/targets/typescript/index.js";
import { loadPlan } from "../../src/targets/typescript/load.js";

const compiled = new Map<string, Compiled>();
/** Several files test the standard layers: each of those compiled last is there still. */
export function compile(text: string, name = "sample"): Compiled {
  const key = `${name}\0${text}`;
  const made = compiled.get(key) ?? compileText(text, `${name}.layer`);
  compiled.delete(key);
  compiled.set(key, made);
  for (const oldest of compiled.keys()) if (compiled.size > mostCompiled) compiled.delete(oldest);
  return made;
}
const mostCompiled = 60;

/** Every statement of the backward pass, printed. */
export function backwardOf(text: string): string[] {
  const { derived } = compile(text);
  const printed: Layer = { ...derived.layer, tensors: derived.tensors };
  return derived.backward.map((s) => printStatement(s, printed));
}

export type Arrays = Record<string, Float64Array | Int32Array>;
export interface F64Plan {
  readonly shapes: Record<string, readonly number[]>;
  readonly workspaceBytes: number;
  forward(inputs: Arrays, outputs?: Arrays): Arrays & { saved: Arrays };
  backward(inputs: Arrays, outputs?: Arrays, options?: { only?: readonly string[] }): Arrays;
  allocate(): Arrays;
}

type F64Plans = (sizes: Record<string, number>) => F64Plan;
const plans = new Map<string, Promise<F64Plans>>();
/** The plan function of the layer, over Float64Array; each text is compiled once a process. */
export function plansOf(text: string): Promise<F64Plans> {
  const known = plans.get(text) ?? compilePlans(text);
  plans.set(text, known);
  return known;
}
async function compilePlans(text: string): Promise<F64Plans> {
  const program = compile(text).programs[0]?.program;
  if (!program) throw new Error("no program");
  const code = await emitTypeScript(program, { spec: "sample.layer", hash: "0", version: "0" });
  const plan = (await loadPlan(code, "sample")) as (sizes: object, options: object) => unknown;
  return (sizes) => plan(sizes, { dtype: "f64" }) as F64Plan;
}

/** Small integers that never repeat a simple pattern: sums of their products are exact in float64. */
export function integers(length: number, seed: number): Float64Array {
  let state = seed * 2654435761 + 1;
  return Float64Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return ((state >>> 16) % 19) - 9;
  });
}

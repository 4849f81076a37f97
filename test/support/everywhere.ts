/** One layer at given values by the reference evaluator and by the kernels of every target. */
import { readFileSync } from "node:fs";
import { gradientLayer } from "../../src/calculus/differentiate.js";
import { emit } from "../../src/pipeline.js";
import { cotangentName, isDifferentiated } from "../../src/notation/layer.js";
import { emitted } from "./emitted.js";
import { evaluateLayer } from "../../src/verify/evaluate.js";
import { float64 } from "../../src/verify/numbers.js";
import type { Target } from "../../src/verify/targets.js";
import { openGpu } from "../../src/webgpu/adapter.js";
import { compile } from "./layers.js";

type Values = Readonly<Record<string, readonly number[]>>;
export interface At {
  readonly sizes: Readonly<Record<string, number>>;
  /** Every given tensor, and the cotangent `dz` of every real output; row-major. */
  readonly values: Values;
}
/** Outputs and gradients by name. */
export interface Found {
  /** `reference`, `ts f64`, `ts f32`, `wasm f32`, `wgsl f32`; an adapter in software has the kernels of a GPU as a second `wgsl f32`. */
  readonly by: string;
  readonly values: Values;
}

/** The text of a layer in `test/cases/results`. */
export const caseText = (name: string): string => readFileSync(`test/cases/results/${name}.layer`, "utf8");

/** @param on where the kernels run: in WebGPU each layer's shaders are compiled first, which takes seconds */
export async function everywhere(
  text: string,
  { sizes, values }: At,
  name = "sample",
  on: readonly ("ts" | "wasm" | "wgsl")[] = ["ts", "wasm", "wgsl"],
): Promise<Found[]> {
  const compiled = compile(text, name);
  const { layer } = compiled;
  const derived = compiled.programs[0]!.derived;
  const outputs = layer.tensors.filter((t) => t.role === "output").map((t) => t.name);
  const gradients = layer.tensors.filter(isDifferentiated).map((t) => t.name);
  const given = new Map(Object.entries(values));
  const forward = evaluateLayer(layer, sizes, given, float64);
  const backward = evaluateLayer(gradientLayer(derived), sizes, given, float64);
  const numbers = (data: ArrayLike<number | bigint> | undefined): number[] => Array.from(data ?? [], Number);
  const reference = Object.fromEntries([
    ...outputs.map((o) => [o, numbers(forward.get(o))] as const),
    ...gradients.map((g) => [cotangentName(g), numbers(backward.get(`g_${g}`))] as const),
  ]);
  const found: Found[] = [{ by: "reference", values: reference }];
  const files = (await emit(compiled, { spec: `${name}.layer`, hash: "0", version: "0" }, on))[0]!.files;
  const gpu = on.includes("wgsl") ? await openGpu() : undefined;
  try {
    for (const target of await emitted(layer, files, gpu))
      for (const dtype of target.dtypes) found.push(await runOn(target, dtype));
  } finally {
    await gpu?.close();
  }
  return found;

  async function runOn(target: Target, dtype: "f32" | "f64"): Promise<Found> {
    const plan = await target.plan(sizes, dtype);
    const typed = (names: readonly string[]): Record<string, Float32Array | Float64Array | Int32Array> =>
      Object.fromEntries(
        names.map((n) => {
          const data = values[n] ?? [];
          const integer = layer.tensors.some((t) => t.name === n && t.type === "integer");
          if (integer) return [n, Int32Array.from(data)];
          return [n, dtype === "f32" ? Float32Array.from(data) : Float64Array.from(data)];
        }),
      );
    const cotangents = Object.keys(values).filter((n) => !layer.tensors.some((t) => t.name === n));
    const inputs = typed(Object.keys(values).filter((n) => !cotangents.includes(n)));
    try {
      const { saved, ...results } = await plan.forward(inputs);
      const back = await plan.backward({ ...inputs, ...typed(cotangents), ...(saved as object) });
      const all = { ...results, ...back } as Record<string, ArrayLike<number>>;
      return {
        by: `${target.name} ${dtype}`,
        values: Object.fromEntries(Object.entries(all).map(([n, data]) => [n, numbers(data)])),
      };
    } finally {
      plan.close?.();
    }
  }
}

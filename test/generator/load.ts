/** Generated files as plans, their types taken off by esbuild: the compiler's own way takes a fifth of the whole run. */
import { transform } from "esbuild";
import { emitTypeScript } from "../../src/targets/typescript/index.js";
import { runtimeText } from "../../src/targets/wgsl/runtime.js";
import { emitWasm } from "../../src/targets/wasm/index.js";
import { wasmTargetOf } from "../../src/verdicts.js";
import { emitWgsl } from "../../src/targets/wgsl/index.js";
import type { Compiled } from "../../src/pipeline.js";
import type { Target } from "../../src/verify/targets.js";
import type { Gpu } from "../../src/webgpu/adapter.js";
import type { GpuPlanFunction } from "../../src/webgpu/run.js";
import { gpuTargets } from "../../src/webgpu/target.js";

const header = { spec: "sample.layer", hash: "0", version: "0" };
export const runtime = runtimeText("0");

/** `index.ts`, `wasm.ts` where it is asked for, and `webgpu.ts` where there is a device to run it on. */
export async function filesOf(
  { programs }: Compiled,
  { gpu, wasm = false }: { readonly gpu?: Gpu | undefined; readonly wasm?: boolean | undefined },
): Promise<Readonly<Record<string, string>>> {
  const [own] = programs;
  if (!own) throw new Error("no program");
  const typescript = await emitTypeScript(own.program, header);
  const onCpu = {
    "index.ts": typescript,
    ...(wasm && { "wasm.ts": await emitWasm(own.vectorProgram(), header) }),
  };
  if (!gpu) return onCpu;
  const { "webgpu.ts": webgpu = "" } = await emitWgsl(own.gpuProgram(), header);
  return { ...onCpu, "webgpu.ts": webgpu };
}

export async function plansOf(
  { layer }: Compiled,
  { "index.ts": typescript = "", "wasm.ts": wasm, "webgpu.ts": webgpu }: Readonly<Record<string, string>>,
  gpu: Gpu | undefined,
): Promise<readonly Target[]> {
  const make = (await exported(typescript, layer.name)) as (
    sizes: object,
    options: object,
  ) => ReturnType<Target["plan"]>;
  const own: Target[] = [
    { name: "ts", dtypes: ["f64", "f32"], plan: (sizes, dtype) => make(sizes, { dtype }) },
  ];
  if (wasm !== undefined) own.push(wasmTargetOf(await exported(wasm, layer.name)));
  if (!gpu || webgpu === undefined) return own;
  runtimeUrl ??= urlOf(runtime);
  const url = JSON.stringify(await runtimeUrl);
  const text = webgpu.replaceAll(/(?<=\bfrom\s*)"\.\.\/runtime\.js"/gu, () => url);
  const onGpu = (await exported(text, layer.name)) as GpuPlanFunction;
  const targets = gpuTargets(layer, onGpu, gpu);
  return [...own, ...targets.map((t, i) => ({ ...t, name: i === 0 ? t.name : `${t.name} as on a GPU` }))];
}
let runtimeUrl: Promise<string> | undefined;

async function exported(typescript: string, name: string): Promise<unknown> {
  const module = (await import(await urlOf(typescript))) as Readonly<Record<string, unknown>>;
  if (module[name] === undefined) throw new Error(`the generated module exports no ${name}`);
  return module[name];
}
async function urlOf(typescript: string): Promise<string> {
  const { code } = await transform(typescript, { loader: "ts" });
  return `data:text/javascript;base64,${Buffer.from(code).toString("base64")}`;
}

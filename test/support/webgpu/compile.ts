/** Layers compiled to WebGPU modules in tests, and what came out of them compared. */
import { emit } from "../../../src/pipeline.js";
import { runtimeText } from "../../../src/targets/wgsl/runtime.js";
import { moduleUrl } from "../../../src/webgpu/load.js";
import { compile } from "../layers.js";

/** The layer's module as a URL to import. */
export async function moduleOf(text: string, name = "sample"): Promise<string> {
  const header = { spec: `${name}.layer`, hash: "0", version: "0" };
  const folders = await emit(compile(text, name), header, ["wgsl"]);
  const webgpu = folders.find((folder) => folder.name === name)?.files["webgpu.ts"];
  if (webgpu === undefined) throw new Error(`${name} has no webgpu.ts`);
  return moduleUrl(webgpu, runtimeText("0"));
}

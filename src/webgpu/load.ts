/** Generated WebGPU modules without files. */
import { moduleUrlOf } from "../targets/typescript/url.js";

/** A generated `webgpu.ts` as a URL that can be imported anywhere: with the runtime that it imports inside. */
export function moduleUrl(webgpu: string, runtime: string): string {
  if (last?.runtime !== runtime) last = { runtime, url: moduleUrlOf(runtime) };
  const { url } = last;
  return moduleUrlOf(webgpu.replaceAll(/(?<=\bfrom\s*)"\.\.\/runtime\.js"/gu, () => JSON.stringify(url)));
}
/** The runtime is the same for all. */
let last: { readonly runtime: string; readonly url: string } | undefined;

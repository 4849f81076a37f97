/** Generated WebGPU modules without files. */
import { moduleUrlOf } from "../targets/typescript/url.js";

/** A generated `webgpu.ts` as a URL that can be imported anywhere: with the runtime that it imports inside. */
export function moduleUrl(webgpu: string, runtime: string): string {
  const inside = webgpu.replaceAll(/(?<=\bfrom\s*)"\.\.\/runtime\.js"/gu, () =>
    JSON.stringify(moduleUrlOf(runtime)),
  );
  return moduleUrlOf(inside);
}

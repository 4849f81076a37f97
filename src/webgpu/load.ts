/** Generated WebGPU modules without files. */
import { stripTypes } from "../targets/typescript/javascript.js";

const urlOf = (typescript: string): string =>
  `data:text/javascript;base64,${Buffer.from(stripTypes(typescript)).toString("base64")}`;

/** A generated `webgpu.ts` as a URL that can be imported anywhere: with the runtime that it imports inside. */
export function moduleUrl(webgpu: string, runtime: string): string {
  const inside = webgpu.replaceAll(/(?<=\bfrom\s*)"\.\.\/runtime\.js"/gu, () =>
    JSON.stringify(urlOf(runtime)),
  );
  return urlOf(inside);
}

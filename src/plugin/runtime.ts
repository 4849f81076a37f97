/** `leibniz/runtime`: what generated WebGPU modules share. */
import { declarationText } from "../targets/typescript/declarations.js";
import { declarationsOf, stripTypes } from "../targets/typescript/javascript.js";
import { runtimeHeader, runtimeModuleText } from "../targets/wgsl/runtime.js";
import { version } from "../version.js";

export function runtimeModule(): { readonly js: string; readonly types: string } {
  const text = runtimeModuleText(version);
  return {
    js: stripTypes(text),
    types: `${runtimeHeader(version)}\n${declarationText(declarationsOf(text))}`,
  };
}

/** `leibniz/runtime`: what generated WebGPU modules share. */
import { declarationsOf, stripTypes } from "../targets/typescript/javascript.js";
import { runtimeText } from "../targets/wgsl/runtime.js";
import { version } from "../version.js";

export function runtimeModule(): { readonly js: string; readonly types: string } {
  const text = runtimeText(version).replace(/^\/\/\/ .*\n/mu, ""); // types that TypeScript's own have by now
  return { js: stripTypes(text), types: declarationsOf(text) };
}

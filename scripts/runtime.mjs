/** The source of `generated/runtime.ts`: the files of `src/runtime/` as one, in the order in which they need each other. */
import { readFileSync } from "node:fs";

const files = ["device.ts", "description.ts", "buffers.ts", "finish.ts", "plan.ts"];

export function runtimeSource() {
  const texts = files.map((file) => readFileSync(new URL(`../src/runtime/${file}`, import.meta.url), "utf8"));
  return texts.map((text) => text.replaceAll(/^import [^;]* from "\.\/[^;]*;\n+/gmu, "")).join("\n");
}

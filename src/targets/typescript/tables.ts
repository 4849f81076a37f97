/** Tables of the module that say what passes read, write and hand back. */
import { inPlacePairs } from "../../kernels/in-place.js";
import type { Program } from "../../kernels/program.js";
import { quote } from "../../notation/line-ends.js";
import { list, typePrefix } from "./names.js";
import { gradientNeeds, savedNames } from "./tensors.js";

export function passTablesText(program: Program): string {
  const outputs = program.buffers.filter((b) => b.role === "output").map((b) => b.name);
  const saved = savedNames(program);
  const reads = [...new Set(Object.values(program.forward.needs).flat())];
  const pairs = inPlacePairs(program).map((pair) => list(pair));
  const needs = [...gradientNeeds(program)].map(([name, tensors]) => `[${quote(name)}, ${list(tensors)}],`);
  return `const forwardNames: Call = {
  reads: ${list(reads)},
  writes: ${list([...new Set([...outputs, ...saved])])},
  results: ${list(outputs)},
  saved: ${list(saved)},
};
/** Inputs whose very array an output may be. */
const inPlace: ${typePrefix(program.layer.name)}Plan["inPlace"] = [${pairs.join(", ")}];
/** What each gradient is computed from. */
const needs: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([${needs.join("\n")}]);`;
}

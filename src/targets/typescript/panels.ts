/** Panels: arrays of the module that all plans share. */
import type { Panel, Program } from "../../kernels/program.js";
import { panelIdentifier } from "../code/scope.js";

/** All names that a program's panels go by: their own and those of their parts. */
export const panelNames = (program: Pick<Program, "panels">): readonly string[] =>
  program.panels.flatMap((p) => [p.name, ...p.parts]);

/**
 * The panels as constants of the module. The engine compiles what it knows of a constant array into the loops that
 * read it, its place and its length. A bundler leaves out what is made without an effect and used by none: so they are marked.
 */
export const panelsText = (panels: readonly Panel[]): string => panels.map(panelText).join("\n");
const arrays = { real: "Float64Array", single: "Float32Array", integer: "Int32Array" } as const;
function panelText({ name, says, type, length, parts, overlap = false }: Panel): string {
  const array = panelIdentifier(name);
  const views = parts.map((part, i) => {
    const from = overlap ? i : (i * length) / parts.length;
    const to = overlap ? from + length - parts.length + 1 : from + length / parts.length;
    return `const ${panelIdentifier(part)} = /* @__PURE__ */ ${array}.subarray(${from}, ${to});`;
  });
  const made = `const ${array} = /* @__PURE__ */ new ${arrays[type]}(${length});`;
  return [`/** ${says} */`, made, ...views].join("\n");
}

/** What all files share stands in source files: as declarations, laid out, none of them named twice. */
import { expect, it } from "vitest";
import { format } from "../../../src/targets/typescript/format.js";
import {
  checks,
  heap,
  machinery,
  machineryNames,
  memory,
  runtime,
} from "../../../src/targets/typescript/machinery.js";

it.each([
  ["machinery", machinery.text],
  ["heap", heap.text],
  ["memory", memory.text],
  ["runtime", runtime],
  ...Object.entries(checks),
])("%s is laid out", async (_, text) => {
  expect(text).toBe(await format(text, { parser: "babel-ts", printWidth: 100 }));
});
it("each declaration is the module's own under its name", () => {
  const names = [...machineryNames, ...memory.names];
  expect(new Set(names).size).toBe(names.length);
  for (const [name, text] of Object.entries(checks)) expect(text).toMatch(new RegExp(`\\b${name}\\b`, "u"));
  expect(machinery.text).not.toMatch(/^(?:import|export|declare)\b/mu);
});
it("the checks of a GPU's plans are those of index.ts, in a function of the layer's name", () => {
  const inner = runtime.slice(runtime.indexOf("export function checksOf("));
  for (const name of ["kindOf", "readSettings", "arrayOf", "checkValues"]) {
    const [own, theirs] = [machinery.text, inner].map((text) => {
      const from = text.indexOf(`function ${name}`);
      const body = text.slice(from, text.indexOf("\n", text.indexOf("throw", from)));
      return body.replaceAll(/[\s,]/gu, "").slice(0, 60);
    });
    expect(theirs).toBe(own);
  }
});

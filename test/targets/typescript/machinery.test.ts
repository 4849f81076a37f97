/** The text that all files share is emitted as it stands: it must stand as prettier prints it. */
import { expect, it } from "vitest";
import { format } from "../../../src/targets/typescript/format.js";
import { checks } from "../../../src/targets/typescript/machinery/checks.js";
import { machinery } from "../../../src/targets/typescript/machinery/index.js";

it.each([["machinery", machinery], ...Object.entries(checks)])("%s is formatted", async (_, text) => {
  expect(text.slice(1)).toBe(await format(text, { parser: "babel-ts", printWidth: 100 }));
});

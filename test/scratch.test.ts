import { readFileSync } from "node:fs";
import { it } from "vitest";
import { compileText } from "../src/pipeline.js";
import { printLayer } from "../src/language/print.js";
it("x", () => {
  for (const n of process.env["L"]!.split(",")) {
    const file = n.includes("/") ? n : `test/cases/language/${n}.layer`;
    try {
      const c = compileText(readFileSync(file, "utf8"), file);
      console.log(printLayer(c.layer));
      if (process.env["G"]) console.log(printLayer(c.gradientLayer));
    } catch (e) { console.log((e as Error).stack); }
  }
});

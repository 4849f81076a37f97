/** What a derivation prints reads nothing out of bounds, at any size that the layer allows: it can be taken as a layer by itself. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { boundsChecks, checkBounds } from "../../../src/ranges/checks.js";
import { sampleSizes } from "../../../src/ranges/sample.js";
import { resolveSizes } from "../../../src/ranges/sizes.js";
import { randomFrom } from "../../../src/verify/random.js";
import { compile } from "../../support/layers.js";
import { told } from "./formulas.js";

const folder = new URL("../../../specs/", import.meta.url);
const specs = readdirSync(folder)
  .filter((file) => file.endsWith(".layer"))
  .map((file) => [file.replace(".layer", ""), readFileSync(new URL(file, folder), "utf8")] as const);
const others: typeof specs = [
  [
    "a quotient in what is asked of data",
    `input x[N, C]
weight w[K, C, N]
output o[K]
o[r] = max[1 <= l <= C, q < C](w[3*r - 1, C - 1 - q, max(min(l - q, N - 1), 0)]*x[mod(2*l + r, N), C - 1 - q])
`,
  ],
  [
    "a position that is read where its index is",
    `input v[N, N, N]
input u[C]
output o[C]
o[c] = u[c]*min[b < c](v[3 - c, b, mod(b + 2, N)])
`,
  ],
];

describe("formulas of a derivation read in bounds", () => {
  it.each([...specs, ...others])("%s", (name, text) => {
    const { programs } = compile(text, "sample");
    for (const { derived } of programs) {
      const { layer } = told({ derived }, { steps: "main" });
      const { checks, problems } = boundsChecks(layer);
      expect(problems).toEqual([]);
      const random = randomFrom(5, name);
      for (let draw = 0; draw < 8; draw++) {
        const resolved = resolveSizes(layer, sampleSizes(derived.layer, random.uniform, { budget: 2000 }));
        if (!resolved.ok) throw new Error(`${name}: illegal sizes`);
        const failing = checks.filter((c) => c.kind === "bounds" && checkBounds(c, resolved.env));
        expect(failing).toEqual([]);
      }
    }
  });
});

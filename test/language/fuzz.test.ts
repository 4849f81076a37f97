/** Whatever the text, parseLayer gives a layer or problems in the user's own words, quickly. */
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseLayer } from "../../src/language/parse.js";
import { libraryOf, standardShelf } from "../../src/library.js";
import { renderProblems } from "../../src/language/problem.js";

const specs = readdirSync("specs")
  .filter((f) => f.endsWith(".layer"))
  .map((f) => readFileSync(`specs/${f}`, "utf8"));

const calling = [
  ...["mlp_loss", "mapped_attention"].map((name) =>
    readFileSync(`test/cases/language/${name}.layer`, "utf8"),
  ),
  `use conv2d, max_pool2d, softmax
param p = 1
input x[N, C, H, W]
weight w[K, C, R, S]
weight b[K]
output y
f(u) = u^2
h = conv2d(x, w, b, pad = p, stride = 2)
q = max_pool2d(f(h), R = 2, S = 2)
a, m = softmax(q)
y = where(q > 0, q, stop(softmax(a)))/p
claim dq[n,c,i,j] = dy[n,c,i,j]
`,
];

function check(text: string): void {
  const started = performance.now();
  const library = libraryOf({ file: "sample.layer", text }, standardShelf);
  const { layer, problems, source } = parseLayer(text, "sample.layer", library);
  expect(layer === undefined).toBe(problems.length > 0);
  for (const { span, message, mend = [] } of problems) {
    for (const { start, end } of mend) {
      expect(start).toBeGreaterThanOrEqual(0);
      expect(end).toBeGreaterThanOrEqual(start);
      expect(end).toBeLessThanOrEqual(text.length);
    }
    expect(span.start).toBeGreaterThanOrEqual(0);
    expect(span.end).toBeGreaterThanOrEqual(span.start);
    expect(span.end).toBeLessThanOrEqual(text.length);
    // no alias of the parser and no name of an internal error shows
    expect(/[\u4e00-\u9fff]/.test(message) && !/[\u4e00-\u9fff]/.test(text)).toBe(false);
    expect(message).not.toMatch(/undefined|\[object|NaN|TypeError|RangeError/);
  }
  expect(renderProblems(source, problems)).not.toContain("at Object");
  expect(performance.now() - started).toBeLessThan(3000);
}

const pieces = fc.constantFrom(
  ..."input weight data index output local param claim require variant check where pad stop sum max mean argmax any count floor mod and or not x w t z n c N C P dz dx ' ( ) [ ] , = == < <= > >= != + - * / ^ 0 1 2.5 1e-5 : ; \" # Σ pi inf e true if else for return softmax ln np. .T @ ? ** // += := { } _{ \\sum constructor __proto__ toString \n".split(
    " ",
  ),
  "\n",
  " ",
  "\n",
);

test("arbitrary text", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 300 }), check), { numRuns: 200, seed: 1 });
});
test("arbitrary words of the language", () => {
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 60 }), (words) => check(words.join(" "))),
    { numRuns: 500, seed: 2 },
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (words) =>
      check(`input x[N, C]\noutput z[N]\nz[n] = ${words.join("")}`),
    ),
    { numRuns: 500, seed: 3 },
  );
});
test.each([
  ["formulas", specs, 4],
  ["calls", calling, 5],
])("valid layers of %s with pieces cut out, doubled, exchanged or put in", (_, texts, seed) => {
  const change = fc.tuple(
    fc.nat(),
    fc.nat(12),
    fc.oneof(pieces, fc.constant(""), fc.string({ maxLength: 3 })),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...texts),
      fc.array(change, { minLength: 1, maxLength: 4 }),
      (text, changes) => {
        let changed = text;
        for (const [at, length, piece] of changes) {
          const from = at % (changed.length + 1);
          changed = changed.slice(0, from) + piece + changed.slice(from + length);
        }
        check(changed);
      },
    ),
    { numRuns: 500, seed },
  );
});

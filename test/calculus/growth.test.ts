/** What a derivation costs grows with the text: chains of statements that read their predecessor twice, and deep formulas. */
import { describe, expect, it } from "vitest";
import { chains, factors, maxima, nested, sums } from "../../bench/chains.js";
import { hasNoPole, knownOf } from "../../src/algebra/real-signs.js";
import { differentiate } from "../../src/calculus/differentiate.js";
import { parseLayer } from "../../src/language/parse.js";
import { read } from "../../src/notation/construct.js";
import { countNodes } from "../../src/notation/traverse.js";
import { deriveText } from "../../src/pipeline.js";
import { inferRanges } from "../../src/ranges/infer.js";
import { describe as derivation } from "../../src/targets/document/derivation.js";
import { toDocument } from "../../src/targets/document/json.js";
import { expectRight } from "../support/drawn.js";
import { compile } from "../support/layers.js";

/** Small ones, for each size of the layer. */
const sizesOf = (text: string): Record<string, number> =>
  Object.fromEntries(compile(text).layer.sizes.map((name, i) => [name, 4 - i]));

/** The whole document of a derivation, and the nodes of what is computed. */
function lengthOf(text: string): { readonly document: number; readonly nodes: number } {
  const { layer, derived } = deriveText(text, "sample.layer");
  const document = JSON.stringify(toDocument(derivation(layer, derived))).length;
  const statements = [...derived.forward, ...derived.backward];
  return { document, nodes: statements.reduce((n, s) => n + countNodes(s.body), 0) };
}

describe("chains", () => {
  it.each(chains)("%s: twice the statements are twice the text", (_, text) => {
    const [short, long] = [lengthOf(text(14)), lengthOf(text(28))];
    expect(long.document / short.document).toBeLessThan(2.3);
    expect(long.nodes / short.nodes).toBeLessThan(2.3);
  });
  it.each(chains)("%s: right", async (_, text) => {
    await expectRight(text(7), sizesOf(text(7)), 1, ["ts"]);
  });
});

const deep: readonly (readonly [string, string])[] = [
  ["a function of itself, eight times", nested(8, "u*sigmoid(u)")],
  ["another, six times", nested(6, "u + tanh(u)")],
  ["a product of twenty factors", factors(20)],
  ["a tree of maxima and minima", maxima(5)],
  [
    "in a branch that keeps a read in bounds",
    `input x[N]
     output y[N]
     f(u) = u*sigmoid(u)
     y[n] = where(n > 0, f(f(f(f(f(f(x[n - 1] + x[n])))))), f(f(f(f(x[n])))))`,
  ],
  [
    "under a logarithm in a branch",
    `input x[N]
     output y[N]
     f(u) = u*sigmoid(u)
     y[n] = where(x[n] > 0, log(x[n])*f(f(f(f(f(f(x[n])))))), 0)`,
  ],
  [
    "in a sum",
    `input x[N]
     weight w[R]
     output y[N]
     f(u) = u*sigmoid(u)
     y[n] = sum[r](f(f(f(f(f(f(x[n + r - 1]*w[r])))))))`,
  ],
];

describe("deep formulas", () => {
  it.each(deep)("%s", async (_, text) => {
    await expectRight(text, sizesOf(text), 1, ["ts"]);
  });

  it.each([
    ["functions", nested(6, "u*sigmoid(u)"), nested(8, "u*sigmoid(u)"), 2],
    ["factors", factors(20), factors(40), 2.5],
    ["maxima", maxima(5), maxima(6), 2.3],
  ])("grow with %s", (_, short, long, most) => {
    expect(lengthOf(long).nodes / lengthOf(short).nodes).toBeLessThan(most);
  });

  it("signs of the last of 600 layers", () => {
    const [, network] = chains.find(([name]) => name === "tanh layers")!;
    const { layer } = inferRanges(parseLayer(network(600), "sample.layer").layer!);
    // all definitions before it are looked at, and not by as many calls in one another
    expect(hasNoPole(read("y", []), knownOf(layer))).toBe(true);
  });

  it("formulas as people write them stay whole", () => {
    const { layer } = compile(
      `input x[N, C]
       output y[N, C]
       y[n,c] = 0.5*x[n,c]*(1 + tanh(sqrt(2/pi)*(x[n,c] + 0.044715*x[n,c]^3)))`,
    );
    expect(differentiate(layer).forward.map((s) => s.tensor)).toEqual(["y"]);
  });
});

describe("sums in sums", () => {
  it("twenty-five of them", () => {
    const { derived } = deriveText(sums(25), "sample.layer");
    expect(derived.gradients.map((g) => g.tensor)).toEqual(["dx", "dv"]);
  });
});

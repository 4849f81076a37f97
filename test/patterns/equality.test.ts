/** Canonical forms are equal only for formulas that are, judged exactly over a prime field. */
import { describe, expect, it } from "vitest";
import type { Layer } from "../../src/notation/layer.js";
import { canonicalKey, canonicalStatement } from "../../src/patterns/canonical.js";
import { scopeOf } from "../../src/patterns/scope.js";
import { sampleSizes } from "../../src/ranges/sample.js";
import { environmentOf } from "../../src/verify/environment.js";
import { evaluateLayer } from "../../src/verify/evaluate.js";
import { exactField } from "../../src/verify/field.js";
import { randomFrom, type Random } from "../../src/verify/random.js";
import { compile } from "../support/layers.js";

const header = `param stride = 1
param dilation = 1
param pad = 0
input x[N, H]
input y[P]
weight w[K, R]
output z[N, K, P]
require stride >= 1 and dilation >= 1, "steps are positive"
`;

/** A formula as it can be written in several ways: the names of its indices and the order of its parts. */
interface Writing {
  readonly names: readonly [h: string, r: string, i: string];
  readonly reversed: boolean;
}
const plain: Writing = { names: ["h", "r", "i"], reversed: false };

/** A random sum of products over some of h < H, r < R and i < R; the same draws in any writing. */
function formulaOf(seed: number, { names: [h, r, i], reversed }: Writing): string {
  const random = randomFrom(seed, "formula");
  const pick = <T>(items: readonly T[]): T => items[random.integer(items.length)]!;
  const ordered = (parts: readonly string[], by: string): string =>
    (reversed ? parts.toReversed() : parts).join(by);
  const term = (): string => {
    const binders = [`${h} < H`, `${r} < R`, `${i} < R`].filter(() => random.integer(3) > 0);
    if (binders.length === 0) binders.push(`${r} < R`);
    const bound = (name: string): boolean => binders.some((b) => b.startsWith(`${name} `));
    const inScope = [...(bound(h) ? [h] : []), ...(bound(r) ? [r] : []), ...(bound(i) ? [i] : [])];
    const spread = [
      `p*stride + ${pick(inScope)}*dilation - pad`,
      `dilation*${pick(inScope)}`,
      `p - ${pick(inScope)}`,
      `(p + ${pick(inScope)})/stride`,
      ...inScope,
    ];
    const taps = [...inScope, `${pick(inScope)} - 1`, "0", `floor(${pick(inScope)}/2)`];
    const factors = [`x[n, ${pick(spread)}]`, `w[k, ${pick(taps)}]`];
    if (random.integer(4) === 0) factors.push(`y[${pick([...inScope, "p"])}]`);
    if (random.integer(4) === 0) factors.shift();
    const conditions = [
      `${pick(inScope)} <= ${pick([...inScope, "p"])}`,
      `${pick(inScope)} == ${pick([...inScope, "p"])} + ${random.integer(2)}`,
      `${pick(inScope)} + ${pick(inScope)} < R`,
    ];
    const condition = pick(conditions);
    const product = ordered(factors, " * ");
    const body = random.integer(2) === 0 ? `where(${condition}, ${product}, 0)` : product;
    return `sum[${ordered(binders, ", ")}](${body})`;
  };
  const terms = Array.from({ length: 1 + random.integer(2) }, term);
  return `z[n,k,p] = ${ordered(terms, " + ")}`;
}

interface Case {
  readonly text: string;
  readonly layer: Layer;
  readonly canonical: Layer;
  readonly key: string;
  readonly keyAgain: string;
}
function caseOf(formula: string): Case {
  const { layer } = compile(`${header}${formula}\n`).derived;
  const scope = scopeOf(layer);
  const statements = layer.statements.map((s) => canonicalStatement(s, scope));
  const keyOf = (all: typeof statements): string => all.map(canonicalKey).join("\n");
  const again = keyOf(statements.map((s) => canonicalStatement(s, scope)));
  return {
    text: formula,
    layer,
    canonical: { ...layer, statements },
    key: keyOf(statements),
    keyAgain: again,
  };
}

/** z at sizes, params and values drawn from the stream: the same for every layer of this header. */
function valuesOf(layer: Layer, sizes: Readonly<Record<string, number>>, random: Random): readonly number[] {
  const { int } = environmentOf(layer, sizes);
  const field = exactField(random);
  const given = layer.tensors.filter((t) => t.role === "input" || t.role === "weight");
  const inputs = new Map(
    given.map(({ name, shape }) => {
      const length = shape.reduce((n, extent) => n * int(extent), 1);
      return [name, Array.from({ length }, field.fresh)];
    }),
  );
  const z = evaluateLayer(layer, sizes, inputs, field.arithmetic).get("z") ?? [];
  return Array.from(z, (value) => (typeof value === "number" ? value : value.re));
}
const trials = 4;
const drawnSizes = (layer: Layer): readonly Readonly<Record<string, number>>[] => {
  const random = randomFrom(1, "sizes");
  return Array.from({ length: trials }, () => sampleSizes(layer, random.uniform, { budget: 1500 }));
};
const allValues = (layer: Layer, sizes: readonly Readonly<Record<string, number>>[]): string =>
  sizes.map((s, trial) => valuesOf(layer, s, randomFrom(trial, "values")).join()).join(";");

const seeds = Array.from({ length: 60 }, (_, seed) => seed);
const written: Writing = { names: ["b", "a", "c"], reversed: true };

describe("the canonical form of random sums of products", () => {
  const cases = seeds.map((seed) => caseOf(formulaOf(seed, plain)));
  // of a layer that uses every param as an integer
  const sizes = drawnSizes(caseOf("z[n,k,p] = sum[r](x[n, p*stride + r*dilation - pad]*w[k, r]*y[p])").layer);

  it("has exactly the same values and is canonical already", () => {
    for (const { text, layer, canonical, key, keyAgain } of cases) {
      expect(allValues(canonical, sizes), text).toBe(allValues(layer, sizes));
      expect(keyAgain, text).toBe(key);
    }
  });

  it("is one for a formula under other names and in another order", () => {
    for (const [seed, { text, layer, key }] of cases.entries()) {
      const other = caseOf(formulaOf(seed, written));
      expect(allValues(other.layer, sizes), other.text).toBe(allValues(layer, sizes));
      expect(other.key, `${text}\n${other.text}`).toBe(key);
    }
  });

  it("is equal for equal values only", () => {
    const byKey = new Map<string, string>();
    let met = 0;
    for (const seed of seeds) {
      const all = [cases[seed]!, caseOf(formulaOf(seed + 1000, plain))];
      for (const { text, layer, key } of all) {
        const values = allValues(layer, sizes);
        if (byKey.has(key)) met++;
        expect(byKey.get(key) ?? values, text).toBe(values);
        byKey.set(key, values);
      }
    }
    // some are alike by chance
    expect(met).toBeGreaterThan(0);
    expect(byKey.size).toBeGreaterThan(50);
  });
});

/**
 * Faults planted in the derived gradients of every standard layer: `check` refutes every one that changes a gradient.
 * Whether one does is decided apart from it, by the values of the unchanged gradient, element by element, at other sizes.
 */
import { readdirSync, readFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import type { Layer } from "../../src/notation/layer.js";
import { sampleSizes } from "../../src/ranges/sample.js";
import { failsCheck } from "../../src/verify/check.js";
import { relativeError, scaleOf } from "../../src/verify/compare.js";
import type { Kind as Values } from "../../src/verify/draw.js";
import { compileLayer } from "../../src/verify/evaluate.js";
import { float64 } from "../../src/verify/numbers.js";
import { NoValue } from "../../src/verify/out-of-bounds.js";
import { randomFrom } from "../../src/verify/random.js";
import { makeTrial } from "../../src/verify/trial.js";
import { kinds, mutants, type Kind } from "./mutants.js";
import { closed, gradientsOf } from "./support.js";

const folder = new URL("../../specs/", import.meta.url);
/** Layers of so many faults that they take minutes: four reads a sample, recurrences of several statements, networks. */
const apart = new Set([
  ...["deformable_conv2d", "grid_sample", "grid_sample_border", "roi_align"],
  ...["ctc_loss", "gru", "linear_attention_causal", "lstm", "rnn", "selective_scan"],
  ...["resnet_block", "transformer_block", "decoder_block"],
]);
/** One fault of so many, from another one on in each layer; `EACH_FAULT=1` plants them all. */
const stride = Number(process.env["EACH_FAULT"] ?? 3);
const names = readdirSync(folder)
  .filter((file) => file.endsWith(".layer"))
  .map((file) => file.replace(".layer", ""))
  .filter((name) => !apart.has(name));

/** How many faults of a kind were planted, refuted by `check`, and change no value. */
const counts = new Map(kinds.map((kind) => [kind, { planted: 0, refuted: 0, harmless: 0 }]));
const count = (kind: Kind, outcome: "refuted" | "harmless" | "missed"): void => {
  const of = counts.get(kind) ?? { planted: 0, refuted: 0, harmless: 0 };
  of.planted++;
  if (outcome !== "missed") of[outcome]++;
};

interface Sample {
  readonly sizes: Readonly<Record<string, number>>;
  readonly given: ReadonlyMap<string, ArrayLike<number>>;
  /** The unchanged gradients. */
  readonly wanted: ReadonlyMap<string, ArrayLike<number>>;
}
/** Sizes and values that `check` does not draw. */
function samples(layer: Layer, gradientLayer: Layer): readonly Sample[] {
  const random = randomFrom(77, layer.name);
  const ways: readonly Values[] = ["plain", "plain", "whole", "tied"];
  return Array.from({ length: 48 }, (_, draw) => {
    const sizes = sampleSizes(layer, random.uniform, { budget: draw < 40 ? 200 : 2000 });
    const { inputs, cotangents } = makeTrial(layer, gradientLayer, sizes, random, ways[draw % ways.length]);
    const given = new Map([...inputs, ...cotangents]);
    return { sizes, given, wanted: compileLayer(gradientLayer, sizes, float64).run(given) };
  });
}

/** Whether a gradient layer has the unchanged values, element by element. */
const isHarmless = (mutant: Layer, known: readonly Sample[]): boolean =>
  known.every(({ sizes, given, wanted }) => {
    try {
      const got = compileLayer(mutant, sizes, float64).run(given);
      return mutant.tensors
        .filter((t) => t.role === "output")
        .every(({ name }) => {
          const values = wanted.get(name) ?? [];
          const scale = scaleOf(values, 0);
          return Array.from(values).every(
            (value, i) => relativeError(got.get(name)?.[i] ?? NaN, value, scale) < 1e-9,
          );
        });
    } catch (error) {
      if (error instanceof NoValue) return false;
      throw error;
    }
  });

describe("every fault that changes a gradient is refuted", () => {
  test.each(names)("%s", { timeout: 300_000 }, async (name) => {
    const layer = closed(readFileSync(new URL(`${name}.layer`, folder), "utf8"), name);
    const gradientLayer = gradientsOf(layer);
    const forward = new Set(layer.tensors.map((t) => t.name));
    const known = samples(layer, gradientLayer);
    const missed: string[] = [];
    const all = [...mutants(gradientLayer, (s) => !forward.has(s.tensor))];
    const planted = all.filter((_, i) => i % stride === names.indexOf(name) % stride);
    expect(planted).not.toEqual([]);
    for (const { kind, fault, layer: mutant } of planted) {
      if (isHarmless(mutant, known)) count(kind, "harmless");
      else if (failsCheck({ layer, gradientLayer: mutant }, { trials: 20, seed: 1 })) count(kind, "refuted");
      else {
        count(kind, "missed");
        missed.push(fault);
      }
    }
    expect(missed).toEqual([]);
  });

  afterAll(() => {
    const rows = [...counts].map(([kind, { planted, refuted, harmless }]) => {
      const share = (100 * refuted) / (planted - harmless);
      return `${kind}: ${planted} planted, ${harmless} harmless, ${refuted} refuted (${share.toFixed(1)}%)`;
    });
    console.log(rows.join("\n"));
  });
});

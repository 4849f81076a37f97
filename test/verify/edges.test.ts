/** Sizes at which kernels change course: each constant that a kernel states at one below, at and one above. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { statedBy, statedByGpu, type Stated } from "../../src/kernels/edges.js";
import type { Layer } from "../../src/notation/layer.js";
import { evaluateCondition, evaluateInt } from "../../src/ranges/evaluate.js";
import { resolveSizes } from "../../src/ranges/sizes.js";
import { sizesAtEdges } from "../../src/verify/edges.js";
import { nearSizes } from "../../src/verify/near.js";
import { randomFrom } from "../../src/verify/random.js";
import * as build from "../../src/notation/construct.js";
import * as integer from "../../src/notation/integer.js";
import { compile } from "../support/layers.js";

const compiled = (name: string) => compile(readFileSync(`specs/${name}.layer`, "utf8"), name);

/** The extents that the ways taken at these sizes state, each with its value there. */
function reached(stated: Stated, sizes: Readonly<Record<string, number>>): ReadonlySet<string> {
  const env = stated.environment(sizes);
  const taken = stated.steps.flatMap((ways) => ways.find((w) => evaluateCondition(w.when, env)) ?? []);
  return new Set(
    taken.flatMap(({ kernels, edges }) =>
      edges.map(({ extent, at }) => `${kernels.join()} ${at}: ${evaluateInt(extent, env) - at}`),
    ),
  );
}
function atEdges(subject: { readonly layer: Layer; readonly gradientLayer: Layer }, stated: Stated) {
  const sizes = sizesAtEdges(subject, stated, [], randomFrom(1));
  return { sizes, reached: new Set(sizes.flatMap((s) => [...reached(stated, s)])) };
}

/** Kernels that none of these sizes runs. */
function neverRun(stated: Stated, sizes: readonly Readonly<Record<string, number>>[]): readonly string[] {
  const taken = sizes.flatMap((s) => {
    const env = stated.environment(s);
    return stated.steps.flatMap((ways) => ways.find((w) => evaluateCondition(w.when, env))?.kernels ?? []);
  });
  const all = new Set(stated.steps.flat().flatMap((way) => way.kernels));
  return [...all].filter((kernel) => !taken.includes(kernel));
}

describe("a matrix product", () => {
  const { programs, ...subject } = compiled("linear");
  const [only] = programs;
  if (!only) throw new Error("no program");

  it("is tried about its tiles, panels and blocks on a CPU", () => {
    const { reached } = atEdges(subject, statedBy(only.program));
    for (const kernel of ["forwardZ", "gradientX", "gradientW"]) {
      for (const at of [384, 512])
        for (const by of [-1, 0, 1]) expect(reached).toContain(`${kernel} ${at}: ${by}`);
      // up to three rows or columns are no tiles
      for (const by of [-1, 0, 1]) expect(reached).toContain(`${kernel}ByPoint 4: ${by}`);
      expect(reached).toContain(`${kernel} 3: 1`);
    }
  });

  it("has every kernel of a GPU run, and its tiles of 32 on both sides", () => {
    const stated = statedByGpu(only.gpuProgram(), false);
    const { sizes, reached } = atEdges(subject, stated);
    for (const by of [-1, 0, 1]) expect(reached).toContain(`forwardZTile8 32: ${by}`);
    expect(neverRun(stated, sizes)).toEqual([]);
    for (const s of sizes) expect(resolveSizes(subject.layer, s).ok).toBe(true);
  });
});

it("a row shared by a workgroup is tried about as many points as it has threads", () => {
  const { programs, ...subject } = compiled("softmax");
  const stated = statedByGpu(programs[0]!.gpuProgram(), false);
  const { sizes, reached } = atEdges(subject, stated);
  for (const by of [-1, 0, 1]) expect(reached).toContain(`forwardYRows 128: ${by}`);
  // one of thousands of points, in parts whose number stays the same over a thousand
  expect(neverRun(stated, sizes)).toEqual([]);
});

it("sizes are found where what decides is the same over many of them", () => {
  const parts = integer.floorDivide(integer.variable("C"), integer.constant(2048));
  const found = nearSizes([build.atMost(integer.constant(8), parts)], {
    names: ["N", "C"],
    bases: [{ N: 2, C: 3 }],
    environment: (sizes) => new Map(Object.entries(sizes)),
    isLegal: () => true,
    cost: () => 0,
    most: 1,
  });
  expect(found).toEqual({ N: 2, C: 16_384 });
});

it("sizes are found for conditions that several sizes decide together", () => {
  const [n, k] = [integer.variable("N"), integer.variable("K")];
  const goal = [
    build.isZero(integer.minus(integer.times(n, k), integer.constant(65))),
    build.atMost(integer.constant(5), k),
  ];
  const found = nearSizes(goal, {
    names: ["N", "K"],
    bases: [
      { N: 2, K: 3 },
      { N: 1, K: 1 },
    ],
    environment: (sizes) => new Map(Object.entries(sizes)),
    isLegal: () => true,
    cost: () => 0,
    most: 1,
  });
  expect((found?.["N"] ?? 0) * (found?.["K"] ?? 0)).toBe(65);
  expect(found?.["K"]).toBeGreaterThanOrEqual(5);
});

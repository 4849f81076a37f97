/** The standard layers' kernels, built in memory: values and gradients against hand-written loops. */
import { beforeAll, describe, expect, it } from "vitest";
import { parseLayer, type PlanFunction, type TensorArray, type WasmPlanFunction } from "../../src/index.js";
import { expectClose, type Sizes, textOf } from "./close.js";
import { exact } from "./exact.js";
import { draw, type Drawn } from "./oracles/draw.js";
import type { Grid } from "./oracles/grid.js";
import { oracles } from "./oracles/index.js";

describe.each(oracles.map((oracle) => [oracle.layer, oracle] as const))("%s", (name, oracle) => {
  let [make, inWasm]: [PlanFunction?, WasmPlanFunction?] = [];
  beforeAll(async () => {
    const layer = parseLayer(textOf(name), `${name}.layer`);
    make = (await layer.compile())[name];
    inWasm = (await layer.compile({ target: "wasm" }))[name];
  });

  const compare = (
    sizes: Sizes,
    { given, cotangents }: Drawn,
    dtype: "f64" | "f32",
    tolerance: number,
    made = make?.(sizes, { dtype }),
  ): void => {
    if (!made) throw new Error(`no plan function ${name}`);
    const plan = made;
    const below = oracle.below(sizes);
    const arrays = (grids: Readonly<Record<string, Grid>>): Record<string, TensorArray> =>
      Object.fromEntries(
        Object.entries(grids).map(([tensor, { data }]) => {
          const real = dtype === "f64" ? Float64Array : Float32Array;
          return [tensor, tensor in below ? Int32Array.from(data) : real.from(data)];
        }),
      );
    const outputs = oracle.forward(sizes, given);
    const gradients = oracle.backward(sizes, { ...given, ...cotangents });
    const { saved, ...found } = plan.forward(arrays(given));
    expect(Object.keys(found).sort()).toEqual(Object.keys(outputs).sort());
    for (const [tensor, expected] of Object.entries(outputs)) {
      expect(plan.shapes[tensor], `the shape of ${tensor}`).toEqual(expected.shape);
      expectClose(found[tensor], expected, tolerance, tensor);
    }
    const back = plan.backward({ ...arrays(given), ...arrays(cotangents), ...saved });
    expect(Object.keys(back).sort()).toEqual(Object.keys(gradients).sort());
    for (const [tensor, expected] of Object.entries(gradients))
      expectClose(back[tensor], expected, tolerance, tensor);
  };

  it.each(oracle.cases)("agrees in f64 at %j", (sizes) => compare(sizes, draw(oracle, sizes), "f64", 1e-9));
  it.each(oracle.cases)("agrees in f32 at %j", (sizes) => compare(sizes, draw(oracle, sizes), "f32", 1e-4));
  it.each(oracle.cases)("agrees in WebAssembly at %j", (sizes) =>
    compare(sizes, draw(oracle, sizes), "f32", 1e-4, inWasm?.(sizes)),
  );
  it.each(exact.has(name) ? oracle.cases : [])("is exact for integers, ties included, at %j", (sizes) => {
    for (const plan of [make?.(sizes), inWasm?.(sizes)])
      compare(sizes, draw(oracle, sizes, true), "f32", 0, plan);
  });
});

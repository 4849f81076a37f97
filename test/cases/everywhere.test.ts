/** The harness of the cases: every target is really asked. */
import { expect, it } from "vitest";
import { everywhere } from "../support/everywhere.js";

it("runs a layer by the evaluator and every target", async () => {
  const text = "input x[N]\nweight w\noutput y[N]\ny[n] = w*x[n]^2\n";
  const found = await everywhere(text, {
    sizes: { N: 2 },
    values: { x: [1, -3], w: [2], dy: [1, 0.5] },
  });
  const values = { y: [2, 18], dx: [4, -6], dw: [5.5] };
  expect(found).toEqual(
    ["reference", "ts f64", "ts f32", "wasm f32", "wgsl f32", "wgsl f32"].map((by) => ({ by, values })),
  );
});

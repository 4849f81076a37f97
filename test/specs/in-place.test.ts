/** Steps of optimisers write over what they step from. */
import { expect, it } from "vitest";
import { parseLayer } from "../../src/index.js";
import { textOf } from "./close.js";

const state = { sgd_momentum: ["w", "v"], adam: ["w", "m", "v"] };

it.each(Object.entries(state))("%s steps in place, on every target of the CPU", async (name, tensors) => {
  const layer = parseLayer(textOf(name), `${name}.layer`);
  const planOf = (await layer.compile())[name]!;
  const inWasm = (await layer.compile({ target: "wasm" }))[name]!;
  const values = (): Record<string, Float32Array> => ({
    ...Object.fromEntries(
      ["w", "g", "m", "v"].map((t, i) => [t, Float32Array.of(0.1 + i, 0.2, 0.3, 0.5, 0.7)]),
    ),
    ...{ rate: Float32Array.of(0.1), t: Float32Array.of(2) },
  });
  const given = (): Record<string, Float32Array> =>
    Object.fromEntries(Object.entries(values()).filter(([t]) => t in planOf({ N: 5 }).shapes));
  for (const plan of [planOf({ N: 5 }), inWasm({ N: 5 })]) {
    expect(plan.inPlace).toEqual(expect.arrayContaining(tensors.map((t) => [t, `${t}_next`])));
    const apart = plan.forward(given());
    const expected = tensors.map((t) => Array.from(apart[`${t}_next`] as Float32Array));
    const own = given();
    const before = tensors.map((t) => Array.from(own[t]!));
    plan.forward(own, Object.fromEntries(tensors.map((t) => [`${t}_next`, own[t]!])));
    expect(tensors.map((t) => Array.from(own[t]!))).toEqual(expected);
    expect(expected).not.toEqual(before);
  }
});

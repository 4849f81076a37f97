/** Layers that call layers, against PyTorch, on every target. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { everywhere } from "../support/everywhere.js";

interface Tensor {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}
type Tensors = Readonly<Record<string, Tensor>>;
interface Case {
  readonly layer: string;
  readonly sizes: Readonly<Record<string, number>>;
  readonly inputs: Tensors;
  readonly index: Tensors;
  readonly cotangents: Tensors;
  readonly outputs: Tensors;
  readonly gradients: Tensors;
}
const folder = "test/cases/language";
const layers = ["mlp_loss", "mapped_attention", "rnn", "lstm", "soft_dtw", "sinkhorn"];
const cases = (JSON.parse(readFileSync(`${folder}/golden.json`, "utf8")) as Case[]).filter(({ layer }) =>
  layers.includes(layer),
);
const dataOf = (tensors: Tensors): [string, readonly number[]][] =>
  Object.entries(tensors).map(([name, { data }]) => [name, data]);

describe.each(cases)("$layer $sizes", ({ layer, sizes, inputs, index, cotangents, outputs, gradients }) => {
  it("has PyTorch's values on every target", async () => {
    const values = Object.fromEntries([...dataOf(inputs), ...dataOf(index), ...dataOf(cotangents)]);
    const found = await everywhere(
      readFileSync(`${folder}/${layer}.layer`, "utf8"),
      { sizes, values },
      layer,
    );
    expect(found.length).toBeGreaterThanOrEqual(4);
    const expected = [...dataOf(outputs).map((o) => ({ o, double: 1e-9, single: 2e-4 }))].concat(
      dataOf(gradients).map((o) => ({ o, double: 1e-8, single: 2e-3 })),
    );
    for (const { by, values: own } of found)
      for (const {
        o: [name, numbers],
        double,
        single,
      } of expected) {
        const greatest = Math.max(...numbers.map(Math.abs));
        expect(own[name], `${name} by ${by}`).toHaveLength(numbers.length);
        const worst = Math.max(...numbers.map((n, i) => Math.abs((own[name]?.[i] ?? NaN) - n)));
        expect(worst, `${name} by ${by}`).toBeLessThanOrEqual(
          (by.endsWith("f32") ? single : double) * greatest,
        );
      }
  });
});

it("has cases of every layer", () => {
  expect([...new Set(cases.map(({ layer }) => layer))].toSorted()).toEqual(layers.toSorted());
});

/** Layers with PyTorch's values, on every target. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { everywhere } from "./everywhere.js";

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
const all = JSON.parse(readFileSync(`${folder}/golden.json`, "utf8")) as Case[];
const dataOf = (tensors: Tensors): [string, readonly number[]][] =>
  Object.entries(tensors).map(([name, { data }]) => [name, data]);

/** Tests that these layers have PyTorch's values and gradients at all cases that there are of them. */
export function agreeWithPyTorch(layers: readonly string[]): void {
  const cases = all.filter(({ layer }) => layers.includes(layer));
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
}

/** Jacobians entry by entry: the values of their formulas against the gradient for a unit cotangent. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { entryKey, jacobianOf, type Jacobian } from "../../src/calculus/jacobian.js";
import { printExpression } from "../../src/language/print.js";
import { isDifferentiated, type Layer } from "../../src/notation/layer.js";
import type { Compiled } from "../../src/pipeline.js";
import { resolveSizes } from "../../src/ranges/sizes.js";
import { drawInputs } from "../../src/verify/draw.js";
import { evaluateLayer } from "../../src/verify/evaluate.js";
import { float64 } from "../../src/verify/numbers.js";
import { randomFrom } from "../../src/verify/random.js";
import { compile } from "../support/layers.js";

type Sizes = Record<string, number>;
const spec = (name: string): Compiled =>
  compile(readFileSync(new URL(`../../specs/${name}.layer`, import.meta.url), "utf8"), name);

function jacobian({ layer, derived }: Compiled, output: string, by: string, sizes: Sizes): Jacobian {
  const resolved = resolveSizes(layer, sizes);
  if (!resolved.ok) throw new Error(resolved.message);
  const tensor = (name: string) => layer.tensors.find((t) => t.name === name)!;
  return jacobianOf(derived, tensor(output), tensor(by), resolved.env);
}

/** Every entry as a statement of its own, evaluated. */
function values(compiled: Compiled, found: Jacobian, sizes: Sizes, inputs: Map<string, readonly number[]>) {
  const { layer } = compiled.derived;
  const entries = [...found.entries].map(([key, body]) => ({
    tensor: `entry_${key.replace(",", "_")}`,
    indices: [],
    subscripts: [],
    body,
  }));
  const scalars = entries.map(
    ({ tensor }) => ({ name: tensor, role: "local", type: "real", shape: [] }) as const,
  );
  const whole: Layer = {
    ...layer,
    tensors: [...layer.tensors, ...scalars],
    statements: [...layer.statements, ...entries],
  };
  const result = evaluateLayer(whole, sizes, inputs, float64);
  return (row: number, column: number): number =>
    found.entries.has(entryKey(row, column)) ? Number(result.get(`entry_${row}_${column}`)?.[0]) : 0;
}

const cases: readonly (readonly [name: string, sizes: Sizes])[] = [
  ["linear", { N: 2, C: 3, K: 2 }],
  ["conv1d", { N: 2, C: 2, L: 5, K: 2, R: 3, pad: 1, stride: 2 }],
  ["conv1d", { N: 1, C: 1, L: 7, K: 1, R: 2, dilation: 3, stride: 2 }],
  ["conv2d", { N: 1, C: 1, H: 3, W: 4, K: 2, R: 2, S: 2, pad: 1 }],
  ["conv_transpose2d", { N: 1, C: 1, H: 2, W: 2, K: 1, R: 3, S: 2, stride: 2 }],
  ["max_pool2d", { N: 1, C: 1, H: 4, W: 3, stride: 1 }],
  ["avg_pool2d", { N: 1, C: 1, H: 4, W: 3 }],
  ["batch_norm1d", { N: 3, C: 2 }],
  ["layer_norm", { N: 2, D: 3 }],
  ["softmax", { N: 2, C: 3 }],
  ["softmax_cross_entropy", { N: 2, C: 3 }],
  ["embedding", { N: 1, L: 2, V: 3, D: 2 }],
  ["lstm_cell", { N: 1, D: 2, M: 2 }],
  ["causal_attention", { N: 1, H: 1, L: 3, D: 2, C: 2 }],
];

describe("each entry is the gradient for a unit cotangent", () => {
  it.each(cases)("%s at %j", (name, sizes) => {
    const compiled = spec(name);
    const { layer, gradientLayer } = compiled;
    const { inputs } = drawInputs(layer, sizes, randomFrom(5, name));
    const outputs = layer.tensors.filter((t) => t.role === "output" && t.type === "real");
    let compared = 0;
    for (const z of outputs)
      for (const x of layer.tensors.filter(isDifferentiated)) {
        const found = jacobian(compiled, z.name, x.name, sizes);
        const value = values(compiled, found, sizes, new Map(inputs));
        const shape = evaluateLayer(layer, sizes, inputs, float64);
        const extents = (axes: readonly number[], at: readonly (readonly number[])[]): number[] =>
          axes.map((_, axis) => Math.max(...at.map((point) => point[axis] ?? 0)) + 1);
        const flat = (at: readonly number[], sizesOf: readonly number[]): number =>
          at.reduce((position, i, axis) => position * (sizesOf[axis] ?? 1) + i, 0);
        const [from, to] = [extents(found.rowAxes, found.rows), extents(found.columnAxes, found.columns)];
        for (const [row, at] of found.rows.entries()) {
          const cotangents = outputs.map((t) => {
            const unit = new Array<number>(shape.get(t.name)!.length).fill(0);
            if (t === z) unit[flat(at, from)] = 1;
            return [`d${t.name}`, unit] as const;
          });
          const all = evaluateLayer(gradientLayer, sizes, new Map([...inputs, ...cotangents]), float64);
          for (const [column, place] of found.columns.entries()) {
            expect(value(row, column)).toBeCloseTo(Number(all.get(`g_${x.name}`)?.[flat(place, to)]), 10);
            compared++;
          }
        }
      }
    expect(compared).toBeGreaterThan(0);
  });
});

describe("the block matrix", () => {
  const told = (found: Jacobian): string[][] =>
    found.rows.map((_, row) =>
      found.columns.map((__, column) => {
        const entry = found.entries.get(entryKey(row, column));
        return entry ? printExpression(entry) : "";
      }),
    );

  it("of a linear layer by its weights has the input in each block", () => {
    const found = jacobian(spec("linear"), "z", "w", { N: 1, C: 3, K: 2 });
    expect(told(found)).toEqual([
      ["x[0, 0]", "x[0, 1]", "x[0, 2]", "", "", ""],
      ["", "", "", "x[0, 0]", "x[0, 1]", "x[0, 2]"],
    ]);
    expect(found.columns).toEqual([
      [0, 0],
      [1, 0],
      [2, 0],
      [0, 1],
      [1, 1],
      [2, 1],
    ]);
    expect([found.blockRows, found.blockColumns]).toEqual([1, 3]);
  });

  it("of a convolution by its input is a band", () => {
    const found = jacobian(spec("conv1d"), "z", "x", { N: 1, C: 1, L: 4, K: 1, R: 2 });
    expect(told(found)).toEqual([
      ["w[0, 0, 0]", "w[0, 0, 1]", "", ""],
      ["", "w[0, 0, 0]", "w[0, 0, 1]", ""],
      ["", "", "w[0, 0, 0]", "w[0, 0, 1]"],
    ]);
  });

  it("refuses what is too large in the layer's words", () => {
    expect(() => jacobian(spec("linear"), "z", "w", { N: 1, C: 100, K: 100 })).toThrow(
      "the Jacobian of z by w has 100 x 10000 entries at these sizes; at most 4096 are printed: take smaller sizes",
    );
  });
});

/** Plans whose kernels several threads share: the same bits by any number of them, and errors where a host has no shared memory. */
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { parseLayer, type WasmPlanFunction } from "../../../src/index.js";

const planOf = async (name: string): Promise<WasmPlanFunction> => {
  const text = readFileSync(`specs/${name}.layer`, "utf8");
  const plans = await parseLayer(text, `${name}.layer`).compile({ target: "wasm" });
  const found = plans[name];
  if (!found) throw new Error(`there is no ${name}`);
  return found;
};
const values = (length: number, seed: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => Math.fround(Math.sin(seed + 1.7 * i)));

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);

const closing: (() => void)[] = [];
afterEach(() => closing.splice(0).forEach((close) => close()));

describe("a plan of several threads", () => {
  it.each([
    ["linear", { N: 13, C: 300, K: 270 }],
    ["linear", { N: 1, C: 30, K: 70 }],
    ["conv2d", { N: 2, C: 3, H: 9, W: 10, K: 9, R: 3, S: 3, pad: 1, stride: 2 }],
    ["depthwise_conv2d", { N: 2, C: 3, H: 9, W: 10, R: 3, S: 3, pad: 1 }],
    ["max_pool2d", { N: 2, C: 3, H: 9, W: 10, R: 3, S: 3, pad: 1 }],
    ["softmax", { N: 7, C: 19 }],
    ["relu", { N: 37 }],
    ["lstm", { N: 3, T: 4, D: 5, M: 6 }],
    ["cumsum", { N: 3, T: 9 }],
    ["embedding", { N: 5, V: 7, D: 6, L: 3 }],
  ])("gives the bits of one: %s %o", async (name, sizes) => {
    const make = await planOf(name);
    const fill = (t: Record<string, ArrayLike<number>>): void =>
      Object.values(t).forEach((array, i) => {
        if (array instanceof Float32Array) array.set(values(array.length, i));
      });
    const alone = make(sizes);
    const expected = alone.allocate();
    fill(expected);
    alone.forward(expected, expected);
    alone.backward(expected, expected);
    for (const n of [1, 2, 3]) {
      const plan = await make.threads(sizes, n);
      closing.push(() => plan.close());
      const found = plan.allocate();
      expect(Object.values(found)[0]?.buffer).toBeInstanceOf(SharedArrayBuffer);
      fill(found);
      plan.forward(found, found);
      plan.backward(found, found);
      for (const [tensor, array] of Object.entries(expected))
        expect(bytesOf(found[tensor]!).equals(bytesOf(array)), `${tensor} by ${n}`).toBe(true);
    }
  });

  it("copies arrays from elsewhere, and refuses calls when it is closed", async () => {
    const make = await planOf("relu");
    const plan = await make.threads({ N: 5 }, 2);
    const x = Float32Array.of(1, -2, 3, -4, 5);
    expect([...(plan.forward({ x })["y"] ?? [])]).toEqual([1, 0, 3, 0, 5]);
    plan.close();
    plan.close();
    expect(() => plan.forward({ x })).toThrow("relu: the plan is closed");
  });

  it.each([0, -1, 1.5, 257, NaN])("refuses %s threads", async (n) => {
    const make = await planOf("relu");
    await expect(make.threads({ N: 5 }, n)).rejects.toThrow(
      `relu: threads must be a whole number from 1 to 256, got ${n}`,
    );
  });

  it("says what a host lacks", async () => {
    const make = await planOf("relu");
    const host = globalThis as { SharedArrayBuffer?: unknown };
    const { SharedArrayBuffer: shared } = host;
    const { wait } = Atomics;
    try {
      delete host.SharedArrayBuffer;
      await expect(make.threads({ N: 5 }, 2)).rejects.toThrow("no SharedArrayBuffer");
      host.SharedArrayBuffer = shared;
      Atomics.wait = () => {
        throw new TypeError("Atomics.wait cannot be called in this context");
      };
      await expect(make.threads({ N: 5 }, 2)).rejects.toThrow("this thread may not; call it in a worker");
    } finally {
      host.SharedArrayBuffer = shared;
      Atomics.wait = wait;
    }
  });
});

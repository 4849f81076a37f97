/** Products by relaxed multiply-adds where the engine has them, by two roundings where it has not. */
import { setFlagsFromString } from "node:v8";
import { afterEach, expect, it } from "vitest";
import { parseLayer } from "../../../src/index.js";

const text = "input x[N, C]\nweight w[C, K]\noutput z[N, K]\nz[n, k] = sum[c](x[n, c] * w[c, k])\n";
const [N, C, K] = [21, 300, 19];
const values = (length: number, seed: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => Math.fround(Math.sin(seed + 1.7 * i)));
const [x, w] = [values(N * C, 1), values(C * K, 2)];
const exact = Array.from({ length: N * K }, (_, at) => {
  let sum = 0;
  for (let c = 0; c < C; c++) sum += x[Math.floor(at / K) * C + c]! * w[c * K + (at % K)]!;
  return sum;
});

const host = globalThis as unknown as { WebAssembly: { validate: (bytes: Uint8Array) => boolean } };
const { validate } = host.WebAssembly;
const flag = "experimental-wasm-relaxed-simd"; // of Node 20; newer ones need none
afterEach(() => {
  setFlagsFromString(`--no-${flag}`);
  host.WebAssembly.validate = validate;
});

it.each([
  ["with", true],
  ["without", false],
])("%s relaxed multiply-adds sums are within 1e-5 of their scale", async (name, has) => {
  if (has) setFlagsFromString(`--${flag}`);
  const found: boolean[] = [];
  host.WebAssembly.validate = (bytes) => {
    found.push(has && validate(bytes));
    return found.at(-1) ?? false;
  };
  const plans = await parseLayer(text, `product_${name}.layer`).compile({ target: "wasm" });
  const { z } = plans[`product_${name}`]!({ N, C, K }).forward({ x, w });
  expect(found).toEqual([has]);
  const scale = Math.max(...exact.map(Math.abs));
  exact.forEach((value, i) => expect(Math.abs((z?.[i] ?? NaN) - value)).toBeLessThan(1e-5 * scale));
});

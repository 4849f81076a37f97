/** The functions that modules have of their own, beside the engine's. */
import { beforeAll, describe, expect, it } from "vitest";
import {
  callOf,
  constant,
  get,
  load,
  operation,
  repeat,
  set,
  store,
  type WasmFunction,
} from "../../../src/targets/wasm/encode/instructions.js";
import { vectorLibrary } from "../../../src/targets/wasm/math/vectors.js";
import { encode } from "../../../src/targets/wasm/encode/module.js";
import { exportsOf } from "../../support/web-assembly.js";
import { library, withCalled } from "../../../src/targets/wasm/functions.js";

let own: ReturnType<typeof exportsOf>["exports"];
beforeAll(() => {
  const functions = withCalled(new Set(Object.keys(library)));
  own = exportsOf(encode({ functions, exported: functions.map((f) => f.name) })).exports;
});

/** Numbers of both signs, by even steps and by even factors, from the least to the greatest. */
const numbers: readonly number[] = [
  ...Array.from({ length: 4000 }, (_, i) => (i - 2000) / 97),
  ...Array.from({ length: 4000 }, (_, i) => (i % 2 ? 1 : -1) * 2 ** (i / 2 / 16 - 60)),
];
/** The error in units of the value, or of the least float32 where the value is less than that. */
function worst(
  found: (u: number) => number,
  expected: (u: number) => number,
  over: readonly number[] = numbers,
): { error: number; at: number } {
  let [error, at] = [0, NaN];
  for (const u of over) {
    const [a, b] = [found(u), expected(u)];
    if (Object.is(a, b) || a === b || (Number.isNaN(a) && Number.isNaN(b))) continue;
    const own = Math.abs(a - b) / Math.max(Math.abs(b), 2 ** -149);
    if (!(own <= error)) [error, at] = [own, u];
  }
  return { error, at };
}

describe("functions of one number", () => {
  it.each([
    ["exp", Math.exp],
    ["log", Math.log],
    ["log1p", Math.log1p],
    ["expm1", Math.expm1],
    ["sin", Math.sin],
    ["cos", Math.cos],
    ["tan", Math.tan],
    ["tanh", Math.tanh],
    ["sinh", Math.sinh],
    ["cosh", Math.cosh],
    ["atan", Math.atan],
    ["asin", Math.asin],
    ["acos", Math.acos],
    ["sigmoid", (u: number) => 1 / (1 + Math.exp(-u))],
    ["softplus", (u: number) => Math.max(u, 0) + Math.log1p(Math.exp(-Math.abs(u)))],
    ["relu", (u: number) => Math.max(u, 0)],
    ["sign", Math.sign],
    ["square", (u: number) => u * u],
    ["cube", (u: number) => u * u * u],
  ] as const)("%s is close to the engine's", (name, expected) => {
    const { error, at } = worst(own[name]!, expected);
    expect(error, `at ${at}`).toBeLessThan(1e-12);
    const ends = [0, -0, Infinity, -Infinity, NaN, 1, -1, 710, -746, 5e-324];
    for (const end of ends) {
      const [a, b] = [own[name]!(end), expected(end)];
      if (!(Math.abs(a - b) <= 1e-13 * Math.abs(b))) expect(a, `${name}(${end})`).toEqual(b);
    }
  });

  it("sine and cosine keep their places however large the number", () => {
    const large = Array.from({ length: 500 }, (_, i) => Math.fround(1.37 ** (i / 2) * 1e5)).filter(
      Number.isFinite,
    );
    for (const name of ["sin", "cos"] as const)
      for (const u of [...large, 1e22, 1e300, 2 ** 1000])
        expect(Math.abs(own[name]!(u) - Math[name](u)), `${name}(${u})`).toBeLessThan(1e-14);
  });

  it("erf and gelu are those of their series and fractions", () => {
    // Σ (-1)ⁿ u^(2n+1) / (n! (2n+1)) and, from 1.5 on, the continued fraction of erfc (Abramowitz and Stegun 7.1.5, 7.1.14)
    const erfc = (u: number): number => {
      if (u < 0) return 2 - erfc(-u);
      if (u < 1.5) return 1 - series(u);
      let fraction = 0;
      for (let n = 500; n > 0; n--) fraction = n / 2 / (u + fraction);
      return Math.exp(-u * u) / Math.sqrt(Math.PI) / (u + fraction);
    };
    const series = (u: number): number => {
      let [sum, term] = [0, u];
      for (let n = 0; n < 120; n++) {
        sum += term / (2 * n + 1);
        term *= (-u * u) / (n + 1);
      }
      return (2 / Math.sqrt(Math.PI)) * sum;
    };
    const near = numbers.filter((u) => Math.abs(u) < 25);
    const erf = (u: number): number => (Math.abs(u) < 1 ? series(u) : 1 - erfc(u));
    expect(worst(own["erf"]!, erf, near).error).toBeLessThan(1e-12);
    const gelu = (u: number): number => 0.5 * u * erfc(-u / Math.SQRT2);
    expect(worst(own["gelu"]!, gelu, near).error).toBeLessThan(1e-11);
  });
});

describe("functions of two numbers", () => {
  const some = [0, -0, 1, -1, 0.5, -0.5, 2, 3, -3, 7.25, 1e-3, 1e10, -1e10, Infinity, -Infinity, NaN];
  it.each([
    ["power", Math.pow],
    ["atan2", Math.atan2],
    ["mod", (a: number, b: number) => a - b * Math.floor(a / b)],
  ] as const)("%s is close to the engine's", (name, expected) => {
    for (const a of some)
      for (const b of some) {
        const [x, y] = [own[name]!(a, b), expected(a, b)];
        if (!(Math.abs(x - y) <= 1e-12 * Math.abs(y))) expect(x, `${name}(${a}, ${b})`).toEqual(y);
      }
  });
});

it("integers divide downwards, and by nothing to nothing", () => {
  const integers = Array.from({ length: 41 }, (_, i) => i - 20);
  for (const a of integers)
    for (const b of integers) {
      const below = b === 0 ? 0 : Math.floor(a / b);
      expect(own["floorDivide"]!(BigInt(a), BigInt(b))).toBe(BigInt(below));
      expect(own["modulo"]!(BigInt(a), BigInt(b))).toBe(BigInt(b === 0 ? 0 : a - b * below));
    }
  for (let b = 0; b < 20; b++) expect(own["integerPower"]!(3n, BigInt(b))).toBe(3n ** BigInt(b));
});

describe("functions of four numbers at once", () => {
  const single = (u: number): number => Math.fround(u);
  const near = numbers.filter((u) => Math.abs(u) < 80).map(single);
  const exact: Readonly<Record<string, (u: number) => number>> = {
    ...{ exp: Math.exp, log: Math.log, tanh: Math.tanh },
    relu: (u) => Math.max(u, 0),
    square: (u) => u * u,
  };
  // each lane goes in and comes out through memory
  let run: (name: string, over: readonly number[]) => readonly number[];
  beforeAll(() => {
    const functions = Object.values(vectorLibrary);
    const loops = functions.map((f): WasmFunction => ({
      name: `all ${f.name}`,
      parameters: [{ name: "end", type: "i32" }],
      locals: [{ name: "at", type: "i32" }],
      body: [
        repeat("vectors", operation("i32.lt_u", get("at"), get("end")), [
          store("v128.store", get("at"), callOf(f.name, load("v128.load", get("at")))),
          set("at", operation("i32.add", get("at"), constant("i32", 16))),
        ]),
      ],
    }));
    const bytes = encode({ functions: [...functions, ...loops], exported: loops.map((f) => f.name) });
    const { exports, memory } = exportsOf(bytes, 4);
    run = (name, over) => {
      const lanes = new Float32Array(memory.buffer, 0, 4 * Math.ceil(over.length / 4));
      lanes.set(over);
      exports[`all ${name} of four`]!(lanes.byteLength);
      return [...lanes.subarray(0, over.length)];
    };
  });

  it.each(["exp", "log", "tanh", "sigmoid", "softplus", "relu", "erf", "square"])(
    "%s is within 3e-7 of the one of a number",
    (name) => {
      const expected = exact[name] ?? own[name]!;
      const found = run(name, near);
      const error = (u: number, i: number): number => {
        const [a, b] = [found[i]!, expected(u)];
        if (Number.isNaN(b)) return Number.isNaN(a) ? 0 : Infinity;
        if (Math.abs(b) > 3.4e38 || !Number.isFinite(b)) return a === Math.fround(b) ? 0 : Infinity;
        return Math.abs(a - b) / Math.max(Math.abs(b), 2 ** -126);
      };
      const errors = near.map(error);
      const worst = errors.indexOf(Math.max(...errors));
      expect(errors[worst], `${name}(${near[worst]}) = ${found[worst]}`).toBeLessThan(3e-7);
    },
  );
  it("gelu is within 3e-7 of its size, or of its argument's where it is small", () => {
    const found = run("gelu", near);
    near.forEach((u, i) =>
      expect(Math.abs(found[i]! - own["gelu"]!(u)), `gelu(${u})`).toBeLessThan(3e-7 * Math.abs(u) + 1e-40),
    );
  });
  it("they keep infinities and what is no number", () => {
    const ends = [0, Infinity, -Infinity, NaN, 88, 100, -110, 1];
    for (const name of ["exp", "log", "tanh", "sigmoid", "softplus", "relu", "erf", "square"]) {
      const found = run(name, ends);
      ends.forEach((end, i) => {
        const expected = Math.fround((exact[name] ?? own[name]!)(end));
        if (!(Math.abs(found[i]! - expected) <= 3e-7 * Math.abs(expected) + 2 ** -149))
          expect(found[i], `${name}(${end})`).toEqual(expected);
      });
    }
  });
});

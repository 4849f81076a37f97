import { describe, expect, test } from "vitest";
import { readFileSync } from "node:fs";
import { compileText } from "../../../src/pipeline.js";
import { planOf, samples, type Arrays, type Plan } from "./samples.js";

const linear = await planOf(samples.linear);
const embedding = await planOf(samples.embedding);
const settings = await planOf(samples.settings);

const sizes = { N: 2, C: 3, D: 2 };

/** An array that lies about its length. */
class Longer extends Float32Array {
  override get length(): number {
    return 6;
  }
}
const inputs = (): Arrays => ({ x: new Float32Array(6), w: new Float32Array(6), b: new Float32Array(2) });

describe("sizes and options that are wrong", () => {
  test.each([
    [{ N: 2, C: 3 }, undefined, TypeError, "linear: the size D is missing"],
    [{ ...sizes, d: 2 }, undefined, TypeError, 'linear: there is no size or param "d"; did you mean D?'],
    [{ ...sizes, N: 0 }, undefined, RangeError, "linear: N = 0 must be a positive integer"],
    [{ ...sizes, N: 1.5 }, undefined, RangeError, "linear: N = 1.5 must be a positive integer"],
    [{ ...sizes, N: NaN }, undefined, RangeError, "linear: N = NaN must be a positive integer"],
    [{ ...sizes, N: "2" }, undefined, TypeError, "linear: N must be a number, got string"],
    [{ ...sizes, N: null }, undefined, TypeError, "linear: N must be a number, got null"],
    [
      undefined,
      undefined,
      TypeError,
      "linear: expected an object that gives each size or param by name, got undefined",
    ],
    [
      { ...sizes, N: 2 ** 40 },
      undefined,
      RangeError,
      "linear: N = 1099511627776 is out of range: integers lie within ±2147483647",
    ],
    [
      { ...sizes, N: 2 ** 30, C: 2 ** 30 },
      undefined,
      RangeError,
      "linear: x[1073741824, 1073741824] is too large",
    ],
    [sizes, { dtype: "f16" }, TypeError, 'linear: dtype must be "f32" or "f64", got "f16"'],
    [sizes, { dtype: ["f64"] }, TypeError, 'linear: dtype must be "f32" or "f64", got Array'],
    [sizes, { type: "f64" }, TypeError, 'linear: there is no option "type"; did you mean dtype?'],
  ])("%j %j", (given, options, type, message) => {
    const call = (): Plan => linear(given, options);
    expect(call).toThrow(type);
    expect(call).toThrow(message);
  });

  test.each([
    [{ H: 9, stride: 0 }, "settings: stride = 0 must be a positive integer"],
    [{ H: 9, stride: 1.5 }, "settings: stride = 1.5 must be a positive integer"],
    [
      { H: 9, offset: -(2 ** 40) },
      "settings: offset = -1099511627776 is out of range: integers lie within ±2147483647",
    ],
    [{ H: 9, offset: 0.5 }, "settings: offset = 0.5 must be an integer"],
    [{ H: 9, eps: NaN }, "settings: eps = NaN must be a number"],
    [{ H: 3 }, 'settings: a stride too "long" (H = 3, stride = 2, offset = 0, eps = 0.00001)'],
    [
      { H: 10, offset: 3 },
      "settings: x[p*stride + offset] is out of bounds on axis 0: 11 is not in 0 <= … < H = 10, first at p = 4 (H = 10, stride = 2, offset = 3, eps = 0.00001)",
    ],
    [
      { H: 9, offset: -1 },
      "settings: x[p*stride + offset] is out of bounds on axis 0: -1 is not in 0 <= … < H = 9, first at p = 0 (H = 9, stride = 2, offset = -1, eps = 0.00001)",
    ],
  ])("%j", (given, message) => {
    expect(() => settings(given)).toThrow(new RangeError(message));
  });

  test("more than memory holds", () => {
    expect(() => linear({ N: 2 ** 26, C: 2 ** 26, D: 1 }).allocate()).toThrow(
      new RangeError("linear: there is no memory for x[67108864, 67108864]"),
    );
  });

  test.each([
    [
      "what a tensor is computed with",
      "conv2d",
      { N: 1, C: 2 ** 20, H: 2 ** 16, W: 2 ** 16, K: 1, R: 1, S: 1 },
    ],
    ["a loop by an index", "conv2d", { N: 1, C: 1, H: 1, W: 2 ** 30, K: 1, R: 1, S: 1, stride: 2 ** 27 }],
    ["the rows of a pooling", "max_pool2d", { N: 1, C: 1, H: 1, W: 2 ** 30, R: 1, S: 1, stride: 1 }],
    ["intermediates", "attention", { N: 1, H: 1, L: 2 ** 20, S: 2 ** 20, D: 1, C: 1 }],
  ])("%s, in the user's names", async (_, name, sizes) => {
    const text = readFileSync(`specs/${name}.layer`, "utf8");
    const { program, layer } = compileText(text, `${name}.layer`).programs.map((p) => ({
      ...p,
      layer: p.derived.layer,
    }))[0]!;
    const make = await planOf(program);
    const known = new Set(
      [...layer.tensors, ...program.buffers.filter((b) => b.type === "real")].map((t) => t.name),
    );
    let message = "";
    try {
      make(sizes);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toContain("make the sizes smaller");
    expect(known).toContain(/to compute (\w+)/u.exec(message)?.[1]);
    for (const [size, value] of Object.entries(sizes)) expect(message).toContain(`${size} = ${value}`);
  });

  test("a derived size below 1", async () => {
    const make = await planOf({ ...samples.settings, checks: [] });
    expect(() => make({ H: 2, stride: 4 })).toThrow(
      new RangeError(
        "settings: the derived size P = 0 must be a positive integer (H = 2, stride = 4, offset = 0, eps = 0.00001)",
      ),
    );
  });
});

describe("arrays that are wrong", () => {
  const shared = new Float32Array(12);
  test.each<[string, unknown, Arrays, ErrorConstructor, string]>([
    ["missing", { x: new Float32Array(6), w: new Float32Array(6) }, {}, TypeError, "linear: b is missing"],
    ["undefined", { ...inputs(), b: undefined }, {}, TypeError, "linear: b is missing"],
    [
      "misspelled",
      { ...inputs(), dX: new Float32Array(6) },
      {},
      TypeError,
      'linear: there is no tensor "dX"; did you mean dx?',
    ],
    [
      "of the prototype",
      { ...inputs(), toString: 1 },
      {},
      TypeError,
      'linear: there is no tensor "toString"',
    ],
    [
      "misspelled output",
      inputs(),
      { zz: new Float32Array(4) },
      TypeError,
      'linear: there is no tensor "zz"; did you mean z?',
    ],
    [
      "length",
      { ...inputs(), x: new Float32Array(5) },
      {},
      RangeError,
      "linear: x[2, 3] must have length 6, got 5",
    ],
    [
      "output's length",
      inputs(),
      { z: new Float32Array(6) },
      RangeError,
      "linear: z[2, 2] must have length 4, got 6",
    ],
    [
      "type",
      { ...inputs(), x: new Float64Array(6) },
      {},
      TypeError,
      "linear: x must be of type Float32Array, got Float64Array",
    ],
    [
      "plain array",
      { ...inputs(), x: [1, 2] },
      {},
      TypeError,
      "linear: x must be of type Float32Array, got Array",
    ],
    [
      "a function",
      { ...inputs(), x: () => 0 },
      {},
      TypeError,
      "linear: x must be of type Float32Array, got function",
    ],
    [
      "a proxy",
      { ...inputs(), x: new Proxy(new Float32Array(6), {}) },
      {},
      TypeError,
      "linear: x must be of type Float32Array, got an object that stands for one",
    ],
    [
      "a proxy that answers nothing",
      { ...inputs(), x: Proxy.revocable(new Float32Array(6), {}).proxy },
      {},
      TypeError,
      "linear: x must be of type Float32Array, got an object that stands for one",
    ],
    [
      "a subclass",
      { ...inputs(), x: new Longer(2) },
      {},
      TypeError,
      "linear: x must be of type Float32Array, got Longer",
    ],
    [
      "a length of its own",
      { ...inputs(), x: Object.defineProperty(new Float32Array(5), "length", { value: 6 }) },
      {},
      RangeError,
      "linear: x[2, 3] must have length 6, got 5",
    ],
    [
      "a prototype alone",
      { ...inputs(), x: Object.create(Float32Array.prototype) as unknown },
      {},
      TypeError,
      "linear: x must be of type Float32Array, got an object that stands for one",
    ],
    ["null", { ...inputs(), x: null }, {}, TypeError, "linear: x must be of type Float32Array, got null"],
    [
      "an array for the object",
      new Float32Array(6),
      {},
      TypeError,
      "linear: expected an object that gives each tensor by name, got Float32Array",
    ],
    [
      "nothing",
      undefined,
      {},
      TypeError,
      "linear: expected an object that gives each tensor by name, got undefined",
    ],
    [
      "overlap",
      { ...inputs(), x: shared.subarray(0, 6) },
      { z: shared.subarray(5, 9) },
      RangeError,
      "linear: the output z overlaps x in memory",
    ],
  ])("%s", (_, given, outputs, type, message) => {
    const z = outputs["z"]?.fill(7);
    const call = (): unknown => linear(sizes).forward(given, outputs);
    expect(call).toThrow(type);
    expect(call).toThrow(message);
    expect(z?.every((value) => value === 7) ?? true).toBe(true);
  });

  test("a function for an output", () => {
    const z = Float32Array as unknown as Float32Array;
    expect(() => linear(sizes).forward(inputs(), { z })).toThrow(
      new TypeError("linear: z must be of type Float32Array, got function"),
    );
  });

  test("neighbours in one buffer are apart", () => {
    const z = shared.subarray(6, 10);
    expect(linear(sizes).forward({ ...inputs(), x: shared.subarray(0, 6) }, { z })["z"]).toBe(z);
  });

  test("outputs that overlap each other", () => {
    const t = linear(sizes).allocate();
    expect(() => linear(sizes).backward(t, { dx: t["dx"], dw: t["dx"] })).toThrow(
      new RangeError("linear: the output dx overlaps dw in memory"),
    );
  });

  test("an input of the layer that the call does not read is not written either", () => {
    const t = linear(sizes).allocate();
    expect(() => linear(sizes).dw(t, { dw: t["w"] })).toThrow("linear: the output dw overlaps w in memory");
  });

  test("index values out of range, before anything is written", () => {
    const p = embedding({ N: 4, V: 10, D: 1 });
    const z = new Float32Array(4).fill(7);
    const table = new Float32Array(10);
    const t = new Int32Array([0, 9, 3, 12]);
    expect(() => p.forward({ t, table }, { z })).toThrow(
      new RangeError("embedding: t[3] = 12 is outside 0 <= t < V = 10"),
    );
    t[3] = -1;
    expect(() => p.dtable({ t, dz: z })).toThrow("embedding: t[3] = -1 is outside 0 <= t < V = 10");
    expect(z).toEqual(new Float32Array(4).fill(7));
    expect(() => p.forward({ t: new Float32Array(4), table })).toThrow(
      "t must be of type Int32Array, got Float32Array",
    );
  });

  test.each([
    [{ only: ["dq"] }, 'linear: there is no gradient "dq"; did you mean dx?'],
    [{ only: "dx" }, "linear: only must be a list of gradients"],
    [{ only: [Object.create(null)] }, 'linear: there is no gradient "object"; known: dx, dw, db'],
    [{ onyl: ["dx"] }, 'linear: there is no option "onyl"; did you mean only?'],
  ])("options %j", (options, message) => {
    expect(() => linear(sizes).backward({}, {}, options)).toThrow(new TypeError(message));
  });
});

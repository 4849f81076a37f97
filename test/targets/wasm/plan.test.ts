/** What plans do with arrays and memories: their own are used in place, others are copied, several plans share one memory. */
import { beforeAll, describe, expect, it } from "vitest";
import { parseLayer, type WasmPlanFunction } from "../../../src/index.js";
import { engine } from "../../support/web-assembly.js";

const text = `input x[N, C]
weight w[C, K]
output z[N, K]
z[n, k] = exp(sum[c](x[n, c] * w[c, k]))
`;
let [make, index]: [WasmPlanFunction?, WasmPlanFunction?] = [];
beforeAll(async () => {
  make = (await parseLayer(text, "product.layer").compile({ target: "wasm" }))["product"];
  const gather = "index t[N] < V\nweight w[V]\noutput y[N]\ny[n] = w[t[n]]\n";
  index = (await parseLayer(gather, "gather.layer").compile({ target: "wasm" }))["gather"];
});
const sizes = { N: 2, C: 2, K: 1 };
const x = Float32Array.of(1, 2, 0, -1);
const w = Float32Array.of(0.5, 0.25);
const close = (found: unknown, expected: readonly number[]): void => {
  expect(found).toBeInstanceOf(Float32Array);
  expected.forEach((value, i) => expect((found as Float32Array)[i]).toBeCloseTo(value, 5));
};
const z = [Math.exp(1), Math.exp(-0.25)];

describe("arrays", () => {
  it("of the plan are always the same, lie in one memory, and are used in place", () => {
    const plan = make!(sizes);
    const t = plan.allocate();
    expect(plan.allocate()).toEqual(t);
    expect(plan.allocate()["x"]).toBe(t["x"]);
    expect(new Set(Object.values(t).map((a) => a.buffer)).size).toBe(1);
    t["x"]!.set(x);
    t["w"]!.set(w);
    const result = plan.forward(t, t);
    expect(result["z"]).toBe(t["z"]);
    close(t["z"], z);
    t["dz"]!.set([1, 0]);
    expect(plan.backward(t, t)["dw"]).toBe(t["dw"]);
    close(t["dw"], [Math.exp(1), 2 * Math.exp(1)]);
  });

  it("from elsewhere are copied, and leave the plan's own as they are", () => {
    const plan = make!(sizes);
    const t = plan.allocate();
    for (const array of Object.values(t)) array.fill(7);
    close(plan.forward({ x, w })["z"], z);
    const mine = new Float32Array(2);
    expect(plan.forward({ x: x.slice(), w }, { z: mine })["z"]).toBe(mine);
    close(mine, z);
    for (const array of Object.values(t)) expect([...array]).toEqual([...array].fill(7));
    // some of both
    t["w"]!.set(w);
    close(plan.forward({ x, w: t["w"]! }, { z: t["z"]! })["z"], z);
    expect([...t["x"]!]).toEqual([7, 7, 7, 7]);
  });

  it("may lie in a part of the memory that is no tensor's own", () => {
    const plan = make!(sizes);
    const { buffer } = plan.allocate()["x"]!;
    const t = plan.allocate();
    t["dx"]!.set(x);
    t["w"]!.set(w);
    const inside = new Float32Array(buffer, t["dx"]!.byteOffset, 4);
    close(plan.forward({ x: inside, w: t["w"]! })["z"], z);
  });

  it("are checked as those of index.ts", () => {
    const plan = make!(sizes);
    const t = plan.allocate();
    expect(() => plan.forward({ x })).toThrow(new TypeError("product: w is missing"));
    expect(() => plan.forward({ x, w: w.subarray(1) })).toThrow(
      new RangeError("product: w[2, 1] must have length 2, got 1"),
    );
    expect(() => plan.forward({ x: t["x"]!, w }, { z: t["x"]!.subarray(1, 3) })).toThrow(
      "the output z overlaps x in memory",
    );
    expect(() => index!({ N: 2, V: 3 }).forward({ t: Int32Array.of(0, 3), w: new Float32Array(3) })).toThrow(
      "gather: t[1] = 3 is outside 0 <= t < V = 3",
    );
    expect(() => make!({ N: 2 })).toThrow("product: the size C is missing");
  });

  it("are added to where that is asked for", () => {
    const plan = make!(sizes);
    const t = plan.allocate();
    t["x"]!.set(x);
    t["w"]!.set(w);
    plan.forward(t, t);
    t["dz"]!.set([1, 0]);
    t["dw"]!.fill(1);
    plan.backward(t, t, { only: ["dw"], add: ["dw"] });
    close(t["dw"], [1 + Math.exp(1), 1 + 2 * Math.exp(1)]);
  });
});

describe("memories", () => {
  it("are shared by plans, and results pass without a copy", () => {
    const first = make!.bytes(sizes);
    const second = make!.bytes({ N: 2, C: 1, K: 3 });
    expect(first % 64).toBe(0);
    const memory = new engine.Memory({ initial: Math.ceil((first + second + 128) / 65536) });
    const before = memory.buffer;
    const one = make!(sizes, { memory, at: 128 });
    const other = make!({ N: 2, C: 1, K: 3 }, { memory, at: 128 + first });
    const [a, b] = [one.allocate(), other.allocate()];
    for (const array of [...Object.values(a), ...Object.values(b)]) expect(array.buffer).toBe(before);
    const ends = (t: typeof a): number[] =>
      Object.values(t).map((array) => array.byteOffset + array.byteLength);
    expect(Math.max(...ends(a))).toBeLessThanOrEqual(128 + first);
    expect(Math.min(...Object.values(b).map((array) => array.byteOffset))).toBeGreaterThanOrEqual(
      128 + first,
    );
    a["x"]!.set(x);
    a["w"]!.set(w);
    b["w"]!.set([0, 1, -1]);
    one.forward(a, a);
    close(
      other.forward({ x: a["z"]!, w: b["w"]! }, b)["z"],
      z.flatMap((v) => [1, Math.exp(v), Math.exp(-v)]),
    );
    expect(memory.buffer).toBe(before);
  });

  it("must be memories, and large enough", () => {
    const memory = new engine.Memory({ initial: 0 });
    expect(() => make!(sizes, { memory })).toThrow(/^product: the memory has 0 bytes, the plan needs \d+/u);
    expect(() => make!(sizes, { at: 4 })).toThrow("at says where in a memory, and no memory is given");
    expect(() => make!(sizes, { memory, at: 2 })).toThrow("at = 2 must be a multiple of 4, and at least 0");
    expect(() => make!(sizes, { memory: {} as typeof memory })).toThrow(
      "memory must be a WebAssembly.Memory, got Object",
    );
    expect(() => make!(sizes, { memori: memory } as object)).toThrow("did you mean memory?");
    expect(() => make!(sizes, { dtype: "f64" } as object)).toThrow('dtype must be "f32"');
  });

  it("are not made before they are needed; what has no room says so", () => {
    const plan = make!({ N: 2 ** 20, C: 2 ** 20, K: 1 });
    expect(plan.shapes["x"]).toEqual([2 ** 20, 2 ** 20]);
    expect(() => plan.allocate()).toThrow(
      /^product: there is no memory for x\[1048576, 1048576\], .* bytes in all/u,
    );
  });
});

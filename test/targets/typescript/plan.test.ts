import { beforeAll, describe, expect, test } from "vitest";
import { emitTypeScript } from "../../../src/targets/typescript/index.js";
import { loadPlan } from "../../../src/targets/typescript/load.js";
import type { Program } from "../../../src/kernels/program.js";
import * as programs from "./programs.js";

type Arrays = Record<string, Float32Array | Float64Array | Int32Array>;
type Call = (inputs: unknown, outputs?: unknown, options?: unknown) => Arrays & { saved: Arrays };
interface Plan {
  readonly shapes: Record<string, number[]>;
  readonly workspaceBytes: number;
  readonly forward: Call;
  readonly backward: Call;
  readonly allocate: () => Arrays;
  readonly dw: Call;
  readonly dtable: Call;
}
type MakePlan = (sizes?: unknown, options?: unknown) => Plan;

const load = async (program: Program): Promise<MakePlan> => {
  const text = await emitTypeScript(program, { spec: "x.layer", hash: "0", version: "0.1.0" });
  return (await loadPlan(text, program.layer.name)) as MakePlan;
};
const f64 = { dtype: "f64" };
const doubles = (...values: number[]): Float64Array => new Float64Array(values);

let linear: MakePlan, embedding: MakePlan, globalMax: MakePlan, loss: MakePlan, settings: MakePlan;
beforeAll(async () => {
  [linear, embedding, globalMax, loss, settings] = (await Promise.all(
    [programs.linear(), programs.embedding(), programs.globalMax(), programs.loss(), programs.settings()].map(
      load,
    ),
  )) as [MakePlan, MakePlan, MakePlan, MakePlan, MakePlan];
});

describe("results", () => {
  const given = { x: doubles(1, 2, 3, 4, 5, 6), w: doubles(1, 0, 0, 1, 1, 1), b: doubles(10, 20) };
  const dz = doubles(1, 2, 3, 4);
  const plan = (): Plan => linear({ N: 2, C: 3, D: 2 }, f64);

  test("forward, backward and one gradient alone", () => {
    expect(plan().forward(given)).toEqual({ z: doubles(14, 25, 20, 31), saved: {} });
    const gradients = {
      dx: doubles(1, 2, 3, 3, 4, 7),
      dw: doubles(13, 18, 17, 24, 21, 30),
      db: doubles(4, 6),
    };
    expect(plan().backward({ ...given, dz })).toEqual(gradients);
    expect(plan().dw({ x: given.x, dz })).toEqual({ dw: gradients.dw });
    expect(plan().backward({ x: given.x, dz }, undefined, { only: ["dw", "db"] })).toEqual({
      dw: gradients.dw,
      db: gradients.db,
    });
    expect(plan().backward({}, {}, { only: [] })).toEqual({});
  });

  test("f32 is the default and agrees with f64", () => {
    const single = linear({ N: 2, C: 3, D: 2 });
    const { z } = single.forward({
      x: new Float32Array(given.x),
      w: new Float32Array(given.w),
      b: new Float32Array(given.b),
    });
    expect(z).toEqual(new Float32Array([14, 25, 20, 31]));
  });

  test("shapes, workspace and allocate", () => {
    expect(plan().shapes).toEqual({
      x: [2, 3],
      w: [3, 2],
      b: [2],
      z: [2, 2],
      dz: [2, 2],
      dx: [2, 3],
      dw: [3, 2],
      db: [2],
    });
    expect(plan().workspaceBytes).toBe(0);
    expect(globalMax({ N: 5, C: 3 }).workspaceBytes).toBe(20);
    expect(globalMax({ N: 5, C: 3 }, f64).workspaceBytes).toBe(40);
    const tensors = globalMax({ N: 5, C: 3 }, f64).allocate();
    expect(Object.keys(tensors)).toEqual(["x", "z", "m", "dz", "dx"]);
    expect(tensors["m"]).toEqual(new Int32Array(5));
    expect(tensors["dx"]).toEqual(new Float64Array(15));
  });

  test("given arrays are written into and handed back; what was in them does not matter", () => {
    const p = plan();
    const t = p.allocate();
    for (const [name, array] of Object.entries({ ...given, dz })) t[name]!.set(array);
    for (const name of ["z", "dx", "dw", "db"]) t[name]!.fill(NaN);
    const first = p.forward(t, t);
    expect(first["z"]).toBe(t["z"]);
    expect(t["z"]).toEqual(doubles(14, 25, 20, 31));
    const gradients = p.backward(t, t);
    expect(gradients["dw"]).toBe(t["dw"]);
    expect(t["dw"]).toEqual(doubles(13, 18, 17, 24, 21, 30));
    // the same arrays again: nothing is made, not even the result
    expect(p.forward(t, t)).toBe(first);
    expect(p.backward(t, t)).toBe(gradients);
    // other arrays: the result handed out before keeps its own
    const other = { ...t, z: new Float64Array(4) };
    expect(p.forward(t, other)["z"]).toBe(other.z);
    expect(first["z"]).toBe(t["z"]);
  });

  test("fresh arrays every time where none are given", () => {
    const p = plan();
    expect(p.forward(given)["z"]).not.toBe(p.forward(given)["z"]);
  });

  test("a scatter starts from zero", () => {
    const p = embedding({ N: 3, V: 4, D: 2, scale: 10 }, f64);
    const t = new Int32Array([2, 0, 2]);
    const table = doubles(0, 1, 2, 3, 4, 5, 6, 7);
    expect(p.forward({ t, table })["z"]).toEqual(doubles(40, 50, 0, 10, 40, 50));
    const dtable = new Float64Array(8).fill(99);
    p.dtable({ t, dz: doubles(1, 2, 3, 4, 5, 6) }, { dtable });
    expect(dtable).toEqual(doubles(30, 40, 0, 0, 60, 80, 0, 0));
  });

  test("saved integers, workspace", () => {
    const p = globalMax({ N: 2, C: 3 }, f64);
    const { z, saved } = p.forward({ x: doubles(1, 3, 3, -1, -2, -3) });
    expect(z).toEqual(doubles(3, -1));
    expect(saved).toEqual({ m: new Int32Array([1, 0]) });
    expect(p.backward({ dz: doubles(5, 7), ...saved })).toEqual({ dx: doubles(0, 5, 0, 7, 0, 0) });
  });

  test("scalars have one element; an output that a gradient needs is saved, the same array", () => {
    const p = loss({ N: 2 }, f64);
    expect(p.shapes["loss"]).toEqual([]);
    const result = p.forward({ x: doubles(3, 5), y: doubles(1, 1) });
    expect(result["loss"]).toEqual(doubles(10));
    expect(result.saved["e"]).toBe(result["e"]);
    const { dx } = p.backward({ ...result.saved, dloss: doubles(1), de: doubles(100, 200) });
    expect(dx).toEqual(doubles(102, 204));
  });

  test("defaults, derived sizes, constants of the plan", () => {
    const p = settings({ H: 9, eps: 0 }, f64);
    expect(p.shapes["z"]).toEqual([5]);
    // scale = 3, gcd(2, 6) = 2, 3 · 5 ≡ 1 (mod 7)
    expect(p.forward({ x: doubles(0, 1, 2, 3, 4, 5, 6, 7, 8) })["z"]).toEqual(doubles(7, 13, 19, 25, 31));
    const undefinedIsDefault = settings({ H: 9, stride: undefined });
    expect(undefinedIsDefault.shapes["z"]).toEqual([5]);
  });

  test("names of JavaScript are names like any other", async () => {
    const bind = await load(programs.awkward());
    const p = bind({ in: 2, at: 1 }, f64);
    const values = { new: doubles(1, 2), Math: doubles(3, 4), constructor: doubles(5, 6), x̂: doubles(0) };
    expect(p.forward(values)["sigmoid"]).toEqual(doubles(8.5, 14.5));
    const { constructor: _, ...rest } = values;
    expect(() => p.forward(rest)).toThrow(new TypeError("bind: constructor is missing"));
  });

  test("a variant with everything fixed takes no sizes", async () => {
    const fixed = await load(programs.fixed());
    expect(fixed().forward({ x: new Float32Array([1, 2, 3]) })["z"]).toEqual(new Float32Array([2, 4, 6]));
    expect(() => fixed({ N: 3 })).toThrow('fixed: there is no size or param "N"');
  });
});

describe("sizes and options that are wrong", () => {
  const sizes = { N: 2, C: 3, D: 2 };
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
      { ...sizes, N: 2 ** 40, C: 2 ** 20 },
      undefined,
      RangeError,
      "linear: x[1099511627776, 1048576] is too large",
    ],
    [sizes, { dtype: "f16" }, TypeError, 'linear: dtype must be "f32" or "f64", got "f16"'],
    [sizes, { type: "f64" }, TypeError, 'linear: there is no option "type"; did you mean dtype?'],
  ])("%j %j", (given, options, type, message) => {
    const call = (): Plan => linear(given, options);
    expect(call).toThrow(type);
    expect(call).toThrow(message);
  });

  test.each([
    [{ H: 9, stride: 0 }, "settings: stride = 0 must be a positive integer"],
    [{ H: 9, stride: 1.5 }, "settings: stride = 1.5 must be a positive integer"],
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

  test("a derived size below 1", async () => {
    const program = programs.settings();
    const make = await load({ ...program, checks: [] });
    expect(() => make({ H: 2, stride: 4 })).toThrow(
      new RangeError(
        "settings: the derived size P = 0 must be a positive integer (H = 2, stride = 4, offset = 0, eps = 0.00001)",
      ),
    );
  });
});

describe("arrays that are wrong", () => {
  const sizes = { N: 2, C: 3, D: 2 };
  const inputs = (): Arrays => ({
    x: new Float32Array(6),
    w: new Float32Array(6),
    b: new Float32Array(2),
  });
  const shared = new Float32Array(12);
  test.each<[string, unknown, unknown, ErrorConstructor, string]>([
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
    const z = (outputs as Arrays)["z"]?.fill(7);
    const call = (): unknown => linear(sizes).forward(given, outputs);
    expect(call).toThrow(type);
    expect(call).toThrow(message);
    expect(z?.every((value) => value === 7) ?? true).toBe(true);
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
    [{ onyl: ["dx"] }, 'linear: there is no option "onyl"; did you mean only?'],
  ])("options %j", (options, message) => {
    expect(() => linear(sizes).backward({}, {}, options)).toThrow(new TypeError(message));
  });
});

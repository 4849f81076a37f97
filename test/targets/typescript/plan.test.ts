import { expect, test } from "vitest";
import { doubles, f64, planOf, samples, type Plan } from "./samples.js";

const linear = await planOf(samples.linear);
const embedding = await planOf(samples.embedding);
const globalMax = await planOf(samples.globalMax);
const loss = await planOf(samples.loss);
const settings = await planOf(samples.settings);

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

test("no memory is taken where everything is given", () => {
  const p = plan();
  const t = p.allocate();
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 1000; i++) {
    p.forward(t, t);
    p.backward(t, t);
  }
  // arrays for a single call take 176 bytes
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000);
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
  const bind = await planOf(samples.awkward);
  const p = bind({ in: 2, at: 1 }, f64);
  const values = { new: doubles(1, 2), Math: doubles(3, 4), constructor: doubles(5, 6), x̂: doubles(0) };
  expect(p.forward(values)["sigmoid"]).toEqual(doubles(8.5, 14.5));
  const { constructor: _, ...rest } = values;
  expect(() => p.forward(rest)).toThrow(new TypeError("bind: constructor is missing"));
});

test("a variant with everything fixed takes no sizes", async () => {
  const fixed = await planOf(samples.fixed);
  expect(fixed().forward({ x: new Float32Array([1, 2, 3]) })["z"]).toEqual(new Float32Array([2, 4, 6]));
  expect(() => fixed({ N: 3 })).toThrow('fixed: there is no size or param "N"');
});

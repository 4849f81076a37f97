/** Which kernels a plan chooses for its sizes: tiles, parts of the depth, rows, slices, buckets. */
import { describe, expect, it } from "vitest";
import { environmentOf, kernelsOfPass } from "../../../src/kernels/gpu/count.js";
import type { GpuProgram } from "../../../src/kernels/gpu/program.js";
import { compileText } from "../../../src/pipeline.js";
import { evaluateInt } from "../../../src/ranges/sizes.js";
import { gpuProgramOf, specText } from "../../targets/wgsl/support.js";

type Sizes = Readonly<Record<string, number>>;
const program = (name: string) => gpuProgramOf(specText(name), name);
const chosen = (of: GpuProgram, pass: string, sizes: Sizes, software = false): readonly string[] =>
  kernelsOfPass(of, { pass, sizes, software }).map((k) => k.name);

/** The extent of a kernel's box under the index of that name. */
function extentOf(of: GpuProgram, kernel: string, index: string, sizes: Sizes): number {
  const found = of.kernels.find((k) => k.name === kernel)?.threads.box.find((i) => i.name === index);
  if (!found) throw new Error(`${kernel} has no ${index}`);
  return evaluateInt(found.extent, environmentOf(of, sizes));
}

describe("the tiles of a contraction", () => {
  const linear = program("linear");
  it.each([
    [{ N: 4096, C: 64, K: 4096 }, "forwardZTile16Vectors"],
    [{ N: 48, C: 64, K: 40_000 }, "forwardZTile16Vectors"], // as many groups as keep a device busy
    [{ N: 256, C: 64, K: 256 }, "forwardZTile8Vectors"], // 16 large tiles would leave it idle
    [{ N: 47, C: 64, K: 40_000 }, "forwardZTile8Vectors"],
    [{ N: 11, C: 64, K: 4096 }, "forwardZDirect"],
    [{ N: 3, C: 64, K: 3 }, "forwardZDirect"],
    [{ N: 2, C: 64, K: 4096 }, "forwardZ"],
    [{ N: 4096, C: 64, K: 1 }, "forwardZ"],
  ])("for %o are those of %s", (sizes, kernel) => {
    expect(chosen(linear, "forward", sizes)).toEqual([kernel]);
  });
  it.each([
    [{ N: 3, C: 64, K: 3 }, "forwardZDirect"],
    [{ N: 4096, C: 64, K: 4 }, "forwardZDirect"],
    [{ N: 8, C: 64, K: 24 }, "forwardZDirect"], // three threads of 8 × 8 sums would leave a lane idle
    [{ N: 8, C: 64, K: 25 }, "forwardZDirect8"],
    [{ N: 4096, C: 64, K: 5 }, "forwardZDirect8"],
    [{ N: 2, C: 64, K: 4096 }, "forwardZ"],
  ])("for %o on a CPU are those of %s", (sizes, kernel) => {
    expect(chosen(linear, "forward", sizes, true)).toEqual([kernel]);
  });
});

describe("the tiles of a convolution", () => {
  const conv = program("conv2d");
  const image = { N: 8, C: 64, H: 28, W: 28, R: 3, S: 3, pad: 1 };
  it("are large where there is enough to do", () => {
    expect(chosen(conv, "forward", { ...image, K: 64 })).toEqual(["forwardZTile16"]);
    expect(chosen(conv, "forward", { ...image, K: 47 })).toEqual(["forwardZTile8"]);
  });
  it("on a CPU run along the window where it is wider than there are channels", () => {
    const forward = (C: number) => chosen(conv, "forward", { ...image, C, K: 32 }, true);
    expect(forward(3)).toEqual(["forwardZDirect8"]);
    expect(forward(2)).toEqual(["forwardZDirectWindow"]);
  });
});

describe("the parts of a long sum", () => {
  const linear = program("linear");
  const parts = (sizes: Sizes) => ({
    kernels: chosen(linear, "dw", sizes),
    count: extentOf(linear, "gradientWPartsVectors", "part", sizes),
  });
  it("keep a device busy where there is one tile", () => {
    expect(parts({ N: 100_000, C: 32, K: 32 })).toEqual({
      kernels: ["gradientWPartsVectors", "gradientWWhole"],
      count: 128,
    });
  });
  it("are fewer where there are more tiles", () => {
    expect(parts({ N: 100_000, C: 256, K: 64 }).count).toBe(8);
  });
  it("are as deep as pays", () => {
    expect(parts({ N: 1000, C: 32, K: 32 }).count).toBe(4);
  });
  it("are none for a short sum, or enough tiles", () => {
    expect(parts({ N: 256, C: 32, K: 32 })).toEqual({ kernels: ["gradientWTile8Vectors"], count: 1 });
    expect(parts({ N: 100_000, C: 512, K: 512 }).count).toBe(1);
  });
});

describe("rows", () => {
  const softmax = program("softmax");
  it("of 64 points are shared by a workgroup", () => {
    expect(chosen(softmax, "forward", { N: 1000, C: 64 })).toEqual(["forwardYRows"]);
    expect(chosen(softmax, "forward", { N: 1000, C: 63 })).toEqual(["forwardY"]);
  });
  it("that are few and long are cut into slices, each statement by itself", () => {
    const kernels = ["MParts", "MWhole", "U", "TotalParts", "TotalWhole", "Y"].map((k) => `forwardY${k}`);
    expect(chosen(softmax, "forward", { N: 1, C: 1_000_000 })).toEqual(kernels);
    expect(extentOf(softmax, "forwardYMParts", "slice", { N: 1, C: 1_000_000 })).toBe(128);
    expect(extentOf(softmax, "forwardYMParts", "slice", { N: 8, C: 1_000_000 })).toBe(16);
    expect(chosen(softmax, "forward", { N: 64, C: 1_000_000 })).toEqual(["forwardYRows"]);
  });
  it("on a CPU are shared where there are few of them, or rounding counts", () => {
    const way = (sizes: Sizes) => chosen(softmax, "forward", sizes, true);
    expect(way({ N: 7, C: 4096 })).toEqual(["forwardYRows"]);
    expect(way({ N: 8, C: 4096 })).toEqual(["forwardY"]);
    expect(way({ N: 8, C: 65_536 })).toEqual(["forwardYRows"]);
  });
});

describe("a sum of a thread in turns of four", () => {
  it("may be four times as long on a CPU before a workgroup shares it", () => {
    const conv = program("conv2d");
    const way = (H: number) => chosen(conv, "db", { N: 8, C: 1, H, W: 128, K: 32, R: 1, S: 1 }, true);
    expect(way(128)).toEqual(["gradientB"]);
    expect(way(256)).toEqual(["gradientBRows"]);
  });
});

describe("columns", () => {
  const linear = program("linear");
  it("are never shared by a workgroup", () => {
    expect(chosen(linear, "db", { N: 63, C: 1, K: 10_001 })).toEqual(["gradientB"]);
    expect(chosen(linear, "db", { N: 100_000, C: 1, K: 10_001 })).toEqual(["gradientB"]);
  });
  it("that are few and long are cut into slices of 32 points at least", () => {
    expect(chosen(linear, "db", { N: 64, C: 1, K: 513 })).toEqual(["gradientBParts", "gradientBWhole"]);
    expect(extentOf(linear, "gradientBParts", "slice", { N: 64, C: 1, K: 512 })).toBe(2);
    expect(extentOf(linear, "gradientBParts", "slice", { N: 100_000, C: 1, K: 64 })).toBe(128);
  });
});

describe("four points a thread", () => {
  it.each([true, false])("are taken where rows are divisible by four (on a CPU: %s)", (software) => {
    const gelu = program("gelu");
    expect(chosen(gelu, "forward", { N: 1000 }, software)).toEqual(["forwardYQuads"]);
    expect(chosen(gelu, "forward", { N: 1001 }, software)).toEqual(["forwardY"]);
    const norm = program("batch_norm1d_ncl");
    expect(chosen(norm, "dx", { N: 3, C: 5, L: 8 }, software).at(-1)).toBe("gradientXQuads");
    expect(chosen(norm, "dx", { N: 4, C: 4, L: 7 }, software).at(-1)).toBe("gradientX");
  });
  it("are four columns of a sum, and of its parts", () => {
    const linear = program("linear");
    const parts = ["gradientBPartsQuads", "gradientBWhole"];
    expect(chosen(linear, "db", { N: 64, C: 1, K: 512 })).toEqual(parts);
    expect(chosen(linear, "db", { N: 64, C: 1, K: 512 }, true)).toEqual(["gradientBQuads"]);
  });
  it.each([
    ["the index is used by itself", "z[n,c] = x[n,c] * c"],
    ["a read starts elsewhere", "z[n,c] = x[n,c] + x[n,c + 1]"],
    ["rows lie across", "z[n,c] = x[n,c] + y[c,n]"],
    ["a value is both at all points and at one", "z[n,c] = x[n,c] - x[n,0]"],
  ])("are not where %s", (_, statement) => {
    const text = `input x[N, C + 1]\ninput y[C, N]\noutput z[N, C]\n${statement}\n`;
    expect(gpuProgramOf(text).kernels.map((k) => k.name)).not.toContain("forwardZQuads");
  });
  it("are not for small tensors beside large ones", () => {
    const names = program("batch_norm1d_ncl").kernels.map((k) => k.name);
    expect(names).toContain("gradientB");
    expect(names).not.toContain("gradientBQuads");
  });
});

describe("a window with nothing to tile", () => {
  const depthwise = program("depthwise_conv2d");
  const sizes = { N: 8, C: 16, H: 28, W: 28, R: 3, S: 3, pad: 1 };
  it.each([true, false])("has four results a thread (on a CPU: %s)", (software) => {
    expect(chosen(depthwise, "forward", sizes, software)).toEqual(["forwardZStrip"]);
    expect(chosen(depthwise, "dx", { ...sizes, stride: 2 }, software)).toEqual(["gradientXStrip"]);
  });
  it("may be summed over an index of the name of its result, or of what it reads", () => {
    const own = gpuProgramOf("input k[N]\noutput y[M]\nM = 2*N\ny[r] = mean[y < 5](k[r - 2 + y])\n", "own");
    const read = gpuProgramOf("input k[N]\noutput y[M]\nM = 2*N\ny[r] = mean[k < 5](k[r - 2 + k])\n", "read");
    for (const of of [own, read]) expect(of.kernels.map((k) => k.name)).toContain("forwardYStrip");
  });
  it.each([true, false])("has four in pooling and in its gradients (on a CPU: %s)", (software) => {
    const given = { N: 8, C: 16, H: 28, W: 28 };
    for (const name of ["max_pool2d", "avg_pool2d"]) {
      const [pool, forward] = [program(name), name.startsWith("max") ? "forwardArgmaxY" : "forwardY"];
      expect(chosen(pool, "forward", { ...given, R: 3 }, software)).toEqual([`${forward}Strip`]);
      expect(chosen(pool, "dx", { ...given, R: 3 }, software)).toEqual(["gradientXStrip"]);
      // without any param given
      expect(chosen(pool, "forward", given, software)).toEqual([`${forward}StripDefault`]);
      expect(chosen(pool, "dx", given, software)).toEqual(["gradientXStripDefault"]);
    }
  });
  it("has one where there are no four side by side", () => {
    expect(chosen(depthwise, "forward", { ...sizes, W: 3 })).toEqual(["forwardZ"]);
  });
  it("has four taps a thread for the weights, or a workgroup on a GPU: their sums are few and long", () => {
    expect(chosen(depthwise, "dw", sizes, true)).toEqual(["gradientWStrip"]);
    expect(chosen(depthwise, "dw", sizes)).toEqual(["gradientWStripRows"]);
    expect(chosen(depthwise, "dw", { ...sizes, S: 1 })).toEqual(["gradientWRows"]);
    expect(chosen(depthwise, "dw", { ...sizes, N: 2, H: 5, W: 5 })).toEqual(["gradientW"]);
    expect(chosen(depthwise, "dw", { ...sizes, C: 1, N: 64 })).toEqual(["gradientWParts", "gradientWWhole"]);
  });
});

describe("points of an index tensor", () => {
  const embedding = program("embedding");
  const way = (sizes: Sizes) => chosen(embedding, "dtable", sizes).at(-1);
  it("are put in order where that is less work", () => {
    expect(way({ N: 8, L: 128, V: 5000, D: 63 })).toBe("gradientTableBuckets");
    expect(way({ N: 8, L: 128, V: 5000, D: 64 })).toBe("gradientTableBucketsQuads");
    expect(way({ N: 8, L: 1, V: 5000, D: 2 })).toBe("gradientTable");
  });
  it("keep the table of counts small", () => {
    const cells = (sizes: Sizes): number => extentOf(embedding, "gradientTableClear", "at", sizes);
    expect(cells({ N: 1280, L: 1, V: 100, D: 1 })).toBe(100 * 11);
    expect(cells({ N: 2 ** 20, L: 1, V: 2 ** 20, D: 1 })).toBeLessThanOrEqual(2 ** 24 + 2 ** 20);
  });
});

describe("ways that no sizes take", () => {
  const pool = program("avg_pool2d").kernels.map((k) => k.name);
  const fixed = compileText(specText("avg_pool2d"), "avg_pool2d.layer").programs[1]?.gpuProgram();
  it("are left out: a window of four points is no long row", () => {
    expect(pool).toContain("forwardYRows");
    expect(fixed?.kernels.map((k) => k.name)).toEqual([
      "forwardY",
      "forwardYStrip",
      "gradientX",
      "gradientXStrip",
    ]);
  });
  it("are in no plan", () => {
    const steps = [...(fixed?.forward.steps ?? []), ...(fixed?.backward.steps ?? [])];
    const whens = steps.flatMap((s) => s.choices.map((c) => c.when));
    expect(whens.filter((c) => c.kind === "truth" && !c.value)).toEqual([]);
  });
});

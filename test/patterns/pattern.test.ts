import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { describePattern } from "../../src/patterns/describe.js";
import { patternsOf, type Pattern } from "../../src/patterns/pattern.js";
import { compile } from "../support/layers.js";
import { convolution, readings, writings } from "./formulas.js";

const specs = resolve(import.meta.dirname, "../../specs");
const spec = (name: string): string => readFileSync(join(specs, `${name}.layer`), "utf8");

const patterns = (text: string): Record<string, Pattern> =>
  Object.fromEntries(patternsOf(compile(text).derived));
/** Each statement's pattern in a line. */
const told = (text: string): Record<string, string> =>
  Object.fromEntries(Object.entries(patterns(text)).map(([name, p]) => [name, describePattern(p)]));

describe("matrix products", () => {
  it("linear", () => {
    expect(patterns(spec("linear"))).toMatchObject({
      z: { kind: "gemm", left: "x", right: "w", transposeLeft: false, transposeRight: false },
      dx: { kind: "gemm", left: "dz", right: "w", transposeLeft: false, transposeRight: true },
      dw: { kind: "gemm", left: "x", right: "dz", transposeLeft: true, transposeRight: false },
      db: { kind: "reduction" },
    });
  });
  it("linear with the weights the other way", () => {
    expect(told(spec("linear_oi"))).toEqual({
      y: "gemm: x·wᵀ",
      dx: "gemm: dy·w",
      dw: "gemm: dyᵀ·x",
      db: "reduction",
    });
  });
  it.each([
    ["matmul", { y: "gemm: x·w", dx: "gemm: dy·wᵀ", dw: "gemm: xᵀ·dy" }],
    ["bmm", { y: "batched-gemm: x·t", dx: "batched-gemm: dy·tᵀ", dt: "batched-gemm: xᵀ·dy" }],
    ["conv1d_pointwise", { y: "gemm: w·x", dx: "gemm: wᵀ·dy", dw: "gemm: dy·xᵀ" }],
    [
      "attention",
      {
        s: "batched-gemm: q·kᵀ",
        y: "batched-gemm: a·v",
        dq: "batched-gemm: ds·k",
        dk: "batched-gemm: dsᵀ·q",
        dv: "batched-gemm: aᵀ·dy",
      },
    ],
    ["causal_attention", { s: "batched-gemm: q·kᵀ", y: "batched-gemm: a·v", dv: "batched-gemm: aᵀ·dy" }],
    ["linear_relu", { z: "gemm: x·w", y: "pointwise", dz: "pointwise", dw: "gemm: xᵀ·dz" }],
    ["lstm_cell", { z: "gemm: x·wxᵀ", dh: "gemm: dz·wh", dwh: "gemm: dzᵀ·h" }],
  ])("%s", (name, wanted) => expect(told(spec(name))).toMatchObject(wanted));

  it.each([
    ["factors and indices in another order", "z[a,b] = sum[j](w[j,b] * x[a,j])"],
    ["a bias inside", "z[n,k] = sum[c](x[n,c]*w[c,k] + b[k]/C)"],
    ["a difference", "z[n,k] = sum[c]((x[n,c] - b[k])*w[c,k])"],
    ["an equality", "z[n,k] = sum[c,j](where(c == j, x[n,c]*w[j,k], 0))"],
    ["an epilogue", "z[n,k] = 2*relu(sum[c](x[n,c]*w[c,k])/C + b[k])"],
  ])("with %s", (_name, formula) => {
    const text = `input x[N, C]\nweight w[C, K]\nweight b[K]\noutput z[N, K]\n${formula}\n`;
    const all = Object.values(told(text));
    expect(all).toContain("gemm: x·w");
    expect(all.some((t) => t.startsWith("gemm: xᵀ·"))).toBe(true);
    expect(all.some((t) => t.startsWith("gemm: ") && t.endsWith("·wᵀ"))).toBe(true);
  });
  it("a matrix times a vector", () => {
    const text = "input x[N, C]\nweight w[C]\noutput z[N]\nz[n] = sum[c](x[n,c]*w[c])\n";
    expect(told(text)).toEqual({ z: "gemm: x·w", dx: "pointwise", dw: "gemm: xᵀ·dz" });
  });
});

describe("convolutions", () => {
  const pads = { pad: ["(R - 1)*dilation - pad", "(S - 1)*dilation - pad"] };
  it("conv2d", () => {
    const [stride, dilation] = [
      ["stride", "stride"],
      ["dilation", "dilation"],
    ];
    const common = { spatial: 2, groups: "1" };
    expect(patterns(spec("conv2d"))).toEqual({
      z: {
        ...common,
        kind: "conv",
        data: "x",
        kernel: "w",
        rotated: false,
        stride,
        dilation,
        pad: ["pad", "pad"],
      },
      dx: {
        ...common,
        kind: "conv-data-gradient",
        data: "dz",
        kernel: "w",
        rotated: true,
        stride,
        dilation,
        ...pads,
      },
      dw: {
        ...common,
        kind: "conv-weight-gradient",
        data: "x",
        kernel: "dz",
        rotated: false,
        stride: dilation,
        dilation: stride,
        pad: ["pad", "pad"],
      },
      db: { kind: "reduction" },
    });
  });
  it.each([
    ["conv1d", 1, "1"],
    ["conv2d_unit", 2, "1"],
    ["conv2d_nhwc", 2, "1"],
    ["conv2d_relu", 2, "1"],
    ["conv3d", 3, "1"],
    ["grouped_conv2d", 2, "G"],
  ])("%s", (name, spatial, groups) => {
    expect(patterns(spec(name))).toMatchObject({
      z: { kind: "conv", data: "x", kernel: "w", rotated: false, spatial, groups },
      dx: { kind: "conv-data-gradient", data: "dz", kernel: "w", rotated: true, spatial, groups },
      dw: { kind: "conv-weight-gradient", data: "x", kernel: "dz", rotated: false, spatial, groups },
      db: { kind: "reduction" },
    });
  });
  it("depthwise", () => {
    const common = { spatial: 2, groups: "C" };
    expect(patterns(spec("depthwise_conv2d"))).toMatchObject({
      z: { ...common, kind: "depthwise-conv", data: "x", kernel: "w" },
      dx: {
        ...common,
        ...pads,
        kind: "depthwise-conv-data-gradient",
        data: "dz",
        kernel: "w",
        rotated: true,
      },
      dw: { ...common, kind: "depthwise-conv-weight-gradient", data: "x", kernel: "dz" },
    });
  });
  it("depthwise with several outputs a channel", () => {
    const text = `input x[N, C, H]\nweight w[C, M, R]\noutput z[N, C, M, P]\nP = H - R + 1
z[n,c,m,p] = sum[r](x[n, c, p + r]*w[c,m,r])\n`;
    expect(patterns(text)).toMatchObject({
      z: { kind: "depthwise-conv", groups: "C" },
      dx: { kind: "depthwise-conv-data-gradient", groups: "C" },
      dw: { kind: "depthwise-conv-weight-gradient", groups: "C" },
    });
  });
  it("pads that stride 1 leaves, and one dimension at a time", () => {
    expect(patterns(spec("conv2d_unit"))["dx"]).toMatchObject({
      stride: ["1", "1"],
      dilation: ["1", "1"],
      pad: ["R - 1", "S - 1"],
    });
    expect(patterns(spec("conv2d_nhwc"))["dw"]).toMatchObject({
      stride: ["dilation_h", "dilation_w"],
      dilation: ["stride_h", "stride_w"],
      pad: ["pad_h", "pad_w"],
    });
  });
  it("with its strides fixed in a variant", () => {
    const { programs } = compile(spec("conv2d"));
    const fixed = programs.find(({ name }) => name === "conv3x3");
    expect(fixed && Object.fromEntries(patternsOf(fixed.derived))).toMatchObject({
      z: { kind: "conv", stride: ["1", "1"], pad: ["1", "1"] },
      dx: { kind: "conv-data-gradient", rotated: true, pad: ["1", "1"] },
      dw: { kind: "conv-weight-gradient" },
    });
  });
  it.each([
    "windows that do not overlap",
    "groups by floor",
    "a true convolution",
    "over the data",
    "channels in two indices",
  ])("%s", (name) => {
    expect(patterns(readings[name]!)).toMatchObject({
      z: { kind: "conv" },
      dx: { kind: "conv-data-gradient" },
      dw: { kind: "conv-weight-gradient" },
    });
  });
  it("stride and pads of a gradient whose window is solved", () => {
    expect(patterns(readings["windows that do not overlap"]!)["dx"]).toMatchObject({
      data: "dz",
      kernel: "w",
      stride: ["R"],
      pad: ["R - 1"],
    });
  });
});

describe("transposed convolutions", () => {
  it.each([
    ["by exact division", spec("conv_transpose2d"), 2],
    ["by an equality", readings["a transposed convolution by an equality"]!, 1],
    ["by divisibility", readings["a transposed convolution by divisibility"]!, 1],
  ])("%s", (_name, text, spatial) => {
    expect(patterns(text)).toMatchObject({
      z: { kind: "conv-data-gradient", data: "x", kernel: "w", rotated: true, spatial },
      dx: { kind: "conv", data: "dz", kernel: "w", rotated: false, spatial },
      dw: { kind: "conv-weight-gradient", data: "dz", kernel: "x", rotated: false, spatial },
    });
  });
});

describe("a convolution written in other ways", () => {
  const { z, dx, dw } = patterns(convolution);
  it.each(Object.entries(writings))("%s", (_name, text) => {
    const found = patterns(text);
    expect(found["z"]).toEqual(z);
    expect(found["dx"]).toEqual(dx);
    expect(found["dw"]).toEqual(dw);
  });
});

describe("what is no contraction", () => {
  it.each([
    ["max_pool2d", { y: "pooling", argmax_y: "pooling", dx: "unpooling" }],
    ["avg_pool2d", { y: "pooling", dx: "unpooling" }],
    ["global_max", { y: "reduction" }],
    ["softmax", { m: "reduction", u: "pointwise", total: "reduction", y: "pointwise", dx: "pointwise" }],
    ["cross_entropy", { m: "reduction", loss: "reduction", dx: "pointwise" }],
    ["batch_norm1d", { mu: "reduction", xhat: "pointwise", sum_drstd: "reduction", dx: "pointwise" }],
    ["layer_norm", { mu: "reduction", drstd: "reduction", sum_dmu: "reduction", dw: "reduction" }],
    ["rms_norm", { drrms: "reduction", dx: "pointwise", dw: "reduction" }],
    ["embedding", { y: "gather", dtable: "scatter" }],
    ["flatten", { y: "pointwise", dx: "pointwise" }],
    ["gelu", { y: "pointwise", dx: "pointwise" }],
    ["mse_loss", { loss: "reduction", dx: "pointwise" }],
  ])("%s", (name, wanted) => expect(patterns(spec(name))).toMatchObject(kinds(wanted)));

  it("repeated values are the adjoint of a pooling, and the other way round", () => {
    expect(told(readings["repeated values"]!)).toEqual({ z: "unpooling", dx: "pooling" });
    const average = `input x[N, 2*H]\noutput z[N, H]\nz[n,h] = sum[i < 2](x[n, 2*h + i])/2\n`;
    expect(told(average)).toEqual({ z: "pooling", dx: "unpooling" });
  });
  it("a product of three operands is loops", () => {
    expect(told(readings["three operands"]!)["z"]).toBe("loops");
  });
  it("every statement of every standard layer is recognised but for products of three", () => {
    const loops = readdirSync(specs).flatMap((file) =>
      Object.entries(patterns(readFileSync(join(specs, file), "utf8")))
        .filter(([, { kind }]) => kind === "loops")
        .map(([tensor]) => `${file} ${tensor}`),
    );
    expect(loops).toEqual([
      "linear_attention_causal.layer dv",
      "resize_bilinear.layer y",
      "roi_align.layer y",
      "roi_align.layer sum_dleft",
      "roi_align.layer sum_dtop",
    ]);
  });
});
const kinds = (wanted: Record<string, string>): Record<string, { kind: string }> =>
  Object.fromEntries(Object.entries(wanted).map(([name, kind]) => [name, { kind }]));

/** Convolutions and pooling. */
import * as conv from "../naive/conv.js";
import * as depthwise from "../naive/depthwise.js";
import * as pooling from "../naive/pooling.js";
import { contraction, memory, pass, workload, type Dims } from "../workload.js";

const extent = (input: number, kernel: number, d: Dims): number =>
  Math.floor((input + 2 * d["pad"]! - (d["dilation"] ?? 1) * (kernel - 1) - 1) / d["stride"]!) + 1;
const outputs = (d: Dims): Dims => ({
  P: extent(d["H"]!, d["R"]!, d),
  Q: extent(d["W"]!, d["S"]!, d),
});

/** How many pairs of an output position and a tap read inside the input, along one axis. */
function taps(input: number, kernel: number, output: number, d: Dims): number {
  let count = 0;
  for (let p = 0; p < output; p++) {
    for (let r = 0; r < kernel; r++) {
      const h = p * d["stride"]! - d["pad"]! + r * d["dilation"]!;
      if (h >= 0 && h < input) count++;
    }
  }
  return count;
}
const pairs = (d: Dims): number => taps(d["H"]!, d["R"]!, d["P"]!, d) * taps(d["W"]!, d["S"]!, d["Q"]!, d);
const dense = contraction((d) => d["N"]! * d["K"]! * d["C"]! * pairs(d));
const eachChannel = contraction((d) => d["N"]! * d["C"]! * pairs(d));

const convPasses = [
  pass("forward", "z", dense, conv.forward),
  pass("dx", "dx", dense, conv.dx),
  pass("dw", "dw", dense, conv.dw),
  pass("db", "db", memory("dz", "db"), conv.db),
];
const others = [
  { N: 2, C: 8, H: 20, W: 24, K: 16 },
  { N: 1, C: 32, H: 17, W: 15, K: 24 },
  { N: 3, C: 5, H: 30, W: 30, K: 10 },
];
const small = { N: 1, C: 16, K: 16 };
/** A convolution of square images and kernels, by the numbers that name it. */
function square(about: {
  name: string;
  title: string;
  numbers: readonly [N: number, C: number, H: number, K: number, R: number];
  stride?: number;
  pad?: number;
  dilation?: number;
  small?: Dims;
}) {
  const [N, C, H, K, R] = about.numbers;
  const { name, title, stride = 1, pad = 0, dilation = 1 } = about;
  return workload({
    name,
    title,
    layer: "conv2d",
    sizes: { N, C, H, W: H, K, R, S: R, stride, pad, dilation },
    others,
    small: about.small ?? small,
    derived: outputs,
    peer: "conv",
    passes: convPasses,
  });
}
const variant = (
  name: string,
  of: string,
  title: string,
  N: number,
  C: number,
  H: number,
  K: number,
  R: number,
) =>
  workload({
    name,
    title,
    layer: of,
    fixed: { R, S: R, stride: 1, pad: (R - 1) / 2, dilation: 1 },
    sizes: { N, C, H, W: H, K },
    others,
    derived: outputs,
    passes: convPasses,
  });

const planes = { N: 8, C: 64, H: 112, W: 112 };
const pool = { ...planes, R: 2, S: 2, stride: 2, pad: 0 };
const otherPools = [
  { N: 2, C: 16, H: 40, W: 36 },
  { N: 1, C: 8, H: 31, W: 57 },
  { N: 3, C: 24, H: 20, W: 20 },
];
const maxPasses = [
  pass("forward", "y", memory("x", "y"), pooling.maxForward),
  pass("dx", "dx", memory("argmax_y", "dy", "dx"), pooling.maxDx),
];
const averagePasses = [
  pass("forward", "y", memory("x", "y"), pooling.averageForward),
  pass("dx", "dx", memory("dy", "dx"), pooling.averageDx),
];

export const windows = [
  square({ name: "conv3x3", title: "conv 3×3 N8 C64 28² K64 s1 p1", numbers: [8, 64, 28, 64, 3], pad: 1 }),
  variant("conv3x3-variant", "conv3x3", "the same by the variant conv3x3", 8, 64, 28, 64, 3),
  square({
    name: "conv3x3-s2",
    title: "conv 3×3 N8 C64 56² K128 s2 p1",
    numbers: [8, 64, 56, 128, 3],
    stride: 2,
    pad: 1,
    small: { N: 1, C: 16, K: 16, H: 28, W: 28 },
  }),
  square({
    name: "conv7x7",
    title: "conv 7×7 N8 C3 224² K32 s2 p3",
    numbers: [8, 3, 224, 32, 7],
    stride: 2,
    pad: 3,
    small: { N: 1, H: 56, W: 56 },
  }),
  square({
    name: "conv1x1",
    title: "conv 1×1 N8 C256 14² K256",
    numbers: [8, 256, 14, 256, 1],
    small: { N: 1, C: 64, K: 64 },
  }),
  variant("conv1x1-variant", "conv1x1", "the same by the variant conv1x1", 8, 256, 14, 256, 1),
  square({
    name: "conv3x3-d2",
    title: "conv 3×3 dilation 2 N4 C64 28² K64 p2",
    numbers: [4, 64, 28, 64, 3],
    pad: 2,
    dilation: 2,
  }),
  workload({
    name: "depthwise",
    title: "depthwise 3×3 N8 C128 28² p1",
    layer: "depthwise_conv2d",
    sizes: { N: 8, C: 128, H: 28, W: 28, R: 3, S: 3, stride: 1, pad: 1, dilation: 1 },
    others: [
      { N: 2, C: 24, H: 20, W: 18 },
      { N: 1, C: 40, H: 33, W: 31, R: 5, S: 5, pad: 2 },
      { N: 3, C: 17, H: 16, W: 16, stride: 2 },
    ],
    small: { N: 1, C: 32 },
    derived: outputs,
    peer: "depthwise",
    passes: [
      pass("forward", "z", eachChannel, depthwise.forward),
      pass("dx", "dx", eachChannel, depthwise.dx),
      pass("dw", "dw", eachChannel, depthwise.dw),
      pass("db", "db", memory("dz", "db"), depthwise.db),
    ],
  }),
  workload({
    name: "max-pool",
    title: "max pooling 2×2 N8 C64 112²",
    layer: "max_pool2d",
    sizes: { ...pool, dilation: 1 },
    others: otherPools,
    small: { N: 1, C: 16 },
    derived: outputs,
    peer: "maxPool",
    passes: maxPasses,
  }),
  workload({
    name: "max-pool-variant",
    title: "the same by the variant max_pool2x2",
    layer: "max_pool2x2",
    fixed: { R: 2, S: 2, stride: 2, pad: 0, dilation: 1 },
    sizes: planes,
    others: otherPools,
    derived: outputs,
    passes: maxPasses,
  }),
  workload({
    name: "average-pool",
    title: "average pooling 2×2 N8 C64 112²",
    layer: "avg_pool2d",
    sizes: pool,
    others: otherPools,
    small: { N: 1, C: 16 },
    derived: outputs,
    peer: "averagePool",
    passes: averagePasses,
  }),
  workload({
    name: "average-pool-variant",
    title: "the same by the variant avg_pool2x2",
    layer: "avg_pool2x2",
    fixed: { R: 2, S: 2, stride: 2, pad: 0 },
    sizes: planes,
    others: otherPools,
    derived: outputs,
    passes: averagePasses,
  }),
];

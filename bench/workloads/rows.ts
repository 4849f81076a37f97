/** Normalisations, softmax with cross entropy, and a pointwise function: bound by memory. */
import * as crossEntropy from "../naive/cross-entropy.js";
import * as gelu from "../naive/gelu.js";
import * as norm from "../naive/norm.js";
import { memory, pass, workload } from "../workload.js";

export const rows = [
  workload({
    name: "batch-norm",
    title: "batch norm N32 C64 28²",
    layer: "batch_norm1d_ncl",
    sizes: { N: 32, C: 64, L: 784 },
    others: [
      { N: 4, C: 10, L: 100 },
      { N: 9, C: 33, L: 70 },
      { N: 16, C: 8, L: 333 },
    ],
    small: { N: 8, C: 16 },
    peer: "batchNorm",
    passes: [
      pass("forward", "y", memory("x", "w", "b", "y"), norm.batchForward),
      pass("dx", "dx", memory("x", "w", "dy", "dx"), norm.batchDx),
      pass("dw", "dw", memory("x", "dy", "dw"), norm.batchDw),
      pass("db", "db", memory("dy", "db"), norm.batchDb),
    ],
  }),
  workload({
    name: "layer-norm",
    title: "layer norm 512 × 1024",
    layer: "layer_norm",
    sizes: { N: 512, D: 1024 },
    others: [
      { N: 50, D: 200 },
      { N: 20, D: 333 },
      { N: 100, D: 64 },
    ],
    small: { N: 64 },
    peer: "layerNorm",
    passes: [
      pass("forward", "y", memory("x", "w", "b", "y"), norm.layerForward),
      pass("dx", "dx", memory("x", "w", "dy", "dx"), norm.layerDx),
      pass("dw", "dw", memory("x", "dy", "dw"), norm.layerDw),
      pass("db", "db", memory("dy", "db"), norm.layerDb),
    ],
  }),
  workload({
    name: "cross-entropy",
    title: "softmax cross entropy 256 × 1000",
    layer: "softmax_cross_entropy",
    sizes: { N: 256, C: 1000 },
    others: [
      { N: 20, C: 200 },
      { N: 33, C: 77 },
      { N: 64, C: 128 },
    ],
    small: { N: 32 },
    below: { t: "C" },
    peer: "crossEntropy",
    passes: [
      pass("forward", "loss", memory("x", "t", "loss"), crossEntropy.forward),
      pass("dx", "dx", memory("x", "t", "dloss", "dx"), crossEntropy.dx),
    ],
  }),
  workload({
    name: "gelu",
    title: "gelu of 1M",
    layer: "gelu",
    sizes: { N: 1_000_000 },
    others: [{ N: 10_000 }, { N: 3333 }, { N: 40_000 }],
    small: { N: 100_000 },
    peer: "gelu",
    passes: [
      pass("forward", "y", memory("x", "y"), gelu.forward),
      pass("dx", "dx", memory("x", "dy", "dx"), gelu.dx),
    ],
  }),
];

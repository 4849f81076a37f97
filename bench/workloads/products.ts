/** Matrix products, alone, in batches and inside attention. */
import * as attention from "../naive/attention.js";
import * as bmm from "../naive/bmm.js";
import * as linear from "../naive/linear.js";
import * as matmul from "../naive/matmul.js";
import { contraction, memory, pass, workload, type Dims } from "../workload.js";

const product = (...names: string[]) =>
  contraction((dims: Dims) => names.reduce((product, name) => product * (dims[name] ?? 1), 1));

const matmulPasses = [
  pass("forward", "y", product("M", "K", "N"), matmul.forward),
  pass("dx", "dx", product("M", "K", "N"), matmul.dx),
  pass("dw", "dw", product("M", "K", "N"), matmul.dw),
];
const linearPasses = [
  pass("forward", "z", product("N", "C", "K"), linear.forward),
  pass("dx", "dx", product("N", "C", "K"), linear.dx),
  pass("dw", "dw", product("N", "C", "K"), linear.dw),
  pass("db", "db", memory("dz", "db"), linear.db),
];
const bmmPasses = [
  pass("forward", "y", product("N", "L", "C", "D"), bmm.forward),
  pass("dx", "dx", product("N", "L", "C", "D"), bmm.dx),
  pass("dt", "dt", product("N", "L", "C", "D"), bmm.dt),
];
/** Two products each, but dv, which needs one; the weights are kept from the forward pass. */
const scores = (d: Dims) => d["N"]! * d["H"]! * d["L"]! * d["S"]! * d["D"]!;
const values = (d: Dims) => d["N"]! * d["H"]! * d["L"]! * d["S"]! * d["C"]!;
const both = contraction((d) => scores(d) + values(d));
const attentionPasses = [
  pass("forward", "y", both, attention.forward),
  pass("dq", "dq", both, attention.dq),
  pass("dk", "dk", both, attention.dk),
  pass("dv", "dv", contraction(values), attention.dv),
];
const others = [
  { N: 16, C: 192, K: 160 },
  { N: 40, C: 100, K: 300 },
  { N: 7, C: 333, K: 65 },
];

export const products = [
  workload({
    name: "gemm",
    title: "matrix product 512 × 512 × 512",
    layer: "matmul",
    sizes: { M: 512, K: 512, N: 512 },
    others: [
      { M: 96, K: 200, N: 64 },
      { M: 50, K: 70, N: 330 },
      { M: 256, K: 33, N: 128 },
    ],
    small: { M: 128, K: 128, N: 128 },
    peer: "matmul",
    passes: matmulPasses,
  }),
  workload({
    name: "gemm-fixed",
    title: "matrix product, a variant with all three sizes fixed at 512",
    layer: "matmul512",
    variant: { spec: "matmul", line: "variant matmul512: M = 512, K = 512, N = 512" },
    fixed: { M: 512, K: 512, N: 512 },
    sizes: {},
    passes: matmulPasses,
  }),
  workload({
    name: "linear64",
    title: "linear 64 × 784 → 512",
    layer: "linear",
    sizes: { N: 64, C: 784, K: 512 },
    others,
    small: { N: 16, C: 196, K: 128 },
    peer: "linear",
    passes: linearPasses,
  }),
  workload({
    name: "linear256",
    title: "linear 256 × 1024 → 1024",
    layer: "linear",
    sizes: { N: 256, C: 1024, K: 1024 },
    others,
    small: { N: 64, C: 256, K: 128 },
    peer: "linear",
    passes: linearPasses,
  }),
  workload({
    name: "bmm",
    title: "batched product, 64 of 128×64 · 64×128",
    layer: "bmm",
    sizes: { N: 64, L: 128, C: 64, D: 128 },
    others: [
      { N: 8, L: 64, C: 32, D: 80 },
      { N: 3, L: 100, C: 70, D: 33 },
      { N: 20, L: 17, C: 64, D: 64 },
    ],
    small: { N: 4, L: 64 },
    peer: "bmm",
    passes: bmmPasses,
  }),
  workload({
    name: "attention",
    title: "attention B4 H8 L128 D64",
    layer: "attention",
    sizes: { N: 4, H: 8, L: 128, S: 128, D: 64, C: 64 },
    others: [
      { N: 1, H: 2, L: 64, S: 64 },
      { N: 2, H: 3, L: 50, S: 70, D: 32, C: 48 },
      { N: 1, H: 4, L: 33, S: 100 },
    ],
    small: { N: 1, H: 2, L: 64, S: 64 },
    peer: "attention",
    passes: attentionPasses,
  }),
];

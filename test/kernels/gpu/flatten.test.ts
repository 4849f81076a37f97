/** Neighbouring axes that a statement runs over only together are one axis to its tiles. */
import { describe, expect, it } from "vitest";
import { PlanConstants } from "../../../src/kernels/constants.js";
import { scalarMachine } from "../../../src/kernels/machine.js";
import { flattened } from "../../../src/kernels/gpu/flatten.js";
import { walk } from "../../../src/notation/traverse.js";
import { scopeOf } from "../../../src/patterns/scope.js";
import { compileText } from "../../../src/pipeline.js";
import { specText } from "../../targets/wgsl/support.js";

interface Seen {
  /** What the left side runs over, `|`, what the sums do. */
  readonly runs: string;
  /** How many axes each tensor has. */
  readonly ranks: Readonly<Record<string, number>>;
}
/** The statement that defines `tensor`, as its tiles see it. */
function seen(text: string, tensor = "z", variant?: string): Seen {
  const { programs } = compileText(text, "sample.layer");
  const { derived } = programs.find(({ name }) => name === (variant ?? programs[0]?.name))!;
  const statement = [...derived.forward, ...derived.backward].find((s) => s.tensor === tensor)!;
  const shapes = new Map(derived.tensors.map((t) => [t.name, t]));
  const scope = scopeOf({ ...derived.layer, tensors: derived.tensors });
  const constants = new PlanConstants([]);
  const { layer, selectors: gathered } = derived;
  const around = { layer, scope, shapes, constants, gathered, machine: scalarMachine };
  const view = flattened(statement, around);
  const binders: string[] = [];
  const ranks: Record<string, number> = { [tensor]: view.around.shapes.get(tensor)!.shape.length };
  walk(view.statement.body, {
    expression: (e) => {
      if (e.kind === "reduction") binders.push(...e.binders.map((b) => b.name));
      if (e.kind === "read") ranks[e.tensor] = view.around.shapes.get(e.tensor)!.shape.length;
    },
  });
  const indices = view.statement.indices.map((i) => i.name);
  return { runs: `${indices.join()} | ${binders.join()}`, ranks };
}
const product = (declarations: string, body: string): string =>
  `${declarations}\noutput z[N, P, Q, K]\nz[n,p,q,k] = ${body}\n`;
const plain = "input x[N, P, Q, C]\nweight w[K, C]";

describe("axes side by side", () => {
  it("of a product's rows are one", () => {
    const { runs, ranks } = seen(product(plain, "sum[c](x[n,p,q,c] * w[k,c])"));
    expect(runs).toBe("npq,k | c");
    expect(ranks).toEqual({ z: 2, x: 2, w: 2 });
  });
  it("of its depth are one", () => {
    expect(seen(product(plain, "sum[c](x[n,p,q,c] * w[k,c])"), "dw").runs).toBe("k,c | npq");
  });
  it("of a convolution with one tap, whose output is as large as its input, are one", () => {
    const conv = specText("conv2d");
    expect(seen(conv, "z", "conv1x1").runs).toBe("n,k,pq | c");
    expect(seen(conv, "dw", "conv1x1").runs).toBe("k,c | n,pq");
    expect(seen(conv, "dx", "conv1x1").runs).toBe("n,c,hw | k");
    expect(seen(conv).runs).toBe("n,k,p,q | c,r,s");
  });
});

describe("axes stay apart", () => {
  const runsOf = (declarations: string, body: string): string => seen(product(declarations, body)).runs;

  it("where a tensor lacks one of them, or has them apart or turned", () => {
    expect(runsOf(`${plain}\nweight b[Q, K]`, "sum[c](x[n,p,q,c] * w[k,c]) + b[q,k]")).toBe("np,q,k | c");
    expect(runsOf("input x[N, P, C, Q]\nweight w[K, C]", "sum[c](x[n,p,c,q] * w[k,c])")).toBe("np,q,k | c");
    expect(runsOf("input x[P, N, Q, C]\nweight w[K, C]", "sum[c](x[p,n,q,c] * w[k,c])")).toBe("n,p,q,k | c");
  });
  it("where an index counts for itself", () => {
    expect(runsOf(plain, "p * sum[c](x[n,p,q,c] * w[k,c])")).toBe("n,p,q,k | c");
    expect(runsOf(plain, "sum[c <= q](x[n,p,q,c] * w[k,c])")).toBe("np,q,k | c");
  });
  it("where a tensor reaches beyond, or is read once more elsewhere", () => {
    expect(runsOf("input x[N, P, Q + 1, C]\nweight w[K, C]", "sum[c](x[n,p,q,c] * w[k,c])")).toBe(
      "np,q,k | c",
    );
    expect(runsOf(plain, "sum[c](x[n,p,q,c] * w[k,c]) + x[n,p,0,k]")).toBe("np,q,k | c");
  });
  it("where a sum takes a part of them", () => {
    const text = "input x[N, P, Q]\nweight w[K, P, Q]\noutput z[N, K]\n";
    expect(seen(`${text}z[n,k] = sum[p,q](x[n,p,q] * w[k,p,q])\n`).runs).toBe("n,k | pq");
    expect(seen(`${text}z[n,k] = sum[p < P,q < Q - 1](x[n,p,q] * w[k,p,q])\n`).runs).toBe("n,k | p,q");
  });
});

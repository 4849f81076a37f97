/** Kernels that differ by names alone are emitted once. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { standIns } from "../../src/kernels/shared.js";
import { parseLayer } from "../../src/index.js";
import { compileText } from "../../src/pipeline.js";

function standsOf(text: string): Record<string, string> {
  const [{ program } = { program: undefined }] = compileText(text, "sample.layer").programs;
  if (!program) throw new Error("no program");
  return Object.fromEntries([...standIns(program)].map(([name, { kernel }]) => [name, kernel]));
}
const head = "use linear\ninput x[N, C]\n";

describe("the kernels of calls are shared", () => {
  it("where the sizes play the same roles under other names", () => {
    const text = `${head}weight a[C, M]\nweight b[M]\nweight c[M, K]\nweight d[K]\noutput y[N, K]
      h = linear(x, a, b)
      y = linear(h, c, d)`;
    expect(standsOf(text)).toMatchObject({
      forwardY: "forwardH",
      gradientC: "gradientA",
      gradientD: "gradientB",
    });
  });
  it("by the projections of a transformer", () => {
    const stands = standsOf(readFileSync("specs/transformer_block.layer", "utf8"));
    expect(stands).toMatchObject({
      forwardK: "forwardQ",
      forwardV: "forwardQ",
      forwardLayerNorm1Y: "forwardU",
    });
  });
  it("in a chain of any length: its code does not grow", async () => {
    const chain = (depth: number): string =>
      [
        "use linear_relu\ninput x[N, D]",
        ...Array.from({ length: depth }, (_, i) => `weight w${i}[D, D]\nweight b${i}[D]`),
      ]
        .concat("output y[N, D]")
        .concat(
          Array.from(
            { length: depth },
            (_, i) =>
              `${i + 1 < depth ? `h${i}` : "y"} = linear_relu(${i === 0 ? "x" : `h${i - 1}`}, w${i}, b${i})`,
          ),
        )
        .join("\n");
    const own = (depth: number): number => {
      const { program } = compileText(chain(depth), "sample.layer").programs[0]!;
      return program.kernels.length - standIns(program).size;
    };
    expect(own(6)).toBe(own(3));
    const { sample } = await parseLayer(chain(3), "sample.layer").compile();
    const plan = sample({ N: 2, D: 2 }, { dtype: "f64" });
    const t = plan.allocate();
    for (const [name, array] of Object.entries(t))
      array.fill(0.25 + name.length / 8 + Number(name.at(-1) === "1"));
    plan.forward(t, t);
    plan.backward(t, t);
    // 2 equal rows: y = 2·w·h + b in every place
    const at = (name: string): number => t[name]![0]!;
    const h0 = 2 * at("w0") * at("x") + at("b0");
    const h1 = 2 * at("w1") * h0 + at("b1");
    expect(at("y")).toBeCloseTo(2 * at("w2") * h1 + at("b2"), 12);
    expect(at("dx")).toBeCloseTo(8 * at("w0") * at("w1") * at("w2") * at("dy"), 12);
    expect(at("dw1")).toBeCloseTo(2 * h0 * 2 * at("w2") * at("dy"), 12);
  });
});

describe("kernels are not shared", () => {
  it.each([
    ["that differ by a number", "y[n] = 2*x[n]\nz[n] = 3*x[n]", "forwardZ"],
    ["that differ by a function", "y[n] = exp(x[n])\nz[n] = sin(x[n])", "forwardZ"],
    [
      "that read one tensor where the other reads two",
      "y[n,m] = sum[k](a[n,k]*b[k,m])\nz[n,m] = sum[k](a[n,k]*a[k,m])",
      "forwardZ",
    ],
  ])("%s", (_, statements, name) => {
    const text = `input x[N]\ninput a[N, N]\ninput b[N, N]\noutput y\noutput z\n${statements}`;
    expect(Object.keys(standsOf(text))).not.toContain(name);
  });
});

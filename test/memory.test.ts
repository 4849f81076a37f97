import { describe, expect, it } from "vitest";
import { layer, LayerError, parseLayer } from "../src/index.js";

const linear = layer("linear")`
  input  x[N, C]
  weight w[C, K]
  output z[N, K]
  z[n,k] = ${2} * sum[c](x[n,c] * w[c,k])
  variant single: N = 1
`;

describe("a layer in memory", () => {
  it("derives", () => {
    const { layer: name, gradients } = linear.derive({ steps: "none" });
    expect(name).toBe("linear");
    expect(gradients.map(({ of }) => of)).toEqual(["x", "w"]);
    expect(gradients.every(({ steps }) => steps.length === 0)).toBe(true);
  });

  it("compiles to the plan functions of the layer and its variants", async () => {
    const plans = await linear.compile();
    expect(Object.keys(plans)).toEqual(["linear", "single"]);
    const plan = plans["linear"]({ N: 2, C: 2, K: 1 });
    const inputs = { x: Float32Array.of(1, 2, 3, 4), w: Float32Array.of(10, 1) };
    expect(plan.forward(inputs)["z"]).toEqual(Float32Array.of(24, 68));
    expect(plan.backward({ ...inputs, dz: Float32Array.of(1, 1) })["dw"]).toEqual(Float32Array.of(8, 12));
    const single = plans["single"]!({ C: 2, K: 1 }, { dtype: "f64" });
    expect(single.forward({ x: Float64Array.of(1, 2), w: Float64Array.of(10, 1) })["z"]).toEqual(
      Float64Array.of(24),
    );
  });

  it("throws one error that lists all problems", () => {
    const bad = (): unknown => parseLayer("input x[N]\noutput z[N]\nz[i] = y[i] + u[i]\n", "bad.layer");
    expect(bad).toThrow(LayerError);
    expect(bad).toThrow(/bad\.layer:3:8[^]*bad\.layer:3:15/);
  });

  it.each(["../evil", "a/b", "class", "2d", "", "constructor()"])("refuses the name %j", (name) => {
    expect(() => layer(name)`input x[N]\noutput z[N]\nz[i] = x[i]`).toThrow(LayerError);
  });

  it("calls standard layers, and those whose texts it is given", async () => {
    const uses = { halved: "input x[N, C]\noutput y[N, C]\ny[n,c] = x[n,c]/2\n" };
    const text = "use softmax, halved\ninput x[N, C]\noutput y\ny = softmax(halved(x))\n";
    const { caller } = await parseLayer(text, "caller.layer", { uses }).compile();
    const x = Float64Array.of(0, 2 * Math.log(3));
    const { y } = caller({ N: 1, C: 2 }, { dtype: "f64" }).forward({ x });
    expect(y?.[0]).toBeCloseTo(1 / 4, 12);
    const tagged = layer("caller", { uses })`${text}`;
    expect(tagged.derive({ steps: "none" }).gradients.map(({ of }) => of)).toContain("x");
    expect(() => parseLayer(text, "caller.layer")).toThrow(/there is no layer halved to use/u);
  });
});

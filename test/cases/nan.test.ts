/** NaN and infinities go through maxima, minima and relu in TypeScript, whatever their place and the kernel. */
import { describe, expect, it } from "vitest";
import { gradientLayer } from "../../src/calculus/differentiate.js";
import { evaluateLayer } from "../../src/verify/evaluate.js";
import { float64 } from "../../src/verify/numbers.js";
import { compile, plansOf } from "../support/layers.js";

const layers: Readonly<Record<string, string>> = {
  relu: "y[n,c] = relu(x[n,c])",
  "max of two": "y[n,c] = max(x[n,c], x[n, C - 1 - c])",
  "min with a number": "y[n,c] = min(x[n,c], 2)",
  "a row's maximum": "y[n,c] = max[j](x[n,j])",
  "a column's minimum": "y[n,c] = min[m](x[m,c])",
  "a window": "y[n,c] = max[r < 3](x[n, c + r - 1])",
  "a sweep": "y[n,c] = min[r < 2*C](x[n, c + r - C])",
};
const [N, C] = [3, 12];
const plain = Array.from({ length: N * C }, (_, i) => ((i * 7) % 11) - 5);
const dy = Float64Array.from(plain, (_, i) => i + 1);

describe.each(Object.entries(layers))("%s", async (_, statement) => {
  const text = `input x[N, C]\noutput y[N, C]\n${statement}\n`;
  const { layer, programs } = compile(text);
  const plan = (await plansOf(text))({ N, C });

  it.each([NaN, Infinity, -Infinity])("of %d at each place of a row", (special) => {
    for (const at of [0, 1, 5, C - 1]) {
      const x = Float64Array.from(plain.with(C + at, special));
      const forward = evaluateLayer(layer, { N, C }, new Map([["x", x]]), float64);
      const given = new Map([["x", x], ["dy", dy] as const]);
      const backward = evaluateLayer(gradientLayer(programs[0]!.derived), { N, C }, given, float64);
      if (Number.isNaN(special))
        expect(Array.from(forward.get("y") ?? [], Number).some(Number.isNaN)).toBe(true);
      const { saved, y } = plan.forward({ x });
      expect([...y!]).toEqual(forward.get("y"));
      expect([...plan.backward({ x, y: y!, dy, ...saved })["dx"]!]).toEqual(backward.get("g_x"));
    }
  });
});

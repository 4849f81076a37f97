/** Every small window: strides, dilations and pads, also together, also larger than the kernel. */
import { describe, expect, test } from "vitest";
import { explicitBounds } from "../../src/ranges/bounds.js";
import { resolveSizes } from "../../src/ranges/sizes.js";
import { evaluate, evaluateGuarded, type Tensors } from "./evaluate.js";
import { closed } from "./layers.js";

const params = "param stride = 1\nparam pad = 0\nparam dilation = 1\n";
const extent = "P = floor((H + 2*pad - dilation*(R - 1) - 1)/stride) + 1\n";
const forward = (op: string): string =>
  `${params}input x[H]\ninput w[R]\noutput z[P]\n${extent}z[p] = ${op}[r](x[p*stride - pad + r*dilation]*w[r])`;
/** The gradient with respect to x, as a sum over the windows that contain it. */
const transposed = `${params}input x[P]\ninput w[R]\noutput z[H]\nindex h0[H] < H\n${extent.replace("P =", "Q =")}require P <= Q
z[h] = sum[r](x[(h + pad - r*dilation)/stride]*w[r])`;

/** All sizes and params that the layer allows, H up to 5. */
function* cases(text: string, withP: boolean) {
  const layer = closed(text);
  for (let H = 1; H <= 5; H++)
    for (let R = 1; R <= 3; R++)
      for (let stride = 1; stride <= 4; stride++)
        for (let dilation = 1; dilation <= 3; dilation++)
          for (let pad = -1; pad <= 3; pad++)
            for (const P of withP ? [1, 2, 4] : [undefined]) {
              const given = { H, R, stride, dilation, pad, ...(P && { P }) };
              const resolved = resolveSizes(layer, given);
              if (resolved.ok) yield { layer, given, env: resolved.env };
            }
}
/** A mean divides by multiplying with a reciprocal: the last digits may differ. */
const rounded = (values: readonly number[] | undefined): readonly number[] =>
  (values ?? []).map((v) => Number(v.toPrecision(14)));
const counting = (length: number): { shape: number[]; values: number[] } => ({
  shape: [length],
  values: Array.from({ length }, (_, i) => i + 2),
});

describe.each(["sum", "max", "min", "mean", "prod"])("%s over a window", (op) => {
  test("guards agree with the boundary rule", () => {
    const explicit = explicitBounds(closed(forward(op)));
    let count = 0;
    for (const { layer, given, env } of cases(forward(op), false)) {
      const tensors = (): Tensors =>
        new Map([
          ["x", counting(given.H)],
          ["w", counting(given.R)],
        ]);
      const before = rounded(evaluate(layer, env, tensors()).get("z")?.values);
      const after = rounded(evaluateGuarded(explicit, env, tensors()).get("z")?.values);
      expect({ given, values: after }).toEqual({ given, values: before });
      count++;
    }
    expect(count).toBeGreaterThan(300);
  });
});
test("a transposed window", () => {
  const explicit = explicitBounds(closed(transposed));
  let count = 0;
  for (const { layer, given, env } of cases(transposed, true)) {
    const tensors = (): Tensors =>
      new Map([
        ["x", counting(env.get("P") ?? 0)],
        ["w", counting(given.R)],
        ["h0", counting(given.H)],
      ]);
    const before = rounded(evaluate(layer, env, tensors()).get("z")?.values);
    const after = rounded(evaluateGuarded(explicit, env, tensors()).get("z")?.values);
    expect({ given, values: after }).toEqual({ given, values: before });
    count++;
  }
  expect(count).toBeGreaterThan(300);
});

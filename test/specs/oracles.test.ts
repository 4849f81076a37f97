/** The oracles themselves: their gradients are the derivatives of their forward passes. */
import { describe, expect, it } from "vitest";
import { draw } from "./oracles/draw.js";
import type { Grid } from "./oracles/grid.js";
import { oracles } from "./oracles/index.js";
import type { Oracle } from "./oracles/oracle.js";

type Sizes = Readonly<Record<string, number>>;
type Grids = Readonly<Record<string, Grid>>;

/** Of a long tensor so many elements are moved, evenly spread: each takes two passes of loops. */
const most = 50;

/** L = Σ ⟨z, dz⟩ over the outputs. */
const loss = (oracle: Oracle, sizes: Sizes, given: Grids, cotangents: Grids): number =>
  Object.entries(oracle.forward(sizes, given)).reduce(
    (sum, [name, z]) =>
      sum + z.data.reduce((part, v, i) => part + v * (cotangents[`d${name}`]?.data[i] ?? Number.NaN), 0),
    0,
  );

describe("hand-written gradients agree with central differences", () => {
  it.each(oracles.flatMap((oracle) => oracle.cases.map((sizes) => [oracle.layer, sizes, oracle] as const)))(
    "%s %j",
    (_, sizes, oracle) => {
      const { given, cotangents } = draw(oracle, sizes);
      const gradients = oracle.backward(sizes, { ...given, ...cotangents });
      expect(Object.keys(gradients).length).toBeGreaterThan(0);
      for (const [name, gradient] of Object.entries(gradients)) {
        const x = given[name.slice(1)];
        if (!x) throw new Error(`${name} is the gradient of nothing`);
        expect(gradient.shape).toEqual(x.shape);
        const every = Math.ceil(x.data.length / most) | 1;
        x.data.forEach((value, i) => {
          if (i % every !== 0) return;
          const step = 1e-5;
          x.data[i] = value + step;
          const above = loss(oracle, sizes, given, cotangents);
          x.data[i] = value - step;
          const below = loss(oracle, sizes, given, cotangents);
          x.data[i] = value;
          expect(
            Math.abs((above - below) / (2 * step) - (gradient.data[i] ?? Number.NaN)),
            `${name}[${i}]`,
          ).toBeLessThan(1e-8 * Math.max(1, Math.abs(gradient.data[i] ?? 0)));
        });
      }
    },
  );
});

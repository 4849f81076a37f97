/** Reads in branches and in pads, on every target: where the branch is not taken, they bound no window. */
import { expect, it } from "vitest";
import { caseText, everywhere, type At } from "../support/everywhere.js";
import { differences, randomWindow, windowAt } from "../support/random-windows.js";

interface Case extends At {
  readonly layer: string;
  readonly expected: Readonly<Record<string, readonly number[]>>;
}

const signal = { x: [1, -2, 4, -8, 16, 32], w: [1, 3, 5], dy: [1, -1, 2, 3, -2, 4] };
const cases: readonly Case[] = [
  {
    // behind the end the last element stands: y[5] = x[5] (1 + 3 + 5)
    layer: "edge",
    sizes: { L: 6, R: 3 },
    values: signal,
    expected: { y: [15, -30, 60, 200, 272, 288], dx: [1, 2, 4, 4, 17, 35], dw: [83, 90, 204] },
  },
  {
    // behind the end there are ones: y[5] = x[5] + 3 + 5
    layer: "edge_relu",
    sizes: { L: 6, R: 3 },
    values: signal,
    expected: { y: [15, -30, 60, 200, 117, 40], dx: [1, 2, 4, 4, 17, 13], dw: [83, -34, 142] },
  },
  {
    layer: "conv1d_replicate",
    sizes: { N: 1, C: 2, L: 5, R: 3 },
    values: {
      x: [1, -2, 4, -8, 16, 3, 5, -7, 11, -13],
      w: [1, 3, 5, -2, 4, 6],
      dy: [1, -1, 2, 3, -2, 4, 5, -3, 2, 1, -1, 4, 6, 2],
    },
    expected: {
      y: [9, -6, 15, -30, 60, 120, 144, 24, 36, -28, 28, -20, -152, -104],
      dx: [7, 4, 17, 13, 67, -22, 18, -6, -2, 100],
      dw: [36, 168, 99, 7, -51, -173],
    },
  },
  {
    // s[n, 0] = max(0.5, u[n, 0])
    layer: "wgsl_pad_max",
    sizes: { N: 2, L: 6 },
    values: {
      u: [-1, 0.25, -2, 3, -4, -5, 2, -1, -0.5, 0.75, 1, -3],
      ds: [1, 2, 3, 4, 5, 6, -1, -2, -3, -4, -5, -6],
    },
    expected: {
      s: [0.5, 0.25, 0.25, 3, 3, -4, 2, 2, -0.5, 0.75, 1, 1],
      du: [0, 5, 0, 9, 6, 0, -3, 0, -3, -4, -11, 0],
    },
  },
];

it.each(cases)("$layer", async ({ layer, sizes, values, expected }) => {
  const found = await everywhere(caseText(layer), { sizes, values }, layer);
  expect(found).toEqual(found.map(({ by }) => ({ by, values: expected })));
});

it.each([0, 1, 2, 3])("random windows, seed %i", async (seed) => {
  const text = randomWindow(seed);
  expect(differences(await everywhere(text, windowAt(seed, text)))).toEqual([]);
});

import { describe, expect, it } from "vitest";
import { loadDigits } from "../../examples/digits/data.js";
import { train } from "../../examples/digits/train.js";

describe("the digits example", () => {
  it("sets 100 of each digit aside", () => {
    const { training, test } = loadDigits();
    expect([training.count, test.count]).toEqual([9000, 1000]);
    for (let label = 0; label < 10; label++)
      expect(test.labels.filter((other) => other === label)).toHaveLength(100);
    expect(training.images.every((pixel) => pixel >= 0 && pixel <= 1)).toBe(true);
  });

  it("learns from 600 digits, the same way each time", { timeout: 60_000 }, () => {
    const run = (): { results: number[]; losses: number[] } => {
      const losses: number[] = [];
      const results = train({ epochs: 4, train: 600, seed: 1 }, (_, { loss }) => losses.push(loss));
      return { results, losses };
    };
    const first = run();
    expect(first.losses).toHaveLength(48);
    expect(first.results.at(-1)).toBeGreaterThan(0.8);
    expect(run()).toEqual(first);
  });
});

import { describe, expect, it } from "vitest";
import { chooseDigits, loadDigits } from "../../examples/digits/data.js";
import { descent, trainEpoch } from "../../examples/digits/learning.js";
import { network } from "../../examples/digits/network.js";
import { uniform } from "../../examples/digits/random.js";
import { train } from "../../examples/digits/train.js";

describe("the digits example", () => {
  it("sets 100 of each digit aside", () => {
    const { training, test } = loadDigits();
    expect([training.count, test.count]).toEqual([9000, 1000]);
    for (let label = 0; label < 10; label++)
      expect(test.labels.filter((other) => other === label)).toHaveLength(100);
    expect(training.images.every((pixel) => pixel >= 0 && pixel <= 1)).toBe(true);
  });

  it("learns from 600 digits", { timeout: 120_000 }, () => {
    const losses: number[] = [];
    const share = train({ epochs: 4, train: 600, seed: 1 }, (_, { loss }) => losses.push(loss));
    expect(losses).toHaveLength(4 * 12);
    expect(share).toBeGreaterThan(0.8);
  });

  it("learns the same from the same seed", { timeout: 60_000 }, () => {
    const { training } = loadDigits();
    const run = (seed: number): number[] => {
      const random = uniform(seed);
      const net = network(50, random);
      const step = descent(net, 0.9);
      const losses: number[] = [];
      const digits = chooseDigits(training, 200, random);
      trainEpoch(
        net,
        () => step(0.05),
        digits,
        random,
        ({ loss }) => losses.push(loss),
      );
      return losses;
    };
    const first = run(7);
    expect(first).toHaveLength(4);
    expect(run(7)).toEqual(first);
    expect(run(8)).not.toEqual(first);
  });
});

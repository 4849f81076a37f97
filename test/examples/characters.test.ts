import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { network } from "../../examples/characters/network.js";
import { fillBatch, readText } from "../../examples/characters/text.js";
import { uniform } from "../../examples/digits/random.js";

const text = readText(readFileSync("README.md", "utf8"));
const size = { length: 16, width: 16, heads: 2, hidden: 32, batch: 8 };

describe("the characters example", () => {
  it("reads a text, and what comes next", () => {
    const { letters, codes } = readText("abcab");
    expect([letters, Array.from(codes)]).toEqual([
      ["a", "b", "c"],
      [0, 1, 2, 0, 1],
    ]);
    const batch = { text: new Int32Array(2), next: new Int32Array(2) };
    fillBatch({ letters, codes }, 2, batch, () => 0.4);
    expect(batch).toEqual({ text: Int32Array.of(1, 2), next: Int32Array.of(2, 0) });
  });

  it("learns, and the same from the same seed", () => {
    const run = (seed: number): number[] => {
      const net = network(text, size, uniform(seed));
      return Array.from({ length: 40 }, () => net.learn(0.01));
    };
    const losses = run(1);
    const mean = (part: readonly number[]): number => part.reduce((a, b) => a + b, 0) / part.length;
    // nothing learned yet is a guess among all letters, and which of them are frequent is learned in a few steps
    expect(mean(losses.slice(0, 5))).toBeGreaterThan(0.9 * Math.log(text.letters.length));
    expect(mean(losses.slice(-10))).toBeLessThan(0.8 * Math.log(text.letters.length));
    expect(run(1).slice(0, 5)).toEqual(losses.slice(0, 5));
  });

  it("goes on from a text", () => {
    const net = network(text, size, uniform(1));
    const written = net.write("The ", 20);
    expect(Array.from(written)).toHaveLength(24);
    expect(written.startsWith("The ")).toBe(true);
  });
});

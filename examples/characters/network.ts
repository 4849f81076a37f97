/** The transformer of `network.layer` with its arrays, trained by Adam, whose step is a layer too. */
import { adam } from "../../generated/adam/index.js";
import { normal } from "../digits/random.js";
import { network as planOf } from "./generated/network/index.js";
import { fillBatch } from "./text.js";
import type { Text } from "./text.js";

export interface Size {
  /** Characters that the network looks back on. */
  readonly length: number;
  readonly width: number;
  readonly heads: number;
  readonly hidden: number;
  /** Pieces of text in a step. */
  readonly batch: number;
}
export interface Network {
  /** A step on pieces of the text; gives their loss before it, in nats a character. */
  learn(rate: number): number;
  /** The text and so many characters as the network goes on from it. */
  write(from: string, count: number): string;
}

/** A network for the text's letters, its weights drawn anew. */
export function network(text: Text, size: Size, random: () => number): Network {
  const { length, width, heads, hidden, batch } = size;
  const V = text.letters.length;
  const sizes = { L: length, V, D: width, H: heads, E: width / heads, M: hidden };
  const plan = planOf({ N: batch, ...sizes });
  const t = { ...plan.allocate() };
  t.dloss.fill(1);
  const [rate, count] = [new Float32Array(1), new Float32Array(1)];

  const steps = weights.map((name) => {
    const w = t[name];
    draw(w, deviation(name, size), random);
    const step = adam({ N: w.length, beta2: 0.99 });
    const [m, v] = [new Float32Array(w.length), new Float32Array(w.length)];
    const inputs = { w, g: t[`d${name}`], m, v, rate, t: count };
    const outputs = { w_next: w, m_next: m, v_next: v };
    return () => step.forward(inputs, outputs);
  });

  const reader = planOf({ N: 1, ...sizes });
  const one = { ...reader.allocate() };
  for (const name of weights) one[name] = t[name];

  return {
    learn(now) {
      fillBatch(text, length, t, random);
      plan.forward(t, t);
      plan.backward(t, t);
      rate[0] = now;
      count[0]!++;
      for (const step of steps) step();
      return t.loss[0]!;
    },
    write(from, characters) {
      const codes = Array.from(from, (c) => text.letters.indexOf(c));
      for (let i = 0; i < characters; i++) {
        const seen = codes.slice(-length);
        one.text.fill(0).set(seen); // what stands behind the last is not looked at
        reader.forward(one, one);
        const last = (seen.length - 1) * V;
        codes.push(choose(one.scores.subarray(last, last + V), random));
      }
      return codes.map((code) => text.letters[code]).join("");
    },
  };
}

const weights = [
  ...(["letters", "places", "out"] as const),
  ...(["g1", "q1", "k1", "v1", "o1", "g2", "gate2", "up2", "down2"] as const),
  ...(["g3", "q3", "k3", "v3", "o3", "g4", "gate4", "up4", "down4", "g5"] as const),
];
/** Gains start at 1; the others are normal, with the variance 1 / fan-in. */
function deviation(name: (typeof weights)[number], { width, hidden }: Size): number | undefined {
  if (/^g[0-9]$/u.test(name)) return undefined;
  if (name === "letters" || name === "places") return 0.5;
  return 1 / Math.sqrt(name.startsWith("down") ? hidden : width);
}
function draw(w: Float32Array, spread: number | undefined, random: () => number): void {
  for (let i = 0; i < w.length; i++) w[i] = spread === undefined ? 1 : spread * normal(random);
}

/** A letter at random, as likely as softmax(scores / 0.7) says. */
function choose(scores: Float32Array, random: () => number): number {
  const top = Math.max(...scores);
  const shares = Array.from(scores, (s) => Math.exp((s - top) / 0.7));
  let left = random() * shares.reduce((a, b) => a + b, 0);
  const chosen = shares.findIndex((share) => (left -= share) < 0);
  return chosen < 0 ? scores.length - 1 : chosen;
}

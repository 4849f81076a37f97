/** Stochastic gradient descent with momentum, a layer itself, and the share of digits recognised. */
import { sgd_momentum } from "../../generated/sgd_momentum/index.js";
import { classes, fillBatch } from "./data.js";
import type { Digits } from "./data.js";
import type { Network } from "./network.js";
import { permutation } from "./random.js";

export interface Progress {
  /** Batches done in this epoch, of how many. */
  readonly done: number;
  readonly of: number;
  /** Mean loss of the epoch so far. */
  readonly loss: number;
}

/** Trains for one epoch over `digits` in random order; a last incomplete batch is left out. */
export function trainEpoch(
  network: Network,
  step: () => void,
  digits: Digits,
  random: () => number,
  report: (progress: Progress) => void,
): void {
  const batch = network.labels.length;
  const order = permutation(digits.count, random);
  const of = Math.floor(digits.count / batch);
  let sum = 0;
  for (let done = 1; done <= of; done++) {
    const samples = order.subarray((done - 1) * batch, done * batch);
    fillBatch(digits, samples, network.images, network.labels);
    sum += network.learn();
    step();
    report({ done, of, loss: sum / done });
  }
}

/** A step at some rate: velocity ← momentum·velocity + gradient, weight ← weight - rate·velocity, each in its own array. */
export function descent({ weights, gradients }: Network, momentum: number): (rate: number) => void {
  const rate = new Float32Array(1);
  const steps = weights.map((w, which) => {
    const plan = sgd_momentum({ N: w.length, momentum });
    const v = new Float32Array(w.length);
    const inputs = { w, g: gradients[which]!, v, rate };
    const outputs = { w_next: w, v_next: v };
    return () => plan.forward(inputs, outputs);
  });
  return (now) => {
    rate[0] = now;
    for (const step of steps) step();
  };
}

/** The share of digits whose greatest score is that of their label; the count must be a multiple of the batch. */
export function accuracy(network: Network, digits: Digits): number {
  const batch = network.labels.length;
  if (digits.count % batch !== 0)
    throw new RangeError(`${digits.count} digits make no whole batches of ${batch}`);
  let right = 0;
  for (let start = 0; start < digits.count; start += batch) {
    const samples = Int32Array.from({ length: batch }, (_, i) => start + i);
    fillBatch(digits, samples, network.images, network.labels);
    network.infer();
    network.labels.forEach((label, i) => {
      const scores = network.scores.subarray(i * classes, (i + 1) * classes);
      if (scores.indexOf(Math.max(...scores)) === label) right++;
    });
  }
  return right / digits.count;
}

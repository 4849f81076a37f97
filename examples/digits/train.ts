/** Trains the network on handwritten digits: `--epochs 3 --train 9000 --seed 1`. */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { loadDigits } from "./data.js";
import type { Digits } from "./data.js";
import { accuracy, descent, trainEpoch } from "./learning.js";
import type { Progress } from "./learning.js";
import { network } from "./network.js";
import { permutation, uniform } from "./random.js";

const batch = 50;
const rate = 0.03;
const momentum = 0.9;

export interface Run {
  readonly epochs: number;
  /** How many of the training digits are used. */
  readonly train: number;
  readonly seed: number;
}

/** Trains from scratch; gives the share of the 1,000 held-out digits recognised after each epoch. */
export function train(run: Run, report: (epoch: number, progress: Progress) => void): number[] {
  const random = uniform(run.seed);
  const { training, test } = loadDigits();
  const chosen = choose(training, run.train, random);
  const net = network(batch, random);
  const step = descent(net, rate, momentum);
  return Array.from({ length: run.epochs }, (_, epoch) => {
    trainEpoch(net, step, chosen, random, (progress) => report(epoch + 1, progress));
    return accuracy(net, test);
  });
}

function choose(digits: Digits, count: number, random: () => number): Digits {
  const samples = permutation(digits.count, random).subarray(0, count);
  const size = digits.images.length / digits.count;
  const images = new Float32Array(samples.length * size);
  samples.forEach((sample, i) =>
    images.set(digits.images.subarray(sample * size, (sample + 1) * size), i * size),
  );
  return { count: samples.length, images, labels: samples.map((sample) => digits.labels[sample]!) };
}

function main(): void {
  const { values } = parseArgs({
    options: {
      epochs: { type: "string", default: "3" },
      train: { type: "string", default: "9000" },
      seed: { type: "string", default: "1" },
    },
  });
  const run: Run = { epochs: Number(values.epochs), train: Number(values.train), seed: Number(values.seed) };
  if (!Number.isInteger(run.epochs) || run.epochs < 1 || !Number.isInteger(run.train) || run.train < batch) {
    process.stderr.write(`--epochs is a positive integer, --train an integer of at least ${batch}\n`);
    process.exitCode = 2;
    return;
  }
  const started = performance.now();
  const results = train(run, (epoch, { done, of, loss }) => {
    if (!process.stdout.isTTY && done < of) return;
    const line = `epoch ${epoch}/${run.epochs}  batch ${String(done).padStart(3)}/${of}  loss ${loss.toFixed(4)}`;
    process.stdout.write(process.stdout.isTTY ? `\r${line}${done === of ? "\n" : ""}` : `${line}\n`);
  });
  const seconds = (performance.now() - started) / 1000;
  const last = 100 * (results.at(-1) ?? 0);
  process.stdout.write(`${last.toFixed(1)}% of 1,000 held-out digits recognised, ${seconds.toFixed(0)} s\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();

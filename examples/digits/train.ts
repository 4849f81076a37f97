/** Trains the network on handwritten digits: `--epochs 3 --train 9000 --seed 1`. */
import { fileURLToPath } from "node:url";
import { chooseDigits, loadDigits } from "./data.js";
import { accuracy, descent, trainEpoch } from "./learning.js";
import type { Progress } from "./learning.js";
import { network } from "./network.js";
import { uniform } from "./random.js";

const batch = 50;
/** The rate of the first epoch; each later one has half of that before. */
const rate = 0.05;
const momentum = 0.9;

export interface Run {
  readonly epochs: number;
  /** How many of the training digits are used. */
  readonly train: number;
  readonly seed: number;
}

/** Trains from scratch; gives the share of the 1,000 held-out digits recognised in the end. */
export function train(run: Run, report: (epoch: number, progress: Progress) => void): number {
  const random = uniform(run.seed);
  const { training, test } = loadDigits();
  const chosen = chooseDigits(training, run.train, random);
  const net = network(batch, random);
  const step = descent(net, momentum);
  for (let epoch = 1; epoch <= run.epochs; epoch++) {
    const descend = (): void => step(rate / 2 ** (epoch - 1));
    trainEpoch(net, descend, chosen, random, (progress) => report(epoch, progress));
  }
  return accuracy(net, test);
}

/** The command line's numbers; undefined where they make no sense. */
function runFrom(args: readonly string[]): Run | undefined {
  const run = { epochs: 3, train: 9000, seed: 1 };
  for (let i = 0; i < args.length; i += 2) {
    const name = args[i]?.replace(/^--/u, "") ?? "";
    const value = Number(args[i + 1]);
    if (!Object.hasOwn(run, name) || !Number.isInteger(value)) return undefined;
    run[name as keyof typeof run] = value;
  }
  return run.epochs >= 1 && run.train >= batch ? run : undefined;
}

function main(): void {
  const run = runFrom(process.argv.slice(2));
  if (!run) {
    process.stderr.write(
      `usage: train.ts [--epochs 3] [--train 9000] [--seed 1], with --train at least ${batch}\n`,
    );
    process.exitCode = 2;
    return;
  }
  const started = performance.now();
  const share = train(run, (epoch, { done, of, loss }) => {
    if (!process.stdout.isTTY && done < of) return;
    const line = `epoch ${epoch}/${run.epochs}  batch ${String(done).padStart(3)}/${of}  loss ${loss.toFixed(4)}`;
    process.stdout.write(process.stdout.isTTY ? `\r${line}${done === of ? "\n" : ""}` : `${line}\n`);
  });
  const seconds = (performance.now() - started) / 1000;
  process.stdout.write(
    `${(100 * share).toFixed(1)}% of 1,000 held-out digits recognised, ${seconds.toFixed(0)} s\n`,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();

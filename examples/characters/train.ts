/** Trains the network on the text of the project's README: `--steps 800 --seed 1`. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { uniform } from "../digits/random.js";
import { network } from "./network.js";
import type { Network, Size } from "./network.js";
import { readText } from "./text.js";

const size: Size = { length: 32, width: 48, heads: 4, hidden: 96, batch: 16 };
const rate = 0.004;

export interface Run {
  readonly steps: number;
  readonly seed: number;
}

/** Trains from scratch with a rate that falls to 0; gives the network. `begin` is called with it before. */
export function train(
  { steps, seed }: Run,
  begin: (net: Network) => void,
  report: (step: number, loss: number) => void,
): Network {
  const random = uniform(seed);
  const text = readText(readFileSync(new URL("../../README.md", import.meta.url), "utf8"));
  const net = network(text, size, random);
  begin(net);
  for (let step = 1; step <= steps; step++) report(step, net.learn(rate * (1 - (step - 1) / steps)));
  return net;
}

/** The command line's numbers; undefined where they make no sense. */
function runFrom(args: readonly string[]): Run | undefined {
  const run = { steps: 800, seed: 1 };
  for (let i = 0; i < args.length; i += 2) {
    const name = args[i]?.replace(/^--/u, "") ?? "";
    const value = Number(args[i + 1]);
    if (!Object.hasOwn(run, name) || !Number.isInteger(value)) return undefined;
    run[name as keyof typeof run] = value;
  }
  return run.steps >= 1 ? run : undefined;
}

function main(): void {
  const run = runFrom(process.argv.slice(2));
  if (!run) {
    process.stderr.write("usage: train.ts [--steps 800] [--seed 1]\n");
    process.exitCode = 2;
    return;
  }
  const sample = (when: string, net: Network): void => {
    process.stdout.write(`${when}:\n${net.write("The ", 200)}\n\n`);
  };
  const started = performance.now();
  let recent = 0;
  const net = train(
    run,
    (untrained) => sample("before", untrained),
    (step, loss) => {
      recent += loss;
      if (step % 50 !== 0) return;
      process.stdout.write(`step ${step}/${run.steps}  loss ${(recent / 50).toFixed(3)} nats a character\n`);
      recent = 0;
    },
  );
  process.stdout.write(`${((performance.now() - started) / 1000).toFixed(0)} s\n\n`);
  sample("after", net);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();

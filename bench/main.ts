/**
 * `npm run bench -- [--only gemm,conv3x3,compile] [--target ts|wgsl] [--runs 7] [--quick] [--no-peers] [--out file]`
 *
 * Measures the generated kernels side by side with plain loops and other libraries, prints the tables, and writes
 * a whole run to `bench/results.md` or `bench/results-webgpu.md`. Exit status: 0 measured; 1 a kernel's result is wrong or there is none; 2 the call is wrong.
 */
import { fork } from "node:child_process";
import { writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { targets, type Target } from "./arena.js";
import type { ChildOptions } from "./child.js";
import { compileTable } from "./compile.js";
import { peersInstalled } from "./peers.js";
import { milliseconds, passTable, remarks, shortfalls, type PassResult } from "./report.js";
import { workloads } from "./workloads/index.js";

const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));
/** A variant of the benchmark's own is compiled in memory, which is for TypeScript only. */
const workloadsOf = (target: Target) => workloads.filter(({ variant }) => target === "ts" || !variant);
const namesOf = (target: Target): readonly string[] => [
  ...workloadsOf(target).map(({ name }) => name),
  ...(target === "ts" ? ["compile"] : []), // what compiling costs is measured once
];

function readOptions() {
  const { values } = parseArgs({
    options: {
      only: { type: "string" },
      target: { type: "string", default: "ts" },
      runs: { type: "string" },
      quick: { type: "boolean", default: false },
      "no-peers": { type: "boolean", default: false },
      out: { type: "string" },
    },
  });
  if (!Object.hasOwn(targets, values.target))
    throw new Error(`no target ${values.target}; there is ${Object.keys(targets).join(", ")}`);
  const target = values.target as Target;
  const names = namesOf(target);
  const chosen = values.only?.split(",") ?? names;
  const unknown = chosen.filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new Error(`no workload ${unknown.join(", ")}; there are ${names.join(", ")}`);
  const runs = Number(values.runs ?? (values.quick ? 3 : 7));
  if (!Number.isInteger(runs) || runs < 1) throw new Error("--runs takes a positive integer");
  const peers = !values["no-peers"];
  if (peers && !peersInstalled())
    throw new Error(
      "the libraries to measure against are not installed: run `npm ci --prefix bench`, or pass --no-peers",
    );
  const whole = chosen.length === names.length && peers && runs >= 7;
  const results = target === "ts" ? "results.md" : "results-webgpu.md";
  const out = values.out ?? (whole ? file(results) : undefined);
  const child: ChildOptions = { target, runs, budget: values.quick ? 0.3 : 1.5, peers };
  return { chosen, child, out };
}

/** One workload's passes, measured in a process of its own. */
function measure(name: string, options: ChildOptions): Promise<PassResult[]> {
  return new Promise((done, fail) => {
    const results: PassResult[] = [];
    const child = fork(file("child.ts"), [name, JSON.stringify(options)], {
      execArgv: ["--expose-gc", "--import", file("typescript.mjs")],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    child.on("message", (message) => {
      const result = message as PassResult;
      results.push(result);
      progress(`${name} ${result.pass}: ${milliseconds(result.seconds)}`);
    });
    child.on("error", fail);
    child.on("exit", (code) =>
      code === 0 ? done(results) : fail(new Error(`measuring ${name} ended with status ${code}`)),
    );
  });
}

const progress = (line: string): void => void process.stderr.write(`${line}\n`);

const compileGoals =
  "Goals: all layers in 10 s, a layer of 200 statements in 2 s, and no more time a statement when there are more.";

const onCpu = [
  "made after plans of three other sizes and one in f64 had run in its process. The rate counts multiply-adds needed",
  "(two operations each), or each tensor touched once. The yardstick of a contraction is our own 512³ matrix product",
  "(a plan for any sizes), that of the rest one pass `y[i] = a * x[i]` over as many bytes, both measured in the same",
  "rounds. The other columns say how many times as long as ours the other takes: below 1× it is faster. Gradients by",
  "`tf.grad` (normalisations, gelu, cross entropy, attention) include the forward pass that its tape runs.",
];
const onGpu = [
  "Times are of the compute passes on the device's queue, by timestamp queries where the adapter has them (else until",
  "the queue is empty): all libraries run in one process on one adapter. The rate counts multiply-adds needed (two",
  "operations each), or each tensor touched once. The columns of the libraries say how many times as long as ours they",
  "take: below 1× they are faster. Gradients by `tf.grad` (normalisations, gelu, cross entropy, attention) include the",
  "forward pass that its tape runs.",
  "`executed` is how many multiply-adds the kernels execute for each one needed, those that ran here and those that a plan",
  "chooses on a GPU at these sizes: beyond 1 by tiles that reach over an edge, below it where the padding's products,",
  "which count as needed, are left out.",
];

function document(
  results: readonly PassResult[],
  failures: readonly string[],
  compile: string | undefined,
  { runs, target }: ChildOptions,
): string {
  const versions = Object.entries(
    Object.assign({}, ...results.map((r) => r.versions)) as Record<string, string>,
  );
  const missed = [...failures, ...shortfalls(results)];
  const rounds = `Medians of ${runs} rounds, of short calls more, taken in turn (A B C A B C …); ratios are medians of the rounds' ratios.`;
  const kernels = [
    ...(target === "ts" ? [`${rounds} Every plan was`, ...onCpu] : [rounds, ...onGpu]),
    "",
    passTable(results, workloads),
    "",
    ...remarks(results),
    ...(missed.length > 0 ? ["## Short of the goals", "", ...missed, ""] : []),
  ];
  return [
    "# Benchmark",
    "",
    `${cpus()[0]?.model.trim()}, ${availableParallelism()} cores${target === "ts" ? ", one thread each" : ""}; Node ${process.version}` +
      versions.map(([name, version]) => `; ${name} ${version}`).join(""),
    "",
    ...(results.length > 0 ? ["## Kernels", "", ...kernels] : []),
    ...(compile === undefined ? [] : ["## Compiling", "", compileGoals, "", compile, ""]),
  ].join("\n");
}

try {
  const { chosen, child, out } = readOptions();
  const results: PassResult[] = [];
  const failures: string[] = [];
  for (const { name } of workloadsOf(child.target).filter(({ name }) => chosen.includes(name))) {
    try {
      results.push(...(await measure(name, child)));
    } catch (error) {
      failures.push(`- ${(error as Error).message}`);
    }
  }
  const compile = chosen.includes("compile") ? compileTable(Math.min(child.runs, 5), progress) : undefined;
  const text = document(results, failures, compile, child);
  console.log(text);
  if (out !== undefined) writeFileSync(out, text);
  if (failures.length > 0 || results.some(({ wrong }) => wrong !== undefined)) process.exitCode = 1;
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 2;
}

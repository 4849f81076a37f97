/**
 * What compiling costs, run as users run it: the built command in a process of its own, nothing kept between runs. Counted is
 * the processor's time on all threads, which tells more than a clock where a machine has other work; bytes are those written.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { chains, factors, maxima, nested, sums } from "./chains.js";
import { median } from "./measure.js";
import { table } from "./report.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const command = join(root, "dist/leibniz.js");
const lengths = [50, 100, 200, 400];
const deep: readonly (readonly [name: string, text: string])[] = [
  ["a function in itself, 8 times", nested(8, "u*sigmoid(u)")],
  ["a product of 120 factors", factors(120)],
  ["a tree of maxima, 6 deep", maxima(6)],
  ["25 sums in one another", sums(25)],
];

interface Used {
  readonly seconds: number;
  readonly megabytes: number;
}

/** Tables of layers as they are and of chains; `progress` hears of each row. */
export function compileTable(runs: number, progress: (line: string) => void): string {
  const folder = mkdtempSync(join(tmpdir(), "leibniz-bench-"));
  const measure = (title: string, arguments_: readonly string[]): { used: Used; range: string } => {
    const all = Array.from({ length: runs }, () => run(arguments_, folder));
    const seconds = all.map((used) => used.seconds);
    const used = { seconds: median(seconds), megabytes: median(all.map((u) => u.megabytes)) };
    progress(`${title}: ${used.seconds.toFixed(2)} s`);
    return { used, range: `${Math.min(...seconds).toFixed(2)} … ${Math.max(...seconds).toFixed(2)} s` };
  };
  const layer = (name: string, text: string): string => {
    // a layer is named by its file, and no name begins with a digit
    const file = join(folder, `bench_${name.replaceAll(/\W/gu, "_")}.layer`);
    writeFileSync(file, text);
    return file;
  };
  try {
    return [layersTable(measure, layer, folder), chainsTable(measure, layer)].join("\n\n");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
type Measure = (title: string, arguments_: readonly string[]) => { used: Used; range: string };
type File = (name: string, text: string) => string;

function layersTable(measure: Measure, file: File, folder: string): string {
  const specs = readdirSync(join(root, "specs")).filter((name) => name.endsWith(".layer"));
  const commands: (readonly [string, readonly string[]])[] = [
    ["start-up", ["--version"]],
    ["conv2d", ["derive", "specs/conv2d.layer"]],
    ...["linear", "conv2d", "lstm_cell"].map((name) => [name, ["build", `specs/${name}.layer`]] as const),
    [`all ${specs.length} layers`, ["build"]],
    ...deep.map(([name, text]) => [name, ["derive", file(name, text)]] as const),
    ["50 tanh layers", ["build", file("tanh_50", chains.find(([name]) => name === "tanh layers")![1](50))]],
  ];
  const rows = commands.map(([title, arguments_]) => {
    const { used, range } = measure(title, arguments_);
    const { plain, zipped } =
      arguments_[0] === "build" ? bytesIn(join(folder, "out")) : { plain: 0, zipped: 0 };
    const written = plain > 0 ? [kilobytes(plain), kilobytes(zipped)] : ["", ""];
    return [
      title,
      arguments_[0]!,
      `${used.seconds.toFixed(2)} s`,
      range,
      `${Math.round(used.megabytes)} MB`,
      ...written,
    ];
  });
  return table(["what", "command", "CPU time", "range", "memory", "written", "gzipped"], rows);
}

/** What `derive` takes for chains, and how that grows with their length. */
function chainsTable(measure: Measure, file: File): string {
  const rows = chains.map(([name, chain]) => {
    const all = lengths.map((length) => {
      const { used } = measure(`${length} ${name}`, ["derive", file(`${name}_${length}`, chain(length))]);
      return used;
    });
    const ratios = all.slice(1).map((used, i) => (used.seconds / all[i]!.seconds).toFixed(1));
    const memory = `${Math.round(all.at(-1)!.megabytes)} MB`;
    return [name, ...all.map((used) => `${used.seconds.toFixed(2)} s`), ratios.join(" "), memory];
  });
  return table(
    ["chain", ...lengths.map((n) => `${n} statements`), "ratios", `memory of ${lengths.at(-1)}`],
    rows,
  );
}

function run(arguments_: readonly string[], folder: string): Used {
  const out = join(folder, "out");
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out);
  const target = arguments_[0] === "build" ? ["--out", out] : [];
  const told = join(folder, "resources.json");
  const hook = pathToFileURL(join(root, "bench/resources.mjs")).href;
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--import", hook, command, ...arguments_, ...target],
    {
      cwd: root,
      encoding: "utf8",
      env: { ...process.env, RESOURCES: told },
      maxBuffer: 2 ** 28,
    },
  );
  if (status !== 0) throw new Error(`leibniz ${arguments_.join(" ")} ended with status ${status}\n${stderr}`);
  return JSON.parse(readFileSync(told, "utf8")) as Used;
}

/** What the files of generated code come to. */
function bytesIn(folder: string): { plain: number; zipped: number } {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    /\.(?:ts|js)$/u.test(name),
  );
  const files = names.map((name) => readFileSync(join(folder, name)));
  const total = (sizes: readonly number[]): number => sizes.reduce((a, b) => a + b, 0);
  return {
    plain: total(files.map((file) => file.length)),
    zipped: total(files.map((file) => gzipSync(file).length)),
  };
}
const kilobytes = (bytes: number): string => `${Math.round(bytes / 1024)} kB`;

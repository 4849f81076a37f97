/** What compiling costs, run as users run it: the built command in a process of its own, nothing kept between runs. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { median } from "./measure.js";
import { table } from "./report.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const command = join(root, "dist/leibniz.js");
const lengths = [50, 100, 200, 400];

/** A table of median seconds; `progress` hears of each row. */
export function compileTable(runs: number, progress: (line: string) => void): string {
  const folder = mkdtempSync(join(tmpdir(), "leibniz-bench-"));
  const layers = readdirSync(join(root, "specs")).filter((name) => name.endsWith(".layer")).length;
  const rows: string[][] = [];
  const row = (title: string, arguments_: string[], statements?: number): void => {
    const seconds = Array.from({ length: runs }, () => run(arguments_, join(folder, "out")));
    const middle = median(seconds);
    const range = `${Math.min(...seconds).toFixed(2)} … ${Math.max(...seconds).toFixed(2)} s`;
    const each = statements === undefined ? "" : `${((1000 * middle) / statements).toFixed(1)} ms`;
    rows.push([title, arguments_[0]!, `${middle.toFixed(2)} s`, range, each]);
    progress(`${title}: ${middle.toFixed(2)} s`);
  };
  try {
    row("start-up", ["--version"]);
    row("one layer (conv2d)", ["derive", "specs/conv2d.layer"]);
    for (const name of ["linear", "conv2d", "lstm_cell"])
      row(`one layer (${name})`, ["build", `specs/${name}.layer`]);
    row(`all ${layers} layers`, ["build"]);
    for (const statements of lengths) {
      const file = join(folder, `chain${statements}.layer`);
      writeFileSync(file, chain(statements));
      row(`a layer of ${statements} statements`, ["build", file], statements);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return table(["what", "command", "median", "range", "a statement"], rows);
}

function run(arguments_: readonly string[], out: string): number {
  rmSync(out, { recursive: true, force: true });
  const target = arguments_[0] === "build" ? ["--out", out] : [];
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [command, ...arguments_, ...target], {
    cwd: root,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`leibniz ${arguments_.join(" ")} ended with status ${status}\n${stderr}`);
  return (performance.now() - start) / 1000;
}

/** Every statement reads the one before: pointwise, a product, row means, and what is left after subtracting them. */
export function chain(statements: number): string {
  const lines = ["input x[N, C]", "weight w[C, C]", "output y[N, C]"];
  const names = { rows: "", last: "x" };
  for (let i = 1; i < statements; i++) {
    const name = `h${i}`;
    const { last, rows } = names;
    if (i % 4 === 1) lines.push(`${name}[n,c] = tanh(${last}[n,c])`);
    if (i % 4 === 2) lines.push(`${name}[n,c] = sum[k](${last}[n,k] * w[k,c])`);
    if (i % 4 === 3) lines.push(`${name}[n] = mean[c](${last}[n,c])`);
    if (i % 4 === 0) lines.push(`${name}[n,c] = ${last}[n,c] - ${rows}[n]`);
    if (i % 4 === 3) names.rows = name;
    else names.last = name;
  }
  return [...lines, `y[n,c] = ${names.last}[n,c]${names.rows ? ` + ${names.rows}[n]` : ""}`, ""].join("\n");
}

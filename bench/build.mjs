/**
 * What compiling costs, run as users run it: the built command in a process of its own, nothing kept between runs.
 *
 *   node bench/build.mjs [runs]
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const command = join(root, "dist/leibniz.js");
const runs = Number(process.argv[2] ?? 5);
const layers = readdirSync(join(root, "specs")).filter((name) => name.endsWith(".layer")).length;
const out = mkdtempSync(join(tmpdir(), "leibniz-bench-"));

console.log(`Node ${process.version}, ${availableParallelism()} cores, median and range of ${runs} runs\n`);
try {
  measure("start-up (leibniz --version)", ["--version"]);
  measure("derive one layer (conv2d)", ["derive", "specs/conv2d.layer"]);
  measure("build one layer (linear)", ["build", "specs/linear.layer"]);
  measure("build one layer (conv2d)", ["build", "specs/conv2d.layer"]);
  measure("build one layer (lstm_cell)", ["build", "specs/lstm_cell.layer"]);
  measure(`build all ${layers} layers`, ["build"]);
} finally {
  rmSync(out, { recursive: true, force: true });
}

function measure(title, arguments_) {
  const times = Array.from({ length: runs }, () => {
    rmSync(out, { recursive: true, force: true });
    const target = arguments_[0] === "build" ? ["--out", out] : [];
    const start = performance.now();
    const { status, stderr } = spawnSync(process.execPath, [command, ...arguments_, ...target], {
      cwd: root,
      encoding: "utf8",
    });
    if (status !== 0)
      throw new Error(`leibniz ${arguments_.join(" ")} ended with status ${status}\n${stderr}`);
    return (performance.now() - start) / 1000;
  }).sort((a, b) => a - b);
  const [median, least, most] = [times[times.length >> 1], times[0], times.at(-1)].map((t) => t.toFixed(2));
  console.log(`${title.padEnd(32)} ${median} s   (${least} … ${most})`);
}

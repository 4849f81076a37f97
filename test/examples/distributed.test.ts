/** The example that trains in two processes: its layer is built and its program runs as its page says. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Torch } from "../../src/torch/process.js";

const root = join(import.meta.dirname, "../..");
const example = join(root, "examples/distributed");

it("trains the same in two processes as in one", { timeout: 180_000 }, async () => {
  const torch = await Torch.open();
  torch.close();
  const folder = mkdtempSync(join(tmpdir(), "leibniz-distributed-"));
  try {
    const run = (command: string, ...arguments_: readonly string[]) =>
      spawnSync(command, arguments_, { cwd: root, encoding: "utf8" });
    const spec = join(example, "gated.layer");
    const built = run("node", "dist/leibniz.js", "build", spec, "--target", "torch", "--out", folder);
    expect(built.stderr).toBe("");
    const port = String(20_000 + (process.pid % 20_000));
    const trained = run(torch.command, join(example, "train.py"), folder, "--port", port);
    expect(trained.status, trained.stderr).toBe(0);
    const losses = [...trained.stdout.matchAll(/^loss ([\d.]+) before, ([\d.]+) after/gmu)];
    expect(losses).toHaveLength(2);
    for (const [, before, after] of losses) expect(Number(after)).toBeLessThan(0.5 * Number(before));
    expect(losses[0]?.slice(1)).toEqual(losses[1]?.slice(1));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

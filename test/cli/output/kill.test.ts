/** A process that writes the folder is killed at any moment: every file is whole, and the next build finishes or undoes it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "esbuild";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { changeFolder } from "../../../src/cli/output/output.js";
import { locked } from "../../../src/cli/output/lock.js";
import { workspace, type Workspace } from "../workspace.js";
import { filesOf, plannerOf } from "./generations.js";

let writer = "";
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "leibniz-writer-"));
  writer = join(folder, "writer.cjs");
  await build({
    entryPoints: [join(import.meta.dirname, "writer.ts")],
    outfile: writer,
    bundle: true,
    platform: "node",
    format: "cjs",
  });
  return () => rmSync(folder, { recursive: true });
});

const write = (w: Workspace, ...given: readonly number[]): ReturnType<typeof spawn> =>
  spawn(process.execPath, [writer, w.path("out"), ...given.map(String)], {
    stdio: ["ignore", "pipe", "ignore"],
  });
const ended = async (child: ReturnType<typeof spawn>): Promise<NodeJS.Signals | number | null> => {
  const [status, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  return signal ?? status;
};
const isOurs = (path: string): boolean => path.startsWith(".leibniz/") || path.includes("/.leibniz-") || path.startsWith(".leibniz-"); // prettier-ignore

/** Each file is as one of the generations has it. */
function expectWhole(w: Workspace): void {
  const [even, odd] = [filesOf(0), filesOf(1)];
  for (const [path, content] of Object.entries(w.tree("out")))
    if (!isOurs(path) && content !== even[path] && content !== odd[path])
      throw new Error(`${path} is neither old nor new: ${content.length} characters`);
}
/** The next build: afterwards there is what it wants and nothing else. */
async function expectFinished(w: Workspace, generation: number): Promise<void> {
  const plan = await changeFolder(w.path("out"), "out", plannerOf(generation));
  expect(plan).toMatchObject({ conflicts: [], left: [] });
  const { ".leibniz/manifest.json": manifest, ...files } = w.tree("out");
  expect(files).toEqual(filesOf(generation));
  expect(manifest).toContain('"format": 1');
}
/** Each step of a first build, of one that changes an older folder, and of the one back. */
const starts = [{ before: [] }, { before: [0] }, { before: [0, 1] }];

describe("killed at a step", () => {
  it.each(starts)("after $before: finished or undone, whichever comes next", async ({ before }) => {
    const next = before.length;
    let steps = 0;
    for (let signal: unknown = "SIGKILL"; signal === "SIGKILL"; steps++) {
      const w = workspace();
      for (const generation of before) await changeFolder(w.path("out"), "out", plannerOf(generation));
      signal = await ended(write(w, next, 1, steps));
      expectWhole(w);
      await expectFinished(w, next + (steps % 2));
    }
    expect(steps).toBeGreaterThan(15);
  });

  it("what the user changed meanwhile is kept", async () => {
    let steps = 0;
    for (let signal: unknown = "SIGKILL"; signal === "SIGKILL"; steps++) {
      const w = workspace();
      await changeFolder(w.path("out"), "out", plannerOf(0));
      signal = await ended(write(w, 1, 1, steps));
      writeFileSync(w.path("out/both/index.ts"), "mine");
      const { conflicts } = await changeFolder(w.path("out"), "out", plannerOf(1));
      expect(conflicts).toMatchObject([{ path: "both/index.ts", why: "was changed by hand" }]);
      expect(w.read("out/both/index.ts")).toBe("mine");
      expect(Object.keys(w.tree("out")).filter(isOurs)).toEqual([".leibniz/manifest.json"]);
    }
  });
});

it("killed at random moments, 60 times in the same folder", async () => {
  const w = workspace();
  let random = 12345;
  for (let kill = 0; kill < 60; kill++) {
    const child = write(w, kill, 1e9);
    random = (random * 1103515245 + 12345) % 2 ** 31;
    await once(child.stdout!, "data"); // it begins to write
    await sleep((random >> 8) % 40);
    child.kill("SIGKILL");
    expect(await ended(child)).toBe("SIGKILL");
    expectWhole(w);
    if (kill % 3 > 0) await expectFinished(w, kill + 1); // else the next writer finds what this one left
  }
});

describe("several at once", () => {
  it("wait for each other", async () => {
    const w = workspace();
    const children = [0, 1, 2, 3].map((first) => write(w, first, 8));
    expect(await Promise.all(children.map(ended))).toEqual([0, 0, 0, 0]);
    expectWhole(w);
    await expectFinished(w, 0);
  });

  it("never overlap", async () => {
    const w = workspace();
    let inside = 0;
    const turns = Array.from({ length: 12 }, (_, i) =>
      locked(w.path("lock"), `a${i}`, async () => {
        expect(++inside).toBe(1);
        await sleep(5);
        inside--;
      }),
    );
    await Promise.all(turns);
  });

  it("end with a message that names the other where it does not come to an end", async () => {
    const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    onTestFinished(() => void other.kill("SIGKILL"));
    const w = workspace({ [`lock/lock-${other.pid}-0-0badcafe-1`]: "" });
    await expect(locked(w.path("lock"), "ab", () => {}, 100)).rejects.toThrow(
      new RegExp(`process ${other.pid} .*delete .*lock-${other.pid}`, "u"),
    );
  });

  it("do not wait for one that has ended, also where its number is another's now", async () => {
    const w = workspace();
    await locked(w.path("lock"), "ab", () => {
      const [name = ""] = Object.keys(w.tree("lock"));
      const [, pid, start, host] = name.split("-");
      w.write(`lock/lock-${pid}-${Number(start) - 1}-${host}-cd`, "");
    });
    expect(await locked(w.path("lock"), "ef", () => "entered", 100)).toBe("entered");
    expect(w.tree("lock")).toEqual({});
  });
});

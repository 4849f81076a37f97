/** Other file systems, mount points, links to the folder, full and read-only disks. */
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { changeFolder } from "../../../src/cli/output/output.js";
import { command, scale, workspace, type Outcome, type Workspace } from "../workspace.js";
import { filesOf, plannerOf } from "./generations.js";

const twice = "input x[N]\noutput z[N]\nz[i] = 2*x[i]\n";
const specs = { "specs/twice.layer": twice, "specs/scale.layer": scale };

/** Mounts a small file system in memory there; false where this process may not. */
function mount(path: string, options: string): boolean {
  mkdirSync(path, { recursive: true });
  if (spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", path]).status !== 0) return false;
  onTestFinished(() => void spawnSync("umount", ["-l", path]));
  return true;
}
/** A folder on another file system than the temporary folders. */
function elsewhere(w: Workspace): string {
  if (mount(w.path("mounted"), "size=4m")) return w.path("mounted");
  const folder = mkdtempSync("/dev/shm/leibniz-test-");
  onTestFinished(() => rmSync(folder, { recursive: true }));
  expect(statSync(folder).dev).not.toBe(statSync(tmpdir()).dev);
  return folder;
}

/** A build, one after changes, one after a spec is gone. */
function expectBuilds(w: Workspace, out: string, ...more: string[]): void {
  const build = (...given: string[]): Outcome => w.leibniz("build", ...more, ...given);
  const there = (path: string): boolean =>
    statSync(join(out, path), { throwIfNoEntry: false })?.isFile() ?? false;
  expect(build()).toMatchObject({ status: 0, stderr: "" });
  expect(there("scale/index.ts")).toBe(true);
  w.write("specs/twice.layer", twice.replace("2", "3"));
  w.remove("specs/scale.layer");
  expect(build("--check").status).toBe(1);
  expect(build()).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/3 files written.*4 removed/u) as string,
  });
  expect(there("scale/index.ts")).toBe(false);
  expect(build("--check")).toMatchObject({ status: 0, stderr: "" });
}

describe("the output folder", () => {
  it("lies on another file system", () => {
    const w = workspace(specs);
    const out = join(elsewhere(w), "kernels");
    expectBuilds(w, out, "--out", out);
  });
  it("lies behind a link, on another file system", () => {
    const w = workspace(specs);
    const out = join(elsewhere(w), "kernels");
    mkdirSync(out);
    symlinkSync(out, w.path("generated"));
    expectBuilds(w, out);
    // the same folder without the link: its specs are found all the same
    expect(w.leibniz("build", "--check", "--out", out)).toMatchObject({ status: 0, stderr: "" });
  });
  it("is a mount point, and so is a layer's folder in it", () => {
    const w = workspace(specs);
    // without the right to mount, a link to another file system is as near as one comes
    if (!mount(w.path("generated"), "size=4m")) symlinkSync(elsewhere(w), w.path("generated"));
    mount(w.path("generated/twice"), "size=1m");
    expectBuilds(w, w.path("generated"));
  });
  it("is a link to nothing: an error", () => {
    const w = workspace(specs);
    symlinkSync("nowhere", w.path("generated"));
    const { status, stderr } = w.leibniz("build");
    expect({ status, stderr }).toEqual({ status: 2, stderr: "error generated is not a folder\n" });
  });
  it("lies below a file: an error", () => {
    const w = workspace({ ...specs, file: "" });
    const { status, stderr } = w.leibniz("build", "--out", "file/generated");
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /^error file\/generated cannot be written: a file stands where a folder is needed \(ENOTDIR\); nothing was changed\n$/u,
    );
  });
});

describe("a folder that cannot be made", () => {
  it.each([
    ["below what makes no folders", "/proc/leibniz/generated", "there is no such file or folder (ENOENT)"],
    ["behind links in a circle", "circle", "symbolic links lead in a circle (ELOOP)"],
    ["below links in a circle", "circle/generated", "symbolic links lead in a circle (ELOOP)"],
    ["of a name without end", "n".repeat(300), "a name is too long for the file system (ENAMETOOLONG)"],
  ])("%s: an error, soon", (_, out, reason) => {
    const w = workspace(specs);
    symlinkSync("circle", w.path("circle"));
    const { status, stderr } = w.leibniz("build", "--out", out);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: `error ${out} cannot be written: ${reason}; nothing was changed\n`,
    });
  });
});

describe("a file that permission is denied for", () => {
  /** The command as a user who may not do everything. */
  const asUser = (w: Workspace): Outcome => {
    const isRoot = process.getuid?.() === 0;
    if (isRoot) spawnSync("chown", ["-R", "65534:65534", w.folder]);
    return spawnSync(process.execPath, [command, "build"], {
      cwd: w.folder,
      encoding: "utf8",
      env: { PATH: process.env["PATH"] ?? "", HOME: w.folder },
      ...(isRoot && { uid: 65534, gid: 65534 }),
    });
  };
  it.each([
    ["generated/twice/index.ts", 0o000],
    ["generated/twice", 0o555],
    ["generated/.leibniz", 0o555],
    ["generated/.leibniz/manifest.json", 0o000],
  ])("is named: %s", (path, mode) => {
    const w = workspace(specs);
    expect(asUser(w).status).toBe(0);
    w.write("specs/twice.layer", twice.replace("2", "3"));
    const before = w.tree("generated");
    const usual = statSync(w.path(path)).mode;
    chmodSync(w.path(path), mode);
    const { status, stderr } = asUser(w);
    chmodSync(w.path(path), usual);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: `error ${path} cannot be written: permission is denied (EACCES); nothing was changed\n`,
    });
    expect(w.tree("generated")).toEqual(before);
  });
  it("is named where it is a spec", () => {
    const w = workspace(specs);
    chmodSync(w.path("specs/twice.layer"), 0o000);
    const { status, stderr } = asUser(w);
    expect(status).toBe(2);
    expect(stderr).toContain("specs/twice.layer:1:1: the file cannot be read: permission is denied (EACCES)");
    expect(w.exists("generated/scale/index.ts")).toBe(true);
  });
});

describe("a full disk", () => {
  /** All that is free is taken, but for so much. */
  function fill(path: string, free: number): void {
    writeFileSync(path, "");
    try {
      for (;;) appendFileSync(path, Buffer.alloc(4096));
    } catch {
      truncateSync(path, Math.max(0, statSync(path).size - free));
    }
  }
  /** Makes the command's n-th write to a file fail as it does on a full disk, where no small one can be mounted. */
  const failing = (w: Workspace, n: number): (() => Outcome) => {
    w.write(
      "full.cjs",
      `const fs = require("node:fs"); const whole = fs.writeFileSync; let left = ${n};
      fs.writeFileSync = (path, content, ...more) => {
        if (left-- > 0 || !String(path).includes("generated")) return whole(path, content, ...more);
        whole(path, String(content).slice(0, 100), ...more);
        throw Object.assign(new Error("no space"), { code: "ENOSPC", syscall: "write" });
      };`,
    );
    return () => w.leibnizWith({ NODE_OPTIONS: `--require ${w.path("full.cjs")}` }, "build");
  };

  it.each([0, 8192, 24576])("with %i bytes left: an error, and nothing is changed", (free) => {
    const w = workspace(specs);
    const small = mount(w.path("generated"), "size=512k");
    expect(w.leibniz("build", "specs/twice.layer").status).toBe(0);
    const before = w.tree("generated");
    w.write("specs/twice.layer", twice.replace("2", "3"));
    if (small) fill(w.path("generated/ballast"), free);
    const build = small ? () => w.leibniz("build") : failing(w, free / 4096);
    const { status, stdout, stderr } = build();
    expect({ status, stdout, stderr }).toEqual({
      status: 2,
      stdout: "",
      stderr:
        "error generated cannot be written: no space is left on the device (ENOSPC); nothing was changed\n",
    });
    if (small) w.remove("generated/ballast");
    expect(w.tree("generated")).toEqual(before);
    expect(w.leibniz("build").status).toBe(0);
  });

  it("leaves nothing of a first build, and no half file, however much is left", async () => {
    const w = workspace();
    if (!mount(w.path("disk"), "size=512k")) return expectFailingWrites();
    for (let free = 0; free < 100 * 1024; free += 12 * 1024) {
      fill(w.path("disk/ballast"), free);
      await expect(changeFolder(w.path("disk/out"), "out", plannerOf(0))).rejects.toThrow(
        /no space is left/u,
      );
      expect(Object.keys(w.tree("disk"))).toEqual(["ballast"]);
      expect(w.exists("disk/out")).toBe(false);
      w.remove("disk/ballast");
      await changeFolder(w.path("disk/out"), "out", plannerOf(0));
      fill(w.path("disk/ballast"), free);
      await expect(changeFolder(w.path("disk/out"), "out", plannerOf(1))).rejects.toThrow(
        /no space is left/u,
      );
      const { ".leibniz/manifest.json": _, ...files } = w.tree("disk/out");
      expect(files).toEqual(filesOf(0));
      w.remove("disk/ballast");
      w.remove("disk/out");
    }
  });
  function expectFailingWrites(): void {
    for (let n = 0; n < 5; n++) {
      const w = workspace(specs);
      expect(failing(w, n)()).toMatchObject({
        status: 2,
        stderr: expect.stringContaining("no space is left") as string,
      });
      expect(w.exists("generated")).toBe(false);
    }
  }
});

describe("a folder that may not be written", () => {
  it("is an error, unless there is nothing to write", () => {
    const w = workspace(specs);
    const mounted = mount(w.path("generated"), "size=1m");
    expect(w.leibniz("build").status).toBe(0);
    if (mounted) expect(spawnSync("mount", ["-o", "remount,ro", w.path("generated")]).status).toBe(0);
    else ["generated/.leibniz", "generated"].forEach((name) => chmodSync(w.path(name), 0o555));
    expect(w.leibniz("build", "--check").status).toBe(0);
    expect(w.leibniz("build").status).toBe(0);
    const before = w.tree("generated");
    w.write("specs/twice.layer", twice.replace("2", "3"));
    const { status, stderr } = w.leibniz("build");
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /^error generated cannot be written: (the file system is read-only|permission is denied) .*nothing was changed\n$/u,
    );
    expect(w.tree("generated")).toEqual(before);
    if (!mounted) ["generated", "generated/.leibniz"].forEach((name) => chmodSync(w.path(name), 0o755));
  });
});

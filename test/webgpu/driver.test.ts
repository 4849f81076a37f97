/** The software driver: unpacked once, wherever there is room for it, and by several processes at a time. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { expect, it, onTestFinished, vi } from "vitest";
import { softwareDriver, withDriver } from "../../src/webgpu/driver.js";

const files = ["libvk_swiftshader.so", "libvulkan.so.1", "vk_swiftshader_icd.json"];

/** A folder with the driver's package in its node_modules, and the package's entry. */
function project(): { folder: string; entry: string } {
  const folder = mkdtempSync(join(tmpdir(), "leibniz-driver-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const real = join(dirname(createRequire(import.meta.url).resolve("@sparticuz/chromium")), "../..");
  const scope = join(folder, "node_modules", "@sparticuz");
  mkdirSync(scope, { recursive: true });
  symlinkSync(real, join(scope, "chromium"));
  return { folder, entry: join(scope, "chromium", "build", "index.js") };
}

// the driver is one for Linux on x64
const here = process.platform === "linux" && process.arch === "x64";

it.runIf(here)("is unpacked beside its package", () => {
  const { folder, entry } = project();
  const driver = softwareDriver(() => entry);
  expect(driver?.folder).toMatch(/swiftshader-147\.0\.0$/u);
  expect(dirname(driver?.folder ?? "")).toBe(join(folder, "node_modules", ".cache", "leibniz"));
  expect(readdirSync(driver?.folder ?? "").sort()).toEqual(files);
  expect(softwareDriver(() => entry)).toEqual(driver);
});

it.runIf(here)(
  "is unpacked into the user's cache where the package's neighbourhood cannot be written",
  () => {
    const { folder, entry } = project();
    writeFileSync(join(folder, "node_modules", ".cache"), "a file, no folder");
    vi.stubEnv("XDG_CACHE_HOME", join(folder, "cache"));
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(softwareDriver(() => entry)?.folder).toBe(join(folder, "cache", "leibniz", "swiftshader-147.0.0"));
  },
);

it.runIf(here)("is whole when several processes unpack it at once", async () => {
  const { folder, entry } = project();
  const script = join(folder, "unpack.mjs");
  await build({
    stdin: {
      contents: `import { softwareDriver } from "./driver.js"; softwareDriver(() => ${JSON.stringify(entry)});`,
      resolveDir: join(import.meta.dirname, "../../src/webgpu"),
    },
    outfile: script,
    bundle: true,
    platform: "node",
    format: "esm",
  });
  const ends = Array.from(
    { length: 4 },
    () => new Promise((done) => spawn(process.execPath, [script], { stdio: "inherit" }).on("exit", done)),
  );
  expect(await Promise.all(ends)).toEqual([0, 0, 0, 0]);
  const cache = join(folder, "node_modules", ".cache", "leibniz");
  expect(readdirSync(cache)).toEqual(["swiftshader-147.0.0"]);
  expect(readdirSync(join(cache, "swiftshader-147.0.0")).sort()).toEqual(files);
});

it("is not there where its package is not", () => {
  expect(softwareDriver(() => undefined)).toBeUndefined();
});

it("is added to a list of drivers once", () => {
  const driver = { folder: "/d", manifest: "/d/icd.json" };
  expect(withDriver(undefined, driver)).toBe("/d/icd.json");
  expect(withDriver("/a.json", driver)).toBe("/a.json:/d/icd.json");
  expect(withDriver("/a.json:/d/icd.json", driver)).toBe("/a.json:/d/icd.json");
});

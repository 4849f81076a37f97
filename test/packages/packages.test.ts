/** The two packages as their users meet them: packed, installed into an empty project, and used there. */
import { createPackageFromTarballData, checkPackage } from "@arethetypeswrong/core";
import { build as esbuild } from "esbuild";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { openPage, type Page } from "../support/chromium/index.js";
import { denoCommand } from "../support/deno/index.js";
import { version } from "../../src/version.js";
import { bytesOf, install, root, type Project } from "./install.js";

let project: Project;
beforeAll(() => {
  project = install();
}, 300_000); // npm, on a machine that does much else
afterAll(() => project.remove());

const path = (...names: readonly string[]): string => join(project.folder, ...names);
const manifestOf = (folder: string): Readonly<Record<string, unknown>> =>
  JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<string, unknown>;
/** The code caches of the installed command. */
const caches = (): readonly string[] =>
  readdirSync(path("node_modules/leibniz/dist"), { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".cache"),
  );

/** A use of each subpath, by which the kernels compute something. */
const use = `import { linear } from "leibniz-layers";
import { conv2d, type Conv2dPlan } from "leibniz-layers/conv2d";
import { conv2d as onGpu, type Conv2dBuffers } from "leibniz-layers/conv2d/webgpu";
import { layer, type Plan } from "leibniz";

export const sizes = { N: 1, C: 2, H: 4, W: 4, K: 1, R: 3, S: 3, pad: 1 };
const plan: Conv2dPlan = conv2d(sizes);
const t = plan.allocate();
t.x.fill(1);
t.w.fill(0.5);
plan.forward(t, t);
t.dz.fill(1);
plan.backward(t, t);

export async function gradientsOnGpu(device: GPUDevice): Promise<Float32Array> {
  const plan = await onGpu(device, sizes);
  const buffers: Conv2dBuffers = plan.allocate();
  plan.write(buffers, { x: t.x, w: t.w, b: t.b, dz: t.dz });
  const encoder = device.createCommandEncoder();
  plan.backward(encoder, buffers);
  device.queue.submit([encoder.finish()]);
  return plan.read(buffers, "dw");
}

const square = layer("square")\`
  input x[N]
  output z[N]
  z[i] = x[i]^2
\`;
const { square: make } = await square.compile();
const own: Plan = make!({ N: 2 });
const result = own.backward({ x: Float32Array.of(2, 3), dz: Float32Array.of(1, 1) });
console.log(JSON.stringify([[...t.z], [...t.dw].slice(0, 3), typeof linear, [...(result["dx"] ?? [])]]));
`;
const expected = [[4, 6, 6, 4, 6, 9, 9, 6, 6, 9, 9, 6, 4, 6, 6, 4], [9, 12, 9], "function", [4, 6]];

describe("npm", () => {
  it("installs them without a warning", () => {
    expect(project.said).toMatch(/^\s*added \d+ packages in \d+m?s\s*$/u);
  });

  it("packs little, and installs little", () => {
    expect(readFileSync(project.tarballs.leibniz).length).toBeLessThan(4e6);
    expect(readFileSync(project.tarballs["leibniz-layers"]).length).toBeLessThan(2.4e6);
    const layers = bytesOf(path("node_modules/leibniz-layers"));
    expect(bytesOf(path("node_modules")) - layers).toBeLessThan(20e6);
    expect(layers).toBeLessThan(16e6);
    expect(caches()).toEqual([]);
  });

  it("has nothing to run on installation", () => {
    const manifests = readdirSync(path("node_modules"), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith("/package.json"))
      .map((file) => manifestOf(path("node_modules", file, "..")));
    expect(manifests.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["leibniz", "leibniz-layers", "katex"]),
    );
    for (const { name, scripts } of manifests)
      for (const script of ["preinstall", "install", "postinstall"])
        expect(scripts ?? {}, String(name)).not.toHaveProperty(script);
    expect(manifestOf(path("node_modules/leibniz"))).not.toHaveProperty("scripts");
  });

  it("packs without a trace in the repository", () => {
    const { left, manifest } = project.packed;
    expect(left).not.toContain("package.json.original");
    expect(left.filter((name) => name === "dist")).toHaveLength(1); // leibniz's, not that of the layers
    expect(manifest).toBe(readFileSync(join(root, "package.json"), "utf8"));
  });

  it("knows both by the compiler's version", () => {
    for (const name of ["leibniz", "leibniz-layers"])
      expect(manifestOf(path("node_modules", name))["version"]).toBe(version);
  });
});

describe.each(["leibniz", "leibniz-layers"] as const)("%s", (name) => {
  const tarball = (): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(project.tarballs[name]));

  it("is right for publint", async () => {
    const { messages, pkg } = await publint({ pack: { tarball: tarball().buffer }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  it("has types for each way to resolve them", async () => {
    const subpaths =
      name === "leibniz"
        ? {}
        : { entrypoints: [".", "conv2d", "lstm_cell", "conv2d/wasm", "conv2d/webgpu", "conv3x3/webgpu"] };
    const analysis = await checkPackage(createPackageFromTarballData(tarball()), subpaths);
    if (!analysis.types) throw new Error("no types");
    expect(Object.keys(analysis.entrypoints).length).toBeGreaterThan(1);
    // ES modules alone; TypeScript before 4.7 knew no subpaths
    const others = analysis.problems.filter(
      (problem) =>
        problem.kind !== "CJSResolvesToESM" &&
        !("resolutionKind" in problem && problem.resolutionKind === "node10"),
    );
    expect(others).toEqual([]);
  });
});

describe("the command", () => {
  /** Seconds of processor time, of the user's and the system's. */
  const secondsOf = (...arguments_: readonly string[]): number => {
    const report =
      "data:text/javascript,process.on('exit',()=>console.log(JSON.stringify(process.cpuUsage())))";
    const script = path("node_modules/leibniz/dist/leibniz.js");
    const printed = project.run(process.execPath, "--import", report, script, ...arguments_);
    const { user, system } = JSON.parse(printed.trim().split("\n").at(-1) ?? "") as NodeJS.CpuUsage;
    return (user + system) / 1e6;
  };

  it("tells its version at once", () => {
    const least = Math.min(...Array.from({ length: 3 }, () => secondsOf("--version")));
    expect(least).toBeLessThan(0.2);
  });

  it("keeps V8's cache of what ran, and needs none", () => {
    expect(caches().map((file) => file.split(/[/.]/u)[1])).toEqual(["command"]);
    const [cache = ""] = caches();
    const whole = readFileSync(path("node_modules/leibniz/dist", cache));
    for (const damaged of [whole.subarray(0, 100), Buffer.from("no cache")]) {
      writeFileSync(path("node_modules/leibniz/dist", cache), damaged);
      expect(project.run("npx", "leibniz", "--version").trim()).toBe(version);
      expect(readFileSync(path("node_modules/leibniz/dist", cache)).length).toBeGreaterThan(whole.length / 2);
    }
  });
});

/** A page that is served what `read` gives by name. */
async function open(read: (name: string) => string | Buffer, policy: string, html = ""): Promise<Page> {
  const server = createServer(({ url = "/" }, response) => {
    if (policy) response.setHeader("content-security-policy", policy);
    response.setHeader("content-type", url === "/" ? "text/html" : "text/javascript");
    response.end(url === "/" ? `<!doctype html>${html}` : read(url.slice(1)));
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  const page = await openPage(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  onTestFinished(() => page.close());
  return page;
}

describe("used", () => {
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    target: "es2022",
    lib: ["es2022", "dom", "dom.iterable"],
    types: [],
    rootDir: ".",
  };
  const tsc = (options: object): string => {
    project.write(
      "tsconfig.json",
      JSON.stringify({ compilerOptions: { ...compilerOptions, ...options }, files: ["use.ts"] }),
    );
    return project.run(process.execPath, join(root, "node_modules/typescript/bin/tsc"));
  };

  it("compiles in strict projects, and runs on Node and on Deno", () => {
    project.write("use.ts", use);
    expect(tsc({ module: "esnext", moduleResolution: "bundler", noEmit: true })).toBe("");
    expect(tsc({ module: "nodenext" })).toBe("");
    expect(JSON.parse(project.run(process.execPath, "use.js"))).toEqual(expected);
    const deno = project.run(
      denoCommand(),
      "run",
      "--allow-read",
      "--allow-env",
      "--allow-sys",
      "--no-lock",
      "use.js",
    );
    expect(JSON.parse(deno)).toEqual(expected);
  });

  /** An entry bundled and minified. */
  const bundlers: Readonly<Record<string, (entry: string) => Promise<string>>> = {
    esbuild: async (entry) => {
      const options = { bundle: true, minify: true, write: false, format: "esm", target: "es2022" } as const;
      const { outputFiles } = await esbuild({
        ...options,
        entryPoints: [entry],
        absWorkingDir: project.folder,
      });
      return outputFiles[0]!.text;
    },
    Vite: async (entry) => {
      const { build } = await import("vite");
      const options = { lib: { entry, formats: ["es" as const] }, write: false, minify: "esbuild" as const };
      const result = await build({
        root: project.folder,
        configFile: false,
        logLevel: "error",
        build: options,
      });
      const [{ output }] = result as unknown as [{ output: readonly [{ code: string }] }];
      return output[0].code;
    },
  };
  it.each(Object.entries(bundlers))("costs by %s what is imported", async (_, bundle) => {
    project.write("index.js", `export { conv2d } from "leibniz-layers";`);
    project.write("alone.js", `export { conv2d } from "leibniz-layers/conv2d";`);
    const [fromIndex, alone] = [await bundle(path("index.js")), await bundle(path("alone.js"))];
    expect(alone.length).toBeGreaterThan(5000);
    expect(fromIndex.length).toBeLessThanOrEqual(alone.length * 1.01);
  });

  it("compiles in a page that allows no eval", async () => {
    const folder = path("node_modules/leibniz/dist/browser");
    const page = await open((name) => readFileSync(join(folder, name)), "script-src 'self' data:");
    const found = await page.evaluate(`(async () => {
      const { layer, LayerError } = await import("/index.js");
      const square = layer("square")\`
        input x[N]
        output z[N]
        z[i] = x[i]^2
      \`;
      const { square: make } = await square.compile();
      const { dx } = make({ N: 2 }).backward({ x: Float32Array.of(2, 3), dz: Float32Array.of(1, 1) });
      let problems = [];
      try {
        layer("bad")\`z[i] = y[i]\`;
      } catch (error) {
        if (error instanceof LayerError) problems = error.problems.map(({ code }) => code);
      }
      return [square.derive().gradients[0].formula, [...dx], problems.length > 0];
    })()`);
    expect(found).toEqual(["dx[i] = 2 * dz[i] * x[i]", [4, 6], true]);
    await expect(page.evaluate(`import("data:text/javascript,eval('1')")`)).rejects.toThrow(
      /Content Security Policy/u,
    );
  });

  it("computes in a page, on the processor and by WebGPU", async () => {
    project.write(
      "page.js",
      `import { conv2d } from "leibniz-layers";
      import { conv2d as onGpu } from "leibniz-layers/conv2d/webgpu";
      window.compare = async () => {
        const sizes = { N: 1, C: 2, H: 5, W: 4, K: 2, R: 3, S: 3, pad: 1 };
        const t = conv2d(sizes).allocate();
        for (const name of ["x", "w", "b", "dz"]) t[name].forEach((_, i, a) => (a[i] = Math.sin(i + name.charCodeAt(0))));
        conv2d(sizes).forward(t, t);
        conv2d(sizes).backward(t, t);
        const device = await (await navigator.gpu.requestAdapter()).requestDevice();
        const plan = await onGpu(device, sizes);
        const buffers = plan.allocate();
        plan.write(buffers, { x: t.x, w: t.w, b: t.b, dz: t.dz });
        const encoder = device.createCommandEncoder();
        plan.forward(encoder, buffers);
        plan.backward(encoder, buffers);
        device.queue.submit([encoder.finish()]);
        const result = {};
        for (const name of ["z", "dx", "dw", "db"])
          result[name] = [[...t[name]], [...(await plan.read(buffers, name))]];
        return result;
      };`,
    );
    const script = await bundlers["esbuild"]!(path("page.js"));
    const page = await open(
      (name) => (name === "page.js" ? script : ""),
      "",
      `<script type="module" src="/page.js"></script>`,
    );
    const result = (await page.evaluate("compare()")) as Readonly<
      Record<string, readonly [number[], number[]]>
    >;
    expect(Object.keys(result)).toEqual(["z", "dx", "dw", "db"]);
    for (const [name, [cpu, gpu]] of Object.entries(result)) {
      expect(Math.hypot(...cpu), name).toBeGreaterThan(0.1);
      for (const [i, value] of cpu.entries()) expect(Math.abs(gpu[i]! - value), name).toBeLessThan(1e-4);
    }
  });
});

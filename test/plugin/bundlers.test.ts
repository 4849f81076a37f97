/** Layers through esbuild, Rollup, Rolldown and webpack: what is bundled runs, what is wrong is shown at the formula. */
import { build as esbuild, type BuildFailure, type BuildOptions } from "esbuild";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { rollup, type RollupError } from "rollup";
import { describe, expect, it } from "vitest";
import webpack from "webpack";
import { workspace, type Workspace } from "../cli/workspace.js";
import { broken, pluginFor, refuted, scaleBy, square } from "./support.js";

const root = join(import.meta.dirname, "../..");

const main = `import { scale, halve } from "./layers/scale.layer";
import { square } from "./layers/square.layer?target=ts";
import { square as onGpu } from "./layers/square.layer?target=webgpu";
const x = Float32Array.of(1, 2, 3);
export const results = [scale, halve].map((make) => [...make({ N: 3 }).forward({ x }).y]);
export const dx = [...square({ N: 3 }).backward({ x, dz: x }).dx];
export const isThere = typeof onGpu;
`;
const expected = { results: [[2, 4, 6], [0.5, 1, 1.5]], dx: [2, 8, 18], isThere: "function" }; // prettier-ignore

const bundlers: Readonly<Record<string, (w: Workspace) => Promise<string>>> = {
  esbuild: async (w) => {
    const { outputFiles } = await esbuild(await esbuildOptions(w));
    return outputFiles?.[0]?.text ?? "";
  },
  Rollup: async (w) => {
    const plugins = [(await pluginFor("rollup"))()];
    const bundle = await rollup({ input: w.path("main.js"), plugins });
    const { output } = await bundle.generate({ format: "es" });
    return output[0].code;
  },
  Rolldown: async (w) => {
    const plugins = [(await pluginFor("rolldown"))()];
    const bundle = await rolldown({ input: w.path("main.js"), plugins, checks: { pluginTimings: false } });
    const { output } = await bundle.generate({ format: "es" });
    return output[0].code;
  },
  webpack: async (w) => {
    const errors = await packed(w);
    if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join("\n"));
    return w.read("out/main.js");
  },
};
/** What webpack has to say of the project; what it makes of it is written to `out`. */
async function packed(w: Workspace): Promise<readonly webpack.StatsError[]> {
  const compiler = webpack({
    context: w.folder,
    mode: "production",
    entry: "./main.js",
    experiments: { outputModule: true },
    output: { path: w.path("out"), filename: "main.js", module: true, library: { type: "module" } },
    optimization: { minimize: false },
    plugins: [(await pluginFor("webpack"))()],
  });
  const stats = await new Promise<webpack.Stats>((resolve, reject) => {
    compiler.run((error, stats) => (stats ? resolve(stats) : reject(error ?? new Error("no stats"))));
  });
  const { errors = [] } = stats.toJson({ all: false, errors: true });
  return errors;
}
const esbuildOptions = async (w: Workspace): Promise<BuildOptions> => ({
  absWorkingDir: w.folder,
  entryPoints: ["main.js"],
  bundle: true,
  write: false,
  format: "esm",
  logLevel: "silent",
  plugins: [(await pluginFor("esbuild"))()],
});

const project = (layer: string): Workspace =>
  workspace({ "main.js": main, "layers/scale.layer": layer, "layers/square.layer": square });

describe.each(Object.entries(bundlers))("%s", (_, bundle) => {
  it("bundles layers, their variants and targets", async () => {
    const code = await bundle(project(scaleBy(2)));
    const url = `data:text/javascript;base64,${Buffer.from(code).toString("base64")}`;
    expect({ ...((await import(/* @vite-ignore */ url)) as object) }).toEqual(expected);
  });
});

it("keeps what it compiled, for as long as it is what the text says", async () => {
  const w = project(scaleBy(2));
  const bundle = bundlers["esbuild"]!;
  await bundle(w);
  const kept = Object.entries(w.tree("node_modules/.cache/leibniz"));
  expect(kept).toHaveLength(3); // scale, square, and square for the GPU
  const marked = kept.filter(([, text]) => text.includes('"layer":"scale"'));
  expect(marked).toHaveLength(1);
  for (const [name, text] of marked)
    w.write(`node_modules/.cache/leibniz/${name}`, text.replaceAll('"js":"', '"js":"/*! kept */'));
  expect(await bundle(w)).toContain("kept");
  w.write("layers/scale.layer", scaleBy(3));
  expect(await bundle(w)).not.toContain("kept");
});

describe("what is wrong with a layer", () => {
  it("is told by esbuild, with the place", async () => {
    const w = project(broken);
    const failure = (await esbuild(await esbuildOptions(w)).catch((error: unknown) => error)) as BuildFailure;
    expect(failure.errors).toHaveLength(1);
    const { text, location } = failure.errors[0]!;
    expect(text).toContain("> 4 | y[i] = s * w[i]");
    expect(location).toMatchObject({ line: 4, column: 11 });
    expect(location?.file).toMatch(/layers\/scale\.layer$/u);
  });

  it("is told by Rollup, with the place and the lines", async () => {
    const w = project(broken);
    const plugins = [(await pluginFor("rollup"))()];
    const error = (await rollup({ input: w.path("main.js"), plugins }).catch(
      (e: unknown) => e,
    )) as RollupError;
    expect(error).toMatchObject({
      plugin: "leibniz",
      loc: { file: w.path("layers/scale.layer"), line: 4, column: 11 },
    });
    expect(error.frame).toContain("> 4 | y[i] = s * w[i]");
  });

  it("is told by webpack, with the lines", async () => {
    const w = project(broken);
    const errors = await packed(w);
    expect(errors.map(({ moduleName }) => moduleName)).toEqual([
      expect.stringMatching(/layers\/scale\.layer$/u),
    ]);
    expect(errors[0]?.message).toContain("> 4 | y[i] = s * w[i]");
  });

  it("may be a claim that does not hold", async () => {
    const w = workspace({ "main.js": `import "./square.layer";`, "square.layer": refuted });
    const plugins = [(await pluginFor("rollup"))()];
    const error = (await rollup({ input: w.path("main.js"), plugins }).catch(
      (e: unknown) => e,
    )) as RollupError;
    expect(error.message).toContain("the claim for dx is refuted at N = 1");
    expect(error.loc).toMatchObject({ line: 4, column: 0 });
  });

  it("may be a target that there is not", async () => {
    const w = workspace({ "main.js": `import "./square.layer?target=cuda";`, "square.layer": square });
    const plugins = [(await pluginFor("rollup"))()];
    await expect(rollup({ input: w.path("main.js"), plugins })).rejects.toThrow(
      /there is no target cuda; there are ts, wasm, webgpu/u,
    );
  });
});

describe("declarations", () => {
  it("type the imports in a strict project", async () => {
    const w = project(scaleBy(2));
    await bundlers["esbuild"]!(w);
    mkdirSync(w.path("node_modules"), { recursive: true });
    symlinkSync(root, w.path("node_modules/leibniz"));
    w.write(
      "use.ts",
      `import { scale, halve, type ScalePlan, type HalveSizes } from "./layers/scale.layer";
      import { square, type SquarePlan } from "./layers/square.layer?target=webgpu";
      const sizes: HalveSizes = { N: 1 };
      export const plans: readonly ScalePlan[] = [scale({ N: 1, s: 3 })];
      export const y: Float32Array = halve(sizes).forward({ x: Float32Array.of(1) }).y;
      export const onGpu = (device: GPUDevice): Promise<SquarePlan> => square(device, { N: 1 });
      // @ts-expect-error halve fixes s
      halve({ N: 1, s: 2 });
      `,
    );
    const flags = [
      "--strict",
      "--noEmit",
      "--exactOptionalPropertyTypes",
      "--types",
      "",
      "--target",
      "es2023",
    ];
    const resolution = ["--module", "esnext", "--moduleResolution", "bundler", "--lib", "es2023,dom"];
    const files = ["use.ts", "layers/square.layer.webgpu.d.ts"];
    const tsc = [join(root, "node_modules/typescript/bin/tsc"), ...flags, ...resolution, ...files];
    const { stdout } = spawnSync(process.execPath, tsc, { cwd: w.folder, encoding: "utf8" });
    expect(stdout).toBe("");
  });

  it("leave a file alone that leibniz did not write", async () => {
    const w = project(scaleBy(2));
    w.write("layers/scale.layer.d.ts", "export const mine: number;\n");
    const { warnings } = await esbuild(await esbuildOptions(w));
    expect(warnings.map(({ text }) => text)).toEqual([
      expect.stringMatching(/scale\.layer\.d\.ts was not written by leibniz, and stays as it is$/u),
    ]);
    expect(w.read("layers/scale.layer.d.ts")).toBe("export const mine: number;\n");
    expect(readFileSync(w.path("layers/square.layer.d.ts"), "utf8")).toContain(
      "export { squareLayer as square }",
    );
  });

  it("are not written where they are not wanted", async () => {
    const w = project(scaleBy(2));
    await esbuild({
      ...(await esbuildOptions(w)),
      plugins: [(await pluginFor("esbuild"))({ types: false })],
    });
    expect(Object.keys(w.tree("layers"))).toEqual(["scale.layer", "square.layer"]);
  });
});

it("compiles a layer anew when one changes that it uses", async () => {
  const by = (factor: number): string => `input x[N]\noutput y[N]\ny[n] = ${factor}*x[n]\n`;
  const w = workspace({
    "main.js": `import { caller } from "./layers/caller.layer";
export const results = [...caller({ N: 2 }).forward({ x: Float32Array.of(1, 2) }).z];
`,
    "layers/caller.layer": "use factor\ninput x[N]\noutput z\nz = factor(x)\n",
    "specs/factor.layer": by(2),
  });
  const results = async (): Promise<unknown> => {
    const code = await bundlers["esbuild"]!(w);
    return ((await import(`data:text/javascript,${encodeURIComponent(code)}`)) as { results: unknown })
      .results;
  };
  expect(await results()).toEqual([2, 4]);
  w.write("specs/factor.layer", by(3));
  expect(await results()).toEqual([3, 6]);
  // one beside it comes first
  w.write("layers/factor.layer", by(5));
  expect(await results()).toEqual([5, 10]);
});

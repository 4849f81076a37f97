import { statSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { linear, scale, workspace, type Workspace } from "./workspace.js";

/** The files of a build but for its manifest. */
const written = (w: Workspace): string[] =>
  Object.keys(w.tree("generated")).filter((file) => file !== ".leibniz/manifest.json");

const specs = { "specs/linear.layer": linear, "specs/scale.layer": scale };

describe("build", () => {
  it("writes one folder a layer and one a variant, and a file that exports them all", () => {
    const w = workspace(specs);
    const { status, stderr } = w.leibniz("build");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(written(w)).toEqual([
      ...["derivation.md", "index.ts"].map((file) => `halve/${file}`),
      "index.ts",
      ...["derivation.md", "index.ts"].map((file) => `linear/${file}`),
      ...["derivation.md", "index.ts"].map((file) => `scale/${file}`),
    ]);
    for (const name of ["halve", "linear", "scale"])
      expect(w.read("generated/index.ts")).toContain(`from "./${name}/index.js";`);
  });

  it("writes WebGPU plans for the target wgsl, their shaders as files on request", () => {
    const w = workspace({ "specs/scale.layer": scale.replace(/^variant.*\n/mu, "") });
    expect(w.leibniz("build", "--target", "ts,wgsl").status).toBe(0);
    const files = ["index.ts", "runtime.ts", "scale/derivation.md", "scale/index.ts", "scale/webgpu.ts"];
    expect(written(w)).toEqual(files);
    const webgpu = w.read("generated/scale/webgpu.ts");
    expect(w.leibniz("build", "--target", "ts,wgsl", "--shaders").status).toBe(0);
    const shaders = written(w).filter((file) => !files.includes(file));
    expect(shaders).toContain("scale/forwardY.wgsl");
    expect(w.read("generated/scale/webgpu.ts")).toBe(webgpu);
    for (const file of shaders) {
      expect(file).toMatch(/^scale\/\w+\.wgsl$/u);
      expect(webgpu).toContain(w.read(`generated/${file}`).split("\n\n").slice(1).join("\n\n"));
    }
    // the others' runtime stays while one of them needs it
    w.write("specs/more.layer", linear);
    expect(w.leibniz("build", "specs/more.layer").status).toBe(0);
    expect(w.exists("generated/runtime.ts")).toBe(true);
    expect(w.leibniz("build").status).toBe(0);
    expect(written(w).filter((file) => !/index\.ts|derivation\.md/u.test(file))).toEqual([]);
  });

  it("names the spec, its hash and the compiler in each file", () => {
    const w = workspace(specs);
    w.leibniz("build");
    for (const file of ["linear/index.ts", "linear/derivation.md"])
      expect(w.read(`generated/${file}`).slice(0, 400)).toMatch(
        /leibniz \d+\.\d+\.\d+ .*specs\/linear\.layer.*[0-9a-f]{12}/,
      );
  });

  it("gives the same bytes again, from another folder too", () => {
    const [first, second] = [workspace(specs), workspace(specs)];
    first.leibniz("build");
    second.leibniz("build", "specs/scale.layer", "specs/linear.layer");
    expect(second.tree("generated")).toEqual(first.tree("generated"));
  });

  it("touches only what changed", () => {
    const w = workspace(specs);
    w.leibniz("build");
    const written = (name: string): number => statSync(w.path(`generated/${name}/index.ts`)).mtimeMs;
    const before = [written("linear"), written("scale")];
    w.write("specs/scale.layer", scale.replace("s * x[i]", "s * x[i] + 1"));
    expect(w.leibniz("build").status).toBe(0);
    expect(written("linear")).toBe(before[0]);
    expect(written("scale")).toBeGreaterThan(before[1]!);
  });

  it("takes files, folders and globs, and --out", () => {
    const w = workspace({ ...specs, "more/deep/relu.layer": "input x[N]\noutput z[N]\nz[i] = relu(x[i])\n" });
    expect(
      w.leibniz("build", "more", "specs/l*.layer", "--out", "build/kernels", "--target", "ts").status,
    ).toBe(0);
    expect(Object.keys(w.tree("build/kernels"))).toEqual([
      ".leibniz/manifest.json",
      "index.ts",
      "linear/derivation.md",
      "linear/index.ts",
      "relu/derivation.md",
      "relu/index.ts",
    ]);
  });

  it("writes JavaScript with declarations that runs as it stands", async () => {
    const w = workspace(specs);
    expect(w.leibniz("build", "--js", "--target", "ts").status).toBe(0);
    w.write("generated/package.json", `{ "type": "module" }`);
    expect(Object.keys(w.tree("generated/linear"))).toEqual(["derivation.md", "index.d.ts", "index.js"]);
    const all = (await import(/* @vite-ignore */ w.path("generated/index.js"))) as Record<string, Function>;
    const plan = all["linear"]!({ N: 1, C: 2, K: 1 });
    const inputs = { x: Float32Array.of(1, 2), w: Float32Array.of(3, 4), b: Float32Array.of(5) };
    expect(plan.forward(inputs).z).toEqual(Float32Array.of(16));
    expect(plan.backward({ ...inputs, dz: Float32Array.of(1) }).dw).toEqual(Float32Array.of(1, 2));
  });

  it("removes what it wrote for a spec that is gone, and switches to --js without leftovers", () => {
    const w = workspace(specs);
    w.leibniz("build");
    w.remove("specs/scale.layer");
    expect(w.leibniz("build", "--js", "--target", "wgsl,ts").status).toBe(0);
    expect(written(w)).toEqual([
      "index.d.ts",
      "index.js",
      "linear/derivation.md",
      "linear/index.d.ts",
      "linear/index.js",
      "linear/webgpu.d.ts",
      "linear/webgpu.js",
      "runtime.d.ts",
      "runtime.js",
    ]);
    expect(w.leibniz("build", "--target", "ts").status).toBe(0);
    expect(written(w)).toEqual(["index.ts", "linear/derivation.md", "linear/index.ts"]);
  });

  it("lists the layers of either kind, where some were built as JavaScript", () => {
    const w = workspace(specs);
    w.leibniz("build");
    expect(w.leibniz("build", "--js", "specs/linear.layer").status).toBe(0);
    expect(w.read("generated/index.ts")).toMatch(/halve[^]*scale/u);
    expect(w.read("generated/index.ts")).not.toContain("linear");
    expect(w.read("generated/index.js")).toContain("linear");
  });

  it("refuses two layers or variants of one name", () => {
    const w = workspace({ ...specs, "specs/halve.layer": linear });
    const { status, stderr } = w.leibniz("build");
    expect(status).toBe(2);
    expect(stderr).toContain(
      "specs/halve.layer: the name halve is taken by a layer or variant of specs/scale.layer",
    );
    expect(stderr).toContain(
      "specs/scale.layer: the name halve is taken by a layer or variant of specs/halve.layer",
    );
    expect(written(w)).toEqual(["index.ts", "linear/derivation.md", "linear/index.ts"]);
  });

  it("fails on a refuted claim, and writes nothing", () => {
    const w = workspace({ "specs/linear.layer": `${linear}claim dw[c,k] = sum[n](2 * x[n,c] * dz[n,k])\n` });
    const { status, stderr } = w.leibniz("build");
    expect(status).toBe(1);
    expect(stderr).toMatch(/specs\/linear\.layer:10:1: .*dw.*refuted/);
    expect(w.exists("generated")).toBe(false);
  });

  it("takes a claim that holds", () => {
    const w = workspace({ "specs/linear.layer": `${linear}claim dw[c,k] = sum[n](x[n,c] * dz[n,k])\n` });
    expect(w.leibniz("build").status).toBe(0);
  });

  it("follows leibniz.config.ts", () => {
    const w = workspace({
      "layers/linear.layer": linear,
      "leibniz.config.ts": `import { defineConfig } from "leibniz";\nexport default defineConfig({ specs: ["layers"], out: "src/kernels" });\n`,
    });
    expect(w.leibniz("build")).toMatchObject({ status: 0, stderr: "" });
    expect(w.exists("src/kernels/linear/index.ts")).toBe(true);
  });
});

describe("build --check", () => {
  it("succeeds on a current output and writes nothing on a stale one", () => {
    const w = workspace(specs);
    expect(w.leibniz("build", "--check").status).toBe(1);
    expect(w.exists("generated")).toBe(false);
    w.leibniz("build");
    expect(w.leibniz("build", "--check")).toMatchObject({ status: 0, stderr: "" });

    w.write("generated/linear/index.ts", `${w.read("generated/linear/index.ts")}// edited\n`);
    const before = w.tree("generated");
    const { status, stderr } = w.leibniz("build", "--check");
    expect(status).toBe(1);
    expect(stderr).toContain("linear/index.ts");
    expect(stderr).not.toContain("scale/index.ts");
    expect(w.tree("generated")).toEqual(before);
  });

  it("notices a changed spec and a spec that is gone", () => {
    const w = workspace(specs);
    w.leibniz("build");
    w.write("specs/linear.layer", `${linear}# a remark\n`);
    expect(w.leibniz("build", "--check").stderr).toContain("linear/index.ts");
    w.write("specs/linear.layer", linear);
    w.remove("specs/scale.layer");
    const { status, stderr } = w.leibniz("build", "--check");
    expect(status).toBe(1);
    expect(stderr).toContain("halve/index.ts");
  });
});

describe("build --json", () => {
  const document = (stdout: string): Record<string, unknown> => JSON.parse(stdout) as Record<string, unknown>;

  it("prints one document and nothing else", () => {
    const w = workspace(specs);
    const { status, stdout, stderr } = w.leibniz("build", "--json");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(document(stdout)).toMatchObject({
      ok: true,
      layers: [
        { spec: "specs/linear.layer", layer: "linear", folders: ["linear"] },
        { spec: "specs/scale.layer", layer: "scale", folders: ["scale", "halve"] },
      ],
      problems: [],
    });
  });

  it("reports problems with their places", () => {
    const w = workspace({ "specs/bad.layer": "input x[N]\noutput z[N]\nz[i] = y[i]\n" });
    const { status, stdout, stderr } = w.leibniz("build", "--json");
    expect({ status, stderr }).toEqual({ status: 2, stderr: "" });
    expect(document(stdout)).toMatchObject({
      ok: false,
      problems: [{ file: "specs/bad.layer", line: 3, column: 8 }],
    });
  });

  it("lists what is stale", () => {
    const w = workspace(specs);
    const { status, stdout } = w.leibniz("build", "--check", "--json");
    expect(status).toBe(1);
    expect(document(stdout)["stale"]).toContain("linear/index.ts");
  });
});

/** The output folder is the user's: what leibniz did not write, or what was changed since, is never replaced or removed. */
import { existsSync, lstatSync, mkdirSync, readdirSync, renameSync, symlinkSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { scale, workspace, type Workspace } from "../workspace.js";

/** Small layers: a build takes no longer than its start-up. */
const twice = "input x[N]\noutput z[N]\nz[i] = 2*x[i]\n";
const thrice = twice.replace("2", "3");
const specs = { "specs/twice.layer": twice, "specs/scale.layer": scale };
const broken = "input x[N]\noutput z[N]\nz[i] = y[i]\n";
const built = (files: Readonly<Record<string, string>> = specs): Workspace => {
  const w = workspace(files);
  expect(w.leibniz("build")).toMatchObject({ status: 0, stderr: "" });
  return w;
};
/** The build fails, names the file, and touches nothing. */
function expectRefused(w: Workspace, path: string, why: RegExp): void {
  const before = w.tree("generated");
  const { status, stdout, stderr } = w.leibniz("build", "--json");
  expect({ status, stderr }).toEqual({ status: 2, stderr: "" });
  const { ok, written, problems } = JSON.parse(stdout) as {
    ok: boolean;
    written: string[];
    problems: { code: string; file: string; message: string }[];
  };
  expect({ ok, written }).toEqual({ ok: false, written: [] });
  expect(problems).toMatchObject([
    { code: "foreign-file", file: path, message: expect.stringMatching(why) as string },
  ]);
  expect(w.tree("generated")).toEqual(before);
}

describe("what stands in the way of a file is named, and nothing is touched:", () => {
  it("a foreign file in a layer's folder", () => {
    const w = workspace({ ...specs, "generated/scale/index.ts": "export const mine = 1;\n" });
    const { status, stdout, stderr } = w.leibniz("build");
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toBe(
      "error nothing was written: this is not leibniz's to replace\n  generated/scale/index.ts was not written by leibniz\n" +
        "  move it away or delete it, or write to another folder\n",
    );
    expectRefused(w, "generated/scale/index.ts", /was not written by leibniz/u);
    expect(w.exists("generated/twice")).toBe(false);
  });
  it("an index.ts of the folder itself, as with --out src", () => {
    const w = workspace({ ...specs, "generated/index.ts": "export const mine = 1;\n" });
    expectRefused(w, "generated/index.ts", /was not written by leibniz/u);
  });
  it("a file changed by hand", () => {
    const w = built();
    w.write("generated/twice/index.ts", `${w.read("generated/twice/index.ts")}// mine\n`);
    w.write("specs/twice.layer", thrice);
    w.write("specs/scale.layer", scale.replace("s * x[i]", "s * x[i] + 1"));
    expectRefused(w, "generated/twice/index.ts", /was changed by hand/u);
  });
  it("a file changed by hand of a layer that has not changed", () => {
    const w = built();
    w.write("generated/twice/derivation.md", "mine\n");
    expectRefused(w, "generated/twice/derivation.md", /was changed by hand/u);
  });
  it("a file where a folder is needed", () => {
    const w = workspace({ ...specs, "generated/twice": "mine" });
    expectRefused(w, "generated/twice", /is a file where a folder is needed/u);
  });
  it("a folder where a file is needed", () => {
    const w = workspace({ ...specs, "generated/twice/index.ts/mine": "mine" });
    expectRefused(w, "generated/twice/index.ts", /is a folder/u);
  });
  it.each([
    ["out of the folder", "../elsewhere"],
    ["to another folder inside", "scale"],
    ["to nothing", "../nowhere"],
  ])("a link in place of a layer's folder, %s", (_, target) => {
    const w = workspace({ ...specs, "elsewhere/index.ts": "mine" });
    mkdirSync(w.path("generated"));
    symlinkSync(target, w.path("generated/twice"));
    expectRefused(w, "generated/twice", /is a symbolic link/u);
    expect(w.tree("elsewhere")).toEqual({ "index.ts": "mine" });
  });
  it("a link in place of a file, also to what leibniz would write", () => {
    const w = built();
    renameSync(w.path("generated/twice/index.ts"), w.path("kernels.ts"));
    symlinkSync("../../kernels.ts", w.path("generated/twice/index.ts"));
    const kernels = w.read("kernels.ts");
    w.write("specs/twice.layer", thrice);
    expectRefused(w, "generated/twice/index.ts", /is a symbolic link/u);
    expect(w.read("kernels.ts")).toBe(kernels);
  });
  it("a link in place of the folder for the manifest", () => {
    const w = workspace({ ...specs, "elsewhere/mine": "" });
    mkdirSync(w.path("generated"));
    symlinkSync("../elsewhere", w.path("generated/.leibniz"));
    const { status, stderr } = w.leibniz("build");
    expect(status).toBe(2);
    expect(stderr).toContain("generated/.leibniz is not a folder");
    expect(w.tree("elsewhere")).toEqual({ mine: "" });
  });
  it("--check calls the same stale, and writes nothing", () => {
    const w = built();
    w.write("generated/twice/index.ts", "mine");
    const before = w.tree("generated");
    const { status, stderr } = w.leibniz("build", "--check");
    expect(status).toBe(1);
    expect(stderr).toContain("twice/index.ts (was changed by hand)");
    expect(w.tree("generated")).toEqual(before);
  });
  it("a damaged manifest", () => {
    const w = built();
    w.write("generated/.leibniz/manifest.json", "{");
    const { status, stderr } = w.leibniz("build");
    expect(status).toBe(2);
    expect(stderr).toContain("generated/.leibniz/manifest.json is damaged");
  });
});

describe("a build without a manifest", () => {
  it("takes over what stands there just as it would be written", () => {
    const w = built();
    const before = w.tree("generated");
    w.remove("generated/.leibniz");
    expect(w.leibniz("build", "--check").status).toBe(1);
    expect(w.leibniz("build")).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("0 files written") as string,
    });
    expect(w.tree("generated")).toEqual(before);
  });
  it("does not replace what an earlier version left", () => {
    const w = built();
    w.remove("generated/.leibniz");
    w.write("generated/twice/index.ts", w.read("generated/twice/index.ts").replace("2", "3"));
    expectRefused(w, "generated/twice/index.ts", /was not written by leibniz/u);
  });
});

describe("what goes", () => {
  it("is a layer's folder with its spec; foreign files and changed ones stay, and are named", () => {
    const w = built();
    w.write("generated/halve/notes.md", "mine");
    w.write("generated/scale/index.ts", "changed");
    w.remove("specs/scale.layer");
    const { status, stderr, stdout } = w.leibniz("build");
    expect(status).toBe(0);
    expect(stderr).toBe(
      "generated/scale/index.ts is not needed any more; it was changed by hand, and stays\n",
    );
    expect(stdout).toContain("3 removed");
    expect(w.tree("generated/halve")).toEqual({ "notes.md": "mine" });
    expect(w.tree("generated/scale")).toEqual({ "index.ts": "changed" });
    expect(w.read("generated/index.ts")).not.toMatch(/scale|halve/u);
    expect(w.leibniz("build", "--check").status).toBe(0);
  });
  it("is the folder of a variant that its spec does not ask for any more", () => {
    const w = built();
    w.write("specs/scale.layer", scale.replace(/^variant.*\n/mu, ""));
    expect(w.leibniz("build", "specs/scale.layer").status).toBe(0);
    expect(readdirSync(w.path("generated")).sort()).toEqual([".leibniz", "index.ts", "scale", "twice"]);
  });
  it("is nothing of layers that are not built, from whatever working folder", () => {
    const w = built();
    mkdirSync(w.path("deep/below"), { recursive: true });
    w.write("specs/twice.layer", thrice);
    expect(
      w.in("deep/below").leibniz("build", "../../specs/twice.layer", "--out", "../../generated"),
    ).toEqual({
      status: 0,
      stderr: "",
      stdout: expect.stringContaining("2 files written, 1 unchanged") as string,
    });
    for (const name of ["twice", "scale", "halve"])
      expect(w.read("generated/index.ts")).toContain(`from "./${name}/index.js"`);
    expect(w.leibniz("build", "--check")).toMatchObject({ status: 0, stderr: "" });
    // gone as seen from the manifest, whatever the working folder
    w.remove("specs/scale.layer");
    w.write("deep/below/specs/scale.layer", scale);
    expect(w.in("deep/below").leibniz("build", "../../specs", "--out", "../../generated").status).toBe(0);
    expect(readdirSync(w.path("generated")).sort()).toEqual([".leibniz", "index.ts", "twice"]);
  });
  it("is not what stands behind a link", () => {
    const w = built();
    renameSync(w.path("generated/scale"), w.path("moved"));
    symlinkSync("../moved", w.path("generated/scale"));
    w.remove("specs/scale.layer");
    expect(w.leibniz("build").status).toBe(0);
    expect(Object.keys(w.tree("moved"))).toEqual(["derivation.md", "index.ts"]);
    expect(lstatSync(w.path("generated/scale")).isSymbolicLink()).toBe(true);
  });
});

describe("a broken spec", () => {
  it("keeps its old files and fails the build; the others are built all the same", () => {
    const w = built();
    w.write("specs/twice.layer", broken);
    w.write("specs/scale.layer", scale.replace("s * x[i]", "s * x[i] + 1"));
    w.write("specs/other.layer", twice);
    const old = w.read("generated/twice/index.ts");
    const { status, stdout, stderr } = w.leibniz("build");
    expect(status).toBe(2);
    expect(stderr).toContain("specs/twice.layer:3:8");
    expect(stdout).toContain("built 2 layers and 1 variant in generated");
    expect(w.read("generated/twice/index.ts")).toBe(old);
    expect(w.read("generated/scale/index.ts")).toContain("+ 1");
    for (const name of ["twice", "scale", "halve", "other"])
      expect(w.read("generated/index.ts")).toContain(`from "./${name}/index.js"`);
    w.remove("specs/twice.layer");
    expect(w.leibniz("build").status).toBe(0);
    expect(existsSync(w.path("generated/twice"))).toBe(false);
  });
  it("is one with a refuted claim, too", () => {
    const w = built();
    const old = w.read("generated/twice/index.ts");
    w.write("specs/twice.layer", `${twice}claim dx[i] = dz[i]\n`);
    w.write("specs/scale.layer", scale.replace("s * x[i]", "s * x[i] + 1"));
    expect(w.leibniz("build").status).toBe(1);
    expect(w.read("generated/twice/index.ts")).toBe(old);
    expect(w.read("generated/scale/index.ts")).toContain("+ 1");
  });
  it("is one whose name another has, in this build or in the folder", () => {
    const w = built();
    w.write("more/halve.layer", twice);
    const before = w.tree("generated");
    expect(w.leibniz("build", "more")).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(
        /more\/halve\.layer: the name halve is taken .* \.\.\/specs\/scale\.layer/u,
      ) as string,
    });
    expect(w.tree("generated")).toEqual(before);
    // moved, not copied
    w.write("specs/scale.layer", scale.replace(/^variant.*\n/mu, ""));
    expect(w.leibniz("build", "more", "specs").status).toBe(0);
    expect(w.read("generated/halve/index.ts")).toContain("more/halve.layer");
  });
});

describe("read --write keeps the same rules:", () => {
  const paper = String.raw`# Notes
$x \in \mathbb{R}^{N \times D}$, $W \in \mathbb{R}^{D \times K}$
$$ z = x W $$
$$ \frac{\partial L}{\partial W} = x^T \frac{\partial L}{\partial z} $$
`;
  const read = (w: Workspace, name: string, ...more: string[]): ReturnType<Workspace["leibniz"]> =>
    w.leibniz("read", name, "--write", "layers", ...more);

  it("a foreign file is named, and nothing is touched", () => {
    const w = workspace({ "a.md": paper, "b.md": paper, "layers/a_2.layer": "# mine\n" });
    const refused = read(w, "a.md");
    expect(refused).toMatchObject({ status: 2, stdout: "" });
    expect(refused.stderr).toContain("layers/a_2.layer was not written by leibniz");
    expect(w.tree("layers")).toEqual({ "a_2.layer": "# mine\n" });
    const { stdout } = read(w, "a.md", "--format", "json");
    expect(JSON.parse(stdout)).toMatchObject({ ok: false });
  });

  it("the layers of other documents stay, and go with their document", () => {
    const w = workspace({ "a.md": paper, "b.md": paper });
    expect(read(w, "a.md").stdout).toContain("2 layers written to layers");
    expect(read(w, "b.md").status).toBe(0);
    const names = ["a_1.layer", "a_2.layer", "b_1.layer", "b_2.layer"];
    expect(Object.keys(w.tree("layers")).filter((name) => name.endsWith(".layer"))).toEqual(names);
    w.write("layers/b_2.layer", "# mine now\n");
    w.write("b.md", paper.split("\n").slice(0, 3).join("\n"));
    expect(read(w, "b.md")).toMatchObject({
      status: 0,
      stderr: "layers/b_2.layer is not needed any more; it was changed by hand, and stays\n",
    });
    expect(w.read("layers/b_2.layer")).toBe("# mine now\n");
    w.remove("a.md");
    expect(read(w, "b.md").status).toBe(0);
    expect(Object.keys(w.tree("layers")).filter((name) => name.endsWith(".layer"))).toEqual([
      "b_1.layer",
      "b_2.layer",
    ]);
  });
});

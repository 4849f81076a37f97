/** Calls that cannot be carried out end with status 2 and a sentence. */
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { version } from "../../src/version.js";
import manifest from "../../package.json" with { type: "json" };
import { command, linear, workspace } from "./workspace.js";

const specs = { "specs/linear.layer": linear, "paper.txt": "text" };

describe("a wrong call", () => {
  it.each([
    [["frob"], /unknown command/],
    [["build", "--frob"], /unknown option/],
    [["build", "nowhere.layer"], /nowhere\.layer/],
    [["build", "nothing/*.layer"], /nothing/],
    [["build", "paper.txt"], /paper\.txt is not a \.layer file/],
    [["build", "--target", "cuda"], /cuda/],
    [["build", "--target", "ts,metal"], /unknown target metal; there are ts, wasm, wgsl, torch/],
    [["build", "--dump-after", "ranges"], /there is no pass ranges; there are/],
    [["plant"], /unknown command/],
    [["build", "--out"], /--out/],
    [["build", "--out", "paper.txt"], /not a folder/],
    [["check", "--trials", "none"], /--trials/],
    [["check", "--sizes", "N"], /name=number/],
    [["check", "--sizes", "N=2,Q=3"], /no layer .* has a size or param Q; there are C, K, N$/mu],
    [["check", "--target", "metal"], /unknown target metal/],
    [["derive"], /missing required argument/],
    [["derive", "specs/linear.layer", "--format", "pdf"], /pdf/],
    [["derive", "specs/linear.layer", "--steps", "some"], /--steps/],
    [["derive", "specs/linear.layer", "--wrt", "y"], /\by\b.*x, w, b/],
    [["read", "absent.md"], /absent.md: no such file/],
  ])("%j", (arguments_, message) => {
    const w = workspace(specs);
    const { status, stdout, stderr } = w.leibniz(...arguments_);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /mu);
  });

  it("is a JSON document with --json", () => {
    const { status, stdout, stderr } = workspace().leibniz("build", "--json");
    expect({ status, stderr }).toEqual({ status: 2, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: expect.stringContaining("specs/") });
  });
});

describe("leibniz.config.ts", () => {
  it.each([
    ["export default { spec: [] }", /unknown entry spec/],
    ["export default { specs: 3 }", /specs has to be/],
    ["export default null", /has to export a configuration/],
    ["export default undefined", /has to export a configuration/],
    ["export default 3", /has to export a configuration/],
    ["throw new Error('broken')", /cannot be loaded: broken/],
  ])("%s", (text, message) => {
    const w = workspace({ ...specs, "leibniz.config.ts": text });
    const { status, stderr } = w.leibniz("build");
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
  });

  it("prints nothing on standard output, and its process ends with its answer", () => {
    const config = 'console.log("hello"); setInterval(() => {}, 1000); export default { specs: ["specs"] };';
    const w = workspace({ ...specs, "leibniz.config.ts": config });
    const { status, stdout, stderr } = w.leibniz("build", "--json");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "hello\n" });
    expect(JSON.parse(stdout)).toMatchObject({ ok: true });
  });

  it("that gives no answer ends the command", async () => {
    const answers: readonly (readonly [string, RegExp])[] = [
      ["await new Promise(() => {});", /before it exports anything/],
      ["setInterval(() => {}, 1000); await new Promise(() => {});", /no answer within 15 seconds/],
      ["for (;;);", /leibniz\.config\.ts gives no answer within 15 seconds/],
      ["process.exit(0);", /before it exports anything/],
    ];
    const commands = answers.map(([text]) =>
      workspace({ ...specs, "leibniz.config.ts": `${text}\nexport default {};\n` }).begin("build"),
    );
    for (const [i, { status, stdout, stderr }] of (await Promise.all(commands)).entries()) {
      expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
      expect(stderr).toMatch(answers[i]![1]);
    }
  });
});

describe("help", () => {
  it("lists the commands", () => {
    const { status, stdout } = workspace().leibniz("--help");
    expect(status).toBe(0);
    for (const name of ["build", "check", "derive", "read"]) expect(stdout).toContain(name);
  });
  it("is shown, with status 2, where no command is given", () => {
    const { status, stderr } = workspace().leibniz();
    expect(status).toBe(2);
    expect(stderr).toContain("Usage: leibniz");
  });
  it("tells the package's version", () => {
    expect(workspace().leibniz("--version").stdout.trim()).toBe(manifest.version);
    expect(version).toBe(manifest.version);
  });
});

it("ends quietly when the reader of its output leaves", () => {
  const w = workspace(specs);
  const command_ = `"${process.execPath}" "${command}" derive specs/linear.layer --format json | true`;
  const { stderr } = spawnSync("sh", ["-c", command_], { cwd: w.folder, encoding: "utf8" });
  expect(stderr).toBe("");
});

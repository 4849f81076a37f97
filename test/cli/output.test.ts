import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { faceOf } from "../../src/cli/face.js";
import { applyChanges, planOutput, type Changes, type Folder } from "../../src/cli/output.js";
import { headerLine } from "../../src/targets/code/header.js";
import { workspace, type Workspace } from "./workspace.js";

const header = (spec: string): string =>
  `// ${headerLine({ spec, hash: "0123456789ab", version: "0.1.0" })}\n`;
const folder = (name: string, spec: string, body = ""): Folder => ({
  name,
  spec,
  files: { "index.ts": `${header(spec)}${body}` },
});
const plan = (
  w: Workspace,
  folders: readonly Folder[],
  specs: readonly string[],
  gone: readonly string[] = [],
): Changes =>
  planOutput(
    w.path("out"),
    folders,
    new Set(specs),
    (spec) => !gone.includes(spec),
    (names) => faceOf(names, false),
  );

describe("planning the output", () => {
  it("writes what is missing or differs, and nothing else", () => {
    const w = workspace();
    const both = [folder("a", "specs/a.layer"), folder("b", "specs/b.layer")];
    const specs = ["specs/a.layer", "specs/b.layer"];
    applyChanges(w.path("out"), plan(w, both, specs));
    expect(Object.keys(w.tree("out"))).toEqual(["a/index.ts", "b/index.ts", "index.ts"]);
    expect(plan(w, both, specs)).toMatchObject({ remove: [], current: 3 });
    const changed = plan(w, [both[0]!, folder("b", "specs/b.layer", "changed")], specs);
    expect([...changed.write.keys()]).toEqual(["b/index.ts"]);
  });

  it("removes the folders of specs that are gone and of variants no longer asked for", () => {
    const w = workspace();
    const folders = [
      folder("a", "specs/a.layer"),
      folder("a3", "specs/a.layer"),
      folder("b", "specs/b.layer"),
    ];
    applyChanges(w.path("out"), plan(w, folders, ["specs/a.layer", "specs/b.layer"]));
    const later = plan(w, [folders[0]!], ["specs/a.layer"], ["specs/b.layer"]);
    expect(later.remove).toEqual(["a3/index.ts", "b/index.ts"]);
    applyChanges(w.path("out"), later);
    expect(readdirSync(w.path("out"))).toEqual(["a", "index.ts"]);
  });

  it("keeps the layers that this build leaves out, and exports them still", () => {
    const w = workspace();
    applyChanges(w.path("out"), plan(w, [folder("b", "specs/b.layer")], ["specs/b.layer"]));
    applyChanges(w.path("out"), plan(w, [folder("a", "specs/a.layer")], ["specs/a.layer"]));
    expect(w.read("out/index.ts")).toContain(`export * from "./b/index.js";`);
    expect(w.exists("out/b/index.ts")).toBe(true);
  });

  it("leaves files alone that it did not write", () => {
    const w = workspace({ "out/notes/readme.md": "mine", "out/a/extra.ts": "mine too" });
    applyChanges(w.path("out"), plan(w, [folder("a", "specs/a.layer")], ["specs/a.layer"]));
    applyChanges(w.path("out"), plan(w, [], [], ["specs/a.layer"]));
    expect(w.tree("out")).toMatchObject({ "notes/readme.md": "mine", "a/extra.ts": "mine too" });
    expect(w.exists("out/a/index.ts")).toBe(false);
  });

  it.each(["../evil", "a/../../evil", "/etc/evil"])("refuses the folder name %s", (name) => {
    const w = workspace();
    expect(() => plan(w, [folder(name, "specs/a.layer")], [])).toThrow(/outside --out/);
  });

  it("refuses an output that is a file", () => {
    const w = workspace({ out: "a file" });
    expect(() => plan(w, [folder("a", "specs/a.layer")], [])).toThrow(/is not a folder/);
  });
});

describe("writing the output", () => {
  it("leaves everything as it was when a file cannot be written", () => {
    const w = workspace({ "out/a/index.ts": `${header("specs/a.layer")}before` });
    // a folder stands where a staged file should go: writing fails half-way
    const changes: Changes = {
      write: new Map([
        ["a/index.ts", "after"],
        ["b", "a file"],
        ["b/index.ts", "below a file"],
      ]),
      remove: [],
      current: 0,
    };
    expect(() => applyChanges(w.path("out"), changes)).toThrow(/EEXIST|ENOTDIR/);
    expect(w.tree("out")).toEqual({ "a/index.ts": `${header("specs/a.layer")}before` });
    expect(readdirSync(w.folder)).toEqual(["out"]);
  });

  it("does not write over an index.ts that is somebody's work", () => {
    const w = workspace({ "out/index.ts": "export const mine = 1;\n" });
    const changes = plan(w, [folder("a", "specs/a.layer")], ["specs/a.layer"]);
    expect(() => applyChanges(w.path("out"), changes)).toThrow(/index\.ts was not written by leibniz/);
    expect(Object.keys(w.tree("out"))).toEqual(["index.ts"]);
  });
});

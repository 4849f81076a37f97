/** What has to change in a folder: a comparison without a disk. */
import { describe, expect, it } from "vitest";
import {
  hashOf,
  isInside,
  manifestText,
  readManifest,
  type Manifest,
} from "../../../src/cli/output/manifest.js";
import { keptEntries, planChanges, type Found, type Wanted } from "../../../src/cli/output/plan.js";

const source = "../specs/a.layer";
const entry = (content: string, of: string | undefined = source): { hash: string; source?: string } => ({
  hash: hashOf(content),
  ...(of !== undefined && { source: of }),
});
const wanted = (files: Readonly<Record<string, string>>): Wanted =>
  new Map(Object.entries(files).map(([path, content]) => [path, { content, source }]));
/** A folder of files by content; what is no text is something else. */
const folder =
  (files: Readonly<Record<string, string | { readonly what: string }>>) =>
  (path: string): Found => {
    const found = files[path];
    if (found === undefined) return { kind: "absent" };
    return typeof found === "string"
      ? { kind: "file", hash: hashOf(found) }
      : { kind: "other", what: found.what, at: path };
  };

describe("a file that is wanted", () => {
  const plan = (
    there: Parameters<typeof folder>[0],
    listed: Manifest = new Map(),
  ): ReturnType<typeof planChanges> =>
    planChanges(listed, new Map(), wanted({ "a/index.ts": "new" }), folder(there));
  const listed = new Map([["a/index.ts", entry("old")]]);

  it("is written where there is none, listed or not", () => {
    expect(plan({}).writes).toMatchObject([{ path: "a/index.ts", content: "new" }]);
    expect(plan({}, listed).writes).toMatchObject([{ path: "a/index.ts", content: "new" }]);
  });
  it("is left, and listed, where it stands just so", () => {
    const adopted = plan({ "a/index.ts": "new" });
    expect(adopted).toMatchObject({ writes: [], conflicts: [], current: 1 });
    expect(adopted.manifest.get("a/index.ts")).toEqual(entry("new"));
  });
  it("replaces what was written there", () => {
    expect(plan({ "a/index.ts": "old" }, listed).writes).toMatchObject([{ was: hashOf("old") }]);
  });
  it.each([
    ["a foreign file", { "a/index.ts": "mine" }, new Map(), "was not written by leibniz"],
    ["a changed file", { "a/index.ts": "old, and mine" }, listed, "was changed by hand"],
    ["a link", { "a/index.ts": { what: "a symbolic link" } }, listed, "is a symbolic link"],
  ])("does not replace %s", (_, there, manifest, why) => {
    expect(plan(there, manifest)).toMatchObject({ writes: [], conflicts: [{ path: "a/index.ts", why }] });
  });
  it("does not replace what was made from something else that is still there", () => {
    const kept = new Map([["a/index.ts", entry("old", "../specs/b.layer")]]);
    const { conflicts } = planChanges(kept, kept, wanted({ "a/index.ts": "new" }), folder({}));
    expect(conflicts).toEqual([{ path: "a/index.ts", why: "was made from ../specs/b.layer" }]);
  });
});

describe("a file that is not wanted any more", () => {
  const listed = new Map([["a/index.ts", entry("old")]]);
  const plan = (there: Parameters<typeof folder>[0]): ReturnType<typeof planChanges> =>
    planChanges(listed, new Map(), new Map(), folder(there));
  it("goes", () => expect(plan({ "a/index.ts": "old" }).removes).toMatchObject([{ path: "a/index.ts" }]));
  it("stays where it was changed, and is not ours any more", () => {
    const changed = plan({ "a/index.ts": "mine" });
    expect(changed).toMatchObject({ removes: [], left: ["a/index.ts"], conflicts: [] });
    expect(changed.manifest.size).toBe(0);
  });
  it("is forgotten where it is gone", () => expect(plan({})).toMatchObject({ removes: [], left: [] }));
});

describe("the entries that stay", () => {
  const manifest: Manifest = new Map([
    ["index.ts", { hash: "0" }],
    ["a/index.ts", entry("", "a.layer")],
    ["b/index.ts", entry("", "b.layer")],
    ["c/index.ts", entry("", "c.layer")],
  ]);
  it("are those of sources that are there and not made anew", () => {
    const kept = keptEntries(manifest, new Set(["a.layer"]), (of) => of !== "b.layer");
    expect([...kept.keys()]).toEqual(["c/index.ts"]);
  });
});

describe("the manifest", () => {
  const manifest: Manifest = new Map([
    ["index.ts", { hash: "1" }],
    ["b/index.ts", { hash: "2", source: "../specs/b.layer" }],
    ["a/index.ts", { hash: "3", source: "../specs/a.layer" }],
  ]);
  it("is read as it is written, and does not depend on the order", () => {
    const text = manifestText(manifest);
    expect(manifestText(new Map([...manifest].reverse()))).toBe(text);
    expect(readManifest(text, "")).toEqual(manifest);
  });
  it.each([
    "",
    "[]",
    "{}",
    '{"format":1,"shared":{},"sources":3}',
    '{"format":1,"shared":{"../x":"1"},"sources":[]}',
    '{"format":1,"shared":{"a/../../x":"1"},"sources":[]}',
    '{"format":1,"shared":{".leibniz/x":"1"},"sources":[]}',
    '{"format":1,"shared":{},"sources":[{"source":"a","files":{"/etc/passwd":"1"}}]}',
  ])("is refused where it is damaged: %s", (text) => {
    expect(() => readManifest(text, "out/.leibniz/manifest.json")).toThrow(/manifest\.json is damaged/u);
  });
  it("is refused where it is newer", () => {
    expect(() => readManifest('{"format":2,"shared":{},"sources":[]}', "m")).toThrow(/newer version/u);
  });
});

it.each(["../evil", "a/../../evil", "/etc/evil", "a/b/c", "", "a/", ".leibniz/manifest.json", "a\\b"])(
  "%j lies outside",
  (path) => expect(isInside(path)).toBe(false),
);

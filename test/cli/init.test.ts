import { mkdirSync, symlinkSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { version } from "../../src/version.js";
import { workspace, type Workspace } from "./workspace.js";

const root = resolve(import.meta.dirname, "../..");
/** As `npm install` would leave it. */
function install(w: Workspace, folder = "."): void {
  mkdirSync(w.path(`${folder}/node_modules`), { recursive: true });
  symlinkSync(root, w.path(`${folder}/node_modules/leibniz`));
}
const files = (w: Workspace, folder = "."): Record<string, string> =>
  Object.fromEntries(Object.entries(w.tree(folder)).filter(([name]) => !name.includes("node_modules")));

test("an empty folder becomes a project that checks and builds; a second time all is left", () => {
  const w = workspace();
  const made = w.leibniz("init", "my net");
  expect(made).toMatchObject({ status: 0, stderr: "" });
  expect(made.stdout).toBe(
    "made specs/dense.layer\nmade leibniz.config.js\nmade package.json\n\n" +
      "next:\n  cd my net\n  npm install\n  npx leibniz check\n  npx leibniz build\n",
  );
  expect(JSON.parse(w.read("my net/package.json"))).toEqual({
    name: "my-net",
    private: true,
    type: "module",
    scripts: { layers: "leibniz build", "layers:check": "leibniz check" },
    devDependencies: { leibniz: `^${version}` },
  });
  install(w, "my net");
  const inside = w.in("my net");
  const checked = inside.leibniz("check", "--trials", "2");
  expect(checked).toMatchObject({ status: 0, stderr: "" });
  expect(checked.stdout).toContain("all agree");
  expect(inside.leibniz("build")).toMatchObject({ status: 0 });
  expect(w.exists("my net/generated/dense/index.js")).toBe(true);
  expect(inside.leibniz("build", "--check")).toMatchObject({ status: 0 });

  const before = files(w);
  const again = inside.leibniz("init");
  expect(again.stdout).toBe(
    "left specs/: it holds 1 layer\nleft leibniz.config.js: it is there already\nleft package.json: it has all entries\n\n" +
      "next:\n  npx leibniz check\n  npx leibniz build\n",
  );
  expect(files(w)).toEqual(before);
});

test("a project in TypeScript keeps what it has, as it is laid out", () => {
  const content =
    '{\n\t"name": "net",\n\t"scripts": {\n\t\t"layers": "mine"\n\t},\n\t"devDependencies": {\n\t\t"typescript": "^7"\n\t},\n\t"x": 1\n}';
  const w = workspace({
    "package.json": content,
    "specs/mine/relu.layer": "input x[N]\noutput y[N]\ny[n] = relu(x[n])\n",
  });
  const { stdout, status } = w.leibniz("init");
  expect(status).toBe(0);
  expect(stdout).toContain(
    "left specs/: it holds 1 layer\nmade leibniz.config.ts\nchanged package.json: the script layers:check, the dependency leibniz\n",
  );
  expect(w.read("package.json")).toBe(
    content
      .replace('"mine"\n', '"mine",\n\t\t"layers:check": "leibniz check"\n')
      .replace('"^7"\n', `"^7",\n\t\t"leibniz": "^${version}"\n`),
  );
  expect(w.read("leibniz.config.ts")).not.toContain("js:");
  expect(Object.keys(files(w))).toEqual(["leibniz.config.ts", "package.json", "specs/mine/relu.layer"]);
  install(w);
  expect(w.leibniz("build")).toMatchObject({ status: 0 });
  expect(w.exists("generated/relu/index.ts")).toBe(true);
});

test("what cannot be read is left, and links are not written through", () => {
  const w = workspace({ "package.json": "{ oops", "leibniz.config.mjs": "export default {};\n" });
  mkdirSync(w.path("specs"));
  symlinkSync("/nowhere/dense.layer", w.path("specs/dense.layer"));
  const before = files(w);
  const { stdout, status } = w.leibniz("init", ".");
  expect({ status, stdout }).toMatchObject({
    status: 0,
    stdout: expect.stringContaining("left package.json: it is no JSON object"),
  });
  expect(files(w)).toEqual(before);
  expect(w.leibniz("init", "package.json")).toMatchObject({
    status: 2,
    stderr: "error package.json is a file, and a project is a folder\n",
  });
});

test("the help tells of it", () => {
  expect(workspace().leibniz("--help").stdout).toMatch(/init \[folder\]\s+make a project/);
});

/** What docs/api.md and the comments of the API show runs, gives what they say, and compiles in a strict project. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { stripTypes } from "../src/targets/typescript/javascript.js";
import { workspace } from "./cli/workspace.js";

const root = resolve(import.meta.dirname, "..");
const read = (file: string): string => readFileSync(join(root, file), "utf8");
const blocksOf = (text: string): readonly string[] =>
  [...text.matchAll(/^```ts\n([^]*?)^```$/gmu)].map(([, block = ""]) => block);

/** The blocks of a page as one module: what they import once, and each `expression; // → text` told. */
function moduleOf(blocks: readonly string[]): string {
  const lines = blocks.join("\n").split("\n");
  const imported = new Set(
    lines.flatMap((l) => /^import \{ (.*) \} from "leibniz";$/.exec(l)?.[1]?.split(", ") ?? []),
  );
  const body = lines
    .filter((l) => !l.startsWith("import "))
    .map((l) =>
      l.replace(
        /^(\S.*); \/\/ → (.*)$/,
        (_, e: string, told: string) => `tell(${e}, ${JSON.stringify(told)});`,
      ),
    );
  return `import { inspect } from "node:util";
import { ${[...imported].join(", ")} } from "leibniz";
function tell(value: unknown, told: string): void {
  console.log(JSON.stringify([told, typeof value === "string" ? value : inspect(value)]));
}
${body.join("\n")}
`;
}
const page = moduleOf(blocksOf(read("docs/api.md")));
const comments = moduleOf(
  [`import { layer, parseLayer } from "leibniz";`].concat(
    blocksOf(read("src/memory.ts").replaceAll(/^ \* ?/gm, "")),
  ),
);
const readme = blocksOf(read("README.md")).filter(
  (b) => b.includes('from "leibniz"') && b.includes("layer("),
);

function project() {
  const files = {
    "page.ts": page,
    "comments.ts": comments,
    "readme.ts": `${readme.join("\n")}\nexport {};\n`,
  };
  const strict = { strict: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true };
  const options = {
    ...strict,
    noEmit: true,
    types: ["node"],
    typeRoots: [join(root, "node_modules/@types")],
  };
  const w = workspace({
    ...files,
    "package.json": `{ "type": "module" }`,
    "tsconfig.json": JSON.stringify({
      compilerOptions: { ...options, target: "es2022", lib: ["es2023", "dom"], module: "nodenext" },
      files: Object.keys(files),
    }),
  });
  mkdirSync(w.path("node_modules"));
  symlinkSync(root, w.path("node_modules/leibniz"));
  return w;
}

it("compiles under strict flags", () => {
  expect(readme.length).toBe(1);
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const { stdout } = spawnSync(process.execPath, [tsc, "-p", "."], {
    cwd: project().folder,
    encoding: "utf8",
  });
  expect(stdout).toBe("");
});

it.each([
  ["docs/api.md", page, 15],
  ["the comments", comments, 2],
])("%s says what it gives", (_, text, least) => {
  const w = project();
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", stripTypes(text)], {
    cwd: w.folder,
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  const told = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as [string, string]);
  expect(told.length).toBeGreaterThanOrEqual(least);
  expect(told.map(([, given]) => given)).toEqual(told.map(([wanted]) => wanted));
});

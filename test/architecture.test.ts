/** The house: folders of `src/` stand in an order, and imports point one way. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { expect, it } from "vitest";

const src = resolve(import.meta.dirname, "../src");

/** Each folder imports only from itself and those before it. */
const order = [
  "notation",
  "primitives",
  "language",
  "ranges",
  "rewrite",
  "algebra",
  "calculus",
  "stability",
  "order",
  "patterns",
  "kernels",
  "targets",
  "verify",
  "webgpu",
  "torch",
  "runtime", // what generated code imports; nothing in src/ does
  "", // pipeline.ts and its neighbours
  "reading",
  "cli",
  "plugin",
];
/** Folders inside a folder, in their own order. What stands in the folder itself sees all of them. */
const orderWithin: Readonly<Record<string, readonly string[]>> = {
  reading: ["document", "latex", "terms", "context", "meaning", "gathering", "layers", "judging", "report"],
  targets: ["code", "document", "typescript", "wasm", "wgsl", "torch"],
};
/** Where more than the order is asked for. Types may be shared. */
const forbidden: readonly (readonly [string, string])[] = [
  ["verify", "kernels"],
  ["verify", "targets"],
  ["verify", "calculus"],
  ["verify", "algebra"],
  ["verify", "patterns"],
];

const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
const folderOf = (file: string): string => (file.includes(sep) ? file.slice(0, file.indexOf(sep)) : "");

/** What a file imports from `src/`, without imports of types alone; a generated file's own imports are no files here. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(src, file), "utf8");
  const imports = /^(?:import|export)\s(?!type\s)[^;]*?from "(\.[^"]+)"|\bimport\("(\.[^"]+)"\)/gmu;
  return [...text.matchAll(imports)]
    .map((match) =>
      relative(src, resolve(src, dirname(file), (match[1] ?? match[2])!)).replace(/\.js$/u, ".ts"),
    )
    .filter((other) => files.includes(other));
}

it("has files to look at, all of them in known folders", () => {
  expect(files.length).toBeGreaterThan(20);
  expect(files.map(folderOf).filter((folder) => !order.includes(folder))).toEqual([]);
});

it.each(files.filter((file) => folderOf(file) !== "" && !["cli", "plugin"].includes(folderOf(file))))(
  "%s imports one way",
  (file) => {
    const own = order.indexOf(folderOf(file));
    const wrong = importsOf(file).filter(
      (other) => order.indexOf(folderOf(other)) > own && other !== "version.ts",
    );
    expect(wrong).toEqual([]);
  },
);

it.each(
  Object.entries(orderWithin).flatMap(([folder, inner]) =>
    inner.map((name, place) => ({ folder, name, later: inner.slice(place + 1) })),
  ),
)("$folder/$name imports one way", ({ folder, name, later }) => {
  const own = files.filter((file) => file.startsWith(join(folder, name) + sep));
  expect(own).not.toEqual([]);
  const wrong = own.flatMap((file) =>
    importsOf(file)
      .filter(
        (other) =>
          folderOf(other) === folder &&
          (dirname(other) === folder || later.some((next) => other.startsWith(join(folder, next) + sep))),
      )
      .map((other) => `${file} → ${other}`),
  );
  expect(wrong).toEqual([]);
});

it.each(Object.entries(orderWithin))("%s has no other folders", (folder, inner) => {
  const found = files
    .filter((file) => folderOf(file) === folder && dirname(file) !== folder)
    .map((file) => file.split(sep)[1]!);
  expect([...new Set(found)].toSorted()).toEqual(inner.toSorted());
});

it.each(forbidden)("%s shares no code with %s", (from, to) => {
  const wrong = files
    .filter((file) => folderOf(file) === from)
    .flatMap((file) =>
      importsOf(file)
        .filter((other) => folderOf(other) === to)
        .map((other) => `${file} → ${other}`),
    );
  expect(wrong).toEqual([]);
});

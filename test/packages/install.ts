/** Both packages as `npm pack` makes them, installed into an empty project by npm, without a network. */
import { execFileSync } from "node:child_process";
import {
  cpSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export const root = join(import.meta.dirname, "../..");

export interface Project {
  readonly folder: string;
  /** The tarballs by package. */
  readonly tarballs: Readonly<Record<"leibniz" | "leibniz-layers", string>>;
  /** What the repository's folder holds after packing, and its package.json. */
  readonly packed: { readonly left: readonly string[]; readonly manifest: string };
  /** What npm said. */
  readonly said: string;
  write(name: string, text: string): void;
  /** What a program prints, run in the project. */
  run(command: string, ...arguments_: readonly string[]): string;
  remove(): void;
}

export function install(): Project {
  const folder = mkdtempSync(join(tmpdir(), "leibniz-project-"));
  const run = (command: string, ...arguments_: readonly string[]): string =>
    execFileSync(command, arguments_, {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
    });
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  const copy = copyOfRepository();
  const pack = (from: string): string =>
    join(folder, run("npm", "pack", "--silent", "--pack-destination", folder, from).trim());
  const tarballs = { leibniz: pack(copy), "leibniz-layers": pack(join(copy, "generated")) };
  const left = [...readdirSync(copy), ...readdirSync(join(copy, "generated"))];
  const manifest = readFileSync(join(copy, "package.json"), "utf8");
  rmSync(copy, { recursive: true });
  write("package.json", `{ "private": true, "type": "module" }`);
  // what they depend on comes from this repository's node_modules
  const flags = ["--offline", "--install-links", "--ignore-scripts", "--no-fund", "--no-audit"];
  const said = run(
    "sh",
    "-c",
    `npm install "$@" 2>&1`,
    "npm",
    ...flags,
    ...Object.values(tarballs),
    ...dependencies(),
  );
  return {
    folder,
    tarballs,
    packed: { left, manifest },
    said,
    write,
    run,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Packing changes files for a while that other tests read at the same time. */
function copyOfRepository(): string {
  const folder = mkdtempSync(join(tmpdir(), "leibniz-copy-"));
  for (const name of copied) cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  return folder;
}
const configurations = ["tsconfig.json", "tsconfig.build.json", "tsconfig.layers.json"];
const copied = [
  "package.json",
  "LICENSE",
  "README.md",
  "generated",
  "scripts",
  "specs",
  "src",
  ...configurations,
];

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** The folders of all that `leibniz` needs at run time, and of what that needs. */
function dependencies(): readonly string[] {
  const found = new Set<string>();
  const visit = (folder: string): void => {
    const { dependencies = {} } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
    for (const name of Object.keys(dependencies)) {
      const other = nearest(name, folder);
      if (found.has(other)) continue;
      found.add(other);
      visit(other);
    }
  };
  visit(root);
  return [...found];
}
function nearest(name: string, folder: string): string {
  const here = join(folder, "node_modules", name);
  if (lstatSync(here, { throwIfNoEntry: false })) return here;
  if (dirname(folder) === folder) throw new Error(`${name} is not installed`);
  return nearest(name, dirname(folder));
}

/** The bytes of all files below. */
export const bytesOf = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .reduce((sum, file) => sum + lstatSync(join(file.parentPath, file.name)).size, 0);

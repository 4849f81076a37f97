/** Both packages as `npm pack` makes them, installed into an empty project by npm, without a network. */
import { execFileSync } from "node:child_process";
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export const root = join(import.meta.dirname, "../..");

export interface Project {
  readonly folder: string;
  /** The tarballs by package. */
  readonly tarballs: Readonly<Record<"leibniz" | "leibniz-layers", string>>;
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
  const pack = (from: string): string =>
    join(folder, run("npm", "pack", "--silent", "--pack-destination", folder, from).trim());
  const tarballs = { leibniz: pack(root), "leibniz-layers": pack(join(root, "generated")) };
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
    said,
    write,
    run,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

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

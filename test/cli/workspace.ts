/** Temporary folders in which the built command runs as a user would run it. */
import { execFile, spawnSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { onTestFinished } from "vitest";

export const command = resolve(import.meta.dirname, "../../dist/leibniz.js");

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}
export interface Workspace {
  readonly folder: string;
  path(name: string): string;
  write(name: string, content: string | Uint8Array): void;
  read(name: string): string;
  exists(name: string): boolean;
  remove(name: string): void;
  /** All files below a folder with their contents, by path, and links as `-> target`; empty where there is no such folder. */
  tree(name: string): Record<string, string>;
  /** Runs the built command in the folder. */
  leibniz(...arguments_: string[]): Outcome;
  /** The same beside other work. */
  begin(...arguments_: string[]): Promise<Outcome>;
  /** The same with variables of the environment. */
  leibnizWith(variables: Readonly<Record<string, string>>, ...arguments_: string[]): Outcome;
  /** A folder of this one as the working folder. */
  in(name: string): Pick<Workspace, "leibniz">;
}

/** A new folder with these files, removed at the end of the test. */
export function workspace(files: Readonly<Record<string, string | Uint8Array>> = {}): Workspace {
  if (!existsSync(command)) throw new Error("there is no dist/leibniz.js: run `npm run prepare`");
  const folder = mkdtempSync(join(tmpdir(), "leibniz-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = (name: string): string => join(folder, name);
  const write = (name: string, content: string | Uint8Array): void => {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), content);
  };
  for (const [name, content] of Object.entries(files)) write(name, content);
  return {
    folder,
    path,
    write,
    read: (name) => readFileSync(path(name), "utf8"),
    exists: (name) => existsSync(path(name)),
    remove: (name) => rmSync(path(name), { recursive: true }),
    tree: (name) =>
      Object.fromEntries(filesBelow(path(name)).map((f) => [relative(path(name), f), contentOf(f)])),
    leibniz: (...arguments_) => run(folder, arguments_),
    begin: (...arguments_) => begin(folder, arguments_),
    leibnizWith: (variables, ...arguments_) => run(folder, arguments_, variables),
    in: (name) => ({ leibniz: (...arguments_) => run(path(name), arguments_) }),
  };
}

const { NO_COLOR: _, FORCE_COLOR: __, ...ownEnvironment } = process.env;
const limit = { encoding: "utf8", timeout: 60_000 } as const;

function begin(folder: string, arguments_: readonly string[]): Promise<Outcome> {
  const options = { ...limit, cwd: folder, env: ownEnvironment };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [command, ...arguments_], options, (_, stdout, stderr) =>
      resolve({ status: child.exitCode, stdout, stderr }),
    );
  });
}

function run(
  folder: string,
  arguments_: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...arguments_], {
    ...limit,
    cwd: folder,
    env: { ...ownEnvironment, ...variables },
  });
  return { status, stdout, stderr };
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) =>
      entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)],
    )
    .sort();
}

const contentOf = (path: string): string =>
  lstatSync(path).isSymbolicLink() ? `-> ${readlinkSync(path)}` : readFileSync(path, "utf8");

export const linear = `# A linear layer.
input  x[N, C]
weight w[C, K]
weight b[K]
output z[N, K]

z[n,k] = sum[c](x[n,c] * w[c,k]) + b[k]

check N = 2, C = 3, K = 4
`;
export const scale = `# Multiplication by a constant.
param  s = 2
input  x[N]
output y[N]
y[i] = s * x[i]
variant halve: s = 0.5
`;

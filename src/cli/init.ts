/**
 * `leibniz init`: what a project needs to build layers, as far as it is not there. What is there stays as it is: files are made only
 * where there are none, and package.json gets entries that it lacks.
 */
import { existsSync, statSync } from "node:fs";
import { mkdir, readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, join, relative, resolve } from "node:path";
import { glob } from "tinyglobby";
import { version } from "../version.js";
import { configNames } from "./config.js";
import { status, UsageError, type Status } from "./failure.js";
import { plural, type Terminal } from "./terminal.js";

/** What became of a file, and why it was left where it was. */
interface Told {
  readonly what: "made" | "changed" | "left";
  readonly name: string;
  readonly why?: string;
}
const scripts = { layers: "leibniz build", "layers:check": "leibniz check" };

/**
 * @param named the project's folder, made where it is not there; the working folder where none is named
 * @throws UsageError where it is no folder
 */
export async function init(named: string | undefined, working: string, terminal: Terminal): Promise<Status> {
  const folder = resolve(working, named ?? ".");
  if (existsSync(folder) && !statSync(folder).isDirectory())
    throw new UsageError(`${named ?? folder} is a file, and a project is a folder`);
  await mkdir(folder, { recursive: true });
  const project = await readProject(folder);
  const told = [
    await layerFile(folder),
    await configFile(folder, project),
    await packageFile(folder, project),
  ];
  for (const { what, name, why } of told) {
    const { green, yellow } = terminal.color;
    terminal.out(
      `${what === "left" ? yellow(what) : green(what)} ${name}${why === undefined ? "" : `: ${why}`}`,
    );
  }
  const steps = [
    ...(relative(working, folder) === "" ? [] : [`cd ${relative(working, folder)}`]),
    ...(isInstalled(folder) ? [] : ["npm install"]),
    "npx leibniz check",
    "npx leibniz build",
  ];
  terminal.out(`\nnext:\n${steps.map((step) => `  ${step}`).join("\n")}`);
  return status.good;
}

/** What package.json says; undefined where there is none, and why where it is no JSON object. */
interface Project {
  readonly text: string | undefined;
  readonly content: Readonly<Record<string, unknown>> | undefined;
  readonly typescript: boolean;
}
async function readProject(folder: string): Promise<Project> {
  const path = join(folder, "package.json");
  const text = existsSync(path) ? await readFile(path, "utf8") : undefined;
  const content = text === undefined ? {} : objectIn(text);
  const has = (key: string): boolean => "typescript" in entriesOf(content ?? {}, key);
  const typescript =
    existsSync(join(folder, "tsconfig.json")) || has("dependencies") || has("devDependencies");
  return { text, content, typescript };
}
function objectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ""));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}
const entriesOf = (
  content: Readonly<Record<string, unknown>>,
  key: string,
): Readonly<Record<string, unknown>> => {
  const entries = content[key];
  return typeof entries === "object" && entries !== null
    ? (entries as Readonly<Record<string, unknown>>)
    : {};
};
const isInstalled = (folder: string): boolean => {
  try {
    createRequire(join(folder, "package.json")).resolve("leibniz/package.json");
    return true;
  } catch (error) {
    // installed, though the file is not among the package's exports
    return (error as NodeJS.ErrnoException).code === "ERR_PACKAGE_PATH_NOT_EXPORTED";
  }
};

/** Writes a file where there is none: not over a file, and not through a link. */
async function make(folder: string, name: string, text: string): Promise<Told> {
  await mkdir(resolve(folder, name, ".."), { recursive: true });
  try {
    await writeFile(join(folder, name), text, { flag: "wx" });
    return { what: "made", name };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return { what: "left", name, why: "it is there already" };
  }
}

async function layerFile(folder: string): Promise<Told> {
  const specs = join(folder, "specs");
  const found =
    existsSync(specs) && statSync(specs).isDirectory() ? await glob("**/*.layer", { cwd: specs }) : [];
  if (found.length > 0)
    return { what: "left", name: "specs/", why: `it holds ${plural(found.length, "layer")}` };
  return make(folder, "specs/dense.layer", firstLayer);
}
const firstLayer = `# A fully connected layer with a rectifier: N vectors of C numbers to N of K.

input  x[N, C]
weight w[C, K]
weight b[K]
output y[N, K]

y[n,k] = relu(sum[c](x[n,c] * w[c,k]) + b[k])

check N = 2, C = 3, K = 4
`;

/** A project in TypeScript gets TypeScript, any other one what Node runs as it stands. */
async function configFile(folder: string, { typescript, text, content }: Project): Promise<Told> {
  const known = configNames.find((name) => existsSync(join(folder, name)));
  if (known !== undefined) return { what: "left", name: known, why: "it is there already" };
  const modules = text === undefined || content?.["type"] === "module";
  const name = typescript ? "leibniz.config.ts" : modules ? "leibniz.config.js" : "leibniz.config.mjs";
  const settings = `{ specs: ["specs"], out: "generated"${typescript ? "" : ", js: true"} }`;
  return make(
    folder,
    name,
    `import { defineConfig } from "leibniz";\n\nexport default defineConfig(${settings});\n`,
  );
}

async function packageFile(folder: string, { text, content }: Project): Promise<Told> {
  const name = "package.json";
  if (!content) return { what: "left", name, why: "it is no JSON object" };
  const lacking = Object.entries(scripts).filter(([key]) => !(key in entriesOf(content, "scripts")));
  const depends = ["dependencies", "devDependencies", "peerDependencies"].some(
    (k) => "leibniz" in entriesOf(content, k),
  );
  const own = content["name"] === "leibniz";
  if (lacking.length === 0 && (depends || own)) return { what: "left", name, why: "it has all entries" };
  const entries = {
    ...(lacking.length > 0 && {
      scripts: { ...entriesOf(content, "scripts"), ...Object.fromEntries(lacking) },
    }),
    ...(!depends &&
      !own && { devDependencies: { ...entriesOf(content, "devDependencies"), leibniz: `^${version}` } }),
  };
  const added = [
    ...lacking.map(([key]) => `the script ${key}`),
    ...(depends || own ? [] : ["the dependency leibniz"]),
  ];
  if (text === undefined) {
    const fresh = { name: packageName(folder), private: true, type: "module", ...entries };
    return make(folder, name, `${JSON.stringify(fresh, null, 2)}\n`);
  }
  // laid out as npm does it, in the indentation that is there, and whole at every moment
  const indent = /^\{\s*?\n?([ \t]+)"/.exec(text)?.[1] ?? 2;
  const changed = JSON.stringify({ ...content, ...entries }, null, indent);
  const ending = text.includes("\r\n") ? "\r\n" : "\n";
  const path = await realpath(join(folder, name));
  const staged = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(staged, changed.replaceAll("\n", ending) + (text.endsWith("\n") ? ending : ""), {
      flag: "wx",
    });
    await rename(staged, path);
  } finally {
    await rm(staged, { force: true });
  }
  return { what: "changed", name, why: added.join(", ") };
}
/** The folder's name as far as a package may be called so. */
const packageName = (folder: string): string =>
  basename(folder)
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, "-")
    .replace(/^[._-]+/, "") || "layers";

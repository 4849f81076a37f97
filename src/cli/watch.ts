/** `leibniz build --watch`: builds again when a spec or the configuration changes. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { watch as watchFiles, type FSWatcher } from "chokidar";
import { configNames } from "./config.js";
import { status, type Status } from "./failure.js";
import { manifestPath } from "./output/manifest.js";
import type { Terminal } from "./terminal.js";

/** A build that is about to be made. */
export interface Prepared {
  /** Files and folders to watch. They need not be there. */
  readonly paths: readonly string[];
  readonly out: string;
  readonly build: () => Promise<Status>;
}

/**
 * Builds now and after each change until the process is interrupted. Files are watched by the system, which forgets a folder
 * that is lost; whether the folders, the configuration and the output are still those of the last build is looked at besides.
 * @param folder of the configuration
 */
export async function watch(
  folder: string,
  prepare: () => Promise<Prepared>,
  terminal: Terminal,
): Promise<Status> {
  let last: Status = status.good;
  let watcher: FSWatcher | undefined;
  let prepared = await prepare();
  let seen = { inputs: "", output: "" };
  let running = false;
  let again = false;
  const rebuild = async (): Promise<void> => {
    again = true;
    if (running) return;
    running = true;
    while (again) {
      again = false;
      prepared = await prepare();
      const { inputs } = identities(folder, prepared);
      if (inputs !== seen.inputs) {
        // before the build, so that what changes meanwhile is noticed
        await watcher?.close();
        watcher = await watcherOf(prepared.paths, terminal, () => void rebuild());
      }
      last = await prepared.build();
      seen = { inputs, output: identities(folder, prepared).output };
    }
    running = false;
  };
  await rebuild();
  const timer = setInterval(() => {
    const now = identities(folder, prepared);
    if (!running && (now.inputs !== seen.inputs || now.output !== seen.output)) void rebuild();
  }, 300);
  terminal.error("watching for changes; stop with Ctrl+C");
  await new Promise<void>((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
  clearInterval(timer);
  await watcher?.close();
  return last;
}

async function watcherOf(
  paths: readonly string[],
  terminal: Terminal,
  changed: () => void,
): Promise<FSWatcher> {
  const watcher = watchFiles([...paths], {
    ignoreInitial: true,
    // an editor may write in several steps
    awaitWriteFinish: { stabilityThreshold: 100, pollInterval: 20 },
    ignored: (path, stats) => stats?.isFile() === true && !path.endsWith(".layer"),
  });
  watcher.on("all", changed);
  watcher.on("error", (error) =>
    terminal.error(`watching fails: ${error instanceof Error ? error.message : String(error)}`),
  );
  await new Promise<void>((resolve) => void watcher.once("ready", resolve));
  return watcher;
}

/** What tells a watched folder from another that took its place, and a configuration from the one before. */
function identities(
  folder: string,
  { paths, out }: Prepared,
): { readonly inputs: string; readonly output: string } {
  const of = (
    path: string,
    tell: (stats: { dev: number; ino: number; mtimeMs: number }) => string,
  ): string => {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats ? tell(stats) : "-";
  };
  const configs = configNames.map((name) =>
    of(join(folder, name), ({ ino, mtimeMs }) => `${ino}:${mtimeMs}`),
  );
  // a spec that is watched by itself may be replaced by its editor at any save: that it is there is enough
  const roots = paths.map((path) =>
    path.endsWith(".layer") ? of(path, () => "+") : of(path, ({ dev, ino }) => `${dev}:${ino}`),
  );
  return {
    inputs: [...configs, ...paths, ...roots].join("\n"),
    output: of(join(out, manifestPath), () => "+"),
  };
}

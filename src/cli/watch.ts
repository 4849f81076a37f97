/** `leibniz build --watch`: builds again when a spec or the configuration changes. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { watch as watchFiles, type FSWatcher } from "chokidar";
import { configNames } from "./config.js";
import type { Status } from "./failure.js";
import { manifestPath } from "./output/manifest.js";
import type { Terminal } from "./terminal.js";

/** What a build was made from and where it went, also where it failed. */
export interface Attempt {
  readonly outcome: Status;
  /** Files and folders to watch. They need not be there. */
  readonly paths: readonly string[];
  readonly out: string;
}

/**
 * Builds now and after each change until the process is interrupted. Files are watched by the system, which forgets a folder
 * that is lost; whether the folders, the configuration and the output are still those of the last build is looked at besides.
 * @param folder of the configuration
 */
export async function watch(
  folder: string,
  build: () => Promise<Attempt>,
  terminal: Terminal,
): Promise<Status> {
  let last = await build();
  let watcher = await watcherOf(last.paths, terminal, () => void rebuild());
  let seen = identities(folder, last);
  let running = false;
  let again = false;
  const rebuild = async (): Promise<void> => {
    again = true;
    if (running) return;
    running = true;
    while (again) {
      again = false;
      const before = identities(folder, last);
      last = await build();
      if (before.inputs !== seen.inputs || !sameList(last.paths, watched)) {
        await watcher.close();
        watcher = await watcherOf(last.paths, terminal, () => void rebuild());
        watched = last.paths;
      }
      seen = { inputs: before.inputs, output: identities(folder, last).output };
    }
    running = false;
  };
  let watched = last.paths;
  const timer = setInterval(() => {
    const now = identities(folder, last);
    if (!running && (now.inputs !== seen.inputs || now.output !== seen.output)) void rebuild();
  }, 300);
  terminal.error("watching for changes; stop with Ctrl+C");
  await new Promise<void>((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
  clearInterval(timer);
  await watcher.close();
  return last.outcome;
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
  { paths, out }: Attempt,
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
  return { inputs: [...configs, ...roots].join(" "), output: of(join(out, manifestPath), () => "+") };
}

const sameList = (a: readonly string[], b: readonly string[]): boolean => a.join("\n") === b.join("\n");

/** `leibniz build --watch`: builds again when a spec changes. */
import { watch as watchFiles } from "chokidar";
import type { Status } from "./failure.js";
import type { Terminal } from "./terminal.js";

/**
 * Runs `build` now and after each change until the process is interrupted.
 * @param paths files and folders to watch
 */
export async function watch(
  paths: readonly string[],
  build: () => Promise<Status>,
  terminal: Terminal,
): Promise<Status> {
  let last = await build();
  let running = false;
  let again = false;
  const rebuild = async (): Promise<void> => {
    again = true;
    if (running) return;
    running = true;
    while (again) {
      again = false;
      last = await build();
    }
    running = false;
  };
  const watcher = watchFiles([...paths], {
    ignoreInitial: true,
    // an editor may write in several steps
    awaitWriteFinish: { stabilityThreshold: 100, pollInterval: 20 },
    ignored: (path, stats) => stats?.isFile() === true && !path.endsWith(".layer"),
  });
  watcher.on("all", () => void rebuild());
  await new Promise<void>((resolve) => void watcher.once("ready", resolve));
  terminal.error("watching for changes; stop with Ctrl+C");
  await new Promise<void>((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
  await watcher.close();
  return last;
}

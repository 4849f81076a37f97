/** The standard layers' texts by name, as the compiler has them inside. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

const folder = join(import.meta.dirname, "../specs");

export const standardLayers = () =>
  Object.fromEntries(
    readdirSync(folder)
      .filter((file) => file.endsWith(".layer"))
      .sort()
      .map((file) => [basename(file, ".layer"), readFileSync(join(folder, file), "utf8")]),
  );

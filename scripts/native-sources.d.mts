import type { Plugin } from "vite";

/** The sources as modules of Node's own, and a plugin of vitest that sends imports of `src/` to them. */
export function nativeSources(root: string, define: Readonly<Record<string, string>>): Promise<Plugin>;

/** A module by its URL. In the bundle, a script that cannot import, the loader does it (scripts/bundle/parts.mjs). */
export const importModule = (url: string): Promise<unknown> =>
  import(/* @vite-ignore */ /* webpackIgnore: true */ url);

/** Generated code without files: imported as it stands. */

/**
 * The export of a generated `index.ts`. Its types are stripped, and the module is imported from a data: URL.
 * @throws Error where the module has no such export
 */
export async function loadPlan(typescript: string, exportName: string): Promise<unknown> {
  const { moduleUrlOf } = await import("./url.js");
  const url = moduleUrlOf(typescript);
  const module: Readonly<Record<string, unknown>> = await import(
    /* @vite-ignore */ /* webpackIgnore: true */ url
  );
  if (!Object.hasOwn(module, exportName)) throw new Error(`the generated module exports no ${exportName}`);
  return module[exportName];
}

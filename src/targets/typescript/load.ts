/** Generated code without files: imported as it stands. */
import { importModule } from "../code/import-module.js";

/**
 * The export of a generated `index.ts`. Its types are stripped, and the module is imported from a data: URL.
 * @throws Error where the module has no such export
 */
export async function loadPlan(typescript: string, exportName: string): Promise<unknown> {
  const { moduleUrlOf } = await import("./url.js");
  const url = moduleUrlOf(typescript);
  const module = (await importModule(url)) as Readonly<Record<string, unknown>>;
  if (!Object.hasOwn(module, exportName)) throw new Error(`the generated module exports no ${exportName}`);
  return module[exportName];
}

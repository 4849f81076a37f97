/** Generated TypeScript as JavaScript with declarations. */
import { format } from "./format.js";
import { ts } from "ts-morph";

const compilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  declaration: true,
  isolatedDeclarations: true,
};

/** The types taken out; not formatted. */
export const stripTypes = (typescript: string): string =>
  ts.transpileModule(typescript, { compilerOptions }).outputText;

/** The text of a generated `.ts` file as `.js` and `.d.ts`, both under its header. */
export async function emitJavaScript(typescript: string): Promise<{ js: string; dts: string }> {
  const header = /^\/\/.*\n/.exec(typescript)?.[0] ?? "";
  const body = typescript.slice(header.length);
  const declarations = ts.transpileDeclaration(body, { compilerOptions }).outputText;
  const [js, dts] = await Promise.all([
    format(stripTypes(body), { parser: "babel", printWidth: 100 }),
    format(declarations, { parser: "babel-ts", printWidth: 100 }),
  ]);
  return { js: `${header}\n${js}`, dts: `${header}\n${dts}` };
}

/**
 * What generated files have of source files: `src/runtime/` is `generated/runtime.ts`, `src/runtime/machinery/` stands in each
 * `index.ts`. Read as declarations, which are put together and laid out here, once, when the compiler is bundled.
 */
import { readFileSync } from "node:fs";
import { format } from "prettier";
import { ts } from "ts-morph";

/** In the order in which they need each other. */
const files = ["device.ts", "description.ts", "buffers.ts", "finish.ts", "steps.ts", "plan.ts"];

/** How generated code is laid out (`lineWidth` of `targets/typescript/format.ts`). */
const laidOut = (text) => format(text, { parser: "babel-ts", printWidth: 100 });

export async function generatedSources() {
  const [plans, calls, heap, memory, threads, checks, arrays] = [
    "plans",
    "calls",
    "heap",
    "memory",
    "threads",
    "checks",
    "arrays",
  ].map((name) => declarations(`machinery/${name}.ts`));
  return {
    runtime: await runtime(plans, arrays),
    machinery: {
      names: [...plans, ...calls].map(({ name }) => name),
      text: await laidOut(textOf([...plans, ...calls])),
    },
    heap: { names: heap.map(({ name }) => name), text: await laidOut(textOf(heap)) },
    memory: {
      names: [...memory, ...threads].map(({ name }) => name),
      text: await laidOut(textOf([...memory, ...threads])),
    },
    checks: Object.fromEntries(
      await Promise.all(checks.map(async (check) => [check.name, await laidOut(textOf([check]))])),
    ),
  };
}

/** The checks of `index.ts`, which has them of one layer, as a function of the layer. */
async function runtime(plans, arrays) {
  const isType = ({ kind }) => kind === "type" || kind === "interface";
  const exported = ({ before, text }) => `${before}export ${text}`;
  const own = files.flatMap((file) => [
    `\n${commentOf(source(file))}`,
    ...declarations(file).map((d) => (d.exported ? exported(d) : d.before + d.text)),
    "\n",
  ]);
  const all = [...plans, ...arrays];
  const checks = `
export function checksOf(layerName: string, tensorNames: ReadonlySet<string>): LayerChecks {
${textOf(all.filter((d) => !isType(d)))}
  return { readSettings, tensor, byName, checkArrays, askedGradients };
}`;
  return laidOut([...own, ...all.filter(isType).map(exported), checks].join(""));
}

const textOf = (declared) => declared.map(({ before, text }) => before + text).join("");

const source = (file) =>
  ts.createSourceFile(
    file,
    readFileSync(new URL(`../src/runtime/${file}`, import.meta.url), "utf8"),
    ts.ScriptTarget.ES2022,
  );
const declarations = (file) => read(source(file));

const kinds = new Map([
  [ts.SyntaxKind.TypeAliasDeclaration, "type"],
  [ts.SyntaxKind.InterfaceDeclaration, "interface"],
  [ts.SyntaxKind.FunctionDeclaration, "function"],
  [ts.SyntaxKind.VariableStatement, "const"],
]);
/** What a file declares. Imports, and what it only says that there is, stand elsewhere in the file that comes of it. */
function read(file) {
  const text = file.getFullText();
  return file.statements.flatMap((node) => {
    const modifiers = node.modifiers?.map(({ kind }) => kind) ?? [];
    if (ts.isImportDeclaration(node) || modifiers.includes(ts.SyntaxKind.DeclareKeyword)) return [];
    const kind = kinds.get(node.kind);
    if (kind === undefined) throw new Error(`${file.fileName}: ${node.getText(file)} is no declaration`);
    const exported = node.modifiers?.find((m) => m.kind === ts.SyntaxKind.ExportKeyword);
    const name = (node.name ?? node.declarationList.declarations[0].name).text;
    return {
      name,
      kind,
      exported: exported !== undefined,
      /** Its comment, and white space. */
      before: text.slice(node.getFullStart(), node.getStart(file)),
      text: text.slice(exported ? exported.end + 1 : node.getStart(file), node.end),
    };
  });
}
/** The comment that a file begins with, where that is not the comment of what it first declares. */
function commentOf(file) {
  const text = file.getFullText();
  const [first] = ts.getLeadingCommentRanges(text, 0) ?? [];
  return first && ts.isImportDeclaration(file.statements[0]) ? text.slice(first.pos, first.end) : "";
}

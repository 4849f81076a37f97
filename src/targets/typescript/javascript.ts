/** Generated TypeScript as JavaScript with declarations. */
import { declarationText, type Declarations, type Declared } from "./declarations.js";
import { format } from "./format.js";
import { ts } from "ts-morph";

const compilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  declaration: true,
  isolatedDeclarations: true,
};

/**
 * The types taken out, and nothing else changed: TypeScript's own emitter takes several times as long. For code without
 * what TypeScript adds to a program at run time (`enum`, `namespace`, parameter properties), as generated code is.
 */
export function stripTypes(typescript: string): string {
  const types: Stretch[] = [];
  const visit = (node: ts.Node): void => {
    if (isTypeOnly(node)) types.push([node.getStart(file), node.end]);
    else {
      for (const stretch of typesOf(node, typescript)) types.push(stretch);
      ts.forEachChild(node, (child) => (ts.isTypeNode(child) ? undefined : visit(child)));
    }
  };
  const file = ts.createSourceFile("generated.ts", typescript, ts.ScriptTarget.ES2022);
  visit(file);
  let [kept, from] = ["", 0];
  for (const [start, end] of types.toSorted(([a], [b]) => a - b)) {
    kept += typescript.slice(from, start);
    from = end;
  }
  return kept + typescript.slice(from);
}

type Stretch = readonly [start: number, end: number];

/** Where a node may say types: `value as Type`, `value!`, `f<T>(…)`, `name?: Type`. */
function typesOf(node: ts.Node, text: string): readonly Stretch[] {
  if (ts.isNonNullExpression(node)) return [[node.end - 1, node.end]];
  if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node)) return [[node.expression.end, node.end]];
  if (ts.isNamedImports(node) || ts.isNamedExports(node)) return typesAmong(node.elements);
  if (!typed.has(node.kind)) return none;
  const { questionToken, exclamationToken, type, typeArguments, typeParameters } = node as ts.Node & Said;
  const lists = [typeArguments, typeParameters].flatMap((list): readonly Stretch[] =>
    list ? [[list.pos - 1, text.indexOf(">", list.end) + 1]] : [],
  );
  if (!type) return lists;
  // the colon stands right before the type and its space
  const mark = questionToken ?? exclamationToken;
  return [...lists, [mark ? mark.end - 1 : type.pos - 1, type.end]];
}
const none: readonly Stretch[] = [];
/** What may have a type of its own, or be given types. */
const typed: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.VariableDeclaration,
  ts.SyntaxKind.Parameter,
  ts.SyntaxKind.PropertyDeclaration,
  ts.SyntaxKind.FunctionDeclaration,
  ts.SyntaxKind.FunctionExpression,
  ts.SyntaxKind.ArrowFunction,
  ts.SyntaxKind.MethodDeclaration,
  ts.SyntaxKind.GetAccessor,
  ts.SyntaxKind.SetAccessor,
  ts.SyntaxKind.ClassDeclaration,
  ts.SyntaxKind.ClassExpression,
  ts.SyntaxKind.ExpressionWithTypeArguments,
  ts.SyntaxKind.CallExpression,
  ts.SyntaxKind.NewExpression,
  ts.SyntaxKind.TaggedTemplateExpression,
]);
/** Names with the word `type` before them, each with the comma that divides it from the next. */
const typesAmong = (names: ts.NodeArray<ts.ImportSpecifier | ts.ExportSpecifier>): readonly Stretch[] =>
  names.flatMap((name, i): readonly Stretch[] =>
    name.isTypeOnly ? [[name.pos, names[i + 1]?.pos ?? names.end]] : [],
  );
interface Said {
  readonly questionToken?: ts.Node;
  readonly exclamationToken?: ts.Node;
  readonly type?: ts.Node;
  readonly typeArguments?: ts.NodeArray<ts.Node>;
  readonly typeParameters?: ts.NodeArray<ts.Node>;
}

function isTypeOnly(node: ts.Node): boolean {
  switch (node.kind) {
    case ts.SyntaxKind.InterfaceDeclaration:
    case ts.SyntaxKind.TypeAliasDeclaration:
      return true;
    case ts.SyntaxKind.FunctionDeclaration:
      return !(node as ts.FunctionDeclaration).body;
    case ts.SyntaxKind.ImportDeclaration:
      return (node as ts.ImportDeclaration).importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
    case ts.SyntaxKind.ExportDeclaration:
      return (node as ts.ExportDeclaration).isTypeOnly;
    default:
      return false;
  }
}

/** What a generated `.ts` file declares. */
export function declarationsOf(typescript: string): Declarations {
  const [, body] = atHeader(typescript);
  const text = ts.transpileDeclaration(body, { compilerOptions }).outputText;
  const file = ts.createSourceFile("generated.d.ts", text, ts.ScriptTarget.ES2022);
  const [imports, declared]: [string[], Declared[]] = [[], []];
  for (const node of file.statements) {
    if (ts.isImportDeclaration(node)) {
      imports.push(node.getText(file));
      continue;
    }
    const modifiers = (ts.canHaveModifiers(node) ? ts.getModifiers(node) : undefined) ?? [];
    const said = modifiers.filter(
      ({ kind }) => kind === ts.SyntaxKind.ExportKeyword || kind === ts.SyntaxKind.DeclareKeyword,
    );
    const start = said.at(-1)?.end ?? node.getStart(file);
    declared.push({
      comment: text.slice(node.getFullStart(), node.getStart(file)).trim(),
      exported: said.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword),
      ofTypes:
        ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) || ts.isExportDeclaration(node),
      text: text.slice(start, node.end).trim(),
    });
  }
  return { imports, declared };
}
/** The first line of a generated file, and what is below. */
function atHeader(typescript: string): readonly [header: string, body: string] {
  const end = typescript.startsWith("//") ? typescript.indexOf("\n") + 1 : 0;
  return [typescript.slice(0, end), typescript.slice(end)];
}

/** The text of a generated `.ts` file as `.js` and `.d.ts`, both under its header and formatted. */
export async function emitJavaScript(typescript: string): Promise<{ js: string; dts: string }> {
  const [header, body] = atHeader(typescript);
  const [js, dts] = await Promise.all([
    format(stripTypes(body), { parser: "babel", printWidth: 100 }),
    format(declarationText(declarationsOf(body)), { parser: "babel-ts", printWidth: 100 }),
  ]);
  return { js: `${header}\n${js}`, dts: `${header}\n${dts}` };
}

/** A layer's text as JavaScript modules and declarations. */
import { describeCounterexample } from "../cli/failures.js";
import { LayerError, type Source } from "../language/problem.js";
import type { Shelf } from "../library.js";
import { compileText, emit } from "../pipeline.js";
import { headerLine, specHash } from "../targets/code/header.js";
import type { Declarations } from "../targets/typescript/declarations.js";
import { declarationsOf, stripTypes } from "../targets/typescript/javascript.js";
import { judgeClaims } from "../verdicts.js";
import { version } from "../version.js";
import { runtimeName, targetOf, type TargetWord } from "./request.js";

/** Plain data: it is kept on disk. */
export interface LayerModules {
  readonly layer: string;
  /** The first line of what is written. */
  readonly header: string;
  /** The layer's own, then its variants'. */
  readonly modules: readonly { readonly name: string; readonly js: string; readonly types: Declarations }[];
}

/**
 * @param source its file is what messages and headers call the text
 * @param uses the layers that it calls
 * @throws LayerError that lists every problem, or the claims that are refuted
 */
export async function modulesOf(
  { file, text }: Source,
  word: TargetWord,
  { shelf, used }: { readonly shelf: Shelf; readonly used: readonly Source[] },
): Promise<LayerModules> {
  const compiled = compileText(text, file, { shelf });
  const refuted = judgeClaims(compiled, { file, text }).filter(({ verdict }) => verdict === "refuted");
  if (refuted.length > 0)
    throw new LayerError(
      refuted.map((claim) => ({
        code: "refuted-claim",
        message: `the claim for ${claim.tensor} is refuted ${describeCounterexample(claim)}`,
        span: lineSpan(text, claim.line),
      })),
      { file, text },
    );
  const { target, file: part } = targetOf(word);
  const header = { spec: file, hash: specHash(text, used), version };
  const folders = await emit(compiled, header, [target], { runtime: runtimeName });
  const modules = folders.map(({ name, files }) => {
    const typescript = files[part] ?? "";
    return { name, js: stripTypes(typescript), types: declarationsOf(typescript) };
  });
  return { layer: compiled.layer.name, header: `// ${headerLine(header)}\n`, modules };
}

/** Where a line stands, counted from 1, without the blanks before it. */
function lineSpan(text: string, line: number): { readonly start: number; readonly end: number } {
  const lines = text.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, before) => sum + before.length + 1, 0);
  const own = lines[line - 1]?.trimEnd() ?? "";
  return { start: start + own.length - own.trimStart().length, end: start + own.length };
}

/** The module that an import of the layer itself gives: its own exports, and those of its variants. */
export const faceOf = (
  { modules: [own, ...variants] }: LayerModules,
  request: (name: string) => string,
): string =>
  [own?.js ?? "", ...variants.map(({ name }) => `export * from ${JSON.stringify(request(name))};\n`)].join(
    "\n",
  );

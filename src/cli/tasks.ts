/** The work on one spec, as plain data in and out, so that it can be done in another thread. */
import { readFile } from "node:fs/promises";
import { LayerError, originsOf, positionOf, renderProblems, type Source } from "../language/problem.js";
import { textsUsed } from "../library.js";
import { compileText, dump, emit, type Compiled, type Made } from "../pipeline.js";
import { specHash } from "../targets/code/header.js";
import type { TargetName } from "../targets/names.js";
import { version } from "../version.js";
import { shelfBeside, type NamedFile } from "./shelf.js";
import { reasonOf } from "./system.js";
import { plural, type Terminal } from "./terminal.js";
import { judgeClaims, verify, type Claim, type Row, type VerifyOptions } from "../verdicts.js";

/** A spec file: where it lies, what messages call it and what headers call it. */
export interface SpecFile extends NamedFile {
  readonly spec: string;
}
export type Task = {
  readonly spec: SpecFile;
  /** The project's specs, among which layers that the spec calls are found. */
  readonly project: readonly NamedFile[];
  readonly color: boolean;
} & (
  | {
      readonly kind: "build";
      readonly js: boolean;
      readonly shaders: boolean;
      readonly targets: readonly TargetName[];
      /** The pass after which the layer is to be shown. */
      readonly dumpAfter?: string | undefined;
    }
  | { readonly kind: "check"; readonly options: VerifyOptions }
);

/** A layer's or a variant's folder: contents by file name. */
export interface LayerFolder {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
}

/** A problem as `--json` reports it. Lines and columns count from 1. */
export interface ProblemReport {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  /** Where it arises in layers that are called, outermost first. */
  readonly origins?: readonly { readonly file: string; readonly line: number; readonly column: number }[];
}
export interface Result {
  readonly spec: SpecFile;
  readonly problems: readonly ProblemReport[];
  /** The problems with code frames, for people. Empty where there are none. */
  readonly rendered: string;
  /** The layer's name; absent where the spec has problems. */
  readonly layer?: string;
  readonly folders: readonly LayerFolder[];
  readonly claims: readonly Claim[];
  readonly rows: readonly Row[];
  /** What the pass made of the layer, where that was asked for. */
  readonly dumped?: string;
}

/** Never throws: what is wrong with the spec, or a fault of the compiler met on it, is in the result. */
export async function runTask(task: Task): Promise<Result> {
  const { spec } = task;
  try {
    let dumped: string | undefined;
    const source = await sourceOf(spec);
    const after = task.kind === "build" ? task.dumpAfter : undefined;
    const watch = (pass: string, made: Made): void => {
      if (pass === after) dumped = dump(made);
    };
    const shelf = shelfBeside(spec, task.project);
    const compiled = compileText(source.text, spec.file, { watch, shelf: shelf.find });
    const common = { spec, problems: [], rendered: "", layer: compiled.layer.name };
    if (task.kind === "build") {
      const hash = specHash(source.text, textsUsed(source, shelf.find));
      const folders = await foldersOf(compiled, hash, spec, task);
      return {
        ...common,
        folders,
        claims: judgeClaims(compiled, source),
        rows: [],
        ...(dumped !== undefined && { dumped }),
      };
    }
    return { ...common, folders: [], ...(await verify(compiled, source, task.options)) };
  } catch (error) {
    const problems = { spec, folders: [], claims: [], rows: [] };
    const report = error instanceof LayerError ? error : faultOf(error, spec);
    return { ...problems, ...reportOf(report, task.color) };
  }
}

/** @throws LayerError when the file cannot be read */
export async function sourceOf(spec: SpecFile): Promise<Source> {
  let text: string;
  try {
    text = await readFile(spec.path, "utf8");
  } catch (error) {
    throw new LayerError(
      [
        {
          code: "unreadable-file",
          message: `the file cannot be read: ${reasonOf(error)}`,
          span: { start: 0, end: 0 },
        },
      ],
      { file: spec.file, text: "" },
    );
  }
  return { file: spec.file, text };
}

/** A fault of the compiler's own as a problem of the spec on which it showed. `LEIBNIZ_DEBUG` tells where it lies. */
function faultOf(error: unknown, { file }: SpecFile): LayerError {
  const text = error instanceof Error ? error.message : String(error);
  const where = process.env["LEIBNIZ_DEBUG"] && error instanceof Error ? `\n${error.stack ?? ""}` : "";
  const message = `a fault of the compiler itself: ${text}${where}`;
  return new LayerError([{ code: "compiler-fault", message, span: { start: 0, end: 0 } }], {
    file,
    text: "",
  });
}

async function foldersOf(
  compiled: Compiled,
  hash: string,
  spec: SpecFile,
  { js, shaders, targets }: Extract<Task, { readonly kind: "build" }>,
): Promise<readonly LayerFolder[]> {
  const header = { spec: spec.spec, hash, version };
  const folders = await emit(compiled, header, targets, { shaders, derivation: true });
  return Promise.all(
    folders.map(async ({ name, files }) => ({ name, files: js ? await withoutTypes(files) : files })),
  );
}

/** Each `name.ts` as `name.js` and `name.d.ts`. */
export async function withoutTypes(files: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  const { emitJavaScript } = await import("../targets/typescript/javascript.js");
  const result: Record<string, string> = {};
  for (const [name, content] of Object.entries(files)) {
    if (!name.endsWith(".ts")) {
      result[name] = content;
      continue;
    }
    const { js, dts } = await emitJavaScript(content);
    result[name.replace(/\.ts$/u, ".js")] = js;
    result[name.replace(/\.ts$/u, ".d.ts")] = dts;
  }
  return result;
}

/** The problems of a text for `--json` and for people. */
export function reportOf(
  { problems, source }: LayerError,
  color: boolean,
): { readonly problems: ProblemReport[]; readonly rendered: string } {
  return {
    problems: problems.map(({ code, message, span, hint }) => ({
      file: source.file,
      ...positionOf(source.text, span.start),
      code,
      message,
      ...(hint !== undefined && { hint }),
      ...(span.origin && {
        origins: originsOf({ span }).map((o) => ({
          file: o.source.file,
          ...positionOf(o.source.text, o.span.start),
        })),
      }),
    })),
    rendered: renderProblems(source, problems, { color }),
  };
}

/** All files' problems for people. */
export function reportProblems(results: readonly Result[], { error, errorColor }: Terminal): void {
  const wrong = results.filter(({ problems }) => problems.length > 0);
  if (wrong.length === 0) return;
  const count = wrong.reduce((total, { problems }) => total + problems.length, 0);
  error(wrong.map(({ rendered }) => rendered).join("\n\n"));
  error(
    `\n${errorColor.red(plural(count, "problem"))} in ${wrong.length} of ${plural(results.length, "spec")}`,
  );
}

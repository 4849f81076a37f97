/**
 * What generated files have of source files: the part of `index.ts` that is the same for every layer (settings, checks of arguments, what a
 * call hands back), and `runtime.ts`. Put in when the compiler is bundled (scripts/sources.mjs).
 */
export interface GeneratedSources {
  /** `generated/runtime.ts` below its header. */
  readonly runtime: string;
  /** What stands in each `index.ts` and each `wasm.ts`. */
  readonly machinery: { readonly names: readonly string[]; readonly text: string };
  /** What stands in each `index.ts` besides, and in each `wasm.ts`. */
  readonly heap: { readonly names: readonly string[]; readonly text: string };
  readonly memory: { readonly names: readonly string[]; readonly text: string };
  /** What stands there where a layer has such checks, by its name. */
  readonly checks: Readonly<Record<CheckName, string>>;
}
export type CheckName =
  | "requireThat"
  | "checkDerived"
  | "outOfBounds"
  | "newWork"
  | "workBytes"
  | "checkTable"
  | "newTable"
  | "textOf";

declare const generatedSources: GeneratedSources;

/** Each laid out. */
export const { runtime, machinery, heap, memory, checks } = generatedSources;

/** Functions, constants and types of the module that no kernel, size or local may be called. */
export const machineryNames: readonly string[] = [...machinery.names, ...heap.names, ...Object.keys(checks)];

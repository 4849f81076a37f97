/** The whole compiler on one screen: text → layer → derivation → programs → files. */
import type { Derived } from "./calculus/derivation.js";
import { differentiate, gradientLayer, stored } from "./calculus/differentiate.js";
import { specialise } from "./calculus/specialise.js";
import { buildProgram } from "./kernels/build.js";
import { buildGpuProgram } from "./kernels/gpu/build.js";
import { inPlacePairs } from "./kernels/in-place.js";
import type { GpuProgram } from "./kernels/gpu/program.js";
import type { Kernel, Program } from "./kernels/program.js";
import { parseLayer } from "./language/parse.js";
import { printStatement } from "./language/print.js";
import { LayerError, type Problem } from "./language/problem.js";
import type { Layer } from "./notation/layer.js";
import type { Span } from "./notation/span.js";
import { describePattern } from "./patterns/describe.js";
import { patternsOf, type Pattern } from "./patterns/pattern.js";
import { boundsChecks, illegalSizes } from "./ranges/checks.js";
import { requiringDivisors } from "./ranges/divisors.js";
import { inferRanges } from "./ranges/infer.js";
import { stable } from "./stability/stable.js";
import { describe } from "./targets/document/derivation.js";
import { toMarkdown } from "./targets/document/markdown.js";
import type { Header } from "./targets/code/header.js";
import type { TargetName } from "./targets/names.js";
import { emitTorch } from "./targets/torch/index.js";

export interface Compiled {
  /** The layer with every range known. */
  readonly layer: Layer;
  readonly derived: Derived;
  /** The gradients as a layer of their own, outputs `g_x`. */
  readonly gradientLayer: Layer;
  /** The layer itself, then its variants. */
  readonly programs: readonly {
    readonly name: string;
    readonly derived: Derived;
    /** What the kernels compute: the same values, to the accuracy of their type. */
    readonly computed: Derived;
    readonly program: Program;
    /** Built when it is first asked for. */
    readonly gpuProgram: () => GpuProgram;
  }[];
}

/** @throws LayerError that lists every problem of the text */
export function compileText(text: string, file: string): Compiled {
  const checked = checkedLayers(text, file);
  const programs = checked.map(({ layer: l, checks }) => {
    const derived = differentiate(l);
    const computed = stable(stored(derived));
    const options = { checks, print: printStatement };
    const patterns = patternsOf(computed);
    const program = withPatterns(buildProgram(computed, options), patterns);
    return {
      name: l.name,
      derived,
      computed,
      program,
      gpuProgram: once(() =>
        withPatterns(buildGpuProgram(computed, { ...options, inPlace: inPlacePairs(program) }), patterns),
      ),
    };
  });
  const [{ layer }] = checked;
  const derived = programs[0]?.derived ?? differentiate(layer);
  return { layer, derived, gradientLayer: gradientLayer(derived), programs };
}

/**
 * A layer and its gradients, without kernels: what claims are judged by.
 * @throws LayerError that lists every problem of the text
 */
export function deriveText(text: string, file: string): Omit<Compiled, "programs"> {
  const [{ layer }] = checkedLayers(text, file);
  const derived = differentiate(layer);
  return { layer, derived, gradientLayer: gradientLayer(derived) };
}

interface Checked {
  readonly layer: Layer;
  readonly checks: ReturnType<typeof boundsChecks>["checks"];
}
/** The layer with every range known and its variants, all reads proved to be in bounds. */
function checkedLayers(text: string, file: string): readonly [Checked, ...Checked[]] {
  const parsed = parseLayer(text, file);
  const problems: Problem[] = [...parsed.problems];
  if (!parsed.layer || problems.length > 0) throw new LayerError(problems, { file, text });
  const inferred = inferRanges(parsed.layer);
  if (inferred.problems.length > 0) throw new LayerError(inferred.problems, { file, text });
  const { layer, problems: divided } = requiringDivisors(inferred.layer);
  if (divided.length > 0) throw new LayerError(divided, { file, text });
  const check = (l: Layer): Checked & ReturnType<typeof boundsChecks> => ({ layer: l, ...boundsChecks(l) });
  const own = check(layer);
  const variants = layer.variants.map((variant) => check(specialise(layer, variant)));
  // a read that fails in the layer fails in its variants and at the sizes of its lines too: it is told once
  const outside = illegalSizes(layer).filter((p) => !own.problems.some((o) => o.code === p.code));
  for (const { problems: found } of [own, ...variants])
    outside.push(
      ...found.filter((p) => !outside.some((o) => o.code === p.code && isSameSpan(o.span, p.span))),
    );
  if (outside.length > 0) throw new LayerError(outside, { file, text });
  return [own, ...variants];
}
const isSameSpan = (a: Span, b: Span): boolean => a.start === b.start && a.end === b.end;

/** Made when it is first asked for. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** Each kernel says what the statements were recognised as that it computes. */
const withPatterns = <P extends { readonly kernels: readonly Kernel[] }>(
  program: P,
  patterns: ReadonlyMap<string, Pattern>,
): P => ({
  ...program,
  kernels: program.kernels.map((kernel) => {
    const told = kernel.writes.flatMap((name) => patterns.get(name) ?? []).map(describePattern);
    return told.length > 0 ? { ...kernel, pattern: told.join("; ") } : kernel;
  }),
});

export type { TargetName };

export interface EmitOptions {
  /** The WGSL as files of its own too. */
  readonly shaders?: boolean;
  /** How the gradients are derived, to be read. */
  readonly derivation?: boolean;
}

/**
 * One folder for the layer and one for each variant. What prints TypeScript is
 * most of the compiler's bytes and is loaded here: who only derives does without.
 */
export async function emit(
  compiled: Compiled,
  header: Header,
  wanted: readonly TargetName[] = ["ts"],
  { shaders = false, derivation = false }: EmitOptions = {},
): Promise<readonly { readonly name: string; readonly files: Readonly<Record<string, string>> }[]> {
  const [{ emitTypeScript }, { emitWgsl }] = await Promise.all([
    import("./targets/typescript/index.js"),
    import("./targets/wgsl/index.js"),
  ]);
  return Promise.all(
    compiled.programs.map(async ({ name, derived, computed, program, gpuProgram }) => ({
      name,
      files: {
        ...(wanted.includes("ts") && { "index.ts": await emitTypeScript(program, header) }),
        ...(wanted.includes("wgsl") && (await emitWgsl(gpuProgram(), header, { shaders }))),
        ...(wanted.includes("torch") && { "torch.py": emitTorch(computed, program.checks, header) }),
        ...(derivation && { "derivation.md": toMarkdown(describe(derived.layer, derived), header) }),
      },
    })),
  );
}

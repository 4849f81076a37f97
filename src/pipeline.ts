/** The whole compiler on one screen: text → layer → derivation → programs → files. */
import type { Derived } from "./calculus/derivation.js";
import { differentiate, gradientLayer, preparing, stored } from "./calculus/differentiate.js";
import { specialise } from "./calculus/specialise.js";
import { buildProgram } from "./kernels/build.js";
import { vectorMachine } from "./kernels/machine.js";
import { buildGpuProgram } from "./kernels/gpu/build.js";
import { inPlacePairs } from "./kernels/in-place.js";
import type { GpuProgram } from "./kernels/gpu/program.js";
import type { Kernel, Program } from "./kernels/program.js";
import { parseLayer } from "./language/parse.js";
import { libraryOf, standardShelf, type Shelf } from "./library.js";
import { printLayer, printStatement } from "./language/print.js";
import { LayerError, type Problem } from "./language/problem.js";
import type { Layer } from "./notation/layer.js";
import { once } from "./notation/once.js";
import { runPasses, type Pass, type Watch } from "./notation/pass.js";
import { isSameSpan } from "./notation/span.js";
import { describePattern } from "./patterns/describe.js";
import { ordered } from "./order/order.js";
import { patternsOf, type Pattern } from "./patterns/pattern.js";
import { boundsChecks, illegalSizes } from "./ranges/checks.js";
import { requiringDivisors } from "./ranges/divisors.js";
import { inferRanges } from "./ranges/infer.js";
import { withinEnds } from "./stability/rounded.js";
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
    /** For vectors, and for a GPU: built when they are first asked for. */
    readonly vectorProgram: () => Program;
    readonly gpuProgram: () => GpuProgram;
  }[];
}

/** What makes of a derivation what is computed. */
const computing: readonly Pass<Derived>[] = [
  {
    name: "store",
    says: "the backward pass reads what is saved and computes cheap values again",
    run: stored,
  },
  { name: "stabilise", says: "what would overflow or cancel is computed by its stable equal", run: stable },
  {
    name: "order",
    says: "products are summed in the order of least work, and what is free of a loop has left it",
    run: ordered,
  },
  { name: "round", says: "what is rounded for a subscript lies between its ends", run: withinEnds },
];
/** What there is to see after a pass. */
export type Made = Layer | Derived | Program;
/** Every pass in its order, with what holds after it. */
export const passes: readonly Pick<Pass<never>, "name" | "says">[] = [
  { name: "infer", says: "every index has its range, every tensor its shape" },
  ...preparing,
  { name: "differentiate", says: "every input and weight has its gradient, as a gather where that can be" },
  ...computing,
  { name: "lower", says: "statements that share a kernel are one; what runs for what is known" },
];

export interface CompileOptions {
  /** Sees what each pass makes of the layer itself. */
  readonly watch?: Watch<Made> | undefined;
  /** Where the layers are found that this one calls; the standard layers unless it is told otherwise. */
  readonly shelf?: Shelf;
}

/** @throws LayerError that lists every problem of the text */
export function compileText(text: string, file: string, { watch, shelf }: CompileOptions = {}): Compiled {
  const checked = checkedLayers(text, file, shelf);
  const programs = checked.map(({ layer: l, checks }, i) => {
    const see = i === 0 ? watch : undefined;
    see?.("infer", l);
    const derived = differentiate(l, see);
    see?.("differentiate", derived);
    const computed = runPasses(computing, derived, see);
    const options = { checks, print: printStatement };
    const patterns = patternsOf(computed);
    const program = withPatterns(buildProgram(computed, options), patterns);
    see?.("lower", program);
    return {
      name: l.name,
      derived,
      computed,
      program,
      vectorProgram: once(() =>
        withPatterns(buildProgram(computed, { ...options, machine: vectorMachine }), patterns),
      ),
      gpuProgram: once(() =>
        withPatterns(buildGpuProgram(computed, { ...options, inPlace: inPlacePairs(program) }), patterns),
      ),
    };
  });
  const [{ layer }] = checked;
  const derived = programs[0]?.derived ?? differentiate(layer);
  return { layer, derived, gradientLayer: gradientLayer(derived), programs };
}

/** What a pass has made as text: a layer in the layer language, a program by its kernels. */
export function dump(made: Made): string {
  if ("kernels" in made)
    return made.kernels
      .map(
        ({ name, formula, reads, writes }) =>
          `${name}: ${reads.join(", ")} -> ${writes.join(", ")}\n${indented(formula)}`,
      )
      .join("\n\n");
  if (!("backward" in made)) return printLayer(made);
  const { layer, tensors, forward, backward } = made;
  const used = new Set([...forward, ...backward].map(({ tensor }) => tensor));
  const told = tensors.filter((t) => t.role !== "local" || used.has(t.name));
  return printLayer({ ...layer, tensors: told, statements: [...forward, ...backward] });
}
const indented = (text: string): string => text.replaceAll(/^/gmu, "  ");

/**
 * A layer and its gradients, without kernels: what claims are judged by.
 * @throws LayerError that lists every problem of the text
 */
export function deriveText(
  text: string,
  file: string,
  { shelf }: Pick<CompileOptions, "shelf"> = {},
): Omit<Compiled, "programs"> {
  const [{ layer }] = checkedLayers(text, file, shelf);
  const derived = differentiate(layer);
  return { layer, derived, gradientLayer: gradientLayer(derived) };
}

interface Checked {
  readonly layer: Layer;
  readonly checks: ReturnType<typeof boundsChecks>["checks"];
}
/** The layer with every range known and its variants, all reads proved to be in bounds. */
function checkedLayers(
  text: string,
  file: string,
  shelf: Shelf = standardShelf,
): readonly [Checked, ...Checked[]] {
  const parsed = parseLayer(text, file, libraryOf({ file, text }, shelf));
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
  /** Where modules for WebGPU find what they share. */
  readonly runtime?: string;
}

/**
 * One folder for the layer and one for each variant. What prints TypeScript is
 * most of the compiler's bytes and is loaded here: who only derives does without.
 */
export async function emit(
  compiled: Compiled,
  header: Header,
  wanted: readonly TargetName[] = ["ts"],
  { shaders = false, derivation = false, runtime = "../runtime.js" }: EmitOptions = {},
): Promise<readonly { readonly name: string; readonly files: Readonly<Record<string, string>> }[]> {
  const [{ emitTypeScript }, { emitWgsl }, { emitWasm }] = await Promise.all([
    import("./targets/typescript/index.js"),
    import("./targets/wgsl/index.js"),
    import("./targets/wasm/index.js"),
  ]);
  return Promise.all(
    compiled.programs.map(async ({ name, derived, computed, program, vectorProgram, gpuProgram }) => ({
      name,
      files: {
        ...(wanted.includes("ts") && { "index.ts": await emitTypeScript(program, header) }),
        ...(wanted.includes("wasm") && { "wasm.ts": await emitWasm(vectorProgram(), header) }),
        ...(wanted.includes("wgsl") && (await emitWgsl(gpuProgram(), header, { shaders, runtime }))),
        ...(wanted.includes("torch") && { "torch.py": emitTorch(computed, program.checks, header) }),
        ...(derivation && {
          "derivation.md": toMarkdown(describe(derived.layer, derived, { computed }), header),
        }),
      },
    })),
  );
}

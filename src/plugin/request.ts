/** What an import of a layer asks for: `./conv2d.layer?target=webgpu`. */

/** By the query's word: the target, and the file of a layer's folder that it writes. */
const targets = {
  ts: { target: "ts", file: "index.ts" },
  wasm: { target: "wasm", file: "wasm.ts" },
  webgpu: { target: "wgsl", file: "webgpu.ts" },
} as const;
export type TargetWord = keyof typeof targets;
export const targetOf = (word: TargetWord): (typeof targets)[TargetWord] => targets[word];

/** What generated WebGPU modules share, as they import it where they are not files. */
export const runtimeName = "leibniz/runtime";

export interface LayerRequest {
  readonly path: string;
  readonly target: TargetWord;
  /** The variant whose own module is meant; the layer's re-exports those of all. */
  readonly variant?: string;
}

/** Undefined for what is no layer, or is asked for in another way (Vite's `?raw`, `?url`). */
export function readRequest(id: string): LayerRequest | undefined {
  const [path = "", query = ""] = id.split("?", 2);
  if (!path.endsWith(".layer")) return undefined;
  const { target = "ts", variant, ...others } = Object.fromEntries(new URLSearchParams(query));
  if (Object.keys(others).length > 0) return undefined;
  if (!Object.hasOwn(targets, target))
    throw new Error(`${id}: there is no target ${target}; there are ${Object.keys(targets).join(", ")}`);
  return { path, target: target as TargetWord, ...(variant !== undefined && { variant }) };
}

/** How the layer's module asks for a variant's. */
export const variantRequest = (file: string, { target }: LayerRequest, variant: string): string =>
  `./${file}?target=${target}&variant=${variant}`;

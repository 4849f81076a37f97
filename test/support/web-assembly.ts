/** The engine's WebAssembly, as far as tests use it: its types are those of a browser's library. */
interface Memory {
  readonly buffer: ArrayBuffer;
}
type Exports = Readonly<Record<string, (...given: readonly (number | bigint)[]) => number>>;
interface WebAssembly {
  readonly Memory: new (pages: { readonly initial: number }) => Memory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Exports };
}
export const engine = (globalThis as unknown as { readonly WebAssembly: WebAssembly }).WebAssembly;

/** What a module of ours exports, over a memory of its own. */
export function exportsOf(
  bytes: Uint8Array,
  pages = 0,
): { readonly exports: Exports; readonly memory: Memory } {
  const memory = new engine.Memory({ initial: pages });
  const { exports } = new engine.Instance(new engine.Module(bytes), { leibniz: { memory } });
  return { exports, memory };
}

/** The standard layers: from specs/ to generated/, for the CPU, for WebAssembly and for WebGPU. */
import type { Config } from "./src/index.js";

export default { target: ["ts", "wasm", "wgsl"] } satisfies Config;

/** The standard layers: from specs/ to generated/, for the CPU and for WebGPU. */
import type { Config } from "./src/index.js";

export default { target: ["ts", "wgsl"] } satisfies Config;

import type { GeneratedSources } from "../src/targets/typescript/machinery.js";

export function generatedSources(): Promise<GeneratedSources>;

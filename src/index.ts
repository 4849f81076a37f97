/** The library's face. */
export { defineConfig, type Config } from "./cli/config.js";
export { LayerError, type Problem, type Source } from "./language/problem.js";
export {
  layer,
  parseLayer,
  type LayerInMemory,
  type Plan,
  type PlanFunction,
  type TensorArray,
  type Tensors,
} from "./memory.js";
export type { StepDetail } from "./targets/document/derivation.js";
export type { DerivationDocument } from "./targets/document/json.js";
export { version } from "./version.js";

/** The library's face. */
export { defineConfig, type Config } from "./cli/config.js";
export { applyMend, LayerError, type Edit, type Problem, type Source } from "./language/problem.js";
export {
  layer,
  parseLayer,
  type CheckReport,
  type CheckSettings,
  type GpuPlan,
  type GpuPlanFunction,
  type GpuTensors,
  type LayerInMemory,
  type LayerOptions,
  type Plan,
  type PlanFunction,
  type Plans,
  type WasmPlace,
  type WasmPlanFunction,
  type TensorArray,
  type Tensors,
} from "./memory.js";
export type { StepDetail } from "./targets/document/derivation.js";
export type { DerivationDocument } from "./targets/document/json.js";
export type { Claim, Row } from "./verdicts.js";
export { version } from "./version.js";

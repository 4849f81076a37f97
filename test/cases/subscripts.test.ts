/** Computed subscripts: rounded reals say where a tensor is read. */
import { agreeWithPyTorch } from "../support/golden.js";

agreeWithPyTorch(["bilinear_sample", "nearest_lookup"]);

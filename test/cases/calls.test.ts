/** Layers that call layers, against PyTorch, on every target. */
import { agreeWithPyTorch } from "../support/golden.js";

agreeWithPyTorch(["mlp_loss", "mapped_attention"]);

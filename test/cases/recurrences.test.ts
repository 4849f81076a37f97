/** Recurrences, against PyTorch, on every target. */
import { agreeWithPyTorch } from "../support/golden.js";

agreeWithPyTorch(["rnn", "lstm", "soft_dtw", "sinkhorn"]);

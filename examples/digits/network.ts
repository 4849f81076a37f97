/**
 * The network of `network.layer` with its arrays: one plan computes scores and loss, and backwards every gradient.
 * Nothing is copied or allocated while it trains.
 */
import { network as planOf } from "./generated/network/index.js";
import { classes, side } from "./data.js";
import { normal } from "./random.js";

const channels = 16;

export interface Network {
  /** Batch inputs, to be filled before each call. */
  readonly images: Float32Array;
  readonly labels: Int32Array;
  /** Scores of the batch, batch x 10, after `infer`. */
  readonly scores: Float32Array;
  /** What is learned, and its gradients after `learn`, in the same order. */
  readonly weights: readonly Float32Array[];
  readonly gradients: readonly Float32Array[];
  /** Computes the scores. */
  infer(): void;
  /** Computes the loss of the batch, which it returns, and every gradient. */
  learn(): number;
}

/** A network for batches of this many images, its weights drawn anew. */
export function network(batch: number, random: () => number): Network {
  const plan = planOf({
    N: batch,
    H: side,
    W: side,
    K: channels,
    C: classes,
  });
  const t = plan.allocate();
  t.dloss.fill(1);

  // He's initialisation: variance 2 / fan-in before a rectifier, 1 / fan-in before the loss.
  drawNormal(t.kernels, Math.sqrt(2 / (plan.shapes.kernels[2]! * plan.shapes.kernels[3]!)), random);
  drawNormal(t.w, Math.sqrt(1 / plan.shapes.w[0]!), random);

  return {
    images: t.images,
    labels: t.labels,
    scores: t.scores,
    weights: [t.kernels, t.shifts, t.w, t.b],
    gradients: [t.dkernels, t.dshifts, t.dw, t.db],
    infer: () => void plan.forward(t, t),
    learn() {
      plan.forward(t, t);
      plan.backward(t, t);
      return t.loss[0]!;
    },
  };
}

function drawNormal(weights: Float32Array, deviation: number, random: () => number): void {
  for (let i = 0; i < weights.length; i++) weights[i] = deviation * normal(random);
}

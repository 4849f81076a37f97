/**
 * A small convolutional network made of generated kernels alone:
 *
 *   images 28 x 28 → 5 x 5 convolution, rectifier → 4 x 4 max pooling → linear → softmax cross entropy
 *
 * Neighbouring layers share arrays: the output of one is the input of the next, and backwards the gradient
 * of an input is the cotangent of the output before. Nothing is copied or allocated while it trains.
 */
import { conv2d_relu } from "../../generated/conv2d_relu/index.js";
import { linear } from "../../generated/linear/index.js";
import { max_pool2d } from "../../generated/max_pool2d/index.js";
import { softmax_cross_entropy } from "../../generated/softmax_cross_entropy/index.js";
import { classes, side } from "./data.js";
import { normal } from "./random.js";

const channels = 16;
const kernel = 5;
const window = 4;

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
  const conv = conv2d_relu({ N: batch, C: 1, H: side, W: side, K: channels, R: kernel, S: kernel, pad: 2 });
  const pool = max_pool2d({ N: batch, C: channels, H: side, W: side, R: window, S: window, stride: window });
  const features = channels * (side / window) ** 2;
  const dense = linear({ N: batch, C: features, K: classes });
  const entropy = softmax_cross_entropy({ N: batch, C: classes });

  // Forwards, one layer's output is the next one's input (flat: features = channels·7·7).
  const c = { ...conv.allocate() };
  const p = { ...pool.allocate(), x: c.y };
  const d = { ...dense.allocate(), x: p.y };
  const e = { ...entropy.allocate(), x: d.z };
  // Backwards, an input's gradient is the cotangent of the output before.
  d.dz = e.dx;
  p.dy = d.dx;
  c.dy = p.dx;
  e.dloss.fill(1);

  // He's initialisation: variance 2 / fan-in before a rectifier, 1 / fan-in before the loss.
  drawNormal(c.w, Math.sqrt(2 / kernel ** 2), random);
  drawNormal(d.w, Math.sqrt(1 / features), random);
  c.b.fill(0);
  d.b.fill(0);

  const infer = (): void => {
    conv.forward(c, c);
    pool.forward(p, p);
    dense.forward(d, d);
  };
  const learn = (): number => {
    infer();
    entropy.forward(e, e);
    entropy.backward(e, e);
    dense.backward(d, d);
    pool.backward(p, p);
    conv.backward(c, c, { only: ["dw", "db"] }); // nobody asks for the gradient of the images
    return e.loss[0]!;
  };
  return {
    images: c.x,
    labels: e.t,
    scores: d.z,
    weights: [c.w, c.b, d.w, d.b],
    gradients: [c.dw, c.db, d.dw, d.db],
    infer,
    learn,
  };
}

function drawNormal(weights: Float32Array, deviation: number, random: () => number): void {
  for (let i = 0; i < weights.length; i++) weights[i] = deviation * normal(random);
}

/** A layer, its claims and its gradients at some sizes, compiled once to be evaluated for many values in float64. */
import { isDifferentiated, isGiven, type Layer, type Tensor } from "../notation/layer.js";
import { exactLayer } from "./claim-proof.js";
import { claimTolerance, differentiated } from "./claims.js";
import { relativeError, rms } from "./compare.js";
import { environmentOf } from "./environment.js";
import { compileLayer, type Evaluator } from "./evaluate.js";
import { drawCotangents, realOutputs } from "./loss.js";
import { float64 } from "./numbers.js";
import { NoValue } from "./out-of-bounds.js";
import type { Random } from "./random.js";
import type { Sizes, Values } from "./trial.js";
import { watched, type Watched } from "./watched.js";

/** A tensor of the caller's and how many elements it has. */
export interface Slot {
  readonly tensor: Tensor;
  readonly length: number;
  /** Of an index tensor. */
  readonly bound: number;
}
export interface Tried {
  /** Claims that are off where the gradient is finite. */
  readonly off: ReadonlySet<string>;
  /** Claims of one element whose gradient, or an output, float64 has not. */
  readonly unknown: readonly string[];
  /** Whether the outputs are. */
  readonly isFinite: boolean;
}

export class Bench {
  readonly slots: readonly Slot[];
  readonly cotangents: ReadonlyMap<string, readonly number[]>;
  readonly watch: Watched;
  private readonly claiming: Evaluator<number>;
  private readonly gradients: Evaluator<number>;
  private readonly layer: Layer;
  /** Claims of a gradient with one element. */
  private readonly ofOneElement: readonly string[];
  readonly sizes: Sizes;

  constructor(layer: Layer, gradientLayer: Layer, sizes: Sizes, random: Random) {
    [this.layer, this.sizes] = [layer, sizes];
    this.watch = watched();
    const { int } = environmentOf(layer, sizes);
    this.slots = layer.tensors.filter(isGiven).map((tensor) => ({
      tensor,
      length: tensor.shape.reduce((n, extent) => n * int(extent), 1),
      bound: tensor.bound ? int(tensor.bound) : 1,
    }));
    this.cotangents = drawCotangents(layer, sizes, () => Math.fround(random.normal()));
    this.ofOneElement = layer.claims
      .map((c) => c.tensor)
      .filter((tensor) =>
        this.slots.some(
          (s) => s.tensor.name === differentiated(tensor) && s.length === 1 && isDifferentiated(s.tensor),
        ),
      );
    this.claiming = compileLayer(exactLayer(layer), sizes, this.watch.arithmetic);
    this.gradients = compileLayer(gradientLayer, sizes, float64);
  }

  /** What the values show; undefined where the layer or a claim cannot be evaluated. */
  try(inputs: Values): Tried | undefined {
    const given = new Map([...inputs, ...this.cotangents]);
    this.watch.begin();
    try {
      const values = this.claiming.run(given);
      const isFinite = realOutputs(this.layer).every(({ name }) =>
        Array.from(values.get(name) ?? []).every(Number.isFinite),
      );
      if (!isFinite) return { off: new Set(), unknown: this.ofOneElement, isFinite };
      const derived = this.gradients.run(given);
      const off = this.layer.claims
        .map((c) => c.tensor)
        .filter((tensor) => {
          const of = differentiated(tensor);
          if (!this.layer.tensors.some((t) => t.name === of && isDifferentiated(t))) return false;
          return differs(values.get(tensor) ?? [], derived.get(`g_${of}`) ?? []);
        });
      const unknown = this.ofOneElement.filter(
        (tensor) => !Number.isFinite(Number(derived.get(`g_${differentiated(tensor)}`)?.[0])),
      );
      return { off: new Set(off), unknown, isFinite };
    } catch (error) {
      if (error instanceof NoValue) return undefined;
      throw error;
    }
  }
}

function differs(claimed: ArrayLike<number>, derived: ArrayLike<number>): boolean {
  const scale = rms(derived) || 1e-9;
  for (let i = 0; i < derived.length; i++) {
    const [a, b] = [claimed[i] ?? NaN, derived[i] ?? NaN];
    if (Number.isFinite(b) && relativeError(a, b, scale) > claimTolerance) return true;
  }
  return false;
}

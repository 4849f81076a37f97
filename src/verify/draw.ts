/** Values for a layer's tensors: away from kinks, and such that every function stays in its domain. */
import { isGiven, type Layer, type Tensor } from "../notation/layer.js";
import { walk } from "../notation/traverse.js";
import { observer } from "./branches.js";
import { environmentOf, type Environment } from "./environment.js";
import { compileLayer } from "./evaluate.js";
import type { Random } from "./random.js";

export interface Draw {
  /** Given tensors, row-major. Reals are float32 values, so that kernels of both precisions see the same ones. */
  readonly inputs: ReadonlyMap<string, readonly number[]>;
  /** The least distance of any value to a kink during evaluation. */
  readonly distance: number;
  /** Operations that one evaluation takes. */
  readonly operations: number;
}

type Distribution = (random: Random) => number;
const gaussian: Distribution = (random) => random.normal();
/** Ways to draw a real element; the later ones serve logarithms, roots, arc functions and fast growth. */
const distributions: readonly Distribution[] = [
  gaussian,
  (random) => 0.25 + Math.abs(random.normal()),
  (random) => 0.05 + 0.9 * random.uniform(),
  (random) => 0.3 * random.normal(),
];
const enough = 2 ** -8;
const mostAttempts = 12;

/**
 * The best of a few draws: outputs finite (where the layer lets them be), then the farthest from kinks.
 * Index tensors are uniform within their bounds.
 */
export function drawInputs(
  layer: Layer,
  sizes: Readonly<Record<string, number>>,
  random: Random,
  attempts = mostAttempts,
): Draw {
  const environment = environmentOf(layer, sizes);
  const given = layer.tensors.filter(isGiven);
  const outputs = layer.tensors.filter((t) => t.role === "output").map((t) => t.name);
  const watch = observer();
  const evaluator = compileLayer(layer, sizes, watch.arithmetic);
  let best: { readonly draw: Draw; readonly wrong: number } | undefined;
  for (let attempt = 0; attempt < attempts; attempt++) {
    // First as usual. After a value that is not finite each tensor takes any of the distributions, so that none is positive
    // for another's sake; at last all take the same one.
    const plain = attempt === 0 || best?.wrong === 0;
    const inputs = new Map(
      given.map((tensor) => {
        const how = distributions[plain ? 0 : attempt < 8 ? random.integer(4) : attempt - 8];
        return [tensor.name, drawTensor(tensor, environment, random, how ?? gaussian)] as const;
      }),
    );
    watch.begin("record");
    const result = evaluator.run(inputs);
    const wrong = outputs.reduce((n, name) => n + countNonFinite(result.get(name) ?? []), 0);
    const { distance, operations } = watch.observation();
    const draw: Draw = { inputs, distance, operations };
    if (!best || wrong < best.wrong || (wrong === best.wrong && distance > best.draw.distance))
      best = { draw, wrong };
    if (wrong === 0 && distance >= enough) break;
  }
  if (!best) throw new Error("no draw");
  return best.draw;
}

/**
 * What values are drawn: as usual; `tied`, so that many are equal, some are 0 and some lie on a threshold; `wide`, so that
 * thresholds are passed; `vast`, beyond what float32's `exp` carries; small `whole` numbers, which are easy to read; `units`, 0 and
 * ±1 alone, which no sum rounds; values that were `sought` for a cell.
 */
export type Kind = "plain" | "tied" | "wide" | "vast" | "whole" | "units" | "sought";

/** Inputs of another kind, made from inputs drawn as usual. */
export function varied(
  layer: Layer,
  sizes: Readonly<Record<string, number>>,
  inputs: Draw["inputs"],
  kind: Kind,
  random: Random,
): Draw["inputs"] {
  if (kind === "plain") return inputs;
  const special = kind === "tied" ? landmarks(layer, sizes) : [];
  // the values of a layer that is defined for positive numbers alone had better change one by one
  const share = kind === "tied" && random.uniform() < 0.4 ? 0.3 : 1;
  const factor = kind === "vast" ? 64 : 4 * 2 ** random.integer(5);
  const reals = new Set(layer.tensors.filter((t) => t.type === "real").map((t) => t.name));
  // one value is common to all tensors
  const common = [...inputs]
    .filter(([name]) => reals.has(name))
    .flatMap(([, values]) => values.slice(0, 1))
    .slice(0, 1);
  return new Map(
    [...inputs].map(([name, values]) => {
      if (!reals.has(name)) return [name, kind === "units" ? values.map((v) => Math.min(v, 1)) : values];
      if (kind === "wide" || kind === "vast") return [name, values.map((value) => factor * value)];
      const equal = [0, ...values.slice(0, 2), ...common];
      // 1 and -1 hide powers and cancel terms
      const pool = kind === "units" ? [0, 1, -1] : kind === "whole" ? [2, 3, 4, 5, -2, -3] : equal;
      const any = (from: readonly number[]): number => from[random.integer(from.length)] ?? 0;
      const change = (): number => any(special.length > 0 && random.uniform() < 0.4 ? special : pool);
      return [name, values.map((value) => (random.uniform() < share ? change() : value))];
    }),
  );
}

/** Numbers that a layer or its claims may compare others with: those written in them, and real params. */
function landmarks(layer: Layer, sizes: Readonly<Record<string, number>>): readonly number[] {
  const found = new Set<number>();
  const see = (value: number): void => {
    if (value !== 0 && Math.abs(value) < 1e4) found.add(value).add(-value);
  };
  for (const { body } of [...layer.statements, ...layer.claimHelpers, ...layer.claims])
    walk(body, { expression: (e) => void (e.kind === "constant" && see(e.numerator / e.denominator)) });
  for (const [numerator, denominator] of environmentOf(layer, sizes).reals.values())
    see(numerator / denominator);
  return [...found];
}

function drawTensor(
  tensor: Tensor,
  environment: Environment,
  random: Random,
  real: Distribution,
): readonly number[] {
  const length = tensor.shape.reduce((n, extent) => n * environment.int(extent), 1);
  const bound = tensor.bound ? environment.int(tensor.bound) : 1;
  const element = tensor.type === "integer" ? () => random.integer(bound) : () => Math.fround(real(random));
  return Array.from({ length }, element);
}

function countNonFinite(values: ArrayLike<number>): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) count++;
  return count;
}

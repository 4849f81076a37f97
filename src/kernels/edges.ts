/** What a program states of its kernels: for which sizes each of them runs, and the extents at which it changes course. */
import * as build from "../notation/construct.js";
import type { Condition } from "../notation/expression.js";
import type { Layer } from "../notation/layer.js";
import type { Int } from "../notation/integer.js";
import { evaluateInt, type Environment } from "../ranges/evaluate.js";
import { valueOf } from "./count.js";
import type { GpuProgram } from "./gpu/program.js";
import type { Edge, Kernel, PlanConstant, Program, Step } from "./program.js";

/** One way to compute a step. */
export interface StatedWay {
  readonly kernels: readonly string[];
  /** Where it is taken if no earlier one of the step is. */
  readonly when: Condition;
  readonly edges: readonly Edge[];
}
export interface Stated {
  /** Sizes, derived sizes, params and plan constants, whether the layer allows such sizes or not. */
  readonly environment: (sizes: Readonly<Record<string, number>>) => Environment;
  /** By step its ways: the first that fits is taken. */
  readonly steps: readonly (readonly StatedWay[])[];
  /** How many sizes are worth drawing for each way: on a GPU each may want pipelines of its own. */
  readonly draws: number;
}

export function statedBy({ layer, planConstants, kernels, forward, backward }: Program): Stated {
  const way = (name: string, when: Condition): StatedWay => ({
    kernels: [name],
    when,
    edges: edgesIn([name], kernels),
  });
  const ways = ({ kernel, instead }: Step): readonly StatedWay[] => [
    ...(instead ? [way(instead.kernel, instead.when)] : []),
    way(kernel, build.truth),
  ];
  const steps = [...forward.steps, ...backward.steps].map(ways);
  return { environment: environmentIn(layer, planConstants), steps, draws: 6 };
}

/** @param software on an adapter that is a CPU */
export function statedByGpu(
  { layer, planConstants, kernels, forward, backward }: GpuProgram,
  software: boolean,
): Stated {
  const steps = [...forward.steps, ...backward.steps].map(({ choices }) =>
    choices
      .filter((c) => software || !c.software)
      .map((c): StatedWay => ({ kernels: c.kernels, when: c.when, edges: edgesIn(c.kernels, kernels) })),
  );
  return { environment: environmentIn(layer, planConstants), steps, draws: 3 };
}

const edgesIn = (names: readonly string[], kernels: readonly Kernel[]): readonly Edge[] =>
  kernels.filter((k) => names.includes(k.name)).flatMap((k) => k.edges ?? []);

function environmentIn(layer: Layer, constants: readonly PlanConstant[]): Stated["environment"] {
  const byName = new Map(constants.map((c) => [c.name, c]));
  return (sizes) => {
    const env = new Values(byName, layer);
    for (const { name, value } of layer.params) env.set(name, value);
    for (const [name, value] of Object.entries(sizes)) env.set(name, value);
    return env;
  };
}

/** Derived sizes and plan constants are computed when they are asked for: a search asks for few of them, often. */
class Values extends Map<string, number> {
  private readonly constants: ReadonlyMap<string, PlanConstant>;
  private readonly layer: Layer;
  constructor(constants: ReadonlyMap<string, PlanConstant>, layer: Layer) {
    super();
    this.constants = constants;
    this.layer = layer;
  }
  override get(name: string): number | undefined {
    const known = super.get(name);
    if (known !== undefined) return known;
    const derived = this.layer.derived.find((d) => d.name === name);
    const constant = this.constants.get(name);
    const int = (value: Int): number => evaluateInt(value, this);
    const value = derived ? int(derived.value) : constant && valueOf(constant, int);
    if (value !== undefined) this.set(name, value);
    return value;
  }
}

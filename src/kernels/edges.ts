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
  const params = Object.fromEntries(layer.params.map((p) => [p.name, p.value]));
  const computed = new Map<string, Int | PlanConstant>([
    ...constants.map((c) => [c.name, c] as const),
    ...layer.derived.map((d) => [d.name, d.value] as const),
  ]);
  return (sizes) => new Values(sizes, params, computed);
}

/** All values are looked up when they are asked for: a search makes many environments, and asks each for few names. */
class Values extends Map<string, number> {
  private readonly given: Readonly<Record<string, number>>;
  private readonly params: Readonly<Record<string, number>>;
  private readonly computed: ReadonlyMap<string, Int | PlanConstant>;
  constructor(given: Values["given"], params: Values["params"], computed: Values["computed"]) {
    super();
    this.given = given;
    this.params = params;
    this.computed = computed;
  }
  override get(name: string): number | undefined {
    const known = super.get(name);
    if (known !== undefined) return known;
    const value = this.find(name);
    if (value !== undefined) this.set(name, value);
    return value;
  }
  private find(name: string): number | undefined {
    const told = ownNumber(this.given, name) ?? ownNumber(this.params, name);
    if (told !== undefined) return told;
    const how = this.computed.get(name);
    if (how === undefined) return undefined;
    const int = (value: Int): number => evaluateInt(value, this);
    return "monomials" in how ? int(how) : valueOf(how, int);
  }
  /** A copy holds them all. */
  override [Symbol.iterator](): MapIterator<[string, number]> {
    for (const names of [Object.keys(this.params), Object.keys(this.given), this.computed.keys()])
      for (const name of names) this.get(name);
    return super[Symbol.iterator]();
  }
}
/** A name may be that of what every object has: `constructor`. */
function ownNumber(values: Readonly<Record<string, number>>, name: string): number | undefined {
  const value = values[name];
  return typeof value === "number" ? value : undefined;
}

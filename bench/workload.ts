/** What a benchmark measures: a layer at certain sizes, its passes, and what each pass has to do at the least. */
export type Dims = Readonly<Record<string, number>>;
export type Arrays = Record<string, Float32Array | Float64Array | Int32Array>;

/** A pass's least work: multiply-adds of a contraction, or the tensors that it must read and write once. */
export type Work =
  | { readonly kind: "contraction"; readonly multiplyAdds: (dims: Dims) => number }
  | { readonly kind: "memory"; readonly touches: readonly string[] };

export interface Pass {
  /** `forward`, or the gradient: `dx`, … */
  readonly name: string;
  /** The tensor in which contestants are compared. */
  readonly result: string;
  readonly work: Work;
  /** The plain loops: read from the arrays, write the result into them. */
  readonly naive: (arrays: Arrays, dims: Dims) => void;
}

export interface Workload {
  readonly name: string;
  readonly title: string;
  /** Name of the generated layer or variant. */
  readonly layer: string;
  /** A variant that only the benchmark has: the spec it belongs to and its line. */
  readonly variant?: { readonly spec: string; readonly line: string };
  /** Sizes and params that the layer's variant fixes: left out of the plan's arguments. */
  readonly fixed: Dims;
  readonly sizes: Dims;
  /** Changes of the sizes for the three plans that run before. */
  readonly others: readonly Dims[];
  /** Change of the sizes for a peer that would take too long. */
  readonly small: Dims;
  /** Sizes that follow from the others. */
  readonly derived: (dims: Dims) => Dims;
  /** Which of the peers' functions compute the same; none: not compared with peers. */
  readonly peer?: string;
  /** The size below which an index tensor's values lie, by the tensor's name. */
  readonly below: Readonly<Record<string, string>>;
  readonly passes: readonly Pass[];
}

/** Hands plain loops, typed by the tensors and sizes that they name, to a pass. */
export function pass(
  name: string,
  result: string,
  work: Work,
  naive: (tensors: never, dims: never) => void,
): Pass {
  return { name, result, work, naive: naive as Pass["naive"] };
}

export function workload(
  about: Pick<Workload, "name" | "title" | "layer" | "sizes" | "passes"> & Partial<Workload>,
): Workload {
  return { fixed: {}, others: [{}, {}, {}], small: {}, below: {}, derived: () => ({}), ...about };
}

/** Every size and param by name, after a change of some. */
export function dimsOf(workload: Workload, change: Dims = {}): Dims {
  const given = { ...workload.fixed, ...workload.sizes, ...change };
  return { ...given, ...workload.derived(given) };
}

export const contraction = (multiplyAdds: (dims: Dims) => number): Work => ({
  kind: "contraction",
  multiplyAdds,
});
export const memory = (...touches: string[]): Work => ({ kind: "memory", touches });

/** What a check found, collected over its trials: one row a tensor. */
import { cotangentName, isDifferentiated, type Layer } from "../notation/layer.js";
import type { Span } from "../notation/span.js";
import type { Counterexample } from "./claims.js";
import { subscriptsOf, type Disagreement } from "./compare.js";
import type { GradientComparison } from "./gradients.js";
import type { Evidence } from "./proof.js";
import { Proofs, type Proof } from "./proofs.js";
import { eachSite, wentBothWays } from "./sites.js";
import type { Sizes, Trial } from "./trial.js";

/** `forward ts f64`, `gradient ts f32`, … for kernels. */
export type Comparison = GradientComparison | `${"forward" | "gradient"} ${string}`;

/** The first case that failed. */
export interface Failure {
  readonly comparison: Comparison;
  readonly sizes: Sizes;
  /** Subscripts; empty where the comparison is of the whole tensor. */
  readonly element: readonly number[];
  readonly got: number;
  readonly expected: number;
  readonly error: number;
  /** Where something could not be evaluated: why. */
  readonly reason?: string;
}
export interface TensorReport {
  readonly layer: string;
  /** An output `z`, or a gradient `dx`. */
  readonly tensor: string;
  /** How many different shapes of it were tried, and the first few. */
  readonly shapes: number;
  readonly examples: readonly (readonly number[])[];
  /** Worst relative error by comparison. */
  readonly worst: Readonly<Partial<Record<Comparison, number>>>;
  /** `proved`: equal to forward mode in exact numbers, at all sizes tried. */
  readonly verdict: "proved" | "agrees" | "failed";
  readonly proof?: Proof;
  readonly failure?: Failure;
  /** Of a gradient: sizes at which values drawn as usual meet a singularity that the layer tells of. */
  readonly singularAt?: Sizes;
}
export interface ClaimReport {
  readonly tensor: string;
  readonly at?: Span | undefined;
  readonly verdict: "proved" | "refuted" | "unproved";
  readonly method?: "canonical form" | "prime field";
  /** What was drawn for a proof in the prime field. */
  readonly proof?: Proof;
  /** Of a claim without a verdict: the cells that nothing drawn has reached. */
  readonly untried?: readonly string[];
  /** The largest relative error seen. */
  readonly worst: number;
  /** Of a refuted claim: at the smallest sizes found. */
  readonly counterexample?: Counterexample;
}
export interface CheckReport {
  readonly layer: string;
  readonly rows: readonly TensorReport[];
  readonly claims: readonly ClaimReport[];
}

/** What each comparison may be off by. */
export function toleranceOf(comparison: Comparison): number {
  if (comparison === "finite differences") return 1e-7;
  if (comparison === "dot test") return 1e-9;
  if (comparison === "exact") return 0;
  return comparison.endsWith("f32") ? 1e-4 : 1e-9;
}

/** What is known of a tensor so far. */
interface Row {
  readonly shapes: Map<string, readonly number[]>;
  readonly worst: Partial<Record<Comparison, number>>;
  failure?: Failure;
  singularAt?: Sizes;
}

/** Collects the findings of a layer's tensors. */
export class Rows {
  private readonly rows = new Map<string, Row>();
  private readonly proofs = new Proofs();
  private readonly layer: string;

  constructor(layer: string) {
    this.layer = layer;
  }

  /** A tensor of that shape was tried. */
  tried(tensor: string, shape: readonly number[]): void {
    this.rowOf(tensor).shapes.set(shape.join(), shape);
  }

  /** Every output and gradient was, in these shapes. */
  triedAll(layer: Layer, shapes: ReadonlyMap<string, readonly number[]>): void {
    for (const tensor of layer.tensors) {
      const shape = shapes.get(tensor.name) ?? [];
      if (tensor.role === "output") this.tried(tensor.name, shape);
      if (isDifferentiated(tensor)) this.tried(cotangentName(tensor.name), shape);
    }
  }

  /** One comparison of one tensor; `shape` says where the element lies. */
  found(
    tensor: string,
    comparison: Comparison,
    found: Disagreement,
    { sizes }: Pick<Trial, "sizes">,
    shape: readonly number[],
  ): void {
    const { error, got, expected } = found;
    const whole = comparison === "dot test" || comparison === "exact";
    const element = whole ? [] : subscriptsOf(found.element, shape);
    this.note(tensor, { comparison, sizes, element, got, expected, error });
  }

  /** Exact evidence of one trial: formulas without functions that differ have failed. */
  proved(
    tensor: string,
    evidence: Evidence | undefined,
    { sizes, kind, singular }: Pick<Trial, "sizes" | "kind" | "singular">,
  ): void {
    // equal or large values whose order rounding hides show nothing, nor does a point that is singular
    if (!evidence && (kind !== "plain" || singular?.size)) return;
    this.proofs.found(tensor, evidence);
    if (!evidence) return;
    const differs = evidence.differs !== undefined;
    if (differs && !evidence.rational) return;
    const error = differs ? Infinity : 0;
    this.note(tensor, { comparison: "exact", sizes, element: [], got: NaN, expected: NaN, error });
  }

  /** A gradient was not finite where the layer says so. */
  singular({ sizes, singular }: Pick<Trial, "sizes" | "singular">): void {
    for (const [tensor, elements] of singular ?? [])
      if (elements.size > 0) this.rowOf(cotangentName(tensor)).singularAt ??= sizes;
  }

  /** Results that could not be computed: the gradients, and the outputs too unless `only` gradients are meant. */
  broken(layer: Layer, by: string, sizes: Sizes, reason: string, only: "all" | "gradients" = "all"): void {
    const failure = { sizes, element: [], got: NaN, expected: NaN, error: Infinity, reason };
    for (const tensor of layer.tensors)
      if (isDifferentiated(tensor))
        this.note(cotangentName(tensor.name), { comparison: `gradient ${by}`, ...failure });
      else if (tensor.role === "output" && only === "all")
        this.note(tensor.name, { comparison: `forward ${by}`, ...failure });
  }

  private note(tensor: string, failure: Failure): void {
    const row = this.rowOf(tensor);
    const { comparison, error } = failure;
    row.worst[comparison] = Math.max(row.worst[comparison] ?? 0, error);
    if (!(error <= toleranceOf(comparison))) row.failure ??= failure;
  }

  private rowOf(tensor: string): Row {
    let row = this.rows.get(tensor);
    if (!row) this.rows.set(tensor, (row = { shapes: new Map(), worst: {} }));
    return row;
  }

  /** Whether anything has failed so far. */
  failed(): boolean {
    return [...this.rows.values()].some(({ failure }) => failure);
  }

  reports(): readonly TensorReport[] {
    return [...this.rows].map(([tensor, { shapes, worst, failure, singularAt }]) => {
      const branched = eachSite(this.proofs.sitesOf(tensor)).every(wentBothWays);
      const proof = failure || !branched ? undefined : this.proofs.of(tensor);
      return {
        layer: this.layer,
        tensor,
        shapes: shapes.size,
        examples: [...shapes.values()].slice(0, 3),
        worst,
        verdict: failure ? "failed" : proof ? "proved" : "agrees",
        ...(proof && { proof }),
        ...(failure && { failure }),
        ...(singularAt && { singularAt }),
      };
    });
  }
}

/** The verdicts on a layer's claims, collected over trials. */
import type { Layer } from "../notation/layer.js";
import { claimRound } from "./claim-proof.js";
import { judgeClaims, type ClaimFinding, type Refutation } from "./claims.js";
import { Proofs } from "./proofs.js";
import { prove, type Evidence } from "./proof.js";
import type { Random } from "./random.js";
import type { ClaimReport } from "./report.js";
import type { Trial } from "./trial.js";

export class ClaimVerdicts {
  private readonly worst = new Map<string, number>();
  private readonly examples = new Map<string, Refutation>();
  private readonly proofs = new Proofs();
  private readonly layer: Layer;
  private readonly gradientLayer: Layer;

  constructor(layer: Layer, gradientLayer: Layer) {
    [this.layer, this.gradientLayer] = [layer, gradientLayer];
  }

  /** Claims and gradients in float64. */
  compare(trial: Trial, random: Random): void {
    for (const finding of judgeClaims(this.layer, trial, random)) this.found(finding, trial);
  }

  /** Claims and gradients in exact numbers too, which have the last word where they are to be had. */
  prove(trial: Trial, random: Random): void {
    if (this.layer.claims.length === 0 || trial.fault !== undefined) return;
    const findings = judgeClaims(this.layer, trial, random);
    const unreadable = findings.some(({ example }) => example.reason !== undefined);
    const evidence = unreadable
      ? undefined
      : prove(claimRound(this.layer, this.gradientLayer, trial), random);
    // equal or large values whose order rounding hides show nothing
    if (!evidence && trial.kind !== "plain") return;
    for (const finding of findings) {
      const found = evidence?.get(finding.tensor);
      this.proofs.found(finding.tensor, found);
      this.found({ ...finding, refutes: isRefuted(finding, found) }, trial);
    }
  }

  private found({ tensor, error, refutes, example, at }: ClaimFinding, trial: Trial): void {
    // large values overflow
    if (trial.kind === "plain") this.worst.set(tensor, Math.max(this.worst.get(tensor) ?? 0, error));
    if (!refutes) return;
    const known = this.examples.get(tensor);
    if (!known || extent(trial) < extent(known.trial)) this.examples.set(tensor, { example, trial, at });
  }

  /** What is refuted so far, with the smallest counterexample found. */
  refuted(): ReadonlyMap<string, Refutation> {
    return this.examples;
  }
  /** A smaller one. */
  replace(tensor: string, refutation: Refutation): void {
    this.examples.set(tensor, refutation);
  }

  /** @param canonical claims that are the gradient in another writing */
  reports(canonical: ReadonlySet<string> = new Set()): readonly ClaimReport[] {
    return this.layer.claims.map(({ tensor, at }) => {
      const worst = this.worst.get(tensor) ?? 0;
      const counterexample = this.examples.get(tensor)?.example;
      const proof = this.proofs.of(tensor);
      if (counterexample) return { tensor, at, worst, verdict: "refuted", counterexample };
      if (canonical.has(tensor)) return { tensor, at, worst, verdict: "proved", method: "canonical form" };
      if (proof) return { tensor, at, worst, verdict: "proved", method: "prime field", proof };
      return { tensor, at, worst, verdict: "unproved" };
    });
  }
}
/** The sum of all sizes and params: what makes a counterexample large. */
const extent = ({ sizes }: Trial): number => Object.values(sizes).reduce((a, b) => a + Math.abs(b), 0);

/** What float64 tells apart may be rounding; what it does not may be a difference, of rational functions. */
function isRefuted({ refutes }: ClaimFinding, evidence: Evidence | undefined): boolean {
  if (!evidence) return refutes;
  return evidence.differs !== undefined && (refutes || evidence.rational);
}

/** Counterexamples made small and easy to read. */
import type { Layer } from "../notation/layer.js";
import type { ClaimVerdicts } from "./claim-verdicts.js";
import { judgeClaims, type ClaimFinding, type Counterexample, type Refutation } from "./claims.js";
import { legality } from "../ranges/sample.js";
import { firstDifference } from "./difference.js";
import type { Kind } from "./draw.js";
import { NoValue } from "./out-of-bounds.js";
import type { Random } from "./random.js";
import { isFinite, makeTrial, type Sizes, type Trial } from "./trial.js";

export interface Subject {
  readonly layer: Layer;
  readonly gradientLayer: Layer;
}
/** Loop points that a smaller counterexample may take. */
const budget = 3000;
const rounds = 4;

/** Each refuted claim with the smallest sizes found, small whole numbers where they show it, and where the sums part. */
export function shrinkCounterexamples(subject: Subject, claims: ClaimVerdicts, random: Random): void {
  const isLegal = legality(subject.layer, budget);
  for (const [tensor, found] of claims.refuted()) {
    let smallest = found;
    for (let round = 0; round < rounds; round++) {
      const before = smallest;
      for (const sizes of smaller(subject.layer, () => smallest.trial.sizes))
        if (isLegal(sizes))
          smallest =
            refuteAt(subject, tensor, sizes, new Set(["plain", found.trial.kind]), random) ?? smallest;
      if (smallest === before) break;
    }
    const { sizes } = smallest.trial;
    const readable = refuteAt(subject, tensor, sizes, ["whole", "whole", "whole"], random) ?? smallest;
    claims.replace(tensor, { ...readable, example: explained(subject, tensor, readable) });
  }
}

/** The most elements that are shown. */
const few = 12;
function explained(subject: Subject, tensor: string, { example, trial, at }: Refutation): Counterexample {
  const difference = at === undefined ? undefined : firstDifference(subject, trial, tensor, at);
  const values = [...trial.inputs, ...trial.cotangents].map(
    ([name, data]) => [name, Array.from(data)] as const,
  );
  const count = values.reduce((n, [, data]) => n + data.length, 0);
  return {
    ...example,
    ...(difference !== undefined && { difference }),
    ...(count <= few && { values: Object.fromEntries(values) }),
  };
}

/** The first of the draws that refutes the claim. */
function refuteAt(
  { layer, gradientLayer }: Subject,
  tensor: string,
  sizes: Sizes,
  kinds: Iterable<Kind>,
  random: Random,
): Refutation | undefined {
  for (const kind of kinds) {
    let findings: readonly ClaimFinding[];
    let trial: Trial;
    try {
      trial = makeTrial(layer, gradientLayer, sizes, random, kind);
      if (kind !== "plain" && !isFinite(layer, trial)) continue;
      findings = judgeClaims(layer, trial, random);
    } catch (error) {
      if (error instanceof NoValue) continue;
      throw error;
    }
    const finding = findings.find((f) => f.tensor === tensor && f.refutes);
    if (finding) return { example: finding.example, trial, at: finding.at };
  }
  return undefined;
}

/** Sizes with one name made smaller, always of the smallest known; params move towards their defaults. */
function* smaller(layer: Layer, known: () => Sizes): Generator<Sizes> {
  for (const name of layer.sizes) {
    const value = known()[name] ?? 1;
    for (const less of new Set([1, Math.floor(value / 2), value - 1]))
      if (less >= 1 && less < (known()[name] ?? 1)) yield { ...known(), [name]: less };
  }
  for (const { name, value: usual } of layer.params) {
    const value = known()[name] ?? usual;
    const step = Math.sign(usual - value);
    for (const next of new Set([usual, value + step]))
      if (step !== 0 && next !== known()[name]) yield { ...known(), [name]: next };
  }
}

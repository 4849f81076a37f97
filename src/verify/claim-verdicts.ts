/** The verdicts on a layer's claims, collected over trials. */
import type { Layer } from "../notation/layer.js";
import { tensorsIn } from "../notation/traverse.js";
import { cellsLeft, cellsLeftWithin, describeCell, type Cell } from "./cells.js";
import { claimRound, exactLayer, hasPole } from "./claim-proof.js";
import { differentiated, judgeClaims, type ClaimFinding, type Refutation } from "./claims.js";
import { Proofs } from "./proofs.js";
import { prove, type Evidence } from "./proof.js";
import type { Random } from "./random.js";
import type { ClaimReport } from "./report.js";
import type { Trial } from "./trial.js";
import type { Kind, Place, Site, Way } from "./sites.js";
import { degreeIn } from "./degrees.js";
import { decidedThroughout, impossibleWays } from "./ways.js";

export class ClaimVerdicts {
  private readonly worst = new Map<string, number>();
  private readonly examples = new Map<string, Refutation>();
  private readonly proofs = new Proofs();
  private readonly impossible: Map<Kind, Map<Place, ReadonlySet<Way>>>;
  private readonly layer: Layer;
  private readonly gradientLayer: Layer;

  /** Places of the claims that sizes and params alone decide. */
  private readonly throughout: ReadonlySet<Place>;
  private readonly dismissed = new Map<string, Map<Place, Set<Way>>>();
  private readonly canonical: ReadonlySet<string>;

  /** @param canonical claims that are the gradient in another writing */
  constructor(layer: Layer, gradientLayer: Layer, canonical: ReadonlySet<string> = new Set()) {
    [this.layer, this.gradientLayer, this.canonical] = [layer, gradientLayer, canonical];
    const exact = layer.claims.length > 0 ? exactLayer(layer) : undefined;
    this.throughout = exact
      ? decidedThroughout(layer, exact.statements.slice(layer.statements.length))
      : new Set();
    this.impossible = exact ? impossibleWays(exact) : new Map();
  }

  /** Claims and gradients in float64. */
  compare(trial: Trial, random: Random): void {
    for (const finding of judgeClaims(this.layer, trial, random)) this.found(finding, trial);
  }

  /** Claims and gradients in exact numbers too, which have the last word where they are to be had. */
  prove(trial: Trial, random: Random): void {
    if (this.layer.claims.length === 0 || trial.fault !== undefined) return;
    const all = judgeClaims(this.layer, trial, random);
    const findings = all.filter(({ tensor }) => hasGradient(trial, tensor));
    const unreadable = findings.some(({ example }) => example.reason !== undefined);
    const evidence = unreadable ? undefined : this.evidenceOf(trial, random);
    // what float64 cannot hold, exact numbers can
    for (const { tensor } of all) {
      const found = evidence?.get(tensor);
      if (!hasGradient(trial, tensor) && found && found.differs === undefined)
        this.proofs.found(tensor, found, (place) => this.throughout.has(place), trial.sizes);
    }
    if (trial.kind === "tied" || trial.kind === "sought")
      for (const finding of findings)
        if (isInfinite(finding) && hasPole(this.layer, trial, finding, random)) this.found(finding, trial);
    for (const finding of findings) {
      const found = evidence?.get(finding.tensor);
      if (trial.kind !== "plain" && showsNothing(finding, found)) continue;
      this.proofs.found(finding.tensor, found, (place) => this.throughout.has(place), trial.sizes);
      this.found({ ...finding, refutes: isRefuted(finding, found) }, trial);
    }
  }

  /** Of all claims at once, else of each by itself: where one gradient is singular another is not. */
  private evidenceOf(trial: Trial, random: Random): ReadonlyMap<string, Evidence> | undefined {
    const tensors = this.layer.claims.map((claim) => claim.tensor);
    const round = (of: readonly string[]) =>
      prove(claimRound(this.layer, this.gradientLayer, trial, of), random);
    const whole = round(tensors);
    if (whole || tensors.length < 2 || trial.kind === "plain") return whole;
    return new Map(tensors.flatMap((tensor) => [...(round([tensor]) ?? [])]));
  }

  /** Looks for differences in float64, and has them confirmed. */
  screen(trial: Trial, random: Random): void {
    const differs = ({ tensor, refutes }: ClaimFinding): boolean => refutes && hasGradient(trial, tensor);
    if (judgeClaims(this.layer, trial, random).some(differs)) this.prove(trial, random);
  }

  private found({ tensor, error, refutes, example, at }: ClaimFinding, trial: Trial): void {
    // large values overflow
    if (trial.kind === "plain") this.worst.set(tensor, Math.max(this.worst.get(tensor) ?? 0, error));
    if (!refutes) return;
    const known = this.examples.get(tensor);
    if (!known || extent(trial) < extent(known.trial)) this.examples.set(tensor, { example, trial, at });
  }

  /** The cells that nothing drawn has reached of what a claim, the layer and the gradient decide. */
  cellsLeft(tensor: string): readonly Cell[] {
    const owners = ownersOf(tensor, this.layer);
    const computed = new Set(this.layer.statements.map((s) => s.tensor));
    const sites = this.proofs.sitesOf(tensor);
    const own = (owner: string): boolean => owners.has(owner) && !computed.has(owner);
    const dismissed = this.dismissed.get(tensor);
    return [
      ...cellsLeft(sites, this.impossible, (owner) => owners.has(owner)).filter(
        ({ site, way }) => typeof way === "number" || !dismissed?.get(site.place)?.has(way),
      ),
      ...cellsLeftWithin(sites, this.proofs.within(tensor), own),
    ];
  }

  /** Sizes of which more values have to be seen than the degree of what is claimed in them. */
  sizesLeft(tensor: string): readonly { readonly name: string; readonly above: number }[] {
    const owners = ownersOf(tensor, this.layer);
    const statements = exactLayer(this.layer).statements.filter((s) => owners.has(s.tensor));
    return this.layer.sizes.flatMap((name) => {
      const above = Math.max(...statements.map((s) => degreeIn(s, name)));
      return this.proofs.largest(tensor, name) > above + 1 || above < 2 ? [] : [{ name, above: above + 1 }];
    });
  }

  /** A way that was shown to be impossible. */
  exclude({ kind, place }: Site, way: Way): void {
    let places = this.impossible.get(kind);
    if (!places) this.impossible.set(kind, (places = new Map()));
    places.set(place, new Set([...(places.get(place) ?? []), way]));
  }

  /** A cell in which a claim's gradient is not finite: the claim may say anything there. */
  dismiss(tensor: string, { place }: Site, way: Way): void {
    const places = this.dismissed.get(tensor) ?? new Map<Place, Set<Way>>();
    this.dismissed.set(tensor, places);
    places.set(place, (places.get(place) ?? new Set()).add(way));
  }

  /** Those of all claims that may yet be proved. */
  allCellsLeft(): readonly Cell[] {
    const open = this.layer.claims.filter(({ tensor }) => this.isOpen(tensor));
    return open.flatMap(({ tensor }) => this.cellsLeft(tensor));
  }
  allSizesLeft(): ReturnType<ClaimVerdicts["sizesLeft"]> {
    return this.layer.claims.flatMap(({ tensor }) => (this.isOpen(tensor) ? this.sizesLeft(tensor) : []));
  }
  /** Whether sizes and params alone decide it. */
  isThroughout(place: Place): boolean {
    return this.throughout.has(place);
  }
  /** Whether any claim may yet be proved or refuted. */
  areOpen(): boolean {
    return this.layer.claims.some(({ tensor }) => this.isOpen(tensor));
  }
  private isOpen(tensor: string): boolean {
    return !this.examples.has(tensor) && !this.canonical.has(tensor) && this.proofs.of(tensor) !== undefined;
  }

  /** What is refuted so far, with the smallest counterexample found. */
  refuted(): ReadonlyMap<string, Refutation> {
    return this.examples;
  }
  /** A smaller one. */
  replace(tensor: string, refutation: Refutation): void {
    this.examples.set(tensor, refutation);
  }

  reports(): readonly ClaimReport[] {
    return this.layer.claims.map(({ tensor, at }) => {
      const worst = this.worst.get(tensor) ?? 0;
      const counterexample = this.examples.get(tensor)?.example;
      const proof = this.proofs.of(tensor);
      if (counterexample) return { tensor, at, worst, verdict: "refuted", counterexample };
      if (this.canonical.has(tensor))
        return { tensor, at, worst, verdict: "proved", method: "canonical form" };
      const untried = [
        ...this.cellsLeft(tensor).map((cell) => describeCell(cell, this.layer)),
        ...this.sizesLeft(tensor).map(({ name, above }) => `${name} > ${above}`),
      ];
      if (proof && untried.length === 0)
        return { tensor, at, worst, verdict: "proved", method: "prime field", proof };
      return { tensor, at, worst, verdict: "unproved", untried };
    });
  }
}
/**
 * The statements whose decisions a claim must have seen: its own, those that it reads, and those of the layer. What the derived
 * gradient decides, it has from the layer.
 */
function ownersOf(tensor: string, layer: Layer): ReadonlySet<string> {
  const owners = new Set(layer.statements.map((s) => s.tensor));
  const statements = [...layer.claimHelpers, ...layer.claims];
  const follow = (name: string): void => {
    if (owners.has(name)) return;
    owners.add(name);
    for (const { tensor: defined, body } of statements)
      if (defined === name) for (const read of tensorsIn(body)) follow(read);
  };
  follow(tensor);
  return owners;
}

/** At unusual values a gradient may not exist. */
const hasGradient = ({ kind, gradients }: Trial, claimed: string): boolean =>
  kind === "plain" || Array.from(gradients.get(differentiated(claimed)) ?? []).every(Number.isFinite);
/** The sum of all sizes and params: what makes a counterexample large. */
const extent = ({ sizes }: Trial): number => Object.values(sizes).reduce((a, b) => a + Math.abs(b), 0);

/** Whether a claim can be read and has no finite value where the gradient has one: z/x for the product of all but x, at x = 0. */
const isInfinite = ({ refutes, example: { claimed, reason } }: ClaimFinding): boolean =>
  refutes && reason === undefined && !Number.isFinite(claimed);

/**
 * Among equal or large values rounding may hide an order, and numbers that are multiples of each other are met whose laws
 * are not known.
 */
const showsNothing = ({ refutes }: ClaimFinding, found: Evidence | undefined): boolean =>
  !found || (found.differs !== undefined && !refutes && !found.rational);

/** What float64 tells apart may be rounding; what it does not may be a difference, of rational functions. */
function isRefuted({ refutes }: ClaimFinding, evidence: Evidence | undefined): boolean {
  if (!evidence) return refutes;
  return evidence.differs !== undefined && (refutes || evidence.rational);
}

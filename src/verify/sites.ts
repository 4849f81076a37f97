/** Where the outcome of an exact evaluation depends on more than identities: comparisons, and signs under roots. */
import { isConstant, keyOf, type Exact } from "./exact.js";

/** Which ways a comparison went: one that went one way only has not shown what the other branch does. */
export interface Site {
  yes: boolean;
  no: boolean;
  /** Whether anything depended on it. */
  asked: boolean;
}
/** Told of a factor whose sign is not known, where √(ab) = √|a|·√|b| makes use of it. */
export type Signs = (factor: Exact) => void;

export interface Sites {
  /** Comparisons, in the order in which they were compiled. */
  readonly sites: readonly Site[];
  /** Signs that something may depend on: of each tensor drawn, and at each function. */
  readonly signSites: readonly Site[];
  /** A place where the formula branches on numbers. */
  readonly comparison: () => (outcome: boolean, ...decidedBy: readonly Exact[]) => boolean;
  /** A place where it branches on indices and sizes. */
  readonly condition: () => (outcome: boolean) => boolean;
  /** A place where products are taken apart under logarithms and roots. */
  readonly signs: () => Signs;
  /** Told of the elements of a tensor. */
  readonly drawn: (numbers: readonly Exact[]) => void;
  /** Told that a logarithm or a root was taken of a number: it is not negative. */
  readonly inDomain: (a: Exact) => void;
  /** What is evaluated up to here says which numbers are legal: what it takes logarithms and roots of is not negative. */
  readonly layerEnds: () => void;
  /** To be called before the sites are read. */
  readonly settle: () => void;
}

export function branchSites(): Sites {
  const sites: Site[] = [];
  const signSites: Site[] = [];
  const newSite = (into: Site[], site: Site): Site => (into.push(site), site);
  const note = (site: Site, outcome: boolean): boolean => {
    if (outcome) site.yes = true;
    else site.no = true;
    return outcome;
  };
  const condition = (): ((outcome: boolean) => boolean) => {
    const site = newSite(sites, { yes: false, no: false, asked: true });
    return (outcome) => note(site, outcome);
  };
  const comparison: Sites["comparison"] = () => {
    const site = newSite(sites, { yes: false, no: false, asked: true });
    return (outcome, ...decidedBy) => {
      // what no draw can change has one branch only
      if (decidedBy.every(isConstant)) site.yes = site.no = true;
      return note(site, outcome);
    };
  };

  const tensors = new Map<number | string, Site>();
  const drawn = (numbers: readonly Exact[]): void => {
    const [yes, no] = [numbers.some((a) => a.float > 0), numbers.some((a) => a.float < 0)];
    const site = newSite(signSites, { yes, no, asked: false });
    for (const number of numbers) tensors.set(keyOf(number), site);
  };
  const pending: { readonly site: Site; readonly factor: number | string }[] = [];
  const signs = (): Signs => {
    const own = newSite(signSites, { yes: false, no: false, asked: false });
    return (factor) => {
      if (factor.nonnegative || isConstant(factor)) return;
      note(own, factor.float > 0);
      const key = keyOf(factor);
      pending.push({ site: tensors.get(key) ?? own, factor: key });
    };
  };

  const legal = new Set<number | string>();
  let layerRuns = true;
  return {
    sites,
    signSites,
    comparison,
    condition,
    signs,
    drawn,
    inDomain: (a) => {
      if (layerRuns) legal.add(keyOf(a));
    },
    layerEnds: () => {
      layerRuns = false;
    },
    settle: () => {
      for (const { site, factor } of pending) if (!legal.has(factor)) site.asked = true;
    },
  };
}

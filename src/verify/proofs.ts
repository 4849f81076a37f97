/** What exact evaluation showed of each tensor over all sizes that were tried. */
import type { Evidence } from "./proof.js";
import type { Sizes } from "./trial.js";
import { eachSite, joinSites, waysOf, type Place, type Site, type Sites, type Way } from "./sites.js";

/** What was drawn for a proof. */
export interface Proof {
  /** At how many sizes, and with how many random points in all. */
  readonly sizes: number;
  readonly points: number;
  /** The probability that formulas which differ at one of these sizes, in a cell that was drawn, have not been told apart. */
  readonly doubt: number;
}
interface Tally {
  readonly agreed: number;
  readonly points: number;
  readonly doubt: number;
  readonly holds: boolean;
  readonly sites: Map<string, Map<Place, Site>>;
  /** What was decided in trials in which a place went a way. */
  readonly within: Map<Place, Map<Way, Map<string, Map<Place, Site>>>>;
}

/** An error probability above this is no proof. */
const acceptable = 1e-12;

export class Proofs {
  private readonly sizes = new Map<string, Map<string, number>>();
  private readonly records = new Map<string, Tally>();

  /**
   * Evidence from one trial; undefined where it gave none.
   * @param isThroughout whether a place goes one way throughout a trial, as sizes and params alone decide it
   */
  found(
    tensor: string,
    evidence: Evidence | undefined,
    isThroughout: (place: Place) => boolean = () => false,
    sizes: Sizes = {},
  ): void {
    const known = this.records.get(tensor) ?? {
      holds: true,
      agreed: 0,
      points: 0,
      doubt: 0,
      sites: new Map<string, Map<Place, Site>>(),
      within: new Map<Place, Map<Way, Map<string, Map<Place, Site>>>>(),
    };
    if (evidence) {
      const largest = this.sizes.get(tensor) ?? new Map<string, number>();
      this.sizes.set(tensor, largest);
      for (const [name, size] of Object.entries(sizes))
        largest.set(name, Math.max(size, largest.get(name) ?? 0));
      joinSites(known.sites, evidence.sites);
      for (const site of eachSite(evidence.sites))
        if (isThroughout(site.place))
          for (const way of waysOf(site)) {
            const ways = known.within.get(site.place) ?? new Map<Way, Map<string, Map<Place, Site>>>();
            known.within.set(site.place, ways);
            const sites = ways.get(way) ?? new Map<string, Map<Place, Site>>();
            ways.set(way, sites);
            joinSites(sites, evidence.sites);
          }
    }
    this.records.set(tensor, {
      holds: known.holds && evidence !== undefined && evidence.differs === undefined,
      agreed: known.agreed + 1,
      points: known.points + (evidence?.points ?? 0),
      doubt: Math.max(known.doubt, evidence?.doubt ?? 1),
      sites: known.sites,
      within: known.within,
    });
  }

  /** What was decided in the trials in which sizes and params made a place go one way. */
  within(tensor: string): ReadonlyMap<Place, ReadonlyMap<Way, Sites>> {
    return this.records.get(tensor)?.within ?? new Map();
  }

  /** The places at which the formulas decided in what agreed so far. */
  sitesOf(tensor: string): Sites {
    return this.records.get(tensor)?.sites ?? new Map();
  }

  /** The largest value of a size at which there was evidence. */
  largest(tensor: string, size: string): number {
    return this.sizes.get(tensor)?.get(size) ?? 0;
  }

  /** The agreement of all trials, almost surely; whether every cell was drawn is to be asked of the sites. */
  of(tensor: string): Proof | undefined {
    const record = this.records.get(tensor);
    if (!record?.holds || record.doubt > acceptable) return undefined;
    const { agreed: sizes, points, doubt } = record;
    return { sizes, points, doubt };
  }
}

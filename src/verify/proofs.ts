/** What exact evaluation showed of each tensor over all sizes that were tried. */
import type { Site } from "./sites.js";
import { mergeSites, type Evidence } from "./proof.js";

/** What was drawn for a proof. */
export interface Proof {
  /** At how many sizes, and with how many random points in all. */
  readonly sizes: number;
  readonly points: number;
  /** The probability that formulas which differ at one of these sizes have not been told apart. */
  readonly doubt: number;
}
interface Tally extends Proof {
  readonly holds: boolean;
  readonly sites: readonly Site[];
}

/** An error probability above this is no proof. */
const acceptable = 1e-12;

export class Proofs {
  private readonly records = new Map<string, Tally>();

  /** Evidence from one trial; undefined where it gave none. */
  found(tensor: string, evidence: Evidence | undefined): void {
    const known = this.records.get(tensor) ?? { holds: true, sizes: 0, points: 0, doubt: 0, sites: [] };
    this.records.set(tensor, {
      holds: known.holds && evidence !== undefined && evidence.differs === undefined,
      sizes: known.sizes + 1,
      points: known.points + (evidence?.points ?? 0),
      doubt: Math.max(known.doubt, evidence?.doubt ?? 1),
      sites: mergeSites(known.sites, evidence?.sites ?? []),
    });
  }

  /** The proof, where all trials agree, almost surely, and every branch of the formulas was taken. */
  of(tensor: string): Proof | undefined {
    const record = this.records.get(tensor);
    if (
      !record?.holds ||
      record.doubt > acceptable ||
      !record.sites.every(({ yes, no, asked }) => !asked || (yes && no))
    )
      return undefined;
    const { sizes, points, doubt } = record;
    return { sizes, points, doubt };
  }
}

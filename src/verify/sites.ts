/**
 * Where the outcome of an evaluation depends on more than identities: every place at which a formula decides something
 * by the order of two numbers, by a remainder or by the sign of a factor under a root, and which ways it went. A way that
 * nothing drawn has gone is a cell that the evaluation says nothing of.
 */
import type { Binder, Condition, Expression } from "../notation/expression.js";
import type { Atom } from "../notation/integer.js";
import { isConstant, keyOf, type Exact } from "./exact.js";

/** The part of a formula that decides, or the name of a tensor or param for the signs of what it holds. */
export type Place = Condition | Expression | Atom | Binder | string;
/**
 * - `compare`: two reals, of a comparison or under max and min; `sign`: a real and 0, under abs, sign and relu
 * - `step`: a real and the integers about it, under floor, ceil and round
 * - `integer`: an integer and 0, in a condition; `equality`: the same, where nothing but 0 is asked for
 * - `extremum`: the two sides of an integer min or max; `division`: remainder and quotient
 * - `range`: whether a bound index has none, one or more values; `slack`: by how much a condition holds at that end of a sum's box where it holds least
 * - `choice`: the best and the next best of a max or min over indices
 * - `factor`: a number whose sign matters under a root
 */
export type Kind =
  | "compare"
  | "sign"
  | "step"
  | "integer"
  | "equality"
  | "extremum"
  | "division"
  | "range"
  | "slack"
  | "choice"
  | "factor";

export type Way = "below" | "at" | "above";
export interface Site {
  readonly kind: Kind;
  readonly place: Place;
  /** The tensor of the statement that it stands in. */
  readonly owner: string;
  /** Whether the first number was below, at or above the second; `at` a remainder of 0, `above` another one. */
  below: boolean;
  at: boolean;
  above: boolean;
  /** The two are an integer and no integer: they cannot be equal. */
  apart: boolean;
  /** The first is never below, or never above the second, whatever is drawn. */
  atLeast: boolean;
  atMost: boolean;
  /** Whether anything depended on it. */
  asked: boolean;
  /** Of a division: the remainders and quotients met, and the divisors. */
  readonly remainders: Set<number>;
  readonly quotients: Set<number>;
  readonly divisors: Set<number>;
}
/** Sites by kind and place, those of several evaluations of the same formulas joined. */
export type Sites = ReadonlyMap<string, ReadonlyMap<Place, Site>>;

/** More remainders and quotients are not counted. */
const mostCounted = 1100;

/** What evaluation tells of the places where it decides. */
export interface Watch {
  /** Told of the difference of the two numbers. */
  readonly order: (kind: Kind, place: Place) => (difference: number) => void;
  /** Told of dividend and divisor. */
  readonly division: (place: Place) => (dividend: number, divisor: number) => void;
  /** That the places which follow stand in the statement of that tensor. */
  readonly inside: (tensor: string) => void;
}

export class Places implements Watch {
  private readonly byKind = new Map<Kind, Map<Place, Site>>();
  private owner = "";
  /** Whether places count: what derived gradients decide, the layer does. */
  private counts = true;

  site(kind: Kind, place: Place): Site {
    let places = this.byKind.get(kind);
    if (!places) this.byKind.set(kind, (places = new Map()));
    let site = places.get(place);
    if (!site) places.set(place, (site = emptySite(kind, place, this.owner, this.counts)));
    return site;
  }
  readonly order: Watch["order"] = (kind, place) => {
    const site = this.site(kind, place);
    return (difference) => {
      if (difference > 0) site.above = true;
      else if (difference < 0) site.below = true;
      else if (difference === 0) site.at = true;
    };
  };
  readonly division: Watch["division"] = (place) => {
    const site = this.site("division", place);
    return (dividend, divisor) => {
      const quotient = Math.floor(dividend / divisor);
      const remainder = dividend - quotient * divisor;
      if (remainder === 0) site.at = true;
      else if (remainder > 0) site.above = true;
      if (site.remainders.size < mostCounted) site.remainders.add(remainder);
      if (site.quotients.size < mostCounted) site.quotients.add(quotient);
      if (site.divisors.size < mostCounted) site.divisors.add(divisor);
    };
  };
  readonly inside = (tensor: string): void => {
    this.owner = tensor;
  };
  /** What is evaluated from here on are derived gradients. */
  gradientsBegin(): void {
    this.counts = false;
  }
  /** Keeps the places, not the ways that were gone. */
  forget(): void {
    for (const site of eachSite(this.byKind)) {
      [site.below, site.at, site.above] = [false, false, false];
      for (const set of [site.remainders, site.quotients, site.divisors]) set.clear();
    }
  }
  get found(): Sites {
    return this.byKind;
  }
}
const emptySite = (kind: Kind, place: Place, owner: string, asked: boolean): Site => ({
  ...{
    kind,
    place,
    owner,
    asked,
    below: false,
    at: false,
    above: false,
    apart: true,
    atLeast: true,
    atMost: true,
  },
  ...{ remainders: new Set(), quotients: new Set(), divisors: new Set() },
});

export const eachSite = (sites: Sites): readonly Site[] =>
  [...sites.values()].flatMap((places) => [...places.values()]);

/** Whether a comparison of reals, or a sign under a root, went two ways; what indices decide is not asked here. */
export function wentBothWays({ kind, asked, below, at, above }: Site): boolean {
  if (!asked || (kind !== "compare" && kind !== "sign" && kind !== "factor")) return true;
  return [below, at, above].filter(Boolean).length > 1;
}

/** The ways that a place went; of a division, `below` stands for a quotient other than 0. */
export const waysOf = (site: Site): readonly Way[] =>
  site.kind === "division"
    ? [[...site.quotients].some((q) => q !== 0) ? "below" : "above"]
    : (["below", "at", "above"] as const).filter((way) => site[way]);

/** Adds what one evaluation met to what others did. */
export function joinSites(into: Map<string, Map<Place, Site>>, sites: Sites): void {
  for (const site of eachSite(sites)) {
    let places = into.get(site.kind);
    if (!places) into.set(site.kind, (places = new Map()));
    const known = places.get(site.place);
    if (!known) {
      places.set(site.place, {
        ...site,
        remainders: new Set(site.remainders),
        quotients: new Set(site.quotients),
        divisors: new Set(site.divisors),
      });
      continue;
    }
    for (const way of ["below", "at", "above", "asked"] as const) known[way] ||= site[way];
    for (const always of ["apart", "atLeast", "atMost"] as const) known[always] &&= site[always];
    for (const set of ["remainders", "quotients", "divisors"] as const)
      for (const value of site[set]) known[set].add(value);
  }
}

/** Told of a factor whose sign is not known, where √(ab) = √|a|·√|b| makes use of it. */
export type Signs = (factor: Exact) => void;
/** Which signs of factors matter under logarithms and roots. */
export interface FactorSigns {
  /** A place where products are taken apart under logarithms and roots. */
  readonly signs: (place?: Place) => Signs;
  /** Told of the numbers that a tensor or a param holds. */
  readonly drawn: (name: string, numbers: readonly Exact[]) => void;
  /** Told that a logarithm or a root was taken of a number: it is not negative. */
  readonly inDomain: (a: Exact) => void;
  /** What is evaluated up to here says which numbers are legal: what it takes logarithms and roots of is not negative. */
  readonly layerEnds: () => void;
  /** To be called before the sites are read. */
  readonly settle: () => void;
}

export function factorSigns(places: Places): FactorSigns {
  const siteOf = (place: Place): Site => {
    const site = places.site("factor", place);
    return site;
  };
  const note = (site: Site, { float }: Exact): void => {
    if (float > 0) site.above = true;
    else if (float < 0) site.below = true;
  };
  const holders = new Map<number | string, Place>();
  const pending: { readonly place: Place; readonly factor: number | string }[] = [];
  const legal = new Set<number | string>();
  let layerRuns = true;
  return {
    drawn: (name, numbers) => {
      const site = siteOf(name);
      site.asked = false;
      for (const number of numbers) {
        note(site, number);
        holders.set(keyOf(number), name);
      }
    },
    signs: (place = "") => {
      const own = siteOf(place);
      own.asked = false;
      return (factor) => {
        if (factor.nonnegative || isConstant(factor)) return;
        note(own, factor);
        const key = keyOf(factor);
        pending.push({ place: holders.get(key) ?? place, factor: key });
      };
    },
    inDomain: (a) => {
      if (layerRuns) legal.add(keyOf(a));
    },
    layerEnds: () => {
      layerRuns = false;
    },
    settle: () => {
      for (const { place, factor } of pending) if (!legal.has(factor)) siteOf(place).asked = true;
    },
  };
}

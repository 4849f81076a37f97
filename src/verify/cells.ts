/** The cells that two formulas can tell apart, those that nothing drawn has reached, and what they are called. */
import { printCondition, printExpression, printInt } from "../language/print.js";
import type { Expression } from "../notation/expression.js";
import type { Layer } from "../notation/layer.js";
import { eachSite, waysOf, type Place, type Site, type Sites, type Way } from "./sites.js";
import type { Impossible } from "./ways.js";

export interface Cell {
  readonly site: Site;
  readonly way: Way | number;
  /** It is to be reached where sizes and params make this place go that way. */
  readonly within?: { readonly site: Site; readonly way: Way };
}

/** Remainders of larger divisors are not all asked for. */
const mostRemainders = 1024;

/** The cells not reached of the places in these statements. */
export function cellsLeft(
  sites: Sites,
  impossible: Impossible,
  isAsked: (owner: string) => boolean,
): readonly Cell[] {
  return eachSite(sites).flatMap((site) => {
    if (!site.asked || !isAsked(site.owner)) return [];
    const never = impossible.get(site.kind)?.get(site.place);
    const ways = wanted(site).filter((way) => !never?.has(typeof way === "number" ? "above" : way));
    return ways.map((way) => ({ site, way }));
  });
}

/**
 * Where sizes and params alone decide something, all else that was decided is to be seen on either side: that `min(w, 9)` is 9 shows
 * nothing at sizes of 1.
 */
export function cellsLeftWithin(
  sites: Sites,
  within: ReadonlyMap<Place, ReadonlyMap<Way, Sites>>,
  isAsked: (owner: string) => boolean,
): readonly Cell[] {
  const asked = eachSite(sites).filter((site) => site.asked && isAsked(site.owner) && site.kind !== "factor");
  return asked.flatMap((outer) =>
    [...(within.get(outer.place) ?? [])].flatMap(([way, seen]) =>
      asked.flatMap((site) => {
        if (within.has(site.place)) return [];
        const there = seen.get(site.kind)?.get(site.place);
        // a range of one value shows less than one of more
        const ways = site.kind === "range" ? waysOf(site).filter((w) => w === "above") : waysOf(site);
        const missing = ways.filter((w) => !there || !waysOf(there).includes(w));
        return missing.map((w) => ({ site, way: w, within: { site: outer, way } }));
      }),
    ),
  );
}

/** What of a place is still to be seen. */
function wanted(site: Site): readonly (Way | number)[] {
  switch (site.kind) {
    case "compare":
      if (isEquality(site)) return site.apart ? [] : eitherWay(site);
      return ordered(site);
    case "sign":
      return ordered(site);
    case "step": {
      const ways = missing(site, ...(site.atLeast ? [] : (["below"] as const)), "at", "above");
      return site.quotients.size > 1 || ways.includes("above") ? ways : [...ways, "above"];
    }
    case "integer":
      return missing(site, "below", "at", "above");
    case "equality":
    case "choice":
      return eitherWay(site);
    case "extremum":
      return missing(site, "below", "above");
    case "range":
      return [...missing(site, "above"), ...(site.at || site.below ? [] : missing(site, "at"))];
    case "slack":
      return missing(site, "below", "above");
    case "factor":
      return missing(site, "below", "above");
    case "division": {
      const [divisor] = site.divisors;
      const one = site.divisors.size === 1 && divisor !== undefined;
      const remainders =
        one && divisor <= mostRemainders && !isExact(site)
          ? Array.from({ length: divisor }, (_, r) => r).filter((r) => !site.remainders.has(r))
          : [];
      const second: readonly Way[] = site.quotients.size > 1 ? [] : ["below"];
      const uneven = remainders.length > 0 ? remainders.filter((r) => r > 0) : missing(site, "above");
      return [...missing(site, "at"), ...uneven, ...second];
    }
  }
}

const missing = (site: Site, ...ways: readonly Way[]): readonly Way[] => ways.filter((way) => !site[way]);
/** Less, equal and greater, but for what cannot be. */
const ordered = (site: Site): readonly Way[] =>
  missing(site, "below", "at", "above").filter(
    (way) => !{ below: site.atLeast, at: site.apart, above: site.atMost }[way],
  );
/** Equal and not. */
const eitherWay = (site: Site): readonly Way[] => [
  ...missing(site, "at"),
  ...(site.below || site.above ? [] : missing(site, "above")),
];
const isExact = ({ place }: Site): boolean =>
  typeof place !== "string" && "kind" in place && place.kind === "exact";
const isEquality = ({ place }: Site): boolean =>
  typeof place !== "string" &&
  "kind" in place &&
  place.kind === "compare" &&
  (place.operator === "==" || place.operator === "!=");

const signs: Readonly<Record<Way, string>> = { below: "<", at: "==", above: ">" };

/** The cell in the user's names: `alpha < 0`, `N - 100 > 0`. */
export function describeCell({ site, way, within }: Cell, layer: Layer): string {
  if (within) return `${describeCell({ site, way }, layer)} where ${describeCell(within, layer)}`;
  const { kind, place, owner } = site;
  const sign = typeof way === "number" ? "==" : signs[way];
  const print = (e: Expression): string => printExpression(e, layer);
  if (typeof place === "string")
    return place === "" ? `a factor ${sign} 0 under a root` : `${place} ${sign} 0 throughout`;
  if (!("kind" in place))
    return `${{ below: "no", at: "at most one", above: "more than one" }[way as Way]} value of ${place.name} in ${printInt(place.lower)} <= ${place.name} < ${printInt(place.upper)}`;
  switch (place.kind) {
    case "compare":
      return `${print(place.left)} ${sign} ${print(place.right)}`;
    case "nonnegative":
      if (kind === "slack") {
        const holds = way === "above" ? "with room to spare at every point" : "not at every point";
        return `${printCondition(place, layer)} ${holds} of a sum in ${owner}`;
      }
      return `${printInt(place.value)} ${sign} 0`;
    case "zero":
      return `${printInt(place.value)} ${sign} 0`;
    case "min":
    case "max":
      return `${printInt(place.left)} ${sign} ${printInt(place.right)}`;
    case "floor":
    case "exact":
      return describeDivision(printInt(place.numerator), printInt(place.denominator), way);
    case "modulo":
      return describeDivision(printInt(place.value), printInt(place.modulus), way);
    case "call": {
      const values = place.arguments.map(print);
      if (kind === "factor") return `${print(place)} of a factor ${sign} 0`;
      if (kind === "sign") return `${values.join(", ")} ${sign} 0`;
      if (kind === "compare") return values.join(` ${sign} `);
      const quotient = values.join("/");
      return way === "at" ? `${quotient} a whole number` : `${quotient} ${sign} 0 and no whole number`;
    }
    case "reduction":
      return `${way === "at" ? "a tie" : "no tie"} in ${print(place)}`;
    case "add":
    case "all":
    case "and":
    case "any":
    case "constant":
    case "element":
    case "integer":
    case "multiply":
    case "named":
    case "not":
    case "or":
    case "pad":
    case "parameter":
    case "power":
    case "raise":
    case "read":
    case "select":
    case "stop":
    case "truth":
    case "variable":
      return `a factor ${sign} 0 in ${owner}`;
  }
}
function describeDivision(dividend: string, divisor: string, way: Way | number): string {
  if (way === "below") return `a second quotient of ${dividend} by ${divisor}`;
  return `mod(${dividend}, ${divisor}) ${typeof way === "number" ? `== ${way}` : `${signs[way]} 0`}`;
}

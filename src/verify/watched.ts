/** float64 that tells every place at which a formula decides, and by how much: what values would decide otherwise is solved for. */
import { binary, unary } from "../primitives/index.js";
import { float64, type Arithmetic } from "./numbers.js";
import { Places, type Kind, type Place, type Site, type Sites, type Watch } from "./sites.js";

/** One decision: at which place, and the difference of the two numbers. */
export interface Decision {
  readonly site: Site;
  readonly difference: number;
}
export interface Watched {
  readonly arithmetic: Arithmetic<number>;
  /** Forgets what was decided before. */
  readonly begin: () => void;
  readonly sites: () => Sites;
  /** How many operations and turns of loops there were since. */
  readonly operations: () => number;
  /** All decisions since, in order. */
  readonly decisions: () => readonly Decision[];
}
/** Of longer evaluations not every decision is remembered. */
const mostDecisions = 20_000;

export function watched(): Watched {
  const places = new Places();
  let decisions: Decision[] = [];
  let operations = 0;
  const order: Watch["order"] = (kind, place) => {
    const tell = places.order(kind, place);
    const site = places.site(kind, place);
    return (difference) => {
      operations += kind === "range" ? 2 + Math.max(0, difference) : 1;
      tell(difference);
      if (kind !== "range" && decisions.length < mostDecisions) decisions.push({ site, difference });
    };
  };
  const division: Watch["division"] = (place) => places.division(place);
  const ordering = (kind: Kind, at: Place | undefined): ((a: number, b: number) => void) => {
    if (at === undefined) return () => {};
    const tell = order(kind, at);
    return (a, b) => tell(a - b);
  };
  const stepping = (at: Place): ((from: number, a: number) => void) => {
    const [tell, site] = [order("step", at), places.site("step", at)];
    return (from, a) => {
      tell(Number.isInteger(from) ? 0 : a);
      if (site.quotients.size < 3) site.quotients.add(Math.floor(a));
    };
  };
  const arithmetic: Arithmetic<number> = {
    ...float64,
    add: (a, b) => (operations++, a + b),
    multiply: (a, b) => (operations++, a * b),
    watch: { order, division, inside: places.inside },
    unary: (name, at) => {
      const f = float64.unary(name);
      if (at === undefined) return f;
      const { decision } = unary[name];
      if (decision?.by === "sign") {
        const tell = order("sign", at);
        return (a) => (tell(a), f(a));
      }
      if (decision?.by === "step") {
        const tell = stepping(at);
        return (a) => (tell(a - decision.offset, a), f(a));
      }
      return f;
    },
    binary: (name, at) => {
      const f = float64.binary(name);
      const { decision } = binary[name];
      if (decision?.by === "order") {
        const tell = ordering("compare", at);
        return (a, b) => (tell(a, b), f(a, b));
      }
      if (decision?.by !== "step" || at === undefined) return f;
      const tell = stepping(at);
      return (a, b) => (tell(a / b, a / b), f(a, b));
    },
    compare: (operator, at) => {
      const compare = float64.compare(operator);
      const tell = ordering("compare", at);
      return (a, b) => (tell(a, b), compare(a, b));
    },
    chosen: (_, best, rival, at) => order("choice", at)(best - rival),
  };
  return {
    arithmetic,
    begin: () => {
      places.forget();
      decisions = [];
      operations = 0;
    },
    sites: () => places.found,
    operations: () => operations,
    decisions: () => decisions,
  };
}

/**
 * float64 that watches where the functions of a layer have kinks: which way every branch goes, how near the next
 * kink is, and what every `stop` is worth. Finite differences use it to stay on one smooth piece.
 */
import type { Arithmetic, BinaryName, UnaryName } from "./numbers.js";
import { float64 } from "./numbers.js";

/** What one evaluation showed. */
export interface Observation {
  /** A hash of all decisions, in order: two evaluations with the same one took the same branches. */
  readonly signature: number;
  /** The least distance of a value to a kink or a singularity; exact hits (ties by construction) are left out. */
  readonly distance: number;
  /** How many operations were done. */
  readonly operations: number;
}
export interface Observer {
  readonly arithmetic: Arithmetic<number>;
  /** Begins an evaluation. `replay`: every `stop` has the value that it had in the last one recorded. */
  readonly begin: (stops: "record" | "replay") => void;
  readonly observation: () => Observation;
}

export function observer(): Observer {
  let signature = 0;
  let distance = Infinity;
  let operations = 0;
  let replaying = false;
  let stops: number[] = [];
  let next = 0;

  const decide = (which: number): void => {
    signature = (Math.imul(signature, 31) + (which | 0)) | 0;
  };
  const near = (gap: number): void => {
    const size = Math.abs(gap);
    if (size > 0 && size < distance) distance = size;
  };
  /** Distance to the nearest integer. */
  const toInteger = (a: number): number => a - Math.round(a);

  const kinks: Partial<Record<UnaryName, (a: number) => void>> = {
    relu: (a) => (decide(a > 0 ? 1 : 0), near(a)),
    abs: (a) => (decide(Math.sign(a)), near(a)),
    sign: (a) => (decide(Math.sign(a)), near(a)),
    floor: (a) => (decide(Math.floor(a)), near(toInteger(a))),
    ceil: (a) => (decide(Math.ceil(a)), near(toInteger(a))),
    round: (a) => (decide(Math.round(a)), near(toInteger(a - 0.5))),
    sqrt: near,
    log: near,
    log1p: (a) => near(1 + a),
    asin: (a) => near(1 - Math.abs(a)),
    acos: (a) => near(1 - Math.abs(a)),
    tan: (a) => near(Math.cos(a)),
  };
  const watch: Record<BinaryName, (a: number, b: number) => void> = {
    max: (a, b) => (decide(a > b ? 1 : 0), near(a - b)),
    min: (a, b) => (decide(a < b ? 1 : 0), near(a - b)),
    mod: (a, b) => (decide(Math.floor(a / b)), near(toInteger(a / b)), near(b)),
    atan2: (a, b) => near(b < 0 ? a : Math.hypot(a, b)),
  };

  const arithmetic: Arithmetic<number> = {
    ...float64,
    add: (a, b) => (operations++, a + b),
    multiply: (a, b) => (operations++, a * b),
    divide: (a, b) => (operations++, near(b), a / b),
    power: (base, n) => {
      operations++;
      if (n < 0) near(base);
      return float64.power(base, n);
    },
    raise: () => (base, exponent) => {
      operations++;
      near(base);
      return base ** exponent;
    },
    unary: (name) => {
      const [f, kink] = [float64.unary(name), kinks[name]];
      return (a) => {
        operations++;
        kink?.(a);
        return f(a);
      };
    },
    binary: (name) => {
      const [f, kink] = [float64.binary(name), watch[name]];
      return (a, b) => {
        operations++;
        kink(a, b);
        return f(a, b);
      };
    },
    compare: (operator) => {
      const compare = float64.compare(operator);
      return (a, b) => {
        const holds = compare(a, b);
        decide(holds ? 1 : 0);
        near(a - b);
        return holds;
      };
    },
    stop: (a) => {
      if (replaying) return stops[next++] ?? NaN;
      stops.push(a);
      return a;
    },
    chosen: (position, best, rival) => {
      decide(position);
      near(best - rival);
    },
  };
  return {
    arithmetic,
    begin: (mode) => {
      [signature, distance, operations, next] = [0, Infinity, 0, 0];
      replaying = mode === "replay";
      if (!replaying) stops = [];
    },
    observation: () => ({ signature, distance, operations }),
  };
}

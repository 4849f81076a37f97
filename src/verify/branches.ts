/**
 * float64 that watches where the functions of a layer have kinks: which way every branch goes, how near the next
 * kink is, and what every `stop` is worth. Finite differences use it to stay on one smooth piece.
 */
import { isBinary, primitives, type FunctionName } from "../primitives/index.js";
import { gapsOf } from "./formulas.js";
import type { Arithmetic } from "./numbers.js";
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

  /** Which formula of the function holds, and how far it is to where another does, or none. */
  const watch = (name: FunctionName): ((a: number, b: number, value: number) => void) => {
    const { decision } = primitives[name];
    const gaps = gapsOf(name, float64);
    const nearGaps = (a: number, b: number): void => gaps.forEach((gap) => near(gap(a, b, a)));
    switch (decision?.by) {
      case undefined:
        return nearGaps;
      case "sign":
        return (a) => (decide(Math.sign(a)), near(a));
      case "step":
        return (a, b, value) => {
          const stepping = isBinary(name) ? a / b : a;
          decide(isBinary(name) ? Math.floor(stepping) : value);
          near(toInteger(stepping - decision.offset));
          nearGaps(a, b);
        };
      case "order": {
        const first = decision.first === "greater" ? 1 : -1;
        return (a, b) => (decide((a - b) * first > 0 ? 1 : 0), near(a - b));
      }
    }
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
      const [f, look] = [float64.unary(name), watch(name)];
      return (a) => {
        operations++;
        const value = f(a);
        look(a, a, value);
        return value;
      };
    },
    binary: (name) => {
      const [f, look] = [float64.binary(name), watch(name)];
      return (a, b) => {
        operations++;
        const value = f(a, b);
        look(a, b, value);
        return value;
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

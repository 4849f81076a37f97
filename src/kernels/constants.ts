/** Integers that depend on sizes and params alone and are computed once, when the plan is made. */
import { gcd, modularInverse } from "../notation/euclid.js";
import { freshNames, type Fresh } from "../notation/fresh.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import type { PlanConstant } from "./program.js";

export class PlanConstants {
  readonly list: PlanConstant[] = [];
  private readonly known = new Map<string, Int>();
  private readonly fresh: Fresh;
  /** Names that change while a plan runs: what depends on them is no constant of the plan. */
  private moving: ReadonlySet<string> = new Set();

  constructor(taken: Iterable<string>) {
    this.fresh = freshNames(taken);
  }

  /** What `make` makes where these names change. */
  during<T>(moving: readonly string[], make: () => T): T {
    const before = this.moving;
    this.moving = new Set([...before, ...moving]);
    try {
      return make();
    } finally {
      this.moving = before;
    }
  }

  private constant(key: string, base: string, make: (name: string) => PlanConstant): Int {
    let value = this.known.get(key);
    if (!value) {
      const name = this.fresh.local(base);
      this.list.push(make(name));
      value = integer.variable(name);
      this.known.set(key, value);
    }
    return value;
  }

  gcd(left: Int, right: Int): Int {
    const [a, b] = [integer.literal(left), integer.literal(right)];
    if (a === 1 || b === 1) return integer.one;
    if (a !== undefined && b !== undefined) return integer.constant(gcd(a, b));
    if (integer.equal(left, right)) return left;
    const key = `gcd ${integer.keyOf(left)} ${integer.keyOf(right)}`;
    return this.constant(key, "common", (name) => ({ name, kind: "gcd", left, right }));
  }

  /** value / divisor, which comes out even. */
  quotient(value: Int, divisor: Int): Int {
    const whole = integer.quotient(value, divisor);
    if (whole) return whole;
    return this.value(integer.exactDivide(value, divisor), "step");
  }

  value(value: Int, base: string): Int {
    if ([...integer.variablesOf(value)].some((name) => this.moving.has(name))) return value;
    return this.constant(`value ${integer.keyOf(value)}`, base, (name) => ({ name, kind: "value", value }));
  }

  /** The least x >= 0 with value·x ≡ 1 (mod modulus). */
  inverse(value: Int, modulus: Int): Int {
    const [a, m] = [integer.literal(value), integer.literal(modulus)];
    if (a === 1) return integer.one;
    if (a !== undefined && m !== undefined) return integer.constant(modularInverse(a, m));
    const key = `inverse ${integer.keyOf(value)} ${integer.keyOf(modulus)}`;
    return this.constant(key, "modularInverse", (name) => ({ name, kind: "inverse", value, modulus }));
  }
}

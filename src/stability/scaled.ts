/**
 * Exponentials kept apart from their size. What is computed of e^u for a large |u| is infinite or 0, and so is what is
 * made of it, though the result may be an ordinary number: ln Σ e^u, e^u/Σ e^v. Such a value is m·e^s with a mantissa m
 * of ordinary size; logarithms and quotients are taken of m and s.
 */
import * as build from "../notation/construct.js";
import type { Expression, Multiply, Read, Reduction } from "../notation/expression.js";

/** mantissa·e^exponent. */
export interface Scaled {
  readonly mantissa: Expression;
  readonly exponent: Expression;
}
const plain = (mantissa: Expression): Scaled => ({ mantissa, exponent: build.zero });
export const exp = (u: Expression): Expression =>
  build.isConstant(u, 0) ? build.one : build.call("exp", [u]);
/** ln b^k = k·ln b for an odd k: b^k is positive where b is. */
function log(e: Expression): Expression {
  if (build.isConstant(e, 1)) return build.zero;
  const isOdd =
    e.kind === "raise" && e.exponent.kind === "constant" && Math.abs(build.valueOf(e.exponent)) % 2 === 1;
  return isOdd ? build.multiply(e.exponent, build.call("log", [e.base])) : build.call("log", [e]);
}
/** A largest exponent as one to subtract: none where there is no point (-inf), or where it is itself infinite. */
export const finite = (u: Expression): Expression =>
  build.select(build.compare("<", build.call("abs", [u]), build.infinity), u, build.zero);

/** What a formula asks of where it stands. */
export interface Surroundings {
  /** A read as its tensor's scaled value, undefined where that is no exponential. */
  readonly read: (e: Read) => Scaled | undefined;
  /** Whether a largest value is subtracted in the exponent already: it may be small, and is not large. */
  readonly isShifted: (exponent: Expression) => boolean;
  /** Whether the exponent is a value less the largest of its kind. */
  readonly isAtMostOne: (exponent: Expression) => boolean;
  /** Σ of exponentials; undefined where its exponents need no shift. */
  readonly sum: (e: Reduction, body: Scaled) => Scaled | undefined;
}

/** The formula as mantissa·e^exponent; undefined where no exponential makes it large or small. */
export function scaledOf(e: Expression, around: Surroundings): Scaled | undefined {
  const of = (part: Expression): Scaled | undefined => scaledOf(part, around);
  switch (e.kind) {
    case "call": {
      const [u] = e.arguments;
      return e.name === "exp" && u ? { mantissa: build.one, exponent: u } : undefined;
    }
    case "read":
      return around.read(e);
    case "multiply": {
      const parts = e.factors.map((f) => of(f) ?? plain(f));
      return parts.some(isLarge) ? productOf(parts) : undefined;
    }
    case "raise": {
      const base = of(e.base);
      if (!base || e.exponent.kind !== "constant") return undefined;
      // (m·e^s)^k = m^k·e^(k·s)
      return {
        mantissa: build.raise(base.mantissa, e.exponent),
        exponent: build.multiply(e.exponent, base.exponent),
      };
    }
    case "add":
      return sumOf(
        e.terms.map((t) => of(t) ?? (t.kind === "constant" ? plain(t) : undefined)),
        around,
      );
    case "select": {
      const [a, b] = [branch(e.whenTrue, of), branch(e.whenFalse, of)];
      if (!a || !b || !(isLarge(a) || isLarge(b))) return undefined;
      return {
        mantissa: build.select(e.condition, a.mantissa, b.mantissa),
        exponent: build.select(e.condition, a.exponent, b.exponent),
      };
    }
    case "reduction": {
      const body = e.name === "sum" ? of(e.body) : undefined;
      return body && around.sum(e, body);
    }
    case "constant":
    case "integer":
    case "named":
    case "pad":
    case "parameter":
    case "stop":
      return undefined;
  }
}
const isLarge = ({ exponent }: Scaled): boolean => !build.isConstant(exponent, 0);
/** 0 is 1·e^(-inf). */
const branch = (e: Expression, of: (e: Expression) => Scaled | undefined): Scaled | undefined =>
  build.isConstant(e, 0)
    ? { mantissa: build.one, exponent: build.negate(build.infinity) }
    : (of(e) ?? (e.kind === "constant" ? plain(e) : undefined));

const productOf = (parts: readonly Scaled[]): Scaled => ({
  mantissa: build.multiply(...parts.map((p) => p.mantissa)),
  exponent: build.add(...parts.map((p) => p.exponent)),
});

/** Σ m_i·e^(s_i) = (Σ m_i·e^(s_i - s))·e^s with the largest s_i as s. */
function sumOf(terms: readonly (Scaled | undefined)[], { isShifted }: Surroundings): Scaled | undefined {
  const known = terms.filter((t) => t !== undefined);
  if (known.length < terms.length || !known.some((t) => isLarge(t) && !isShifted(t.exponent)))
    return undefined;
  const largest = known.map((t) => t.exponent).reduce((a, b) => build.call("max", [a, b]));
  const shift = finite(largest);
  return {
    mantissa: build.add(
      ...known.map((t) => build.multiply(t.mantissa, exp(build.subtract(t.exponent, shift)))),
    ),
    exponent: shift,
  };
}

/** ln(m·e^s) = ln m + s; undefined where the formula is no exponential. */
export function logarithmOf(e: Expression, around: Surroundings): Expression | undefined {
  const found = scaledOf(e, around);
  return found && build.add(log(found.mantissa), found.exponent);
}

/**
 * A product in which an exponential is divided by another: e^u/e^v = e^(u - v). Undefined where none is. What is read stays as
 * it is where the quotient of the exponentials that are written is at most 1 without it.
 */
export function quotientOf(e: Multiply, around: Surroundings): Expression | undefined {
  const parts = e.factors.map((f) => scaledOf(f, around));
  const divides = (f: Expression): boolean =>
    f.kind === "raise" && f.exponent.kind === "constant" && build.valueOf(f.exponent) < 0;
  const large = e.factors.filter((_, i) => parts[i]);
  if (large.length < 2 || !large.some(divides)) return undefined;
  const quotient = (isTaken: (f: Expression) => boolean): Scaled =>
    productOf(e.factors.map((f, i) => (isTaken(f) ? parts[i] : undefined) ?? plain(f)));
  const written = quotient((f) => f.kind !== "read");
  const { mantissa, exponent } = around.isAtMostOne(written.exponent) ? written : quotient(() => true);
  return build.multiply(mantissa, exp(exponent));
}

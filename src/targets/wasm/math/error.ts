/** The error function and what is made of it, in float64. */
import { erfcScaled, erfOverU } from "../../code/polynomials.js";
import {
  abs,
  add,
  assign,
  call,
  copysign,
  div,
  ge,
  give,
  lt,
  mul,
  neg,
  polynomial,
  sub,
  unary,
  when,
} from "./words.js";

/** 1 - erf(u) for u >= 1, however small: exp(-u²) times a polynomial in (u - 2.6) / (u + 3). */
const erfcFar = unary(
  "erfcFar",
  { reals: "z" },
  assign("z", div(sub("u", 2.6), add("u", 3))),
  mul(call("exp", neg(mul("u", "u"))), polynomial("z", erfcScaled)),
);
/** Near 0 u times a polynomial in u². */
const erf = unary(
  "erf",
  { reals: "z" },
  when(lt(abs("u"), 1), assign("z", mul("u", "u")), {
    kind: "return",
    value: mul("u", polynomial("z", erfOverU)),
  }),
  give(ge(abs("u"), 6), copysign(1, "u")),
  copysign(sub(1, call("erfcFar", abs("u"))), "u"),
);
/** u/2 (1 + erf(u/√2)); far below 0, where that cancels, u/2 erfc(-u/√2). */
const gelu = unary(
  "gelu",
  {},
  give(lt("u", -39), -0),
  give(lt("u", -2), mul(mul("u", 0.5), call("erfcFar", mul("u", -Math.SQRT1_2)))),
  mul(mul("u", 0.5), add(call("erf", mul("u", Math.SQRT1_2)), 1)),
);

export const errorFunctions = { erfcFar, erf, gelu };

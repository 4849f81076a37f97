/** The exponential, the logarithm, and what is made of them, in float64. */
import { artanhTwice, tanhOverU } from "../../code/polynomials.js";
import {
  abs,
  add,
  assign,
  bits,
  bitsOf,
  call,
  copysign,
  div,
  either,
  eq,
  floor,
  ge,
  give,
  greatest,
  gt,
  integer,
  integerOf,
  least,
  lt,
  mul,
  ne,
  nearest,
  neg,
  ofBits,
  pick,
  polynomial,
  realOf,
  set,
  sub,
  taylor,
  unary,
  functionOf,
  value,
  when,
} from "./words.js";

/** ln 2 in two parts; the products of the first with integers below 2²⁰ are exact. */
const [ln2, ln2Rest] = [0.6931471803691238, 1.9082149292705877e-10];

/** exp(u) = 2^k exp(r) with r = u - k ln 2, |r| <= ln(2)/2; the series ends below 5e-18. 2^k in two factors, each of which is a double. */
const exp = unary(
  "exp",
  { reals: "n r", integers: "k half" },
  assign("u", least(greatest("u", -746), 710)),
  assign("n", nearest(mul("u", Math.LOG2E))),
  assign("r", sub(sub("u", mul("n", ln2)), mul("n", ln2Rest))),
  set("k", integerOf("n")),
  set("half", bits("shr_s")("k", 1)),
  mul(
    mul(
      polynomial(
        "r",
        taylor(14, (n) => n),
      ),
      powerOfTwo("half"),
    ),
    ofBits(bits("shl")(bits("add")(bits("sub")("k", "half"), 1023), 52)),
  ),
);
function powerOfTwo(exponent: string) {
  return ofBits(bits("shl")(bits("add")(exponent, 1023), 52));
}

/** log(u) = k ln 2 + 2 artanh(s) with u = 2^k m, √½ <= m < √2 and s = (m - 1)/(m + 1). */
const log = unary(
  "log",
  { reals: "s z", integers: "b k" },
  // not `u <= 0`: a NaN is neither
  when(bits("eqz")(bits("extend_i32_u")(gt("u", 0))), {
    kind: "return",
    value: pick(eq("u", 0), -Infinity, NaN),
  }),
  give(eq("u", Infinity), "u"),
  set("k", integer(0)),
  when(lt("u", 2 ** -1022), assign("u", mul("u", 2 ** 54)), set("k", integer(-54))),
  // m's exponent is -1 or 0: subtracting the bits of √½ counts its power of two
  set("b", bits("sub")(bitsOf("u"), bitsOf(Math.SQRT1_2))),
  set("k", bits("add")("k", bits("shr_s")("b", 52))),
  assign("s", ofBits(bits("sub")(bitsOf("u"), bits("shl")(bits("shr_s")("b", 52), 52)))),
  assign("s", div(sub("s", 1), add("s", 1))),
  assign("z", mul("s", "s")),
  assign("u", realOf(value("k"))),
  add(mul("u", ln2), add(mul("u", ln2Rest), mul("s", polynomial("z", artanhTwice)))),
);

/** log(1 + u) = log(w) u / (w - 1) with w = 1 + u as it is rounded: the quotient mends the rounding. */
const log1p = unary(
  "log1p",
  { reals: "w" },
  assign("w", add("u", 1)),
  give(eq("w", 1), "u"),
  give(eq(sub("w", 1), "u"), call("log", "w")),
  div(mul(call("log", "w"), "u"), sub("w", 1)),
);

/** exp(u) - 1; near 0, where that cancels, the series. */
const expm1 = unary(
  "expm1",
  {},
  give(ge(abs("u"), 0.5), sub(call("exp", "u"), 1)),
  mul(
    "u",
    polynomial(
      "u",
      taylor(16, (n) => n + 1),
    ),
  ),
);

/** 1 / (1 + exp(-u)); exp only of what is at most 0. */
const sigmoid = unary(
  "sigmoid",
  { reals: "power" },
  assign("power", call("exp", neg(abs("u")))),
  div(pick(ge("u", 0), 1, "power"), add("power", 1)),
);

/** log(1 + exp(u)) = max(u, 0) + log(1 + p) with p = exp(-|u|); log(1 + p) = 2 artanh(p / (2 + p)). */
const softplus = unary(
  "softplus",
  { reals: "r z" },
  assign("r", call("exp", neg(abs("u")))),
  assign("r", div("r", add("r", 2))),
  assign("z", mul("r", "r")),
  add(pick(gt("u", 0), "u", 0), mul("r", polynomial("z", artanhTwice))),
);

/** 1 - 2 / (exp(2|u|) + 1) with the sign of u; near 0 a polynomial. */
const tanh = unary(
  "tanh",
  { reals: "z" },
  when(lt(abs("u"), 0.5), assign("z", mul("u", "u")), {
    kind: "return",
    value: mul("u", polynomial("z", tanhOverU)),
  }),
  copysign(sub(1, div(2, add(call("exp", mul(abs("u"), 2)), 1))), "u"),
);

/** (e + e / (e + 1)) / 2 with e = exp(|u|) - 1, and the sign of u; where e overflows, exp(|u|/2)² / 2. */
const sinh = unary(
  "sinh",
  { reals: "e" },
  assign("e", call("expm1", abs("u"))),
  give(ge("e", 1e18), copysign(call("halfSquare", call("exp", mul(abs("u"), 0.5))), "u")),
  copysign(mul(add("e", div("e", add("e", 1))), 0.5), "u"),
);
const cosh = unary(
  "cosh",
  { reals: "e" },
  assign("e", call("exp", abs("u"))),
  give(ge("e", 1e18), call("halfSquare", call("exp", mul(abs("u"), 0.5)))),
  mul(add("e", div(1, "e")), 0.5),
);
const halfSquare = unary("halfSquare", {}, mul(mul("u", 0.5), "u"));

/** aᵇ = exp(b log|a|), with the sign of aᵇ for whole b; small whole b by multiplying. */
const power = functionOf("power", ["a", "b"], { reals: "size" }, [
  give(eq("b", 0), 1),
  assign("size", call("exp", mul("b", call("log", abs("a"))))),
  // a is positive, or a zero without a sign
  give(gt("a", 0), "size"),
  give(ne("a", "a"), "a"),
  either(
    eq(floor("b"), "b"),
    either(eq(floor(mul("b", 0.5)), mul("b", 0.5)), "size", copysign("size", "a")),
    pick(eq("a", 0), "size", pick(eq("a", -Infinity), "size", NaN)),
  ),
]);

/** a - b ⌊a / b⌋: the sign is b's. */
const mod = functionOf("mod", ["a", "b"], {}, [sub("a", mul("b", floor(div("a", "b"))))]);

const relu = unary("relu", {}, greatest("u", 0));
const square = unary("square", {}, mul("u", "u"));
const cube = unary("cube", {}, mul(mul("u", "u"), "u"));
/** 1 or -1 as u's sign; a zero or a NaN itself. */
const sign = unary("sign", {}, pick(gt("u", 0), 1, pick(lt("u", 0), -1, "u")));

export const exponentials = {
  exp,
  log,
  log1p,
  expm1,
  sigmoid,
  softplus,
  tanh,
  sinh,
  cosh,
  halfSquare,
  power,
  mod,
  relu,
  square,
  cube,
  sign,
};

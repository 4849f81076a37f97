/** Sine, cosine and their inverses in float64. */
import type { Instruction, WasmFunction } from "../encode/instructions.js";
import {
  abs,
  add,
  assign,
  bits,
  bitsOf,
  call,
  copysign,
  div,
  eq,
  either,
  functionOf,
  ge,
  get,
  give,
  greatest,
  gt,
  integer,
  integerOf,
  least,
  lt,
  mul,
  nearest,
  pick,
  polynomial,
  realOf,
  set,
  sqrt,
  sub,
  taylor,
  unary,
  when,
} from "./words.js";

const halfPi = Math.PI / 2;
/** π/2 in parts of 33 bits and the rest: the products with integers below 2²⁰ are exact. */
const halfPiParts = [1.5707963267341256, 6.077100506303966e-11, 2.0222662487959506e-21];

/** 2/π in binary, 64 places a word. */
const twoOverPi = [
  0xa2f9836e4e441529n,
  0xfc2757d1f534ddc0n,
  0xdb6295993c439041n,
  0xfe5163abdebbc561n,
  0xb7246e3a424dd2e0n,
  0x06492eea09d1921cn,
  0xfe1deb1cb129a73en,
  0xe88235f52ebb4484n,
  0xe99c7026b45f7e41n,
  0x3991d639835339f4n,
  0x9c845f8bbdf9283bn,
  0x1ff897ffde05980fn,
  0xef2f118b5a0a6d1fn,
  0x6d367ecf27cb09b7n,
  0x4f463f669e5fea2dn,
  0x7527bac7ebe5f17bn,
  0x3d0739f78a5292ean,
  0x6bfb5fb11f8d5d08n,
];
/** Word i; before the point all are 0. */
const twoOverPiWord: WasmFunction = {
  name: "twoOverPiWord",
  parameters: [{ name: "i", type: "i64" }],
  result: "i64",
  locals: [],
  body: [
    ...twoOverPi.map((word, i): Instruction =>
      when(bits("eq")("i", i), { kind: "return", value: integer(BigInt.asIntN(64, word)) }),
    ),
    integer(0),
  ],
};
/** The 64 places from place p on, 0 the first after the point. */
const twoOverPiFrom: WasmFunction = {
  name: "twoOverPiFrom",
  parameters: [{ name: "p", type: "i64" }],
  result: "i64",
  locals: [
    { name: "i", type: "i64" },
    { name: "shift", type: "i64" },
  ],
  body: [
    set("i", bits("shr_s")("p", 6)),
    set("shift", bits("and")("p", 63)),
    bits("or")(
      bits("shl")(word("i", 0), "shift"),
      // by 64 in two steps, where the shift is 0
      bits("shr_u")(bits("shr_u")(word("i", 1), 1), bits("sub")(63, "shift")),
    ),
  ],
};
function word(i: string, beyond: number): Instruction {
  return { kind: "call", name: "twoOverPiWord", operands: [bits("add")(i, beyond)] };
}

/**
 * sin(u + quarters π/2). u = k π/2 + r with |r| <= π/4. For large |u| = m 2^e (Payne and Hanek): of m 2^e 2/π only the two places before
 * the point and 62 after it matter, a product of m with 128 places of 2/π.
 */
const wave: WasmFunction = {
  name: "wave",
  parameters: [
    { name: "u", type: "f64" },
    { name: "quarters", type: "i64" },
  ],
  result: "f64",
  locals: [
    ...["n", "r", "z"].map((name) => ({ name, type: "f64" as const })),
    ...["k", "m", "p", "w", "low"].map((name) => ({ name, type: "i64" as const })),
  ],
  body: [
    {
      kind: "if",
      condition: lt(abs("u"), 2 ** 19),
      then: [
        assign("n", nearest(mul("u", 2 / Math.PI))),
        assign(
          "r",
          halfPiParts.reduce<Instruction>((rest, part) => sub(rest, mul("n", part)), get("u")),
        ),
        set("k", integerOf("n")),
      ],
      otherwise: [
        // an infinity has no sine
        give(ge(abs("u"), Infinity), NaN),
        set("m", bits("or")(bits("and")(bitsOf("u"), 2n ** 52n - 1n), 2n ** 52n)),
        // e - 2
        set("p", bits("sub")(bits("and")(bits("shr_u")(bitsOf("u"), 52), 2047), 1077)),
        set("low", { kind: "call", name: "twoOverPiFrom", operands: [bits("add")("p", 64)] }),
        set(
          "w",
          bits("add")(
            bits("mul")("m", { kind: "call", name: "twoOverPiFrom", operands: [get("p")] }),
            bits("add")(
              bits("mul")(upper("m"), upper("low")),
              bits("add")(
                bits("shr_u")(bits("mul")(upper("m"), lower("low")), 32),
                bits("shr_u")(bits("mul")(lower("m"), upper("low")), 32),
              ),
            ),
          ),
        ),
        // the places after the point as a number in -1/2..1/2, rounded by k
        set("k", bits("add")(bits("shr_u")("w", 62), bits("and")(bits("shr_u")("w", 61), 1))),
        assign("r", mul(realOf(bits("shl")("w", 2)), halfPi / 2 ** 64)),
        when(lt("u", 0), set("k", bits("sub")(0, "k")), assign("r", mul("r", -1))),
      ],
    },
    give({ kind: "operation", name: "f64.ne", operands: [get("u"), get("u")] }, "u"),
    set("k", bits("add")("k", "quarters")),
    assign("z", mul("r", "r")),
    assign(
      "r",
      either(
        bits("eqz")(bits("and")("k", 1)),
        mul(
          "r",
          polynomial(
            "z",
            taylor(9, (n) => -2 * n * (2 * n + 1)),
          ),
        ),
        polynomial(
          "z",
          taylor(9, (n) => -2 * n * (2 * n - 1)),
        ),
      ),
    ),
    pick(bits("eqz")(bits("and")("k", 2)), "r", mul("r", -1)),
  ],
};
function upper(name: string): Instruction {
  return bits("shr_u")(name, 32);
}
function lower(name: string): Instruction {
  return bits("and")(name, 2n ** 32n - 1n);
}
const waveOf = (quarters: number): Instruction => ({
  kind: "call",
  name: "wave",
  operands: [get("u"), integer(quarters)],
});

const sin = unary("sin", {}, waveOf(0));
const cos = unary("cos", {}, waveOf(1));
const tan = unary("tan", {}, div(waveOf(0), waveOf(1)));

/** Above 1 it is π/2 - atan(1/u), above √2 - 1 it is π/4 + atan((u - 1)/(u + 1)), below the series. */
const atan = unary(
  "atan",
  { reals: "v z base" },
  assign("v", abs("u")),
  assign("base", 0),
  when(gt("v", 1), assign("base", -halfPi), assign("v", div(1, "v"))),
  assign(
    "z",
    either(
      gt("v", Math.SQRT2 - 1),
      add(Math.PI / 4, call("atanNear", div(sub("v", 1), add("v", 1)))),
      call("atanNear", "v"),
    ),
  ),
  copysign(add("base", "z"), "u"),
);
const atanNear = unary(
  "atanNear",
  { reals: "z" },
  assign("z", mul("u", "u")),
  mul(
    "u",
    polynomial(
      "z",
      Array.from({ length: 18 }, (_, n) => (-1) ** n / (2 * n + 1)),
    ),
  ),
);
/** asin(u) = atan(u / √((1 - u)(1 + u))) */
const asin = unary("asin", {}, call("atan", div("u", sqrt(mul(sub(1, "u"), add(1, "u"))))));
/** acos(u) = 2 atan(√((1 - u) / (1 + u))) */
const acos = unary("acos", {}, mul(call("atan", sqrt(div(sub(1, "u"), add(1, "u")))), 2));

/** The angle of (b, a): atan of the lesser by the greater, in its octant. */
const atan2 = functionOf("atan2", ["a", "b"], { reals: "low high angle" }, [
  assign("low", least(abs("a"), abs("b"))),
  assign("high", greatest(abs("a"), abs("b"))),
  assign("angle", call("atan", pick(eq("high", 0), 0, pick(eq("low", "high"), 1, div("low", "high"))))),
  assign("angle", pick(gt(abs("a"), abs("b")), sub(halfPi, "angle"), "angle")),
  assign("angle", pick(lt(copysign(1, "b"), 0), sub(Math.PI, "angle"), "angle")),
  copysign("angle", "a"),
]);

export const circular = {
  twoOverPiWord,
  twoOverPiFrom,
  wave,
  sin,
  cos,
  tan,
  atanNear,
  atan,
  asin,
  acos,
  atan2,
};

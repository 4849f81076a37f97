/**
 * Functions of vectors of four float32, each lane within 3e-7 of its value: what `exponential.ts` and `error.ts` do in float64, with fewer
 * terms. Branches are chosen from when both are computed.
 */
import type { VectorFunction } from "../../../kernels/machine.js";
import { artanhTwice, erfOverU, erfcScaled, tanhOverU } from "../../code/polynomials.js";
import {
  callOf,
  choose,
  constant,
  get,
  operation,
  set,
  when,
  type Instruction,
  type WasmFunction,
} from "../encode/instructions.js";
import { taylor } from "./words.js";

type Operand = Instruction | number | string;
const real = (o: Operand): Instruction =>
  typeof o === "number" ? operation("f32x4.splat", constant("f32", o)) : typeof o === "string" ? get(o) : o;
const whole = (n: number): Instruction => operation("i32x4.splat", constant("i32", n));
const in4 =
  (name: string) =>
  (...operands: readonly Operand[]): Instruction =>
    operation(`f32x4.${name}`, ...operands.map(real));
const [add, sub, mul, div] = [in4("add"), in4("sub"), in4("mul"), in4("div")];
const [abs, neg] = [in4("abs"), in4("neg")];
const bits = (name: string, ...operands: readonly Instruction[]): Instruction => operation(name, ...operands);
const assign = (local: string, o: Operand): Instruction => set(local, real(o));
/** Lane by lane. */
const pick = (mask: Instruction, yes: Operand, no: Operand): Instruction =>
  operation("v128.bitselect", real(yes), real(no), mask);
const any = (mask: Instruction): Instruction => operation("v128.any_true", mask);
const call = (name: VectorFunction, o: Operand): Instruction => callOf(vectorName(name), real(o));
const polynomial = (z: string, coefficients: readonly number[]): Instruction =>
  coefficients
    .slice(0, -1)
    .reduceRight<Instruction>((sum, c) => add(mul(sum, z), c), real(coefficients.at(-1) ?? 0));

const signBit = whole(-(2 ** 31));
/** |size| with the sign of u. */
const signed = (size: Operand, u: string): Instruction =>
  operation("v128.or", real(size), operation("v128.and", get(u), signBit));

export const vectorName = (name: VectorFunction | "erfcFar"): string => `${name} of four`;
const unary = (name: VectorFunction, locals: string, ...body: readonly Instruction[]): WasmFunction => ({
  name: vectorName(name),
  parameters: [{ name: "u", type: "v128" }],
  result: "v128",
  locals: locals
    .split(" ")
    .filter((n) => n !== "")
    .map((local) => ({ name: local, type: "v128" })),
  body,
});

/** ln 2, the first part with so few digits that its products with exponents are exact. */
const [ln2, ln2Rest] = [0.693359375, -2.1219444005469058e-4];
const powerOfTwo = (exponent: Instruction): Instruction =>
  bits("i32x4.shl", bits("i32x4.add", exponent, whole(127)), constant("i32", 23));

const exp = unary(
  "exp",
  "n r k half",
  // a NaN is neither less nor greater, and stays
  assign("u", operation("f32x4.pmin", operation("f32x4.pmax", get("u"), real(-104)), real(89))),
  assign("n", operation("f32x4.nearest", mul("u", Math.LOG2E))),
  assign("r", sub(sub("u", mul("n", ln2)), mul("n", ln2Rest))),
  assign("k", operation("i32x4.trunc_sat_f32x4_s", get("n"))),
  assign("half", bits("i32x4.shr_s", get("k"), constant("i32", 1))),
  mul(
    mul(
      polynomial(
        "r",
        taylor(8, (n) => n),
      ),
      powerOfTwo(get("half")),
    ),
    powerOfTwo(bits("i32x4.sub", get("k"), get("half"))),
  ),
);

const log = unary(
  "log",
  "x s z b k",
  // numbers below the least with all its digits are made larger
  assign("z", in4("lt")("u", 2 ** -126)),
  assign("x", pick(get("z"), mul("u", 2 ** 24), "u")),
  assign("b", bits("i32x4.sub", get("x"), real(Math.SQRT1_2))),
  assign("b", bits("i32x4.shr_s", get("b"), constant("i32", 23))),
  assign("s", bits("i32x4.sub", get("x"), bits("i32x4.shl", get("b"), constant("i32", 23)))),
  assign("k", operation("f32x4.convert_i32x4_s", get("b"))),
  assign("k", sub("k", operation("v128.and", get("z"), real(24)))),
  assign("s", div(sub("s", 1), add("s", 1))),
  assign("z", mul("s", "s")),
  assign("s", add(mul("k", ln2), add(mul("k", ln2Rest), mul("s", polynomial("z", artanhTwice.slice(0, 7)))))),
  assign("s", pick(in4("eq")("u", Infinity), Infinity, "s")),
  assign("s", pick(in4("eq")("u", 0), -Infinity, "s")),
  pick(in4("ge")("u", 0), "s", NaN),
);

const sigmoid = unary(
  "sigmoid",
  "power",
  assign("power", call("exp", neg(abs("u")))),
  div(pick(in4("ge")("u", 0), 1, "power"), add("power", 1)),
);

const tanh = unary(
  "tanh",
  "z far",
  assign("far", signed(sub(1, div(2, add(call("exp", mul(abs("u"), 2)), 1))), "u")),
  assign("z", mul("u", "u")),
  pick(in4("lt")("z", 0.25), mul("u", polynomial("z", tanhOverU.slice(0, 9))), "far"),
);

const softplus = unary(
  "softplus",
  "r z",
  assign("r", call("exp", neg(abs("u")))),
  assign("r", div("r", add("r", 2))),
  assign("z", mul("r", "r")),
  add(operation("f32x4.max", get("u"), real(0)), mul("r", polynomial("z", artanhTwice))),
);

const relu = unary("relu", "", operation("f32x4.max", get("u"), real(0)));
const square = unary("square", "", mul("u", "u"));

/** 1 - erf(u) for u >= 1; exp(-u²) of u² in two parts, since its rounding would count so often. */
const erfcFar: WasmFunction = {
  ...unary(
    "erf",
    "z head",
    // nothing is left from 10 on
    assign("u", operation("f32x4.pmin", get("u"), real(30))),
    assign("z", div(sub("u", 2.6), add("u", 3))),
    assign("head", operation("v128.and", get("u"), whole(-4096))),
    mul(
      mul(call("exp", neg(mul("head", "head"))), call("exp", mul(sub("head", "u"), add("head", "u")))),
      polynomial("z", erfcScaled),
    ),
  ),
  name: vectorName("erfcFar"),
};
const farOf = (o: Operand): Instruction => callOf(vectorName("erfcFar"), real(o));
const erf = unary(
  "erf",
  "z near far",
  assign("z", mul("u", "u")),
  assign("near", mul("u", polynomial("z", erfOverU))),
  assign("far", in4("lt")("z", 1)),
  // mostly all lanes are near
  when(any(operation("v128.not", get("far"))), {
    kind: "return",
    value: pick(get("far"), "near", signed(sub(1, farOf(abs("u"))), "u")),
  }),
  get("near"),
);
const gelu = unary(
  "gelu",
  "half v far",
  assign("half", mul("u", 0.5)),
  assign("v", mul("u", Math.SQRT1_2)),
  assign("far", in4("lt")("u", -2)),
  assign(
    "v",
    choose(
      "v128",
      any(get("far")),
      pick(get("far"), farOf(neg("v")), add(call("erf", "v"), 1)),
      add(call("erf", "v"), 1),
    ),
  ),
  // far below, half is infinite where the rest is 0
  pick(in4("lt")("u", -39), -0, mul("half", "v")),
);

/** What is an instruction, and what is a function of the module's own. */
export const vectorSpellings: Readonly<Record<VectorFunction, string | WasmFunction>> = {
  ...{ exp, log, tanh, sigmoid, softplus, relu, erf, gelu, square },
  sqrt: "f32x4.sqrt",
  abs: "f32x4.abs",
  min: "f32x4.min",
  max: "f32x4.max",
  floor: "f32x4.floor",
  ceil: "f32x4.ceil",
  round: "f32x4.nearest",
};
export const vectorLibrary: Readonly<Record<string, WasmFunction>> = Object.fromEntries(
  [...Object.values(vectorSpellings), erfcFar].flatMap((f) => (typeof f === "string" ? [] : [[f.name, f]])),
);

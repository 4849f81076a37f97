/** Short words for arithmetic in float64, of which the functions of this folder are made. */
import {
  callOf,
  choose,
  constant,
  get,
  operation,
  select,
  set,
  tee,
  when,
  type Instruction,
  type Local,
  type WasmFunction,
} from "../encode/instructions.js";

export { choose, get, select, set, tee, when };
/** An operand: a name is the local's value, a number itself. */
export type Operand = Instruction | number | string;

const real = (o: Operand): Instruction =>
  typeof o === "number" ? constant("f64", o) : typeof o === "string" ? get(o) : o;
const whole = (o: Operand | bigint): Instruction =>
  typeof o === "bigint" ? constant("i64", o) : typeof o === "number" ? constant("i64", o) : real(o);
const in64 =
  (name: string) =>
  (...operands: readonly Operand[]): Instruction =>
    operation(`f64.${name}`, ...operands.map(real));

export const [add, sub, mul, div] = [in64("add"), in64("sub"), in64("mul"), in64("div")];
export const [abs, neg, sqrt, floor, nearest] = [
  in64("abs"),
  in64("neg"),
  in64("sqrt"),
  in64("floor"),
  in64("nearest"),
];
export const [least, greatest, copysign] = [in64("min"), in64("max"), in64("copysign")];
export const [eq, ne, lt, le, gt, ge] = [
  in64("eq"),
  in64("ne"),
  in64("lt"),
  in64("le"),
  in64("gt"),
  in64("ge"),
];
export const call = (name: string, ...operands: readonly Operand[]): Instruction =>
  callOf(name, ...operands.map(real));
export const value = real;
export const assign = (local: string, o: Operand): Instruction => set(local, real(o));
export const either = (condition: Instruction, yes: Operand, no: Operand): Instruction =>
  choose("f64", condition, real(yes), real(no));
export const pick = (condition: Instruction, yes: Operand, no: Operand): Instruction =>
  select(condition, real(yes), real(no));
export const give = (condition: Instruction, o: Operand): Instruction =>
  when(condition, { kind: "return", value: real(o) });

/** Arithmetic of 64-bit integers. */
export const bits =
  (name: string) =>
  (...operands: readonly (Operand | bigint)[]): Instruction =>
    operation(`i64.${name}`, ...operands.map(whole));
export const bitsOf = (o: Operand): Instruction => operation("i64.reinterpret_f64", real(o));
export const ofBits = (i: Instruction): Instruction => operation("f64.reinterpret_i64", i);
export const integerOf = (o: Operand): Instruction => operation("i64.trunc_sat_f64_s", real(o));
export const realOf = (i: Instruction): Instruction => operation("f64.convert_i64_s", i);
export const integer = (n: number | bigint): Instruction => constant("i64", n);

/** Σ coefficients[i] zⁱ by Horner's rule. */
export const polynomial = (z: string, coefficients: readonly number[]): Instruction =>
  coefficients
    .slice(0, -1)
    .reduceRight<Instruction>((sum, c) => add(mul(sum, z), c), constant("f64", coefficients.at(-1) ?? 0));

/** 1, 1/step(1), 1/(step(1) step(2)) …: the coefficients of a Taylor series. */
export function taylor(terms: number, step: (n: number) => number): readonly number[] {
  const coefficients = [1];
  for (let n = 1; n < terms; n++) coefficients.push((coefficients.at(-1) ?? 1) / step(n));
  return coefficients;
}

/** f(u) in float64; other locals are float64 but those that are said to be integers. */
export function unary(
  name: string,
  locals: { readonly reals?: string; readonly integers?: string },
  ...body: readonly Instruction[]
): WasmFunction {
  return functionOf(name, ["u"], locals, body);
}
export function functionOf(
  name: string,
  parameters: readonly string[],
  { reals = "", integers = "" }: { readonly reals?: string; readonly integers?: string },
  body: readonly Instruction[],
): WasmFunction {
  const named = (names: string, type: Local["type"]): readonly Local[] =>
    names
      .split(" ")
      .filter((n) => n !== "")
      .map((local) => ({ name: local, type }));
  return {
    name,
    parameters: parameters.map((p) => ({ name: p, type: "f64" })),
    result: "f64",
    locals: [...named(reals, "f64"), ...named(integers, "i64")],
    body,
  };
}

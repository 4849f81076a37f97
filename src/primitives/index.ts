/** All pointwise functions of the language. */
import { abs } from "./abs.js";
import { acos } from "./acos.js";
import { asin } from "./asin.js";
import { atan } from "./atan.js";
import { atan2 } from "./atan2.js";
import { ceil } from "./ceil.js";
import { cos } from "./cos.js";
import { cosh } from "./cosh.js";
import { erf } from "./erf.js";
import { exp } from "./exp.js";
import { expm1 } from "./expm1.js";
import { floor } from "./floor.js";
import { gelu } from "./gelu.js";
import { log } from "./log.js";
import { log1p } from "./log1p.js";
import { max } from "./max.js";
import { min } from "./min.js";
import { mod } from "./mod.js";
import { relu } from "./relu.js";
import { round } from "./round.js";
import { sigmoid } from "./sigmoid.js";
import { sign } from "./sign.js";
import { sin } from "./sin.js";
import { sinh } from "./sinh.js";
import { softplus } from "./softplus.js";
import { sqrt } from "./sqrt.js";
import { square } from "./square.js";
import { tan } from "./tan.js";
import { tanh } from "./tanh.js";
import { isConstant } from "../notation/construct.js";
import type { Expression } from "../notation/expression.js";
import { u, v } from "./formulas.js";
import type { Binary, Unary } from "./record.js";

/** Of one argument. */
export const unary = {
  exp,
  log,
  log1p,
  expm1,
  sqrt,
  abs,
  sign,
  sin,
  cos,
  tan,
  tanh,
  sinh,
  cosh,
  asin,
  acos,
  atan,
  sigmoid,
  softplus,
  relu,
  erf,
  gelu,
  square,
  floor,
  ceil,
  round,
};
/** Of two arguments. */
export const binary = { atan2, max, min, mod };

export type UnaryName = keyof typeof unary;
export type BinaryName = keyof typeof binary;
export type FunctionName = UnaryName | BinaryName;
export const primitives: Readonly<Record<FunctionName, Unary | Binary>> = { ...unary, ...binary };

const has = <Name extends string>(table: Readonly<Record<Name, unknown>>, name: string): name is Name =>
  Object.hasOwn(table, name);
export const isFunction = (name: string): name is FunctionName => has(primitives, name);
export const isBinary = (name: FunctionName): name is BinaryName => has(binary, name);
export const functionNames = (): readonly FunctionName[] => Object.keys(primitives).filter(isFunction);

/** The function's value in float64. */
export const valueOfCall = (name: FunctionName, [u = NaN, v = NaN]: readonly number[]): number =>
  primitives[name].float64(u, v);

/** The derivative by each argument, written with the names u and v. */
export function slopesOf(name: FunctionName): readonly Expression[] {
  const known = slopes.get(name) ?? primitives[name].derivative(u, v);
  slopes.set(name, known);
  return known;
}
const slopes = new Map<FunctionName, readonly Expression[]>();
/** Whether its derivative is 0 everywhere. */
export const isFlat = (name: FunctionName): boolean => slopesOf(name).every((slope) => isConstant(slope, 0));
/** Whether it is one of its arguments, or a constant, by a condition. */
export const isChoice = (name: FunctionName): boolean =>
  slopesOf(name).some((slope) => slope.kind === "select");
/** Whether it is a number wherever its arguments are, and soon beyond all that a machine has nowhere. */
export const isTame = (name: FunctionName): boolean => {
  const { range } = primitives[name];
  return range === "bounded" || range === "finite";
};
/** Whether one formula holds for all its arguments: it has no kinks and no steps. */
export const isSmooth = (name: FunctionName): boolean => primitives[name].decision === undefined;
/** Whether it has steps: near numbers may have values far apart. */
export const jumps = (name: FunctionName): boolean =>
  isFlat(name) || primitives[name].decision?.by === "step";

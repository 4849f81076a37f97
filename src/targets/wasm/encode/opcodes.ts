/**
 * The instructions of WebAssembly by the names of its text format (WebAssembly Core Specification 2.0, section 5.4; relaxed SIMD: 3.0),
 * as runs of neighbouring opcodes.
 */

/** Names in a row from an opcode on; `prefix` stands before opcodes that have one. */
interface Run {
  readonly prefix?: number;
  readonly from: number;
  /** The type that the names begin with, `i32.` and so on. */
  readonly type: string;
  readonly names: string;
}
const compare = "eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u";
const compareReals = "eq ne lt gt le ge";
const integers =
  "clz ctz popcnt add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr" as const;
const reals = "abs neg ceil floor trunc nearest sqrt add sub mul div min max copysign";
const [saturating, simd] = [0xfc, 0xfd];

/** Instructions that take operands from the stack and no immediates. */
const plain: readonly Run[] = [
  { from: 0x45, type: "i32", names: `eqz ${compare}` },
  { from: 0x50, type: "i64", names: `eqz ${compare}` },
  { from: 0x5b, type: "f32", names: compareReals },
  { from: 0x61, type: "f64", names: compareReals },
  { from: 0x67, type: "i32", names: integers },
  { from: 0x79, type: "i64", names: integers },
  { from: 0x8b, type: "f32", names: reals },
  { from: 0x99, type: "f64", names: reals },
  { from: 0xa7, type: "i32", names: "wrap_i64 trunc_f32_s trunc_f32_u trunc_f64_s trunc_f64_u" },
  { from: 0xac, type: "i64", names: "extend_i32_s extend_i32_u" },
  { from: 0xb2, type: "f32", names: "convert_i32_s convert_i32_u convert_i64_s convert_i64_u demote_f64" },
  { from: 0xb7, type: "f64", names: "convert_i32_s convert_i32_u convert_i64_s convert_i64_u promote_f32" },
  { from: 0xbc, type: "i32", names: "reinterpret_f32" },
  { from: 0xbd, type: "i64", names: "reinterpret_f64" },
  { from: 0xbe, type: "f32", names: "reinterpret_i32" },
  { from: 0xbf, type: "f64", names: "reinterpret_i64" },
  { prefix: saturating, from: 0, type: "i32", names: "trunc_sat_f32_s trunc_sat_f32_u trunc_sat_f64_s" },
  { prefix: saturating, from: 4, type: "i64", names: "trunc_sat_f32_s trunc_sat_f32_u trunc_sat_f64_s" },
  { prefix: simd, from: 0x0e, type: "i8x16", names: "swizzle splat" },
  { prefix: simd, from: 0x11, type: "i32x4", names: "splat" },
  { prefix: simd, from: 0x12, type: "i64x2", names: "splat" },
  { prefix: simd, from: 0x13, type: "f32x4", names: "splat" },
  { prefix: simd, from: 0x14, type: "f64x2", names: "splat" },
  { prefix: simd, from: 0x37, type: "i32x4", names: compare },
  { prefix: simd, from: 0x41, type: "f32x4", names: compareReals },
  { prefix: simd, from: 0x47, type: "f64x2", names: compareReals },
  { prefix: simd, from: 0x4d, type: "v128", names: "not and andnot or xor bitselect any_true" },
  { prefix: simd, from: 0x5e, type: "f32x4", names: "demote_f64x2_zero" },
  { prefix: simd, from: 0x5f, type: "f64x2", names: "promote_low_f32x4" },
  { prefix: simd, from: 0x67, type: "f32x4", names: "ceil floor trunc nearest" },
  { prefix: simd, from: 0x74, type: "f64x2", names: "ceil floor" },
  { prefix: simd, from: 0x94, type: "f64x2", names: "nearest" },
  { prefix: simd, from: 0xa0, type: "i32x4", names: "abs neg" },
  { prefix: simd, from: 0xa3, type: "i32x4", names: "all_true bitmask" },
  { prefix: simd, from: 0xab, type: "i32x4", names: "shl shr_s shr_u add" },
  { prefix: simd, from: 0xb1, type: "i32x4", names: "sub" },
  { prefix: simd, from: 0xb5, type: "i32x4", names: "mul min_s min_u max_s max_u" },
  { prefix: simd, from: 0xe0, type: "f32x4", names: "abs neg" },
  { prefix: simd, from: 0xe3, type: "f32x4", names: "sqrt add sub mul div min max pmin pmax" },
  { prefix: simd, from: 0xec, type: "f64x2", names: "abs neg" },
  { prefix: simd, from: 0xef, type: "f64x2", names: "sqrt add sub mul div min max pmin pmax" },
  { prefix: simd, from: 0xf8, type: "i32x4", names: "trunc_sat_f32x4_s trunc_sat_f32x4_u" },
  { prefix: simd, from: 0xfa, type: "f32x4", names: "convert_i32x4_s convert_i32x4_u" },
  { prefix: simd, from: 0xfe, type: "f64x2", names: "convert_low_i32x4_s" },
  { prefix: simd, from: 0x105, type: "f32x4", names: "relaxed_madd relaxed_nmadd" },
];
/** Those with the number of a lane. */
const lanes: readonly Run[] = [
  { prefix: simd, from: 0x1b, type: "i32x4", names: "extract_lane replace_lane" },
  { prefix: simd, from: 0x1f, type: "f32x4", names: "extract_lane replace_lane" },
  { prefix: simd, from: 0x21, type: "f64x2", names: "extract_lane replace_lane" },
];
/** Those with an alignment and an offset. */
const memory: readonly Run[] = [
  { from: 0x28, type: "i32", names: "load" },
  { from: 0x29, type: "i64", names: "load" },
  { from: 0x2a, type: "f32", names: "load" },
  { from: 0x2b, type: "f64", names: "load" },
  { from: 0x34, type: "i64", names: "load32_s" },
  { from: 0x36, type: "i32", names: "store" },
  { from: 0x37, type: "i64", names: "store" },
  { from: 0x38, type: "f32", names: "store" },
  { from: 0x39, type: "f64", names: "store" },
  { from: 0x3e, type: "i64", names: "store32" },
  { prefix: simd, from: 0x00, type: "v128", names: "load" },
  { prefix: simd, from: 0x09, type: "v128", names: "load32_splat load64_splat store" },
  { prefix: simd, from: 0x5c, type: "v128", names: "load32_zero load64_zero" },
];

const table = (
  runs: readonly Run[],
): ReadonlyMap<string, { readonly prefix?: number; readonly code: number }> =>
  new Map(
    runs.flatMap(({ prefix, from, type, names }) =>
      names
        .split(" ")
        .map((name, i) => [`${type}.${name}`, { code: from + i, ...(prefix !== undefined && { prefix }) }]),
    ),
  );
export const plainCodes = table(plain);
export const laneCodes = table(lanes);
export const memoryCodes = table(memory);

/** log₂ of the bytes that an access touches: what its alignment may be at most. */
export function alignmentOf(name: string): number {
  if (/^v128\.(load|store)$/u.test(name)) return 4;
  if (/32/u.test(name.slice(name.indexOf(".")))) return 2;
  return /64/u.test(name) ? 3 : 2;
}

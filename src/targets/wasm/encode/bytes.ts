/** Numbers and lists as the binary format of WebAssembly writes them. */
import type { ValueType } from "./instructions.js";

/** Unsigned LEB128: seven bits a byte, the lowest first. */
export function unsigned(value: number): readonly number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return [...bytes, rest];
}

/** Signed LEB128: the last byte's bit 6 is the sign. */
export function signed(value: number | bigint): readonly number[] {
  const bytes: number[] = [];
  let rest = BigInt(value);
  while (rest < -64n || rest >= 64n) {
    bytes.push(Number(rest & 127n) + 128);
    rest >>= 7n;
  }
  return [...bytes, Number(rest & 127n)];
}

export function float32(value: number): readonly number[] {
  return [...new Uint8Array(Float32Array.of(value).buffer)];
}
export function float64(value: number): readonly number[] {
  return [...new Uint8Array(Float64Array.of(value).buffer)];
}

/** A vector: how many, then each. */
export const list = (items: readonly (readonly number[])[]): readonly number[] => [
  ...unsigned(items.length),
  ...items.flat(),
];
/** What is preceded by its length in bytes. */
export const sized = (bytes: readonly number[]): readonly number[] => [...unsigned(bytes.length), ...bytes];
export const text = (value: string): readonly number[] => sized([...new TextEncoder().encode(value)]);

export const typeCodes: Readonly<Record<ValueType, number>> = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
};

/** A pattern in a line: for the derivation document and the comment above a kernel. */
import type { ConvolutionPattern, GemmPattern, Pattern } from "./pattern.js";

/** `gemm: xᵀ·dz`, `conv-data-gradient: dz with the kernel w rotated, stride = 2, pad = R - 2`, `pooling`. */
export function describePattern(pattern: Pattern): string {
  if ("left" in pattern) return `${pattern.kind}: ${product(pattern)}`;
  return "data" in pattern ? `${pattern.kind}: ${convolution(pattern)}` : pattern.kind;
}

const product = ({ left, right, transposeLeft, transposeRight }: GemmPattern): string =>
  `${left}${transposeLeft ? "ᵀ" : ""}·${right}${transposeRight ? "ᵀ" : ""}`;

function convolution(p: ConvolutionPattern): string {
  const parts = [
    `${p.data} with the kernel ${p.kernel}${p.rotated ? " rotated" : ""}`,
    entry("stride", p.stride, "1"),
    entry("dilation", p.dilation, "1"),
    entry("pad", p.pad, "0"),
    ...(p.groups === "1" ? [] : [`${p.groups} groups`]),
  ];
  return parts.filter((part) => part !== "").join(", ");
}
/** One value where all axes have it; nothing where it is the usual one. */
function entry(name: string, values: readonly string[], usual: string): string {
  const distinct = [...new Set(values)];
  if (distinct.length === 1 && distinct[0] === usual) return "";
  return `${name} = ${distinct.length === 1 ? distinct[0] : `(${values.join(", ")})`}`;
}

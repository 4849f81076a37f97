/** What a statement is: the kinds of the language's documents, with what a kernel must know of each. */
import type { Derived } from "../calculus/derivation.js";
import { printInt } from "../language/print.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { cotangentName, type Layer, type Statement } from "../notation/layer.js";
import { canonicalStatement } from "./canonical.js";
import { contractionIn, isBare, outerReductions, type Contraction } from "./contraction.js";
import { convolutionOf, groupCount, isWindowed, type Convolution } from "./convolution.js";
import { plainKindOf, type PlainKind } from "./plain.js";
import { recurrenceKinds, type RecurrenceKind } from "./recurrences.js";
import { scopeOf, type Scope } from "./scope.js";
import type { Window } from "./windows.js";

/** output = left · right, either of them transposed as it lies in memory. */
export interface GemmPattern {
  readonly kind: "gemm" | "batched-gemm";
  readonly left: string;
  readonly right: string;
  readonly transposeLeft: boolean;
  readonly transposeRight: boolean;
}
type ConvolutionName = "conv" | "conv-data-gradient" | "conv-weight-gradient";
export type ConvolutionKind = ConvolutionName | `depthwise-${ConvolutionName}`;
/** Entries of `stride`, `dilation` and `pad` are formulas, one for each spatial axis of the data. */
export interface ConvolutionPattern {
  readonly kind: ConvolutionKind;
  readonly data: string;
  readonly kernel: string;
  /** Whether the kernel is turned by 180°: it runs against the data. */
  readonly rotated: boolean;
  readonly stride: readonly string[];
  readonly dilation: readonly string[];
  readonly pad: readonly string[];
  readonly spatial: number;
  readonly groups: string;
}
export interface PlainPattern {
  readonly kind: PlainKind | RecurrenceKind | "loops";
}
export type Pattern = GemmPattern | ConvolutionPattern | PlainPattern;

/** A statement in canonical form with its contractions, those of the convolution family apart. */
interface Recognised {
  readonly statement: Statement;
  readonly contractions: readonly Contraction[];
  readonly convolutions: readonly Convolution[];
}

/** The statements around the one that is asked for. */
export interface PatternContext {
  readonly scope: Scope;
  /** Convolutions of the forward pass: a gradient is named after the operand differentiated. */
  readonly forward: readonly Convolution[];
  readonly forwardKinds: ReadonlySet<string>;
  /** `dw` ↦ `w`. */
  readonly differentiated: ReadonlyMap<string, string>;
}

const known = new WeakMap<Derived, ReadonlyMap<string, Pattern>>();

/** The pattern of every statement, forward and backward, by its tensor. Computed once for each derivation. */
export function patternsOf(derived: Derived): ReadonlyMap<string, Pattern> {
  const remembered = known.get(derived);
  if (remembered) return remembered;
  const layer: Layer = { ...derived.layer, tensors: derived.tensors };
  const scope = scopeOf(layer);
  const forward = derived.forward.map((s) => recognise(s, scope));
  const patterns = new Map(forward.map((r) => [r.statement.tensor, forwardPattern(r, scope)]));
  const names = new Set(derived.tensors.map((t) => t.name));
  const context: PatternContext = {
    scope,
    forward: forward.flatMap((r) => r.convolutions),
    forwardKinds: new Set([...patterns.values()].map((p) => p.kind)),
    differentiated: new Map([
      ...[...names].filter((n) => names.has(cotangentName(n))).map((n) => [cotangentName(n), n] as const),
      ...derived.gradients.map((g) => [g.tensor, g.of] as const),
    ]),
  };
  for (const s of derived.backward) patterns.set(s.tensor, patternOf(s, context));
  for (const statements of [derived.forward, derived.backward])
    for (const [tensor, kind] of recurrenceKinds(statements)) patterns.set(tensor, { kind });
  known.set(derived, patterns);
  return patterns;
}

/** The pattern of a statement of the backward pass. */
export function patternOf(statement: Statement, context: PatternContext): Pattern {
  // a matrix times a vector is a product's gradient only where the layer has products
  const { forwardKinds, scope } = context;
  const products = ["gemm", "batched-gemm"].some((kind) => forwardKinds.has(kind));
  const recognised = recognise(statement, scope, products || context.forward.length > 0);
  return (
    gradientPattern(recognised, context) ??
    otherPattern(recognised, scope, forwardKinds.has("unpooling") ? "forward" : "backward")
  );
}

/** @param vectors whether a matrix times a vector counts as a contraction */
function recognise(statement: Statement, scope: Scope, vectors = true): Recognised {
  const canonical = canonicalStatement(statement, scope);
  const sums = outerReductions(canonical.body);
  const contractions = sums
    .flatMap((sum) => contractionIn(sum, canonical) ?? [])
    .filter((c) => isMatrixLike(c, vectors && sums.length === 1))
    .toSorted((a, b) => size(b) - size(a));
  const convolutions = contractions.flatMap((c) => convolutionOf(c, canonical, scope) ?? []);
  return { statement: canonical, contractions, convolutions };
}
const size = ({ left, right }: Contraction): number => left.indices.size + right.indices.size;

/**
 * Rows and columns, or windows, make a contraction worth the name; a product of a matrix and a vector too, where it is
 * all that the statement does. Else it is a reduction: Σ_n dy[n,d]·x[n,d]·rstd[n].
 */
function isMatrixLike(c: Contraction, vectors: boolean): boolean {
  if (isWindowed(c)) return true;
  if (c.row.length > 0 && c.column.length > 0) return true;
  return vectors && c.row.length > 0 && isBare(c.left) && isBare(c.right);
}

const forwardPattern = (r: Recognised, scope: Scope): Pattern => {
  const [convolution] = r.convolutions;
  return convolution
    ? convolutionPattern(convolution, convolution.divided ? "conv-data-gradient" : "conv", r.statement)
    : otherPattern(r, scope, "forward");
};

/** A contraction that differentiates one of a forward convolution's operands, by way of the other. */
function gradientPattern(r: Recognised, context: PatternContext): Pattern | undefined {
  const of = context.differentiated.get(r.statement.tensor);
  for (const forward of context.forward)
    for (const contraction of r.contractions) {
      const name = gradientName(forward, contraction, of);
      const own = r.convolutions.find((c) => c.contraction === contraction);
      if (name && own) return convolutionPattern(own, name, r.statement, forward.depthwise);
      if (name) return solvedPattern(forward, contraction, name, r.statement);
    }
  const [convolution] = r.convolutions;
  return convolution
    ? convolutionPattern(convolution, convolution.divided ? "conv-data-gradient" : "conv", r.statement)
    : undefined;
}

function gradientName(
  forward: Convolution,
  { left, right }: Contraction,
  of: string | undefined,
): ConvolutionName | undefined {
  const [data, kernel] = [forward.data.tensor, forward.kernel.tensor];
  const reads = (tensor: string): boolean => left.tensor === tensor || right.tensor === tensor;
  const isOf = (tensor: string): boolean => of === undefined || of === tensor;
  if (isOf(data) && reads(kernel)) return forward.divided ? "conv" : "conv-data-gradient";
  return isOf(kernel) && reads(data) ? "conv-weight-gradient" : undefined;
}

function convolutionPattern(
  c: Convolution,
  name: ConvolutionName,
  statement: Statement,
  depthwise = c.depthwise,
): ConvolutionPattern {
  const extents = new Map(c.contraction.sum.binders.map((b) => [b.name, b.upper]));
  return {
    kind: depthwise ? `depthwise-${name}` : name,
    data: c.data.tensor,
    kernel: c.kernel.tensor,
    rotated: c.windows.some((w) => w.rotated),
    stride: c.windows.map((w) => printInt(w.stride)),
    dilation: c.windows.map((w) => printInt(w.dilation)),
    pad: c.windows.map((w) => padText(w, w.rotated, extents.get(w.reduced))),
    spatial: c.windows.length,
    groups: printInt(groupCount(c, statement)),
  };
}

/** The pad as it is read best: `(R - 1)*dilation - pad` where a turned window made it. */
function padText(
  { pad, dilation }: Pick<Window, "pad" | "dilation">,
  turned: boolean,
  extent: Int = integer.one,
): string {
  const last = integer.minus(extent, integer.one);
  const reach = integer.times(last, dilation);
  const simple = [last, dilation].some((v) => integer.literal(v) !== undefined);
  if (!turned || simple || dilation.monomials.length > 1) return printInt(pad);
  const rest = integer.minus(pad, reach);
  if (rest.monomials.length === 0) return `(${printInt(last)})*${printInt(dilation)}`;
  const text = printInt(rest);
  return `(${printInt(last)})*${printInt(dilation)} ${text.startsWith("-") ? `- ${text.slice(1)}` : `+ ${text}`}`;
}

/**
 * The gradient of a convolution whose window is gone from the formula: with stride R each element of the data lies in one
 * window, and dx[c, p·R + r] = Σ_k dz[k,p]·w[k,c,r]. Stride, dilation and pads follow from the forward's.
 */
function solvedPattern(
  forward: Convolution,
  { left, right }: Contraction,
  name: ConvolutionName,
  statement: Statement,
): ConvolutionPattern {
  const rotated = name !== "conv-weight-gradient" && !forward.windows.some((w) => w.rotated);
  const other = name === "conv-weight-gradient" ? forward.data.tensor : forward.kernel.tensor;
  const cotangent = left.tensor === other ? right.tensor : left.tensor;
  const exchanged = name === "conv-weight-gradient";
  const print = (values: readonly Int[]): readonly string[] => values.map((v) => printInt(v));
  const extents = new Map(forward.contraction.sum.binders.map((b) => [b.name, b.upper]));
  const strides = print(forward.windows.map((w) => w.stride));
  const dilations = print(forward.windows.map((w) => w.dilation));
  const pads = forward.windows.map(({ reduced, dilation, pad }) => {
    if (exchanged) return printInt(pad);
    const extent = extents.get(reduced) ?? integer.one;
    const reach = integer.times(integer.minus(extent, integer.one), dilation);
    return padText({ pad: integer.minus(reach, pad), dilation }, rotated, extent);
  });
  return {
    kind: forward.depthwise ? `depthwise-${name}` : name,
    data: exchanged ? other : cotangent,
    kernel: exchanged ? cotangent : other,
    rotated,
    stride: exchanged ? dilations : strides,
    dilation: exchanged ? strides : dilations,
    pad: pads,
    spatial: forward.windows.length,
    groups: printInt(groupCount(forward, statement)),
  };
}

function otherPattern(r: Recognised, scope: Scope, pass: "forward" | "backward"): Pattern {
  const [contraction] = r.contractions;
  if (!contraction) return { kind: plainKindOf(r.statement, scope, pass) };
  return isWindowed(contraction) ? { kind: "loops" } : gemmPattern(contraction);
}

function gemmPattern(c: Contraction): GemmPattern {
  const { left, right } = c;
  return {
    kind: c.batch.length > 0 ? "batched-gemm" : "gemm",
    left: left.tensor,
    right: right.tensor,
    transposeLeft: innermost(c, "left") === "free",
    transposeRight: innermost(c, "right") === "reduced",
  };
}
/** Which of an operand's matrix indices varies fastest in memory; a vector has but one. */
function innermost(c: Contraction, side: "left" | "right"): "free" | "reduced" | undefined {
  const free = side === "left" ? c.row : c.column;
  const summed = [...c.reduced, ...(side === "left" ? c.leftReduced : c.rightReduced)];
  if (free.length === 0) return undefined;
  for (const subscript of c[side].read.subscripts.toReversed()) {
    const names = integer.variablesOf(subscript);
    if (summed.some((name) => names.has(name))) return "reduced";
    if (free.some((name) => names.has(name))) return "free";
  }
  return undefined;
}

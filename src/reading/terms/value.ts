/** Values of formulas: a shape, and the term at a place of it. A number has the shape []. */
import type { Term } from "./term.js";
import { print, same } from "./print.js";
import { name, num, plus, times } from "./make.js";
import { sumOver } from "./derivative.js";

export interface Value {
  readonly shape: readonly Term[];
  readonly at: (place: readonly Term[]) => Term;
  /** A vector that was transposed. */
  readonly row?: boolean;
  /** A sample x_i of a batch: its axes are not spoken of, and what stands beside it is taken element by element. */
  readonly implied?: boolean;
  /** Of a derivative ∂y/∂x: how many axes are those of y. The others follow. */
  readonly of?: number;
}
export const scalar = (term: Term): Value => ({ shape: [], at: () => term });
export const isOne = (extent: Term): boolean => extent.kind === "number" && extent.value === 1;

/** Whether two extents are one. */
export type Fits = (a: Term, b: Term) => boolean;
export const sameShape = (a: readonly Term[], b: readonly Term[]): boolean =>
  a.length === b.length && a.every((extent, i) => same(extent, b[i]!));
export const printShape = (shape: readonly Term[]): string =>
  `[${shape.map((extent) => print(extent)).join(", ")}]`;

/** The value at a place of a larger shape, whose last axes are its own; axes of one element stretch. */
export const stretched = ({ shape, at }: Value, place: readonly Term[]): Term => {
  const own = place.slice(place.length - shape.length);
  return at(own.map((index, i) => (isOne(shape[i]!) ? num(0) : index)));
};

/** The shape to which two stretch, where they do. */
export function commonShape(
  a: readonly Term[],
  b: readonly Term[],
  fits: Fits = same,
): readonly Term[] | undefined {
  const [long, short] = a.length >= b.length ? [a, b] : [b, a];
  const offset = long.length - short.length;
  const result: Term[] = [...long];
  for (const [i, extent] of short.entries()) {
    const other = long[offset + i]!;
    if (isOne(other)) result[offset + i] = extent;
    else if (!isOne(extent) && !fits(extent, other)) return undefined;
  }
  return result;
}

export function elementwise(
  a: Value,
  b: Value,
  combine: (left: Term, right: Term) => Term,
  fits: Fits = same,
): Value | undefined {
  const shape = commonShape(a.shape, b.shape, fits);
  const implied = a.implied === true || b.implied === true;
  return (
    shape && {
      shape,
      ...(implied ? { implied } : {}),
      at: (place) => combine(stretched(a, place), stretched(b, place)),
    }
  );
}
export const mapped = (a: Value, change: (term: Term) => Term): Value => ({
  ...a,
  at: (place) => change(a.at(place)),
});

export function transpose(a: Value): Value | undefined {
  if (a.shape.length === 1) return { ...a, row: !a.row };
  if (a.shape.length < 2) return a;
  const swap = <T>(list: readonly T[]): readonly T[] => [...list.slice(0, -2), list.at(-1)!, list.at(-2)!];
  return { shape: swap(a.shape), at: (place) => a.at(swap(place)) };
}
let counter = 0;

/** An index for a sum that the document does not write: renamed to a letter when the statement is printed. */
export const anonymous = (): string => `#${counter++}`;
export const summed = (extents: readonly Term[], body: (place: readonly Term[]) => Term): Term => {
  const names = extents.map(() => anonymous());
  if (names.length === 0) return body([]);
  return sumOver(
    names.map((text, i) => ({ name: text, below: extents[i] })),
    body(names.map((text) => name(text))),
  );
};

/** The matrix product of two values, where their shapes allow it. */
export function matrixProduct(a: Value, b: Value, fits: Fits = same): Value | undefined {
  const m = a.shape.length;
  const n = b.shape.length;
  if (m === 0 || n === 0) return undefined;
  if (m === 1 && n === 1) {
    if (!a.row && b.row)
      return { shape: [a.shape[0]!, b.shape[0]!], at: ([i, j]) => times(a.at([i!]), b.at([j!])) };
    if (!fits(a.shape[0]!, b.shape[0]!) || (a.row && b.row)) return undefined;
    return scalar(summed(a.shape, (k) => times(a.at(k), b.at(k))));
  }
  const inner = a.shape.at(-1)!;
  if (!fits(inner, b.shape[n === 1 ? 0 : n - 2]!)) return undefined;
  if (n === 1) {
    if (b.row || m > 2) return undefined;
    return {
      shape: a.shape.slice(0, -1),
      at: (place) => summed([inner], (k) => times(a.at([...place, ...k]), b.at(k))),
    };
  }
  const batch = b.shape.slice(0, -2);
  const rows = a.shape.slice(0, -1);
  // a vector on the left is a row
  if (m === 1 && !a.row && n === 2)
    return { shape: b.shape.slice(1), at: ([j]) => summed([inner], (k) => times(a.at(k), b.at([...k, j!]))) };
  if (batch.length > 0 && !(m === n && sameShape(a.shape.slice(0, -2), batch))) return undefined;
  const result: Value = {
    shape: [...rows, b.shape.at(-1)!],
    at: (place) =>
      summed([inner], (k) =>
        times(
          a.at([...place.slice(0, -1), ...k]),
          b.at([...place.slice(0, batch.length), ...k, place.at(-1)!]),
        ),
      ),
  };
  return a.row ? { ...result, row: true } : result;
}

/** ∂L/∂y · ∂y/∂x: the sum over all of y. */
export function chain(a: Value, b: Value): Value | undefined {
  if (b.of === undefined) return undefined;
  const own = a.of === undefined ? a.shape : a.shape.slice(a.of);
  const ofShape = b.shape.slice(0, b.of);
  if (!sameShape(own, ofShape)) return undefined;
  const lead = a.of === undefined ? [] : a.shape.slice(0, a.of);
  return {
    shape: [...lead, ...b.shape.slice(b.of)],
    ...(a.of === undefined ? {} : { of: a.of }),
    at: (place) =>
      summed(ofShape, (k) =>
        times(a.at([...place.slice(0, lead.length), ...k]), b.at([...k, ...place.slice(lead.length)])),
      ),
  };
}

/** A cross-correlation of unit stride without padding, channels first: `z[n,k,p] = Σ x[n,c,p+r] w[k,c,r]`. */
export function correlation(x: Value, w: Value, result: readonly Term[]): Value | undefined {
  const rank = x.shape.length;
  if (rank < 3 || w.shape.length !== rank || !same(x.shape[1]!, w.shape[1]!) || result.length !== rank)
    return undefined;
  return {
    shape: result,
    at: ([n, k, ...place]) =>
      summed(w.shape.slice(1), ([c, ...taps]) =>
        times(x.at([n!, c!, ...place.map((p, i) => plus(p, taps[i]!))]), w.at([k!, c!, ...taps])),
      ),
  };
}

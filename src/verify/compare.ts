/** How far two tensors are apart, relative to their size. */
export interface Disagreement {
  /** |a - b| / (|a| + |b| + scale) */
  readonly error: number;
  readonly element: number;
  readonly got: number;
  readonly expected: number;
}

/** The relative error of one element. Equal infinities agree; a NaN agrees with nothing but NaN. */
export function relativeError(got: number, expected: number, scale: number): number {
  if (Object.is(got, expected) || got === expected) return 0;
  if (!Number.isFinite(got) || !Number.isFinite(expected)) return Infinity;
  return Math.abs(got - expected) / (Math.abs(got) + Math.abs(expected) + scale);
}

/**
 * The element that is farthest off; a missing tensor or one of another length is off by Infinity.
 * @param scales by element; one that is NaN is not compared
 */
export function worstElement(
  got: ArrayLike<number> | undefined,
  expected: ArrayLike<number>,
  scales: ArrayLike<number>,
): Disagreement {
  let worst: Disagreement = { error: 0, element: 0, got: got?.[0] ?? NaN, expected: expected[0] ?? NaN };
  if (got?.length !== expected.length) return { ...worst, error: Infinity };
  for (let element = 0; element < expected.length; element++) {
    const [a, b, scale] = [got[element] ?? NaN, expected[element] ?? NaN, scales[element] ?? 0];
    if (Number.isNaN(scale)) continue;
    const error = relativeError(a, b, scale);
    if (error > worst.error) worst = { error, element, got: a, expected: b };
  }
  return worst;
}

/** Root mean square of the finite elements. */
export function rms(values: ArrayLike<number>): number {
  let [total, count] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? NaN;
    if (Number.isFinite(value)) [total, count] = [total + value * value, count + 1];
  }
  return count === 0 ? 0 : Math.sqrt(total / count);
}

/**
 * The typical size of several tensors. Where all vanish (the gradient of a softmax over one element) rounding is all
 * that is left, and errors are measured by what the tensors were computed from.
 */
export function typicalSize(
  tensors: Iterable<ArrayLike<number>>,
  origins: Iterable<ArrayLike<number>>,
): number {
  const size = largest(tensors);
  const origin = largest(origins);
  return size < 1e-6 * origin ? origin : size;
}
const largest = (tensors: Iterable<ArrayLike<number>>): number => Math.max(0, ...[...tensors].map(rms));

/** What a tensor's errors are measured by: its own size, but no less than a hundredth of the typical one. */
export const scaleOf = (own: ArrayLike<number>, typical: number): number => Math.max(rms(own), typical / 100);

/** The subscripts of a row-major position. */
export function subscriptsOf(position: number, shape: readonly number[]): number[] {
  const subscripts: number[] = [];
  let rest = position;
  for (const extent of [...shape].reverse()) {
    subscripts.unshift(rest % extent);
    rest = Math.floor(rest / extent);
  }
  return subscripts;
}

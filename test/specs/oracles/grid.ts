/** Dense row-major arrays with named-by-position access, for hand-written loops that are read rather than run fast. */
export interface Grid {
  readonly shape: readonly number[];
  readonly data: Float64Array;
  /** Whether the position lies inside. */
  has(...position: readonly number[]): boolean;
  get(...position: readonly number[]): number;
  set(value: number, ...position: readonly number[]): void;
  add(value: number, ...position: readonly number[]): void;
}

export function grid(shape: readonly number[], data = new Float64Array(volume(shape))): Grid {
  const has = (...position: readonly number[]): boolean =>
    position.length === shape.length &&
    position.every((p, axis) => Number.isInteger(p) && p >= 0 && p < (shape[axis] ?? 0));
  const offset = (position: readonly number[]): number => {
    if (!has(...position)) throw new RangeError(`[${position.join(", ")}] is outside [${shape.join(", ")}]`);
    return position.reduce((flat, p, axis) => flat * (shape[axis] ?? 0) + p, 0);
  };
  return {
    shape,
    data,
    has,
    get: (...position) => data[offset(position)] ?? Number.NaN,
    set: (value, ...position) => {
      data[offset(position)] = value;
    },
    add: (value, ...position) => {
      const at = offset(position);
      data[at] = (data[at] ?? Number.NaN) + value;
    },
  };
}
export const volume = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);
export const scalar = (value: number): Grid => grid([], Float64Array.of(value));

/** Every position of the box in row-major order. */
export function each(shape: readonly number[], visit: (...position: number[]) => void): void {
  if (volume(shape) === 0) return;
  const position = shape.map(() => 0);
  for (let count = volume(shape); count > 0; count--) {
    visit(...position);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = (position[axis] ?? 0) + 1;
      position[axis] = next === shape[axis] ? 0 : next;
      if (next !== shape[axis]) break;
    }
  }
}
/** A grid filled by a formula of the position. */
export function filled(shape: readonly number[], value: (...position: number[]) => number): Grid {
  const result = grid(shape);
  let at = 0;
  each(shape, (...position) => {
    result.data[at++] = value(...position);
  });
  return result;
}
/** Σ over 0 <= i < n. */
export function total(n: number, term: (i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += term(i);
  return sum;
}

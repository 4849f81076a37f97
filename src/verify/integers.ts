/** Integer formulas as closures over the current values of the indices, and the interval in which they lie. */
import type { Atom, Int } from "../notation/integer.js";
import type { Watch } from "./sites.js";
import { modulo } from "../primitives/special.js";

/** A tensor in memory: `data` is row-major and set when an evaluation begins. */
export interface Cell<T> {
  readonly name: string;
  readonly shape: readonly number[];
  readonly integer: boolean;
  /** An argmax or argmin, which is -1 where it is over no points. */
  readonly position: boolean;
  /** Rounded reals, and where they end. */
  readonly rounded?: Interval | undefined;
  data: ArrayLike<T | number>;
  /** While a recurrence is computed: which of its elements have been. */
  done?: Uint8Array | undefined;
}
export interface Interval {
  readonly low: number;
  readonly high: number;
}
/** What the closures of one statement share. */
export interface Scope<T> {
  /** Sizes, derived sizes and params. */
  readonly sizes: ReadonlyMap<string, number>;
  /** Current values of index variables, by slot. */
  readonly slots: number[];
  readonly indices: ReadonlyMap<string, { readonly slot: number; readonly range: Interval }>;
  readonly tensors: ReadonlyMap<string, Cell<T>>;
  /** Told of what integers decide. */
  readonly watch?: Watch | undefined;
}
/** NaN where an exact division comes out uneven or an element read is out of bounds. */
export type IntCode = () => number;

/** The scope with one more index, in a slot of its own. */
export function bindIndex<T>(scope: Scope<T>, name: string, range: Interval): [Scope<T>, number] {
  const slot = scope.slots.push(0) - 1;
  return [{ ...scope, indices: new Map(scope.indices).set(name, { slot, range }) }, slot];
}

/** The value as a number where it is known at once, else as a closure. */
export function compileInt<T>(value: Int, scope: Scope<T>): number | IntCode {
  let constant = 0;
  const linear: { coefficient: number; slot: number }[] = [];
  const products: { coefficient: number; factors: readonly IntCode[] }[] = [];
  for (const monomial of value.monomials) {
    let coefficient = monomial.coefficient;
    const factors: IntCode[] = [];
    let slot: number | undefined;
    for (const atom of monomial.factors) {
      const factor = compileAtom(atom, scope);
      if (typeof factor === "number") coefficient *= factor;
      else {
        factors.push(factor);
        slot = atom.kind === "variable" ? scope.indices.get(atom.name)?.slot : undefined;
      }
    }
    if (factors.length === 0) constant += coefficient;
    else if (factors.length === 1 && slot !== undefined) linear.push({ coefficient, slot });
    else products.push({ coefficient, factors });
  }
  if (products.length === 0) return affine(constant, linear, scope.slots);
  const base = asCode(affine(constant, linear, scope.slots));
  return () => {
    let total = base();
    for (const { coefficient, factors } of products) {
      let product = coefficient;
      for (const factor of factors) product *= factor();
      total += product;
    }
    return total;
  };
}

export const asCode = (compiled: number | IntCode): IntCode =>
  typeof compiled === "number" ? () => compiled : compiled;

/** constant + Σ coefficient·slot, unrolled for the usual lengths. */
function affine(
  constant: number,
  terms: readonly { coefficient: number; slot: number }[],
  slots: readonly number[],
): number | IntCode {
  const at = (slot: number): number => slots[slot] ?? 0;
  const [a, b, c] = terms;
  if (!a) return constant;
  if (!b) {
    if (a.coefficient === 1 && constant === 0) return () => at(a.slot);
    return () => constant + a.coefficient * at(a.slot);
  }
  if (!c) return () => constant + a.coefficient * at(a.slot) + b.coefficient * at(b.slot);
  if (terms.length === 3)
    return () =>
      constant + a.coefficient * at(a.slot) + b.coefficient * at(b.slot) + c.coefficient * at(c.slot);
  return () => {
    let total = constant;
    for (const { coefficient, slot } of terms) total += coefficient * at(slot);
    return total;
  };
}

function compileAtom<T>(atom: Atom, scope: Scope<T>): number | IntCode {
  switch (atom.kind) {
    case "variable": {
      const index = scope.indices.get(atom.name);
      if (index) return () => scope.slots[index.slot] ?? NaN;
      const size = scope.sizes.get(atom.name);
      if (size === undefined) throw new Error(`${atom.name} has no value`);
      return size;
    }
    case "floor":
      return combine(atom.numerator, atom.denominator, scope, (n, d) => Math.floor(n / d), atom);
    case "exact":
      return combine(atom.numerator, atom.denominator, scope, (n, d) => (n % d === 0 ? n / d : NaN), atom);
    case "modulo":
      return combine(atom.value, atom.modulus, scope, modulo, atom);
    case "min":
      return combine(atom.left, atom.right, scope, Math.min, atom);
    case "max":
      return combine(atom.left, atom.right, scope, Math.max, atom);
    case "power":
      return combine(atom.base, atom.exponent, scope, (base, n) => base ** n, atom);
    case "element": {
      const cell = cellOf(atom.tensor, scope);
      const offset = compileOffset(cell, atom.subscripts, scope);
      return () => {
        const at = offset();
        return at < 0 ? NaN : Number(cell.data[at]);
      };
    }
  }
}

function combine<T>(
  left: Int,
  right: Int,
  scope: Scope<T>,
  operation: (a: number, b: number) => number,
  atom: Atom,
): number | IntCode {
  const [a, b] = [compileInt(left, scope), compileInt(right, scope)];
  const seen = scope.watch && watching(atom, scope.watch);
  if (seen) {
    const [first, second] = [asCode(a), asCode(b)];
    return () => {
      const [x, y] = [first(), second()];
      seen(x, y);
      return operation(x, y);
    };
  }
  if (typeof a === "number" && typeof b === "number") return operation(a, b);
  const [first, second] = [asCode(a), asCode(b)];
  return () => operation(first(), second());
}

/** Told of the two sides of an extremum, of dividend and divisor. */
function watching(atom: Atom, watch: Watch): ((a: number, b: number) => void) | undefined {
  switch (atom.kind) {
    case "min":
    case "max": {
      const seen = watch.order("extremum", atom);
      return (a, b) => seen(a - b);
    }
    case "floor":
    case "exact":
    case "modulo":
      return watch.division(atom);
    case "element":
    case "power":
    case "variable":
      return undefined;
  }
}

export function cellOf<T>(tensor: string, scope: Scope<T>): Cell<T> {
  const cell = scope.tensors.get(tensor);
  if (!cell) throw new Error(`${tensor} is read before it is defined`);
  return cell;
}

/** The row-major offset of an access; -1 where a subscript is out of bounds or has no value. */
export function compileOffset<T>(cell: Cell<T>, subscripts: readonly Int[], scope: Scope<T>): IntCode {
  const axes = subscripts.map((subscript, axis) => ({
    at: asCode(compileInt(subscript, scope)),
    extent: cell.shape[axis] ?? 0,
    safe: staysWithin(subscript, cell.shape[axis] ?? 0, scope),
  }));
  if (axes.every((axis) => axis.safe)) return flat(cell, subscripts, scope);
  return () => {
    let offset = 0;
    for (const { at, extent, safe } of axes) {
      const i = at();
      if (!safe && !(i >= 0 && i < extent)) return -1;
      offset = offset * extent + i;
    }
    return offset;
  };
}

/** Σ stride·subscript as one formula, for accesses that need no test. */
function flat<T>(cell: Cell<T>, subscripts: readonly Int[], scope: Scope<T>): IntCode {
  let stride = 1;
  const terms: { stride: number; at: number | IntCode }[] = [];
  for (let axis = subscripts.length - 1; axis >= 0; axis--) {
    const subscript = subscripts[axis];
    if (subscript) terms.unshift({ stride, at: compileInt(subscript, scope) });
    stride *= cell.shape[axis] ?? 0;
  }
  let constant = 0;
  const moving: { stride: number; at: IntCode }[] = [];
  for (const term of terms) {
    if (typeof term.at === "number") constant += term.stride * term.at;
    else moving.push({ stride: term.stride, at: term.at });
  }
  const [a, b, c] = moving;
  if (!a) return () => constant;
  if (!b) return () => constant + a.stride * a.at();
  if (!c) return () => constant + a.stride * a.at() + b.stride * b.at();
  return () => {
    let offset = constant;
    for (const { stride, at } of moving) offset += stride * at();
    return offset;
  };
}

/** Whether 0 <= value < extent whatever the indices are. */
export function staysWithin<T>(value: Int, extent: number, scope: Scope<T>): boolean {
  const { low, high } = intervalOf(value, scope);
  return low >= 0 && high < extent;
}

const anything: Interval = { low: -Infinity, high: Infinity };

/** An interval that holds every value of the formula; unbounded where it might have no value. */
export function intervalOf<T>(value: Int, scope: Scope<T>): Interval {
  let [low, high] = [0, 0];
  for (const { coefficient, factors } of value.monomials) {
    const product = factors
      .map((atom) => atomInterval(atom, scope))
      .reduce(multiplyIntervals, { low: coefficient, high: coefficient });
    [low, high] = [low + product.low, high + product.high];
  }
  return Number.isNaN(low) || Number.isNaN(high) ? anything : { low, high };
}
function multiplyIntervals(a: Interval, b: Interval): Interval {
  const ends = [a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high];
  return ends.some(Number.isNaN) ? anything : { low: Math.min(...ends), high: Math.max(...ends) };
}
function atomInterval<T>(atom: Atom, scope: Scope<T>): Interval {
  switch (atom.kind) {
    case "variable": {
      const size = scope.sizes.get(atom.name) ?? NaN;
      return scope.indices.get(atom.name)?.range ?? { low: size, high: size };
    }
    case "floor": {
      const { low: divisor, high } = intervalOf(atom.denominator, scope);
      if (divisor !== high || divisor <= 0) return anything;
      const numerator = intervalOf(atom.numerator, scope);
      return { low: Math.floor(numerator.low / divisor), high: Math.floor(numerator.high / divisor) };
    }
    case "modulo": {
      const { low: divisor, high } = intervalOf(atom.modulus, scope);
      const { low, high: most } = intervalOf(atom.value, scope);
      if (divisor !== high || divisor <= 0 || !Number.isFinite(low) || !Number.isFinite(most))
        return anything;
      return { low: 0, high: divisor - 1 };
    }
    case "min":
    case "max": {
      const pick = atom.kind === "min" ? Math.min : Math.max;
      const [a, b] = [intervalOf(atom.left, scope), intervalOf(atom.right, scope)];
      return { low: pick(a.low, b.low), high: pick(a.high, b.high) };
    }
    case "element":
    case "exact":
    case "power":
      // an uneven division or an element out of bounds has no value
      return anything;
  }
}

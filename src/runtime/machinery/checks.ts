/** There where a layer has such checks. */
declare const layerName: string;

/** A precondition of the layer. */
export function requireThat(condition: boolean, message: string, values: object): void {
  if (!condition) throw new RangeError(`${layerName}: ${message} (${textOf(values)})`);
}

/** Derived sizes are positive integers. */
export function checkDerived(derived: Readonly<Record<string, number>>, values: object): void {
  for (const [name, value] of Object.entries(derived))
    if (!Number.isSafeInteger(value) || value < 1)
      throw new RangeError(
        `${layerName}: the derived size ${name} = ${value} must be a positive integer (${textOf(values)})`,
      );
}

export function outOfBounds(
  text: string,
  axis: number,
  subscript: number,
  extent: string,
  point: object,
  values: object,
): RangeError {
  return new RangeError(
    `${layerName}: ${text} is out of bounds on axis ${axis}: ${subscript} is not in 0 <= … < ${extent}, ` +
      `first at ${textOf(point) || "its only element"} (${textOf(values)})`,
  );
}

/** An array that a tensor is computed with. */
export function newWork<D>(
  Type: new (length: number) => D,
  tensor: string,
  shape: readonly number[],
  sizes: object,
): D {
  const length = shape.reduce((a, b) => a * b, 1);
  try {
    return new Type(length);
  } catch {
    throw new RangeError(
      `${layerName}: there is no memory to compute ${tensor}, which takes ${length} numbers beside the tensors; ` +
        `make the sizes smaller (${textOf(sizes)})`,
    );
  }
}

/** How many bytes an array takes that a tensor is computed with. */
export function workBytes(bytes: number, tensor: string, shape: readonly number[], sizes: object): number {
  const length = shape.reduce((a, b) => a * b, 1);
  if (Number.isSafeInteger(length) && bytes * length <= 2 ** 32) return bytes * length;
  throw new RangeError(
    `${layerName}: there is no memory to compute ${tensor}, which takes ${length} numbers beside the tensors; ` +
      `make the sizes smaller (${textOf(sizes)})`,
  );
}

/** Limits of loops by an index: one so long that its loop would take minutes is not made. */
export function checkTable(
  tensor: string,
  shape: readonly number[],
  sizes: object,
): readonly [tensor: string, shape: readonly number[], sizes: object] {
  const length = shape.reduce((a, b) => a * b, 1);
  if (length > 2 ** 26)
    throw new RangeError(
      `${layerName}: an axis or window of ${length} elements is too long to compute ${tensor}: at most ${2 ** 26}; ` +
        `make the sizes smaller (${textOf(sizes)})`,
    );
  return [tensor, shape, sizes];
}
export const newTable = (tensor: string, shape: readonly number[], sizes: object): Int32Array =>
  newWork(Int32Array, ...checkTable(tensor, shape, sizes));

export const textOf = (values: object): string =>
  Object.entries(values)
    .map(([name, value]) => `${name} = ${value}`)
    .join(", ");

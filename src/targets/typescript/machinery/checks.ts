/** There where a layer has such checks. */
export const checks = {
  require: `
/** A precondition of the layer. */
function requireThat(condition: boolean, message: string, values: object): void {
  if (!condition) throw new RangeError(\`\${layerName}: \${message} (\${textOf(values)})\`);
}
`,
  derived: `
/** Derived sizes are positive integers. */
function checkDerived(derived: Readonly<Record<string, number>>, values: object): void {
  for (const [name, value] of Object.entries(derived))
    if (!Number.isSafeInteger(value) || value < 1)
      throw new RangeError(
        \`\${layerName}: the derived size \${name} = \${value} must be a positive integer (\${textOf(values)})\`,
      );
}
`,
  bounds: `
function outOfBounds(
  text: string,
  axis: number,
  subscript: number,
  extent: string,
  point: object,
  values: object,
): RangeError {
  return new RangeError(
    \`\${layerName}: \${text} is out of bounds on axis \${axis}: \${subscript} is not in 0 <= … < \${extent}, \` +
      \`first at \${textOf(point) || "its only element"} (\${textOf(values)})\`,
  );
}
`,
  table: `
/** Limits of loops by an index: one so long that its loop would take minutes is not made. */
function newTable(name: string, shape: readonly number[]): Int32Array {
  if (lengthOf(name, shape, 0) > 2 ** 26)
    throw new RangeError(\`\${layerName}: \${name}[\${shape.join(", ")}] is too long for a window\`);
  return newArray(Int32Array, name, shape);
}
`,
  text: `
const textOf = (values: object): string =>
  Object.entries(values)
    .map(([name, value]) => \`\${name} = \${value}\`)
    .join(", ");
`,
} as const;
export type CheckName = keyof typeof checks;

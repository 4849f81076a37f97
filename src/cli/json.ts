/** Values as JSON documents. */

/** Numbers that JSON lacks are the strings "Infinity", "-Infinity" and "NaN". */
export const jsonText = (value: unknown, indent?: number): string =>
  JSON.stringify(
    value,
    (_, entry: unknown) => (typeof entry === "number" && !Number.isFinite(entry) ? String(entry) : entry),
    indent,
  );

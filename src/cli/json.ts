/** Values as JSON documents. */
import { escapeLineEnds } from "../notation/line-ends.js";

/** Numbers that JSON lacks are the strings "Infinity", "-Infinity" and "NaN". */
export const jsonText = (value: unknown, indent?: number): string =>
  escapeLineEnds(
    JSON.stringify(
      value,
      (_, entry: unknown) => (typeof entry === "number" && !Number.isFinite(entry) ? String(entry) : entry),
      indent,
    ),
  );

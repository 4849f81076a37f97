/** Values of options. */
import { UsageError } from "./failure.js";

/**
 * `N=2,C=3,eps=1e-3` by name.
 * @throws UsageError when an entry is no `name=number`, or a name is given twice
 */
export function readSizes(text: string): Record<string, number> {
  const seen = new Set<string>();
  return Object.fromEntries(
    text.split(",").map((entry) => {
      const [name = "", value = "", ...rest] = entry.split("=").map((part) => part.trim());
      const number = Number(value);
      if (!name || !value || rest.length > 0 || !Number.isFinite(number))
        throw new UsageError(`--sizes: ${entry || "an empty entry"} is no name=number, as in N=2,C=3`);
      if (seen.has(name)) throw new UsageError(`--sizes: ${name} is given twice`);
      seen.add(name);
      return [name, number];
    }),
  );
}

/** @throws UsageError when the text is no whole number, or one below `least` */
export function readWhole(option: string, text: string, least: number): number {
  const number = Number(text);
  if (text.trim() === "" || !Number.isSafeInteger(number) || number < least)
    throw new UsageError(`${option} has to be a whole number from ${least} on, not ${text}`);
  return number;
}

/** Words that begin a line. */
import type { Role } from "../notation/layer.js";

const tensorRoles = [
  "input",
  "weight",
  "data",
  "index",
  "output",
  "local",
] as const satisfies readonly Role[];
export type TensorRole = (typeof tensorRoles)[number];
export const isTensorRole = (word: string): word is TensorRole => tensorRoles.some((r) => r === word);
export const lineKeywords: ReadonlySet<string> = new Set<string>([
  ...tensorRoles,
  "param",
  "use",
  "require",
  "claim",
  "variant",
  "check",
]);

/** Which names are taken, and which name was likely meant. */
import { reductionNames } from "../notation/expression.js";
import { isFunction } from "../primitives/index.js";
import type { AnyReduction } from "./tree.js";

const javascriptWords = new Set(
  (
    "arguments async await break case catch class const continue debugger default delete do else enum eval export " +
    "extends false finally for function if implements import in instanceof interface let new null package private " +
    "protected public return static super switch this throw true try typeof undefined var void while with yield " +
    "NaN Infinity"
  ).split(" "),
);
const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200C\u200D]*$/u;

/** Folders that Windows cannot have. */
const deviceName = /^(?:con|prn|aux|nul|(?:com|lpt)[0-9\u00B9\u00B2\u00B3])$/i;
/** Longer ones, in bytes, are not sure to fit into a file's name. */
const longestName = 200;

/**
 * Why no layer or variant may be called so: it becomes a function's name, an export of a module and a folder's name.
 * `then` would make the module a thenable: `import()` of it never answers.
 */
export const exportComplaint = (name: string): string | undefined =>
  !identifier.test(name) || javascriptWords.has(name)
    ? "it must be a JavaScript identifier that is no reserved word"
    : name === "then"
      ? "`import()` of a module that exports `then` would wait for ever"
      : name === "__proto__"
        ? "it means something else as the name of a member"
        : deviceName.test(name)
          ? "Windows has no folder of that name"
          : new TextEncoder().encode(name).length > longestName
            ? `a file's name takes ${longestName} bytes`
            : undefined;
/** What folders of equal names are on systems that tell neither cases nor ways of composing a letter apart. */
export const folderOf = (name: string): string => name.normalize("NFC").toLowerCase();

/** Taken in every namespace, by indices too. */
export const reservedWords: ReadonlySet<string> = new Set<string>([
  ...reductionNames,
  "pi",
  "inf",
  "and",
  "or",
  "not",
  "true",
  "false",
  "saved",
]);
/** Whether no tensor and no value may be called so. An index may be called `e`: where it is bound, it hides Euler's number. */
export const isTaken = (name: string): boolean => name === "e" || reservedWords.has(name);
export const isTakenForIndices = (name: string): boolean => reservedWords.has(name);
/** `Σ` is another spelling of `sum`. */
export const meant = (name: string): string => (name === "Σ" ? "sum" : name);
export const isReduction = (name: string): name is AnyReduction => reductionNames.some((n) => n === name);
/** Functions that are no pointwise functions of reals. */
export const specialFunctions = ["where", "pad", "stop"] as const;
export const isBuiltIn = (name: string): boolean =>
  isFunction(name) || specialFunctions.some((n) => n === name);

/** A tensor or gradient of this name would hide a member of the plan. */
const planMembers = new Set([
  "shapes",
  "forward",
  "backward",
  "workspaceBytes",
  "allocate",
  "inPlace",
  "write",
  "read",
  "destroy",
]);
export const isPlanMember = (name: string): boolean => planMembers.has(name);

/** The candidate nearest to `name` by edits, where near enough to be a slip of the pen. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let least = Infinity;
  for (const candidate of candidates) {
    if (candidate === name || candidate.length > 60 || name.length > 60) continue;
    const other = candidate.toLowerCase();
    const apart = Math.abs(other.length - wanted.length);
    if (apart > 3) continue;
    // half of a name that begins alike, else a third
    const part = Math.floor(name.length / (other[0] === wanted[0] ? 2 : 3));
    const most = name.length === 2 ? 1 : Math.min(3, part);
    const distance = edits(wanted, other);
    // of two as near, the one of the same length: tahn is tanh
    const weight = distance + 0.1 * apart;
    if (distance <= most && weight < least) [best, least] = [candidate, weight];
  }
  return best;
}

/** Levenshtein's distance, a swap of neighbours counted as one edit. */
function edits(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? a.length;
}

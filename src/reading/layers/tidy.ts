/** Letters for the indices that a document does not write. */
import { type Term, walk } from "../terms/term.js";
import { name } from "../terms/make.js";
import { fresh, mapParts, substitute, unshadowed } from "../terms/rewrite.js";

/** Gives made-up indices letters, and others than sizes and params have. */
export function tidied(
  indices: readonly string[],
  shape: readonly Term[],
  body: Term,
  values: ReadonlySet<string>,
): { indices: readonly string[]; body: Term } {
  const inUse = new Set([...values, ...indices.filter((index) => !index.startsWith("#"))]);
  walk(body, (term) => {
    if (term.kind === "reduce") for (const b of term.binders) if (!b.name.startsWith("#")) inUse.add(b.name);
  });
  const renamed = new Map<string, Term>();
  const result = indices.map((index, axis) => {
    if (!index.startsWith("#") && !values.has(index)) return index;
    const made = fresh(index.startsWith("#") ? letterOf(shape[axis], axis) : index, inUse);
    inUse.add(made);
    renamed.set(index, name(made));
    return made;
  });
  const lettered = letters(substitute(body, renamed), inUse);
  return { indices: result, body: unshadowed(lettered, new Set([...values, ...result])) };
}
const letterOf = (extent: Term | undefined, axis: number): string =>
  extent?.kind === "name" &&
  /^\p{L}/u.test(extent.name) &&
  !/_\d+$/u.test(extent.name) &&
  !/^[ei]$/iu.test(extent.name[0]!)
    ? extent.name[0]!.toLowerCase()
    : "ijkpqr"[axis % 6]!;

function letters(term: Term, taken: ReadonlySet<string>): Term {
  if (term.kind !== "reduce") return mapParts(term, (part) => letters(part, taken));
  const inUse = new Set(taken);
  const renamed = new Map<string, Term>();
  const binders = term.binders.map((binder, axis) => {
    if (!binder.name.startsWith("#")) return binder;
    const made = fresh(letterOf(binder.below, axis), inUse);
    inUse.add(made);
    renamed.set(binder.name, name(made));
    return { ...binder, name: made };
  });
  return { ...term, binders, body: letters(substitute(term.body, renamed), inUse) };
}

/** Terms from terms: substitution that captures nothing. */
import { bindersIn, namesIn, type Term } from "./term.js";
import { name, operation, where } from "./make.js";

/** Rebuilds a term from its changed parts; makers simplify. */
export function mapParts(term: Term, change: (inner: Term) => Term): Term {
  switch (term.kind) {
    case "number":
    case "name":
      return term;
    case "read":
    case "gradient":
      return { ...term, subs: term.subs.map(change) };
    case "operation":
      return operation(term.op, change(term.left), change(term.right));
    case "call":
      return { ...term, arguments: term.arguments.map(change) };
    case "reduce":
      return {
        ...term,
        binders: term.binders.map(({ name: n, from, below }) => ({
          name: n,
          from: from && change(from),
          below: below && change(below),
        })),
        body: change(term.body),
      };
    case "where":
      return where(
        term.conditions.map(({ op, left, right }) => ({ op, left: change(left), right: change(right) })),
        change(term.yes),
        change(term.no),
      );
  }
}

/** A name like this one that is not taken: `c`, `c'`, `c''`. */
export function fresh(wanted: string, taken: ReadonlySet<string>): string {
  let result = wanted;
  while (taken.has(result)) result += "'";
  return result;
}

/** Puts terms in for names. Binders that would capture a name are renamed. */
export function substitute(term: Term, values: ReadonlyMap<string, Term>): Term {
  if (values.size === 0) return term;
  if (term.kind === "name") return values.get(term.name) ?? term;
  if (term.kind !== "reduce") return mapParts(term, (part) => substitute(part, values));
  const taken = new Set([...values.values()].flatMap((value) => [...namesIn(value)]));
  const inner = new Map([...values].filter(([key]) => !term.binders.some((b) => b.name === key)));
  const used = new Set([...namesIn(term.body), ...bindersIn(term.body), ...taken]);
  const names = term.binders.map((b) => {
    if (!taken.has(b.name)) return b.name;
    const renamed = fresh(b.name, used);
    used.add(renamed);
    inner.set(b.name, name(renamed));
    return renamed;
  });
  return {
    ...term,
    binders: term.binders.map(({ from, below }, i) => ({
      name: names[i]!,
      from: from && substitute(from, inner),
      below: below && substitute(below, inner),
    })),
    body: substitute(term.body, inner),
  };
}

/** Renames binders that hide a name in scope, which the layer language forbids. */
export function unshadowed(term: Term, scope: ReadonlySet<string>): Term {
  if (term.kind !== "reduce") return mapParts(term, (part) => unshadowed(part, scope));
  const taken = new Set([...scope, ...namesIn(term.body)]);
  const renamed = new Map<string, Term>();
  const binders = term.binders.map((b) => {
    const free = scope.has(b.name) ? fresh(b.name, taken) : b.name;
    if (free !== b.name) renamed.set(b.name, name(free));
    taken.add(free);
    return { ...b, name: free };
  });
  const within = new Set([...scope, ...binders.map((b) => b.name)]);
  return {
    ...term,
    binders: binders.map((b) => ({
      ...b,
      from: b.from && substitute(b.from, renamed),
      below: b.below && substitute(b.below, renamed),
    })),
    body: unshadowed(substitute(term.body, renamed), within),
  };
}

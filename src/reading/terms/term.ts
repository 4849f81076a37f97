/** What a reading means: terms of the layer language. */

export type Term =
  | { readonly kind: "number"; readonly value: number }
  /** An index, a size, a param. */
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "read"; readonly tensor: string; readonly subs: readonly Term[] }
  /** ∂L/∂of at a place. */
  | { readonly kind: "gradient"; readonly of: string; readonly subs: readonly Term[] }
  | { readonly kind: "operation"; readonly op: "+" | "-" | "*" | "/" | "^"; readonly left: Term; readonly right: Term }
  | { readonly kind: "call"; readonly name: string; readonly arguments: readonly Term[] }
  | { readonly kind: "reduce"; readonly op: string; readonly binders: readonly Bound[]; readonly body: Term }
  | { readonly kind: "where"; readonly conditions: readonly Comparison[]; readonly yes: Term; readonly no: Term }; // prettier-ignore

/** `from <= name < below` */
export interface Bound {
  readonly name: string;
  readonly from?: Term | undefined;
  readonly below?: Term | undefined;
}

export interface Comparison {
  readonly op: "==" | "!=" | "<" | "<=" | ">" | ">=";
  readonly left: Term;
  readonly right: Term;
}
export const isNumber = (term: Term, value?: number): boolean =>
  term.kind === "number" && (value === undefined || term.value === value);

/** The terms directly inside. */
export function inside(term: Term): readonly Term[] {
  switch (term.kind) {
    case "number":
    case "name":
      return [];
    case "read":
    case "gradient":
      return term.subs;
    case "operation":
      return [term.left, term.right];
    case "call":
      return term.arguments;
    case "reduce":
      return [
        ...term.binders.flatMap(({ from, below }) => [...(from ? [from] : []), ...(below ? [below] : [])]),
        term.body,
      ];
    case "where":
      return [...term.conditions.flatMap(({ left, right }) => [left, right]), term.yes, term.no];
  }
}

export function walk(term: Term, visit: (inner: Term) => void): void {
  visit(term);
  for (const part of inside(term)) walk(part, visit);
}

/** Names that stand free in a term: indices, sizes, params. */
export function namesIn(term: Term): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (inner: Term, bound: ReadonlySet<string>): void => {
    if (inner.kind === "name") {
      if (!bound.has(inner.name)) found.add(inner.name);
    } else if (inner.kind === "reduce") {
      const more = new Set([...bound, ...inner.binders.map((b) => b.name)]);
      for (const part of inside(inner)) visit(part, more);
    } else for (const part of inside(inner)) visit(part, bound);
  };
  visit(term, new Set());
  return found;
}
export const bindersIn = (term: Term): ReadonlySet<string> => {
  const found = new Set<string>();
  walk(term, (inner) => {
    if (inner.kind === "reduce") for (const b of inner.binders) found.add(b.name);
  });
  return found;
};

/** What a reading means: terms of the layer language, made, substituted in and printed. */

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

export const num = (value: number): Term => ({ kind: "number", value });
export const name = (text: string): Term => ({ kind: "name", name: text });
export const zero = num(0);
export const isNumber = (term: Term, value?: number): boolean =>
  term.kind === "number" && (value === undefined || term.value === value);

/** A sum's terms and its constant: `t + 1 + a - 2` is `t + a` and -1. */
function split(term: Term): readonly [Term | undefined, number] {
  if (term.kind === "number") return [undefined, term.value];
  if (term.kind !== "operation" || (term.op !== "+" && term.op !== "-")) return [term, 0];
  const [left, a] = split(term.left);
  const [right, b] = split(term.right);
  return term.op === "+" ? [join(left, right, "+"), a + b] : [join(left, right, "-"), a - b];
}
function join(left: Term | undefined, right: Term | undefined, op: "+" | "-"): Term | undefined {
  if (!right) return left;
  if (!left) return op === "+" ? right : times(num(-1), right);
  if (op === "-" && same(left, right)) return undefined;
  return { kind: "operation", op, left, right };
}
const sumOf = (terms: Term | undefined, constant: number): Term => {
  if (!terms) return num(constant);
  if (constant === 0) return terms;
  if (constant > 0 && terms.kind === "operation" && terms.op === "*" && isNumber(terms.left, -1))
    return { kind: "operation", op: "-", left: num(constant), right: terms.right };
  return { kind: "operation", op: constant > 0 ? "+" : "-", left: terms, right: num(Math.abs(constant)) };
};
/** Sums keep one constant, at the end. */
export function plus(left: Term, right: Term): Term {
  const [a, m] = split(left);
  const [b, n] = split(right);
  return sumOf(join(a, b, "+"), m + n);
}
export function minus(left: Term, right: Term): Term {
  const [a, m] = split(left);
  const [b, n] = split(right);
  return sumOf(join(a, b, "-"), m - n);
}
export function times(left: Term, right: Term): Term {
  if (isNumber(left, 0) || isNumber(right, 0)) return zero;
  if (isNumber(left, 1)) return right;
  if (isNumber(right, 1)) return left;
  // a choice between a value and nothing takes factors in
  if (right.kind === "where" && isNumber(right.no, 0)) return { ...right, yes: times(left, right.yes) };
  if (left.kind === "where" && isNumber(left.no, 0)) return { ...left, yes: times(left.yes, right) };
  return { kind: "operation", op: "*", left, right };
}
export const over = (left: Term, right: Term): Term =>
  isNumber(right, 1) || isNumber(left, 0) ? left : { kind: "operation", op: "/", left, right };
export const power = (left: Term, right: Term): Term =>
  isNumber(right, 1) ? left : isNumber(right, 0) ? num(1) : { kind: "operation", op: "^", left, right };
export const negative = (term: Term): Term =>
  term.kind === "number" ? num(-term.value) : times(num(-1), term);
export const call = (fn: string, ...list: readonly Term[]): Term => ({
  kind: "call",
  name: fn,
  arguments: list,
});
export const where = (conditions: readonly Comparison[], yes: Term, no: Term = zero): Term => {
  if (conditions.length === 0) return yes;
  if (isNumber(yes, 0) && isNumber(no, 0)) return zero;
  if (yes.kind === "where" && isNumber(yes.no, 0) && isNumber(no, 0))
    return { kind: "where", conditions: [...conditions, ...yes.conditions], yes: yes.yes, no };
  return { kind: "where", conditions, yes, no };
};

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
export const operation = (op: "+" | "-" | "*" | "/" | "^", left: Term, right: Term): Term =>
  ({ "+": plus, "-": minus, "*": times, "/": over, "^": power })[op](left, right);

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
const bindersIn = (term: Term): ReadonlySet<string> => {
  const found = new Set<string>();
  walk(term, (inner) => {
    if (inner.kind === "reduce") for (const b of inner.binders) found.add(b.name);
  });
  return found;
};
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

/** How a tensor is written: those of one name are told apart by what follows an @. */
export const written = (id: string): string => id.replace(/@\d+$/u, "");

export const same = (a: Term, b: Term): boolean => a === b || print(a) === print(b);

const levels = { "+": 1, "-": 1, "*": 2, "/": 2, "^": 4 } as const;
/** A term in the layer language. */
export function print(term: Term, level = 0): string {
  switch (term.kind) {
    case "number":
      return term.value < 0 && level > 0 ? `(${term.value})` : String(term.value);
    case "name":
      return term.name;
    case "read":
      return term.subs.length === 0
        ? written(term.tensor)
        : `${written(term.tensor)}[${term.subs.map((s) => print(s)).join(", ")}]`;
    case "gradient":
      return term.subs.length === 0
        ? `d${written(term.of)}`
        : `d${written(term.of)}[${term.subs.map((s) => print(s)).join(", ")}]`;
    case "operation": {
      const own = levels[term.op];
      if (term.op === "*" && isNumber(term.left, -1))
        return parenthesised(`-${print(term.right, 3)}`, level > 1);
      const right = own + (term.op === "+" || term.op === "*" ? 0 : 1);
      const text = `${print(term.left, term.op === "^" ? 5 : own)}${own === 4 ? "^" : ` ${term.op} `}${print(term.right, right)}`;
      return parenthesised(text, level > own);
    }
    case "call":
      return `${term.name}(${term.arguments.map((a) => print(a)).join(", ")})`;
    case "reduce":
      return `${term.op}[${term.binders.map((b) => printBound(b)).join(", ")}](${print(term.body)})`;
    case "where":
      return `where(${term.conditions.map(({ op, left, right }) => `${print(left)} ${op} ${print(right)}`).join(" and ")}, ${print(term.yes)}, ${print(term.no)})`;
  }
}
const parenthesised = (text: string, needed: boolean): string => (needed ? `(${text})` : text);
function printBound({ name: text, from, below }: Bound): string {
  const lower = from && !isNumber(from, 0) ? `${print(from)} <= ` : "";
  return lower + text + (below ? ` < ${print(below)}` : "");
}

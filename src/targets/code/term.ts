/** A piece of generated code with the binding strength of its outermost operator, so that parentheses stand only where needed. */
export interface Term {
  readonly text: string;
  readonly strength: number;
  /** Which of the two of that strength the outermost is. */
  readonly operator?: "*" | "/";
}

/** Binding strengths of the operators of C and its like, weakest first. */
export const strengths = {
  conditional: 1,
  or: 2,
  and: 3,
  equality: 4,
  relation: 5,
  sum: 6,
  product: 7,
  unary: 8,
  atom: 9,
} as const;

export const atom = (text: string): Term => ({ text, strength: strengths.atom });
export const callOf = (name: string, ...args: readonly Term[]): Term =>
  atom(`${name}(${args.map((a) => a.text).join(", ")})`);

/** The text, in parentheses where it binds weaker than asked (or would put two signs side by side). */
export const within = (term: Term, strength: number): string =>
  term.strength < strength || (term.text.startsWith("-") && strength > strengths.sum)
    ? `(${term.text})`
    : term.text;

export interface Signed {
  readonly negative: boolean;
  readonly term: Term;
}
/** The sum, positive terms first: `b - a`, not `-a + b`. */
export function sumOf(terms: readonly Signed[]): Term {
  const ordered = [...terms.filter((t) => !t.negative), ...terms.filter((t) => t.negative)];
  const [first, ...rest] = ordered;
  if (!first) return atom("0");
  if (rest.length === 0 && !first.negative) return first.term;
  const head = first.negative ? minus(first.term) : within(first.term, strengths.sum);
  const tail = rest.map(({ negative, term }) =>
    negative ? ` - ${within(term, strengths.product)}` : ` + ${within(term, strengths.sum)}`,
  );
  if (rest.length === 0) return { ...first.term, text: head, strength: strengths.unary };
  return { text: head + tail.join(""), strength: strengths.sum };
}
const minus = (term: Term): string => `-${within(term, strengths.product)}`;

/**
 * Π top / Π bottom; there is a factor on top. The first keeps its sign.
 * @param apart whether a product that is divided stands in parentheses, and a quotient that is multiplied
 */
export function productOf(top: readonly Term[], bottom: readonly Term[] = [], apart = false): Term {
  const [only] = top;
  if (only && top.length === 1 && bottom.length === 0) return only;
  const first = (term: Term, operator: Term["operator"]): string => {
    const mixed = apart && term.operator !== undefined && term.operator !== operator;
    return term.strength < strengths.product || mixed ? `(${term.text})` : term.text;
  };
  const over = (terms: readonly Term[]): string =>
    terms.map((t, i) => (i === 0 ? first(t, "*") : within(t, strengths.unary))).join(" * ");
  const [divisor] = bottom;
  if (!divisor) return { text: over(top), strength: strengths.product, operator: "*" };
  const numerator = only && top.length === 1 ? first(only, "/") : apart ? `(${over(top)})` : over(top);
  const denominator = bottom.length === 1 ? within(divisor, strengths.unary) : `(${over(bottom)})`;
  return { text: `${numerator} / ${denominator}`, strength: strengths.product, operator: "/" };
}

/** `a < b`; what binds weaker than a sum is in parentheses. */
export const relationOf = (left: Term, operator: string, right: Term): Term => ({
  text: `${within(left, strengths.sum)} ${operator} ${within(right, strengths.sum)}`,
  strength: strengths.relation,
});
/** `a == b` */
export const equalityOf = (left: Term, operator: string, right: Term): Term => ({
  ...relationOf(left, operator, right),
  strength: strengths.equality,
});

/** Formulas as they are written: what stands where, before anything is known of what the names mean. */

interface At {
  /** An offset in the formula's source. */
  readonly at: number;
}

export interface Numeral extends At {
  readonly kind: "number";
  readonly value: number;
}

/** A name with all that is written around it: `\hat{x}'^{l}_{n,c}` or `x(n, c)`. */
export interface Symbol_ extends At {
  readonly kind: "symbol";
  readonly letter: string;
  readonly marks: readonly string[];
  readonly primes: number;
  /** Set bold: `\mathbf{x}_1` is a vector of its own, no element. */
  readonly bold?: boolean;
  readonly sup?: Formula | undefined;
  /** Subscripts, separated by commas. */
  readonly subs?: readonly Formula[] | undefined;
}

/** The letter of `\mathbf{1}`: an indicator where a condition follows, else a vector of ones. */
export const ones = "𝟙";

/** `f(a, b)`, `μ[x]`: a call, an element or a product; what is known of the name decides. */
export interface Application extends At {
  readonly kind: "application";
  readonly of: Symbol_;
  readonly arguments: readonly Formula[];
}

export interface Binder extends At {
  readonly index: Formula;
  readonly from?: Formula | undefined;
  readonly to?: Formula | undefined;
  /** `k ≠ i` */
  readonly except?: Formula | undefined;
}
export type Reducing = "sum" | "prod" | "max" | "min" | "argmax" | "argmin";
export type ProductSign = "" | "·" | "×" | "*" | "⊙" | "⊛" | "⋆" | "@" | "⊗";

export interface Condition extends At {
  readonly kind: "comparison";
  readonly terms: readonly Formula[];
  readonly relations: readonly string[];
}
export type Formula =
  | Numeral
  | Symbol_
  | Application
  | Condition
  | (At & { readonly kind: "negative"; readonly of: Formula })
  | (At & { readonly kind: "sum"; readonly left: Formula; readonly right: Formula; readonly sign: "+" | "-" })
  | (At & { readonly kind: "product"; readonly left: Formula; readonly right: Formula; readonly sign: ProductSign })
  | (At & { readonly kind: "quotient"; readonly left: Formula; readonly right: Formula })
  | (At & { readonly kind: "power"; readonly base: Formula; readonly exponent: Formula })
  | (At & { readonly kind: "root"; readonly of: Formula })
  | (At & { readonly kind: "floor" | "ceil"; readonly of: Formula })
  | (At & { readonly kind: "reduction"; readonly op: Reducing; readonly binders: readonly Binder[]; readonly body: Formula })
  /** ∂of/∂by; `fixed` is what `\big|_s` says is held fixed. */
  | (At & { readonly kind: "partial"; readonly of: Formula; readonly by: Formula; readonly fixed?: readonly Formula[] })
  /** `∂Z`, `dX(m, k)` standing alone: the gradient of the loss. `upright` where it is written with a d, which may be a size. */
  | (At & { readonly kind: "differential"; readonly of: Formula; readonly upright?: boolean })
  /** What may be read in several ways, the likeliest first: `1/d (a + b)`. */
  | (At & { readonly kind: "either"; readonly readings: readonly Formula[] })
  | (At & { readonly kind: "inner"; readonly left: Formula; readonly right: Formula })
  /** `[…]_{i,j}`: an element of what stands in the brackets. */
  | (At & { readonly kind: "element"; readonly of: Formula; readonly subs: readonly Formula[] })
  | (At & { readonly kind: "cases"; readonly rows: readonly (readonly [value: Formula, condition: Formula | undefined])[] })
  | (At & { readonly kind: "tuple"; readonly entries: readonly Formula[]; readonly open: string })
  | (At & { readonly kind: "slice" })
  | (At & { readonly kind: "text"; readonly text: string }); // prettier-ignore

/** `a = b = c`: one side and what it is said to equal, step by step. */
export interface Equality {
  readonly kind: "equality";
  readonly left: Formula;
  readonly steps: readonly Side[];
  readonly at: number;
  readonly end: number;
  /** The shapes of the factors and the result, where a row beside says so. */
  readonly shapes?: ShapeNote;
  /** A display that begins with `=`: its steps are further ones of the equation before it. */
  readonly continued?: boolean;
}

export interface Side {
  /** What could not be parsed has the reason instead. */
  readonly formula?: Formula;
  readonly reason?: { readonly message: string; readonly at: number };
  readonly at: number;
  readonly end: number;
}

/** `(N, C) × (C, K) → (N, K)` */
export interface ShapeNote {
  readonly factors: readonly (readonly Formula[])[];
  readonly result: readonly Formula[];
  /** A Σ above the arrow: axes that the result lacks are summed. */
  readonly summed: boolean;
}

/** The formulas directly inside. */
export function partsOf(formula: Formula): readonly Formula[] {
  switch (formula.kind) {
    case "number":
    case "slice":
    case "text":
      return [];
    case "symbol":
      return [...(formula.subs ?? []), ...(formula.sup ? [formula.sup] : [])];
    case "application":
      return [formula.of, ...formula.arguments];
    case "comparison":
      return formula.terms;
    case "negative":
    case "root":
    case "floor":
    case "ceil":
    case "differential":
      return [formula.of];
    case "sum":
    case "product":
    case "quotient":
    case "inner":
      return [formula.left, formula.right];
    case "power":
      return [formula.base, formula.exponent];
    case "reduction":
      return [
        ...formula.binders.flatMap(({ index, from, to, except }) => [
          index,
          ...(from ? [from] : []),
          ...(to ? [to] : []),
          ...(except ? [except] : []),
        ]),
        formula.body,
      ];
    case "partial":
      return [formula.of, formula.by, ...(formula.fixed ?? [])];
    case "either":
      return formula.readings;
    case "element":
      return [formula.of, ...formula.subs];
    case "cases":
      return formula.rows.flatMap(([value, condition]) => (condition ? [value, condition] : [value]));
    case "tuple":
      return formula.entries;
  }
}

/** A tree of formulas with each of them changed, innermost first. */
export function rebuilt<T>(tree: T, change: (node: Formula) => Formula): T {
  if (Array.isArray(tree)) return tree.map((part: unknown) => rebuilt(part, change)) as T;
  if (typeof tree !== "object" || tree === null) return tree;
  const node = Object.fromEntries(
    Object.entries(tree).map(([key, part]: [string, unknown]) => [key, rebuilt(part, change)]),
  );
  return ("kind" in node ? change(node as unknown as Formula) : node) as T;
}

/** Whether a formula or one inside it is such a one. */
export const some = (formula: Formula, test: (inner: Formula) => boolean): boolean =>
  test(formula) || partsOf(formula).some((part) => some(part, test));

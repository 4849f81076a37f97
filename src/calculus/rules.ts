/** The rules that a derivation is made of: what each says in a line of mathematics, and whether a paper would tell it. */

interface Rule {
  readonly says: string;
  /** `main`: a step that a paper would write; `all`: one that only tidies. */
  readonly detail: "main" | "all";
}

const table = {
  "chain rule": {
    says: "∂L/∂x[m] = Σ over every y that reads x, and over all its elements: ∂L/∂y[α] · ∂y[α]/∂x[m]",
    detail: "main",
  },
  "put in the derivatives of intermediates": {
    says: "∂L/∂y is written with what it was found to be",
    detail: "main",
  },
  "join the sums": { says: "Σ_α a·Σ_ρ F = Σ_{α,ρ} a·F", detail: "all" },
  "solve the indicator": {
    says: "Σ_v [f(v) = m]·F(v) = [v₀ in its range]·F(v₀) with f(v₀) = m",
    detail: "main",
  },
  "bounds of the reads": {
    says: "a sum takes in those points alone at which every read is in bounds",
    detail: "main",
  },
  "decide conditions": { says: "where(c, a, b) = a where c is known to hold", detail: "all" },
  "restrict sums": { says: "Σ F·T = Σ F·T over the points where T is not zero", detail: "all" },
  "take factors out of sums": { says: "Σ a·F = a·Σ F", detail: "all" },
  "write out definitions": { says: "a value is what it was defined as", detail: "main" },
  "split sums": { says: "Σ (F + G) = Σ F + Σ G", detail: "main" },
  "terms that vanish": { says: "sums put in by their definitions cancel", detail: "main" },
  "call functions by their names": {
    says: "1/(1 + e^-u) = σ(u), ln(1 + e^u) = softplus(u), and the like",
    detail: "main",
  },
  "cancel quotients": { says: "f·(a/f + b) = a + f·b", detail: "main" },
  "collect terms": { says: "f·a + f·b = f·(a + b)", detail: "all" },
  "use defined values": { says: "a sum or product that has a name is called by it", detail: "main" },
  "share what is already computed": {
    says: "a sum or product that has a name is called by it",
    detail: "main",
  },
} as const satisfies Record<string, Rule>;

export type RuleName = keyof typeof table;
export const rules: Readonly<Record<RuleName, Rule>> = table;

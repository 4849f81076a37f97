/**
 * Exact integer arithmetic over index variables, sizes and integer params: the language of subscripts,
 * extents and loop bounds.
 *
 * An `Int` is a polynomial with integer coefficients over atoms, kept canonical: like monomials are merged,
 * zero monomials dropped, monomials and the factors within them ordered by key. Two equal polynomials are
 * therefore structurally equal, and `keyOf` is an identity.
 */
export * from "./polynomial.js";
export * from "./arithmetic.js";
export * from "./atoms.js";

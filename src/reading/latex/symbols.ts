/** Symbols by one name, however they are written. */

/** Symbols by one name, however they are written. */
export const symbols: Readonly<Record<string, string>> = {
  "\\cdot": "·", "\\bullet": "·", "•": "·", "⋅": "·", "\\times": "×", "\\ast": "*", "∗": "*", "\\star": "⋆",
  "\\odot": "⊙", "\\circ": "⊙", "\\circledast": "⊛", "\\otimes": "⊗", "\\div": "/", "−": "-",
  "\\le": "≤", "\\leq": "≤", "\\leqslant": "≤", "\\ge": "≥", "\\geq": "≥", "\\geqslant": "≥", "\\ne": "≠", "\\neq": "≠", "\\@not": "¬",
  "\\in": "∈", "\\to": "→", "\\rightarrow": "→", "\\longrightarrow": "→", "\\mapsto": "→", "\\lt": "<", "\\gt": ">",
  "\\triangleq": "=", "\\coloneqq": "=", "\\equiv": "=", "\\doteq": "=", "≔": "=", "\\gets": "=", "\\leftarrow": "=",
  "\\{": "{", "\\}": "}", "\\lbrace": "{", "\\rbrace": "}", "\\lbrack": "[", "\\rbrack": "]",
  "\\langle": "⟨", "\\rangle": "⟩", "\\lfloor": "⌊", "\\rfloor": "⌋", "\\lceil": "⌈", "\\rceil": "⌉",
  "\\partial": "∂", "\\nabla": "∇", "\\prime": "′", "\\dots": "…", "\\ldots": "…", "\\cdots": "…", "\\vdots": "…",
  "\\lVert": "‖", "\\rVert": "‖", "\\Rightarrow": "quad", "\\Longrightarrow": "quad", "\\Leftrightarrow": "quad",
  "\\Longleftrightarrow": "quad", "\\therefore": "quad", "\\infty": "∞", "\\colon": ":", "\\top": "⊤", "\\intercal": "⊤", "\\dagger": "†", "\\forall": "∀", "\\mid": "|",
  "\\vert": "|", "\\lvert": "|", "\\rvert": "|", "\\Vert": "‖", "\\|": "‖", "\\@cdots": "…", "\\ddots": "…",
}; // prettier-ignore
const greek =
  "alpha α beta β gamma γ delta δ epsilon ε varepsilon ε zeta ζ eta η theta θ vartheta θ iota ι kappa κ lambda λ mu μ nu ν xi ξ " +
  "pi π rho ρ varrho ρ sigma σ varsigma ς tau τ upsilon υ phi φ varphi φ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ " +
  "Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω ell ℓ hbar ℏ imath i jmath j";
export const letters = new Map(
  [...greek.matchAll(/(\S+) (\S)/gu)].map(([, name = "", letter = ""]) => [`\\${name}`, letter]),
);
export const bigOperators = new Map([
  ["\\sum", "sum"],
  ["\\prod", "prod"],
  ["\\max", "max"],
  ["\\min", "min"],
  ["\\argmax", "argmax"],
  ["\\argmin", "argmin"],
  ["Σ", "sum"],
  ["∑", "sum"],
  ["∏", "prod"],
]);
export const accentName = (label: string): string =>
  label.replace("\\", "").replace("wide", "").replace("overline", "bar").replace("boldsymbol", "");

/** Names as mathematics: `mu` is μ, `xhat` is x̂, `rstd` is upright; what follows a `_` is a label below. */

const greek = [
  "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi omega",
  "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega",
].flatMap((names) => names.split(" "));
const letters = "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ";
const symbols = new Map<string, string>([
  ...greek.map((name) => [name, `\\${name}`] as const),
  ...greek.map((name, i) => [letters[i] ?? name, `\\${name}`] as const),
  ["eps", String.raw`\varepsilon`],
  ["ε", String.raw`\varepsilon`],
  ["phi", String.raw`\varphi`],
  ["φ", String.raw`\varphi`],
]);
export const isGreek = (letter: string): boolean => letters.includes(letter);

/** A mark above a letter, by its combining character and by the end of a name. */
const accents: readonly (readonly [mark: string, ending: string, command: string])[] = [
  ["\u0302", "hat", "hat"],
  ["\u0304", "bar", "bar"],
  ["\u0303", "tilde", "tilde"],
  ["\u0307", "dot", "dot"],
];

/** An index, a size, a param or the first part of a tensor's name. */
export function texName(name: string): string {
  const bare = name.replace(/'+$/u, "");
  return plainName(bare) + name.slice(bare.length);
}
function plainName(name: string): string {
  const known = symbols.get(name);
  if (known !== undefined) return known;
  for (const [mark, ending, command] of accents) {
    const letter = name.endsWith(mark)
      ? name.slice(0, -1)
      : name.endsWith(ending)
        ? name.slice(0, -ending.length)
        : "";
    if (letter !== "" && (letter.length === 1 || symbols.has(letter)))
      return `\\${command}{${plainName(letter)}}`;
  }
  if (/^[A-Za-z]$/u.test(name)) return name;
  const upright = name.replaceAll("_", "-");
  return /^[\dA-Za-z]+$/u.test(upright) ? `\\mathrm{${upright}}` : `\\text{${upright}}`;
}

/** A tensor at its subscripts: x_{n,c}; of `sum_dmu[c]` the last part goes below, sum_{dmu; c}. */
export function texTensor(name: string, subscripts: readonly string[]): string {
  const [first = "", ...rest] = name.split("_");
  const label = rest.length > 0 && first !== "" ? plainLabel(rest.join("-")) : "";
  const below = [label, subscripts.join(",")].filter((part) => part !== "").join(";");
  const symbol = texName(first === "" ? name : first);
  return below === "" ? symbol : `${symbol}_{${below}}`;
}
const plainLabel = (text: string): string =>
  /^[\dA-Za-z-]+$/u.test(text) ? `\\mathrm{${text}}` : `\\text{${text}}`;

/** One spelling of what documents write in several: samples counted in superscripts, losses with their arguments. */
import { isLoss, type Survey } from "../context/survey.js";
import type { ReadPiece } from "../latex/parsed.js";
import { rebuilt, type Formula } from "../latex/formula.js";

/** `x_j^{(i)}` is `x_{i,j}` where i counts no layers; `\mathcal{L}(y, t)` is `\mathcal{L}`. */
export function normalised(read: readonly ReadPiece[], survey: Survey): readonly ReadPiece[] {
  const change = (node: Formula): Formula => {
    if (node.kind === "application" && isLoss(node, survey)) return { ...node.of, at: node.at };
    if (node.kind !== "symbol" || node.sup?.kind !== "tuple") return node;
    const [sample] = node.sup.entries;
    const counts =
      sample?.kind === "symbol" && /^\p{Ll}$/u.test(sample.letter) && !survey.layerLetters.has(sample.letter);
    return counts ? { ...node, sup: undefined, subs: [sample, ...(node.subs ?? [])] } : node;
  };
  return read.map(({ piece, statements }) => ({ piece, statements: rebuilt(statements, change) }));
}

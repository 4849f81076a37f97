/** One spelling of what documents write in several: samples counted in superscripts, losses with their arguments. */
import { isLoss, symbolIn, type Survey } from "../context/survey.js";
import type { ReadPiece } from "../latex/parsed.js";
import { rebuilt, type Formula } from "../latex/formula.js";

/** `x_j^{(i)}` is `x_{i,j}` where i counts no layers; `\mathcal{L}(y, t)` is `\mathcal{L}`, `\bar{y}` may be ∂L/∂y. */
export function normalised(read: readonly ReadPiece[], survey: Survey): readonly ReadPiece[] {
  const marks = gradientMarks(read, survey);
  const change = (node: Formula): Formula => {
    const mark = node.kind === "symbol" ? node.marks.at(-1) : undefined;
    if (node.kind === "symbol" && mark !== undefined && marks.has(mark))
      return { kind: "differential", of: { ...node, marks: node.marks.slice(0, -1) }, at: node.at };
    if (node.kind === "application" && isLoss(node, survey)) return { ...node.of, at: node.at };
    if (node.kind !== "symbol" || node.sup?.kind !== "tuple") return node;
    const [sample] = node.sup.entries;
    const counts =
      sample?.kind === "symbol" && /^\p{Ll}$/u.test(sample.letter) && !survey.layerLetters.has(sample.letter);
    return counts ? { ...node, sup: undefined, subs: [sample, ...(node.subs ?? [])] } : node;
  };
  return read.map(({ piece, statements }) => ({ piece, statements: rebuilt(statements, change) }));
}

/** Accents that make gradients: `\bar{y} = ∂L/∂y`. */
function gradientMarks(read: readonly ReadPiece[], survey: Survey): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { statements } of read)
    for (const statement of statements) {
      if (statement.kind !== "equality" || statement.left.kind !== "symbol") continue;
      const { letter, marks } = statement.left;
      const [mark, ...more] = marks;
      if (mark === undefined || more.length > 0) continue;
      for (const { formula } of statement.steps)
        if (formula?.kind === "partial" && isLoss(formula.of, survey)) {
          const of = symbolIn(formula.by);
          if (of?.letter === letter && of.marks.length === 0) found.add(mark);
        }
    }
  return found;
}

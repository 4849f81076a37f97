/** One spelling of what documents write in several: samples counted in superscripts, losses with their arguments, steps in time. */
import { isLoss, symbolIn, type Survey } from "../context/survey.js";
import type { ReadPiece } from "../latex/parsed.js";
import { partsOf, rebuilt, some, type Formula, type Symbol_ } from "../latex/formula.js";
import { indexName } from "../context/names.js";
import { summedOverRepeated } from "./einstein.js";

/**
 * `x_j^{(i)}` is `x_{i,j}` where i counts no layers; `\mathcal{L}(y, t)` is `\mathcal{L}`, `\bar{y}` may be ∂L/∂y, `h'` a name,
 * `h_{t-1}` the step before, and `d x` a product where d is a size.
 */
export function normalised(
  read: readonly ReadPiece[],
  survey: Survey,
  document: string,
): readonly ReadPiece[] {
  const marks = gradientMarks(read, survey);
  const steps = timeLetters(read, survey);
  const primed = primedNames(read, survey);
  const defined = new Set(leftsOf(read).flatMap((left) => symbolIn(left)?.letter ?? []));
  const change = (node: Formula): Formula => {
    const mark = node.kind === "symbol" ? node.marks.at(-1) : undefined;
    if (node.kind === "symbol" && mark !== undefined && marks.has(mark))
      return { kind: "differential", of: { ...node, marks: node.marks.slice(0, -1) }, at: node.at };
    if (node.kind === "application" && isLoss(node, survey)) return { ...node.of, at: node.at };
    if (node.kind === "differential" && node.upright && survey.sizes.has("d"))
      return { kind: "product", sign: "", left: { ...plainSymbol, letter: "d", at: node.at }, right: node.of, at: node.at }; // prettier-ignore
    if (node.kind === "product") return meanOver(node, defined);
    if (node.kind !== "symbol") return node;
    if (node.primes === 1 && primed.has(node.letter))
      return { ...node, primes: 0, marks: [...node.marks, "prime"] };
    const timed = withoutTime(node, steps);
    if (timed) return timed;
    if (node.sup?.kind !== "tuple") return node;
    const [sample] = node.sup.entries;
    const counts =
      sample?.kind === "symbol" && /^\p{Ll}$/u.test(sample.letter) && !survey.layerLetters.has(sample.letter);
    return counts ? { ...node, sup: undefined, subs: [sample, ...(node.subs ?? [])] } : node;
  };
  const all = read.map(({ piece, statements }) => ({ piece, statements: rebuilt(statements, change) }));
  return summedOverRepeated(all, document);
}
const plainSymbol = { kind: "symbol", marks: [], primes: 0 } as const;

const leftsOf = (read: readonly ReadPiece[]): readonly Formula[] =>
  read.flatMap(({ statements }) => statements.flatMap((s) => (s.kind === "equality" ? [s.left] : [])));

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

/** Every formula of a document. */
function visitAll(read: readonly ReadPiece[], visit: (formula: Formula) => void): void {
  const down = (formula: Formula): void => {
    visit(formula);
    for (const part of partsOf(formula)) down(part);
  };
  for (const { statements } of read)
    for (const statement of statements)
      if (statement.kind === "other") {
        if (statement.formula) down(statement.formula);
      } else
        for (const side of [statement.left, ...statement.steps.flatMap((s) => s.formula ?? [])]) down(side);
}

/** Small letters with a prime that are names of their own: `h' = o ⊙ c`, `∂L/∂h'`. */
function primedNames(read: readonly ReadPiece[], survey: Survey): ReadonlySet<string> {
  const found = new Set<string>();
  const isName = (formula: Formula | undefined): formula is Symbol_ =>
    formula?.kind === "symbol" && formula.primes === 1 && /^\p{Ll}$/u.test(formula.letter);
  for (const left of leftsOf(read)) if (isName(left)) found.add(left.letter);
  visitAll(read, (formula) => {
    if (formula.kind === "partial" && isName(formula.by)) found.add(formula.by.letter);
    if (formula.kind !== "symbol") return;
    // c' beside c runs over something
    for (const sub of formula.subs ?? []) some(sub, (inner) => isName(inner) && !found.delete(inner.letter));
  });
  return survey.primesAreGradients ? new Set() : found;
}

/**
 * Letters that count steps in time: `h_t = f(h_{t-1})` with one step written out. A letter that is summed over, or by which
 * something is declared, is an index like others.
 */
function timeLetters(read: readonly ReadPiece[], survey: Survey): ReadonlySet<string> {
  const shifted = new Set<string>();
  const bound = new Set<string>();
  visitAll(read, (formula) => {
    if (formula.kind === "reduction")
      for (const { index } of formula.binders) bound.add(indexName(index) ?? "");
    if (formula.kind !== "symbol") return;
    const [first] = formula.subs ?? [];
    const time = first && shiftOf(first);
    if (time && time.by !== 0) shifted.add(time.letter);
  });
  return new Set(
    [...shifted].filter(
      (letter) =>
        ["t", "τ"].includes(letter) && !bound.has(letter) && !survey.sizes.has(letter.toUpperCase()),
    ),
  );
}
const shiftOf = (sub: Formula): { letter: string; by: number } | undefined => {
  const alone = indexName(sub);
  if (alone !== undefined) return { letter: alone, by: 0 };
  if (sub.kind !== "sum" || sub.right.kind !== "number") return undefined;
  const letter = indexName(sub.left);
  return letter === undefined
    ? undefined
    : { letter, by: sub.sign === "+" ? sub.right.value : -sub.right.value };
};

/** `h_t` is h, `h_{t-1}` is `h_before`: each step is a tensor of its own. */
function withoutTime(symbol: Symbol_, letters: ReadonlySet<string>): Symbol_ | undefined {
  const [first, ...others] = symbol.subs ?? [];
  const time = first && shiftOf(first);
  if (!time || !letters.has(time.letter)) return undefined;
  const { by } = time;
  const far = Math.abs(by) > 1 ? String(Math.abs(by)) : "";
  const marks = by === 0 ? symbol.marks : [...symbol.marks, (by < 0 ? "before" : "after") + far];
  return { ...symbol, marks, subs: others.length > 0 ? others : undefined };
}

/** `\frac1N \sum_p`: it is a mean, so N is how far p runs. */
function meanOver(node: Formula & { kind: "product" }, defined: ReadonlySet<string>): Formula {
  const { left, right } = node;
  const share = left.kind === "product" ? left.right : left;
  if (right.kind !== "reduction" || right.op !== "sum" || share.kind !== "quotient") return node;
  const [binder, ...more] = right.binders;
  const count = share.right;
  const isCount =
    count.kind === "symbol" && !count.subs && !count.sup && /^(?:[A-Z]|[nmdkb])$/u.test(count.letter);
  if (!binder || more.length > 0 || binder.from || binder.to || !isCount || defined.has(count.letter))
    return node;
  if (share.left.kind !== "number" || binder.except) return node;
  const from: Formula = { kind: "number", value: 1, at: binder.at };
  return { ...node, right: { ...right, binders: [{ ...binder, from, to: count }] } };
}

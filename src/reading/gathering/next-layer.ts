/**
 * Definitions of the next layer: what a document writes for layer l holds for layer l + 1. Where only the way back is
 * written, `∂Z^l = (W^{l+1})^T ∂Z^{l+1} ⊙ f'(Z^l)` says what the layer is.
 */
import { type Equality, type Formula, rebuilt, some, type Symbol_ } from "../latex/formula.js";
import { layerSuffix, named } from "../context/names.js";
import type { Context } from "../context/context.js";

/** A formula of layer l as one of layer l + 1, or of another. */
export const shifted = <T extends Formula>(formula: T, letters: ReadonlySet<string>, by = 1): T =>
  rebuilt(formula, (node) =>
    node.kind === "symbol" && node.sup ? { ...node, sup: raised(node.sup, letters, by) } : node,
  );

function raised(sup: Formula, letters: ReadonlySet<string>, more: number): Formula {
  if (!countsLayers(sup, letters)) return sup;
  const { at } = sup;
  const step = (left: Formula, by: number): Formula =>
    by === 0
      ? left
      : {
          kind: "sum",
          left,
          right: { kind: "number", value: Math.abs(by), at },
          sign: by > 0 ? "+" : "-",
          at,
        };
  if (sup.kind === "sum" && sup.right.kind === "number")
    return step(sup.left, (sup.sign === "+" ? 1 : -1) * sup.right.value + more);
  return step(sup.kind === "tuple" ? sup.entries[0]! : sup, more);
}
/** `^l`, `^{(l+1)}`, but not `^{(2)}` */
const countsLayers = (sup: Formula, letters: ReadonlySet<string>): boolean =>
  layerSuffix(sup, letters) !== undefined && !(sup.kind === "tuple" && sup.entries[0]?.kind === "number");
export const hasLayers = (formula: Formula, letters: ReadonlySet<string>): boolean =>
  some(
    formula,
    (inner) => inner.kind === "symbol" && inner.sup !== undefined && countsLayers(inner.sup, letters),
  );

/** The definition that a dense layer's way back is about, where the document has none: `Z^{l+1} = W^{l+1} f(Z^l)`. */
export function denseLayer(
  { left, steps }: Equality,
  context: Context,
): { readonly left: Formula; readonly right: Formula } | undefined {
  const from = left.kind === "differential" ? left.of : left.kind === "partial" ? left.by : undefined;
  if (from?.kind !== "symbol" || from.subs) return undefined;
  for (const { formula } of steps) {
    const gated = formula?.kind === "product" && formula.sign === "⊙" ? formula : undefined;
    const product = gated ? gated.left : formula;
    if (product?.kind !== "product" || product.left.kind !== "power") continue;
    const { base } = product.left;
    const to = gradientOperand(product.right);
    if (base.kind !== "symbol" || !base.sup || !to?.sup) continue;
    const [x, z, w] = [from, to, base].map((symbol) => named(symbol, context.survey)?.name);
    if (z !== `${x}_next` || !w?.endsWith("_next")) continue;
    const argument = gated ? activated(gated.right, from) : from;
    if (argument)
      return { left: to, right: { kind: "product", left: base, right: argument, sign: "", at: base.at } };
  }
  return undefined;
}
const gradientOperand = (formula: Formula): Symbol_ | undefined => {
  const of =
    formula.kind === "differential" ? formula.of : formula.kind === "partial" ? formula.by : undefined;
  return of?.kind === "symbol" && !of.subs ? of : undefined;
};

/** `f(Z)` of `f'(Z)` or `∂f(Z)`. */
function activated(formula: Formula, argument: Symbol_): Formula | undefined {
  const call = formula.kind === "differential" ? formula.of : formula;
  if (call.kind !== "application") return undefined;
  const primes = formula.kind === "differential" ? call.of.primes : call.of.primes - 1;
  return primes === 0 ? { ...call, of: { ...call.of, primes }, arguments: [argument] } : undefined;
}

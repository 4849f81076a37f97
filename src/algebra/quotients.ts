/**
 * Quotients taken up by the product around them: f·(a/f + b) = a + f·b. The derivative of a loss of logarithms meets the
 * slope of what they are of: (t/p - (1 - t)/(1 - p))·p·(1 - p) = t - p.
 */
import * as build from "../notation/construct.js";
import type { Add, Expression } from "../notation/expression.js";
import { keyOfExpression } from "../notation/key.js";
import { countNodes, rewrite } from "../notation/traverse.js";
import { factorsOf, powerOf, powersIn } from "./powers.js";
import { distribute } from "./sums.js";

/** Wherever that makes the formula shorter. A pole may go and none comes in. */
export const withoutQuotients = (e: Expression): Expression =>
  rewrite(e, (part) => (part.kind === "multiply" ? (collected(part.factors) ?? part) : part));

/** More terms than this are not multiplied out. */
const mostTerms = 8;

function collected(factors: readonly Expression[]): Expression | undefined {
  for (const sum of factors) {
    if (sum.kind !== "add" || sum.terms.length > mostTerms) continue;
    const others = factors.filter((f) => f !== sum);
    const taken = others.filter((f) => divides(sum, f));
    if (taken.length === 0) continue;
    const inner = build.add(...sum.terms.map((term) => expanded(build.multiply(term, ...taken))));
    const found = build.multiply(...others.filter((f) => !taken.includes(f)), inner);
    if (countNodes(found) < countNodes(build.multiply(...factors))) return found;
  }
  return undefined;
}

/** Whether a term is divided by what the factor is a power of. */
function divides({ terms }: Add, factor: Expression): boolean {
  const { base, exponent } = powerOf(factor);
  const key = keyOfExpression(base);
  return exponent > 0 && terms.some((term) => (powersIn(term).get(key)?.exponent ?? 0) < 0);
}

/** Sums in a product multiplied out, unless they are long. */
const expanded = (product: Expression): Expression =>
  factorsOf(product).some((f) => f.kind === "add" && f.terms.length > mostTerms)
    ? product
    : distribute(product);

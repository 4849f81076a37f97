/** Factors of a sum as tensors over their own indices alone. */
import * as build from "../../notation/construct.js";
import { conjuncts } from "../../notation/construct.js";
import type { Condition, Expression } from "../../notation/expression.js";
import { atom, type Term } from "../code/term.js";
import { alone, type Axes } from "./axes.js";
import type { Box } from "./box.js";
import { tensorIn, within, type Context } from "./context.js";
import { realValue, spread } from "./expressions.js";
import { wholeAxes } from "./integers.js";
import { holdsAll } from "./value.js";

/** Factors over some indices, and the conditions on these. */
export interface Group {
  readonly support: ReadonlySet<string>;
  readonly factors: readonly Expression[];
  readonly conditions: readonly Condition[];
}

/** where(c, a*b, 0) is a*b where c holds. */
export function partsOf(e: Expression): Pick<Group, "conditions" | "factors"> {
  if (e.kind === "select" && build.isConstant(e.whenFalse, 0)) {
    const { conditions, factors } = partsOf(e.whenTrue);
    return { conditions: [...conjuncts(e.condition), ...conditions], factors };
  }
  return { conditions: [], factors: e.kind === "multiply" ? e.factors : [e] };
}

/** Those of the names that are indices of the box. */
export const supportOf = (names: ReadonlySet<string>, box: Box): ReadonlySet<string> =>
  new Set([...names].filter((name) => box.place(name) >= 0));

/** A tensor, and the indices on its axes. */
export interface Operand {
  readonly term: Term;
  readonly axes: Axes;
}
/** The product where the conditions hold, and 0 elsewhere; every index of the support has its extent. */
export function operandOf({ support, factors, conditions }: Group, context: Context): Operand {
  const [only] = factors;
  const { writer, box } = context;
  if (only?.kind === "read" && factors.length === 1 && conditions.length === 0) {
    const isReal = tensorIn(context, only.tensor).type === "real";
    const axes = isReal && wholeAxes(only.tensor, only.subscripts, context);
    const isAll = axes && holdsAll(new Set(axes.flat()), support);
    if (isAll) return { term: atom(writer.scope.tensor(only.tensor)), axes };
  }
  const own = within(context, box.only(support));
  const product = build.select(build.and(...conditions), build.multiply(...factors), build.zero);
  const value = realValue(product, own);
  const isFull = !value.isNumber && holdsAll(value.support, support);
  return {
    term: isFull ? value.term : spread(value.term, support, own),
    axes: alone(own.box.inOrder(support)),
  };
}

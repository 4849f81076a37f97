/** Numbers written out: a param's default, the values of a variant or a check. */
import { decimal, valueOf } from "../notation/construct.js";
import { say } from "./messages.js";
import type { Report } from "./tokens.js";
import type { Tree } from "./tree.js";

/** The value of an expression of numbers, `pi`, `e`, `inf` and + - * / ^; undefined where it is none (reported). */
export function constantValue(tree: Tree, report: Report): number | undefined {
  const value = evaluate(tree);
  if (value === undefined || Number.isNaN(value)) {
    report(tree, say.notANumber());
    return undefined;
  }
  return value + 0;
}

function evaluate(tree: Tree): number | undefined {
  const all = (trees: readonly Tree[], combine: (values: number[]) => number): number | undefined => {
    const values = trees.map(evaluate).filter((v) => v !== undefined);
    return values.length === trees.length ? combine(values) : undefined;
  };
  switch (tree.kind) {
    case "number":
      return valueOf(decimal(tree.text));
    case "name":
      return tree.name === "pi"
        ? Math.PI
        : tree.name === "e"
          ? Math.E
          : tree.name === "inf"
            ? Infinity
            : undefined;
    case "negate":
      return all([tree.argument], ([a = 0]) => -a);
    case "power":
      return all([tree.base, tree.exponent], ([a = 0, b = 0]) => a ** b);
    case "sum":
      return all(
        tree.terms.map((t) => t.tree),
        (values) => values.reduce((total, v, i) => (tree.terms[i]?.negative ? total - v : total + v), 0),
      );
    case "product":
      return all(
        tree.factors.map((f) => f.tree),
        (values) => values.reduce((total, v, i) => (tree.factors[i]?.inverse ? total / v : total * v), 1),
      );
    case "access":
    case "and":
    case "call":
    case "compare":
    case "not":
    case "or":
    case "reduction":
      return undefined;
  }
}

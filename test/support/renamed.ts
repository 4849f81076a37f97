/** A layer with its indices and binders renamed at random: the same layer, since what an index is called means nothing. */
import { rebind, rebindCondition, renameBinders, substitute } from "../../src/notation/binders.js";
import type { Binder, Condition, Expression } from "../../src/notation/expression.js";
import { substituteInt, variable } from "../../src/notation/integer.js";
import type { Layer, Statement } from "../../src/notation/layer.js";
import { mapChildren, mapConditionChildren } from "../../src/notation/traverse.js";
import { reservedWords } from "../../src/language/names.js";
import type { Random } from "../../src/verify/random.js";

/** Those of papers, then those that derivations and kernels give themselves. */
const plain = [..."abcdfghijklmnopqrstuvwxyz", "i'", "j''", "n'"];
const own = [
  "at",
  "key",
  "first",
  "best",
  "total",
  "value",
  "position",
  "factor",
  "term",
  "fixed",
  "seen",
].concat([
  "i_2",
  "n_2",
  "x_at",
  "x_row",
  "iFrom",
  "qTo",
  "nWhole",
  "y_here",
  "i_b",
  "quotient",
  "remainder",
  "some",
]);

/** What is computed, without what is claimed of it. */
export function withoutClaims(layer: Layer): Layer {
  const helpers = new Set(layer.claimHelpers.map((s) => s.tensor));
  const tensors = layer.tensors.filter((t) => !helpers.has(t.name));
  return { ...layer, tensors, claims: [], claimHelpers: [], variants: [], checks: [] };
}

/** Few names, so that neighbours share them, and never one that hides another where the layer forbids it. */
export function renamed(layer: Layer, random: Random): Layer {
  const values = [...layer.params, ...layer.derived, ...layer.constants].map((v) => v.name);
  const scalars = layer.tensors.filter((t) => t.shape.length === 0).map((t) => t.name);
  const taken = new Set([...reservedWords, ...layer.sizes, ...values, ...scalars]);
  const tensors = new Set(layer.tensors.map((t) => t.name));
  const isFree = (name: string): boolean =>
    !taken.has(name) && !(name.includes("'") && tensors.has(bare(name)));
  const all = shuffled([...plain, ...plain, ...own, ...tensors].filter(isFree), random);
  const statements = layer.statements.map((s) => inStatement(s, namer([...new Set(all)], random)));
  return { ...layer, statements };
}
const bare = (name: string): string => name.replace(/'+$/u, "");

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const keyed = items.map((item) => [random.uniform(), item] as const);
  return keyed.toSorted(([a], [b]) => a - b).map(([, item]) => item);
}

/** Names one index that stands in a scope: one of the first few of the pool that the scope does not have. */
type Name = (scope: ReadonlySet<string>) => string;
const namer =
  (pool: readonly string[], random: Random): Name =>
  (scope) => {
    const free = pool.filter((name) => !scope.has(name)).slice(0, 4);
    return free[random.integer(free.length)]!;
  };

function inStatement(s: Statement, name: Name): Statement {
  const scope = new Set<string>();
  const indices = s.indices.map((index) => {
    const given = name(scope);
    scope.add(given);
    return { ...index, name: given };
  });
  const by = new Map(s.indices.map((index, i) => [index.name, variable(indices[i]!.name)]));
  const subscripts = s.subscripts.map((value) => substituteInt(value, by));
  return { ...s, indices, subscripts, body: inside(scope, name).expression(substitute(s.body, by)) };
}

function inside(scope: ReadonlySet<string>, name: Name) {
  const bound = (binders: readonly Binder[]) => {
    const inner = new Set(scope);
    const to = renameBinders(binders, () => {
      const given = name(inner);
      inner.add(given);
      return given;
    });
    return { to, parts: inside(inner, name) };
  };
  const parts = {
    expression: (e: Expression): Expression => {
      if (e.kind !== "reduction") return mapChildren(e, parts);
      const { to, parts: within } = bound(e.binders);
      return mapChildren(rebind(e, to), within);
    },
    condition: (c: Condition): Condition => {
      if (c.kind !== "any" && c.kind !== "all") return mapConditionChildren(c, parts);
      const { to, parts: within } = bound(c.binders);
      return mapConditionChildren(rebindCondition(c, to), within);
    },
  };
  return parts;
}

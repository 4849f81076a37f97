/** What an equality adds to the context: a definition, a size, a relation, a function, a name. */
import { some, type Equality, type Formula, type ShapeNote, type Symbol_ } from "../latex/formula.js";
import { bind, type Scope, scopeAt } from "../context/scope.js";
import { integer, sizeOfIndex } from "../context/integers.js";
import { same } from "../terms/print.js";
import type { Term } from "../terms/term.js";
import { indexName, named } from "../context/names.js";
import { symbolIn } from "../context/survey.js";
import { isUpdate, type Kind } from "./kinds.js";
import type { Context, Tensor } from "../context/context.js";
import { functionKey } from "../meaning/functions.js";
import { countsFromOne, forwardOf } from "../meaning/forward.js";
import { attempt, Unreadable } from "../document/unreadable.js";
import { accessOf, split } from "../meaning/access.js";
import { declareByUse } from "../meaning/inference.js";
import { meanings } from "../meaning/meaning.js";

/** In a shape every letter is a size. */
export const extentOf = (formula: Formula, scope: Scope): ReturnType<typeof integer> => {
  const found = formula.kind === "symbol" ? named(formula, scope.context.survey) : undefined;
  if (found && !found.subs) return { kind: "name", name: found.name };
  return integer(formula, scope);
};

export function note(equality: Equality, kind: Kind, at: number, context: Context): void {
  const { left, steps } = equality;
  const right = steps.flatMap(({ formula }) => formula ?? []);
  const [first] = right;
  if (!first) return;
  const name = (): string | undefined =>
    left.kind === "symbol" ? named(left, context.survey)?.name : undefined;
  switch (kind) {
    case "name": {
      const text = name();
      const of = first.kind === "partial" ? symbolIn(first.by) : undefined;
      if (text !== undefined && of) context.aliases.push({ name: text, left: left as Symbol_, of, at });
      return;
    }
    case "relation":
      context.maps.push(...right.map((one) => ({ left, right: one, at })));
      return;
    case "size": {
      const text = name();
      if (text !== undefined) context.sizes.push(...right.map((value) => ({ name: text, value, at })));
      return;
    }
    case "function": {
      if (left.kind !== "application") return;
      const parameters = left.arguments.flatMap((argument) => indexName(argument) ?? []);
      const key = functionKey(left.of);
      if (parameters.length === left.arguments.length)
        context.functions.set(key, [...(context.functions.get(key) ?? []), { parameters, body: first, at }]);
      return;
    }
    case "definition":
      if (equality.shapes) declareFactors(equality, equality.shapes, at, context);
      attempt(() => define(left, right, at, context));
      return;
    case "slope":
    case "gradient":
    case "jacobian":
  }
}

/** `y = f(x, t)` with the row `(N, L, C) × (N, C, C) → (N, L, C)`: these are the shapes of x, t and y. */
function declareFactors(
  { left, steps }: Equality,
  { factors, result }: ShapeNote,
  at: number,
  context: Context,
): void {
  const right = steps[0]?.formula;
  const operands =
    right?.kind === "application"
      ? right.arguments
      : right?.kind === "product"
        ? [right.left, right.right]
        : [];
  const all = [...operands, left];
  if (
    operands.length !== factors.length ||
    all.some((one) => one.kind !== "symbol" || one.sup || one.primes > 0)
  )
    return;
  const scope = scopeAt(context, at);
  [...factors, result].forEach((extents, i) => {
    const symbol = symbolIn(all[i]!);
    const found = symbol && named(symbol, context.survey);
    const shape = attempt(() => extents.map((extent) => extentOf(extent, scope)));
    if (found && !found.subs && shape)
      context.declare({ name: found.name, shape, weight: false, at, declared: true });
  });
}

/** A tensor defined by its elements, or by its rows: `z_i = Σ_j α_{ij} H_j` has the axes of H_j besides. */
function byElements(
  text: string,
  subs: readonly Formula[],
  right: Formula,
  scope: Scope,
  at: number,
): Tensor {
  const indices = split(subs).flatMap((sub) => indexName(sub) ?? []);
  const values = attempt(() => meanings(right, bind(scope, indices, new Map())));
  const [first] = values ?? [];
  // i stands on the right too: z_i is a row made of rows
  const speaksOf = (node: Formula): boolean =>
    node.kind === "symbol" && split(node.subs ?? []).some((sub) => indices.includes(indexName(sub) ?? ""));
  const ranges = windowed(text, indices, right, scope);
  const rows =
    first &&
    indices.length > 0 &&
    some(right, speaksOf) &&
    values!.every(({ shape, of }) => shape.length === 1 && of === undefined);
  return declareByUse(text, subs, { ...scope, ranges }, at, rows ? first.shape : []).tensor;
}

/** `y_t = Σ_r w_r x_{t+r}`: t does not run as far as the axis of x on which t + r stands. */
function windowed(
  text: string,
  indices: readonly string[],
  right: Formula,
  { context }: Scope,
): ReadonlyMap<string, Term> {
  const ranges = new Map<string, Term>();
  for (const index of indices) {
    const custom = sizeOfIndex(index, context);
    if (!custom || custom.kind !== "name") continue;
    let [alone, shifted] = [false, false];
    some(right, (node) => {
      if (node.kind !== "symbol") return false;
      const found = named(node, context.survey);
      const subs = split(found?.subs ?? []);
      const tensor = context.tensors.find((t) => t.declared && t.name === found?.name && t.shape.length === subs.length); // prettier-ignore
      subs.forEach((sub, axis) => {
        if (indexName(sub) === index) alone = true;
        else if (some(sub, (inner) => indexName(inner) === index))
          shifted ||= tensor !== undefined && same(tensor.shape[axis]!, custom);
      });
      return false;
    });
    if (shifted && !alone) ranges.set(index, context.invent(`${text.toUpperCase()}_${custom.name}`));
  }
  return ranges;
}

/** Keeps a definition, and the shapes that follow from how it is written. */
export function define(
  left: Formula,
  right: readonly Formula[],
  at: number,
  context: Context,
  note?: string,
): void {
  const scope = scopeAt(context, at, countsFromOne(right) ?? 0);
  const square = left.kind === "power" && left.exponent.kind === "number" && left.exponent.value === 2;
  const symbol = square ? symbolIn(left.base) : symbolIn(left);
  if (!symbol) throw new Unreadable("what is defined here is not understood", left.at);
  const list = left.kind === "application" ? left.arguments : undefined;
  const found = named(symbol, context.survey);
  if (!found || symbol.primes > 0) throw new Unreadable("the name on the left is not understood", left.at);
  const subs = list ?? found.subs;
  const text = square ? `${found.name}2` : found.name;
  const known = attempt(() => accessOf(left, scope));
  // elements z of Z are known by it; a whole z is another tensor
  let tensor = known && (subs || known.tensor.name === text) ? known.tensor : undefined;
  if (!tensor && subs) tensor = byElements(text, subs, right[0]!, { ...scope, ranges: new Map() }, at);
  if (!tensor) {
    const shape = meanings(right[0]!, scope)[0]!.shape;
    tensor = context.declare({ name: text, shape, weight: false, at, declared: true });
  }
  for (const one of right) {
    if (isUpdate(left, one, context)) continue;
    const definition = { tensor, left, right: one, at, ...(note === undefined ? {} : { note }) };
    context.definitions.push(definition);
    // reading it once declares what it reads
    attempt(() => forwardOf(definition, scope));
  }
}

/** What an equation may take for granted without saying it: tried before it counts as refuted. */
import { type Draft, withBodies } from "../layers/draft.js";
import type { Scope } from "../context/scope.js";
import { num, where } from "../terms/make.js";
import { written } from "../terms/print.js";
import { mapParts } from "../terms/rewrite.js";
import { walk, type Comparison, type Term } from "../terms/term.js";
import { targetsAre } from "../context/assumptions.js";
import { logistic } from "../meaning/activations.js";
import { openFunction, settledTerm } from "../terms/open.js";

/** A draft read by a convention, and how to say so. */
export interface Conventional {
  readonly draft: Draft;
  readonly note: string;
  /** Whether the document or custom settles it: else the verdict depends on the reading. */
  readonly said: boolean;
}

export function* conventionsOf(draft: Draft, scope: Scope): Generator<Conventional> {
  const ties = draft.claim && tied(draft.claim.body);
  if (ties && draft.claim)
    yield {
      draft: { ...draft, claim: { ...draft.claim, body: ties } },
      note: "where the values compared are equal, either side may be meant",
      said: true,
    };
  for (const { from, to, note } of activationsLeftOpen(scope))
    yield { draft: withBodies(draft, (term) => exchanged(term, from, to)), note, said: false };
  const targets = targetsAre(scope.context);
  const target = targets === "any" ? undefined : targetOf(draft);
  if (target) yield { ...oneHot(draft, target, scope), said: targets === "one-hot" };
}

/** Where a document does not say that σ is the logistic function, what holds of another is not refuted. */
function activationsLeftOpen({
  notes,
  context,
}: Scope): readonly { from: string; to: string; note: string }[] {
  if (context.saysLogistic || !notes.has(logistic)) return [];
  return ["tanh", "relu"].map((to) => ({ from: "sigmoid", to, note: `it holds where σ is ${to}` }));
}

/** The same for functions of which the document says nothing at all: what holds of one of them only depends on the reading. */
export function* openFunctions(draft: Draft): Generator<{ readonly draft: Draft; readonly as: string }> {
  if (openNames(draft).size > 0)
    for (const as of ["tanh", "sigmoid", "relu"]) yield { draft: settled(draft, as), as: spoken[as]! };
}
const spoken: Readonly<Record<string, string>> = {
  tanh: "tanh",
  sigmoid: "the logistic function",
  relu: "relu",
};

/** The functions of a draft that the document does not define. */
export function openNames(draft: Draft): ReadonlySet<string> {
  const found = new Set<string>();
  withBodies(draft, (term) => {
    walk(term, (inner) => {
      const open = inner.kind === "call" ? openFunction(inner.name) : undefined;
      if (open) found.add(open.letter);
    });
    return term;
  });
  return found;
}

/** A draft in which those functions are this one. */
export const settled = (draft: Draft, as: string): Draft =>
  withBodies(draft, (term) => settledTerm(term, as));
const exchanged = (term: Term, from: string, to: string): Term => {
  const parts = mapParts(term, (part) => exchanged(part, from, to));
  return parts.kind === "call" && parts.name === from ? { ...parts, name: to } : parts;
};

/** Comparisons of values with the equality on the other side: `z >= 0` for `z > 0`. Undefined where there are none. */
function tied(term: Term): Term | undefined {
  const other: Readonly<Record<string, Comparison["op"]>> = { ">": ">=", ">=": ">", "<": "<=", "<=": "<" };
  let any = false;
  const visit = (inner: Term): Term => {
    const parts = mapParts(inner, visit);
    if (parts.kind !== "where") return parts;
    const conditions = parts.conditions.map((condition) => {
      const op = other[condition.op];
      if (op === undefined || !(readsValue(condition.left) || readsValue(condition.right))) return condition;
      any = true;
      return { ...condition, op };
    });
    return where(conditions, parts.yes, parts.no);
  };
  const result = visit(term);
  return any ? result : undefined;
}
const readsValue = (term: Term): boolean => {
  let any = false;
  walk(term, ({ kind }) => {
    if (kind === "read") any = true;
  });
  return any;
};

type Read = Term & { readonly kind: "read" };
interface Target {
  readonly tensor: string;
  /** The axis of the classes. */
  readonly axis: number;
}

/** The targets y of a cross entropy `Σ_i y_i log p_i`. */
function targetOf(draft: Draft): Target | undefined {
  const defined = new Set(draft.statements.map(({ tensor }) => tensor.id));
  let found: Target | undefined;
  for (const { body } of draft.statements)
    walk(body, (term) => {
      if (term.kind !== "reduce" || term.op !== "sum") return;
      const factors = factorsOf(term.body);
      if (!factors.some((factor) => factor.kind === "call" && factor.name === "log")) return;
      const target = factors.find(
        (factor): factor is Read => factor.kind === "read" && !defined.has(factor.tensor),
      );
      const axis = target?.subs.findIndex(
        (sub) => sub.kind === "name" && term.binders.at(-1)?.name === sub.name,
      );
      if (target && axis !== undefined && axis >= 0) found ??= { tensor: target.tensor, axis };
    });
  return found?.tensor === draft.claim?.tensor.id ? undefined : found;
}
const factorsOf = (term: Term): readonly Term[] =>
  term.kind === "operation" && (term.op === "*" || term.op === "/")
    ? [...factorsOf(term.left), ...factorsOf(term.right)]
    : [term];

/** `y_i` is 1 for the class of the sample, else 0. */
function oneHot(draft: Draft, { tensor, axis }: Target, { context, at }: Scope): Omit<Conventional, "said"> {
  const own = context.tensor(tensor)!;
  const name = `${own.name}_class`;
  const shape = own.shape.filter((_, i) => i !== axis);
  const below = own.shape[axis]!;
  const { id: label } =
    context.tensor(name) ?? context.declare({ name, shape, below, weight: false, at, declared: true });
  const put = (term: Term): Term => {
    const parts = mapParts(term, put);
    if (parts.kind !== "read" || parts.tensor !== tensor) return parts;
    const right: Term = { kind: "read", tensor: label, subs: parts.subs.filter((_, i) => i !== axis) };
    return where([{ op: "==", left: parts.subs[axis]!, right }], num(1));
  };
  return {
    draft: withBodies(draft, put),
    note: `${written(tensor)} is read as one-hot: 1 for the class of a sample, else 0`,
  };
}

/** What an equation may take for granted without saying it: tried before it counts as refuted. */
import type { Draft } from "../layers/draft.js";
import type { Scope } from "../context/scope.js";
import { num, where } from "../terms/make.js";
import { written } from "../terms/print.js";
import { mapParts } from "../terms/rewrite.js";
import { walk, type Comparison, type Term } from "../terms/term.js";

/** A draft read by a convention, and how to say so. */
export interface Conventional {
  readonly draft: Draft;
  readonly note: string;
}

export function* conventionsOf(draft: Draft, scope: Scope): Generator<Conventional> {
  const ties = draft.claim && tied(draft.claim.body);
  if (ties && draft.claim)
    yield {
      draft: { ...draft, claim: { ...draft.claim, body: ties } },
      note: "where the values compared are equal, either side may be meant",
    };
  for (const { from, to, note } of activationsLeftOpen(scope))
    yield { draft: change(draft, (term) => exchanged(term, from, to)), note };
  const target = targetOf(draft);
  if (target) yield oneHot(draft, target, scope);
}

/** A document that does not say what its activation is may mean any: what holds of one is not refuted. */
function activationsLeftOpen({
  notes,
  context,
}: Scope): readonly { from: string; to: string; note: string }[] {
  const all = ["tanh", "sigmoid", "relu"];
  return [...notes].flatMap((note) => {
    const letter = /^(.*) is read as (?:tanh|the logistic)/u.exec(note)?.[1];
    const from = letter === undefined ? undefined : letter === "σ" ? "sigmoid" : "tanh";
    if (from === undefined || (from === "sigmoid" && context.saysLogistic)) return [];
    return all
      .filter((fn) => fn !== from)
      .map((to) => ({
        from,
        to,
        note: `it holds where ${letter} is ${to === "sigmoid" ? "the logistic function" : to}`,
      }));
  });
}
const exchanged = (term: Term, from: string, to: string): Term => {
  const parts = mapParts(term, (part) => exchanged(part, from, to));
  return parts.kind === "call" && parts.name === from ? { ...parts, name: to } : parts;
};

const change = (draft: Draft, put: (term: Term) => Term): Draft => {
  const inBody = <T extends { readonly body: Term }>(one: T): T => ({ ...one, body: put(one.body) });
  return {
    ...draft,
    statements: draft.statements.map(inBody),
    helpers: draft.helpers.map(inBody),
    claim: draft.claim && inBody(draft.claim),
  };
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
function oneHot(draft: Draft, { tensor, axis }: Target, { context, at }: Scope): Conventional {
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
    draft: change(draft, put),
    note: `${written(tensor)} is read as one-hot: 1 for the class of a sample, else 0`,
  };
}

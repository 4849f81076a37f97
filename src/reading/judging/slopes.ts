/** `σ'(z) = σ(z)(1 - σ(z))`: the derivative of a function of one number, as a claim about the layer `y = σ(z)`. */
import { Context } from "../context/context.js";
import { indexName } from "../context/names.js";
import { scopeAt, type Scope } from "../context/scope.js";
import { Unreadable } from "../document/unreadable.js";
import type { Formula } from "../latex/formula.js";
import type { Draft } from "../layers/draft.js";
import { slopeIn } from "../gathering/kinds.js";
import { meanings } from "../meaning/meaning.js";
import { times } from "../terms/make.js";
import type { Term } from "../terms/term.js";

/** The layer with its claim, and the scope in which it stands: the argument is its only input. */
export function slopeDraft(left: Formula, right: Formula, outer: Scope): { draft: Draft; scope: Scope } {
  const call = slopeIn(left, outer.context);
  const argument = call?.arguments[0];
  const text = argument && indexName(argument);
  if (!call || text === undefined) throw new Unreadable("this is no derivative of a function", left.at);
  const context = new Context(outer.context.survey);
  for (const [key, definitions] of outer.context.functions) context.functions.set(key, definitions);
  const declare = (name: string): ReturnType<Context["declare"]> =>
    context.declare({ name, shape: [], weight: false, at: 0, declared: true });
  const [input, output] = [declare(text), declare(text === "y" ? "f" : "y")];
  const read: Term = { kind: "read", tensor: input.id, subs: [] };
  const scope: Scope = {
    ...scopeAt(context, outer.at),
    introduces: false,
    indices: new Map([[text, read]]),
    notes: outer.notes,
  };
  const [body, value] = [call, right].map((formula) => meanings(formula, scope)[0]!);
  if (value!.shape.length > 0) throw new Unreadable("this is no number", right.at);
  const gradient: Term = { kind: "gradient", of: output.id, subs: [] };
  const draft: Draft = {
    statements: [{ tensor: output, indices: [], body: body!.at([]) }],
    outputs: new Set([output.id]),
    helpers: [],
    claim: { tensor: input, subs: [], body: times(gradient, value!.at([])) },
  };
  return { draft, scope };
}

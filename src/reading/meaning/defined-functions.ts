/** Functions that a document defines by formulas: of indices, where they hold conditions, or of one real number. */
import { Context, inView, type FunctionDefinition } from "../context/context.js";
import { integer } from "../context/integers.js";
import { scopeAt, type Scope } from "../context/scope.js";
import { attempt, Unreadable } from "../document/unreadable.js";
import type { Formula, Symbol_ } from "../latex/formula.js";
import { derivative } from "../terms/derivative.js";
import { call } from "../terms/make.js";
import { valueAt } from "../terms/number.js";
import { mapParts } from "../terms/rewrite.js";
import type { Term } from "../terms/term.js";
import { mapped, type Value } from "../terms/value.js";
import { functionKey } from "./functions.js";
import { meanings } from "./meaning.js";

/** The definition of a function that governs at a place. */
function definitionOf(of: Symbol_, count: number, scope: Scope): FunctionDefinition | undefined {
  const all = scope.context.functions.get(functionKey(of)) ?? [];
  return inView(all, scope.at)
    .filter(({ parameters }) => parameters.length === count)
    .toSorted((a, b) => Math.abs(a.at - scope.at) - Math.abs(b.at - scope.at))[0];
}
export const definesFunction = (of: Symbol_, count: number, scope: Scope): boolean =>
  definitionOf(of, count, scope) !== undefined;

/** The values of a call of a function that the document defines; undefined where it defines none. */
export function definedCall(
  of: Symbol_,
  list: readonly Formula[],
  scope: Scope,
): readonly Value[] | undefined {
  const found = of.primes > 0 ? undefined : definitionOf(of, list.length, scope);
  if (!found) return undefined;
  const indices = attempt(() => found.parameters.map((text, i) => [text, integer(list[i]!, scope)] as const));
  if (indices) return meanings(found.body, { ...scope, indices: new Map([...scope.indices, ...indices]) });
  const body = realBody(found, scope);
  const [only] = list;
  if (!body || !only)
    throw new Unreadable(`${of.letter} is a function of other things than it is called with`, of.at);
  return meanings(only, scope).map((value) => mapped(value, (term) => put(body, term)));
}

/** f′ of a function that the document defines. */
export function definedSlope(of: Symbol_, only: Formula, scope: Scope): readonly Value[] | undefined {
  const found = definitionOf({ ...of, primes: 0 }, 1, scope);
  const body = found && realBody(found, scope);
  if (!body) return undefined;
  const slope = derivative(body, argument, []);
  return meanings(only, scope).map((value) => mapped(value, (term) => put(slope, term)));
}

const argument = "\u2039x\u203A";
const isArgument = (term: Term): boolean => term.kind === "read" && term.tensor === argument;
/** The body of a function with a term for its argument. */
const put = (body: Term, term: Term): Term =>
  isArgument(body) ? term : mapParts(body, (part) => put(part, term));

/** The body of a function of one real number; a function that everyone knows is that function. */
export function realBody({ parameters, body, at }: FunctionDefinition, scope: Scope): Term | undefined {
  const [parameter, ...more] = parameters;
  if (parameter === undefined || more.length > 0) return undefined;
  const read: Term = { kind: "read", tensor: argument, subs: [] };
  const own = new Context(scope.context.survey);
  const value = attempt(
    () =>
      meanings(body, {
        ...scopeAt(own, at),
        introduces: false,
        indices: new Map([[parameter, read]]),
        notes: scope.notes,
      })[0],
  );
  if (!value || value.shape.length > 0) return undefined;
  const term = value.at([]);
  const known = wellKnown.find((name) => points.every((x) => sameAt(term, name, x)));
  return known === undefined ? term : call(known, read);
}
const wellKnown = ["sigmoid", "tanh", "relu", "softplus"];
const points = [-2.375, -0.8125, 0, 0.4375, 1.6875, 3.25];

/** Whether a body has the values of a function that everyone knows. */
function sameAt(body: Term, name: string, x: number): boolean {
  const [own, other] = [
    put(body, { kind: "number", value: x }),
    call(name, { kind: "number", value: x }),
  ].map(valueAt);
  return (
    own !== undefined && other !== undefined && Math.abs(own - other) <= 1e-13 * Math.max(1, Math.abs(other))
  );
}

/** How a function is written in the layer language: `σ(x) = 1 / (1 + exp(-x))`. */
export function functionReading(definition: FunctionDefinition, scope: Scope): Term | undefined {
  const body = realBody(definition, scope);
  return body && put(body, { kind: "name", name: definition.parameters[0]! });
}

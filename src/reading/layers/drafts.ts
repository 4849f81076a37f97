/** A gradient statement → the layers it may be about, each with the claim: the likeliest first. */
import { type Term, walk } from "../terms/term.js";
import type { Claim, Draft } from "./draft.js";
import type { Scope } from "../context/scope.js";
import { attempt, Unreadable } from "../document/unreadable.js";
import { helpersOf } from "./helpers.js";
import { written } from "../terms/print.js";
import { definitionReading } from "../meaning/chain-rule.js";
import { type Forward, forwardOf } from "../meaning/forward.js";
import { inView, type Definition } from "../context/context.js";
import { isLoss } from "../context/survey.js";
import { times } from "../terms/make.js";
import { readsOf } from "../terms/derivative.js";

/** What a claim reads of gradients. */
export function gradientsIn(term: Term): ReadonlySet<string> {
  const found = new Set<string>();
  walk(term, (inner) => {
    if (inner.kind === "gradient") found.add(inner.of);
  });
  return found;
}

/**
 * The layers that a claim may be about. The gradients that it reads say where the layer ends: their tensors are the
 * outputs, unless one of them goes into another.
 */
export function* draftsOf(stated: Claim, scope: Scope): Generator<Draft> {
  const claim = stated.of !== undefined || gradientsIn(stated.body).size > 0 ? stated : ofLoss(stated, scope);
  const spoken = gradientsIn(claim.body);
  const gradients = spoken.size === 0 && claim.of !== undefined ? new Set([claim.of]) : spoken;
  if (gradients.has(claim.tensor.id)) throw new Unreadable("this only says the gradient again", 0);
  if (gradients.size === 0) throw new Unreadable("no gradient stands on the right side", 0);
  const wanted = claim.tensor.id;
  const sinks = [...gradients].filter(
    (one) => ![...gradients].some((other) => other !== one && feeds(one, other, scope)),
  );
  let any = false;
  const failures: string[] = [];
  for (const [i, sink] of sinks.entries()) {
    if (i > 0) break; // the first end varies, the others are read as they stand
    for (const { forward, definition } of readingsOf(
      sink,
      wanted,
      scope,
      failures,
      claim.fixed ?? new Set(),
    )) {
      const others = sinks.slice(1).map((other) => definitionStatement(other, scope));
      const statements = closure([forward, ...others], claim, scope);
      const stranger = strangerIn(claim, statements);
      if (stranger !== undefined) {
        failures.push(`${written(stranger)} occurs in no definition that fits`);
        continue;
      }
      const outputs = new Set(sinks);
      const helpers = helpersOf(
        [...gradients].filter((one) => !outputs.has(one)),
        statements,
        outputs,
        scope,
      );
      any = true;
      yield {
        statements,
        outputs,
        helpers: helpers.list,
        claim: { ...claim, body: helpers.replace(claim.body) },
        definition,
      };
    }
  }
  if (!any)
    throw new Unreadable(
      failures[0] ??
        `no definition of ${sinks.map(written).join(", ")} that reads ${written(wanted)} is understood`,
      0,
    );
}

/** `∂L/∂z = p - y` where a formula defines L: the layer ends at the loss. */
function ofLoss(claim: Claim, { context, at }: Scope): Claim {
  const losses = inView(context.definitions.filter(({ left }) => isLoss(left, context.survey)), at); // prettier-ignore
  const loss = losses.find(({ tensor }) => tensor.shape.length === 0);
  if (!loss) return claim;
  return { ...claim, body: times({ kind: "gradient", of: loss.tensor.id, subs: [] }, claim.body) };
}

/** A tensor of a claim that has nothing to do with the layer: then the claim is about something else. */
function strangerIn(claim: Claim, statements: readonly Forward[]): string | undefined {
  const own = new Set(statements.flatMap(({ tensor, body }) => [tensor.id, ...readsOf(body)]));
  return [...readsOf(claim.body)].find((read) => !own.has(read) && read !== claim.tensor.id);
}
const feeds = (from: string, to: string, scope: Scope): boolean => {
  try {
    definitionReading(to, from, scope);
    return true;
  } catch (error) {
    if (error instanceof Unreadable) return false;
    throw error;
  }
};

/** The definitions of a tensor that depend on another: the latest first, with all that is said of indices, then with less. */
function* readingsOf(
  tensor: string,
  wanted: string,
  scope: Scope,
  failures: string[],
  fixed: ReadonlySet<string>,
): Generator<{ readonly forward: Forward; readonly definition: Definition }> {
  const seen = new Set<string>();
  for (const definition of scope.context.definitionsOf(tensor, scope.at))
    for (const mapsBefore of mapPlaces(definition, scope)) {
      try {
        const forward = forwardOf(definition, scope, mapsBefore);
        const key = JSON.stringify(forward.body).replaceAll(/#\d+/gu, "#");
        if (seen.has(key)) continue;
        seen.add(key);
        if (dependsOn(forward, wanted, scope, new Set(fixed))) yield { forward, definition };
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error;
        failures.push(`the definition of ${written(tensor)} is not understood: ${error.message}`);
        // what stands before a definition that was not understood may speak of something else
        if (mapsBefore === definition.at && definition.at <= scope.at) return;
      }
    }
}
const mapPlaces = ({ at }: Definition, { context, at: here }: Scope): readonly number[] => {
  const places = context.maps.map((map) => map.at).filter((place) => place <= Math.max(at, here));
  return [at, ...new Set(places.toReversed())];
};

function dependsOn({ body, tensor }: Forward, wanted: string, scope: Scope, seen: Set<string>): boolean {
  const reads = readsOf(body);
  if (reads.has(wanted)) return true;
  return [...reads].some((read) => {
    if (seen.has(read) || read === tensor.id) return false;
    seen.add(read);
    const inner = optional(read, scope);
    return inner !== undefined && dependsOn(inner, wanted, scope, seen);
  });
}

/** The definition of a tensor, if it has one by now. */
function optional(tensor: string, scope: Scope): Forward | undefined {
  const definition = scope.context.definitionsOf(tensor, scope.at)[0];
  return definition && definition.at <= scope.at ? forwardOf(definition, scope) : undefined;
}

/** The definition of a tensor, even where it follows: `where s = σ(x)`. */
function defined(tensor: string, scope: Scope): Forward | undefined {
  const definition = scope.context.definitionsOf(tensor, scope.at)[0];
  return definition && forwardOf(definition, scope);
}

function definitionStatement(tensor: string, scope: Scope): Forward {
  const found = optional(tensor, scope);
  if (!found) throw new Unreadable(`${written(tensor)} is not defined`, 0);
  return found;
}

/** The statements with all that they and the claim are made of, in order of definition. */
function closure(ends: readonly Forward[], claim: Claim, scope: Scope): readonly Forward[] {
  const fixed = claim.fixed ?? new Set();
  const ordered: Forward[] = [];
  const open = new Set<string>();
  const add = (forward: Forward): void => {
    const { id: text } = forward.tensor;
    if (ordered.some(({ tensor }) => tensor.id === text)) return;
    if (open.has(text)) throw new Unreadable(`${text} is defined by itself`, 0);
    open.add(text);
    addReads(forward.body);
    open.delete(text);
    ordered.push(forward);
  };
  const addReads = (body: Term, anywhere = false): void => {
    for (const read of readsOf(body)) {
      if (fixed.has(read)) continue;
      const end = ends.find(({ tensor }) => tensor.id === read);
      // how the tensor itself came about matters only where it is understood
      const inner =
        end ?? (read === claim.tensor.id ? attempt(() => optional(read, scope)) : optional(read, scope));
      const later = anywhere && !inner && read !== claim.tensor.id;
      const found = later ? attempt(() => defined(read, scope)) : inner;
      if (found) add(found);
    }
  };
  for (const end of ends) add(end);
  addReads(claim.body, true);
  return ordered;
}

/** A gradient statement → the layers it may be about, each with the claim: the likeliest first. */
import type { Definition, Tensor } from "./context.js";
import { definitionReading } from "./chain-rule.js";
import { derivative, readsOf } from "./derivative.js";
import { elementTerm, forwardOf, type Forward } from "./forward.js";
import type { Claim, Draft } from "./layer.js";
import type { Scope } from "./scope.js";
import { mapParts, name, plus, times, walk, written, type Term } from "./term.js";
import { Unreadable } from "./unreadable.js";
import { anonymous, summed } from "./value.js";

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
export function* draftsOf(claim: Claim, scope: Scope): Generator<Draft> {
  const gradients = gradientsIn(claim.body);
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
    for (const forward of readingsOf(sink, wanted, scope, failures)) {
      const others = sinks.slice(1).map((other) => definitionStatement(other, scope));
      const statements = closure([forward, ...others], claim, scope);
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
function* readingsOf(tensor: string, wanted: string, scope: Scope, failures: string[]): Generator<Forward> {
  const seen = new Set<string>();
  for (const definition of scope.context.definitionsOf(tensor, scope.at))
    for (const mapsBefore of mapPlaces(definition, scope)) {
      try {
        const forward = forwardOf(definition, scope, mapsBefore);
        const key = JSON.stringify(forward.body).replaceAll(/#\d+/gu, "#");
        if (seen.has(key)) continue;
        seen.add(key);
        if (dependsOn(forward, wanted, scope, new Set())) yield forward;
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
function definitionStatement(tensor: string, scope: Scope): Forward {
  const found = optional(tensor, scope);
  if (!found) throw new Unreadable(`${written(tensor)} is not defined`, 0);
  return found;
}

function understood<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}

/** The statements with all that they and the claim are made of, in order of definition. */
function closure(ends: readonly Forward[], claim: Claim, scope: Scope): readonly Forward[] {
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
  const addReads = (body: Term): void => {
    for (const read of readsOf(body)) {
      const end = ends.find(({ tensor }) => tensor.id === read);
      // how the tensor itself came about matters only where it is understood
      const inner =
        end ?? (read === claim.tensor.id ? understood(() => optional(read, scope)) : optional(read, scope));
      if (inner) add(inner);
    }
  };
  for (const end of ends) add(end);
  addReads(claim.body);
  return ordered;
}
const mapGradients = (
  term: Term,
  change: (gradient: Term & { kind: "gradient" }) => Term | undefined,
): Term => {
  const inner = mapParts(term, (part) => mapGradients(part, change));
  return inner.kind === "gradient" ? (change(inner) ?? { ...inner, kind: "gradient" }) : inner;
};

/** `g_T`: the gradient of an intermediate, by the chain rule from all that reads it. */
function helpersOf(
  wanted: readonly string[],
  statements: readonly Forward[],
  outputs: ReadonlySet<string>,
  scope: Scope,
): {
  readonly list: readonly (Forward & { readonly helper: string })[];
  readonly replace: (term: Term) => Term;
} {
  const made = new Map<string, Forward & { readonly helper: string }>();
  const label = (text: string): string => `g_${written(text)}`;
  const replace = (term: Term): Term =>
    mapGradients(term, ({ of, subs }) =>
      made.has(of) ? { kind: "read", tensor: label(of), subs } : undefined,
    );
  const make = (text: string): void => {
    if (made.has(text) || outputs.has(text)) return;
    const own = statements.find(({ tensor }) => tensor.id === text);
    const readers = statements.filter(({ body }) => readsOf(body).has(text));
    const tensor: Tensor | undefined = own?.tensor ?? scope.context.tensor(text);
    if (!tensor || readers.length === 0)
      throw new Unreadable(`what ∂L/∂${written(text)} is cannot be told`, 0);
    for (const reader of readers) make(reader.tensor.id);
    const indices = tensor.shape.map(() => anonymous());
    const place = indices.map((index) => name(index));
    const terms = readers.map((reader) =>
      summed(reader.tensor.shape, (k) =>
        times(
          { kind: "gradient", of: reader.tensor.id, subs: k },
          derivative(elementTerm(reader, k), text, place),
        ),
      ),
    );
    made.set(text, { tensor, indices, body: replace(terms.reduce(plus)), helper: label(text) });
  };
  for (const text of wanted) make(text);
  return { list: [...made.values()], replace };
}

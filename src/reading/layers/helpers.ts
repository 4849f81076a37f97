/** `g_T`: gradients of intermediates that a claim reads. */
import type { Term } from "../terms/term.js";
import { mapParts } from "../terms/rewrite.js";
import { elementTerm, type Forward } from "../meaning/forward.js";
import type { Scope } from "../context/scope.js";
import { written } from "../terms/print.js";
import { derivative, readsOf } from "../terms/derivative.js";
import type { Tensor } from "../context/context.js";
import { Unreadable } from "../document/unreadable.js";
import { anonymous, summed } from "../terms/value.js";
import { name, plus, times } from "../terms/make.js";

const mapGradients = (
  term: Term,
  change: (gradient: Term & { kind: "gradient" }) => Term | undefined,
): Term => {
  const inner = mapParts(term, (part) => mapGradients(part, change));
  return inner.kind === "gradient" ? (change(inner) ?? { ...inner, kind: "gradient" }) : inner;
};

/** `g_T`: the gradient of an intermediate, by the chain rule from all that reads it. */
export function helpersOf(
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

/** What a layer is made of, before it is text. */
import type { Definition, Tensor } from "../context/context.js";
import type { Term } from "../terms/term.js";
import type { Forward } from "../meaning/forward.js";
import { substitute } from "../terms/rewrite.js";

export interface Claim {
  readonly tensor: Tensor;
  readonly subs: readonly Term[];
  readonly body: Term;
  /** What is differentiated, where the body need not speak of its gradient: a derivative that is 0. */
  readonly of?: string | undefined;
  /** Tensors that are held fixed: how they came about does not matter. */
  readonly fixed?: ReadonlySet<string> | undefined;
}

export interface Draft {
  readonly statements: readonly Forward[];
  readonly outputs: ReadonlySet<string>;
  /** Gradients of intermediates that the claim reads, as helpers. */
  readonly helpers: readonly (Forward & { readonly helper: string })[];
  readonly claim?: Claim | undefined;
  /** The definition of the tensor at which the layer ends, where the document has several. */
  readonly definition?: Definition | undefined;
}

export interface LayerText {
  readonly text: string;
  readonly params: readonly string[];
  readonly statements: readonly string[];
  readonly claim?: string;
}

/** A draft with each of its bodies changed. */
export function withBodies(draft: Draft, change: (term: Term) => Term): Draft {
  const put = <T extends { readonly body: Term }>(one: T): T => ({ ...one, body: change(one.body) });
  return {
    ...draft,
    statements: draft.statements.map(put),
    helpers: draft.helpers.map(put),
    claim: draft.claim && put(draft.claim),
  };
}

/** Puts numbers in for params of a draft: a claim may be meant for a stride of 1. */
export const withParams = (draft: Draft, values: ReadonlyMap<string, Term>): Draft =>
  withBodies(draft, (term) => substitute(term, values));

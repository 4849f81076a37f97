/** What a layer is made of, before it is text. */
import type { Tensor } from "../context/context.js";
import type { Term } from "../terms/term.js";
import type { Forward } from "../meaning/forward.js";
import { substitute } from "../terms/rewrite.js";

export interface Claim {
  readonly tensor: Tensor;
  readonly subs: readonly Term[];
  readonly body: Term;
}

export interface Draft {
  readonly statements: readonly Forward[];
  readonly outputs: ReadonlySet<string>;
  /** Gradients of intermediates that the claim reads, as helpers. */
  readonly helpers: readonly (Forward & { readonly helper: string })[];
  readonly claim?: Claim | undefined;
}

export interface LayerText {
  readonly text: string;
  readonly params: readonly string[];
  readonly statements: readonly string[];
  readonly claim?: string;
}

/** Puts numbers in for params of a draft: a claim may be meant for a stride of 1. */
export function withParams(draft: Draft, values: ReadonlyMap<string, Term>): Draft {
  const put = <T extends { readonly body: Term }>(one: T): T => ({
    ...one,
    body: substitute(one.body, values),
  });
  return {
    ...draft,
    statements: draft.statements.map(put),
    helpers: draft.helpers.map(put),
    claim: draft.claim && put(draft.claim),
  };
}

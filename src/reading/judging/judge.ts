/** Readings → verdicts, by the ordinary front end and the ordinary judging of claims. */
import { type Claim, type Draft, type LayerText, withParams } from "../layers/draft.js";
import { deriveText } from "../../pipeline.js";
import { LayerError } from "../../language/problem.js";
import { Unreadable } from "../document/unreadable.js";
import type { Scope } from "../context/scope.js";
import { conventionsOf } from "./conventions.js";
import { draftsOf } from "../layers/drafts.js";
import { layerText } from "../layers/layer.js";
import type { Term } from "../terms/term.js";
import { num } from "../terms/make.js";
import { judgeClaims, type Claim as Judged } from "../../verdicts.js";

export interface Judgement {
  readonly layer: LayerText;
  readonly verdict: Judged["verdict"];
  readonly tensor: string;
  readonly counterexample: Judged["counterexample"];
  readonly notes: readonly string[];
}
const readingFile = "reading.layer";

/** @throws Unreadable where the text is no layer */
export function checked(text: string): ReturnType<typeof deriveText> {
  try {
    return deriveText(text, readingFile);
  } catch (error) {
    if (!(error instanceof LayerError)) throw error;
    throw new Unreadable(`as it was read it is no layer: ${error.problems[0]?.message ?? error.message}`, 0);
  }
}
const most = 12;

/**
 * Judges a claim against the layers that it may be about. It is refuted only where it holds of none of them: neither of
 * another definition in the document, nor where the params that it does not mention have no effect.
 */
export const judge = (claim: Claim, scope: Scope, comments: readonly string[]): Judgement =>
  judgeDrafts(draftsOf(claim, scope), scope, comments);

/** The same for layers that are given with their claims. */
export function judgeDrafts(drafts: Iterable<Draft>, scope: Scope, comments: readonly string[]): Judgement {
  let refuted: Judgement | undefined;
  let failure: Unreadable | undefined;
  let tried = 0;
  for (const draft of drafts) {
    if (tried >= most) break;
    try {
      for (const judgement of judgementsOf(draft, scope, comments)) {
        tried++;
        if (judgement.verdict !== "refuted") return judgement;
        refuted ??= judgement;
      }
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      failure ??= error;
    }
  }
  if (refuted) return refuted;
  throw failure ?? new Unreadable("no layer of the document fits it", 0);
}

function* judgementsOf(draft: Draft, scope: Scope, comments: readonly string[]): Generator<Judgement> {
  const forward = layerText({ ...draft, claim: undefined, helpers: [] }, scope, []);
  const whole = layerText(draft, scope, comments);
  // a stride that only says how large the result is, is not in its definition
  const inStatements = forward.params.filter((param) =>
    forward.statements.some((text) => mentions(text, param)),
  );
  const unknown = whole.params.filter(
    (param) => mentions(whole.claim ?? "", param) && !inStatements.includes(param),
  );
  if (unknown.length > 0)
    throw new Unreadable(
      `${unknown.join(" and ")} ${unknown.length > 1 ? "occur" : "occurs"} in no definition that fits`,
      0,
    );
  yield verdictOf(whole, []);
  for (const { draft: conventional, note } of conventionsOf(draft, scope))
    yield verdictOf(layerText(conventional, scope, comments), [note]);
  // what the claim does not mention may be meant to have no effect
  const unmentioned = forward.params.filter((param) => !mentions(whole.claim ?? "", param));
  if (unmentioned.length === 0) return;
  const neutral = new Map<string, Term>(
    unmentioned.map((param) => [param, num(isPadding(forward.text, param) ? 0 : 1)]),
  );
  const plain = layerText(withParams(draft, neutral), scope, comments, neutral);
  yield verdictOf(plain, [
    `for ${[...neutral].map(([param, value]) => `${param} = ${value.kind === "number" ? value.value : ""}`).join(", ")}`,
  ]);
}
const mentions = (text: string, param: string): boolean =>
  new RegExp(`(?<![\\p{L}\\p{N}_])${param}(?![\\p{L}\\p{N}_])`, "u").test(text);
const isPadding = (text: string, param: string): boolean =>
  new RegExp(`^param\\s+${param} = 0$`, "mu").test(text);

/** Steps of an equation are often one claim in other words. */
const judged = new Map<string, readonly Judged[]>();

function verdictOf(layer: LayerText, notes: readonly string[]): Judgement {
  const text = layer.text.replace(/^(?:#.*\n)+/u, "");
  const known = judged.get(text);
  const [claim] = known ?? judgeClaims(checked(text), { file: readingFile, text });
  if (claim && !known) judged.set(text, [claim]);
  if (!claim) throw new Unreadable("the claim is not judged", 0);
  return { layer, tensor: claim.tensor, verdict: claim.verdict, counterexample: claim.counterexample, notes };
}

/** Readings → verdicts, by the ordinary front end and the ordinary judging of claims. */
import { type Claim, type Draft, type LayerText, withParams } from "../layers/draft.js";
import { deriveText } from "../../pipeline.js";
import { LayerError } from "../../language/problem.js";
import { Unreadable } from "../document/unreadable.js";
import type { Scope } from "../context/scope.js";
import type { Definition } from "../context/context.js";
import { isAssumed, setsAside } from "../context/assumptions.js";
import type { Verdict } from "../report/report.js";
import { conventionsOf, openFunctions, openNames } from "./conventions.js";
import { draftsOf } from "../layers/drafts.js";
import { layerText } from "../layers/layer.js";
import type { Term } from "../terms/term.js";
import { num } from "../terms/make.js";
import { judgeClaims, type Claim as Judged } from "../../verdicts.js";

export interface Judgement {
  readonly layer: LayerText;
  readonly verdict: Verdict;
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

/** Judges a claim against the layer that it is about. */
export const judge = (claim: Claim, scope: Scope, comments: readonly string[]): Judgement =>
  judgeDrafts(draftsOf(claim, scope), scope, comments);

/**
 * The same for layers that are given with their claims. The first definition governs: what it refutes is refuted, whatever
 * another section says, unless the document does not say which of them is meant.
 */
export function judgeDrafts(drafts: Iterable<Draft>, scope: Scope, comments: readonly string[]): Judgement {
  let refuted: Judgement | undefined;
  let failure: Unreadable | undefined;
  let governing: Definition | undefined;
  let tried = 0;
  for (const draft of drafts) {
    if (tried >= most) break;
    governing ??= draft.definition;
    const elsewhere = draft.definition !== undefined && draft.definition.at !== governing?.at;
    try {
      tried++;
      const judgement = judgementOf(draft, scope, comments);
      if (judgement.verdict !== "refuted")
        return elsewhere && refuted ? besides(refuted, judgement, governing!, draft, scope) : judgement;
      refuted ??= judgement;
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      failure ??= error;
    }
  }
  if (refuted) return refuted;
  throw failure ?? new Unreadable("no layer of the document fits it", 0);
}

/** A claim that holds of another definition than the one that governs. */
function besides(
  refuted: Judgement,
  other: Judgement,
  governing: Definition,
  { definition }: Draft,
  { context, at }: Scope,
): Judgement {
  const { name } = governing.tensor;
  const note = `it holds of another ${name}, the one that is defined in line ${context.lineAt(definition!.at)}`;
  return context.holdsAt(governing, at) && governing.at <= at
    ? { ...refuted, notes: [...refuted.notes, note] }
    : { ...other, verdict: "depends on the reading", notes: [...other.notes, note] };
}

/** One draft by its first reading that is not refuted; where that goes beyond what the document says, it depends on it. */
function judgementOf(draft: Draft, scope: Scope, comments: readonly string[]): Judgement {
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
  const open = openJudgement(draft, scope, comments);
  if (open) return open;
  const plain = verdictOf(whole, []);
  if (plain.verdict !== "refuted") return plain;
  for (const { draft: conventional, note, said } of conventionsOf(draft, scope)) {
    const judgement = verdictOf(layerText(conventional, scope, comments), [note]);
    if (judgement.verdict === "refuted") continue;
    return said || judgement.verdict !== "proved"
      ? judgement
      : { ...judgement, verdict: "depends on the reading" };
  }
  return withoutEffect(draft, forward, whole, plain, scope, comments);
}

/** A claim with functions that the document does not define: it holds of all of them, or the verdict depends on which is meant. */
function openJudgement(draft: Draft, scope: Scope, comments: readonly string[]): Judgement | undefined {
  const tried = [...openFunctions(draft)].map((one) => ({
    as: one.as,
    judgement: verdictOf(layerText(one.draft, scope, comments), []),
  }));
  const [first] = tried;
  if (!first) return undefined;
  const letters = [...openNames(draft)].join(" and ");
  const holds = tried.filter(({ judgement }) => judgement.verdict !== "refuted");
  if (holds.length === 0) return first.judgement;
  const note =
    holds.length === tried.length
      ? `${letters} may be any function: read as ${first.as}, and tried as others`
      : `it holds where ${letters} is ${holds.map(({ as }) => as).join(" or ")}: which function it is is not said`;
  const { judgement } = holds[0]!;
  const verdict = holds.length === tried.length ? judgement.verdict : "depends on the reading";
  return { ...judgement, verdict, notes: [note] };
}

/**
 * A claim that forgets a param: refuted, and said for which value it holds. Only where the document says that the param has this
 * value is that what is meant.
 */
function withoutEffect(
  draft: Draft,
  forward: LayerText,
  whole: LayerText,
  refuted: Judgement,
  scope: Scope,
  comments: readonly string[],
): Judgement {
  const unmentioned = forward.params.filter((param) => !mentions(whole.claim ?? "", param));
  if (unmentioned.length === 0) return refuted;
  const plainly = (param: string): 0 | 1 => (isPadding(forward.text, param) ? 0 : 1);
  // a stride of 1 has no effect, a penalty times 0 has none
  for (const valueOf of [plainly, () => 0 as const]) {
    const neutral = new Map<string, Term>(unmentioned.map((param) => [param, num(valueOf(param))]));
    const values = unmentioned.map((param) => `${param} = ${valueOf(param)}`).join(", ");
    let plain: Judgement;
    try {
      plain = verdictOf(layerText(withParams(draft, neutral), scope, comments, neutral), [`for ${values}, as the document says`]); // prettier-ignore
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      continue;
    }
    if (plain.verdict === "refuted") continue;
    const { context, at } = scope;
    if (unmentioned.every((param) => isAssumed(param, valueOf(param), context, at))) return plain;
    const note = `it holds only for ${values}`;
    return setsAside(context, at)
      ? { ...plain, verdict: "depends on the reading", notes: [note] }
      : { ...refuted, notes: [...refuted.notes, note] };
  }
  return refuted;
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

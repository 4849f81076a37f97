/** Statements, and a claim about them → the text of a layer, with the declarations that follow. */
import { splitAtLineEnds } from "../../notation/line-ends.js";
import { type Claim, type Draft, type LayerText, withBodies } from "./draft.js";
import { settledTerm } from "../terms/open.js";
import type { Scope } from "../context/scope.js";
import { namesIn, type Term } from "../terms/term.js";
import { defaultOf, indicesOf, inputsOf, sizeValue } from "./needs.js";
import { mapParts, substitute } from "../terms/rewrite.js";
import type { Tensor } from "../context/context.js";
import { tidied } from "./tidy.js";
import { name, num } from "../terms/make.js";
import { print } from "../terms/print.js";

/** @throws Unreadable where an extent cannot be told */
export function layerText(
  given: Draft,
  scope: Scope,
  comments: readonly string[],
  fixed: ReadonlyMap<string, Term> = new Map(),
): LayerText {
  const { context } = scope;
  // a function that is left open is printed as one of those that it may be
  const draft = withBodies(given, (term) => settledTerm(term, "tanh"));
  const bodies = [...draft.statements, ...draft.helpers].map(({ body }) => body);
  if (draft.claim) bodies.push(draft.claim.body, ...draft.claim.subs);
  const defined = new Map(draft.statements.map((statement) => [statement.tensor.id, statement.tensor]));
  const inputs = inputsOf(bodies, draft, defined, scope);
  const settle = (term: Term): Term => context.settled(mapParts(term, settle));
  const shapeOf = (tensor: Tensor): readonly Term[] => tensor.shape.map(settle);

  const introduced = new Set(
    inputs.flatMap((tensor) => shapeOf(tensor).flatMap((extent) => [...namesIn(extent)])),
  );
  const sizes = new Map<string, Term>();
  const need = (text: string): void => {
    if (introduced.has(text) || sizes.has(text) || fixed.has(text)) return;
    const value = sizeValue(text, draft, shapeOf, scope);
    if (!value) return;
    const put = substitute(settle(value), fixed);
    sizes.set(text, put);
    for (const inner of namesIn(put)) need(inner);
  };
  for (const statement of draft.statements)
    for (const extent of shapeOf(statement.tensor)) for (const text of namesIn(extent)) need(text);
  const statements = [...draft.statements, ...draft.helpers].map((statement) => ({
    ...statement,
    body: settle(statement.body),
    shape: shapeOf(statement.tensor),
  }));
  const free = new Set<string>();
  for (const { body, indices } of statements)
    for (const text of namesIn(body)) if (!indices.includes(text)) free.add(text);
  const claim = draft.claim && {
    ...draft.claim,
    body: settle(draft.claim.body),
    subs: draft.claim.subs.map(settle),
  };
  const claimIndices = claim ? indicesOf(claim.subs, context, introduced) : new Set<string>();
  if (claim)
    for (const term of [claim.body, ...claim.subs])
      for (const text of namesIn(term)) if (!claimIndices.has(text)) free.add(text);
  for (const text of free) need(text);
  for (const value of sizes.values()) for (const text of namesIn(value)) free.add(text);
  const params = [...free].filter((text) => !introduced.has(text) && !sizes.has(text));
  const values = new Set([...introduced, ...sizes.keys(), ...params]);

  const lines = statements.map((statement) => {
    const { indices, body } = tidied(statement.indices, statement.shape, statement.body, values);
    const label = "helper" in statement ? (statement.helper as string) : statement.tensor.name;
    return `${element(
      label,
      indices.map((i) => name(i)),
    )} = ${print(body)}`;
  });
  const claimed = claim && claimLine(claim, shapeOf(claim.tensor), claimIndices, values);
  const declare = (role: string, tensor: Tensor): string =>
    `${role.padEnd(6)} ${element(
      tensor.name,
      shapeOf(tensor).map((e) => substitute(e, fixed)),
    )}`;
  const paramLines = params.map(
    (text) => `param  ${text} = ${defaultOf(text, [...bodies, ...sizes.values()])}`,
  );
  const declarations = [
    ...inputs.map((tensor) =>
      tensor.below
        ? `${declare("index", tensor)} < ${print(substitute(settle(tensor.below), fixed))}`
        : declare(tensor.weight ? "weight" : "input", tensor),
    ),
    ...draft.statements.map(({ tensor }) =>
      declare(draft.outputs.has(tensor.id) ? "output" : "local", tensor),
    ),
  ];
  const sizeLines = [...sizes].reverse().map(([text, value]) => `${text} = ${print(value)}`);
  const blocks = [
    comments.flatMap(splitAtLineEnds).map((line) => `# ${line}`),
    paramLines,
    declarations,
    sizeLines,
    lines,
    claimed ? [claimed] : [],
  ];
  const text = blocks.filter((block) => block.length > 0).map((block) => block.join("\n")).join("\n\n"); // prettier-ignore
  return { text: `${text}\n`, params, statements: lines, ...(claimed ? { claim: claimed } : {}) };
}
const element = (text: string, subs: readonly Term[]): string =>
  subs.length === 0 ? text : `${text}[${subs.map((sub) => print(sub)).join(", ")}]`;

function claimLine(
  { tensor, subs, body }: Claim,
  shape: readonly Term[],
  free: ReadonlySet<string>,
  values: ReadonlySet<string>,
): string {
  const indices = [...free];
  const extents = indices.map(
    (index) => shape[subs.findIndex((sub) => sub.kind === "name" && sub.name === index)] ?? num(0),
  );
  const tidy = tidied(indices, extents, body, values);
  const renamed = new Map(indices.map((index, i) => [index, name(tidy.indices[i]!)]));
  return `claim ${element(
    `d${tensor.name}`,
    subs.map((sub) => substitute(sub, renamed)),
  )} = ${print(tidy.body)}`;
}

/** Statements, and a claim about them → the text of a layer, with the declarations that follow. */
import { inView, type Context, type Tensor } from "./context.js";
import type { Forward } from "./forward.js";
import { integer, type Scope } from "./scope.js";
import { extentOf } from "./extents.js";
import {
  fresh, inside, mapParts, name, namesIn, num, print, same, substitute, unshadowed, walk, written, type Term,
} from "./term.js"; // prettier-ignore
import { Unreadable } from "./unreadable.js";

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

/** @throws Unreadable where an extent cannot be told */
export function layerText(
  draft: Draft,
  scope: Scope,
  comments: readonly string[],
  fixed: ReadonlyMap<string, Term> = new Map(),
): LayerText {
  const { context } = scope;
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
    ...inputs.map((tensor) => declare(tensor.weight ? "weight" : "input", tensor)),
    ...draft.statements.map(({ tensor }) =>
      declare(draft.outputs.has(tensor.id) ? "output" : "local", tensor),
    ),
  ];
  const sizeLines = [...sizes].reverse().map(([text, value]) => `${text} = ${print(value)}`);
  const blocks = [
    comments.map((line) => `# ${line}`),
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

/** Tensors that are read and not defined, in order of use. */
function inputsOf(
  bodies: readonly Term[],
  draft: Draft,
  defined: ReadonlyMap<string, Tensor>,
  scope: Scope,
): readonly Tensor[] {
  const found = new Map<string, Tensor>();
  const add = (id: string): void => {
    if (defined.has(id) || found.has(id) || draft.helpers.some((one) => one.helper === id)) return;
    const tensor = scope.context.tensor(id);
    if (!tensor) throw new Unreadable(`the shape of ${written(id)} is not known`, 0);
    const namesake = [...defined.values(), ...found.values()].some(({ name: text }) => text === tensor.name);
    if (namesake) throw new Unreadable(`${tensor.name} stands for two tensors`, 0);
    found.set(id, tensor);
  };
  for (const body of bodies)
    walk(body, (term) => {
      if (term.kind === "read") add(term.tensor);
    });
  if (draft.claim) add(draft.claim.tensor.id);
  return [...found.values()];
}

/** What a size is that the inputs do not give: as the document defines it, else the most that stays in bounds. */
function sizeValue(
  text: string,
  draft: Draft,
  shapeOf: (tensor: Tensor) => readonly Term[],
  scope: Scope,
): Term | undefined {
  const { context } = scope;
  for (const size of inView(context.sizes.filter((s) => s.name === text), scope.at).toSorted((a, b) => a.at - b.at)) {
    try {
      return integer(size.value, { ...scope, indices: new Map(), ranges: new Map() });
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
    }
  } // prettier-ignore
  for (const statement of draft.statements) {
    const axis = shapeOf(statement.tensor).findIndex(
      (extent) => extent.kind === "name" && extent.name === text,
    );
    if (axis < 0) continue;
    const tensorShape = (read: string): readonly Term[] | undefined => {
      const tensor = context.tensor(read);
      return tensor && shapeOf(tensor);
    };
    const value = extentOf(statement.body, statement.indices[axis]!, tensorShape);
    if (value && !same(value, name(text))) return value;
  }
  return undefined;
}

/** Free names of a claim's left side that are indices. */
function indicesOf(subs: readonly Term[], context: Context, sizes: ReadonlySet<string>): ReadonlySet<string> {
  const found = new Set<string>();
  for (const sub of subs)
    if (sub.kind === "name") found.add(sub.name);
    else
      for (const text of namesIn(sub))
        if (context.survey.indices.has(text) && !sizes.has(text)) found.add(text);
  return found;
}

/** Gives made-up indices letters, and others than sizes and params have. */
function tidied(
  indices: readonly string[],
  shape: readonly Term[],
  body: Term,
  values: ReadonlySet<string>,
): { indices: readonly string[]; body: Term } {
  const inUse = new Set([...values, ...indices.filter((index) => !index.startsWith("#"))]);
  walk(body, (term) => {
    if (term.kind === "reduce") for (const b of term.binders) if (!b.name.startsWith("#")) inUse.add(b.name);
  });
  const renamed = new Map<string, Term>();
  const result = indices.map((index, axis) => {
    if (!index.startsWith("#") && !values.has(index)) return index;
    const made = fresh(index.startsWith("#") ? letterOf(shape[axis], axis) : index, inUse);
    inUse.add(made);
    renamed.set(index, name(made));
    return made;
  });
  const lettered = letters(substitute(body, renamed), inUse);
  return { indices: result, body: unshadowed(lettered, new Set([...values, ...result])) };
}
const letterOf = (extent: Term | undefined, axis: number): string =>
  extent?.kind === "name" &&
  /^\p{L}/u.test(extent.name) &&
  !/_\d+$/u.test(extent.name) &&
  !/^[ei]$/iu.test(extent.name[0]!)
    ? extent.name[0]!.toLowerCase()
    : "ijkpqr"[axis % 6]!;
function letters(term: Term, taken: ReadonlySet<string>): Term {
  if (term.kind !== "reduce") return mapParts(term, (part) => letters(part, taken));
  const inUse = new Set(taken);
  const renamed = new Map<string, Term>();
  const binders = term.binders.map((binder, axis) => {
    if (!binder.name.startsWith("#")) return binder;
    const made = fresh(letterOf(binder.below, axis), inUse);
    inUse.add(made);
    renamed.set(binder.name, name(made));
    return { ...binder, name: made };
  });
  return { ...term, binders, body: letters(substitute(term.body, renamed), inUse) };
}

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

/** Strides and dilations are 1 by default, padding is 0, and an ε is small. */
function defaultOf(text: string, bodies: readonly Term[]): string {
  if (/^(?:\u03b5|eps)/u.test(text)) return "1e-5";
  let factor = false;
  let subscript = false;
  const visit = (term: Term, within: boolean): void => {
    if (term.kind === "name" && term.name === text && within) subscript = true;
    if (
      term.kind === "operation" &&
      (term.op === "*" || term.op === "/") &&
      [term.left, term.right].some((t) => namesIn(t).has(text))
    )
      factor = true;
    const deeper =
      within ||
      term.kind === "read" ||
      term.kind === "gradient" ||
      (term.kind === "call" && term.name === "floor");
    for (const part of inside(term)) visit(part, deeper);
  };
  for (const body of bodies) visit(body, false);
  return subscript ? (factor ? "1" : "0") : "0.5";
}

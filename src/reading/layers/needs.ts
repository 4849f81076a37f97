/** What a layer has to declare: inputs, sizes and params. */
import { inside, namesIn, type Term, walk } from "../terms/term.js";
import type { Draft } from "./draft.js";
import type { Context } from "../context/context.js";
import { inView, type Tensor } from "../context/context.js";
import type { Scope } from "../context/scope.js";
import { Unreadable } from "../document/unreadable.js";
import { same, written } from "../terms/print.js";
import { name } from "../terms/make.js";
import { integer } from "../context/integers.js";
import { extentOf } from "./extents.js";

/** Tensors that are read and not defined, in order of use. */
export function inputsOf(
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
export function sizeValue(
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
export function indicesOf(
  subs: readonly Term[],
  context: Context,
  sizes: ReadonlySet<string>,
): ReadonlySet<string> {
  const found = new Set<string>();
  for (const sub of subs)
    if (sub.kind === "name") found.add(sub.name);
    else
      for (const text of namesIn(sub))
        if (context.survey.indices.has(text) && !sizes.has(text)) found.add(text);
  return found;
}

/** Strides and dilations are 1 by default, padding is 0, and an ε is small. */
export function defaultOf(text: string, bodies: readonly Term[]): string {
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

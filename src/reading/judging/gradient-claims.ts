/** Gradient statements → the claims that they may make. */
import type { Equality, Formula } from "../latex/formula.js";
import { symbolIn } from "../context/survey.js";
import { inView, type Context } from "../context/context.js";
import { named } from "../context/names.js";
import type { Term } from "../terms/term.js";
import type { Scope } from "../context/scope.js";
import type { Claim } from "../layers/draft.js";
import { Unreadable } from "../document/unreadable.js";
import { accessOf } from "../meaning/access.js";
import { allOf, chosen, leftOf } from "../meaning/forward.js";
import { meanings } from "../meaning/meaning.js";
import { asStated, summedTo } from "./stated-shapes.js";
import { times } from "../terms/make.js";
import { readsOf } from "../terms/derivative.js";
import { definitionReading } from "../meaning/chain-rule.js";

/** The tensor, or its element, of which a left side is the gradient. */
export function differentiated(left: Formula, context: Context): Formula {
  if (left.kind === "partial") return left.by;
  if (left.kind === "differential") return left.of;
  const symbol = symbolIn(left);
  const text = symbol && named(symbol, context.survey);
  const alias = text && inView(context.aliases.filter((one) => one.name === text.name), left.at)[0]; // prettier-ignore
  if (alias)
    return {
      ...alias.of,
      subs:
        text.subs ??
        alias.of.subs?.filter(
          (sub) => named({ ...alias.of, subs: [sub] }, context.survey)?.subs === undefined,
        ),
    };
  if (symbol?.letter === "d" && symbol.subs?.[0]) return symbol.subs[0];
  if (symbol && symbol.primes > 0) {
    const plain = { ...symbol, primes: symbol.primes - 1 };
    return left.kind === "application" ? { ...left, of: plain } : plain;
  }
  return left;
}

/**
 * The claims that a statement may make. Where its indices fit no axes as they stand, all its tensors may be written with
 * their axes in one other order: then the indices tell the axes.
 */
export function gradientClaims(statement: Equality, right: Formula, scope: Scope): readonly Claim[] {
  try {
    return claimsAsWritten(statement, right, scope);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    const orders = new Set<string>();
    const exchanged = attemptClaims(statement, right, { ...scope, orders });
    if (!exchanged) throw error;
    return exchanged;
  }
}

function attemptClaims(statement: Equality, right: Formula, scope: Scope): readonly Claim[] | undefined {
  try {
    const access = accessOf(differentiated(statement.left, scope.context), scope);
    const left = leftOf(access, { ...scope, introduces: false });
    scope.orders?.clear();
    const values = allOf(meanings(right, left.scope, left.rest), left.rest);
    const [order, ...others] = scope.orders ?? [];
    const inOrder =
      order === undefined ||
      others.length > 0 ||
      order === "" ||
      order ===
        order
          .split(",")
          .toSorted((a, b) => Number(a) - Number(b))
          .join();
    return inOrder || values.length === 0
      ? undefined
      : values.map((value) => ({ tensor: access.tensor, subs: left.subs, body: value.at(left.place) }));
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}

function claimsAsWritten({ left, shapes }: Equality, right: Formula, scope: Scope): readonly Claim[] {
  const access = accessOf(differentiated(left, scope.context), scope);
  const { subs, rest, place, scope: inner } = leftOf(access, { ...scope, introduces: false });
  const values = meanings(right, inner, rest);
  const stated = shapes?.summed ? summedTo(values, rest) : asStated(values, rest, shapes, scope);
  const all = stated ? [stated] : allOf(values, rest);
  const readings = all.length > 0 ? all : [chosen(values, rest, false, right.at)];
  return readings.map((value) => ({ tensor: access.tensor, subs, body: value.at(place) }));
}

/** What `\big|_s` names; of a local derivative all that the definition is written with beside x. */
function heldFixed(
  { fixed }: Formula & { readonly kind: "partial" },
  y: string,
  x: string,
  scope: Scope,
): ReadonlySet<string> | undefined {
  if (fixed) return new Set(fixed.map((one) => accessOf(one, scope).tensor.id));
  if (scope.local !== true) return undefined;
  return new Set([...readsOf(definitionReading(y, x, scope).body)].filter((read) => read !== x));
}

/** `∂y/∂x = J`: for every gradient of y, the gradient of x is Σ ∂L/∂y · J. */
export function jacobianClaim({ left }: Equality, right: Formula, scope: Scope): Claim {
  if (left.kind !== "partial") throw new Unreadable("this is no derivative", left.at);
  const y = leftOf(accessOf(left.of, scope), scope);
  const x = leftOf(accessOf(left.by, y.scope), { ...y.scope, introduces: false });
  const axes = y.subs.map((sub) => (sub.kind === "name" ? sub.name : undefined));
  const shared = x.subs.some((sub) => sub.kind === "name" && axes.includes(sub.name));
  if (shared || axes.includes(undefined))
    throw new Unreadable("this states a part of the derivative only", left.at);
  const value = chosen(
    meanings(right, x.scope, [...y.rest, ...x.rest]),
    [...y.rest, ...x.rest],
    true,
    right.at,
  );
  const { tensor } = y.access;
  const body = times({ kind: "gradient", of: tensor.id, subs: y.subs }, value.at([...y.place, ...x.place]));
  const binders = axes.map((index, axis) => ({
    name: index!,
    below: scope.context.settled(tensor.shape[axis]!),
  }));
  const whole: Term = binders.length > 0 ? { kind: "reduce", op: "sum", binders, body } : body;
  return {
    tensor: x.access.tensor,
    subs: x.subs,
    body: whole,
    of: tensor.id,
    fixed: heldFixed(left, tensor.id, x.access.tensor.id, scope),
  };
}

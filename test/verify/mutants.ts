/** A gradient layer with one fault planted in it. */
import * as build from "../../src/notation/construct.js";
import type { Binder, Condition, Expression } from "../../src/notation/expression.js";
import * as integer from "../../src/notation/integer.js";
import type { Layer, Statement } from "../../src/notation/layer.js";
import { mapChildren, mapConditionChildren } from "../../src/notation/traverse.js";

export interface Mutant {
  readonly fault: string;
  readonly layer: Layer;
}

/** All single faults: wrong sign, dropped term, dropped factor, bounds and guards one too tight, subscripts one off. */
export function* mutants(layer: Layer): Generator<Mutant> {
  for (const statement of layer.statements)
    for (const [fault, body] of faultsOf(statement.body)) {
      const statements = layer.statements.map((s): Statement => (s === statement ? { ...s, body } : s));
      yield { fault: `${statement.tensor}: ${fault}`, layer: { ...layer, statements } };
    }
}

type Fault = readonly [string, Expression];
function* faultsOf(e: Expression): Generator<Fault> {
  yield ["sign", build.negate(e)];
  yield* within(e);
}

function* within(e: Expression): Generator<Fault> {
  if (e.kind === "add")
    for (const term of e.terms) yield ["dropped term", build.add(...e.terms.filter((t) => t !== term))];
  if (e.kind === "multiply")
    for (const factor of e.factors)
      if (factor.kind !== "constant")
        yield ["dropped factor", build.multiply(...e.factors.filter((f) => f !== factor))];
  if (e.kind === "read")
    for (const axis of e.subscripts.keys()) {
      const subscripts = e.subscripts.map((s, k) => (k === axis ? integer.plus(s, integer.one) : s));
      yield [`${e.tensor} axis ${axis} one off`, { ...e, subscripts }];
    }
  if (e.kind === "reduction")
    for (const [i, binder] of e.binders.entries()) {
      const shorter: Binder = { ...binder, upper: integer.minus(binder.upper, integer.one) };
      yield [`${binder.name} one short`, { ...e, binders: e.binders.with(i, shorter) }];
    }
  // every part in turn
  let count = 0;
  mapChildren(e, { expression: (part) => (count++, part) });
  for (let target = 0; target < count; target++) {
    let part: Expression | undefined;
    let i = 0;
    mapChildren(e, { expression: (p) => ((part = i++ === target ? p : part), p) });
    if (!part) continue;
    for (const [fault, changed] of within(part)) {
      let j = 0;
      yield [fault, mapChildren(e, { expression: (p) => (j++ === target ? changed : p) })];
    }
  }
  if (e.kind === "reduction")
    for (const guard of tightened(e.guard)) yield ["guard one too tight", { ...e, guard }];
  if (e.kind === "select")
    for (const condition of tightened(e.condition)) yield ["condition one too tight", { ...e, condition }];
}

function* tightened(c: Condition): Generator<Condition> {
  if (c.kind === "nonnegative") yield build.nonNegative(integer.minus(c.value, integer.one));
  if (c.kind === "zero") yield build.isZero(integer.plus(c.value, integer.one));
  if (c.kind !== "and" && c.kind !== "or") return;
  for (const part of c.parts)
    for (const changed of tightened(part))
      yield mapConditionChildren(c, { condition: (p) => (p === part ? changed : p) });
}

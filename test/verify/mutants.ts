/** A gradient layer with one fault planted in it. */
import { substitute } from "../../src/notation/binders.js";
import * as build from "../../src/notation/construct.js";
import type { Condition, Expression, Read, Reduction } from "../../src/notation/expression.js";
import * as integer from "../../src/notation/integer.js";
import type { Int } from "../../src/notation/integer.js";
import type { Layer, Statement } from "../../src/notation/layer.js";
import { mapChildren, mapConditionChildren } from "../../src/notation/traverse.js";

/** The kinds of fault, as people make them. */
export const kinds = [
  "wrong sign",
  "off by one in a bound",
  "off by one in a subscript",
  "dropped term",
  "swapped indices",
  "missing factor",
  "stride and dilation exchanged",
] as const;
export type Kind = (typeof kinds)[number];

export interface Mutant {
  readonly kind: Kind;
  readonly fault: string;
  readonly layer: Layer;
}
type Fault<T> = readonly [kind: Kind, where: string, changed: T];

/** All single faults in the statements that `planted` admits. */
export function* mutants(layer: Layer, planted: (s: Statement) => boolean = () => true): Generator<Mutant> {
  const exchange = exchanged(layer);
  for (const statement of layer.statements.filter(planted))
    for (const [kind, where, body] of faultsOf(statement.body, exchange)) {
      const statements = layer.statements.map((s): Statement => (s === statement ? { ...s, body } : s));
      yield { kind, fault: `${statement.tensor}: ${kind}, ${where}`, layer: { ...layer, statements } };
    }
}

/** `stride` ↔ `dilation`, `stride_h` ↔ `dilation_h`; undefined where a layer has not both. */
function exchanged({ params }: Layer): ReadonlyMap<string, Int> | undefined {
  const names = new Set(params.map((p) => p.name));
  const pairs = [...names].flatMap((name) => {
    const other = name.replace(/^stride/u, "dilation");
    return other !== name && names.has(other) ? [[name, other] as const] : [];
  });
  if (pairs.length === 0) return undefined;
  return new Map(
    pairs.flatMap(([a, b]) => [[a, integer.variable(b)] as const, [b, integer.variable(a)] as const]),
  );
}

function* faultsOf(
  e: Expression,
  exchange: ReadonlyMap<string, Int> | undefined,
): Generator<Fault<Expression>> {
  yield ["wrong sign", "all", build.negate(e)];
  if (exchange) yield ["stride and dilation exchanged", "all", substitute(e, exchange)];
  yield* within(e, exchange);
}

function* within(
  e: Expression,
  exchange: ReadonlyMap<string, Int> | undefined,
): Generator<Fault<Expression>> {
  if (e.kind === "add")
    for (const [i, term] of e.terms.entries()) {
      const others = e.terms.filter((t) => t !== term);
      yield ["dropped term", `term ${i}`, build.add(...others)];
      yield ["wrong sign", `term ${i}`, build.add(...others, build.negate(term))];
    }
  if (e.kind === "multiply")
    for (const [i, factor] of e.factors.entries())
      yield ["missing factor", `factor ${i}`, build.multiply(...e.factors.filter((f) => f !== factor))];
  if (e.kind === "read") yield* inRead(e, exchange);
  if (e.kind === "reduction") yield* inReduction(e);
  if (e.kind === "select")
    for (const [where, condition] of inCondition(e.condition))
      yield ["off by one in a bound", where, { ...e, condition }];
  // every part in turn
  let count = 0;
  mapChildren(e, { expression: (part) => (count++, part) });
  for (let target = 0; target < count; target++) {
    let part: Expression | undefined;
    let i = 0;
    mapChildren(e, { expression: (p) => ((part = i++ === target ? p : part), p) });
    if (!part) continue;
    for (const [kind, where, changed] of within(part, exchange)) {
      let j = 0;
      yield [kind, where, mapChildren(e, { expression: (p) => (j++ === target ? changed : p) })];
    }
  }
}

function* inRead(e: Read, exchange: ReadonlyMap<string, Int> | undefined): Generator<Fault<Expression>> {
  const { subscripts } = e;
  for (const axis of subscripts.keys())
    for (const by of [1, -1]) {
      const moved = subscripts.map((s, k) => (k === axis ? integer.plus(s, integer.constant(by)) : s));
      yield ["off by one in a subscript", `${e.tensor} axis ${axis} by ${by}`, { ...e, subscripts: moved }];
    }
  for (const a of subscripts.keys())
    for (let b = a + 1; b < subscripts.length; b++) {
      const swapped = subscripts.map((s, k) => subscripts[k === a ? b : k === b ? a : k] ?? s);
      yield ["swapped indices", `${e.tensor} axes ${a} and ${b}`, { ...e, subscripts: swapped }];
    }
  if (exchange && subscripts.some((s) => [...exchange.keys()].some((name) => integer.mentions(s, name))))
    yield ["stride and dilation exchanged", e.tensor, substitute(e, exchange)];
}

function* inReduction(e: Reduction): Generator<Fault<Expression>> {
  for (const [i, binder] of e.binders.entries()) {
    const { name, lower, upper } = binder;
    const ends = [
      ["one short", { ...binder, upper: integer.minus(upper, integer.one) }],
      ["one long", { ...binder, upper: integer.plus(upper, integer.one) }],
      ["one late", { ...binder, lower: integer.plus(lower, integer.one) }],
    ] as const;
    for (const [where, changed] of ends)
      yield ["off by one in a bound", `${name} ${where}`, { ...e, binders: e.binders.with(i, changed) }];
  }
  for (const [where, guard] of inCondition(e.guard)) yield ["off by one in a bound", where, { ...e, guard }];
}

function* inCondition(c: Condition): Generator<readonly [string, Condition]> {
  if (c.kind === "nonnegative") {
    yield ["guard one too tight", build.nonNegative(integer.minus(c.value, integer.one))];
    yield ["guard one too loose", build.nonNegative(integer.plus(c.value, integer.one))];
  }
  if (c.kind === "zero") yield ["equality one off", build.isZero(integer.plus(c.value, integer.one))];
  if (c.kind !== "and" && c.kind !== "or") return;
  for (const part of c.parts)
    for (const [where, changed] of inCondition(part))
      yield [where, mapConditionChildren(c, { condition: (p) => (p === part ? changed : p) })];
}

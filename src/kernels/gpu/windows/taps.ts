/** The taps of a window: loops, or each by itself where numbers alone say how many there are; four places of an image a turn. */
import { simplifyCondition } from "../../../algebra/integers.js";
import { substituteCondition } from "../../../notation/binders.js";
import * as build from "../../../notation/construct.js";
import type { Binder, Condition } from "../../../notation/expression.js";
import * as integer from "../../../notation/integer.js";
import type { Int } from "../../../notation/integer.js";
import { namesInCondition } from "../../../notation/traverse.js";
import type { Layer } from "../../../notation/layer.js";
import { allCopies, inTurns, turnsOf, type Loop } from "../../copies.js";
import type { Code } from "../../program.js";
import { emitIf, emitLoops, type Emitter } from "../../reduce.js";
import { longSizes } from "../../unroll.js";

/** What binders are at a tap that is written out; nothing of those that loops run over. */
export type Point = ReadonlyMap<string, Int>;
/** More are loops. */
export const mostTaps = 16;

/** Each tap of the window by itself, or loops; `fill` is given what the binders are. */
export function emitTaps(
  binders: readonly Binder[],
  conditions: readonly Condition[],
  emitter: Emitter,
  fill: (at: Point) => void,
): void {
  const taps = binders.map((b) => integer.literal(b.upper) ?? Infinity).reduce((a, b) => a * b, 1);
  if (taps > mostTaps) return emitLoops(binders, conditions, emitter, () => fill(new Map()));
  const nest = ([binder, ...inner]: readonly Binder[], waiting: readonly Condition[], at: Point): void => {
    if (!binder) return fill(at);
    const isReady = (c: Condition): boolean => {
      const names = namesInCondition(c);
      return !inner.some((b) => names.has(b.name));
    };
    const later = waiting.filter((c) => !isReady(c));
    for (let tap = 0; tap < (integer.literal(binder.upper) ?? 0); tap++) {
      const here = new Map(at).set(binder.name, integer.constant(tap));
      const ready = substituteCondition(build.and(...waiting.filter(isReady)), here);
      const open = simplifyCondition(ready, emitter.builder.facts);
      if (open.kind === "truth" && !open.value) continue;
      emitIf(open, emitter, () => nest(inner, later, here));
    }
  };
  nest(binders, conditions, new Map());
}

/** Innermost loops along whole axes of the data with four points a turn, one after the other. */
export function inTurnsOfFour(
  code: readonly Code[],
  layer: Layer,
  fresh: (base: string) => string,
): readonly Code[] {
  const long = longSizes(layer);
  const ends = new Map<string, Extract<Code, { kind: "integer" }>>();
  const inLoop = (loop: Loop): readonly Code[] => {
    const inner = inBlock(loop.body);
    const isWhole = integer.literal(loop.from) === 0 && integer.literal(loop.step) === 1;
    const isInnermost = loop.body.every((c) => c.kind !== "loop" && c.kind !== "if");
    if (!isWhole || !isInnermost || !long.has(integer.plainVariable(loop.to) ?? ""))
      return [{ ...loop, body: inner }];
    const end = ends.get(integer.keyOf(loop.to)) ?? {
      kind: "integer",
      name: fresh(`${loop.index}Whole`),
      value: turnsOf(loop),
    };
    ends.set(integer.keyOf(loop.to), end);
    const whole = integer.variable(end.name);
    const body = allCopies(loop.index, fresh).flatMap((copy) => {
      for (const c of loop.body) if (c.kind === "integer" || c.kind === "real") copy.own(c.name);
      return loop.body.map((c) => copy.code(c));
    });
    return inTurns(loop, { whole, rest: whole }, body);
  };
  const inBlock = (block: readonly Code[]): readonly Code[] =>
    block.flatMap((c): readonly Code[] => {
      if (c.kind === "if") return [{ ...c, then: inBlock(c.then), otherwise: inBlock(c.otherwise) }];
      return c.kind === "loop" ? inLoop(c) : [c];
    });
  const body = inBlock(code);
  return [...ends.values(), ...body];
}

/** The taps of a window: loops, or each by itself where numbers alone say how many there are. */
import { simplifyCondition } from "../../algebra/integers.js";
import * as build from "../../notation/construct.js";
import type { Binder, Condition } from "../../notation/expression.js";
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import { namesInCondition, substituteCondition } from "../../notation/traverse.js";
import { emitIf, emitLoops, type Emitter } from "../reduce.js";

/** What binders are at a tap that is written out; nothing of those that loops run over. */
export type Point = ReadonlyMap<string, Int>;
/** More are loops. */
const mostTaps = 16;

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

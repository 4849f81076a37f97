/** What sweeps and unrolled windows share: reads held before a loop, and results stored. */
import type { Expression } from "../../notation/expression.js";
import type { Statement } from "../../notation/layer.js";
import { mapChildren, namesIn, rewrite } from "../../notation/traverse.js";
import { emitStore, type Shapes } from "../offsets.js";
import type { Emitter } from "../reduce.js";
import { total } from "./sweep.js";

/** Reads that no index of the loops to come moves, as locals. */
export function holdReads(e: Expression, moving: ReadonlySet<string>, emitter: Emitter): Expression {
  if (e.kind === "read" && [...namesIn(e)].every((name) => !moving.has(name))) {
    const name = emitter.builder.name(`${e.tensor}_here`);
    emitter.builder.emit({ kind: "real", name, value: emitter.value(e) });
    return { kind: "parameter", name };
  }
  // a branch that is not taken may read out of bounds
  return e.kind === "multiply" || e.kind === "add"
    ? mapChildren(e, { expression: (part) => holdReads(part, moving, emitter) })
    : e;
}

/** Stores the epilogue with `value`, scalar code already, for the total. */
export function emitFinished(
  statement: Statement,
  epilogue: Expression,
  value: Expression,
  emitter: Emitter,
  shapes: Shapes,
): void {
  emitStore(emitter.builder, shapes, statement, () =>
    rewrite(emitter.value(epilogue), (e) => (e.kind === "parameter" && e.name === total ? value : e)),
  );
}

/** What no lane of a strip moves, found once for all of them. */
import type { Expression } from "../../../notation/expression.js";
import * as integer from "../../../notation/integer.js";
import type { Int } from "../../../notation/integer.js";
import { rewrite } from "../../../notation/traverse.js";
import type { Builder } from "../../block.js";
import { flatOffset, nameAtoms, type Shapes } from "../../offsets.js";
import type { Emitter } from "../../reduce.js";

/** An offset in two parts: what no lane moves, which is found once, and the rest. */
export function inRow(
  name: string,
  subscripts: readonly Int[],
  last: string,
  builder: Builder,
  shapes: Shapes,
): { readonly row: Int; readonly own: Int } {
  const tensor = shapes.get(name);
  if (!tensor) throw new Error(`no buffer ${name}`);
  const part = (moves: boolean): Int =>
    flatOffset(
      tensor,
      subscripts.map((s) => (integer.mentions(s, last) === moves ? s : integer.zero)),
    );
  const row = builder.named(nameAtoms(builder, shapes, part(false)), `${name}_row`);
  return { row, own: part(true) };
}

/** The body with what no lane moves found once: reads of it, and the rows of other reads; their names besides. */
export function withShared(
  body: Expression,
  last: string,
  { builder, value }: Emitter,
  shapes: Shapes,
): { readonly shared: Expression; readonly rows: ReadonlySet<string> } {
  const rows = new Set<string>();
  const flat = (name: string, subscripts: readonly Int[]): readonly Int[] => {
    if (!subscripts.some((s) => integer.mentions(s, last))) return subscripts;
    const { row, own } = inRow(name, subscripts, last, builder, shapes);
    for (const used of integer.variablesOf(row)) rows.add(used);
    return [integer.plus(row, own)];
  };
  const shared = rewrite(
    body,
    (e) => {
      if (e.kind !== "read") return e;
      if (e.subscripts.some((s) => integer.mentions(s, last)))
        return { ...e, subscripts: flat(e.tensor, e.subscripts) };
      const name = builder.name(`${e.tensor}Here`);
      builder.emit({ kind: "real", name, value: value(e) });
      return { kind: "parameter", name };
    },
    (i) =>
      integer.mapAtoms(i, (atom) =>
        atom.kind === "element"
          ? integer.element(atom.tensor, flat(atom.tensor, atom.subscripts))
          : undefined,
      ),
  );
  return { shared, rows };
}

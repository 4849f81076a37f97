/** The sizes that a generated layer's caller gives. */
import { nodesOf, type Layer } from "./ast.js";

export function sizesOf({ declarations, params, derived }: Layer): readonly string[] {
  const others = new Set([...params, ...derived].map((p) => p.name));
  const found = new Set<string>();
  for (const { shape, bound } of declarations)
    for (const extent of [...shape, ...(bound ? [bound] : [])])
      for (const node of nodesOf(extent))
        if (node.kind === "named" && !others.has(node.name)) found.add(node.name);
  return [...found];
}

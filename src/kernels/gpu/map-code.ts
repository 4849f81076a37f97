/** Code with every expression in it rewritten. */
import type { Expression } from "../../notation/expression.js";
import type { Int } from "../../notation/integer.js";
import { rewrite, rewriteCondition } from "../../notation/traverse.js";
import type { Code } from "../program.js";

export function mapCode(code: readonly Code[], change: (e: Expression) => Expression): readonly Code[] {
  const value = <V extends Expression | Int>(v: V): V | Expression =>
    v.kind === "int" ? v : rewrite(v, change);
  return code.map((c): Code => {
    switch (c.kind) {
      case "loop":
        return { ...c, body: mapCode(c.body, change) };
      case "integer":
      case "counter":
      case "call":
        return c;
      case "real":
      case "accumulator":
      case "accumulate":
      case "fill":
        return { ...c, value: rewrite(c.value, change) };
      case "assign":
      case "store":
        return { ...c, value: value(c.value) };
      case "if":
        return {
          ...c,
          condition: rewriteCondition(c.condition, change),
          then: mapCode(c.then, change),
          otherwise: mapCode(c.otherwise, change),
        };
    }
  });
}

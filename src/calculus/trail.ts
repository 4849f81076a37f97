/** The one place through which every rewrite of a derivative goes: rule, before and after are recorded here. */
import { withoutHiding } from "../notation/binders.js";
import type { Expression } from "../notation/expression.js";
import { keyOfExpression } from "../notation/key.js";
import type { Index, Statement } from "../notation/layer.js";
import * as integer from "../notation/integer.js";
import type { DerivationStep } from "./derivation.js";
import type { RuleName } from "./rules.js";

export class Trail {
  readonly steps: DerivationStep[] = [];
  private readonly left: Omit<Statement, "body">;
  private readonly indices: ReadonlySet<string>;
  /** Applied to what is recorded, not to what is worked with. */
  private readonly spell: (body: Expression) => Expression;

  constructor(tensor: string, indices: readonly Index[], spell: (body: Expression) => Expression) {
    this.left = { tensor, indices, subscripts: indices.map((i) => integer.variable(i.name)) };
    this.indices = new Set(indices.map((i) => i.name));
    this.spell = spell;
  }

  /** Records what a rule made; nothing where it changed nothing. @returns what the rule made, no index hiding another */
  record(
    rule: RuleName,
    made: Expression,
    more: Pick<DerivationStep, "explicit" | "solved" | "because" | "vanishing"> = {},
  ): Expression {
    const body = withoutHiding(made, this.indices);
    this.add({ rule, statement: { ...this.left, body: this.spell(body) }, ...more });
    return body;
  }

  add(step: DerivationStep): void {
    const last = this.steps.at(-1);
    const same = last && keyOfExpression(last.statement.body) === keyOfExpression(step.statement.body);
    // the same formula with its conditions left to the reads is a step of its own
    if (!same || (last.explicit && !step.explicit)) this.steps.push(step);
  }
}

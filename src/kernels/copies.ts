/** Several points of a loop in one turn: its range in whole turns and the rest, and copies of its body. */
import { substitute } from "../notation/binders.js";
import type { Expression } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { rewrite } from "../notation/traverse.js";
import type { Code } from "./program.js";
import { mapCode } from "./walk-code.js";

export type Loop = Extract<Code, { kind: "loop" }>;
/** Points in one turn. */
export const pointsInTurn = 4;

/** Where whole turns end, and where the rest begins: there, or where an empty range does. */
export interface Turns {
  readonly whole: Int;
  readonly rest: Int;
}
export const turnsOf = ({ from, to }: Loop): Int =>
  integer.plus(
    from,
    integer.scale(integer.floorDivide(integer.minus(to, from), integer.constant(pointsInTurn)), pointsInTurn),
  );

/** The loop over whole turns with the body of one, and over the rest as it was. */
export function inTurns(loop: Loop, { whole, rest }: Turns, body: readonly Code[]): readonly Code[] {
  const main: Loop = { ...loop, to: whole, step: integer.constant(pointsInTurn), body };
  return integer.equal(rest, loop.to) ? [main] : [main, { ...loop, from: rest }];
}

/** A copy: the index that much further on, and locals by names of their own. */
export class Copy {
  private readonly integers: Map<string, Int>;
  private readonly names = new Map<string, string>();
  private readonly letter: string;
  private readonly number: Int;
  private readonly fresh: (base: string) => string;

  constructor(index: string, number: number, fresh: (base: string) => string) {
    this.number = integer.constant(number);
    this.integers = new Map();
    this.shift(index);
    this.letter = "abcd".charAt(number);
    this.fresh = fresh;
  }

  /** An integer that grows with the index one by one. */
  shift(name: string): void {
    this.integers.set(name, integer.plus(integer.variable(name), this.number));
  }
  /** Gives a local its name in this copy; the first copy keeps it. */
  own(name: string): string {
    if (this.letter === "a") return name;
    const made = this.fresh(`${name}_${this.letter}`);
    this.names.set(name, made);
    this.integers.set(name, integer.variable(made));
    return made;
  }
  nameOf(name: string): string {
    return this.names.get(name) ?? name;
  }

  code(c: Code): Code {
    const name = (local: string): string => this.nameOf(local);
    return mapCode(c, {
      expression: (e) => this.expression(e),
      int: (value) => integer.substituteInt(value, this.integers),
      name,
      block: (block) => block.map((inner) => this.code(inner)),
    });
  }
  private expression(e: Expression): Expression {
    return rewrite(substitute(e, this.integers), (part) =>
      part.kind === "parameter" ? { ...part, name: this.nameOf(part.name) } : part,
    );
  }
}

export const allCopies = (index: string, fresh: (base: string) => string): readonly [Copy, ...Copy[]] => {
  const copy = (number: number): Copy => new Copy(index, number, fresh);
  return [copy(0), ...Array.from({ length: pointsInTurn - 1 }, (_, i) => copy(i + 1))];
};

/** A kernel under construction: nested blocks, and integers defined once at the outermost place where they are known. */
import type { Binder } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { withRange, type Facts, type Range } from "../ranges/prove.js";
import type { Code } from "./program.js";

interface Block {
  readonly code: Code[];
  /** Names that come into being with this block: a loop's index, integers defined in it. */
  readonly names: Set<string>;
  /** Integers defined here, by key. */
  readonly defined: Map<string, Int>;
  facts: Facts;
}

export class Builder {
  private readonly blocks: Block[];
  private readonly taken: Set<string>;
  private readonly loops: Binder[] = [];

  constructor(facts: Facts, taken: Iterable<string>) {
    this.blocks = [{ code: [], names: new Set(), defined: new Map(), facts }];
    this.taken = new Set(taken);
  }

  private get top(): Block {
    const block = this.blocks.at(-1);
    if (!block) throw new Error("no open block");
    return block;
  }
  get facts(): Facts {
    return this.top.facts;
  }
  get code(): readonly Code[] {
    return this.top.code;
  }

  emit(...code: readonly Code[]): void {
    this.top.code.push(...code);
  }

  /** The indices of the open loops, with their ranges. */
  scope(): readonly Binder[] {
    return this.loops;
  }

  /** A name not used in this kernel yet. */
  name(base: string): string {
    let name = base;
    for (let i = 2; this.taken.has(name); i++) name = `${base}_${i}`;
    this.taken.add(name);
    return name;
  }

  /** A local integer that will change; what depends on it stays inside its block. */
  counter(base: string, value: Int, range: Range = {}): string {
    const name = this.name(base);
    this.emit({ kind: "counter", name, value });
    this.top.names.add(name);
    this.know(name, range);
    return name;
  }

  /** What `fill` emits, as a block of its own. */
  block(fill: () => void, names: readonly string[] = [], facts: Facts = this.facts): readonly Code[] {
    const block: Block = { code: [], names: new Set(names), defined: new Map(), facts };
    this.blocks.push(block);
    fill();
    this.blocks.pop();
    return block.code;
  }

  loop(range: { index: string; from: Int; to: Int; step?: Int; within?: Binder }, fill: () => void): void {
    const { index, from, to, step = integer.one } = range;
    const facts = withRange(this.facts, index, { lower: from, upper: integer.minus(to, integer.one) });
    this.loops.push(range.within ?? { name: index, lower: from, upper: to });
    const body = this.block(fill, [index], facts);
    this.loops.pop();
    this.emit({ kind: "loop", index, from, to, step, body });
  }

  /** The value as a variable, defined in the outermost block where its parts are known. */
  define(value: Int, base: string): Int {
    const key = integer.keyOf(value);
    for (const block of this.blocks) {
      const known = block.defined.get(key);
      if (known) return known;
    }
    const used = integer.variablesOf(value);
    let home = this.blocks.length - 1;
    while (home > 0 && ![...used].some((name) => this.blocks[home]?.names.has(name))) home--;
    const block = this.blocks[home] ?? this.top;
    const name = this.name(base);
    const variable = integer.variable(name);
    block.code.push({ kind: "integer", name, value });
    block.names.add(name);
    block.defined.set(key, variable);
    // not a size: nothing is known of it but what is said below
    this.know(name, {});
    return variable;
  }

  /** Adds to what is known of a name, in every open block. */
  know(name: string, range: Range): void {
    for (const block of this.blocks) block.facts = withRange(block.facts, name, range);
  }

  /** Whether a name came into being inside the kernel: a loop's index or a defined integer. */
  isLocal(name: string): boolean {
    return this.blocks.some((block) => block.names.has(name));
  }

  /** Whether a name is the index of, or defined within, the innermost block that has names. */
  isInnermost(name: string): boolean {
    for (let i = this.blocks.length - 1; i >= 0; i--) {
      const names = this.blocks[i]?.names;
      if (names && names.size > 0) return names.has(name);
    }
    return false;
  }
}

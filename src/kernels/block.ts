/** A kernel under construction: nested blocks, and integers defined once at the outermost place where they are known. */
import type { Binder, Condition } from "../notation/expression.js";
import { freshNames, type Fresh } from "../notation/fresh.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import type { Index } from "../notation/layer.js";
import { assuming, withRange, withRanges, type Facts, type Range } from "../ranges/prove.js";
import type { Code, Edge } from "./program.js";
import { fillings, isCostly, tablesRead, type Table } from "./tables.js";

interface Block {
  readonly code: Code[];
  /** A loop's body; else a branch, or the whole kernel. */
  readonly repeats: boolean;
  /** Code that hardly ever runs: what it needs is defined in it. */
  readonly rare?: boolean;
  /** Names that come into being with this block: a loop's index, integers defined in it. */
  readonly names: Set<string>;
  /** Integers defined here, by key. */
  readonly defined: Map<string, Int>;
  facts: Facts;
  /** What was added to the facts, for the blocks around. */
  readonly learnt: { readonly ranges: [string, Range][]; readonly conditions: Condition[] };
}
const nothingLearnt = (): Block["learnt"] => ({ ranges: [], conditions: [] });

/** A buffer of the workspace that one kernel uses. */
export interface Scratch {
  readonly name: string;
  readonly type: "double" | "integer";
  readonly extent: Int;
}

const isZero = (value: Int): boolean => integer.literal(value) === 0;
const isOne = (value: Int): boolean => integer.literal(value) === 1;

export class Builder {
  private readonly blocks: Block[];
  private readonly fresh: Fresh;
  private readonly open: Binder[] = [];
  /** The open loops, and for those whose index lies in 0..extent-1 that extent. */
  private readonly ranges: { readonly index: string; readonly extent: Int | undefined }[] = [];
  private readonly meanings = new Map<string, Int>();
  private readonly tables = new Map<string, Table>();
  private readonly buffers: Scratch[] = [];
  private readonly edges = new Map<string, Edge>();
  private readonly kernel: string;
  /** Whether what only assigns had better take no branch. */
  readonly branchless: boolean = false;

  /** `kernel` is its name, under which its tables are known in the program. */
  constructor(kernel: string, facts: Facts, taken: Iterable<string>) {
    this.kernel = kernel;
    this.blocks = [
      { code: [], repeats: false, names: new Set(), defined: new Map(), facts, learnt: nothingLearnt() },
    ];
    this.fresh = freshNames(taken);
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
    return this.open;
  }

  /** A name not used in this kernel yet. */
  name(base: string): string {
    return this.fresh.local(base);
  }

  /** Indices that loops will run over under the names that they have. */
  keep(indices: readonly { readonly name: string }[]): void {
    for (const { name } of indices)
      if (this.name(name) !== name)
        throw new Error(`${this.kernel}: ${name} is a name of the kernel's already`);
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
  block(fill: () => void): readonly Code[] {
    return this.inside(fill, { repeats: false, names: [], facts: this.facts });
  }
  /** The same for code that hardly ever runs: nothing is computed outside of it for its sake. */
  rareBlock(fill: () => void): readonly Code[] {
    return this.inside(fill, { repeats: false, rare: true, names: [], facts: this.facts });
  }
  private inside(
    fill: () => void,
    { names, ...given }: Pick<Block, "repeats" | "rare" | "facts"> & { readonly names: readonly string[] },
  ): readonly Code[] {
    const learnt = nothingLearnt();
    this.blocks.push({ ...given, code: [], names: new Set(names), defined: new Map(), learnt });
    fill();
    const { code } = this.top;
    this.blocks.pop();
    this.learn(learnt);
    return code;
  }

  loop(
    range: { index: string; from: Int; to: Int; step?: Int; within?: Binder; parallel?: boolean | undefined },
    fill: () => void,
  ): void {
    const { index, from, to, step = integer.one, parallel = false } = range;
    // else a value could be given the same name
    if (!this.fresh.taken.has(index)) throw new Error(`${this.kernel}: ${index} is no name of the kernel's`);
    const facts = withRange(this.facts, index, { lower: from, upper: integer.minus(to, integer.one) });
    this.open.push(range.within ?? { name: index, lower: from, upper: to });
    const whole = range.within && isZero(range.within.lower) ? range.within.upper : undefined;
    this.ranges.push({ index, extent: isZero(from) && isOne(step) ? to : whole });
    const body = this.inside(fill, { repeats: true, names: [index], facts });
    this.open.pop();
    this.ranges.pop();
    this.emit({ kind: "loop", index, from, to, step, body, ...(parallel && { parallel }) });
  }

  /** Indices whose values come from outside: those of a thread. */
  given(indices: readonly Index[]): void {
    for (const { name, extent } of indices) {
      this.top.names.add(name);
      this.open.push({ name, lower: integer.zero, upper: extent });
      this.know(name, { lower: integer.zero, upper: integer.minus(extent, integer.one) });
    }
  }

  /** Nested loops over whole ranges, the first index outermost. `parallel`: each point writes places of its own. */
  loops([index, ...inner]: readonly Index[], fill: () => void, parallel = false): void {
    if (!index) return fill();
    const range = { index: index.name, from: integer.zero, to: index.extent, parallel };
    this.loop(range, () => this.loops(inner, fill, parallel));
  }
  /** The same over points that a statement writes. */
  results(indices: readonly Index[], fill: () => void): void {
    this.loops(indices, fill, true);
  }

  /** A name or a literal as it is; anything longer is defined. */
  named(value: Int, base: string): Int {
    const simple = integer.literal(value) !== undefined || integer.plainVariable(value) !== undefined;
    return simple ? value : this.define(value, base);
  }

  /** The value as a variable, defined in the outermost block where its parts are known. */
  define(value: Int, base: string): Int {
    const key = integer.keyOf(value);
    for (const block of this.blocks) {
      const known = block.defined.get(key);
      if (known) return known;
    }
    const rare = this.blocks.findLastIndex((block) => block.rare);
    const tabled = rare < 0 ? this.tabled(value, base) : undefined;
    if (tabled) return this.define(tabled, base);
    const used = integer.variablesOf(value);
    let home = this.blocks.length - 1;
    while (home > Math.max(rare, 0) && ![...used].some((name) => this.blocks[home]?.names.has(name))) home--;
    // leaving a branch saves nothing: only loops are worth leaving
    while (this.blocks[home + 1]?.repeats === false) home++;
    const block = this.blocks[home] ?? this.top;
    const name = this.name(base);
    const variable = integer.variable(name);
    block.code.push({ kind: "integer", name, value });
    block.names.add(name);
    block.defined.set(key, variable);
    this.meanings.set(name, this.meaning(value));
    // not a size: nothing is known of it but what is said below
    this.know(name, {});
    return variable;
  }

  /** The value in terms of loop indices: defined names written out. */
  private meaning(value: Int): Int {
    return integer.substituteInt(value, this.meanings);
  }

  /**
   * What is costly and depends on one inner loop's index alone is found once for each of its values, before all loops:
   * the limits of a strided window are read from a table instead of being divided out at every point.
   */
  protected tabled(value: Int, base: string): Int | undefined {
    const meaning = this.meaning(value);
    if (!isCostly(meaning)) return undefined;
    const own = [...integer.variablesOf(meaning)].filter((name) => this.isLocal(name));
    const [index] = own;
    const depth = this.ranges.findIndex((r) => r.index === index);
    const extent = this.ranges[depth]?.extent;
    if (own.length !== 1 || index === undefined || depth < 1 || !extent) return undefined;
    if ([...integer.variablesOf(extent)].some((name) => this.isLocal(name))) return undefined;
    const key = `${index} ${integer.keyOf(extent)} ${integer.keyOf(meaning)}`;
    const known = this.tables.get(key);
    if (known) return integer.element(known.name, [integer.variable(index)]);
    const name = this.name(`${this.kernel}_${base}`);
    const along = [...this.tables.values()].find((t) => t.along === index && integer.equal(t.extent, extent));
    const at = along?.at ?? this.name(`${index}At`);
    const entry = integer.substituteInt(meaning, new Map([[index, integer.variable(at)]]));
    this.tables.set(key, { name, extent, along: index, at, value: entry });
    return integer.element(name, [integer.variable(index)]);
  }

  /** The kernel takes the extent in pieces of so many. Where loops decide how long it is, it is taken at its longest. */
  states(extent: Int, at: number): void {
    const longest = new Map(
      this.open.flatMap(({ name, lower, upper }) =>
        isZero(lower) ? [[name, integer.minus(upper, integer.one)] as const] : [],
      ),
    );
    let value = this.untabled(this.meaning(extent));
    for (let i = 0; i < longest.size; i++)
      value = this.untabled(this.meaning(integer.substituteInt(value, longest)));
    this.edges.set(`${integer.keyOf(value)} ${at}`, { extent: value, at });
  }

  /** What the tables hold in the place of what is read from them. */
  private untabled(value: Int): Int {
    return integer.mapAtoms(value, (atom) => {
      const table = [...this.tables.values()].find((t) => atom.kind === "element" && t.name === atom.tensor);
      const [index] = atom.kind === "element" ? atom.subscripts : [];
      return table && index && integer.substituteInt(table.value, new Map([[table.at, index]]));
    });
  }

  /** A buffer of the workspace for this kernel alone. */
  scratch(base: string, type: Scratch["type"], extent: Int): string {
    const name = this.name(`${this.kernel}_${base}`);
    this.buffers.push({ name, type, extent });
    return name;
  }

  /** The extents stated so far. */
  get stated(): readonly Edge[] {
    return [...this.edges.values()];
  }

  /** The kernel's code, the tables that it reads filled first, and its buffers of the workspace. */
  finish(): { readonly code: readonly Code[]; readonly scratch: readonly Scratch[] } {
    const tables = tablesRead([...this.tables.values()], this.code);
    return {
      code: [...fillings(tables), ...this.code],
      scratch: [
        ...this.buffers,
        ...tables.map(({ name, extent }): Scratch => ({ name, type: "integer", extent })),
      ],
    };
  }

  /** Adds to what is known of a name, in every open block. */
  know(name: string, range: Range): void {
    this.learn({ ranges: [[name, range]], conditions: [] });
  }

  /** The same for a condition. */
  assume(condition: Condition): void {
    this.learn({ ranges: [], conditions: [condition] });
  }

  /** The innermost block learns it now, those around it when they are gone on with. */
  private learn({ ranges, conditions }: Block["learnt"]): void {
    const { top } = this;
    top.learnt.ranges.push(...ranges);
    top.learnt.conditions.push(...conditions);
    top.facts = conditions.reduce(assuming, withRanges(top.facts, ranges));
  }

  /** Whether a name came into being inside the kernel: a loop's index or a defined integer. */
  isLocal(name: string): boolean {
    return this.blocks.some((block) => block.names.has(name));
  }

  /** Whether a name is the index of, or defined within, the innermost loop. */
  isInnermost(name: string): boolean {
    for (const block of [...this.blocks].reverse()) {
      if (block.names.has(name)) return true;
      if (block.repeats) return false;
    }
    return false;
  }
}

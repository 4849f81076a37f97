/** The lines of one Python function, and what it turns out to use. */
import { bare } from "../../notation/fresh.js";
import { keyOf, type Int } from "../../notation/integer.js";
import type { Scope } from "../code/scope.js";
import type { Box } from "./box.js";
import type { HelperName } from "./helpers.js";
import { makeScope } from "./names.js";

export class Writer {
  readonly scope: Scope;
  readonly lines: string[] = [];
  readonly helpers = new Set<HelperName>();
  /** Words that the function needs: `dtype`, `device`. */
  readonly words = new Set<"dtype" | "device">();
  private readonly indices = new Map<string, string>();
  /** The indices whose values stand in the lines of the block that is being written. */
  private atHand = new Set<string>();

  /** @param first names that keep their spelling: what the function takes */
  constructor(first: { readonly tensors: readonly string[]; readonly values: readonly string[] }) {
    this.scope = makeScope();
    first.tensors.forEach((name) => this.scope.reserveTensor(name));
    first.values.forEach((name) => this.scope.reserveValue(name));
  }

  need(helper: HelperName): string {
    this.helpers.add(helper);
    return helper;
  }
  word(name: "dtype" | "device"): string {
    this.words.add(name);
    return name;
  }
  /** The name of a size that is known only when the function runs. */
  size(what: string): string {
    return `${what} ${++this.sizes}`;
  }
  private sizes = 0;
  /** A local with this value. */
  local(hint: string, value: string): string {
    const name = this.scope.fresh(hint);
    this.lines.push(`${name} = ${value}`);
    return name;
  }

  /** From here on lines need not have run that stand above. */
  newBlock(): void {
    this.atHand = new Set();
  }

  /** The values of an index along its axis, written once a block. @param int spells integers over sizes */
  index(name: string, box: Box, int: (value: Int) => string): string {
    const axis = box.axis(name);
    if (!axis) throw new Error(`${name} is no index here`);
    const place = box.place(name);
    const key = `${name} ${place} ${keyOf(axis.from)} ${keyOf(axis.end)}`;
    const known = this.indices.get(key) ?? this.scope.fresh(bare(name));
    this.indices.set(key, known);
    if (!this.atHand.has(key)) {
      const values = [place, int(axis.from), int(axis.end), this.word("device")];
      this.lines.push(`${known} = ${this.need("_axis")}(${values.join(", ")})`);
      this.atHand.add(key);
    }
    return known;
  }
}

/** What is known while a function of kernel code is written: its locals, its arrays, what it takes, what it calls. */
import type { Buffer, Code, Panel } from "../../kernels/program.js";
import {
  callOf,
  constant,
  get,
  load,
  operation,
  set,
  store,
  type Instruction,
  type Local,
  type ValueType,
} from "./encode/instructions.js";

/** Integers are i64 in locals, reals f64, whatever stands in memory. */
export type Kind = "i64" | "f64";

/** An array in memory: the parameter that holds its address, and where in it this part begins. */
export interface ArrayPlace {
  readonly owner: string;
  readonly element: "f32" | "f64" | "i32";
  /** In bytes. */
  readonly from: number;
}
/** By the names of kernel code. */
export type Arrays = ReadonlyMap<string, ArrayPlace>;

const elementOf = { real: "f32", integer: "i32", double: "f64" } as const;
export const bytesOf = { f32: 4, i32: 4, f64: 8 } as const;

/** All arrays that kernels of the program may name; the parts of a panel lie in it. */
export function arraysOf(buffers: readonly Buffer[], panels: readonly Panel[]): Arrays {
  const arrays = new Map<string, ArrayPlace>(
    buffers.map(({ name, type }) => [name, { owner: name, element: elementOf[type], from: 0 }]),
  );
  for (const { name, type, parts, length, overlap = false } of panels) {
    const element = panelElement(type);
    arrays.set(name, { owner: name, element, from: 0 });
    parts.forEach((part, i) => {
      const first = overlap ? i : (i * length) / parts.length;
      arrays.set(part, { owner: name, element, from: first * bytesOf[element] });
    });
  }
  return arrays;
}
export const panelElement = (type: Panel["type"]): ArrayPlace["element"] =>
  type === "single" ? "f32" : elementOf[type];

export class Context {
  private readonly arrays: Arrays;
  /** Names that the code itself declares, and what they hold now. */
  private readonly declared = new Map<string, Kind>();
  private readonly own = new Map<string, Local>();
  private fresh = 0;
  /** Names known to be never negative. */
  readonly natural: Set<string>;
  /** Names known to be at least 1. */
  readonly positive: ReadonlySet<string>;
  /** What of the plan it reads: arrays by their owners, numbers. */
  readonly owners = new Set<string>();
  readonly numbers = new Map<string, Kind>();
  /** Whether the code declares the name. */
  isDeclared(name: string): boolean {
    return this.declared.has(name);
  }
  /** The loops of which a thread takes its part. */
  shared: ReadonlySet<Code> = new Set();
  /** What it calls. */
  readonly called = new Set<string>();
  private readonly realNames: ReadonlySet<string>;
  private readonly shapes: ReadonlyMap<string, Buffer>;

  constructor(
    arrays: Arrays,
    buffers: ReadonlyMap<string, Buffer>,
    names: {
      readonly natural: ReadonlySet<string>;
      readonly positive: ReadonlySet<string>;
      readonly reals: ReadonlySet<string>;
    },
  ) {
    this.arrays = arrays;
    this.shapes = buffers;
    this.natural = new Set(names.natural);
    this.positive = names.positive;
    this.realNames = names.reals;
  }

  /** What the body sets. */
  get locals(): readonly Local[] {
    return [...this.own.values()];
  }
  /** A local of the function's, by the name of kernel code. */
  local(name: string, type: ValueType): string {
    const id = `${name} ${type}`;
    this.own.set(id, { name: id, type });
    return id;
  }
  temporary(type: ValueType): string {
    return this.local(`temporary ${this.fresh++}`, type);
  }
  /** A label that no other has. */
  label(hint: string): string {
    return `${hint} ${this.fresh++}`;
  }

  declare(name: string, kind: Kind): string {
    this.declared.set(name, kind);
    return this.local(name, kind);
  }
  kindOf(name: string): Kind {
    return this.declared.get(name) ?? (this.realNames.has(name) ? "f64" : "i64");
  }
  /** The value as an integer or a real, whichever it is asked for as. */
  value(name: string, as: Kind): Instruction {
    const kind = this.kindOf(name);
    if (!this.declared.has(name)) this.numbers.set(name, kind);
    return converted(get(`${name} ${kind}`), kind, as);
  }
  assign(name: string, value: Instruction): Instruction {
    return set(`${name} ${this.kindOf(name)}`, value);
  }

  private place(array: string): ArrayPlace {
    const place = this.arrays.get(array);
    if (!place) throw new Error(`there is no array ${array}`);
    this.owners.add(place.owner);
    return place;
  }
  private address({ owner, element }: ArrayPlace, offset: Instruction): Instruction {
    const index = operation("i32.wrap_i64", offset);
    const shift = constant("i32", Math.log2(bytesOf[element]));
    return operation("i32.add", get(addressOf(owner)), operation("i32.shl", index, shift));
  }
  /** The address of an element. */
  pointer(array: string, offset: Instruction): Instruction {
    const place = this.place(array);
    return operation("i32.add", this.address(place, offset), constant("i32", place.from));
  }
  read(array: string, offset: Instruction, as: Kind): Instruction {
    const place = this.place(array);
    const at = this.address(place, offset);
    switch (place.element) {
      case "f32":
        return converted(operation("f64.promote_f32", load("f32.load", at, place.from)), "f64", as);
      case "f64":
        return converted(load("f64.load", at, place.from), "f64", as);
      case "i32":
        return converted(load("i64.load32_s", at, place.from), "i64", as);
    }
  }
  write(array: string, offset: Instruction, value: Instruction, kind: Kind): Instruction {
    const place = this.place(array);
    const at = this.address(place, offset);
    switch (place.element) {
      case "f32":
        return store("f32.store", at, operation("f32.demote_f64", converted(value, kind, "f64")), place.from);
      case "f64":
        return store("f64.store", at, converted(value, kind, "f64"), place.from);
      case "i32":
        return store("i64.store32", at, converted(value, kind, "i64"), place.from);
    }
  }
  /** The buffer's extents, whose product is its length. */
  shapeOf(buffer: string): Buffer["shape"] {
    const shape = this.shapes.get(buffer)?.shape;
    if (!shape) throw new Error(`there is no buffer ${buffer}`);
    return shape;
  }

  call(name: string, ...operands: readonly Instruction[]): Instruction {
    this.called.add(name);
    return callOf(name, ...operands);
  }
}

/** The parameter that holds an array's address. */
export const addressOf = (owner: string): string => `address of ${owner}`;

function converted(value: Instruction, kind: Kind, as: Kind): Instruction {
  if (kind === as) return value;
  return operation(as === "f64" ? "f64.convert_i64_s" : "i64.trunc_sat_f64_s", value);
}

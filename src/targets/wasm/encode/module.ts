/** A module as bytes: types, the memory that it imports, functions, exports, code (WebAssembly Core Specification, section 5.5). */
import { float32, float64, list, signed, sized, text, typeCodes, unsigned } from "./bytes.js";
import type { Instruction, Local, ValueType, WasmFunction, WasmModule } from "./instructions.js";
import { alignmentOf, laneCodes, memoryCodes, plainCodes } from "./opcodes.js";

const sections = { types: 1, imports: 2, functions: 3, exports: 7, code: 10 } as const;

/** The module imports the memory `memory` of the module `leibniz`, of any size. */
export function encode({ functions, exported }: WasmModule): Uint8Array<ArrayBuffer> {
  const types = new Map<string, { readonly at: number; readonly bytes: readonly number[] }>();
  const typeOf = ({ parameters, result }: WasmFunction): number => {
    const results = result === undefined ? [] : [[typeCodes[result]]];
    const bytes = [0x60, ...list(parameters.map((p) => [typeCodes[p.type]])), ...list(results)];
    const known = types.get(bytes.join()) ?? { at: types.size, bytes };
    types.set(bytes.join(), known);
    return known.at;
  };
  const indices = new Map(functions.map((f, i) => [f.name, i]));
  const indexOf = (name: string): number => found(indices, name, "function");
  const declared = functions.map((f) => unsigned(typeOf(f)));
  const exports = exported.map((name) => [...text(name), 0x00, ...unsigned(indexOf(name))]);
  const code = functions.map((f) => sized(bodyOf(f, indexOf)));
  const section = (id: number, items: readonly (readonly number[])[]): readonly number[] => [
    id,
    ...sized(list(items)),
  ];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d], // "\0asm"
    ...[1, 0, 0, 0],
    ...section(
      sections.types,
      [...types.values()].map((t) => t.bytes),
    ),
    ...section(sections.imports, [[...text("leibniz"), ...text("memory"), 0x02, 0x00, 0x00]]),
    ...section(sections.functions, declared),
    ...section(sections.exports, exports),
    ...section(sections.code, code),
  ]);
}

function found<T>(map: ReadonlyMap<string, T>, name: string, what: string): T {
  const value = map.get(name);
  if (value === undefined) throw new Error(`there is no ${what} ${name}`);
  return value;
}

/** Locals stand in groups of one type. */
function bodyOf(f: WasmFunction, indexOf: (name: string) => number): readonly number[] {
  const order: readonly ValueType[] = ["i32", "i64", "f32", "f64", "v128"];
  const groups = order.map((type) => f.locals.filter((l) => l.type === type));
  const all: readonly Local[] = [...f.parameters, ...groups.flat()];
  const locals = new Map(all.map((l, i) => [l.name, i]));
  const declared = groups
    .filter((group) => group.length > 0)
    .map((group) => [...unsigned(group.length), typeCodes[group[0]!.type]]);
  const bytes: number[] = [...list(declared)];
  const writer = new Writer(bytes, (name) => found(locals, name, `local of ${f.name}:`), indexOf);
  for (const instruction of f.body) writer.write(instruction, []);
  return [...bytes, end];
}

const [end, otherwise, empty] = [0x0b, 0x05, 0x40];

class Writer {
  private readonly bytes: number[];
  private readonly localAt: (name: string) => number;
  private readonly functionAt: (name: string) => number;

  constructor(bytes: number[], localAt: (name: string) => number, functionAt: (name: string) => number) {
    this.bytes = bytes;
    this.localAt = localAt;
    this.functionAt = functionAt;
  }

  /** @param labels of what the instruction stands in, the innermost last */
  write(i: Instruction, labels: readonly string[]): void {
    const { bytes } = this;
    const operands = (list: readonly Instruction[]): void => list.forEach((o) => this.write(o, labels));
    switch (i.kind) {
      case "constant":
        return void bytes.push(...constantBytes(i));
      case "lanes":
        return void bytes.push(...coded(0xfd, 0x0c), ...laneBytes(i));
      case "get":
        return void bytes.push(0x20, ...unsigned(this.localAt(i.local)));
      case "set":
      case "tee":
        this.write(i.value, labels);
        return void bytes.push(i.kind === "set" ? 0x21 : 0x22, ...unsigned(this.localAt(i.local)));
      case "operation":
        operands(i.operands);
        return void bytes.push(...(i.name === "select" ? [0x1b] : codeOf(plainCodes, i.name)));
      case "lane":
        operands(i.operands);
        return void bytes.push(...codeOf(laneCodes, i.name), i.lane);
      case "shuffle":
        operands(i.operands);
        return void bytes.push(
          ...coded(0xfd, 0x0d),
          ...i.lanes.flatMap((l) => [0, 1, 2, 3].map((b) => 4 * l + b)),
        );
      case "load":
        this.write(i.address, labels);
        return this.access(i.name, i.offset);
      case "store":
        operands([i.address, i.value]);
        return this.access(i.name, i.offset);
      case "fill":
        operands([i.address, i.byte, i.count]);
        return void bytes.push(...coded(0xfc, 0x0b), 0);
      case "loop":
      case "block":
        bytes.push(i.kind === "loop" ? 0x03 : 0x02, empty);
        i.body.forEach((inner) => this.write(inner, [...labels, i.label]));
        return void bytes.push(end);
      case "if":
        return this.writeIf(i, labels);
      case "branch": {
        if (i.condition) this.write(i.condition, labels);
        const depth = labels.length - 1 - labels.lastIndexOf(i.label);
        if (depth >= labels.length) throw new Error(`there is no label ${i.label}`);
        return void bytes.push(i.condition ? 0x0d : 0x0c, ...unsigned(depth));
      }
      case "call":
        operands(i.operands);
        return void bytes.push(0x10, ...unsigned(this.functionAt(i.name)));
      case "return":
        if (i.value) this.write(i.value, labels);
        return void bytes.push(0x0f);
    }
  }

  private writeIf(i: Extract<Instruction, { kind: "if" }>, labels: readonly string[]): void {
    this.write(i.condition, labels);
    this.bytes.push(0x04, i.type === undefined ? empty : typeCodes[i.type]);
    // the branches are blocks too, without a name
    i.then.forEach((inner) => this.write(inner, [...labels, ""]));
    if (i.otherwise.length > 0) {
      this.bytes.push(otherwise);
      i.otherwise.forEach((inner) => this.write(inner, [...labels, ""]));
    }
    this.bytes.push(end);
  }

  private access(name: string, offset: number): void {
    this.bytes.push(...codeOf(memoryCodes, name), alignmentOf(name), ...unsigned(offset));
  }
}

const coded = (prefix: number | undefined, code: number): readonly number[] =>
  prefix === undefined ? [code] : [prefix, ...unsigned(code)];
function codeOf(table: typeof plainCodes, name: string): readonly number[] {
  const { prefix, code } = found(table, name, "instruction");
  return coded(prefix, code);
}

function constantBytes({ type, value }: Extract<Instruction, { kind: "constant" }>): readonly number[] {
  switch (type) {
    case "i32":
      return [0x41, ...signed(value)];
    case "i64":
      return [0x42, ...signed(value)];
    case "f32":
      return [0x43, ...float32(Number(value))];
    case "f64":
      return [0x44, ...float64(Number(value))];
  }
}
function laneBytes({ values, real }: Extract<Instruction, { kind: "lanes" }>): readonly number[] {
  const lanes = real ? Float32Array.from(values) : Int32Array.from(values);
  return [...new Uint8Array(lanes.buffer)];
}

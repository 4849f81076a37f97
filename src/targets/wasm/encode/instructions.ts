/** Instructions of WebAssembly as trees: operands stand in their operations, and control is structured as in the format itself. */

export type ValueType = "i32" | "i64" | "f32" | "f64" | "v128";
export type NumberType = Exclude<ValueType, "v128">;

export type Instruction =
  | { readonly kind: "constant"; readonly type: NumberType; readonly value: number | bigint }
  /** Four lanes of 32 bits. */
  | { readonly kind: "lanes"; readonly values: readonly number[]; readonly real: boolean }
  | { readonly kind: "get"; readonly local: string }
  | { readonly kind: "set"; readonly local: string; readonly value: Instruction }
  /** Sets, and leaves the value. */
  | { readonly kind: "tee"; readonly local: string; readonly value: Instruction }
  /** By its name in the text format: `f64.add`, `select`. */
  | { readonly kind: "operation"; readonly name: string; readonly operands: readonly Instruction[] }
  | {
      readonly kind: "lane";
      readonly name: string;
      readonly lane: number;
      readonly operands: readonly Instruction[];
    }
  /** Four lanes of 32 bits out of eight: those of the first operand, then those of the second. */
  | {
      readonly kind: "shuffle";
      readonly lanes: readonly [number, number, number, number];
      readonly operands: readonly [Instruction, Instruction];
    }
  | { readonly kind: "load"; readonly name: string; readonly address: Instruction; readonly offset: number }
  | {
      readonly kind: "store";
      readonly name: string;
      readonly address: Instruction;
      readonly offset: number;
      readonly value: Instruction;
    }
  | {
      readonly kind: "fill";
      readonly address: Instruction;
      readonly byte: Instruction;
      readonly count: Instruction;
    }
  /** A branch to its label begins it again. */
  | { readonly kind: "loop"; readonly label: string; readonly body: readonly Instruction[] }
  /** A branch to its label leaves it. */
  | { readonly kind: "block"; readonly label: string; readonly body: readonly Instruction[] }
  | {
      readonly kind: "if";
      readonly condition: Instruction;
      /** Of the value that both branches leave, where they do. */
      readonly type?: ValueType | undefined;
      readonly then: readonly Instruction[];
      readonly otherwise: readonly Instruction[];
    }
  | { readonly kind: "branch"; readonly label: string; readonly condition?: Instruction }
  | { readonly kind: "call"; readonly name: string; readonly operands: readonly Instruction[] }
  | { readonly kind: "return"; readonly value?: Instruction };

export interface Local {
  readonly name: string;
  readonly type: ValueType;
}
export interface WasmFunction {
  readonly name: string;
  readonly parameters: readonly Local[];
  readonly result?: ValueType | undefined;
  /** What the body sets besides. */
  readonly locals: readonly Local[];
  /** Leaves the result, where there is one. */
  readonly body: readonly Instruction[];
}
export interface WasmModule {
  readonly functions: readonly WasmFunction[];
  /** The functions that are exported, by their names. */
  readonly exported: readonly string[];
}

export const constant = (type: NumberType, value: number | bigint): Instruction => ({
  kind: "constant",
  type,
  value,
});
export const get = (local: string): Instruction => ({ kind: "get", local });
export const set = (local: string, value: Instruction): Instruction => ({ kind: "set", local, value });
export const tee = (local: string, value: Instruction): Instruction => ({ kind: "tee", local, value });
export const operation = (name: string, ...operands: readonly Instruction[]): Instruction => ({
  kind: "operation",
  name,
  operands,
});
export const callOf = (name: string, ...operands: readonly Instruction[]): Instruction => ({
  kind: "call",
  name,
  operands,
});
export const load = (name: string, address: Instruction, offset = 0): Instruction => ({
  kind: "load",
  name,
  address,
  offset,
});
export const store = (name: string, address: Instruction, value: Instruction, offset = 0): Instruction => ({
  kind: "store",
  name,
  address,
  offset,
  value,
});
/** condition ? yes : no, both computed. */
export const select = (condition: Instruction, yes: Instruction, no: Instruction): Instruction =>
  operation("select", yes, no, condition);
/** condition ? yes : no, of which one is computed. */
export const choose = (
  type: ValueType,
  condition: Instruction,
  yes: Instruction,
  no: Instruction,
): Instruction => ({ kind: "if", condition, type, then: [yes], otherwise: [no] });
export const when = (condition: Instruction, ...then: readonly Instruction[]): Instruction => ({
  kind: "if",
  condition,
  then,
  otherwise: [],
});

/** `body` as long as the condition holds, which is asked first. */
export const repeat = (label: string, condition: Instruction, body: readonly Instruction[]): Instruction =>
  when(condition, { kind: "loop", label, body: [...body, { kind: "branch", label, condition }] });

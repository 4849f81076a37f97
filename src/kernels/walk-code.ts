/** Walking and mapping the code of kernels: loops, declarations, stores. */
import { substitute } from "../notation/binders.js";
import type { Condition, Expression, Read } from "../notation/expression.js";
import type { Int } from "../notation/integer.js";
import * as integer from "../notation/integer.js";
import { mapConditionChildren, rewrite, walk, walkCondition, type Visitor } from "../notation/traverse.js";
import type { Code } from "./program.js";

export interface CodeMapper {
  readonly expression: (e: Expression) => Expression;
  readonly int?: (value: Int) => Int;
  /** Of what is declared, assigned or counted. */
  readonly name?: (name: string) => string;
  readonly block: (block: readonly Code[]) => readonly Code[];
}

/** The same code with its parts mapped. */
export function mapCode(c: Code, map: CodeMapper): Code {
  const { expression, int = itself, name = itself, block } = map;
  const value = <V extends Expression | Int>(v: V): V | Expression | Int =>
    v.kind === "int" ? int(v) : expression(v);
  switch (c.kind) {
    case "loop":
      return {
        ...c,
        index: name(c.index),
        from: int(c.from),
        to: int(c.to),
        step: int(c.step),
        body: block(c.body),
      };
    case "integer":
    case "counter":
      return { ...c, name: name(c.name), value: int(c.value) };
    case "real":
    case "accumulator":
      return { ...c, name: name(c.name), value: expression(c.value) };
    case "assign":
      return { ...c, name: name(c.name), value: value(c.value) };
    case "store":
      return { ...c, offset: int(c.offset), value: value(c.value) };
    case "accumulate":
      return { ...c, offset: int(c.offset), value: expression(c.value) };
    case "call":
      return { ...c, integers: c.integers.map(int), ...(c.reals && { reals: c.reals.map(expression) }) };
    case "fill":
      return { ...c, value: expression(c.value) };
    case "if":
      return {
        ...c,
        condition: mapCondition(c.condition, expression, int),
        then: block(c.then),
        otherwise: block(c.otherwise),
      };
  }
}
const itself = <T>(value: T): T => value;
const mapCondition = (
  c: Condition,
  expression: (e: Expression) => Expression,
  int: (value: Int) => Int,
): Condition =>
  mapConditionChildren(c, { expression, int, condition: (part) => mapCondition(part, expression, int) });

/** The code with polynomials for integer names, everywhere at once. */
export const substituteCode = (block: readonly Code[], values: ReadonlyMap<string, Int>): readonly Code[] =>
  block.map((c) =>
    mapCode(c, {
      expression: (e) => substitute(e, values),
      int: (value) => integer.substituteInt(value, values),
      block: (inner) => substituteCode(inner, values),
    }),
  );

/** The code with other names for its buffers. */
export function renameBuffers(block: readonly Code[], name: (buffer: string) => string): readonly Code[] {
  const int = (value: Int): Int =>
    integer.mapAtoms(value, (atom) =>
      atom.kind === "element" && name(atom.tensor) !== atom.tensor
        ? integer.element(name(atom.tensor), atom.subscripts)
        : undefined,
    );
  const expression = (e: Expression): Expression =>
    rewrite(e, (part) => (part.kind === "read" ? { ...part, tensor: name(part.tensor) } : part), int);
  return block.map((c) => {
    const mapped = mapCode(c, { expression, int, block: (inner) => renameBuffers(inner, name) });
    if (mapped.kind === "call")
      return { ...mapped, ...(mapped.buffers && { buffers: mapped.buffers.map(name) }) };
    return "buffer" in mapped ? { ...mapped, buffer: name(mapped.buffer) } : mapped;
  });
}

/** Every piece of code, outer ones first. */
export function eachCode(block: readonly Code[], visit: (c: Code) => void): void {
  for (const c of block) {
    visit(c);
    if (c.kind === "loop") eachCode(c.body, visit);
    if (c.kind === "if") [c.then, c.otherwise].forEach((branch) => eachCode(branch, visit));
  }
}

/** Names that come into being in the code, or change in it. */
export function namesMade(block: readonly Code[]): ReadonlySet<string> {
  const made = new Set<string>();
  eachCode(block, (c) => {
    if (c.kind === "loop") made.add(c.index);
    else if ("name" in c) made.add(c.name);
  });
  return made;
}

/** Those of the kernel's own; what a routine it calls writes are panels. */
export function buffersWritten(block: readonly Code[]): ReadonlySet<string> {
  const written = new Set<string>();
  eachCode(block, (c) => {
    if (c.kind === "store" || c.kind === "accumulate" || c.kind === "fill") written.add(c.buffer);
  });
  return written;
}

/** Expressions, integers and conditions of one piece of code, not of what is nested in it. */
export function walkCode(c: Code, visit: Visitor): void {
  const map: CodeMapper = {
    expression: (e) => (walk(e, visit), e),
    int: (value) => (visit.int?.(value), value),
    block: itself,
  };
  if (c.kind === "if") walkCondition(c.condition, visit);
  else mapCode(c, map);
}

/** Local names, sizes and params that the expression mentions: integers and reals. */
export function namesUsed(e: Expression): ReadonlySet<string> {
  const names = new Set<string>();
  walk(e, nameVisitor(names));
  return names;
}
/** The same of code, with what is nested in it. */
export function namesUsedBy(code: Code): ReadonlySet<string> {
  const names = new Set<string>();
  eachCode([code], (c) => walkCode(c, nameVisitor(names)));
  return names;
}
const nameVisitor = (into: Set<string>): Visitor => ({
  int: (value) => void integer.variablesOf(value, into),
  expression: (part) => {
    if (part.kind === "parameter") into.add(part.name);
  },
});

export function readsInCode(block: readonly Code[]): readonly Read[] {
  const reads: Read[] = [];
  eachCode(block, (c) =>
    walkCode(c, {
      expression: (e) => {
        if (e.kind === "read") reads.push(e);
      },
    }),
  );
  return reads;
}
/** Integer tensors read in subscripts and limits included. */
export function buffersRead(block: readonly Code[]): ReadonlySet<string> {
  const buffers = new Set(readsInCode(block).map((e) => e.tensor));
  const int = (value: Int): void =>
    integer.eachAtom(value, (atom) => {
      if (atom.kind === "element") buffers.add(atom.tensor);
    });
  eachCode(block, (c) => walkCode(c, { int }));
  return buffers;
}

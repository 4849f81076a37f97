/**
 * Which results may take the very array of a tensor that their pass reads: [x, y] where each element of x is read only at the point
 * that writes the same element of y, before it does, and by nothing that runs later. A step of an optimiser is so: w[i] - lr*dw[i].
 */
import type { Condition, Expression } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import { walk, walkCondition } from "../notation/traverse.js";
import type { Buffer, Code, Kernel, Pass, Program } from "./program.js";

export type InPlace = readonly [input: string, output: string];

/** The pairs of both passes, in the order of the buffers. */
export function inPlacePairs(
  program: Pick<Program, "buffers" | "kernels" | "forward" | "backward">,
): readonly InPlace[] {
  const kernels = new Map(program.kernels.map((k) => [k.name, k]));
  const results = program.buffers.filter((b) => b.role === "output" || b.role === "gradient");
  return program.buffers.flatMap((input) =>
    results.flatMap((output): InPlace[] => {
      const pass = output.role === "output" ? program.forward : program.backward;
      const read =
        input.role === "given" ||
        (pass === program.backward && input.role !== "gradient" && input.role !== "workspace");
      return read && isSameBox(input, output) && mayShare(pass, kernels, input.name, output.name)
        ? [[input.name, output.name]]
        : [];
    }),
  );
}

const isSameBox = (a: Buffer, b: Buffer): boolean =>
  a.type === "real" &&
  b.type === "real" &&
  a.shape.length === b.shape.length &&
  a.shape.every((extent, axis) => b.shape[axis] && integer.equal(extent, b.shape[axis]));

/** Whether the pass reads x only at the points it writes, and nothing reads it once y is written. */
function mayShare(pass: Pass, kernels: ReadonlyMap<string, Kernel>, input: string, output: string): boolean {
  const steps = pass.steps.map(({ kernel, instead }) =>
    [kernel, ...(instead ? [instead.kernel] : [])].flatMap((name) => kernels.get(name) ?? []),
  );
  const touching = (touches: (k: Kernel) => boolean): readonly number[] =>
    [...steps.keys()].filter((i) => steps[i]?.some(touches));
  const writing = touching((k) => k.writes.includes(output));
  const reading = touching((k) => k.reads.includes(input));
  const [at] = writing;
  if (at === undefined || writing.length > 1 || reading.length === 0) return false;
  // what runs again and again may read what it wrote before
  if ([...writing, ...reading].some((i) => pass.steps[i]?.loops)) return false;
  return reading.every(
    (i) =>
      i <= at &&
      steps[i]?.every(
        (k) => !k.reads.includes(input) || readsWhereItWrites(k, input, i === at ? [output] : k.writes),
      ),
  );
}

/** An element by its offset, and when it is touched. */
interface Touch {
  readonly offset: Int;
  readonly turn: number;
}

/**
 * Whether, in each run of statements that no loop parts, every element of x that is read is an element of y that is stored there,
 * not before. Every element of y is stored once, so no other turn of a loop stores it.
 */
function readsWhereItWrites(kernel: Kernel, input: string, outputs: readonly string[]): boolean {
  if (kernel.reads.some((name) => outputs.includes(name))) return false;
  let good = true;
  const changing = new Set<string>();
  const visit = (body: readonly Code[]): void => {
    const reads: Touch[] = [];
    const stores: Touch[] = [];
    let turn = 0;
    const expression = (e: Expression): void => {
      if (e.kind !== "read" || e.tensor !== input) return;
      const [offset] = e.subscripts;
      if (offset) reads.push({ offset, turn });
    };
    const value = (v: Expression | Int): void => {
      if (v.kind !== "int") walk(v, { expression });
    };
    const condition = (c: Condition): void => walkCondition(c, { expression });
    const straight = (code: Code): void => {
      turn++;
      switch (code.kind) {
        case "loop":
          return visit(code.body);
        case "integer":
          return;
        case "counter":
          changing.add(code.name);
          return;
        case "assign":
          changing.add(code.name);
          return value(code.value);
        case "real":
        case "accumulator":
          return value(code.value);
        case "store":
          value(code.value);
          if (outputs.includes(code.buffer)) stores.push({ offset: code.offset, turn });
          return;
        case "accumulate":
        case "fill":
          value(code.value);
          if (outputs.includes(code.buffer)) good = false;
          return;
        case "call":
          code.reals?.forEach(value);
          if (code.buffers?.some((b) => b === input || outputs.includes(b))) good = false;
          return;
        case "if":
          condition(code.condition);
          code.then.forEach(straight);
          code.otherwise.forEach(straight);
          return;
      }
    };
    body.forEach(straight);
    const own = ({ offset, turn: when }: Touch): boolean =>
      stores.some((s) => s.turn >= when && integer.equal(s.offset, offset));
    if (!reads.every(own)) good = false;
    // an offset by a counter is another one at another time
    if (reads.some(({ offset }) => [...integer.variablesOf(offset)].some((name) => changing.has(name))))
      good = false;
  };
  visit(kernel.body);
  return good;
}

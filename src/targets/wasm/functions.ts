/** The functions that modules have of their own: what WebAssembly lacks. */
import type { Instruction, WasmFunction } from "./encode/instructions.js";
import { circular } from "./math/circular.js";
import { errorFunctions } from "./math/error.js";
import { exponentials } from "./math/exponential.js";
import { integerFunctions } from "./math/integers.js";

const own = { ...exponentials, ...circular, ...errorFunctions, ...integerFunctions };
export type OwnHelper = keyof typeof own;
/** By their names. */
export const library: Readonly<Record<OwnHelper, WasmFunction>> = own;

/** The functions called and those that they call, in the order of the table. */
export function withCalled(
  called: ReadonlySet<string>,
  table: Readonly<Record<string, WasmFunction>> = library,
): readonly WasmFunction[] {
  const all = new Set<WasmFunction>();
  const include = (name: string): void => {
    const f = table[name];
    if (!f || all.has(f)) return;
    all.add(f);
    f.body.forEach((i) => callsIn(i).forEach(include));
  };
  called.forEach(include);
  return Object.values(table).filter((f) => all.has(f));
}

/** What an instruction is made of. */
export function partsOf(i: Instruction): readonly Instruction[] {
  switch (i.kind) {
    case "constant":
    case "lanes":
    case "get":
      return [];
    case "set":
    case "tee":
      return [i.value];
    case "operation":
    case "lane":
    case "shuffle":
    case "call":
      return i.operands;
    case "load":
      return [i.address];
    case "store":
      return [i.address, i.value];
    case "fill":
      return [i.address, i.byte, i.count];
    case "loop":
    case "block":
      return i.body;
    case "if":
      return [i.condition, ...i.then, ...i.otherwise];
    case "branch":
      return i.condition ? [i.condition] : [];
    case "return":
      return i.value ? [i.value] : [];
  }
}
const callsIn = (i: Instruction): readonly string[] => [
  ...(i.kind === "call" ? [i.name] : []),
  ...partsOf(i).flatMap(callsIn),
];

/** What WebAssembly calls the language's functions: an instruction, or a function of the module's own. */
import type { FunctionName } from "../../notation/expression.js";
import type { Instruction, WasmFunction } from "./encode/instructions.js";
import { circular } from "./math/circular.js";
import { errorFunctions } from "./math/error.js";
import { exponentials } from "./math/exponential.js";
import { integerFunctions } from "./math/integers.js";

export const spellings: Readonly<
  Record<FunctionName | "cube", { readonly instruction: string } | { readonly call: string }>
> = {
  exp: { call: "exp" },
  log: { call: "log" },
  log1p: { call: "log1p" },
  expm1: { call: "expm1" },
  sqrt: { instruction: "f64.sqrt" },
  abs: { instruction: "f64.abs" },
  sign: { call: "sign" },
  sin: { call: "sin" },
  cos: { call: "cos" },
  tan: { call: "tan" },
  tanh: { call: "tanh" },
  sinh: { call: "sinh" },
  cosh: { call: "cosh" },
  asin: { call: "asin" },
  acos: { call: "acos" },
  atan: { call: "atan" },
  atan2: { call: "atan2" },
  sigmoid: { call: "sigmoid" },
  softplus: { call: "softplus" },
  relu: { call: "relu" },
  erf: { call: "erf" },
  gelu: { call: "gelu" },
  square: { call: "square" },
  cube: { call: "cube" },
  min: { instruction: "f64.min" },
  max: { instruction: "f64.max" },
  mod: { call: "mod" },
  floor: { instruction: "f64.floor" },
  ceil: { instruction: "f64.ceil" },
  round: { instruction: "f64.nearest" },
};

const library: ReadonlyMap<string, WasmFunction> = new Map(
  [...exponentials, ...circular, ...errorFunctions, ...integerFunctions].map((f) => [f.name, f]),
);
/** All that the module may have of its own. */
export const libraryNames: readonly string[] = [...library.keys()];

/** The functions called and those that they call, in the order of the library. */
export function withCalled(called: ReadonlySet<string>): readonly WasmFunction[] {
  const all = new Set<string>();
  const include = (name: string): void => {
    const f = library.get(name);
    if (!f || all.has(name)) return;
    all.add(name);
    f.body.forEach((i) => callsIn(i).forEach(include));
  };
  called.forEach(include);
  return [...library.values()].filter((f) => all.has(f.name));
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

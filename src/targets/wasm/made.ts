/** Functions made of the formulas of the language's records, and all that a module carries. */
import { madeBy } from "../code/helpers.js";
import { Context } from "./context.js";
import type { WasmFunction } from "./encode/instructions.js";
import { library, withCalled } from "./functions.js";
import { vectorLibrary } from "./math/vectors.js";
import { spellReal } from "./reals.js";

/** The functions of the library and the made ones that are called, and those that they call. */
export function functionsCalled(called: ReadonlySet<string>): readonly WasmFunction[] {
  const made = Object.fromEntries(Object.values(madeFunctions()).map((f) => [f.name, f]));
  return withCalled(called, { ...library, ...vectorLibrary, ...made });
}

const madeFunctions = madeBy("wasm", ({ as, parameters, formula }): WasmFunction => {
  const nothing = new Set<string>();
  const context = new Context(new Map(), new Map(), { natural: nothing, positive: nothing, reals: nothing });
  const takes = parameters.map((name) => context.declare(name, "f64"));
  const body = [spellReal(formula, context)];
  const locals = context.locals.filter((l) => !takes.includes(l.name));
  const typed = takes.map((name) => ({ name, type: "f64" as const }));
  return { name: as, parameters: typed, result: "f64", locals, body };
});

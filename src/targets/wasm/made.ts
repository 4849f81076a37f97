/** Functions made of the formulas of the language's records, and all that a module carries. */
import { madeAmong } from "../code/helpers.js";
import { Context } from "./context.js";
import type { WasmFunction } from "./encode/instructions.js";
import { library, withCalled } from "./functions.js";
import { vectorLibrary } from "./math/vectors.js";
import { spellReal } from "./reals.js";

/** The functions of the library and the made ones that are called, and those that they call. */
export const functionsCalled = (called: ReadonlySet<string>): readonly WasmFunction[] =>
  withCalled(called, { ...library, ...vectorLibrary, ...madeFunctions() });

const madeFunctions = (): Readonly<Record<string, WasmFunction>> =>
  Object.fromEntries(
    madeAmong("wasm").map(({ made, parameters }) => {
      const nothing = new Set<string>();
      const context = new Context(new Map(), new Map(), {
        natural: nothing,
        positive: nothing,
        reals: nothing,
      });
      const takes = parameters.map((name) => context.declare(name, "f64"));
      const body = [spellReal(made.formula, context)];
      const locals = context.locals.filter((l) => !takes.includes(l.name));
      const typed = takes.map((name) => ({ name, type: "f64" as const }));
      return [made.as, { name: made.as, parameters: typed, result: "f64", locals, body }];
    }),
  );

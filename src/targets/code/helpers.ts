/** Helpers: functions of a target's own, which generated code carries where it uses them. */
import { printExpression } from "../../language/print.js";
import type { Expression } from "../../notation/expression.js";
import { u, v } from "../../primitives/formulas.js";
import { functionNames, isBinary, primitives, type FunctionName } from "../../primitives/index.js";
import type { Spelling } from "../../primitives/record.js";
export interface Needing<Name extends string = string> {
  /** Helpers that it calls. */
  readonly needs?: readonly Name[];
}
export interface Helper<Name extends string = string> extends Needing<Name> {
  readonly source: string;
}
type Table<Name extends string> = Readonly<Record<Name, Needing<Name>>>;

export const namesOf = <Name extends string>(table: Table<Name>): readonly Name[] =>
  Object.keys(table).filter((name): name is Name => Object.hasOwn(table, name));

/** The helpers used and those that they need, always in the order of the table. */
export function withNeeds<Name extends string>(table: Table<Name>, used: Iterable<Name>): readonly Name[] {
  const all = new Set<Name>();
  const include = (name: Name): void => {
    all.add(name);
    table[name].needs?.forEach(include);
  };
  for (const name of used) include(name);
  return namesOf(table).filter((name) => all.has(name));
}

/** A helper that a target makes of the formula that a function's record gives. */
export type MadeHelper = `made ${FunctionName}`;
export const madeOf = (name: FunctionName): MadeHelper => `made ${name}`;
type Target = keyof (typeof primitives)[FunctionName]["spelled"];

/** What a target calls a function by: a name of its own, or a helper's. */
export function wordOf<Own extends string>(
  name: FunctionName,
  spelling: Spelling<Own>,
  need: (helper: Own | MadeHelper, as: string) => string,
): string {
  if ("own" in spelling) return spelling.own;
  return "helper" in spelling ? need(spelling.helper, spelling.helper) : need(madeOf(name), spelling.as);
}
/** The functions that a target makes, with their formulas. */
const madeIn = (target: Target) =>
  functionNames().flatMap((name) => {
    const spelling = primitives[name].spelled[target];
    return "formula" in spelling ? [{ name, spelling }] : [];
  });
/** What those helpers are called that a target makes. */
export const madeNames = (target: Target): readonly string[] =>
  madeIn(target).map(({ spelling }) => spelling.as);

/** A formula to be made a helper, written with these parameters. */
export interface MadeFormula {
  readonly as: string;
  readonly says: string;
  readonly parameters: readonly string[];
  readonly formula: Expression;
}
/** The helpers that a target makes, by their keys, each spelled once: nothing of a layer is in them. */
export function madeBy<Spelled>(
  target: Target,
  spell: (made: MadeFormula) => Spelled,
): () => Readonly<Record<string, Spelled>> {
  const known = new Map<FunctionName, Spelled>();
  const spelled = ({ name, spelling }: ReturnType<typeof madeIn>[number]): Spelled => {
    const parameters = isBinary(name) ? ["u", "v"] : ["u"];
    const formula = spelling.formula(u, v);
    const says = `${name}(${parameters.join(", ")}) = ${printExpression(formula)}.`;
    return spell({ as: spelling.as, says, parameters, formula });
  };
  return () =>
    Object.fromEntries(
      madeIn(target).map((made) => {
        const helper = known.get(made.name) ?? spelled(made);
        known.set(made.name, helper);
        return [madeOf(made.name), helper];
      }),
    );
}

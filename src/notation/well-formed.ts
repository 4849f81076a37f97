/**
 * What holds of statements between passes, whatever the pass: every tensor is declared and defined once, and read after
 * that with a subscript for each axis; every index is bound once; no name is open. Run after every pass in tests; a build does
 * without.
 */
import type { Binder, Condition, Expression, Read } from "./expression.js";
import { recurrencesIn } from "./components.js";
import * as integer from "./integer.js";
import type { Int } from "./integer.js";
import { isGiven, type Layer, type Statement, type Tensor } from "./layer.js";
import { mapChildren, mapConditionChildren } from "./traverse.js";

/** The declarations around statements: a layer, or what is derived from one. */
export type Declared = Pick<Layer, "sizes" | "params" | "derived" | "constants" | "tensors">;

/** What is wrong, each in a line; nothing where all holds. */
export function faultsOf(declared: Declared, statements: readonly Statement[]): readonly string[] {
  const faults: string[] = [];
  const tensors = new Map(declared.tensors.map((t) => [t.name, t]));
  if (tensors.size < declared.tensors.length) faults.push("a tensor is declared twice");
  const names = [declared.sizes, ...[declared.params, declared.derived].map((l) => l.map((n) => n.name))];
  const fixed = new Set(names.flat());
  const reals = new Set([...declared.params, ...declared.constants].map((n) => n.name));
  const known = new Set(
    declared.tensors.filter((t) => isGiven(t) || t.role === "cotangent").map((t) => t.name),
  );
  const recurrences = recurrencesIn(statements);
  for (const statement of statements) {
    // in a recurrence what is defined below may be read
    const group = recurrences.get(statement.tensor);
    const ahead = group ? new Set([...known, ...group.map((s) => s.tensor)]) : known;
    const check = new Check(statement, { tensors, known, ahead, fixed, reals });
    faults.push(...check.faults());
    known.add(statement.tensor);
  }
  return faults;
}

interface Surroundings {
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** Tensors that are given or defined before. */
  readonly known: ReadonlySet<string>;
  /** Those that may be read: of a recurrence all. */
  readonly ahead: ReadonlySet<string>;
  readonly fixed: ReadonlySet<string>;
  readonly reals: ReadonlySet<string>;
}

class Check {
  private readonly found: string[] = [];
  private readonly statement: Statement;
  private readonly around: Surroundings;

  constructor(statement: Statement, around: Surroundings) {
    this.statement = statement;
    this.around = around;
  }

  faults(): readonly string[] {
    const { tensor, indices, subscripts, body } = this.statement;
    const { tensors, known, fixed } = this.around;
    const own = tensors.get(tensor);
    if (!own) this.fault("is not declared");
    if (known.has(tensor)) this.fault("is defined twice");
    if (own && own.shape.length !== subscripts.length) this.fault("has another number of axes on the left");
    const scope = new Set(indices.map((i) => i.name));
    if (scope.size < indices.length) this.fault("has an index twice");
    for (const { extent } of indices) this.int(extent, new Set());
    for (const s of subscripts) this.int(s, scope);
    for (const extent of own?.shape ?? []) this.int(extent, new Set());
    for (const name of scope)
      if (fixed.has(name)) this.fault(`calls an index ${name} as a size or param is called`);
    this.expression(body, scope);
    return this.found;
  }

  private fault(what: string): void {
    this.found.push(`${this.statement.tensor} ${what}`);
  }

  private expression(e: Expression, scope: ReadonlySet<string>): void {
    if (e.kind === "parameter" && !this.around.reals.has(e.name))
      this.fault(`uses ${e.name}, which is no real value`);
    if (e.kind === "read") this.read(e);
    if (e.kind === "pad") this.read(e.read);
    const inner = e.kind === "reduction" ? this.binders(e.binders, scope) : scope;
    mapChildren(e, {
      expression: (part) => (this.expression(part, inner), part),
      condition: (part) => (this.condition(part, inner), part),
      int: (value) => (this.int(value, inner), value),
    });
  }
  private condition(c: Condition, scope: ReadonlySet<string>): void {
    const inner = c.kind === "any" || c.kind === "all" ? this.binders(c.binders, scope) : scope;
    mapConditionChildren(c, {
      expression: (part) => (this.expression(part, inner), part),
      condition: (part) => (this.condition(part, inner), part),
      int: (value) => (this.int(value, inner), value),
    });
  }

  private binders(binders: readonly Binder[], scope: ReadonlySet<string>): ReadonlySet<string> {
    const inner = new Set(scope);
    for (const { name, lower, upper } of binders) {
      this.int(lower, inner);
      this.int(upper, inner);
      if (inner.has(name) || this.around.fixed.has(name))
        this.fault(`binds ${name} where it means something already`);
      inner.add(name);
    }
    return inner;
  }

  private int(value: Int, scope: ReadonlySet<string>): void {
    for (const name of integer.variablesOf(value))
      if (name.startsWith("?")) this.fault("has an open range");
      else if (!scope.has(name) && !this.around.fixed.has(name) && !name.includes("/"))
        this.fault(`uses ${name}, which is bound nowhere`);
    integer.eachAtom(value, (atom) => {
      if (atom.kind === "element")
        this.read({ kind: "read", tensor: atom.tensor, subscripts: atom.subscripts });
    });
  }

  private read({ tensor, subscripts }: Read): void {
    const own = this.around.tensors.get(tensor);
    if (!own) return this.fault(`reads ${tensor}, which is not declared`);
    if (!this.around.ahead.has(tensor)) this.fault(`reads ${tensor}, which is not defined before`);
    if (own.shape.length !== subscripts.length)
      this.fault(`reads ${tensor}, which has ${own.shape.length} axes, by ${subscripts.length} subscripts`);
  }
}

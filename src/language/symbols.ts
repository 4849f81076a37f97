/** The symbol table of a file, and sizes, constants and shapes resolved. */
import type { Expression } from "../notation/expression.js";
import type { Int } from "../notation/integer.js";
import type { DerivedSize, Param, RealConstant } from "../notation/layer.js";
import { cotangentName } from "../notation/layer.js";
import type { Span } from "../notation/span.js";
import { wholeDefinitions } from "./calls/whole-names.js";
import { constantValue } from "./constants.js";
import type { Declaration, DeclarationOf, Name } from "./declarations.js";
import { checkDefined, checkHelper, toExpression } from "./expressions.js";
import { toInt } from "./integers.js";
import { say } from "./messages.js";
import { isBuiltIn, isPlanMember, isReduction, isTaken, meant } from "./names.js";
import { integerNames, integerTensors, type Definition } from "./roles.js";
import type { Scope, Symbols, TensorEntry } from "./scope.js";
import { maximumDepth, type Report } from "./tokens.js";
import { eachName } from "./tree.js";

export interface Declared {
  readonly symbols: Symbols;
  readonly params: readonly Param[];
  readonly sizes: readonly string[];
  /** Calls of layers add their own to these. */
  readonly derived: DerivedSize[];
  readonly constants: RealConstant[];
  /** Bracketless definitions that are sizes or constants; the others are statements. */
  readonly values: ReadonlySet<Declaration>;
  /** Bracketless definitions of whole tensors. */
  readonly wholes: ReadonlySet<Declaration>;
}

/** Declares every name of the file and resolves what is no statement. */
export function declare(
  declarations: readonly Declaration[],
  layers: Symbols["layers"],
  doubtful: Set<string>,
  report: Report,
  scopeOf: (symbols: Symbols) => Scope,
): Declared {
  const wholes = wholeDefinitions(declarations, layers);
  const symbols: Symbols = {
    values: new Map(),
    tensors: new Map(),
    helpers: new Map(),
    unknowns: 0,
    divisors: new Set(),
    cotangents: new Map(),
    layers,
    announced: { later: definedTensors(declarations, wholes), doubtful },
    integers: integerTensors(declarations, layers),
    rounded: new Map(),
  };
  const firstAt = new Map<string, Span>();
  /**
   * Whether the name is the first of its kind in its namespace; else the problem is reported. A name that means something in
   * the language is reported too, but stands: its uses are no errors of their own.
   */
  const claimName = (name: Name, namespace: string): boolean => {
    const allowed = isAllowed(name, report);
    const first = firstAt.get(namespace + name.text);
    if (first && allowed) report(name, say.declaredTwice(name.text));
    if (!first) firstAt.set(namespace + name.text, name);
    return !first;
  };

  const scalars = scalarDefinitions(declarations, positionsAsIntegers(declarations, layers), wholes);
  const definitions = new Map<string, Definition>();
  for (const d of declarations)
    if (
      d.kind === "definition" &&
      d.subscripts === undefined &&
      !wholes.has(d) &&
      !scalars.has(d.name.text) &&
      claimName(d.name, "value ")
    )
      definitions.set(d.name.text, d);
  const integers = integerNames(declarations, definitions, layers);

  const params = declarations.flatMap((d) =>
    d.kind === "param" && claimName(d.name, "value ") ? [paramOf(d, integers, symbols, report)] : [],
  );
  for (const [name, d] of definitions)
    symbols.values.set(name, { kind: integers.has(name) ? "derived" : "constant", at: d.name });

  const tensors = declarations.filter((d) => d.kind === "tensor");
  for (const d of tensors) {
    const free = claimName(
      d.name,
      d.shape || symbols.announced.later.has(d.name.text) ? "tensor " : "value ",
    );
    if (isPlanMember(d.name.text)) report(d.name, say.planMember(d.name.text));
    if (!free) continue;
    if (symbols.tensors.has(d.name.text)) report(d.name, say.declaredTwice(d.name.text));
    else symbols.tensors.set(d.name.text, entryOf(d));
  }
  const sizes = introduceSizes(tensors, symbols, report);
  for (const d of declarations) if (d.kind === "helper") addHelper(d, symbols, claimName, report);
  reserveCotangents(declarations, symbols, report);

  const scope: Scope = scopeOf(symbols);
  for (const helper of symbols.helpers.values()) checkHelper(helper, scope);
  for (const d of tensors) resolveShape(d, symbols, scope);
  const { derived, constants } = resolveDefinitions(definitions, integers, scope, report);
  return { symbols, params, sizes, derived, constants, values: new Set(definitions.values()), wholes };
}

/** Tensors that a line with subscripts on its left defines, or as a whole. */
const definedTensors = (
  declarations: readonly Declaration[],
  wholes: ReadonlySet<Declaration>,
): ReadonlySet<string> =>
  new Set(
    declarations.flatMap((d) =>
      d.kind === "definition" && (d.subscripts || wholes.has(d)) ? namesDefined(d) : [],
    ),
  );
/** What a line defines: of a call with several outputs each of them. */
const namesDefined = ({ name, others = [] }: Definition): readonly string[] =>
  [name, ...others].map(({ text }) => text);

function isAllowed(name: Name, report: Report): boolean {
  const complaint = isTaken(meant(name.text))
    ? say.taken(name.text)
    : name.text.includes("'")
      ? say.prime(name.text)
      : undefined;
  if (complaint) report(name, complaint);
  return complaint === undefined;
}

/** Bracketless definitions that are an argmax and stand in a subscript: integers of which no formula over sizes is known. */
function positionsAsIntegers(
  declarations: readonly Declaration[],
  layers: Symbols["layers"],
): ReadonlySet<string> {
  const definitions = declarations.flatMap((d) => (d.kind === "definition" && !d.subscripts ? [d] : []));
  const integers = integerNames(declarations, new Map(definitions.map((d) => [d.name.text, d])), layers);
  const isPosition = ({ tree }: Definition): boolean =>
    tree.kind === "reduction" && (tree.name === "argmax" || tree.name === "argmin");
  return new Set(
    definitions.flatMap((d) => (isPosition(d) && integers.has(d.name.text) ? [d.name.text] : [])),
  );
}

/** Bracketless definitions that are scalar tensors: declared so, positions, or reading tensors. */
function scalarDefinitions(
  declarations: readonly Declaration[],
  positions: ReadonlySet<string>,
  wholes: ReadonlySet<Declaration>,
): ReadonlySet<string> {
  const scalars = new Set(positions);
  const bracketed = definedTensors(declarations, wholes);
  for (const d of declarations) {
    if (d.kind === "tensor" && d.shape === undefined && !bracketed.has(d.name.text)) {
      scalars.add(d.name.text);
      if (d.role === "output") scalars.add(cotangentName(d.name.text));
    }
    if (d.kind === "tensor" && d.shape?.length === 0) scalars.add(d.name.text);
  }
  for (const d of declarations) {
    if (d.kind !== "definition" || d.subscripts !== undefined || wholes.has(d)) continue;
    eachName(d.tree, (name, access) => {
      if (access || scalars.has(name)) scalars.add(d.name.text);
    });
  }
  return scalars;
}

function paramOf(
  d: DeclarationOf<"param">,
  integers: ReadonlyMap<string, string>,
  symbols: Symbols,
  report: Report,
): Param {
  const name = d.name.text;
  const why = integers.get(name);
  const value = constantValue(d.tree, report) ?? 0;
  if (why !== undefined && !Number.isSafeInteger(value)) report(d.tree, say.integerParam(name, why));
  const type = why === undefined ? "real" : "integer";
  symbols.values.set(name, { kind: "param", type, value, at: d.name });
  return { name, type, value, at: { start: d.start, end: d.end } };
}

function entryOf(d: DeclarationOf<"tensor">): TensorEntry {
  const given = d.role !== "output" && d.role !== "local";
  return {
    name: d.name.text,
    role: d.role,
    at: d.name,
    declaration: { start: d.start, end: d.end },
    rank: d.shape ? d.shape.length : given ? 0 : undefined,
    shape: given && !d.shape ? [] : undefined,
    type: d.role === "index" ? "integer" : "real",
    bound: undefined,
    lowest: d.role === "index" ? 0 : undefined,
    rounded: undefined,
    state: given ? "given" : "declared",
    definedAt: undefined,
  };
}

/** Sizes are the names in the brackets of given tensors and after an index line's `<` that are nothing else. */
function introduceSizes(
  tensors: readonly DeclarationOf<"tensor">[],
  symbols: Symbols,
  report: Report,
): string[] {
  const sizes: string[] = [];
  for (const d of tensors) {
    if (d.role === "output" || d.role === "local") continue;
    for (const tree of [...(d.shape ?? []), ...(d.bound ? [d.bound] : [])])
      eachName(tree, (name, access) => {
        if (access || symbols.values.has(name)) return;
        if (
          symbols.tensors.get(name)?.rank === 0 ||
          !isAllowed({ text: name, start: tree.start, end: tree.end }, report)
        )
          return;
        symbols.values.set(name, { kind: "size", at: tree });
        sizes.push(name);
      });
  }
  return sizes;
}

function addHelper(
  d: DeclarationOf<"helper">,
  symbols: Symbols,
  claimName: (name: Name, namespace: string) => boolean,
  report: Report,
): void {
  const { name, parameters, tree } = d;
  if (isBuiltIn(name.text) && !isReduction(name.text)) return report(name, say.builtIn(name.text));
  if (!claimName(name, "function ")) return;
  const seen = new Set<string>();
  for (const p of parameters) {
    if (seen.has(p.text)) report(p, say.declaredTwice(p.text));
    isAllowed(p, report);
    seen.add(p.text);
  }
  symbols.helpers.set(name.text, { name, parameters, tree });
}

/**
 * `dT` belongs to the differentiated and output tensors: no other tensor, and where T is a scalar no other value,
 * may be called so. Of an intermediate T it may be claimed.
 */
function reserveCotangents(declarations: readonly Declaration[], symbols: Symbols, report: Report): void {
  const reserved = new Set<string>();
  for (const d of declarations) {
    const definesTensor = d.kind === "definition" && !symbols.values.has(d.name.text);
    const real = d.kind === "tensor" && d.role !== "data" && d.role !== "index";
    if (!definesTensor && !real) continue;
    const name = cotangentName(d.name.text);
    for (const defined of d.kind === "definition" ? namesDefined(d) : [d.name.text])
      symbols.cotangents.set(cotangentName(defined), defined);
    if (d.kind !== "tensor" || d.role === "local") continue;
    reserved.add(name);
    if (isPlanMember(name)) report(d.name, say.planMember(name));
  }
  for (const d of declarations) {
    if (d.kind !== "tensor" && d.kind !== "definition" && d.kind !== "param") continue;
    const of = symbols.cotangents.get(d.name.text);
    if (of === undefined || !reserved.has(d.name.text)) continue;
    const bracketed = (d.kind === "tensor" || d.kind === "definition") && !symbols.values.has(d.name.text);
    if (bracketed || symbols.tensors.get(of)?.rank === 0) report(d.name, say.gradientName(d.name.text, of));
  }
  for (const d of declarations) {
    if (d.kind !== "tensor" || d.role !== "output" || symbols.tensors.has(cotangentName(d.name.text)))
      continue;
    const of = symbols.tensors.get(d.name.text);
    const name = cotangentName(d.name.text);
    if (of) symbols.tensors.set(name, { ...of, name, role: "cotangent", state: "given" });
  }
}

function resolveShape(d: DeclarationOf<"tensor">, symbols: Symbols, scope: Scope): void {
  const entry = symbols.tensors.get(d.name.text);
  if (!entry || entry.at !== d.name) return;
  const inner = { ...scope, noTensors: `the shape of ${d.name.text}` };
  if (d.shape) entry.shape = d.shape.map((extent) => toInt(extent, inner));
  if (d.bound) entry.bound = toInt(d.bound, inner);
}

/** Sizes and constants, each after what it is computed from; a cycle is an error. */
function resolveDefinitions(
  definitions: ReadonlyMap<string, Definition>,
  integers: ReadonlyMap<string, string>,
  scope: Scope,
  report: Report,
): { derived: DerivedSize[]; constants: RealConstant[] } {
  const derived: DerivedSize[] = [];
  const constants: RealConstant[] = [];
  const done = new Map<string, "under way" | "done">();
  const resolve = (d: Definition, depth = 0): void => {
    const name = d.name.text;
    if (depth > maximumDepth) return report(d.name, say.definitionsTooDeep());
    done.set(name, "under way");
    let cyclic = false;
    eachName(d.tree, (other, access) => {
      const needed = access ? undefined : definitions.get(other);
      if (!needed || cyclic) return;
      if (done.get(other) === "under way") {
        cyclic = true;
        report(d.name, say.cycle(name, other));
      } else if (!done.has(other)) resolve(needed, depth + 1);
    });
    done.set(name, "done");
    if (cyclic) return;
    const at = { start: d.start, end: d.end };
    const inner = { ...scope, noTensors: `the definition of ${name}` };
    const value: Int | Expression = integers.has(name) ? toInt(d.tree, inner) : toExpression(d.tree, inner);
    if (value.kind === "int") derived.push({ name, value, at });
    else {
      checkDefined(value, d.tree, inner);
      constants.push({ name, value, at });
    }
  };
  for (const d of definitions.values()) if (!done.has(d.name.text)) resolve(d);
  return { derived, constants };
}

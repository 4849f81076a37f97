/** Text to layer: lines, declarations, names, statements. */
import {
  cotangentName,
  type Assignment,
  type Layer,
  type Param,
  type Requirement,
  type Statement,
  type Tensor,
  type Variant,
} from "../notation/layer.js";
import { isSameSpan, type Span } from "../notation/span.js";
import { toCondition } from "./conditions.js";
import { constantValue } from "./constants.js";
import type { Declaration, Setting } from "./declarations.js";
import { overviewOf } from "./habits/overview.js";
import { splitLines, usedNames } from "./lines.js";
import { say, type Complaint } from "./messages.js";
import { exportComplaint, folderOf, nearest } from "./names.js";
import { layersUsed } from "./calls/uses.js";
import type { Context } from "./calls/context.js";
import { noLibrary, type Library } from "./calls/library.js";
import { addWhole } from "./calls/whole.js";
import { introducedNames, parseDeclaration } from "./parse-declaration.js";
import { markPositive } from "./positive.js";
import type { Problem, Source } from "./problem.js";
import type { Symbols, TensorEntry } from "./scope.js";
import { addStatement, topScope, type Statements } from "./statements.js";
import { declare } from "./symbols.js";

export interface Parsed {
  /** Undefined where there is any problem. Extents that the text leaves open are variables that begin with `?`. */
  readonly layer: Layer | undefined;
  readonly problems: readonly Problem[];
  readonly source: Source;
}

const largestFile = 1_000_000;
/** Reading stops here: a text with so many problems is no layer. */
const mostProblems = 200;
class TooManyProblems extends Error {}

/**
 * Reads a layer. Never throws: whatever is wrong with the text is among `problems`, in the order of the text.
 * @param file the layer's file; its base name without `.layer` is the layer's name
 * @param library the layers that it may call
 */
export function parseLayer(text: string, file: string, library: Library = noLibrary): Parsed {
  const strict = attempt(text, file, library);
  if (strict.problems.length === 0) return strict;
  // a text that is wrong is read again, for habits from other notations in the lines that are
  const told = attempt(text, file, library, (from, to) =>
    strict.problems.some(({ span }) => span.start <= to && from <= span.end),
  );
  return told.problems.length > 0 ? told : strict;
}

/** One reading; `suspect` says in which lines to look for habits from other notations, nowhere where it is left out. */
function attempt(
  text: string,
  file: string,
  library: Library,
  suspect?: (from: number, to: number) => boolean,
): Parsed {
  const source = { file, text };
  const problems: Problem[] = [];
  const seen = new Set<string>();
  const made: Span[] = [];
  const about = new Map<string, number>();
  const report = (at: Span, complaint: Complaint): void => {
    // parts that a mend has exchanged may end before they begin
    const start = Math.min(at.start, at.end, text.length);
    const end = Math.min(Math.max(at.start, at.end), text.length);
    if (complaint.made) made.push(...complaint.made);
    else if (made.some((put) => put.start < end && start < put.end)) return;
    const key = `${start} ${end} ${complaint.code}`;
    if (seen.has(key)) return;
    seen.add(key);
    const here = problemAt({ start, end }, complaint, text);
    const origin = complaint.origin ?? at.origin;
    const problem = origin ? { ...here, span: { start, end, origin } } : here;
    const name = complaint.about === undefined ? undefined : `${complaint.code} ${complaint.about}`;
    const told = name === undefined ? undefined : about.get(name);
    const first = told === undefined ? undefined : problems[told];
    if (told !== undefined && first) {
      // the same name again: its mend is in both places
      if (first.mend && problem.mend) problems[told] = { ...first, mend: [...first.mend, ...problem.mend] };
      return;
    }
    if (name !== undefined) about.set(name, problems.length);
    problems.push(problem);
    if (problems.length >= mostProblems) throw new TooManyProblems();
  };
  const name = layerName(file);
  const unfit = exportComplaint(name);
  if (unfit !== undefined) report({ start: 0, end: 0 }, say.layerName(name, unfit));
  const unreadable = unreadableAt(text);
  let layer: Layer | undefined;
  if (text.length > largestFile) report({ start: 0, end: 0 }, say.fileTooLarge());
  else if (unreadable >= 0) report({ start: unreadable, end: unreadable + 1 }, say.binary());
  else
    try {
      layer = readLayer(text, { name, library }, report, suspect, (found) => {
        if (!problems.some((p) => p.code === found.code && isSameSpan(p.span, found.span)))
          problems.push(found);
      });
    } catch (error) {
      if (!(error instanceof TooManyProblems)) throw error;
    }
  problems.sort((a, b) => a.span.start - b.span.start);
  return { layer: problems.length === 0 ? layer : undefined, problems, source };
}

/** A complaint at its place, with its mend as edits of the text. */
function problemAt(span: Span, complaint: Complaint, text: string): Problem {
  const { code, message, instead, around } = complaint;
  const there = text.slice(span.start, span.end);
  const [before, after] = around ?? [];
  const mend =
    instead && there === instead.name
      ? [{ ...span, text: instead.meant }]
      : before !== undefined
        ? [{ ...span, text: `${before}${there}${after}` }]
        : complaint.mend;
  const hint = before === undefined ? complaint.hint : `write ${before}${there}${after}`;
  return {
    code,
    message,
    span,
    ...(hint !== undefined && { hint }),
    ...(mend?.every((edit) => edit.start <= edit.end) && { mend }),
  };
}

/** The name that a file gives its layer. */
export const layerName = (file: string): string => (file.split(/[/\\]/).at(-1) ?? "").replace(/\.layer$/, "");

/** Where a NUL or a character stands that no text has (an undecodable byte, half a surrogate pair); -1: nowhere. */
function unreadableAt(text: string): number {
  return text.search(/[\0\uFFFD]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/);
}

type Report = (span: Span, complaint: Complaint) => void;

function readLayer(
  text: string,
  { name, library }: { readonly name: string; readonly library: Library },
  report: Report,
  suspect: Parameters<typeof attempt>[3],
  tell: (problem: Problem) => void,
): Layer {
  const { documentation, lines, told } = splitLines(text, suspect !== undefined);
  for (const { span, complaint } of told) report(span, complaint);
  if (lines.length === 0) report({ start: 0, end: 0 }, say.empty());
  const doubtful = new Set<string>();
  const named = usedNames(text);
  const overview = suspect && overviewOf(lines, named);
  const declarations = lines.flatMap((line) => {
    const doubted = suspect?.(line.start, line.start + line.text.length);
    const context = { overview: doubted ? overview : undefined, layers: named };
    const declaration = parseDeclaration(line, context, report);
    if (!declaration) for (const introduced of introducedNames(line)) doubtful.add(introduced);
    return declaration ?? [];
  });
  const layers = layersUsed(declarations, library, report);
  const declared = declare(declarations, layers, doubtful, report, (symbols) => topScope(symbols, report));
  const { symbols, params, sizes, derived, constants } = declared;
  const statements: Statements = { statements: [], claimHelpers: [], claims: [] };
  const requirements = requirementsOf(declarations, symbols, report);
  const soFar = (): Layer => ({
    name,
    documentation,
    params,
    sizes,
    derived,
    constants,
    requirements,
    tensors: [...symbols.tensors.values()].flatMap(tensorOf),
    ...statements,
    variants: [],
    checks: [],
  });
  const calls: Context = {
    symbols,
    report,
    into: statements,
    derived,
    constants,
    requirements,
    numbers: new Map(),
    taken: namesGiven(declarations),
    settle: settling(soFar, library, symbols, tell),
    expanded: (value) => library.expanded(soFar())(value),
  };
  for (const d of declarations)
    if (d.kind === "definition" && declared.wholes.has(d)) addWhole(d, calls);
    else if ((d.kind === "definition" && !declared.values.has(d)) || d.kind === "claim")
      addStatement(d, symbols, report, statements);
  checkComplete(declarations, symbols, statements, report);
  const layer: Layer = { ...soFar(), ...assignmentsOf(declarations, params, sizes, name, report) };
  return { ...layer, params: markPositive(layer, symbols.divisors) };
}

/** What lines introduce: no call makes a name of these. */
const namesGiven = (declarations: readonly Declaration[]): Set<string> =>
  new Set(
    declarations.flatMap((d) =>
      d.kind === "definition"
        ? [d.name.text, ...(d.others ?? []).map((o) => o.text)]
        : d.kind === "param" || d.kind === "tensor" || d.kind === "helper"
          ? [d.name.text]
          : [],
    ),
  );

/** Finds ranges and shapes of the statements that were added since it was last done: calls are read by them. */
function settling(
  soFar: () => Layer,
  { infer }: Library,
  symbols: Symbols,
  tell: (problem: Problem) => void,
): () => void {
  let [own, helping] = [0, 0];
  return () => {
    const { statements, claimHelpers, ...rest } = soFar();
    const fresh = {
      statements: statements.slice(own),
      claimHelpers: claimHelpers.slice(helping),
      claims: [],
    };
    if (fresh.statements.length + fresh.claimHelpers.length === 0) return;
    const { layer, problems } = infer({ ...rest, ...fresh });
    problems.forEach(tell);
    (statements as Statement[]).splice(own, fresh.statements.length, ...layer.statements);
    (claimHelpers as Statement[]).splice(helping, fresh.claimHelpers.length, ...layer.claimHelpers);
    [own, helping] = [statements.length, claimHelpers.length];
    for (const { name, shape, bound, rounded } of layer.tensors) {
      const entry = symbols.tensors.get(name);
      if (!entry || entry.state === "declared") continue;
      [entry.shape, entry.bound, entry.rounded] = [shape, bound, rounded];
      const cotangent = symbols.tensors.get(cotangentName(name));
      if (cotangent?.role === "cotangent") cotangent.shape = shape;
    }
  };
}

/** Everything declared as a result is defined, and something is computed. */
function checkComplete(
  declarations: readonly Declaration[],
  symbols: Symbols,
  made: Statements,
  report: Report,
): void {
  for (const entry of symbols.tensors.values())
    if (entry.state === "declared" && !symbols.announced.doubtful.has(entry.name))
      report(entry.at, say.neverDefined(entry.name, entry.role, calledLike(entry.name, symbols)));
  const output = declarations.some((d) => d.kind === "tensor" && d.role === "output");
  const last = declarations.at(-1);
  if (!output && last && symbols.announced.doubtful.size === 0)
    report(last, say.noOutput(made.statements.at(-1)?.tensor));
}

/** A tensor that is defined, declared nowhere, and called nearly so. */
const calledLike = (name: string, { tensors }: Symbols): string | undefined =>
  nearest(
    name,
    [...tensors.values()]
      .filter((t) => t.role === "local" && t.state === "defined" && t.at.start === t.definedAt?.start)
      .map((t) => t.name),
  );

function tensorOf(entry: TensorEntry): Tensor[] {
  if (entry.role === "cotangent" || entry.role === "gradient" || entry.state === "declared") return [];
  const { name, role, type, bound, lowest, rounded, at } = entry;
  return [
    {
      name,
      role,
      type,
      shape: entry.shape ?? [],
      ...(bound && { bound }),
      ...(lowest !== undefined && { lowest }),
      ...(rounded && { rounded }),
      at: { start: at.start, end: at.end },
    },
  ];
}

function requirementsOf(
  declarations: readonly Declaration[],
  symbols: Symbols,
  report: Report,
): Requirement[] {
  const scope = { ...topScope(symbols, report), noTensors: "a `require` line" };
  return declarations.flatMap((d) =>
    d.kind === "requirement"
      ? [{ condition: toCondition(d.tree, scope), message: d.message, at: { start: d.start, end: d.end } }]
      : [],
  );
}

function assignmentsOf(
  declarations: readonly Declaration[],
  params: readonly Param[],
  sizes: readonly string[],
  layer: string,
  report: Report,
): { variants: Variant[]; checks: Assignment[] } {
  const variants: Variant[] = [];
  const checks: Assignment[] = [];
  const names = new Map([[folderOf(layer), layer]]);
  for (const d of declarations) {
    const at = { start: d.start, end: d.end };
    if (d.kind === "check") checks.push({ values: valuesOf(d.settings, params, sizes, report), at });
    if (d.kind !== "variant") continue;
    const { text } = d.name;
    const unfit = exportComplaint(text);
    const other = names.get(folderOf(text));
    if (unfit !== undefined) report(d.name, say.variantName(text, unfit));
    else if (other !== undefined) report(d.name, say.variantTwice(text, other, other === layer));
    names.set(folderOf(text), text);
    variants.push({ name: text, values: valuesOf(d.settings, params, sizes, report), at });
  }
  return { variants, checks };
}

function valuesOf(
  settings: readonly Setting[],
  params: readonly Param[],
  sizes: readonly string[],
  report: Report,
): Record<string, number> {
  // without a prototype: a size may be called `constructor`
  const values: Record<string, number> = Object.create(null);
  for (const { name, tree } of settings) {
    const param = params.find((p) => p.name === name.text);
    const value = constantValue(tree, report);
    if (!param && !sizes.includes(name.text)) {
      const near = nearest(name.text, [...sizes, ...params.map((p) => p.name)]);
      report(name, say.unknownSize(name.text, near));
    } else if (name.text in values) report(name, say.setTwice(name.text));
    else if (value !== undefined && !param && !(Number.isSafeInteger(value) && value >= 1))
      report(tree, say.sizeValue(name.text));
    else if (value !== undefined && param?.type === "integer" && !Number.isSafeInteger(value))
      report(tree, say.integerValue(name.text));
    if (value !== undefined) values[name.text] = value;
  }
  return values;
}

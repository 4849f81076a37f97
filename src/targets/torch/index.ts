/** The PyTorch target: a derived layer as the text of `torch.py`. */
import { printStatement } from "../../language/print.js";
import type { Derived } from "../../calculus/derivation.js";
import { neededFor } from "../../calculus/differentiate.js";
import {
  cotangentName,
  isGiven,
  tensorOf,
  type Layer,
  type Statement,
  type Tensor,
} from "../../notation/layer.js";
import { componentsOf } from "../../notation/components.js";
import { patternsOf } from "../../patterns/pattern.js";
import { scopeOf } from "../../patterns/scope.js";
import type { PlanCheck } from "../../ranges/checks.js";
import { layerFacts, withTensors } from "../../ranges/facts.js";
import { languageText } from "../code/layer-language.js";
import { headerLine, type Header } from "../code/header.js";
import { withNeeds } from "../code/helpers.js";
import { typePrefix } from "../typescript/names.js";
import { Box } from "./box.js";
import type { Context } from "./context.js";
import { helperTable, type HelperName } from "./helpers.js";
import { laidOut } from "./layout.js";
import { moduleText } from "./module.js";
import { makeFileScope } from "./names.js";
import { writeSettings } from "./settings.js";
import { sizeSources } from "./sizes.js";
import { writeRecurrence } from "./recurrences.js";
import { writeStatement } from "./statements.js";
import { comment, docstring, tuple } from "./text.js";
import { Writer } from "./writer.js";

/** What the parts of the file have in common. */
export interface Source {
  readonly derived: Derived;
  readonly layer: Layer;
  readonly given: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** What forward hands to backward beside what is given and the outputs. */
  readonly kept: readonly Tensor[];
  /** A writer for a function of its own; names are spelled alike in all. */
  readonly writer: () => Writer;
  readonly names: { readonly layer: string; readonly function: string; readonly module: string };
}

/** The same derivation and header give the same text. @param checks what a call checks of its sizes */
export function emitTorch(derived: Derived, checks: readonly PlanCheck[], header: Header): string {
  const source = sourceOf(derived);
  const { layer, names } = source;
  const passes = [forwardFunction(source), ...(hasGradients(source) ? [autograd(source)] : [])];
  const used = new Set(passes.flatMap((p) => [...p.writer.scope.read]));
  const values = valueNames(layer).filter((name) => used.has(name));
  const call = callFunction(source, checks, values);
  const module = moduleText(source);
  const helpers = new Set<HelperName>([...passes, call].flatMap(({ writer }) => [...writer.helpers]));
  const exported = [names.layer, ...(module.length > 0 ? [names.module] : [])].map((name) => `"${name}"`);
  const sections = [
    [
      `# ${headerLine(header)}`,
      "#",
      ...comment(layer.documentation || `The layer ${layer.name}.`),
      "",
      "import torch",
      "",
      `__all__ = [${exported.join(", ")}]`,
    ],
    call.lines,
    ...(module.length > 0 ? [module] : []),
    ...passes.map((p) => p.text(values)),
    ...withNeeds(helperTable, helpers).map((name) => helperTable[name].source.trim().split("\n")),
  ];
  return `${sections.map((lines) => lines.join("\n")).join("\n\n\n")}\n`;
}

function sourceOf(derived: Derived): Source {
  const { layer } = derived;
  const given = layer.tensors.filter(isGiven);
  const outputs = layer.tensors.filter((t) => t.role === "output");
  const kept = derived.saved
    .map((name) => derived.tensors.find((t) => t.name === name))
    .filter((t) => t !== undefined && !outputs.some((o) => o.name === t.name)) as readonly Tensor[];
  const file = makeFileScope();
  const named = file.fresh(layer.name);
  const prefix = typePrefix(layer.name);
  return {
    derived,
    layer,
    given,
    outputs,
    kept,
    names: { layer: named, module: file.fresh(prefix), function: file.fresh(`${prefix}Function`) },
    writer: () => new Writer({ tensors: given.map((t) => t.name), values: valueNames(layer) }),
  };
}
/** Whether anything can be differentiated by anything. */
const hasGradients = ({ derived, outputs }: Source): boolean =>
  derived.gradients.length > 0 && outputs.some((t) => t.type === "real");
/** The tensor whose type and device the others have; none where nothing is given. */
const likeness = ({ given }: Source): Tensor | undefined => given.find((t) => t.type === "real") ?? given[0];

/** Names that stand for numbers, in the order in which they can be computed. */
const valueNames = (layer: Layer): readonly string[] => [
  ...layer.sizes,
  ...[...layer.params, ...layer.derived, ...layer.constants].map(({ name }) => name),
];

const contextFor = ({ derived, layer }: Source, writer: Writer): Context => ({
  layer,
  tensors: new Map(derived.tensors.map((t) => [t.name, t])),
  selectors: derived.selectors,
  facts: withTensors(layerFacts(layer), derived.tensors),
  scope: scopeOf({ ...layer, tensors: derived.tensors }),
  writer,
  box: Box.of([]),
  held: [],
});

/** Each statement with its formula above it. */
function writeStatements(statements: readonly Statement[], source: Source, context: Context): void {
  const printed: Layer = { ...source.layer, tensors: source.derived.tensors };
  const patterns = patternsOf(source.derived);
  const told = (s: Statement): void => void context.writer.lines.push(...comment(printStatement(s, printed)));
  for (const { statements: members, isRecurrent } of componentsOf(statements))
    if (isRecurrent) writeRecurrence(members, context, valueNames(source.layer), told);
    else
      for (const s of members) {
        told(s);
        writeStatement(s, { ...context, pattern: patterns.get(s.tensor) });
      }
}

/** A function whose text is known once it is known which values the file's functions take. */
interface Pass {
  readonly writer: Writer;
  readonly text: (values: readonly string[]) => readonly string[];
}

/** Lines before the statements: the values taken, the layer's type and device. */
function opening(
  writer: Writer,
  values: readonly string[],
  sizes: string,
  like: string | undefined,
): string[] {
  const names = values.map((name) => writer.scope.value(name));
  const words = (["dtype", "device"] as const).filter((word) => writer.words.has(word));
  const found = (word: "dtype" | "device"): string =>
    like === undefined ? (word === "dtype" ? "torch.get_default_dtype()" : "None") : `${like}.${word}`;
  return [
    ...(names.length > 0 ? [`${names.length === 1 ? `(${names[0]},)` : names.join(", ")} = ${sizes}`] : []),
    ...(words.length > 0 ? [`${words.join(", ")} = ${words.map(found).join(", ")}`] : []),
  ];
}

function forwardFunction(source: Source): Pass {
  const { derived, given, outputs, kept } = source;
  const writer = source.writer();
  writeStatements(derived.forward, source, contextFor(source, writer));
  const own = (t: Tensor): string => writer.scope.tensor(t.name);
  const like = likeness(source);
  const results = [...outputs.map(own), ...kept.map(own)];
  return {
    writer,
    text: (values) =>
      functionText(`_forward(${[...given.map(own), "sizes"].join(", ")})`, [
        ...opening(writer, values, "sizes", like && own(like)),
        ...writer.lines,
        `return ${tuple(results)}`,
      ]),
  };
}

const functionText = (head: string, lines: readonly string[], indent = 0): string[] => [
  ...laidOut(`def ${head}:`, indent),
  ...lines.flatMap((line) => laidOut(line.trimStart(), indent + 4 + line.length - line.trimStart().length)),
];

function autograd(source: Source): Pass {
  const { derived, given, outputs, kept, names } = source;
  const writer = source.writer();
  const context = contextFor(source, writer);
  const own = (t: Tensor): string => writer.scope.tensor(t.name);
  const cotangents = outputs.map((t) =>
    t.type === "real" ? writer.scope.tensor(cotangentName(t.name)) : writer.scope.fresh(`_d${t.name}`),
  );
  for (const g of derived.gradients) writer.scope.reserveTensor(g.tensor);
  writeBackward(source, context);
  const read = new Set(writer.scope.tensors);
  const keepsReals =
    kept.some((t) => t.type === "real") || derived.saved.some((n) => outputs.some((o) => o.name === n));
  const savedOutputs = outputs.filter((t) => derived.saved.includes(t.name));
  const stored = [...given.filter((t) => keepsReals || read.has(t.name)), ...savedOutputs, ...kept];
  const all = [...outputs, ...kept];
  const gradientOf = (t: Tensor): string => {
    const found = derived.gradients.find((g) => g.of === t.name);
    return found ? writer.scope.tensor(found.tensor) : "None";
  };
  const reals = outputs.filter((t) => t.type === "real");
  const integers = outputs.filter((t) => t.type === "integer");
  const like = writer.scope.tensor(cotangentName(reals[0]?.name ?? ""));
  const again = [...savedOutputs, ...kept];
  return {
    writer,
    text: (values) => [
      `class ${names.function}(torch.autograd.Function):`,
      "    @staticmethod",
      ...functionText(
        `forward(ctx, ${[...given.map(own), "sizes"].join(", ")})`,
        [
          `${tuple(all.map(own))} = _forward(${[...given.map(own), "sizes"].join(", ")})`,
          ...(stored.length > 0 ? [`ctx.save_for_backward(${stored.map(own).join(", ")})`] : []),
          ...(integers.length > 0 ? [`ctx.mark_non_differentiable(${integers.map(own).join(", ")})`] : []),
          "ctx.sizes = sizes",
          `return ${outputs.map(own).join(", ")}`,
        ],
        4,
      ),
      "",
      "    @staticmethod",
      ...functionText(
        `backward(ctx, ${cotangents.join(", ")})`,
        [
          ...(stored.length > 0 ? [`${tuple(stored.map(own))} = ctx.saved_tensors`] : []),
          ...opening(writer, values, "ctx.sizes", like),
          ...(keepsReals
            ? [
                "if torch.is_grad_enabled():",
                "    # differentiated once more: what was kept has to hang on the inputs again",
                `    ${tuple(all.map((t) => (again.includes(t) ? own(t) : "_")))} = _forward(${[...given.map(own), "ctx.sizes"].join(", ")})`,
              ]
            : []),
          ...(derived.gradients.length > 0
            ? [`${derived.gradients.map((g) => writer.scope.tensor(g.tensor)).join(" = ")} = None`]
            : []),
          ...writer.lines,
          `return ${[...given.map(gradientOf), "None"].join(", ")}`,
        ],
        4,
      ),
    ],
  };
}

/** The statements of the backward pass; those that only some gradients need run where one of these is asked for. */
function writeBackward(source: Source, context: Context): void {
  const { derived, given } = source;
  const { writer } = context;
  const serves = (s: Statement): readonly number[] =>
    derived.gradients
      .filter((g) => neededFor(derived.backward, new Set([g.tensor])).includes(s))
      .map((g) => given.findIndex((t) => t.name === g.of));
  let block:
    | { readonly key: string; readonly statements: Statement[]; readonly places: readonly number[] }
    | undefined;
  const blocks: NonNullable<typeof block>[] = [];
  for (const s of derived.backward) {
    const places = serves(s);
    const key = places.join();
    if (block?.key === key) block.statements.push(s);
    else blocks.push((block = { key, places, statements: [s] }));
  }
  for (const { places, statements } of blocks) {
    const at = writer.lines.length;
    writer.newBlock();
    writeStatements(statements, source, context);
    const asked = places.map((p) => `ctx.needs_input_grad[${p}]`).join(" or ");
    const inner = writer.lines.splice(at).map((line) => `    ${line}`);
    writer.lines.push(`if ${asked}:`, ...inner);
  }
}

/** The function that users call. */
function callFunction(
  source: Source,
  checks: readonly PlanCheck[],
  values: readonly string[],
): { readonly writer: Writer; readonly lines: readonly string[] } {
  const { layer, given, names, outputs } = source;
  const writer = source.writer();
  writeSettings(layer, checks, new Set(values), contextFor(source, writer));
  const own = (t: Tensor): string => writer.scope.tensor(t.name);
  const sizes = tuple(values.map((name) => writer.scope.value(name)));
  const tensors = given.map(own);
  const like = likeness(source);
  const result = hasGradients(source)
    ? [`return ${names.function}.apply(${[...tensors, sizes].join(", ")})`]
    : [
        "with torch.no_grad():",
        `    results = _forward(${[...tensors, sizes].join(", ")})`,
        `return ${outputs.length === 1 ? "results[0]" : "results"}`,
      ];
  const settings = settingsOf(layer, writer);
  const parameters = [...tensors, ...(settings.length > 0 ? ["*", ...settings.map((s) => s.declared)] : [])];
  const body = [...opening(writer, [], "", like && own(like)), ...writer.lines, ...result];
  return {
    writer,
    lines: functionText(`${names.layer}(${parameters.join(", ")})`, [
      docstring(signature(layer, outputs)),
      ...body,
    ]),
  };
}

/** What is given by name: sizes that no shape tells, and params. */
export function settingsOf(
  layer: Layer,
  writer: Writer,
): readonly { readonly name: string; readonly declared: string }[] {
  const spelled = (name: string): string => writer.scope.value(name);
  return [
    ...sizeSources(layer).asked.map((name) => ({ name: spelled(name), declared: spelled(name) })),
    ...layer.params.map((p) => ({ name: spelled(p.name), declared: `${spelled(p.name)}=${p.value}` })),
  ];
}

/** `x[N, C], w[K, C] -> z[N, K]` */
function signature(layer: Layer, outputs: readonly Tensor[]): string {
  const printed = (t: Tensor): string => {
    const { name } = tensorOf(layer, t.name);
    return t.shape.length === 0 ? name : `${name}[${t.shape.map((e) => languageText(e)).join(", ")}]`;
  };
  return `${layer.tensors.filter(isGiven).map(printed).join(", ")} -> ${outputs.map(printed).join(", ")}`;
}

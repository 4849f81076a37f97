/** The layers that a layer calls: their texts are found on a shelf, and each is read with those that it calls itself. */
import { specialise } from "./calculus/specialise.js";
import type { Called, Library } from "./language/calls/library.js";
import { usedNames } from "./language/lines.js";
import { say, type Complaint } from "./language/messages.js";
import { layerName, parseLayer } from "./language/parse.js";
import type { Problem, Source } from "./language/problem.js";
import { inferRanges } from "./ranges/infer.js";
import { layerFacts } from "./ranges/facts.js";
import { expand } from "./ranges/prove.js";

/** The text that holds the layer or variant of a name, seen from the text that uses it; undefined where there is none. */
export type Shelf = (name: string, from: Source) => Source | undefined;

/** Their texts by name, from `specs/`; a bundle has them inside. */
declare const standardLayers: Readonly<Record<string, string>>;

/** The standard layers. */
export const standardShelf: Shelf = shelfOf(() => standardLayers, "leibniz/");

/** A shelf of texts by their layers' names. @param folder that messages put before a file's name */
export function shelfOf(texts: () => Readonly<Record<string, string>>, folder = ""): Shelf {
  return (name) => {
    const all = texts();
    const file = Object.hasOwn(all, name) ? name : Object.keys(all).find((n) => hasVariant(all[n]!, name));
    return file === undefined ? undefined : { file: `${folder}${file}.layer`, text: all[file]! };
  };
}
/** Whether a text has a variant of that name. */
export const hasVariant = (text: string, name: string): boolean =>
  [...text.matchAll(/^\s*variant\s+([^\s:]+)\s*:/gmu)].some(([, variant]) => variant === name);

const deepest = 50;

/** What a text may call. */
export function libraryOf(source: Source, shelf: Shelf): Library {
  return within([source], shelf, new Map());
}

/** @param chain of texts, each of which uses the next; @param known layers that were read before, by text and name */
function within(chain: readonly Source[], shelf: Shelf, known: Map<string, Called | Complaint>): Library {
  return {
    find: (name) => {
      const found = shelf(name, chain.at(-1)!);
      if (!found) return say.noLayer(name);
      const at = chain.findIndex((s) => s.file === found.file && s.text === found.text);
      if (at >= 0) return say.usesItself([...chain.slice(at), found].map(({ file }) => layerName(file)));
      if (chain.length > deepest) return say.usesTooDeep();
      const key = `${found.file}\0${found.text}\0${name}`;
      const layer = known.get(key) ?? read(name, found, within([...chain, found], shelf, known));
      known.set(key, layer);
      return layer;
    },
    infer: inferRanges,
    expanded: (layer) => {
      const facts = layerFacts(layer);
      return (value) => expand(facts, value);
    },
  };
}

function read(name: string, source: Source, library: Library): Called | Complaint {
  const { layer, problems } = parseLayer(source.text, source.file, library);
  if (!layer) return unusable(name, source, problems);
  const inferred = inferRanges(layer);
  if (inferred.problems.length > 0) return unusable(name, source, inferred.problems);
  if (layer.name === name) return { layer: inferred.layer, source };
  const variant = layer.variants.find((v) => v.name === name);
  return variant ? { layer: specialise(inferred.layer, variant), source } : say.noLayer(name);
}

function unusable(name: string, source: Source, problems: readonly Problem[]): Complaint {
  const [first, ...more] = problems;
  const others = more.length === 0 ? "" : ` (and ${more.length} more)`;
  return {
    ...say.layerUnusable(name, `${first?.message ?? "it cannot be read"}${others}`),
    ...(first && { origin: { source, span: first.span } }),
  };
}

/** Every text that a text rests on, in the order in which they are named; each once. */
export function textsUsed(source: Source, shelf: Shelf): readonly Source[] {
  const found = new Map<string, Source>();
  const waiting = [source];
  for (let from = waiting.shift(); from; from = waiting.shift())
    for (const name of usedNames(from.text)) {
      const used = shelf(name, from);
      const key = used && `${used.file}\0${used.text}`;
      if (!used || key === undefined || found.has(key)) continue;
      found.set(key, used);
      waiting.push(used);
    }
  return [...found.values()];
}

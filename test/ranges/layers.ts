/** Layers for the tests of this folder, from text. */
import { parseLayer } from "../../src/language/parse.js";
import { libraryOf, standardShelf } from "../../src/library.js";
import * as integer from "../../src/notation/integer.js";
import type { Int } from "../../src/notation/integer.js";
import type { Layer } from "../../src/notation/layer.js";
import { inferRanges } from "../../src/ranges/infer.js";

/** The layer as the parser leaves it, with open extents. */
export function parsed(text: string): Layer {
  const library = libraryOf({ file: "test.layer", text }, standardShelf);
  const { layer, problems } = parseLayer(text, "test.layer", library);
  if (!layer || problems.length > 0) throw new Error(problems.map((p) => p.message).join("\n"));
  return layer;
}
/** The layer with every extent known. */
export function closed(text: string): Layer {
  const { layer, problems } = inferRanges(parsed(text));
  if (problems.length > 0) throw new Error(problems.map((p) => p.message).join("\n"));
  return layer;
}
/** What range inference says against it. */
export const rangeProblems = (text: string): readonly string[] =>
  inferRanges(parsed(text)).problems.map((p) => p.message);

/** An integer value from a formula, with `+ - *` and names. */
export const int = (text: string): Int => {
  const env = parsed(`input x[${text}]\noutput y\ny = x[0]`).tensors[0]?.shape[0];
  if (!env) throw new Error(`no value in ${text}`);
  return env;
};
export const { constant, variable } = integer;

/** The same draws every time: numbers in [0, 1). */
export function repeatable(seed = 1): () => number {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

/** The layers that a text's `use` lines name. */
import type { Declaration } from "../declarations.js";
import { say } from "../messages.js";
import { isBuiltIn, isReduction } from "../names.js";
import type { Report } from "../tokens.js";
import { isComplaint, type Called, type Library } from "./library.js";

/** By name; undefined where one cannot be used, which is reported. */
export function layersUsed(
  declarations: readonly Declaration[],
  library: Library,
  report: Report,
): ReadonlyMap<string, Called | undefined> {
  const helpers = new Set(declarations.flatMap((d) => (d.kind === "helper" ? [d.name.text] : [])));
  const layers = new Map<string, Called | undefined>();
  for (const name of declarations.flatMap((d) => (d.kind === "use" ? d.names : []))) {
    const { text } = name;
    if (isBuiltIn(text) || isReduction(text)) {
      report(name, say.usedFunction(text));
      continue;
    }
    const found = helpers.has(text)
      ? say.usedHelper(text)
      : layers.has(text)
        ? say.usedTwice(text)
        : library.find(text);
    if (isComplaint(found)) report(name, found);
    if (!helpers.has(text) && !layers.has(text)) layers.set(text, isComplaint(found) ? undefined : found);
  }
  return layers;
}

/**
 * Shaders that differ by names alone, as those of two calls of one layer do: tensors and numbers are bound by their places, so
 * that the text of the first of them serves all.
 */
import type { SpelledKernel } from "./kernels.js";

/** The kernel whose text serves, by the names of the kernels that need none of their own. */
export function sharedShaders(kernels: readonly SpelledKernel[]): ReadonlyMap<string, string> {
  const firsts = new Map<string, string>();
  const found = new Map<string, string>();
  for (const { kernel, source } of kernels) {
    const key = withoutNames(source);
    const first = firsts.get(key);
    if (first === undefined) firsts.set(key, kernel.name);
    else found.set(kernel.name, first);
  }
  return found;
}

/** Equal for shaders that differ by comments and by the names of what they declare: bindings, members of `plan`, locals. */
function withoutNames(source: string): string {
  const code = source.replaceAll(/^\s*\/\/.*$/gmu, "");
  const [, members = ""] = /^struct Plan \{ (.*) \}$/mu.exec(code) ?? [];
  const declared = new Set([
    ...[...code.matchAll(/\b(?:let|var(?:<[^>]*>)?)\s+(\w+)/gu)].map(([, name]) => name),
    ...[...members.matchAll(/(\w+):/gu)].map(([, name]) => name),
  ]);
  const numbers = new Map<string, string>();
  const numbered = (name: string): string => {
    const known = numbers.get(name) ?? `#${numbers.size}`;
    numbers.set(name, known);
    return known;
  };
  // what follows another point is a lane of a vector
  return code.replaceAll(
    /(?<![\w.])(plan\.)?([A-Za-z_]\w*)/gu,
    (whole, plan: string | undefined, name: string) =>
      declared.has(name) ? `${plan ?? ""}${numbered(name)}` : whole,
  );
}
